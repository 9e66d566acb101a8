package audit

import (
	"slices"
	"time"
)

// node gives a node's tasks for one study.
func (e *expectation) node(institution string) {
	s := e.study
	if !s.Approved(institution) {
		if s.Decisions[institution] == nil && s.Roster == nil {
			e.wait([]string{institution + ".approver"}, "to decide on the study", timeOf(s.Proposal), time.Time{})
		}
		return
	}
	m, ok := e.model()
	if !ok {
		// The shares of an attempt under way do not depend on the model, so a
		// node that still computes goes on releasing; it is not ready, though.
		e.inAttempts(institution)
		return
	}
	if m.Done {
		e.wait([]string{s.Proposer()}, "to close the study", time.Time{}, time.Time{})
		return
	}
	e.inAttempts(institution)
	if s.stuck() != "" {
		e.progress()
		return
	}
	if s.Roster != nil && !s.takesPart(institution) {
		return
	}
	if e.mayBeReady(institution) {
		return
	}
	e.progress()
}

// mayBeReady gives the `ready` task when the next attempt needs one of this
// node: none yet, one whose key is not in memory, or one that has waited long.
func (e *expectation) mayBeReady(institution string) bool {
	s := e.study
	if e.busy() {
		return false
	}
	if e.expired(institution) {
		e.ask([]string{institution + ".approver"}, "to renew the approval, which has expired", time.Time{}, time.Time{}, remedyRenew)
		return false
	}
	if until := e.pause(institution); e.now.Before(until) {
		e.wait(nil, "the pause after an attempt that was given up", time.Time{}, until)
		return false
	}
	if e.newEpoch(institution) { // else its records would be compared with those of another epoch
		e.wait([]string{institution}, "to begin the epoch "+e.local.Epoch, time.Time{}, time.Time{})
		return false
	}
	have := s.ready[institution]
	if have != nil && e.local.Holds[have.Hash] {
		renew := timeOf(have).Add(RenewReady)
		if e.now.Before(renew) {
			e.wait(nil, "a fresh attempt key", timeOf(have), renew)
			return false
		}
	}
	// Before anything is encrypted a quorum must have seen the same charter,
	// members and decisions; inside the rounds votes say what their signers saw.
	if s.Round == 1 && !e.agreed() {
		return true
	}
	e.task(TaskReady, s.Round, s.NextAttempt())
	return true
}

// newEpoch reports whether the node has to say that an epoch begins.
func (e *expectation) newEpoch(institution string) bool {
	return e.local.Epoch != "" && e.st.Members[institution] != nil && e.local.Epoch != e.st.EpochOf(institution)
}

// pause returns until when a node waits after it gave an attempt up: a second,
// twice as long after each, at most half a time-out. Without it wrong clocks, or
// a coordinator that means ill, would fill every disk with attempts.
func (e *expectation) pause(institution string) time.Time {
	attempts := e.study.Rounds[e.study.Round-1]
	for i := len(attempts) - 1; i >= 0; i-- {
		if m := attempts[i].Aborts[institution]; m != nil {
			return timeOf(m).Add(min(time.Second<<min(i, 20), e.local.Timeout/2))
		}
	}
	return time.Time{}
}

// expired reports whether the approval has ended by the node's own clock.
func (e *expectation) expired(institution string) bool {
	d := e.study.Decisions[institution].Body.(*Decision)
	return e.now.UTC().Format(time.DateOnly) > d.Expires
}

// inAttempts gives the tasks inside the attempts of the current round: the
// newest one, and earlier ones with a certificate, where a late release still
// helps.
func (e *expectation) inAttempts(institution string) {
	for _, at := range e.study.Rounds[e.study.Round-1] {
		if at.Point(institution) > 0 && !at.Closed() && at.Result == nil {
			e.inAttempt(at, institution)
		}
	}
}

func (e *expectation) inAttempt(at *Attempt, institution string) {
	holds := e.local.Holds[at.Readys[institution].Hash]
	late := !e.now.Before(e.deadline(at))
	aborted := at.Aborts[institution] != nil
	give := func(kind string) { e.task(kind, at.Round, at.Number) }

	// As a contributor a node stays, when what it made is kept; it never makes
	// it a second time.
	if at.Set == nil && at.Updates[institution] == nil && !aborted && !late && (holds || e.local.Outbox[at.ID]) {
		give(TaskUpdate)
	}
	if aborted || at.Releases[institution] != nil {
		return
	}
	if at.Votes[institution] != nil && at.Certified() && (holds || e.local.Journal[at.ID]) {
		give(TaskRelease)
		return
	}
	if !holds {
		return // as a holder it is out and silent
	}
	if len(at.Disputes) > 0 {
		e.inDispute(at, institution)
	}
	lost := e.withdrawn(at)
	mine := at.Set != nil && at.disputes(institution, at.set().Points)
	wrong := e.proved(at)
	switch {
	case at.Set != nil && at.Votes[institution] == nil && !lost && !mine && !wrong && (!late || at.Certified()) && !at.doomed():
		if until := e.heard(at); e.now.Before(until) {
			e.wait(at.Disputers(), "to open the share that it says is wrong", timeOf(at.Set), until)
			return
		}
		give(TaskVote)
	case !at.Certified() && (late || lost && at.Set != nil || (wrong || at.doomed()) && e.settled(at)):
		give(TaskAbort)
	}
}

// giveUp gives up what a study that was closed left under way: until its nodes say
// so, its seats count as a sum beside those of other studies.
func (e *expectation) giveUp(institution string) {
	for _, at := range e.study.Rounds[e.study.Round-1] {
		if at.MayGiveUp(institution) && e.local.Holds[at.Readys[institution].Hash] {
			e.task(TaskAbort, at.Round, at.Number)
		}
	}
}

// withdrawn reports whether somebody in the set has withdrawn.
func (e *expectation) withdrawn(at *Attempt) bool {
	return at.Set != nil && slices.ContainsFunc(at.set().Points, func(p int) bool {
		return e.study.Withdrawn(at.Name(p))
	})
}
