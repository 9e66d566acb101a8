package node

import (
	"slices"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// lost is an update of this node that the log holds and its ledger does not:
// the folder was lost, or put back to an older copy. The sum may be open, and
// nobody can tell any more over which rows it is.
type lost struct {
	study string
	entry int64
}

// lostFrom lists what the ledger lacks, oldest first. An attempt that t aborts
// closed never opens and needs no memory.
func lostFrom(st *audit.State, institution string, known []opening) (list []lost) {
	have := map[crypto.Digest]bool{}
	for _, o := range known {
		have[o.attempt] = true
	}
	for id, s := range st.Studies {
		for _, round := range s.Rounds {
			for _, at := range round {
				if u := at.Updates[institution]; u != nil && !at.Closed() && !have[at.ID] {
					list = append(list, lost{id, u.Index})
				}
			}
		}
	}
	slices.SortFunc(list, func(a, b lost) int { return int(a.entry - b.entry) })
	return list
}

// judgeLost refuses to give numbers that cannot be held against earlier ones,
// because the ledger lacks those. A new epoch, which the operator names, sets
// other studies' sums aside. It does not set aside those of the study itself:
// their rows must be these rows in whatever epoch they were given, so at least
// one of its rounds must be known. began is the length of the log when the
// current epoch began.
func (n *Node) judgeLost(j *judgement, study string, began int64) error {
	if !n.cfg.Policy.holdsCohorts() {
		return nil
	}
	known, err := n.store.openings()
	if err != nil {
		return err
	}
	var all []lost
	var dead map[crypto.Digest]fate
	n.party.View(func(st *audit.State) { all, dead = lostFrom(st, n.cfg.Name, known), fates(st) })
	remembers := slices.ContainsFunc(counted(known, dead), func(o opening) bool { return o.study == study })
	for _, l := range all {
		j.refuse(l.study == study && !remembers, CodeLedgerLost,
			"restore the newest copy of the node's folder; without it, ask the researcher to close the study and propose it again",
			"the log holds numbers that %s gave in study %s (entry %d), and the ledger of cohorts knows none of that study: the node's folder was lost or is an older copy, so nobody can tell whether the rows are still the same",
			n.cfg.Name, study, l.entry)
		j.refuse(l.entry >= began, CodeLedgerLost,
			"restore the newest copy of the node's folder; without it, let the privacy officer decide to begin a new epoch: write another name at [policy] epoch in node.toml and start the node again",
			"the log holds numbers that %s gave in study %s (entry %d), and the ledger of cohorts does not: the node's folder was lost or is an older copy, so new numbers cannot be held against those",
			n.cfg.Name, l.study, l.entry)
	}
	return nil
}
