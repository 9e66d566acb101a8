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
	ids := make([]string, 0, len(st.Studies))
	for id, s := range st.Studies {
		if s.Close == nil {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		e.study = st.Studies[id]
		switch p.role {
		case roleCoordinator:
			e.coordinator()
		case roleNode:
			e.node(p.institution)
		case roleResearcher:
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

// deadline returns when the attempt has lasted its time-out.
func (e *expectation) deadline(at *Attempt) time.Time { return timeOf(at.Open).Add(e.local.Timeout) }

// halfTime returns when the coordinator goes on with those who are in time.
func (e *expectation) halfTime(at *Attempt) time.Time {
	return timeOf(at.Open).Add(e.local.Timeout / 2)
}

// model gives the task that brings the local model up to the log: its start,
// or its step over the sums of a round. It reports whether the model is there.
func (e *expectation) model() (ModelState, bool) {
	m, ok := e.local.Models[e.study.ID]
	if !ok || m.Round < 1 {
		e.task(TaskAdvance, 0, 0)
		return m, false
	}
	if m.Round < e.study.Round {
		e.task(TaskAdvance, m.Round, e.study.Opened(m.Round).Number)
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
		e.task(TaskClose, e.study.Round, 0)
	default:
		e.progress()
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

// progress says, to anybody, for whom the study waits.
func (e *expectation) progress() {
	at := e.study.Current()
	switch {
	case at != nil && e.busy() && at.Result == nil:
		e.attemptProgress(at)
	case e.study.stuck() != "":
		e.wait([]string{e.study.Proposer()}, "to close the study: "+e.study.stuck(), time.Time{}, time.Time{})
	case e.busy():
		e.wait(nil, "the end of the attempt, whose result is invalid", timeOf(at.Result), e.deadline(at))
	default:
		e.readyProgress()
	}
}

func (e *expectation) attemptProgress(at *Attempt) {
	since := timeOf(at.Open)
	left := func(done map[string]*Statement) (names []string) {
		for _, name := range at.Seats() {
			if done[name] == nil && at.Aborts[name] == nil {
				names = append(names, name)
			}
		}
		return names
	}
	switch {
	case at.Set == nil && len(left(at.Updates)) > 0:
		e.wait(left(at.Updates), "their encrypted numbers", since, e.halfOrEnd(at))
	case at.Set == nil:
		e.wait([]string{e.coordinatorName()}, "to fix who is in the sum", since, e.deadline(at))
	case !at.Certified():
		e.wait(left(at.Votes), "their votes on the sum", timeOf(at.Set), e.deadline(at))
	case len(at.Releases) < at.thresholds.T:
		e.wait(left(at.Releases), "their releases", timeOf(at.Set), e.deadline(at))
	case at.Result == nil:
		e.wait([]string{e.coordinatorName()}, "to open the sum", timeOf(at.Set), time.Time{})
	}
}

// halfOrEnd returns the next moment at which something happens by itself while
// updates are missing.
func (e *expectation) halfOrEnd(at *Attempt) time.Time {
	if half := e.halfTime(at); e.now.Before(half) {
		return half
	}
	return e.deadline(at)
}

// readyProgress says who is not ready for the next attempt.
func (e *expectation) readyProgress() {
	if e.study.Roster == nil {
		var join, decide []string
		for _, name := range e.st.undecided(e.study) {
			if e.st.Members[name] == nil {
				join = append(join, name)
			} else {
				decide = append(decide, name)
			}
		}
		if len(join) > 0 {
			e.wait(join, "to enrol and to decide on the study", timeOf(e.study.Proposal), time.Time{})
		}
		if len(decide) > 0 {
			e.wait(decide, "to decide on the study", timeOf(e.study.Proposal), time.Time{})
		}
		if len(join)+len(decide) > 0 {
			return
		}
	}
	b, r := e.st.NextOpen(e.study)
	if r != nil {
		e.wait(nil, r.Sentence, timeOf(e.study.Proposal), time.Time{})
		return
	}
	since := timeOf(e.study.Proposal)
	if at := e.study.Opened(e.study.Round - 1); at != nil {
		since = timeOf(at.Result)
	}
	var missing []string
	for _, seat := range b.Seats {
		if seat.Ready.IsZero() {
			missing = append(missing, b.Roster[seat.Point-1])
		}
	}
	if len(missing) > 0 {
		e.wait(missing, fmt.Sprintf("to be ready for round %d", e.study.Round), since, time.Time{})
		return
	}
	if r := e.st.unready(e.study, b); r != nil {
		e.wait(nil, r.Sentence, since, time.Time{})
		return
	}
	e.wait([]string{e.coordinatorName()}, fmt.Sprintf("to open round %d", e.study.Round), since, time.Time{})
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
	return st.judgeRepeat(s, b.Repeat)
}

func (e *expectation) coordinatorName() string { return e.st.Charter.Signer }
