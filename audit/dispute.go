package audit

import (
	"slices"

	"github.com/smartstart-federation/smartstart/crypto"
)

// judgeDispute: a holder says of a contributor, before it votes for a sum with
// it, that a check failed. Shares are opened only by those who named the
// contributor before, and never so many that colluders could open what the
// contributor gave. Whose turn it is Expect says: a first one that stays silent
// must not keep the others from showing theirs.
func (st *State) judgeDispute(at *Attempt, s *Statement, b *Dispute) *Refusal {
	j := &judge{off: st.off}
	who := st.institution(s)
	opening := b.Kind == DisputeOpening
	j.refuse(b.Kind != DisputeProjection && b.Kind != DisputeShare && !opening, CodeDispute, who, "the kind is projection, share or opening")
	contributor := at.Name(b.Contributor)
	j.refuse(at.Updates[contributor] == nil, CodeDispute, who, "the contributor has no update in this attempt")
	j.refuse(contributor == who, CodeDispute, who, "it is about its own update")
	j.refuse(opening != (b.Evidence != BlobRef{}), CodeDispute, who, "an opening names the share, other kinds name no blob")
	j.refuse(opening && b.Evidence.Size != crypto.ShareSize, CodeDispute, who, "a share has another size")
	j.refuse(at.Aborts[who] != nil && !opening, CodeAborted, who)
	j.refuse(at.Votes[who] != nil, CodeDispute, who, "it voted for a sum with it")
	j.refuse(slices.ContainsFunc(at.Disputes, func(m *Statement) bool {
		d := m.Body.(*Dispute)
		return m.Signer == s.Signer && d.Kind == b.Kind && d.Contributor == b.Contributor
	}), CodeTwice, s.Signer, "dispute of "+contributor)
	if opening {
		named, opened := at.disputed(b.Contributor)
		j.refuse(len(opened) >= at.MaxOpenings(), CodeOpenings, contributor, at.MaxOpenings())
		j.refuse(!slices.Contains(named, who), CodeDispute, who, "shares are opened by those who named the contributor before")
	}
	return j.r
}

// disputed returns who named a contributor's share as wrong, and who opened
// one since, in the order of the log.
func (at *Attempt) disputed(contributor int) (named, opened []string) {
	for _, m := range at.Disputes {
		d := m.Body.(*Dispute)
		switch {
		case d.Contributor != contributor:
		case d.Kind == DisputeShare:
			named = append(named, m.Signer)
		case d.Kind == DisputeOpening:
			opened = append(opened, m.Signer)
		}
	}
	return named, opened
}

// MaxOpenings returns how many shares of one contributor may be opened: with
// the shares of c colluders they stay fewer than t, so that nobody learns the
// contributor's key from them.
func (at *Attempt) MaxOpenings() int { return at.thresholds.T - 1 - at.thresholds.C }

// disputes reports whether an institution disputes any of these contributors.
func (at *Attempt) disputes(institution string, points []int) bool {
	return slices.ContainsFunc(at.Disputes, func(m *Statement) bool {
		return m.Signer == institution && slices.Contains(points, m.Body.(*Dispute).Contributor)
	})
}

// judgeFork: two checkpoints, in one blob, for anybody to check; once from each
// signer, for one proof is enough and blobs are kept.
func (st *State) judgeFork(j *judge, s *Statement, b *Dispute) *Refusal {
	shown := slices.ContainsFunc(st.Forks, func(m *Statement) bool { return m.Signer == s.Signer })
	j.refuse(shown, CodeTwice, s.Signer, TypeDispute)
	j.refuse(b.Kind != DisputeFork || !b.Open.IsZero() || b.Contributor != 0, CodeDispute, "its signer", "outside a study only a fork can be shown")
	j.refuse(b.Evidence.Digest.IsZero() || b.Evidence.Size < 1 || b.Evidence.Size > 2*MaxLeaf+64, CodeDispute, "its signer", "the evidence is two checkpoints in a blob")
	return j.r
}

// doomed reports whether too few seats are left that can still vote: the others
// dispute somebody in the set, or have given the attempt up.
func (at *Attempt) doomed() bool {
	if at.Set == nil || at.Certified() {
		return false
	}
	left := 0
	for _, name := range at.Seats() {
		if at.Votes[name] != nil || at.Aborts[name] == nil && !at.disputes(name, at.set().Points) {
			left++
		}
	}
	return left < at.thresholds.T
}

// Disputed returns the contributors that are disputed in the attempt, sorted
// by point.
func (at *Attempt) Disputed() (points []int) {
	for _, m := range at.Disputes {
		points = append(points, m.Body.(*Dispute).Contributor)
	}
	slices.Sort(points)
	return slices.Compact(points)
}

// Disputers returns who disputes somebody, in the order of the log.
func (at *Attempt) Disputers() (names []string) {
	for _, m := range at.Disputes {
		if !slices.Contains(names, m.Signer) {
			names = append(names, m.Signer)
		}
	}
	return names
}

// Proved returns the contributors that logged evidence proves wrong, given what
// a party found when it checked that evidence, sorted by point.
func (at *Attempt) Proved(weighed map[crypto.Digest]bool) (points []int) {
	for _, m := range at.Disputes {
		if weighed[m.Hash] {
			points = append(points, m.Body.(*Dispute).Contributor)
		}
	}
	slices.Sort(points)
	return slices.Compact(points)
}

// Evidence returns the disputes of the attempt whose evidence anybody can
// check: all but the mere names.
func (at *Attempt) Evidence() (list []*Statement) {
	for _, m := range at.Disputes {
		if m.Body.(*Dispute).Kind != DisputeShare {
			list = append(list, m)
		}
	}
	return list
}

// Openings returns how many shares of a contributor were opened.
func (at *Attempt) Openings(contributor int) int {
	_, opened := at.disputed(contributor)
	return len(opened)
}

// candidates returns who may open a share of a contributor, in the order of
// their turns: those who named it and have not. Nobody when the contributor is
// proved wrong or no more may be opened.
func (at *Attempt) candidates(contributor int, weighed map[crypto.Digest]bool) []string {
	named, opened := at.disputed(contributor)
	if len(opened) >= at.MaxOpenings() || slices.Contains(at.Proved(weighed), contributor) {
		return nil
	}
	return slices.DeleteFunc(named, func(name string) bool { return slices.Contains(opened, name) })
}
