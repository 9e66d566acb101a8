package audit

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/smartstart-federation/smartstart/crypto"
)

// coordinator gives the coordinator's tasks for one study.
func (e *expectation) coordinator() {
	s := e.study
	for _, at := range s.Rounds[s.Round-1] {
		switch {
		case at.Closed():
		case at.Set == nil && e.maySet(at):
			e.task(TaskSet, at.Round, at.Number)
		case at.Certified() && len(at.Releases) >= at.thresholds.T && at.Result == nil:
			t := newTask(TaskResult, s.ID, at.Round, at.Number)
			t.Key += fmt.Sprintf("/%d", len(at.Releases))
			e.do = append(e.do, t)
		}
	}
	if e.mayOpen() {
		e.task(TaskOpen, s.Round, s.NextAttempt())
		return
	}
	e.progress()
}

// mayOpen reports whether the next attempt can be opened: nothing is under
// way, everybody who must take part is ready and seems awake, and they agree.
func (e *expectation) mayOpen() bool {
	if e.busy() {
		return false
	}
	b, r := e.st.NextOpenAt(e.study, e.now)
	return r == nil && !slices.ContainsFunc(b.Seats, func(seat OpenSeat) bool { return !e.study.live(b.Roster[seat.Point-1], e.now) }) &&
		e.st.unready(e.study, b) == nil
}

// busy reports whether an attempt of the current round is under way: not
// closed, and with time left or nothing that may follow it.
func (e *expectation) busy() bool {
	at := e.study.Current()
	return at != nil && !at.Closed() && (e.now.Before(e.deadline(at)) || !e.study.MayFollow())
}

// maySet reports whether the set can be fixed: at once when every seat has its
// update, or has withdrawn; where the study may begin without late ones, at
// half of the time-out with those who have, enough of them; after the first
// opening only with exactly the frozen set.
func (e *expectation) maySet(at *Attempt) bool {
	if !e.now.Before(e.deadline(at)) {
		return false
	}
	points, absent := e.study.nextSet(at)
	if len(points) < max(at.thresholds.MinInstitutions, at.thresholds.T) {
		return false
	}
	if frozen := e.study.Frozen(); frozen != nil && !slices.Equal(points, frozen) {
		return false
	}
	if len(e.study.waitsFor(at)) > 0 || e.st.judgeBeside(e.study, at, points) != nil {
		return false
	}
	missing := slices.ContainsFunc(absent, func(a Absence) bool { return a.Reason == "no_update" })
	return !missing || !e.now.Before(e.halfTime(at))
}

func sameShape(a, b crypto.Shape) bool { return reflect.DeepEqual(a, b) }
