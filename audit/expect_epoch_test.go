package audit_test

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// TestExpectEpoch: a node whose policy names an epoch says so before it offers
// anything, once, and without a study too; without a name it says nothing.
func TestExpectEpoch(t *testing.T) {
	f := audittest.Plan(t, 3)
	f.Charter()
	local := at1()
	local.Epoch = "2026"
	got, _ := kinds(f, "board01", local, f.Clock)
	wants(t, "before it has enrolled", got)
	for _, name := range f.Institutions {
		f.Enrol(name)
	}
	got, _ = kinds(f, "board01", local, f.Clock)
	wants(t, "without a study", got, audit.TaskEpoch)
	f.Propose("s", 1)
	f.Approve("s")

	got, wait := kinds(f, "board01", local, f.Clock)
	wants(t, "with a study", got, audit.TaskEpoch)
	says(t, wait, "to begin the epoch 2026", "board01")
	plain := at1()
	got, _ = kinds(f, "board01", plain, f.Clock)
	wants(t, "without a name", got, audit.TaskReady)

	f.Say(f.Nodes["board01"], audit.Header{}, &audit.Epoch{Epoch: "2026"})
	got, _ = kinds(f, "board01", local, f.Clock)
	wants(t, "once it is said", got, audit.TaskReady)
	got, _ = kinds(f, "board02", local, f.Clock)
	wants(t, "another institution's is another", got, audit.TaskEpoch)
	local.Epoch = "2027"
	got, _ = kinds(f, "board01", local, f.Clock)
	wants(t, "a new one", got, audit.TaskEpoch)
}
