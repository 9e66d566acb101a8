package audit_test

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// TestNobodyOutsideStopsAStudy: who takes no part in a study that has opened a
// sum does not stop it by withdrawing from another.
func TestNobodyOutsideStopsAStudy(t *testing.T) {
	f := audittest.New(t, 4)
	f.Propose("a", 2)
	for _, name := range f.Institutions {
		d := f.DecisionBody("a", name, "approve")
		d.AcceptAlone = name == "board04"
		f.Say(f.Approvers[name], audit.Header{Study: "a"}, d)
	}
	f.Round("a")
	f.Propose("b", 2)
	for _, name := range f.Institutions {
		verdict := "approve"
		if name == "board04" {
			verdict = "deny"
		}
		f.Decide("b", name, verdict)
	}
	f.Ready("b", f.Others("board04")...)
	f.Open("b")
	f.Update("b")
	f.Set("b")
	f.Vote("b")
	f.Release("b")
	f.Result("b")
	f.Decide("a", "board04", "withdraw")
	f.Ready("b", f.Others("board04")...)
	if _, err := f.State.Check(openB(f)); err != nil {
		t.Error(err)
	}
}

// TestTakingPartAndStandingAlone: who takes part and accepts no longer to stand
// alone does stop it, opened or not.
func TestTakingPartAndStandingAlone(t *testing.T) {
	f := audittest.New(t, 4)
	f.Propose("a", 2)
	for _, name := range f.Institutions {
		verdict := "approve"
		if name == "board04" {
			verdict = "deny"
		}
		f.Decide("a", name, verdict)
	}
	f.Ready("a", f.Others("board04")...)
	f.Open("a")
	f.Update("a")
	f.Set("a")
	f.Vote("a")
	f.Release("a")
	f.Result("a")
	f.Propose("b", 2)
	accepts := func(name string) {
		d := f.DecisionBody("b", name, "approve")
		d.AcceptAlone = name == "board04"
		f.Say(f.Approvers[name], audit.Header{Study: "b"}, d)
	}
	for _, name := range f.Institutions {
		accepts(name)
	}
	f.Round("b")
	f.Ready("b", f.Institutions...)
	if _, err := f.State.Check(openB(f)); err != nil {
		t.Fatal(err)
	}
	f.Decide("b", "board04", "approve")
	refused(t, f, openB(f), audit.CodeIsolates)
}
