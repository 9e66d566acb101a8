package audit_test

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// TestNobodyStopsAMotionAlone: what an institution, or a thief of its approver's
// key, does with its node takes no motion about the institution away.
func TestNobodyStopsAMotionAlone(t *testing.T) {
	for what, m := range map[string]*audit.Member{
		"expulsion":                 {Act: audit.ActExpel, Institution: "board04"},
		"another key of its people": admitKey("board04", "new"),
	} {
		t.Run(what, func(t *testing.T) {
			f := audittest.New(t, 4)
			s := moved(f, m, "board02")
			if _, finding := f.Append(change(f, "board04", &audit.Member{Act: audit.ActRevoke, Revoke: "board04"})); finding != nil {
				t.Fatal(finding)
			}
			f.Nodes["board04"] = audittest.NewSigner("board04", "another")
			f.Enrol("board04")
			f.Say(f.Approvers["board03"], audit.Header{}, &audit.Endorse{Motion: s.Hash})
			if f.State.Motions[s.Hash].InForce == nil {
				t.Error("the motion is not in force")
			}
		})
	}
}
