package audit_test

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// TestHalfOfAReplacedKey: what a thief of one approver's key signed does not
// count once that key was replaced.
func TestHalfOfAReplacedKey(t *testing.T) {
	f := audittest.Plan(t, 4)
	second := audittest.NewSigner("board01.approver2", "")
	f.CharterBody.Founders[0].Second = second.Party
	f.Charter()
	for _, name := range f.Institutions {
		f.Enrol(name)
	}
	f.Propose("s", 1)
	f.Decide("s", "board01", "approve")
	m := admitKey("board01", "new")
	m.Admit.Second = second.Party
	s, finding := f.Append(change(f, "board02", m))
	if finding != nil {
		t.Fatal(finding)
	}
	for _, name := range []string{"board03", "board04"} {
		f.Say(f.Approvers[name], audit.Header{}, &audit.Endorse{Motion: s.Hash})
	}
	f.Say(second, audit.Header{Study: "s"}, f.DecisionBody("s", "board01", "approve"))
	if f.State.Studies["s"].Approved("board01") {
		t.Error("one approver and a key that was replaced approved for the institution")
	}
	f.Approvers["board01"] = audittest.NewSigner("board01.approver", "new")
	f.Approvers["board01"].Restart()
	f.Decide("s", "board01", "approve")
	if !f.State.Studies["s"].Approved("board01") {
		t.Error("both keys in force approved the same and it does not count")
	}
}
