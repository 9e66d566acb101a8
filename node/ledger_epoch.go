package node

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// epochAct is the signed, dated act by which an institution begins an epoch:
// from then on, cohorts, budgets and sets of earlier ones are no longer held
// against new studies. It is kept in the node's own folder.
type epochAct struct {
	Institution string `json:"institution"`
	Log         string `json:"log"`
	Epoch       string `json:"epoch"`
	Began       string `json:"began"`   // RFC 3339, by the node's own clock
	Entries     int64  `json:"entries"` // of the log that the node held then
}

const epochType = "smartstart/epoch/v1\n"

// beginEpoch signs and keeps the act when the policy names an epoch that the
// node's folder does not know. Without a name there is one epoch for ever.
func (s *Store) beginEpoch(name string, act epochAct, signer note.Signer) error {
	if name == "" {
		return nil
	}
	if _, known, err := s.epochBegan(name); known || err != nil {
		return err
	}
	text, err := json.Marshal(act)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: epochType + string(text) + "\n"}, signer)
	if err != nil {
		return fmt.Errorf("signing the epoch: %w", err)
	}
	if _, err := s.write(`INSERT INTO epoch VALUES (?, ?, ?)`, name, signed, act.Entries); err != nil {
		return fmt.Errorf("keeping the epoch: %w", err)
	}
	return nil
}

// epoch says in the log what the folder holds: that other records begin. Sums of
// other studies are compared with these within the epoch only.
func (n *Node) epoch(ctx context.Context, _ audit.Task) error {
	_, err := n.party.Say(ctx, audit.Header{}, &audit.Epoch{Epoch: epochInLog(n.cfg.Policy.Epoch)}, nil)
	if r := new(audit.Refusal); errors.As(err, &r) && r.Rule == audit.CodeEpoch {
		return &RefusalError{CodePolicy, "the epoch \"" + n.cfg.Policy.Epoch + "\" was over in the log before", "give [policy] epoch a name that was never used here"}
	}
	return err
}

// sameEpoch refuses to take part under rows whose epoch the log does not know:
// a policy that names no epoch any more would hold new cohorts against those of
// the time before the first epoch only.
func (n *Node) sameEpoch() (err error) {
	if n.cfg.Policy.Epoch != "" || n.cfg.Policy.off[CodePolicy] {
		return nil
	}
	n.party.View(func(st *audit.State) {
		if logged := st.EpochOf(n.cfg.Name); logged != "" {
			err = &RefusalError{CodePolicy, "this node's policy names no epoch, and the log has its records in the epoch " + logged,
				"name that epoch, or a new one, as [policy] epoch in node.toml"}
		}
	})
	return err
}

// epochInLog is the name of an epoch in the log, where names have no spaces:
// "school year 2026" is school-year-2026 and the beginning of its digest, so
// that two names never become one.
func epochInLog(name string) string {
	if name == "" || audit.ValidName(name) {
		return name
	}
	plain := strings.FieldsFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	})
	short := strings.Join(append(plain, ""), "-")
	return short[:min(len(short), 50)] + crypto.DigestOf([]byte(name)).String()[:8]
}

// epochBegan returns how many entries the log had when the epoch began: 0 for
// the epoch without a name.
func (s *Store) epochBegan(name string) (entries int64, known bool, err error) {
	err = s.sure.QueryRow(`SELECT entries FROM epoch WHERE name = ?`, name).Scan(&entries)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return 0, false, nil
	case err != nil:
		return 0, false, fmt.Errorf("reading the epochs: %w", err)
	}
	return entries, true, nil
}

// Epochs returns the signed acts by which this node began its epochs.
func (s *Store) Epochs() (acts [][]byte, err error) {
	rows, err := s.sure.Query(`SELECT act FROM epoch ORDER BY entries, name`)
	if err != nil {
		return nil, fmt.Errorf("reading the epochs: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var act []byte
		if err := rows.Scan(&act); err != nil {
			return nil, err
		}
		acts = append(acts, act)
	}
	return acts, rows.Err()
}

// prepare makes the ledger's tables and begins the policy's epoch.
func (n *Node) prepare() error {
	if err := n.cfg.Policy.Check(); err != nil {
		return err
	}
	if _, err := n.store.write(ledgerSchema); err != nil {
		return fmt.Errorf("opening the ledger: %w", err)
	}
	name := n.cfg.Policy.Epoch
	return n.store.beginEpoch(name, epochAct{
		Institution: n.cfg.Name, Log: n.cfg.Origin, Epoch: name,
		Began: n.now().UTC().Format(time.RFC3339), Entries: n.size(),
	}, n.cfg.Signer)
}
