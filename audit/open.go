package audit

import (
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/crypto"
)

// judgeOpen: the coordinator may open the next attempt only with the roster,
// thresholds and seats that follow from the log, each seat counting on its
// newest `ready`, all for the same model state.
func (st *State) judgeOpen(study *Study, s *Statement, b *Open) *Refusal {
	j := &judge{off: st.off}
	j.refuse(s.Round != study.Round, CodeRound, s.Study, study.Round, s.Round)
	j.refuse(s.Attempt != study.NextAttempt(), CodeAttemptNumber, s.Study, study.Round, study.NextAttempt(), s.Attempt)
	if j.r != nil {
		return j.r
	}
	if r := st.judgeRepeat(study, b.Repeat); r != nil {
		return r
	}
	j.refuse(!study.sameQuestion(b), CodeRepeat, study.NextAttempt()-1, s.Round)
	if j.r != nil {
		return j.r
	}
	want, r := st.NextOpen(study)
	if r != nil {
		return r
	}
	if begin, r := st.NextOpenAt(study, timeOf(s)); r == nil && len(begin.Seats) == len(b.Seats) {
		want = begin
	}
	j.refuse(!slices.Equal(b.Roster, want.Roster), CodeRoster, s.Study)
	j.refuse(b.T != want.T || b.C != want.C || b.MinInstitutions != want.MinInstitutions, CodeThresholds, len(want.Roster))
	if j.r != nil {
		return j.r
	}
	var seats, wanted []int
	for _, seat := range b.Seats {
		seats = append(seats, seat.Point)
	}
	for _, seat := range want.Seats {
		wanted = append(wanted, seat.Point)
	}
	for i, seat := range b.Seats {
		if seat.Point < 1 || seat.Point > len(b.Roster) || i > 0 && seat.Point <= seats[i-1] {
			return Refuse(CodeSeats, "points are out of order")
		}
		name := b.Roster[seat.Point-1]
		if ready := study.ready[name]; ready == nil || ready.Hash != seat.Ready && !st.off[CodeOldReady] {
			return Refuse(CodeOldReady, name)
		}
	}
	j.refuse(!slices.Equal(seats, wanted), CodeSeats, difference(b.Roster, seats, wanted))
	j.refuse(len(seats) < max(want.T, want.MinInstitutions), CodeTooFew, len(seats), max(want.T, want.MinInstitutions))
	if j.r != nil {
		return j.r
	}
	for _, seat := range b.Seats {
		name := b.Roster[seat.Point-1]
		ready := study.ready[name].Body.(*Ready)
		j.refuse(ready.State != b.State || !sameShape(ready.Shape, b.Shape), CodeStates, name)
	}
	if err := b.Shape.Check(len(b.Roster)); err != nil {
		j.refuse(true, CodeShape, err.Error())
	}
	if j.r != nil {
		return j.r
	}
	return st.judgeSums(study, b)
}

// judgeSums: what the `open` asks for stays within the numbers that were
// approved, and tells nothing of too few institutions beside other studies.
func (st *State) judgeSums(study *Study, b *Open) *Refusal {
	j := &judge{off: st.off}
	numbers, most := study.Numbers()-study.numbersOf(study.Round)+int64(b.Shape.Values()), study.Proposal.Body.(*Proposal).Numbers
	j.refuse(numbers > most, CodeNumbers, study.ID, numbers, most)
	var names []string
	for _, seat := range b.Seats {
		names = append(names, b.Roster[seat.Point-1])
	}
	tried := trial{names, b.T, b.C, b.MinInstitutions, max(0, len(names)-max(b.T, b.MinInstitutions))}
	if study.Frozen() != nil { // and so exactly these
		tried.spare = 0
	}
	if r := st.isolated(study, names, tried); r != nil && j.r == nil && !st.off[CodeIsolates] {
		return r
	}
	return j.r
}

