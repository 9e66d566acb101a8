package audit

import (
	"fmt"
	"strings"
	"time"
)

// What a person can do about those who are waited for.
const (
	remedyStart  = "start the nodes named here, or ask their institutions to; `smartstart node doctor` says what keeps one away"
	remedyOnHold = "only these institutions can go on: a sum over them may have been opened, and no later one may leave any of them out; start their nodes, or close the study"
	remedyLate   = remedyStart + "; the researcher can also begin without them: `smartstart study proceed`"
	remedyGaveUp = "it only takes time; a node gives up early when its clock is ahead, or its own [rounds] timeout is shorter: its log says why"
	remedyAbort  = "leave these nodes running: only the start that was ready for the attempt can abort it; if too many of them were restarted since, nobody can, and the study can only be closed"
	remedyRenew  = "`smartstart node approve` with a later date; a study may also be closed"
	remedyClocks = "set the clocks of the coordinator and of these nodes, by NTP; `smartstart node doctor` compares them"
	remedyServer = "look at the coordinator's log: it is down, or cannot reach its disk"
)

// progress says, to anybody, for whom the study waits.
func (e *expectation) progress() {
	at := e.study.Current()
	switch {
	case at != nil && e.busy() && at.Result == nil:
		e.attemptProgress(at)
	case e.study.stuck() != "":
		e.ask([]string{e.study.Proposer()}, "to close the study: "+e.study.stuck(), time.Time{}, time.Time{}, remedyClose)
	case e.busy():
		e.wait(nil, "the end of the attempt, whose result is invalid", timeOf(at.Result), e.deadline(at))
	default:
		e.readyProgress()
	}
}

// silent returns the seats that neither did this nor aborted.
func silent(at *Attempt, done map[string]*Statement) (names []string) {
	for _, name := range at.Seats() {
		if done[name] == nil && at.Aborts[name] == nil {
			names = append(names, name)
		}
	}
	return names
}

// gaveUp returns the seats that aborted before their update.
func gaveUp(at *Attempt) (names []string) {
	for _, name := range at.Seats() {
		if at.Aborts[name] != nil && at.Updates[name] == nil {
			names = append(names, name)
		}
	}
	return names
}

// clocks returns who dates statements otherwise than the coordinator, by more
// than a minute, as the order of the log shows: a `ready` comes before its
// `open`, an `update` after it.
func clocks(at *Attempt) (names []string) {
	opened := timeOf(at.Open)
	for _, name := range at.Seats() {
		u := at.Updates[name]
		if timeOf(at.Readys[name]).Sub(opened) > time.Minute || u != nil && opened.Sub(timeOf(u)) > time.Minute {
			names = append(names, name)
		}
	}
	return names
}

func (e *expectation) attemptProgress(at *Attempt) {
	since := timeOf(at.Open)
	switch {
	case !e.now.Before(e.deadline(at)) && !at.Certified():
		e.ask(silent(at, nil), fmt.Sprintf("to abort attempt %d of round %d, whose time is over: %d of %d needed have",
			at.Number, at.Round, len(at.Aborts), at.closing), e.deadline(at), time.Time{}, remedyAbort)
	case at.Set == nil && len(gaveUp(at)) > 0 && len(e.study.waitsFor(at)) > 0:
		e.ask(silent(at, nil), fmt.Sprintf("to give up attempt %d of round %d, as %s did without giving its numbers", at.Number, at.Round, strings.Join(gaveUp(at), ", ")),
			since, e.deadline(at), remedyGaveUp)
	case at.Set == nil && len(silent(at, at.Updates)) > 0:
		e.ask(silent(at, at.Updates), fmt.Sprintf("their encrypted numbers for round %d", at.Round), since, e.halfOrEnd(at), remedyStart)
	case at.Set == nil && e.besideOthers(at) != nil:
		r := e.besideOthers(at)
		e.ask(nil, fmt.Sprintf("the sum of round %d cannot be fixed now: %s", at.Round, r.Sentence), since, e.deadline(at), r.Remedy())
	case at.Set == nil:
		e.ask([]string{e.coordinatorName()}, "to fix who is in the sum", since, e.deadline(at), remedyServer)
	case !at.Certified() && at.doomed():
		e.ask(silent(at, at.Aborts), fmt.Sprintf("to give up attempt %d of round %d: %s", at.Number, at.Round, disputesOf(at)), timeOf(at.Set), e.deadline(at), remedyDispute)
	case !at.Certified():
		e.ask(silent(at, at.Votes), fmt.Sprintf("their votes on the sum of round %d: %d of %d needed are there", at.Round, len(at.Votes), at.thresholds.T)+e.spare(at),
			timeOf(at.Set), e.deadline(at), remedyStart)
	case len(at.Releases) < at.thresholds.T:
		e.ask(silent(at, at.Releases), fmt.Sprintf("their releases for round %d: %d of %d needed are there", at.Round, len(at.Releases), at.thresholds.T)+e.spare(at),
			timeOf(at.Set), e.deadline(at), remedyStart)
	case at.Result == nil:
		e.ask([]string{e.coordinatorName()}, "to open the sum", timeOf(at.Set), time.Time{}, remedyServer)
	}
}

