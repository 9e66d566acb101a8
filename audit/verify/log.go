package verify

import (
	"bytes"
	"errors"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
)

// log checks family L and, with the state machine, S, P and R. It reports
// whether there is a log to go on with.
func (v *verifier) log() bool {
	checkpoint, err := v.bundle.Checkpoint()
	if err != nil {
		return v.check(true, audit.CodeUnreadable, whole(), err.Error())
	}
	v.checkpoint = checkpoint
	if err := v.pin(checkpoint); err != nil {
		return v.check(true, audit.CodeUnreadable, whole(), err.Error())
	}
	head, err := audit.ReadCheckpoint(checkpoint, v.origin, v.key)
	if r, ok := refusal(err); ok {
		v.checks['L']++
		if !v.off[r.Rule] {
			v.find(audit.FindingOf(r, -1, "", ""))
			return false
		}
		head = unverifiedHead(checkpoint) // only with that check switched off
	}
	v.head = head
	v.checks['L']++
	v.st = audit.NewState(v.origin, v.key)
	if !v.replay() {
		return false
	}
	sound := v.check(v.st.Head() != head, audit.CodeRoot, whole(), head.Size)
	v.tiles()
	v.freshness()
	v.cosignatures()
	v.shownForks()
	return sound
}

// pin finds the log's name and key when the caller gave none. The error says
// that the entries cannot be read.
func (v *verifier) pin(checkpoint []byte) error {
	if v.pinned {
		return nil
	}
	v.origin, _, _ = strings.Cut(string(checkpoint), "\n")
	first := errors.New("enough")
	err := v.bundle.Entries(unverifiedHead(checkpoint).Size, func(_ int64, leaf []byte) error {
		if s, err := audit.Parse(leaf); err == nil {
			if c, ok := s.Body.(*audit.Charter); ok {
				v.key = c.Coordinator.Key
			}
		}
		return first
	})
	if err != nil && err != first {
		return err
	}
	if v.key == "" {
		v.note(Note{Kind: NoteNoCharter, Entry: -1})
	}
	return nil
}

// unverifiedHead reads a checkpoint's size and root without its signature.
func unverifiedHead(checkpoint []byte) audit.Head {
	h, err := audit.ReadUnverified(checkpoint)
	if err != nil {
		return audit.Head{}
	}
	return h
}

func refusal(err error) (*audit.Refusal, bool) {
	var r *audit.Refusal
	return r, errors.As(err, &r)
}

// replay folds every entry with the state machine that all parties use. Each
// void entry is a finding of the family of the rule it broke.
func (v *verifier) replay() bool {
	err := v.bundle.Entries(v.head.Size, func(index int64, leaf []byte) error {
		s, f := v.st.Apply(leaf)
		for _, family := range []byte("SPR") {
			v.checks[family]++
		}
		v.watch(index, s, f)
		if s != nil && (s.Type == audit.TypeProposal || s.Type == audit.TypeOpen) {
			v.checks['E']++ // where numbers are asked for and where they are spent
		}
		if f != nil {
			if !v.off[audit.Code(f.Code)] {
				v.find(f)
			}
			return nil
		}
		if b, ok := s.Body.(*audit.Ready); ok {
			v.readys[s.Study] = append(v.readys[s.Study], ready{index, s.Signer, s.Round, b.State, b.Shape})
		}
		return v.ctx.Err()
	})
	if err == nil || v.ctx.Err() != nil {
		return err == nil
	}
	return v.check(true, audit.CodeUnreadable, place{index: v.st.Head().Size}, err.Error())
}

// tiles compares every tile with the tree that the entries give.
func (v *verifier) tiles() {
	for _, t := range audit.Tiles(v.st.Head().Size) {
		got, err := v.bundle.Tile(t)
		if err != nil {
			v.check(true, audit.CodeTile, whole(), err.Error())
			continue
		}
		want, err := v.st.Tree().ReadTile(t)
		v.check(err != nil || !bytes.Equal(got, want), audit.CodeTile, whole(),
			audit.TilePath(t)+" holds other hashes than the entries give")
	}
}

// freshness compares with the checkpoints that the caller holds.
func (v *verifier) freshness() {
	for _, signed := range v.held {
		h, err := audit.ReadCheckpoint(signed, v.origin, v.key)
		if r, ok := refusal(err); ok {
			v.checks['L']++
			v.find(audit.FindingOf(r, -1, "", ""))
			continue
		}
		if !v.check(h.Size > v.head.Size, audit.CodeStale, whole(), v.head.Size, h.Size) {
			continue
		}
		root, ok := v.st.RootAt(h.Size)
		v.check(ok && root != h.Root, audit.CodeFork, whole(), h.Size)
	}
}
