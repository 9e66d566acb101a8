package audit_test

import (
	"slices"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// TestWouldIsolate: what an `open` would be refused for is said before a study
// is proposed, and nothing is said that it would not be.
func TestWouldIsolate(t *testing.T) {
	f := audittest.New(t, 5)
	if r := f.State.WouldIsolate("next", 0, f.Institutions); r != nil {
		t.Errorf("nothing was opened: %v", r)
	}
	f.Propose("first", 1)
	f.Approve("first")
	f.Round("first")
	if f.State.Studies["first"].Frozen() == nil {
		t.Fatal("the first study opened nothing")
	}
	if r := f.State.WouldIsolate("next", 0, f.Institutions); r != nil {
		t.Errorf("the same institutions: %v", r)
	}
	r := f.State.WouldIsolate("next", 0, f.Institutions[1:])
	if r == nil || r.Rule != audit.CodeIsolates {
		t.Fatalf("one institution less: %v", r)
	}
	f.Say(f.Nodes["board01"], audit.Header{}, &audit.Epoch{Epoch: "new"})
	if r := f.State.WouldIsolate("next", 0, f.Institutions); r == nil || !slices.Contains([]audit.Code{audit.CodeIsolates}, r.Rule) {
		t.Errorf("one institution has other records: %v", r)
	}
}
