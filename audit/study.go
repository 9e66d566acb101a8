package audit

import (
	"slices"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Study is one proposed study and how far it is. Read only.
type Study struct {
	ID           string
	Proposal     *Statement
	Charter      *Statement            // in force when it was proposed; its rules are the study's
	Institutions []string              // of the federation then, sorted: who decides
	Decisions    map[string]*Statement // the newest in force of each institution
	Half         map[string]*Statement // an approval that waits for the institution's other approver
	Advice       map[string]*Statement // the newest of each institution's officer
	Proceed      *Statement            // the newest; nil while none
	Roster       []string              // point i+1 is Roster[i]; nil before the first `open`
	Thresholds   crypto.Thresholds     // of Roster
	Round        int                   // the round that is to be opened next, from 1
	Rounds       [][]*Attempt          // Rounds[r-1][a-1]; the last may be empty
	Close        *Statement            // nil while the study lives
	Published    *Statement            // the `publish` in force; nil while none

	epochs   map[string]string     // of each institution's records; fixed at an `open` while no sum may have been opened
	expelled map[string]bool       // institutions that left the federation since the proposal
	ready    map[string]*Statement // newest `ready` of each node for the next attempt
	first    map[string]*Statement // its first one for that attempt
}

func newStudy(st *State, proposal *Statement) *Study {
	return &Study{
		ID: proposal.Study, Proposal: proposal, Charter: st.Charter, Institutions: st.Institutions(),
		Decisions: map[string]*Statement{}, Half: map[string]*Statement{}, Advice: map[string]*Statement{},
		Round: 1, Rounds: make([][]*Attempt, 1), expelled: map[string]bool{},
		ready: map[string]*Statement{}, first: map[string]*Statement{},
	}
}

func (s *Study) charter() *Charter { return s.Charter.Body.(*Charter) }

// Proposer returns the name of the researcher.
func (s *Study) Proposer() string { return s.Proposal.Signer }

// Current returns the newest attempt of the current round, nil before its
// first `open`.
func (s *Study) Current() *Attempt {
	if list := s.Rounds[s.Round-1]; len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

// NextAttempt returns the number that the next attempt of the current round
// has.
func (s *Study) NextAttempt() int { return len(s.Rounds[s.Round-1]) + 1 }

// Opened returns the attempt of a round that has a valid result, or nil.
func (s *Study) Opened(round int) *Attempt {
	if round < 1 || round > len(s.Rounds) {
		return nil
	}
	for _, at := range s.Rounds[round-1] {
		if at.Valid() {
			return at
		}
	}
	return nil
}

// Frozen returns the set that every later sum of the study must have: that of
// its first attempt with a set, unless aborts closed it. The log may not
// show every vote that was given, so a set counts as opened until it is known
// that it was not. Nil while none counts.
func (s *Study) Frozen() []int {
	for _, attempts := range s.Rounds {
		for _, at := range attempts {
			if at.Set != nil && !at.Closed() {
				return at.set().Points
			}
		}
	}
	return nil
}

// MayFollow reports whether the current round may have a next attempt: every
// earlier one was closed by aborts, or the set is frozen, and then only
// exactly that set is repeated.
func (s *Study) MayFollow() bool { return !s.unclosed() || s.Frozen() != nil }

// begun reports whether a sum of the study was or may be opened: from then on
// it goes by the same institutions and the same epochs.
func (s *Study) begun() bool { return s.unclosed() || s.Frozen() != nil }

// unclosed reports whether the current round has an attempt that aborts did
// not close.
func (s *Study) unclosed() bool {
	return slices.ContainsFunc(s.Rounds[s.Round-1], func(at *Attempt) bool { return !at.Closed() })
}

// Approved reports whether the institution's newest decision is an approval.
func (s *Study) Approved(institution string) bool { return s.verdict(institution) == "approve" }

// Withdrawn reports whether the institution has withdrawn, or was expelled from
// the federation.
func (s *Study) Withdrawn(institution string) bool { return s.verdict(institution) == "withdraw" }

func (s *Study) verdict(institution string) string {
	if s.expelled[institution] {
		return "withdraw"
	}
	if d := s.Decisions[institution]; d != nil {
		return d.Body.(*Decision).Verdict
	}
	return ""
}

// Without returns the institutions that the newest `proceed` goes on without.
func (s *Study) Without() []string {
	if s.Proceed == nil {
		return nil
	}
	return s.Proceed.Body.(*Proceed).Without
}

// approved returns the institutions that approved, sorted.
func (s *Study) approved() []string {
	var names []string
	for name := range s.Decisions {
		if s.Approved(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// minInstitutions is the larger figure of charter and proposal.
func (s *Study) minInstitutions() int {
	return max(s.charter().MinInstitutions, s.Proposal.Body.(*Proposal).MinInstitutions)
}

// expected returns the points that must have a seat in the next attempt, given
// the roster: the frozen set, or else everybody on the roster but those who
// withdrew, whom `proceed` goes on without, and whom more than n-t institutions
// named in aborts of this round.
func (s *Study) expected(roster []string) []int {
	if frozen := s.Frozen(); frozen != nil {
		return frozen
	}
	var points []int
	for i, name := range roster {
		if s.Approved(name) && !slices.Contains(s.Without(), name) && !s.excluded(i+1) {
			points = append(points, i+1)
		}
	}
	return points
}

// excluded reports whether more than n-t institutions named point in aborts of
// the closed attempts of this round: at least one honest holder could not accept
// what it gave. n-t >= c, so colluders alone cannot exclude anybody.
func (s *Study) excluded(point int) bool {
	by := map[string]bool{}
	for _, at := range s.Rounds[s.Round-1] {
		for name, a := range at.Aborts {
			if at.Closed() && slices.Contains(a.Body.(*Abort).Cannot, point) {
				by[name] = true
			}
		}
	}
	return len(by) > s.Thresholds.N-s.Thresholds.T
}

// take folds a judged statement of this study.
func (s *Study) take(st *State, m *Statement) {
	switch b := m.Body.(type) {
	case *Decision:
		s.decide(st, m, b)
	case *Advice:
		s.Advice[b.Institution] = m
	case *Proceed:
		s.Proceed = m
	case *Close:
		s.Close = m
	case *Ready:
		who := st.institution(m)
		s.ready[who] = m
		if s.first[who] == nil {
			s.first[who] = m
		}
		st.used[keyDigest(b.Key)] = true
	case *Open:
		s.takeOpen(st, m, b)
	default:
		s.Rounds[m.Round-1][m.Attempt-1].take(st, m)
	}
	if r, ok := m.Body.(*Result); ok && r.Valid {
		s.Round++
		s.Rounds = append(s.Rounds, nil)
		s.ready, s.first = map[string]*Statement{}, map[string]*Statement{}
	}
}

func (s *Study) takeOpen(st *State, m *Statement, b *Open) {
	if s.Roster == nil {
		s.Roster = b.Roster
		s.Thresholds = crypto.Thresholds{N: len(b.Roster), C: b.C, T: b.T, MinInstitutions: b.MinInstitutions}
	}
	if !s.begun() { // what closed attempts read is of no consequence
		s.epochs = map[string]string{}
		for _, name := range b.Roster {
			s.epochs[name] = st.EpochOf(name)
		}
	}
	at := newAttempt(m, b)
	at.thresholds = s.Thresholds
	at.closing = max(1, len(b.Seats)-b.T+b.C+s.charter().Forgetful+1)
	for _, seat := range b.Seats {
		name := b.Roster[seat.Point-1]
		at.Readys[name] = s.ready[name]
	}
	s.Rounds[s.Round-1] = append(s.Rounds[s.Round-1], at)
	s.ready, s.first = map[string]*Statement{}, map[string]*Statement{}
}

// keyDigest is how an attempt key is remembered as used.
func keyDigest(key []byte) crypto.Digest { return crypto.DigestOf(key) }