// besideOthers is why the set, as it would be fixed now, tells too much beside
// another study's.
func (e *expectation) besideOthers(at *Attempt) *Refusal {
	points, _ := e.study.nextSet(at)
	return e.st.judgeBeside(e.study, at, points)
}

// spare says how a sum whose set is fixed depends on everybody who still holds
// shares of it: seats that released, or neither aborted nor speak with another
// boot epoch by now. The log does not show a restart before its next statement.
func (e *expectation) spare(at *Attempt) string {
	holders := 0
	for _, name := range at.Seats() {
		if at.Releases[name] != nil || at.Aborts[name] == nil && e.st.parties[name].boot == at.Readys[name].Boot {
			holders++
		}
	}
	switch n := holders - at.thresholds.T; {
	case n > 0:
		return ""
	case n == 0:
		return "; one more absence, and only the sum of exactly the same institutions can be tried again"
	default:
		return fmt.Sprintf("; too few hold their shares still (%d), so only the sum of exactly the same institutions can be tried again", holders)
	}
}

// halfOrEnd returns the next moment at which something happens by itself while
// updates are missing.
func (e *expectation) halfOrEnd(at *Attempt) time.Time {
	if half := e.halfTime(at); e.now.Before(half) && len(e.study.waitsFor(at)) == 0 {
		return half
	}
	return e.deadline(at)
}

// readyProgress says who is not ready for the next attempt.
func (e *expectation) readyProgress() {
	if e.study.Roster == nil && e.undecided() {
		return
	}
	b, r := e.st.NextOpen(e.study)
	if r != nil {
		e.ask(nil, r.Sentence, timeOf(e.study.Proposal), time.Time{}, r.Remedy())
		return
	}
	since := e.waitsSince()
	begins := e.study.beginsAt(b, e.now)
	remedy := remedyLate
	if e.study.Frozen() != nil {
		remedy = remedyOnHold
	}
	if at := e.study.Current(); at != nil && len(at.Aborts) > 0 {
		if names := clocks(at); len(names) > 0 {
			e.ask(names, fmt.Sprintf("to agree with the coordinator on the time: attempt %d of round %d was given up, and clocks differ by more than a minute", at.Number, at.Round), timeOf(at.Open), time.Time{}, remedyClocks)
		}
	}
	var missing, asleep, ended []string
	last := time.Time{}
	for _, seat := range b.Seats {
		name := b.Roster[seat.Point-1]
		switch m := e.study.ready[name]; {
		case m == nil && e.study.Approved(name) && e.expired(name):
			ended = append(ended, name+".approver")
		case m == nil:
			missing = append(missing, name)
		case !e.study.live(name, e.now):
			asleep = append(asleep, name)
			if t := timeOf(m); last.IsZero() || t.Before(last) {
				last = t
			}
		}
	}
	what := fmt.Sprintf("to be ready for round %d", e.study.Round)
	if b.Repeat != nil {
		what += " again, with exactly the numbers they gave before"
	}
	if len(missing) > 0 {
		e.ask(missing, what, since, begins, remedy)
	}
	if len(asleep) > 0 {
		e.ask(asleep, what+"; they were, and have been silent for long (asleep, offline, or with a clock that is wrong)", last, begins, remedy)
	}
	if len(ended) > 0 {
		e.ask(ended, "to renew approvals, which have expired", since, begins, remedyRenew)
	}
	if len(missing)+len(asleep)+len(ended) > 0 {
		return
	}
	if r := e.st.unready(e.study, b); r != nil {
		e.ask(nil, r.Sentence, since, time.Time{}, r.Remedy())
		return
	}
	e.ask([]string{e.coordinatorName()}, fmt.Sprintf("to open round %d", e.study.Round), since, time.Time{}, remedyServer)
}

// undecided says who has not joined or decided, and whether anybody has not.
func (e *expectation) undecided() bool {
	var join, decide []string
	for _, name := range e.st.undecided(e.study) {
		if e.st.Members[name] == nil {
			join = append(join, name)
		} else {
			decide = append(decide, name)
		}
	}
	proposed := timeOf(e.study.Proposal)
	if len(join) > 0 {
		e.ask(join, "to enrol and to decide on the study", proposed, time.Time{}, remedyDecide)
	}
	if len(decide) > 0 {
		e.ask(decide, "to decide on the study", proposed, time.Time{}, remedyDecide)
	}
	return len(join)+len(decide) > 0
}

const remedyDecide = "ask their approvers; the researcher can also go on without them: `smartstart study proceed`"

// waitsSince returns when the next attempt could have been opened at the
// earliest: after the proposal, the round before, or the attempt before.
func (e *expectation) waitsSince() time.Time {
	since := timeOf(e.study.Proposal)
	if at := e.study.Opened(e.study.Round - 1); at != nil {
		since = timeOf(at.Result)
	}
	if at := e.study.Current(); at != nil {
		since = timeOf(at.Open)
		for _, m := range at.Aborts {
			if t := timeOf(m); t.After(since) {
				since = t
			}
		}
	}
	return since
}
