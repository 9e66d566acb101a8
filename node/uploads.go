package node

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// tidy removes the kept uploads of attempts that never ask for them again. A
// failure is no reason to stop: the next round tries again.
func (n *Node) tidy() {
	if err := n.removeUploads(); err != nil {
		n.log.Warn("uploads that are not needed any more could not be removed", "error", err,
			"what_to_do", "see that the node may write in the folder `uploads` of its state")
	}
}

// removeUploads goes by what the log says. Until an attempt is over its files
// stay, whatever was sent of them: a node that restarts sends the same bytes,
// and never makes others. A file whose attempt the log does not hold stays too:
// the log may still be coming.
func (n *Node) removeUploads() error {
	list, err := os.ReadDir(n.store.Upload(""))
	if err != nil || len(list) == 0 || n.cfg.Policy.off[ruleForget] {
		return err
	}
	var over map[crypto.Digest]bool
	n.party.View(func(st *audit.State) { over = finished(st) })
	for _, file := range list {
		var id crypto.Digest
		subject, _, _ := strings.Cut(file.Name(), ".")
		if id.UnmarshalText([]byte(subject)) != nil || !over[id] {
			continue
		}
		if err := os.Remove(n.store.Upload(file.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// finished are the attempts that take no upload any more: those that t aborts
// closed, those of rounds that were opened, and those of studies that ended.
func finished(st *audit.State) map[crypto.Digest]bool {
	over := map[crypto.Digest]bool{}
	for _, s := range st.Studies {
		for i, round := range s.Rounds {
			for _, at := range round {
				if s.Close != nil || i+1 < s.Round || at.Closed() {
					over[at.ID] = true
				}
			}
		}
	}
	return over
}
