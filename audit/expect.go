package audit

import (
	"fmt"
	"slices"
	"time"
)

// Expect says what is expected of the party called me now, and for whom and
// what it waits. It is a function of the log, of what the party holds itself
// and of the clock; asking again after a crash gives the same answer. Tasks
// may be given again until their statement is in the log.
func (st *State) Expect(me string, local Local, now time.Time) (do []Task, wait []Wait) {
	e := &expectation{st: st, me: me, local: local, now: now}
	if e.local.Timeout <= 0 {
		e.local.Timeout = DefaultTimeout
	}
	if st.Charter == nil {
		e.wait([]string{"coordinator"}, "the charter", time.Time{}, time.Time{})
		return e.do, e.waits
	}
	p := st.parties[me]
	if p == nil {
		e.wait(nil, fmt.Sprintf("%s to be enrolled", me), time.Time{}, time.Time{})
		return e.do, e.waits
	}
	if p.role == roleNode && e.newEpoch(p.institution) {
		e.do = append(e.do, Task{Key: TaskEpoch + "/" + local.Epoch, Kind: TaskEpoch})
	}
	ids := make([]string, 0, len(st.Studies))
	for id, s := range st.Studies {
		if s.Close == nil || p.role == roleNode && s.unclosed() {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		e.study = st.Studies[id]
		switch {
		case e.study.Close != nil:
			e.giveUp(p.institution)
		case p.role == roleCoordinator:
			e.coordinator()
		case p.role == roleNode:
			e.node(p.institution)
		case p.role == roleResearcher:
			e.researcher()
		}
	}
	return e.do, e.waits
}

// expectation collects the answer, study by study.
type expectation struct {
	st    *State
	study *Study
	me    string
	local Local
	now   time.Time
	do    []Task
	waits []Wait
}

func (e *expectation) task(kind string, round, attempt int) {
	e.do = append(e.do, newTask(kind, e.study.ID, round, attempt))
}

func (e *expectation) wait(who []string, what string, since, until time.Time) {
	w := Wait{Who: who, What: what, Since: since, Until: until}
	if e.study != nil {
		w.Study = e.study.ID
	}
	e.waits = append(e.waits, w)
}

// ask is wait with what somebody can do about it.
func (e *expectation) ask(who []string, what string, since, until time.Time, remedy string) {
	e.wait(who, what, since, until)
	e.waits[len(e.waits)-1].Remedy = remedy
}

// deadline returns when the attempt has lasted its time-out. A party with a
// seat counts from its own `ready` if that is later: the log has it before the
// `open`, so an `open` that is dated earlier tells of a wrong clock, or lies.
func (e *expectation) deadline(at *Attempt) time.Time {
	begin := timeOf(at.Open)
	if mine := at.Readys[e.me]; mine != nil && timeOf(mine).After(begin) {
		begin = timeOf(mine)
	}
	return begin.Add(e.local.Timeout)
}

// halfTime returns when the coordinator goes on with those who are in time,
// where the study may begin without the others.
func (e *expectation) halfTime(at *Attempt) time.Time {
	return timeOf(at.Open).Add(e.local.Timeout / 2)
}

// model gives the task that brings the local model up to the log: its start,
// or its step over the sums of a round. It reports whether the model is there.
func (e *expectation) model() (ModelState, bool) {
	m, ok := e.local.Models[e.study.ID]
	if !ok || m.Round < 1 {
		e.task(TaskAdvance, 0, 0)
		e.wait([]string{e.me}, "to begin the model", time.Time{}, time.Time{})
		return m, false
	}
	if m.Round < e.study.Round {
		e.task(TaskAdvance, m.Round, e.study.Opened(m.Round).Number)
		e.wait([]string{e.me}, fmt.Sprintf("to add round %d again and take the model's step", m.Round), timeOf(e.study.Opened(m.Round).Result), time.Time{})
		return m, false
	}
	return m, true
}

func (e *expectation) researcher() {
	if e.study.Proposer() != e.me {
		return
	}
	m, ok := e.model()
	switch {
	case !ok:
	case m.Done:
		last := e.study.Opened(e.study.Round - 1)
		if last == nil || e.cosigned(last.Result.Index, "on the last result", timeOf(last.Result)) {
			e.task(TaskClose, e.study.Round, 0)
		}
	default:
		e.progress()
		if e.study.Roster == nil && len(e.st.undecided(e.study)) == 0 {
			e.agreed() // for which the nodes wait
		}
	}
}

// stuck says why no further attempt of the study can be opened; "" while one
// can.
func (s *Study) stuck() string {
	for _, at := range s.Rounds[s.Round-1] {
		if at.Result != nil && at.Result.Body.(*Result).Reason == "range" {
			return fmt.Sprintf("round %d left its declared range and is not tried again", s.Round)
		}
	}
	for _, p := range s.Frozen() {
		if name := s.Roster[p-1]; s.Withdrawn(name) {
			return name + " withdrew after its sum may have been opened, and no sum without it may be"
		}
	}
	return ""
}

// unready says why the prescribed `open` cannot be signed although everybody
// on it is ready.
func (st *State) unready(s *Study, b *Open) *Refusal {
	need := max(b.T, b.MinInstitutions)
	if len(b.Seats) < need {
		return Refuse(CodeTooFew, len(b.Seats), need)
	}
	for _, seat := range b.Seats {
		name := b.Roster[seat.Point-1]
		if r := s.ready[name].Body.(*Ready); r.State != b.State || !sameShape(r.Shape, b.Shape) {
			return Refuse(CodeStates, name)
		}
	}
	if r := st.judgeSums(s, b); r != nil {
		return r
	}
	return st.judgeRepeat(s, b.Repeat)
}

func (e *expectation) coordinatorName() string { return e.st.charter().Coordinator.Name }
