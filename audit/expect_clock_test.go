package audit_test

import (
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// TestWrongClocksDoNotSpin: a coordinator whose clock is eleven minutes behind,
// or that dates its `open` back, gets no new attempt a moment later: a node
// counts from its own `ready`, pauses longer after each attempt that it gave
// up, and everybody is told whose clocks differ.
func TestWrongClocksDoNotSpin(t *testing.T) {
	f := audittest.New(t, 4)
	begun(f)
	pause := func(attempt int) time.Duration {
		f.Ready("s")
		h := f.Next("s")
		h.Time = f.Clock.Add(-11 * time.Minute).UTC().Format(time.RFC3339)
		b := f.OpenBody("s")
		f.Append(f.Leaf(f.Coordinator, h, b))
		at := f.At("s")
		if at == nil || at.Number != attempt {
			t.Fatalf("attempt %d was not opened", attempt)
		}
		mine := at1(myReady(f, "board01"))
		got, _ := kinds(f, "board01", mine, f.Clock)
		wants(t, "opened, dated back", got, audit.TaskUpdate)
		got, _ = kinds(f, "board01", mine, f.Clock.Add(audit.DefaultTimeout))
		wants(t, "time is up by the node's own clock", got, audit.TaskAbort)
		f.Abort("s", f.Institutions...)
		until := f.Clock
		for d := time.Duration(0); d < time.Hour; d += time.Second {
			if got, _ = kinds(f, "board01", at1(), f.Clock.Add(d)); len(got) == 1 && got[0] == audit.TaskReady {
				until = f.Clock.Add(d)
				break
			}
		}
		_, wait := kinds(f, "researcher", at1(), f.Clock)
		if w := says(t, wait, "clocks differ by more than a minute", "board01", "board02", "board03", "board04"); !strings.Contains(w.Remedy, "NTP") {
			t.Errorf("remedy %q", w.Remedy)
		}
		waited := until.Sub(f.Clock)
		f.Clock = f.Clock.Add(audit.DefaultTimeout)
		return waited
	}
	var all []time.Duration
	for i := range 5 {
		all = append(all, pause(i+1))
	}
	if all[len(all)-1] < 10*time.Second {
		t.Errorf("no pauses after attempts given up: %v", all)
	}
	for i := 2; i < len(all); i++ {
		if all[i] < all[i-1]*3/2 || all[i] > audit.DefaultTimeout {
			t.Errorf("pauses after attempts given up: %v", all)
		}
	}
}

// TestExpectSaysWhoGaveUp: an attempt whose set waits for a node that aborted
// before its update is not the coordinator's fault.
func TestExpectSaysWhoGaveUp(t *testing.T) {
	f := audittest.New(t, 4)
	opened(f)
	f.Update("s", "board01", "board02", "board03")
	f.Abort("s", "board04")
	_, wait := kinds(f, "researcher", at1(), f.Clock)
	says(t, wait, "as board04 did without giving its numbers", "board01", "board02", "board03")
	for _, w := range wait {
		if strings.Contains(w.What, "to fix who is in the sum") {
			t.Errorf("it blames the coordinator: %+v", w)
		}
	}
}

// TestExpectNamesExpiredApprovals: whose approval has ended cannot be ready,
// and starting its node would not help.
func TestExpectNamesExpiredApprovals(t *testing.T) {
	f := audittest.New(t, 4)
	begun(f)
	f.Ready("s", "board01", "board02", "board03")
	_, wait := kinds(f, "researcher", at1(), f.Clock.AddDate(2, 0, 0))
	w := says(t, wait, "to renew approvals, which have expired", "board04.approver")
	if !strings.Contains(w.Remedy, "node approve") {
		t.Errorf("remedy %q", w.Remedy)
	}
}
