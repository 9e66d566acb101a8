package audit_test

import (
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// TestDatedBack: a researcher whose grant has ended does not propose by giving an
// earlier day, once the coordinator has given a later one.
func TestDatedBack(t *testing.T) {
	f := audittest.New(t, 4)
	ends := f.Clock.AddDate(0, 0, 1).Format(time.DateOnly)
	moved(f, grant("researcher", "second", ends), "board02", "board03")
	researcher := audittest.NewSigner("second", "fresh")
	propose := func() error {
		_, err := f.State.Check(f.Leaf(researcher, audit.Header{Study: "late"}, audittest.ProposalBody(1)))
		return err
	}
	if err := propose(); err != nil {
		t.Fatal(err)
	}
	now := f.Clock
	f.Propose("s", 1)
	for _, name := range f.Institutions {
		f.Decide("s", name, "approve")
	}
	f.Clock = f.Clock.AddDate(0, 2, 0)
	f.Round("s")
	f.Clock = now
	refused(t, f, f.Leaf(researcher, audit.Header{Study: "late"}, audittest.ProposalBody(1)), audit.CodeGrantExpired)
}
