package cmd

import (
	"fmt"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
)

// clockSlack is how far clocks may differ before it is worth a remark: half of
// the usual time-out of an attempt.
const clockSlack = 5 * time.Minute

// clock: 8, this machine's time agrees with the log. The newest entry shows only
// a clock that is behind, because a log may rest for days. A clock that is ahead
// shows in this node's own newest statement, which the coordinator put into the
// log before it signed the next of its own.
func (d *doctor) clock() (string, error) {
	if d.state == nil {
		return "", errSkip
	}
	newest, ok := newestTime(d.state)
	if !ok {
		return "nothing to compare with yet", nil
	}
	if ahead := time.Until(newest); ahead > clockSlack {
		return "", &Error{codeClockBehind, fmt.Sprintf("the newest entry of the log was signed %s after the time on this machine's clock", ahead.Round(time.Minute)),
			"set the clock of this machine; approvals end by it"}
	}
	if err := d.around.compare(); err != nil {
		return "", err
	}
	said := "not behind the newest entry of the log, of " + newest.Local().Format(time.DateTime)
	if d.around.own != nil && d.around.after != nil {
		said += fmt.Sprintf("; within %s of the coordinator's when this node signed entry %d", clockSlack, d.around.own.Index)
	}
	return said, nil
}

// around is this node's newest statement with what the coordinator signed just
// before and just after it: by any clocks that agree, in this order.
type around struct {
	node, coordinator  string
	last               *audit.Statement // of the coordinator
	before, own, after *audit.Statement
}

// see takes in the log, entry by entry.
func (a *around) see(s *audit.Statement) {
	switch {
	case s == nil:
	case s.Signer == a.node:
		a.before, a.own, a.after = nil, s, nil
		if a.last != nil && a.last.Index < s.Seen.Size { // else it was signed before that, and only came later
			a.before = a.last
		}
	case s.Signer == a.coordinator:
		a.last = s
		if a.own != nil && a.after == nil {
			a.after = s
		}
	}
}

// compare refuses when the order is wrong by more than the slack.
func (a *around) compare() error {
	remedy := "let both machines take their time from the network; every attempt of a round fails while clocks differ by more than its time-out. If the clock was set since, this goes away with the node's next statement"
	if by, ok := later(a.own, a.after); ok && by > clockSlack {
		return &Error{codeClockAhead, fmt.Sprintf("when this node signed entry %d, its clock was at least %s ahead of the coordinator's", a.own.Index, by.Round(time.Minute)), remedy}
	}
	if by, ok := later(a.before, a.own); ok && by > clockSlack {
		return &Error{codeClockBehind, fmt.Sprintf("when this node signed entry %d, its clock was at least %s behind the coordinator's", a.own.Index, by.Round(time.Minute)), remedy}
	}
	return nil
}

// later is how much later the first says that it was signed.
func later(first, second *audit.Statement) (time.Duration, bool) {
	if first == nil || second == nil {
		return 0, false
	}
	x, err := time.Parse(time.RFC3339, first.Time)
	y, err2 := time.Parse(time.RFC3339, second.Time)
	return x.Sub(y), err == nil && err2 == nil
}

// newestTime is the latest time that the log knows of.
func newestTime(st *audit.State) (newest time.Time, ok bool) {
	see := func(s *audit.Statement) {
		if s == nil {
			return
		}
		if t, err := time.Parse(time.RFC3339, s.Time); err == nil && t.After(newest) {
			newest, ok = t, true
		}
	}
	see(st.Charter)
	for _, m := range st.Members {
		see(m)
	}
	for _, s := range st.Studies {
		see(s.Proposal)
		see(s.Close)
		for _, at := range s.Rounds[len(s.Rounds)-1] {
			see(at.Open)
			see(at.Result)
		}
	}
	return newest, ok
}
