package audit_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// kinds asks one party and returns the kinds of its tasks and its waits.
func kinds(f *audittest.Federation, name string, local audit.Local, now time.Time) (list []string, wait []audit.Wait) {
	do, wait := f.State.Expect(name, local, now)
	for _, t := range do {
		list = append(list, t.Kind)
	}
	return list, wait
}

// at1 is a node that has started the model and holds these keys.
func at1(holds ...crypto.Digest) audit.Local {
	l := audit.Local{
		Models: map[string]audit.ModelState{"s": {Round: 1, Digest: audittest.StateDigest(1), Shape: audittest.CounterShape()}},
		Holds:  map[crypto.Digest]bool{}, Outbox: map[crypto.Digest]bool{}, Journal: map[crypto.Digest]bool{},
		Cosigned: 1 << 40,
	}
	for _, h := range holds {
		l.Holds[h] = true
	}
	return l
}

func wants(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: tasks %v, want %v", what, got, want)
	}
}

// says checks that somebody waits for exactly these, in words that contain it.
func says(t *testing.T, wait []audit.Wait, what string, who ...string) audit.Wait {
	t.Helper()
	for _, w := range wait {
		if strings.Contains(w.What, what) && slices.Equal(w.Who, who) {
			return w
		}
	}
	t.Errorf("nobody waits for %v %q: %+v", who, what, wait)
	return audit.Wait{}
}

func myReady(f *audittest.Federation, name string) crypto.Digest { return lastReady(f, "s", name) }

// TestExpectBeforeTheRound: deciding, starting, being ready, renewing.
func TestExpectBeforeTheRound(t *testing.T) {
	f := audittest.Plan(t, 4)
	_, wait := kinds(f, "board01", audit.Local{}, f.Clock)
	says(t, wait, "the charter", "coordinator")
	f.Charter()
	_, wait = kinds(f, "board01", audit.Local{}, f.Clock)
	says(t, wait, "to be enrolled")
	for _, name := range f.Others("board04") {
		f.Enrol(name)
	}
	f.Propose("s", 1)
	_, wait = kinds(f, f.Coordinator.Name(), audit.Local{}, f.Clock)
	says(t, wait, "to enrol and to decide", "board04")
	says(t, wait, "to decide", "board01", "board02", "board03")
	got, wait := kinds(f, "board01", audit.Local{}, f.Clock)
	wants(t, "undecided", got)
	says(t, wait, "to decide", "board01.approver")
	f.Enrol("board04")
	f.Approve("s")
	got, _ = kinds(f, "board01", audit.Local{}, f.Clock)
	wants(t, "approved", got, audit.TaskAdvance) // start the model first
	got, _ = kinds(f, "board01", at1(), f.Clock)
	wants(t, "model started", got, audit.TaskReady)
	f.Ready("s", "board01")
	got, wait = kinds(f, "board01", at1(myReady(f, "board01")), f.Clock)
	wants(t, "ready", got)
	says(t, wait, "to be ready for round 1", "board02", "board03", "board04")
	got, _ = kinds(f, "board01", at1(), f.Clock)
	wants(t, "restarted while waiting", got, audit.TaskReady)
	got, _ = kinds(f, "board01", at1(myReady(f, "board01")), f.Clock.Add(audit.RenewReady))
	wants(t, "key too old", got, audit.TaskReady)
	_, wait = kinds(f, "board01", at1(), f.Clock.AddDate(2, 0, 0))
	says(t, wait, "to renew the approval", "board01.approver")
	f.Ready("s", "board02", "board03")
	got, _ = kinds(f, f.Coordinator.Name(), audit.Local{}, f.Clock)
	wants(t, "one is missing", got)
	f.Ready("s", "board04")
	got, _ = kinds(f, f.Coordinator.Name(), audit.Local{}, f.Clock)
	wants(t, "all are ready", got, audit.TaskOpen)
	b := f.ReadyBody("s")
	b.State = audittest.Digest("another")
	f.Say(f.Nodes["board03"], f.Next("s"), b)
	got, wait = kinds(f, f.Coordinator.Name(), audit.Local{}, f.Clock)
	wants(t, "two models", got)
	says(t, wait, "is ready for another model state")
}

