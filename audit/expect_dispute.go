package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// settled reports whether nothing more can be shown about anybody in dispute.
func (e *expectation) settled(at *Attempt) bool {
	for _, m := range at.Evidence() {
		if _, known := e.local.Weighed[m.Hash]; !known {
			return false
		}
	}
	return !slices.ContainsFunc(at.Disputed(), func(p int) bool { return len(at.candidates(p, e.local.Weighed)) > 0 })
}

// proved reports whether somebody in the set is proved wrong by evidence that
// this party has checked.
func (e *expectation) proved(at *Attempt) bool {
	return at.Set != nil && slices.ContainsFunc(at.Proved(e.local.Weighed), func(p int) bool { return slices.Contains(at.set().Points, p) })
}

// heard returns until when a vote waits for a share that another holder calls
// wrong to be opened; zero when nothing is outstanding. A contributor can deal
// t-1 chosen holders shares that pass and the others shares that do not, and a
// liar's vote would then make the certificate of a sum that cannot be opened.
// The wait has an end, because a liar can also name somebody and stay silent.
func (e *expectation) heard(at *Attempt) time.Time {
	if len(at.Disputes) == 0 || e.settled(at) {
		return time.Time{}
	}
	return e.fixed(at).Add(e.local.Timeout / 10)
}

// inDispute gives what a holder does about disputes: weigh what others show,
// and open a share when it is its turn.
func (e *expectation) inDispute(at *Attempt, institution string) {
	unweighed := slices.ContainsFunc(at.Evidence(), func(m *Statement) bool { _, known := e.local.Weighed[m.Hash]; return !known })
	if unweighed {
		t := newTask(TaskWeigh, at.Study, at.Round, at.Number)
		t.Key += fmt.Sprintf("/%d", len(at.Disputes))
		e.do = append(e.do, t)
		return
	}
	for _, p := range at.Disputed() {
		turn := slices.Index(at.candidates(p, e.local.Weighed), institution)
		if turn < 0 {
			continue
		}
		if until := e.turn(at, turn); e.now.Before(until) {
			e.wait(at.candidates(p, e.local.Weighed)[:turn], "to open the share that it says is wrong", timeOf(at.Set), until)
			continue
		}
		e.task(TaskDisclose, at.Round, at.Number)
		return
	}
}

// turn returns when the holder that is n-th in turn opens its share: the first
// at once, each next one a c-th of a twentieth of the time-out later. With a
// contributor that lies, c-1 others who stay silent may come first: the next
// one is heard before the votes go on.
func (e *expectation) turn(at *Attempt, n int) time.Time {
	return e.fixed(at).Add(time.Duration(n) * e.local.Timeout / time.Duration(20*max(1, at.thresholds.C)))
}

// fixed returns since when the set is fixed, for this party: not before its own
// update, which the log has before the set, whatever date the set bears.
func (e *expectation) fixed(at *Attempt) time.Time {
	since := timeOf(at.Open)
	if at.Set != nil {
		since = timeOf(at.Set)
	}
	if mine := at.Updates[e.me]; mine != nil && timeOf(mine).After(since) {
		since = timeOf(mine)
	}
	return since
}

// Discloses returns the contributors whose share it is an institution's turn to
// open at a moment.
func (st *State) Discloses(me string, local Local, now time.Time, at *Attempt) (points []int) {
	e := &expectation{st: st, me: me, local: local, now: now}
	if e.local.Timeout <= 0 {
		e.local.Timeout = DefaultTimeout
	}
	for _, p := range at.Disputed() {
		if n := slices.Index(at.candidates(p, local.Weighed), me); n >= 0 && !now.Before(e.turn(at, n)) {
			points = append(points, p)
		}
	}
	return points
}

// disputesOf says in words who disputes whose numbers.
func disputesOf(at *Attempt) string {
	var words []string
	for _, p := range at.Disputed() {
		var by []string
		for _, m := range at.Disputes {
			if m.Body.(*Dispute).Contributor == p && !slices.Contains(by, m.Signer) {
				by = append(by, m.Signer)
			}
		}
		words = append(words, fmt.Sprintf("the share check of %s failed at %s", at.Name(p), strings.Join(by, ", ")))
	}
	return strings.Join(words, "; ")
}

const remedyDispute = "no need to act: the log names the evidence, and the next attempt leaves out a contributor that enough institutions cannot accept, unless the study has opened a sum before"
