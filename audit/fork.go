package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Fork is two heads of one log that its coordinator signed and that cannot both
// be true.
type Fork struct {
	Origin string
	Size   int64
	Roots  [2]crypto.Digest
}

// Error lets a fork be an error, of the rule that it breaks.
func (f *Fork) Error() string {
	return fmt.Sprintf("the coordinator signed two different logs %s of %d entries: root %.16s... and root %.16s...", f.Origin, f.Size, f.Roots[0], f.Roots[1])
}

// Code is the stable code.
func (f *Fork) Code() string { return string(CodeFork) }

// Remedy says what to do.
func (f *Fork) Remedy() string { return lookup(CodeFork).remedy }

// ErrNoFork says that two checkpoints do not contradict each other.
var ErrNoFork = errors.New("the two checkpoints do not contradict each other")

// CheckFork says what two checkpoints prove to anybody who has the
// coordinator's key and nothing else: with the same origin and size, and other
// roots, that it signed two logs. Otherwise the error is ErrNoFork, with the
// reason, or the *Refusal of a checkpoint that the coordinator did not sign.
func CheckFork(coordinatorKey string, a, b []byte) (*Fork, error) {
	f := new(Fork)
	var sizes [2]int64
	var origins [2]string
	for i, signed := range [][]byte{a, b} {
		origin, _, _ := bytes.Cut(signed, []byte("\n"))
		h, r := readCheckpoint(signed, string(origin), coordinatorKey)
		if r != nil {
			return nil, r
		}
		origins[i], sizes[i], f.Roots[i] = string(origin), h.Size, h.Root
	}
	f.Origin, f.Size = origins[0], sizes[0]
	switch {
	case origins[0] != origins[1]:
		return nil, fmt.Errorf("%w: they are of two logs, %s and %s", ErrNoFork, shorten(origins[0]), shorten(origins[1]))
	case sizes[0] != sizes[1]:
		return nil, fmt.Errorf("%w by themselves: one covers %d entries, the other %d; the entries between them have to be compared", ErrNoFork, sizes[0], sizes[1])
	case f.Roots[0] == f.Roots[1]:
		return nil, fmt.Errorf("%w: both have the same root", ErrNoFork)
	}
	return f, nil
}

// forkEvidence is the part of verify.Evidence, which `audit compare` reads, that
// two checkpoints of one size need.
type forkEvidence struct {
	Format      string    `json:"format"` // "smartstart-fork"
	Version     int       `json:"version"`
	Origin      string    `json:"origin"`
	Key         string    `json:"coordinator_key"`
	Checkpoints [2]string `json:"checkpoints"`
}

// EncodeFork puts two signed checkpoints, as they were received, into one file
// that a third party can check alone, with `audit compare`, if they are of the
// same size.
func EncodeFork(coordinatorKey string, a, b []byte) ([]byte, error) {
	origin, _, _ := bytes.Cut(a, []byte("\n"))
	out, err := json.MarshalIndent(forkEvidence{"smartstart-fork", 1, string(origin), coordinatorKey, [2]string{string(a), string(b)}}, "", "  ")
	return append(out, '\n'), err
}

// DecodeFork takes the checkpoints out of a file of EncodeFork. It says nothing
// about what they prove: CheckFork does.
func DecodeFork(evidence []byte) (a, b []byte, err error) {
	var e forkEvidence
	if err := json.Unmarshal(evidence, &e); err != nil || e.Format != "smartstart-fork" || e.Version != 1 {
		return nil, nil, errors.New("this is no evidence of a fork, or of another version")
	}
	return []byte(e.Checkpoints[0]), []byte(e.Checkpoints[1]), nil
}

// Contradiction returns the co-signers who stand under both of two checkpoints,
// of which the log held here has the newer one and not the older one: they
// co-signed a log that does not extend what they had co-signed. Each is
// provable with the two checkpoints and this log.
func (st *State) Contradiction(newer *Cosigned, older []byte) (names []string, err error) {
	h, r := readCheckpoint(older, st.origin, st.coordinatorKey)
	if r != nil {
		return nil, r
	}
	if root, ok := st.tree.RootAt(h.Size); !ok || root == h.Root || newer.Size < h.Size {
		return nil, nil
	}
	n, _, r := openCheckpoint(older, st.origin, st.coordinatorKey)
	if r != nil {
		return nil, r
	}
	before, _ := st.cosignatures(n, nil)
	for _, s := range before {
		for _, t := range newer.By {
			if s.Name == t.Name {
				names = append(names, s.Name)
			}
		}
	}
	return names, nil
}