// TestExpectInAnAttempt: each step, its deadline, and what a restarted node
// still does.
func TestExpectInAnAttempt(t *testing.T) {
	f := audittest.New(t, 4)
	begun(f)
	f.Ready("s")
	at := f.Open("s")
	opened := f.Clock
	half, over := opened.Add(audit.DefaultTimeout/2), opened.Add(audit.DefaultTimeout)
	mine := at1(myReady(f, "board01"))
	restarted := at1()
	kept := at1()
	kept.Outbox[at.ID], kept.Journal[at.ID] = true, true

	got, wait := kinds(f, "board01", mine, f.Clock)
	wants(t, "opened", got, audit.TaskUpdate)
	if w := says(t, wait, "their encrypted numbers", "board01", "board02", "board03", "board04"); w.Until.Sub(opened) > audit.DefaultTimeout {
		t.Errorf("the wait ends %s after the opening", w.Until.Sub(opened))
	}
	got, _ = kinds(f, "board01", restarted, f.Clock)
	wants(t, "restarted before its update", got)
	got, _ = kinds(f, "board01", kept, f.Clock)
	wants(t, "restarted with its update kept", got, audit.TaskUpdate)
	got, _ = kinds(f, "board01", mine, over)
	wants(t, "too late to upload", got, audit.TaskAbort)
	got, _ = kinds(f, "board01", kept, over)
	wants(t, "restarted, too late", got)
	short := at1(myReady(f, "board01"))
	short.Timeout = time.Minute
	got, _ = kinds(f, "board01", short, opened.Add(2*time.Minute))
	wants(t, "own time-out", got, audit.TaskAbort)

	coordinator := f.Coordinator.Name()
	f.Update("s", "board01", "board02", "board03")
	got, _ = kinds(f, coordinator, audit.Local{}, f.Clock)
	wants(t, "one update is missing", got)
	got, _ = kinds(f, coordinator, audit.Local{}, half)
	wants(t, "one is missing at half time", got)
	f.Proceed("s", "board04")
	got, wait = kinds(f, coordinator, audit.Local{}, f.Clock)
	wants(t, "one is missing and may be", got)
	if w := says(t, wait, "their encrypted numbers", "board04"); w.Until.Sub(opened) > audit.DefaultTimeout/2 {
		t.Errorf("the wait ends %s after the opening", w.Until.Sub(opened))
	}
	got, _ = kinds(f, coordinator, audit.Local{}, half)
	wants(t, "one is missing and may be, at half time", got, audit.TaskSet)
	got, _ = kinds(f, coordinator, audit.Local{}, over)
	wants(t, "time is up", got)
	f.Update("s", "board04")
	got, _ = kinds(f, coordinator, audit.Local{}, f.Clock)
	wants(t, "all have uploaded", got, audit.TaskSet)

	f.Set("s")
	got, _ = kinds(f, "board01", mine, f.Clock)
	wants(t, "set fixed", got, audit.TaskVote)
	for _, l := range []audit.Local{restarted, kept} {
		got, _ = kinds(f, "board01", l, f.Clock)
		wants(t, "restarted before its vote", got)
		got, _ = kinds(f, "board01", l, over)
		if slices.Contains(got, audit.TaskAbort) || slices.Contains(got, audit.TaskVote) {
			t.Errorf("a restarted node is to do %v", got)
		}
	}
	got, _ = kinds(f, "board01", mine, over)
	if !slices.Contains(got, audit.TaskAbort) {
		t.Errorf("no certificate after the time-out: %v", got)
	}
	f.Vote("s", "board02", "board03")
	_, wait = kinds(f, "board02", at1(myReady(f, "board02")), f.Clock)
	says(t, wait, "their votes", "board01", "board04")
	f.Vote("s", "board04")
	got, _ = kinds(f, "board01", mine, over)
	wants(t, "certificate without my vote, late", got[:1], audit.TaskVote)
	f.Vote("s", "board01")
	got, _ = kinds(f, "board01", mine, over)
	wants(t, "certificate, late", got[:1], audit.TaskRelease)
	got, _ = kinds(f, "board01", kept, f.Clock)
	wants(t, "restarted with its release kept", got, audit.TaskRelease)
	got, _ = kinds(f, "board01", restarted, f.Clock)
	wants(t, "restarted without its release", got)

	f.Release("s", "board02", "board03")
	got, _ = kinds(f, coordinator, audit.Local{}, f.Clock)
	wants(t, "two of three releases", got)
	f.Release("s", "board04")
	first, _ := f.State.Expect(coordinator, audit.Local{}, f.Clock)
	f.Release("s", "board01")
	then, _ := f.State.Expect(coordinator, audit.Local{}, f.Clock)
	if len(first) != 1 || len(then) != 1 || first[0].Kind != audit.TaskResult || first[0].Key == then[0].Key {
		t.Errorf("result tasks %v, then %v: another release is another try", first, then)
	}
	f.Result("s")
	do, _ := f.State.Expect("board01", mine, f.Clock)
	if len(do) != 1 || do[0] != (audit.Task{Key: "advance/s/1/1", Kind: audit.TaskAdvance, Study: "s", Round: 1, Attempt: 1}) {
		t.Errorf("after the result: %v", do)
	}
}

