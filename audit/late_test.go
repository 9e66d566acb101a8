package audit_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// late begins a study of five institutions that proceeds after ten minutes, or
// asks, and of which these are ready.
func late(t *testing.T, onLate string, ready ...int) *audittest.Federation {
	f := audittest.New(t, 5)
	p := &audit.Proposal{Study: "rounds = 2", OnLate: onLate, Numbers: 100}
	if onLate != "" {
		p.Wait = 600
	}
	f.Say(f.Researcher, audit.Header{Study: "s"}, p)
	f.Approve("s")
	for _, i := range ready {
		f.Ready("s", f.Institutions[i-1])
	}
	return f
}

// openAt signs what the log prescribes at a moment and asks the rules.
func openAt(f *audittest.Federation, at time.Time, without ...int) error {
	b := f.OpenBody("s")
	b.Seats = slices.DeleteFunc(b.Seats, func(s audit.OpenSeat) bool { return slices.Contains(without, s.Point) })
	h := f.Next("s")
	h.Time = at.UTC().Format(time.RFC3339)
	_, err := f.State.Check(f.Leaf(f.Coordinator, h, b))
	return err
}

func refusedAs(t *testing.T, err error, codes ...audit.Code) {
	t.Helper()
	var r *audit.Refusal
	if !errors.As(err, &r) || !slices.Contains(codes, r.Rule) {
		t.Errorf("got %v, want one of %v", err, codes)
	}
}

// TestLateIsLeftOutOnlyAfterTheWait: an approved study may begin without late
// institutions, after its wait, with enough of the others, and only before its
// first opening.
func TestLateIsLeftOutOnlyAfterTheWait(t *testing.T) {
	f := late(t, audit.OnLateProceed, 1, 2, 3)
	refusedAs(t, openAt(f, f.Clock.Add(time.Hour), 4, 5), audit.CodeSeats) // four are needed

	f.Ready("s", f.Institutions[3])
	enough := f.Clock
	refusedAs(t, openAt(f, enough.Add(9*time.Minute), 5), audit.CodeSeats)
	if err := openAt(f, enough.Add(10*time.Minute), 5); err != nil {
		t.Errorf("after the wait: %v", err)
	}
	refusedAs(t, openAt(f, enough.Add(10*time.Minute), 4, 5), audit.CodeSeats) // not one who is ready

	asked := late(t, "", 1, 2, 3, 4)
	refusedAs(t, openAt(asked, asked.Clock.Add(10*time.Minute), 5), audit.CodeSeats)

	// Once a set may have been opened, nobody is late any more.
	f.Ready("s", f.Institutions[4])
	f.Open("s")
	f.Update("s")
	f.Set("s")
	f.Vote("s")
	f.Release("s")
	f.Result("s")
	f.Ready("s", f.Institutions[:4]...)
	refusedAs(t, openAt(f, f.Clock.Add(time.Hour), 5), audit.CodeSeats)
}

func TestProposalSaysHowLongItWaits(t *testing.T) {
	f := audittest.New(t, 3)
	for i, p := range []*audit.Proposal{
		{Study: "x", OnLate: "never"}, {Study: "x", OnLate: audit.OnLateProceed},
		{Study: "x", Wait: 5}, {Study: "x", OnLate: audit.OnLateProceed, Wait: 1 << 40},
	} {
		p.Numbers = 1
		_, err := f.State.Check(f.Leaf(f.Researcher, audit.Header{Study: fmt.Sprint("s", i)}, p))
		refusedAs(t, err, audit.CodeBody)
	}
}

// TestCoordinatorBeginsWithoutTheLate: the task comes when the wait is over,
// and until then the sentence says who is late and until when.
func TestCoordinatorBeginsWithoutTheLate(t *testing.T) {
	f := late(t, audit.OnLateProceed, 1, 2, 3, 4)
	begins := f.Clock.Add(-time.Second).Add(10 * time.Minute)
	list, wait := kinds(f, audittest.Origin, audit.Local{}, f.Clock)
	if len(list) != 0 {
		t.Fatalf("tasks %v at once", list)
	}
	w := says(t, wait, "ready for round 1", f.Institutions[4])
	if !w.Until.Equal(begins) || w.Remedy == "" {
		t.Errorf("waits until %v, want %v; remedy %q", w.Until, begins, w.Remedy)
	}
	if list, _ = kinds(f, audittest.Origin, audit.Local{}, begins); !slices.Equal(list, []string{audit.TaskOpen}) {
		t.Errorf("tasks %v after the wait", list)
	}
}

// TestSleepingNodeIsNotReady: a `ready` that its node has not renewed is no
// reason to begin an attempt that it would sleep through.
func TestSleepingNodeIsNotReady(t *testing.T) {
	f := late(t, "", 1)
	f.Clock = f.Clock.Add(audit.StaleReady)
	f.Ready("s", f.Institutions[1:]...)
	list, wait := kinds(f, audittest.Origin, audit.Local{}, f.Clock)
	if len(list) != 0 {
		t.Fatalf("tasks %v while one sleeps", list)
	}
	if w := says(t, wait, "silent", f.Institutions[0]); w.Since.IsZero() || w.Remedy == "" {
		t.Errorf("the sentence is incomplete: %+v", w)
	}
	f.Ready("s", f.Institutions[0])
	if list, _ = kinds(f, audittest.Origin, audit.Local{}, f.Clock); !slices.Equal(list, []string{audit.TaskOpen}) {
		t.Errorf("tasks %v when all are awake", list)
	}
}

// TestOverdueAttemptSaysWhoMustAbort: when nobody votes and too few abort, the
// sentence names them and says what is left to do.
func TestOverdueAttemptSaysWhoMustAbort(t *testing.T) {
	f := late(t, "", 1, 2, 3, 4, 5)
	f.Open("s")
	f.Abort("s", f.Institutions[:2]...)
	_, wait := kinds(f, audittest.Origin, audit.Local{}, f.Clock.Add(time.Hour))
	if w := says(t, wait, "2 of 3 needed", f.Institutions[2:]...); w.Remedy == "" {
		t.Error("it does not say what to do")
	}
}
