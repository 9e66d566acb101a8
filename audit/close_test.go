package audit_test

import (
	"slices"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// TestClosedStudyLetsOthersGoOn: a study that is closed while an attempt has no
// votes can still be given up by its nodes. Else its seats would count as a sum
// for as long as the epoch lasts, and one researcher could stop all other sets.
func TestClosedStudyLetsOthersGoOn(t *testing.T) {
	f := audittest.New(t, 4)
	f.Propose("a", 1)
	for _, name := range f.Institutions {
		f.Decide("a", name, map[bool]string{true: "approve", false: "deny"}[name != "board04"])
	}
	f.Ready("a", f.Others("board04")...)
	at := f.Open("a")
	f.Say(f.Researcher, audit.Header{Study: "a"}, &audit.Close{Reason: "stopped"})
	f.Begin("b", 1)
	f.Ready("b")
	refused(t, f, openB(f), audit.CodeIsolates)
	for _, name := range []string{"board01", "board02"} { // two of three close it
		local := audit.Local{Boot: f.Nodes[name].Boot, Holds: map[crypto.Digest]bool{at.Readys[name].Hash: true}}
		do, _ := f.State.Expect(name, local, f.Clock)
		if !slices.ContainsFunc(do, func(t audit.Task) bool { return t.Study == "a" && t.Kind == audit.TaskAbort }) {
			t.Errorf("%s has nothing to give up: %v", name, do)
		}
		f.Say(f.Nodes[name], audittest.In(at), audittest.AbortBody(at))
	}
	if _, err := f.State.Check(openB(f)); err != nil {
		t.Errorf("beside an attempt that its nodes gave up: %v", err)
	}
}