// TestExpectSaysWhatOneMoreAbsenceDoes: with exactly as many holders as are
// needed, and with fewer.
func TestExpectSaysWhatOneMoreAbsenceDoes(t *testing.T) {
	f := audittest.New(t, 4)
	fixed(f)
	watch := func() string {
		_, wait := kinds(f, "researcher", at1(), f.Clock)
		for _, w := range wait {
			if strings.Contains(w.What, "their votes") {
				return w.What
			}
		}
		t.Fatalf("nobody waits for votes: %+v", wait)
		return ""
	}
	if got := watch(); strings.Contains(got, "same institutions") {
		t.Errorf("four hold shares: %s", got)
	}
	f.Abort("s", "board01")
	if got := watch(); !strings.Contains(got, "one more absence") {
		t.Errorf("three hold shares: %s", got)
	}
	// A restarted node says it by its next statement, in any study.
	f.Nodes["board02"].Boot = audittest.Digest("another start")
	f.Propose("other", 1)
	f.Approve("other")
	f.Ready("other", "board02")
	if got := watch(); !strings.Contains(got, "too few hold their shares still (2)") {
		t.Errorf("two hold shares: %s", got)
	}
}

// TestExpectAfterwards: advancing, ready for the next round, closing.
func TestExpectAfterwards(t *testing.T) {
	f := audittest.New(t, 4)
	begun(f)
	f.Round("s")
	next := at1()
	next.Models["s"] = audit.ModelState{Round: 2}
	got, _ := kinds(f, "board01", next, f.Clock)
	wants(t, "advanced", got, audit.TaskReady)
	next.Models["s"] = audit.ModelState{Round: 2, Done: true}
	got, wait := kinds(f, "board01", next, f.Clock)
	wants(t, "done", got)
	says(t, wait, "to close the study", "researcher")
	got, _ = kinds(f, "researcher", next, f.Clock)
	wants(t, "done", got, audit.TaskClose)
	got, _ = kinds(f, "researcher", audit.Local{}, f.Clock)
	wants(t, "researcher starts the model", got, audit.TaskAdvance)
	f.Close("s")
	for _, name := range []string{"board01", "researcher", f.Coordinator.Name()} {
		if got, wait := kinds(f, name, at1(), f.Clock); len(got)+len(wait) > 0 {
			t.Errorf("%s still does %v and waits %v after the close", name, got, wait)
		}
	}
}

// TestExpectWithdrawal: before the first set the others go on; after it may
// have been opened only closing is left.
func TestExpectWithdrawal(t *testing.T) {
	f := audittest.New(t, 4)
	at := fixed(f)
	f.Decide("s", "board04", "withdraw")
	mine := at1(at.Readys["board01"].Hash)
	got, _ := kinds(f, "board01", mine, f.Clock)
	wants(t, "withdrawn from the set", got, audit.TaskAbort)
	f.Abort("s", "board01", "board02", "board03")
	got, _ = kinds(f, "board01", at1(), f.Clock)
	wants(t, "closed", got, audit.TaskReady)
	f.Ready("s", "board01", "board02", "board03")
	if got := f.Open("s").Seats(); len(got) != 3 {
		t.Errorf("seats %v without the withdrawn one", got)
	}
	f.Update("s")
	f.Set("s")
	f.Vote("s")
	f.Release("s")
	f.Result("s")
	f.Decide("s", "board03", "withdraw")
	later := at1()
	later.Models["s"] = audit.ModelState{Round: 2}
	for _, name := range []string{"board01", "researcher", f.Coordinator.Name()} {
		got, wait := kinds(f, name, later, f.Clock)
		wants(t, name, got)
		says(t, wait, "board03 withdrew after its sum may have been opened", "researcher")
	}
	got, _ = kinds(f, "board03", later, f.Clock)
	wants(t, "the withdrawn one", got)
}

// TestExpectRangeFailure: a round that left its range is not tried again.
func TestExpectRangeFailure(t *testing.T) {
	f := audittest.New(t, 4)
	at := released(f)
	f.Say(f.Coordinator, audittest.In(at), &audit.Result{Open: at.ID, Reason: "range"})
	late := f.Clock.Add(time.Hour)
	got, wait := kinds(f, "researcher", at1(), late)
	wants(t, "range", got)
	says(t, wait, "left its declared range", "researcher")
	got, _ = kinds(f, "board01", at1(), late)
	wants(t, "range", got)
}
