package verify

import (
	"errors"
	"fmt"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// How two views of a log lie to each other.
const (
	Same    = "same"
	Prefix  = "prefix"  // one goes on where the other ends
	Forked  = "fork"    // they contradict each other
	Unknown = "unknown" // two checkpoints of different sizes, without the entries between them
)

// Comparison is how two views of one log lie to each other.
type Comparison struct {
	Relation string   `json:"relation"`
	Origin   string   `json:"origin"`
	Sizes    [2]int64 `json:"sizes"`
	// First is the first entry that differs; -1 when that cannot be told,
	// because one side is a checkpoint alone.
	First  int64     `json:"first_difference"`
	Both   []string  `json:"signed_both,omitempty"` // who signed both heads: the coordinator, and co-signers
	Leaves [2][]byte `json:"-"`                     // entry First of each side; nil where there is none

	Evidence *Evidence `json:"-"` // of a fork, for a third party
}

// Compare compares two views of the log of origin, whose coordinator has this
// key. With an empty key the one in a bundle's charter counts, as long as both
// have the same. An error means that they cannot be compared: it is evidence
// against nobody.
func Compare(a, b *View, origin, key string) (*Comparison, error) {
	views := [2]*View{a, b}
	if a.Origin != b.Origin {
		return nil, fmt.Errorf("they are of two logs, %q and %q", shorten(a.Origin), shorten(b.Origin))
	}
	if key == "" {
		if a.key != "" && b.key != "" && a.key != b.key {
			return nil, errors.New("their charters name different coordinator keys: they are two logs under one name, or one of them is forged")
		}
		if key, origin = a.key, a.Origin; key == "" {
			key = b.key
		}
		if key == "" {
			return nil, errors.New("two checkpoints do not say whose key signed them")
		}
	}
	c := &Comparison{Origin: origin, First: -1, Sizes: [2]int64{a.Head.Size, b.Head.Size}}
	for i, v := range views {
		if _, err := audit.ReadCheckpoint(v.Signed, origin, key); err != nil {
			return nil, fmt.Errorf("the checkpoint of the %s: %w", [2]string{"first", "second"}[i], err)
		}
	}
	c.Relation = relation(a, b)
	if c.Relation != Forked {
		return c, nil
	}
	var signed [2][]string
	for i, v := range views {
		from, other := v, views[1-i]
		if !v.HasEntries() {
			from = nil
			if other.HasEntries() {
				from = other
			}
		}
		signed[i] = v.signers(from, key)
	}
	for _, name := range signed[0] {
		if slices.Contains(signed[1], name) {
			c.Both = append(c.Both, name)
		}
	}
	return c, c.gather(a, b, key)
}

// relation compares what the two sides hold.
func relation(a, b *View) string {
	if a.Head.Size > b.Head.Size {
		a, b = b, a // b is the longer one
	}
	switch {
	case a.Head == b.Head:
		return Same
	case a.Head.Size == b.Head.Size:
		return Forked
	case !b.HasEntries():
		return Unknown // also with the entries of the shorter one
	}
	if root, ok := b.tree.RootAt(a.Head.Size); ok && root == a.Head.Root {
		return Prefix
	}
	return Forked
}

// gather collects what shows a fork to a third party.
func (c *Comparison) gather(a, b *View, key string) error {
	e := &Evidence{Format: evidenceFormat, Version: 1, Origin: c.Origin, Key: key}
	e.Checkpoints = [2]string{string(a.Signed), string(b.Signed)}
	short, long := a, b
	if a.Head.Size > b.Head.Size {
		short, long = b, a
	}
	if short.Head.Size < long.Head.Size && short.Head.Size > 0 {
		root, _ := long.tree.RootAt(short.Head.Size)
		proof, err := long.tree.ProvePrefix(long.Head.Size, short.Head.Size)
		if err != nil {
			return err
		}
		e.Prefix = &PrefixProof{Root: root, Proof: digests(proof)}
	}
	if a.HasEntries() && b.HasEntries() {
		for i := range min(len(a.hashes), len(b.hashes)) {
			if a.hashes[i] != b.hashes[i] {
				c.First = int64(i)
				break
			}
		}
	}
	if c.First >= 0 {
		e.Entries = new([2]EntryProof)
		for i, v := range [2]*View{a, b} {
			leaf, err := v.Leaf(c.First)
			if err != nil {
				return err
			}
			proof, err := v.Proof(c.First)
			if err != nil {
				return err
			}
			c.Leaves[i] = leaf
			e.Entries[i] = EntryProof{Index: c.First, Leaf: leaf, Proof: proof}
		}
	}
	c.Evidence = e
	return nil
}

const evidenceFormat = "smartstart-fork"

// Evidence shows that a coordinator signed two histories of one log, to anybody
// who has its key and nothing else. docs/audit.md says how it is checked.
type Evidence struct {
	Format      string         `json:"format"`
	Version     int            `json:"version"`
	Origin      string         `json:"origin"`
	Key         string         `json:"coordinator_key"`
	Checkpoints [2]string      `json:"checkpoints"`
	Prefix      *PrefixProof   `json:"prefix,omitempty"`
	Entries     *[2]EntryProof `json:"entries,omitempty"`
}

// PrefixProof says which root the longer log has at the size of the shorter
// one, with the consistency proof of RFC 6962 to the longer one's own root.
type PrefixProof struct {
	Root  crypto.Digest   `json:"root"`
	Proof []crypto.Digest `json:"proof"`
}

// EntryProof is one entry with its inclusion proof of RFC 6962.
type EntryProof struct {
	Index int64           `json:"index"`
	Leaf  []byte          `json:"leaf"`
	Proof []crypto.Digest `json:"proof"`
}

// Check says whether the evidence shows a fork under this coordinator key; with
// an empty key, under the one that it names itself.
func (e *Evidence) Check(key string) error {
	if e.Format != evidenceFormat || e.Version != 1 {
		return errors.New("this is no evidence of a fork, or of another version")
	}
	if key == "" {
		key = e.Key
	}
	var heads [2]audit.Head
	for i, signed := range e.Checkpoints {
		h, err := audit.ReadCheckpoint([]byte(signed), e.Origin, key)
		if err != nil {
			return fmt.Errorf("checkpoint %d: %w", i+1, err)
		}
		heads[i] = h
	}
	short, long := heads[0], heads[1]
	if short.Size > long.Size {
		short, long = long, short
	}
	switch {
	case short.Size == long.Size:
		_, err := audit.CheckFork(key, []byte(e.Checkpoints[0]), []byte(e.Checkpoints[1]))
		return err
	case e.Prefix != nil:
		err := tlog.CheckTree(hashes(e.Prefix.Proof), long.Size, tlog.Hash(long.Root), short.Size, tlog.Hash(e.Prefix.Root))
		if err != nil {
			return errors.New("the proof does not lead from the longer log's root to the one it names")
		}
		if e.Prefix.Root == short.Root {
			return errors.New("the longer log goes on where the shorter one ends: there is no fork")
		}
		return nil
	}
	return errors.New("nothing in it leads from one checkpoint to the other")
}

func hashes(list []crypto.Digest) []tlog.Hash {
	out := make([]tlog.Hash, len(list))
	for i, d := range list {
		out[i] = tlog.Hash(d)
	}
	return out
}

// shorten cuts text that came from outside before it is shown.
func shorten(s string) string { return s[:min(len(s), 120)] }
