package audit_test

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// TestStudyFlows runs a study to its end and checks what the state says of it.
func TestStudyFlows(t *testing.T) {
	f := audittest.New(t, 4)
	f.Begin("study", 2)
	f.Round("study")
	if got := f.State.Studies["study"].Frozen(); len(got) != 4 {
		t.Fatalf("frozen set %v, want all four", got)
	}
	f.Round("study")
	f.Close("study")
	s := f.State.Studies["study"]
	if s.Round != 3 || s.Close == nil || s.Opened(1) == nil || s.Opened(2) == nil || s.Opened(3) != nil {
		t.Fatalf("the study stands at round %d", s.Round)
	}
	if th := s.Thresholds; th.N != 4 || th.C != 1 || th.T != 3 || th.MinInstitutions != 3 {
		t.Fatalf("thresholds %+v", th)
	}
	at := f.State.Attempt("study", 1, 1)
	if a := at.Crypto(f.State); a.Check() != nil || a.ID != at.Open.Hash {
		t.Fatalf("the attempt is unusable: %v", a.Check())
	}
	if _, ok := at.Certificate(); !ok {
		t.Fatal("no certificate after all votes")
	}
	if len(f.State.Findings) != 0 {
		t.Fatalf("findings in an honest log: %v", f.State.Findings)
	}
	replay(t, f)
}

// replay folds the log twice more and compares to the bit.
func replay(t *testing.T, f *audittest.Federation) {
	t.Helper()
	for range 2 {
		st := audit.NewState(audittest.Origin, f.Coordinator.Party.Key)
		for _, leaf := range f.Leaves {
			st.Apply(leaf)
		}
		if st.Digest() != f.State.Digest() || st.Head() != f.State.Head() {
			t.Fatal("applying the log again gives another state")
		}
	}
}

// TestLeftOut: a study goes on without a late institution once the researcher
// says so, and later sums keep exactly that set.
func TestLeftOut(t *testing.T) {
	f := audittest.New(t, 5)
	f.Propose("study", 2)
	for _, name := range f.Others("board05") {
		f.Decide("study", name, "approve")
	}
	f.Ready("study", f.Others("board05")...)
	refused(t, f, f.Leaf(f.Coordinator, f.Next("study"), openAs(f, "study", "board01", "board02", "board03", "board04")), audit.CodeUndecided)
	f.Proceed("study", "board05")
	f.Open("study")
	f.Update("study", "board01", "board02", "board03")
	refused(t, f, f.Leaf(f.Coordinator, audittest.In(f.At("study")), f.SetBody("study")), audit.CodeSetWaits)
	f.Proceed("study", "board04", "board05")
	f.Set("study") // board04 came too late
	f.Vote("study")
	f.Release("study")
	f.Result("study")
	s := f.State.Studies["study"]
	if len(s.Roster) != 4 || len(s.Frozen()) != 3 {
		t.Fatalf("roster %v, frozen %v", s.Roster, s.Frozen())
	}
	refused(t, f, f.Leaf(f.Nodes["board04"], f.Next("study"), f.ReadyBody("study")), audit.CodeNotInRoster)
	f.Ready("study", "board01", "board02", "board03")
	if got := f.Open("study").Seats(); len(got) != 3 {
		t.Fatalf("seats %v in the second round", got)
	}
}

// TestRetryAfterAborts: t aborts close an attempt; only then another set may
// follow, and with more than n-t of them naming one contributor it is left
// out.
func TestRetryAfterAborts(t *testing.T) {
	f := audittest.New(t, 4)
	f.Begin("study", 1)
	f.Ready("study")
	at := f.Open("study")
	f.Update("study")
	f.Set("study")
	f.Vote("study", "board01")
	for _, name := range []string{"board01", "board02", "board03"} {
		b := audittest.AbortBody(at)
		b.Reason, b.Cannot = "cannot_accept", []int{4}
		if name == "board01" {
			b.Reason, b.Cannot = "no_certificate", nil // its vote stays in the log
		}
		f.Say(f.Nodes[name], audittest.In(at), b)
	}
	if !f.At("study").Closed() {
		t.Fatal("three of four aborts do not close the attempt")
	}
	f.Ready("study")
	if got := f.OpenBody("study"); len(got.Seats) != 3 {
		t.Fatalf("seats %v: board04 is named by 2 > n-t = 1 aborts", got.Seats)
	}
	f.Open("study")
	f.Update("study")
	f.Set("study")
	f.Vote("study")
	f.Release("study")
	f.Result("study")
}

// TestRepeat: an attempt with a certificate and no result can only be repeated
// with exactly its set.
func TestRepeat(t *testing.T) {
	f := audittest.New(t, 4)
	f.Begin("study", 1)
	f.Ready("study")
	f.Open("study")
	f.Update("study", "board01", "board02", "board03")
	f.Proceed("study", "board04")
	f.Set("study")
	f.Vote("study", "board01", "board02", "board03")
	f.Release("study", "board01")
	f.Ready("study", "board01", "board02", "board03")
	refused(t, f, f.Leaf(f.Nodes["board04"], f.Next("study"), f.ReadyBody("study")), audit.CodeNotInRoster)
	b := f.OpenBody("study")
	if len(b.Repeat) != 3 || len(b.Seats) != 3 {
		t.Fatalf("repeat %v, seats %v", b.Repeat, b.Seats)
	}
	none := *b
	none.Repeat = nil
	refused(t, f, f.Leaf(f.Coordinator, f.Next("study"), &none), audit.CodeRepeat)
	f.Open("study")
	f.Update("study")
	f.Set("study")
	f.Vote("study")
	f.Release("study")
	f.Result("study")
	if got := f.State.Studies["study"].Opened(1).Number; got != 2 {
		t.Fatalf("attempt %d opened round 1, want 2", got)
	}
	replay(t, f)
}

// openAs is an `open` with seats for exactly these institutions, whatever the
// log prescribes.
func openAs(f *audittest.Federation, study string, names ...string) *audit.Open {
	f.T.Helper()
	s := f.State.Studies[study]
	roster := s.Roster
	if roster == nil {
		roster = names
	}
	b := &audit.Open{Roster: roster, T: 3, C: 1, MinInstitutions: 3, State: audittest.StateDigest(s.Round), Shape: audittest.CounterShape()}
	for i, name := range roster {
		for _, n := range names {
			if n == name {
				b.Seats = append(b.Seats, audit.OpenSeat{Point: i + 1, Ready: lastReady(f, study, name)})
			}
		}
	}
	return b
}
