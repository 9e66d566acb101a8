package audit_test

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// tried proposes a study that these approve and the others deny, and opens its
// first attempt with a set.
func tried(f *audittest.Federation, study string, in ...string) {
	f.T.Helper()
	f.Propose(study, 1)
	for _, name := range in {
		f.Decide(study, name, "approve")
	}
	for _, name := range f.Others(in...) {
		f.Decide(study, name, "deny")
	}
	again(f, study, in...)
}

func again(f *audittest.Federation, study string, in ...string) {
	f.T.Helper()
	f.Ready(study, in...)
	f.Open(study)
	f.Update(study)
	f.Set(study)
}

func newEpoch(f *audittest.Federation, names ...string) {
	f.T.Helper()
	for _, name := range names {
		f.Say(f.Nodes[name], audit.Header{}, &audit.Epoch{Epoch: "year2"})
	}
}

// TestEpochsAreThoseOfTheRowsGiven: what an attempt that was closed gave is
// never opened, so its epochs say nothing of the next attempt: that one is over
// the records of now.
func TestEpochsAreThoseOfTheRowsGiven(t *testing.T) {
	for _, c := range []struct {
		what    string
		history func(f *audittest.Federation)
		come    []string // to the second attempt of study "now"
		refused bool
	}{
		{"equal sets, one of them with the next year of one institution", func(f *audittest.Federation) {
			tried(f, "earlier", f.Institutions...)
			tried(f, "now", f.Institutions...)
			f.Abort("now", f.Institutions...)
			newEpoch(f, "board01")
		}, []string{"board01", "board02", "board03", "board04"}, true},
		{"the same year, one institution less", func(f *audittest.Federation) {
			tried(f, "now", f.Institutions...)
			f.Abort("now", f.Institutions...)
			newEpoch(f, f.Institutions...)
			tried(f, "other", f.Institutions...)
			f.Decide("now", "board04", "withdraw")
		}, []string{"board01", "board02", "board03"}, true},
		{"the next year of everybody", func(f *audittest.Federation) {
			tried(f, "earlier", f.Institutions...)
			tried(f, "now", f.Institutions...)
			f.Abort("now", f.Institutions...)
			newEpoch(f, f.Institutions...)
		}, []string{"board01", "board02", "board03", "board04"}, false},
	} {
		t.Run(c.what, func(t *testing.T) {
			f := audittest.New(t, 4)
			c.history(f)
			f.Ready("now", c.come...)
			leaf := f.Leaf(f.Coordinator, f.Next("now"), f.OpenBody("now"))
			if c.refused {
				refused(t, f, leaf, audit.CodeIsolates)
				return
			}
			if _, err := f.State.Check(leaf); err != nil {
				t.Error(err)
			}
		})
	}
}
