package verify

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto"
)

// TestHonest: an honest bundle has no findings, and the verifier arrives at
// the sums of what the institutions put in.
func TestHonest(t *testing.T) {
	f := newSealed(t, 4, 2).run()
	r := check(t, f.bundle(bundle.Sealed), nil, Pinned(audittest.Origin, f.Coordinator.Party.Key))
	if !r.Verified || len(r.Findings) != 0 {
		t.Fatalf("findings in an honest bundle:\n%s", r)
	}
	if len(r.Studies) != 1 || r.Studies[0].Recomputed != 2 || r.Studies[0].Closed != "finished" {
		t.Fatalf("studies %+v", r.Studies)
	}
	want, err := json.Marshal(audittest.CounterState{Round: 3, Sums: f.opened()})
	if err != nil {
		t.Fatal(err)
	}
	if r.Studies[0].State != crypto.DigestOf(want) {
		t.Fatal("the verifier's last model state is not that of the sums of the inputs")
	}
	for _, family := range r.Families {
		if family.Checks == 0 || family.Skipped != "" {
			t.Errorf("family %s made no checks", family.Letter)
		}
	}
	if b, err := json.Marshal(r); err != nil || !strings.Contains(string(b), `"findings":[]`) {
		t.Errorf("JSON %s, %v", b, err)
	}
	text := r.String()
	for _, want := range []string{"verified:", "Not proved", "study study: 4 institutions, 3 release together, up to 1 may collude"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report does not say %q:\n%s", want, text)
		}
	}
}

// TestPublic: a public bundle verifies without frames and says what it left.
func TestPublic(t *testing.T) {
	f := newSealed(t, 3, 1).run()
	r := check(t, f.bundle(bundle.Public), nil)
	if !r.Verified || r.Kind != bundle.Public {
		t.Fatalf("a public bundle does not verify:\n%s", r)
	}
	if !strings.Contains(r.String(), "not checked (needs a sealed bundle)") {
		t.Errorf("it does not say what was left:\n%s", r)
	}
	if !slices.ContainsFunc(r.NotProved, func(s string) bool { return strings.Contains(s, "a public bundle has no frames") }) ||
		!slices.ContainsFunc(r.NotProved, func(s string) bool { return strings.Contains(s, "no coordinator key was given") }) {
		t.Errorf("not proved: %v", r.NotProved)
	}
}

// TestOneWrongRelease: more releases than needed locate a wrong one; the sum
// is right, and the report says who.
func TestOneWrongRelease(t *testing.T) {
	f := newSealed(t, 5, 1)
	f.onShare = func(_ int, name string, b []byte) []byte {
		if name == "board02" {
			b[len(b)-1000] ^= 1
		}
		return b
	}
	f.run()
	r := check(t, f.bundle(bundle.Sealed), nil)
	if !r.Verified {
		t.Fatalf("a located wrong release is no finding:\n%s", r)
	}
	if !strings.Contains(r.String(), "the releases of board02 do not fit") {
		t.Errorf("the report does not name the wrong release:\n%s", r)
	}
}

// TestUnfinished: a log in the middle of a round verifies as far as it goes.
func TestUnfinished(t *testing.T) {
	f := newSealed(t, 4, 2)
	f.Round(1, f.Institutions...)
	b := f.ReadyBody("study")
	b.State = crypto.DigestOf(f.state)
	f.Say(f.Nodes["board01"], f.Next("study"), b)
	if r := check(t, f.bundle(bundle.Sealed), nil); !r.Verified {
		t.Fatalf("findings:\n%s", r)
	}
}