// judgeRepeat: every earlier attempt of the round was closed by aborts, or
// the frozen set alone may be repeated, and the `open` says so.
func (st *State) judgeRepeat(study *Study, repeat []int) *Refusal {
	j := &judge{off: st.off}
	number := study.NextAttempt() - 1
	if !study.MayFollow() && !st.off[CodeNotClosed] {
		return Refuse(CodeNotClosed, number, study.Round)
	}
	for _, at := range study.Rounds[study.Round-1] {
		if at.Result != nil {
			j.refuse(at.Result.Body.(*Result).Reason == "range", CodeRangeFailed, study.Round, study.ID)
		}
	}
	j.refuse(!slices.Equal(study.repeat(), repeat), CodeRepeat, number, study.Round)
	return j.r
}

// sameQuestion reports whether b asks for the same sum as every attempt of the
// round that was not closed: two sums over one set of institutions and other
// numbers would tell a difference.
func (s *Study) sameQuestion(b *Open) bool {
	return !slices.ContainsFunc(s.Rounds[s.Round-1], func(at *Attempt) bool {
		return !at.Closed() && (at.open().State != b.State || !sameShape(at.open().Shape, b.Shape))
	})
}

// repeat returns the set that the next attempt of the round must repeat; nil
// when the round begins or all its attempts were closed.
func (s *Study) repeat() []int {
	if s.unclosed() {
		return s.Frozen()
	}
	return nil
}

// NextOpen returns the body that the log prescribes for the next attempt of a
// study, or what stands in its way. Seats of institutions that are not ready
// have a zero Ready.
func (st *State) NextOpen(study *Study) (*Open, *Refusal) {
	j := &judge{off: st.off}
	c := study.charter()
	b := &Open{Roster: study.Roster}
	if b.Roster == nil {
		j.refuse(len(st.undecided(study)) > 0, CodeUndecided, study.ID, strings.Join(st.undecided(study), ", "))
		b.Roster = study.approved()
	}
	j.refuse(st.parties[study.Proposer()].revoked, CodeRevoked, study.Proposer())
	j.refuse(len(b.Roster) == 0, CodeTooFew, 0, study.minInstitutions())
	if j.r != nil {
		return nil, j.r
	}
	if study.Roster != nil {
		b.T, b.C, b.MinInstitutions = study.Thresholds.T, study.Thresholds.C, study.Thresholds.MinInstitutions
	} else {
		th, err := crypto.ThresholdsFor(len(b.Roster), c.Forgetful, study.minInstitutions(), c.AllowPair)
		if err != nil {
			return nil, Refuse(CodeTooFew, len(b.Roster), study.minInstitutions())
		}
		b.T, b.C, b.MinInstitutions = th.T, th.C, th.MinInstitutions
	}
	for _, point := range study.expected(b.Roster) {
		name := b.Roster[point-1]
		j.refuse(study.Withdrawn(name), CodeWithdrawn, name)
		seat := OpenSeat{Point: point}
		if ready := study.ready[name]; ready != nil {
			r := ready.Body.(*Ready)
			seat.Ready, b.State, b.Shape = ready.Hash, r.State, r.Shape
		}
		b.Seats = append(b.Seats, seat)
	}
	b.Repeat = study.repeat()
	return b, j.r
}

// undecided returns the institutions of the study's federation that have not decided and
// whom no `proceed` goes on without.
func (st *State) undecided(study *Study) []string {
	var names []string
	for _, name := range study.Institutions {
		if study.Decisions[name] == nil && !study.expelled[name] && !slices.Contains(study.Without(), name) {
			names = append(names, name)
		}
	}
	return names
}

// difference says in words how two lists of points differ.
func difference(roster []string, got, want []int) string {
	var words []string
	name := func(p int) string {
		if p < 1 || p > len(roster) {
			return "somebody outside the roster"
		}
		return roster[p-1]
	}
	for _, p := range want {
		if !slices.Contains(got, p) {
			words = append(words, name(p)+" is left out")
		}
	}
	for _, p := range got {
		if !slices.Contains(want, p) {
			words = append(words, name(p)+" does not belong")
		}
	}
	return strings.Join(words, ", ")
}
