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

// TestGrantIsRenewed: a coordinator that dates one statement years ahead ends the
// dated grants, and the institutions can give each another end; nothing else of it
// can be changed so.
func TestGrantIsRenewed(t *testing.T) {
	f := audittest.New(t, 4)
	m := grant("researcher", "second", "2028-01-01")
	moved(f, m, "board02", "board03")
	researcher := audittest.NewSigner("second", "fresh")
	propose := func() []byte { return f.Leaf(researcher, audit.Header{Study: "late"}, audittest.ProposalBody(1)) }
	f.Begin("s", 1)
	f.Ready("s")
	h := f.Next("s")
	h.Time = "2099-01-01T00:00:00Z"
	f.Say(f.Coordinator, h, f.OpenBody("s"))
	refused(t, f, propose(), audit.CodeGrantExpired)

	for name, change := range map[string]func(g *audit.Grant){
		"as it is":    func(*audit.Grant) {},
		"another key": func(g *audit.Grant) { g.Party, g.Expires = audittest.NewSigner("second", "other").Party, "" },
		"an auditor":  func(g *audit.Grant) { g.Role, g.Expires = "auditor", "" },
		"another":     func(g *audit.Grant) { g.Party, g.Expires = f.Nodes["board02"].Party, "" },
	} {
		t.Run(name, func(t *testing.T) {
			g := *m.Grant
			change(&g)
			refused(t, f, f.Leaf(f.Approvers["board01"], audit.Header{}, &audit.Member{Charter: m.Charter, Act: audit.ActGrant, Grant: &g}), audit.CodeKeyInUse)
		})
	}
	moved(f, grant("researcher", "second", "2099-12-31"), "board02", "board03")
	if _, bad := f.Append(propose()); bad != nil {
		t.Fatal(bad)
	}
	moved(f, &audit.Member{Act: audit.ActRevoke, Revoke: "second"}, "board02", "board03")
	refused(t, f, change(f, "board01", grant("researcher", "second", "")), audit.CodeKeyInUse)
}
