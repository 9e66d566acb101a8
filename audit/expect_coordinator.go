package audit

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/smartstart-federation/smartstart/crypto"
)

// coordinator gives the coordinator's tasks for one study.
func (e *expectation) coordinator() {
	s := e.study
	if why := s.stuck(); why != "" {
		e.wait([]string{s.Proposer()}, "to close the study: "+why, time.Time{}, time.Time{})
		return
	}
	busy := false
	for _, at := range s.Rounds[s.Round-1] {
		if at.Closed() {
			continue
		}
		switch {
		case at.Set == nil:
			if e.maySet(at) {
				e.task(TaskSet, at.Round, at.Number)
			}
		case at.Certified() && len(at.Releases) >= at.thresholds.T && at.Result == nil:
			t := newTask(TaskResult, s.ID, at.Round, at.Number)
			t.Key += fmt.Sprintf("/%d", len(at.Releases))
			e.do = append(e.do, t)
		}
		busy = busy || !at.Over()
	}
	if !busy {
		b, r := e.st.NextOpen(s)
		if r == nil && !slices.ContainsFunc(b.Seats, func(seat OpenSeat) bool { return seat.Ready.IsZero() }) &&
			e.st.unready(s, b) == nil {
			e.task(TaskOpen, s.Round, s.NextAttempt())
			return
		}
	}
	e.progress()
}

// maySet reports whether the set can be fixed: at once when every seat has its
// update, or has withdrawn; at half of the time-out with those who have,
// enough of them and, after the first opening, exactly the frozen set.
func (e *expectation) maySet(at *Attempt) bool {
	points, absent := e.study.nextSet(at)
	if len(points) < max(at.thresholds.MinInstitutions, at.thresholds.T) {
		return false
	}
	if frozen := e.study.Frozen(); frozen != nil && !slices.Equal(points, frozen) {
		return false
	}
	missing := slices.ContainsFunc(absent, func(a Absence) bool { return a.Reason == "no_update" })
	return !missing || !e.now.Before(e.halfTime(at))
}

func sameShape(a, b crypto.Shape) bool { return reflect.DeepEqual(a, b) }
