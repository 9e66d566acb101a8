package node

import (
	"fmt"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// opened6 is a federation of six in which study "earlier" was opened over the
// given institutions, the others having denied it.
func opened6(t testing.TB, in []string, accept bool) *audittest.Federation {
	t.Helper()
	f := audittest.New(t, 6)
	f.Propose("earlier", 3)
	decide(f, "earlier", in, accept)
	f.Ready("earlier", in...)
	f.Open("earlier")
	f.Update("earlier")
	f.Set("earlier")
	f.Vote("earlier")
	return f
}

func decide(f *audittest.Federation, study string, in []string, accept bool) {
	f.T.Helper()
	for _, name := range in {
		d := f.DecisionBody(study, name, "approve")
		d.AcceptAlone = accept
		f.Say(f.Approvers[name], audit.Header{Study: study}, d)
	}
	for _, name := range f.Others(in...) {
		f.Decide(study, name, "deny")
	}
}

func boards(numbers ...int) (names []string) {
	for _, n := range numbers {
		names = append(names, fmt.Sprintf("board%02d", n))
	}
	return names
}

// TestTwoSetsApart: the sets of two studies are equal or differ by at least
// min_institutions, unless each in the difference accepted it.
func TestTwoSetsApart(t *testing.T) {
	all := boards(1, 2, 3, 4, 5, 6)
	for _, c := range []struct {
		what        string
		before, now []string
		least       int
		accept      bool // of everybody, in the earlier study
		epoch       int64
		refused     bool
	}{
		{"the same", all, all, 3, false, 0, false},
		{"one less", all, boards(1, 2, 3, 4, 5), 3, false, 0, true},
		{"one more", boards(1, 2, 3, 4, 5), all, 3, false, 0, true},
		{"one for another", boards(1, 2, 3, 4, 5), boards(1, 2, 3, 4, 6), 3, false, 0, true},
		{"two less", all, boards(1, 2, 3, 4), 3, false, 0, true},
		{"three apart", all, boards(1, 2, 3), 3, false, 0, false},
		{"one less, accepted", all, boards(1, 2, 3, 4, 5), 3, true, 0, false},
		{"one less in a new epoch", all, boards(1, 2, 3, 4, 5), 3, false, 1 << 30, false},
	} {
		f := opened6(t, c.before, c.accept)
		f.Propose("now", 3)
		decide(f, "now", c.now, false)
		judge := func(off ...string) error {
			j := &judgement{off: Policy{}.Off(off...).off}
			judgeSet(j, f.State, "now", c.now, c.least, c.epoch)
			return j.first()
		}
		if err := judge(); c.refused {
			coded(t, c.what, err, CodeIsolated)
			if err := judge(CodeIsolated); err != nil {
				t.Errorf("%s: with the rule off: %v", c.what, err)
			}
		} else if err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// TestSetIsReadWhereItStands: before the `open` it is what the log prescribes,
// then the seats, then the fixed set, which may be smaller.
func TestSetIsReadWhereItStands(t *testing.T) {
	all := boards(1, 2, 3, 4, 5, 6)
	f := opened6(t, all, false)
	f.Propose("now", 3)
	decide(f, "now", all, false)
	n := &Node{}
	judge := func() error {
		j := &judgement{}
		n.maySet(f.State, j, "now", 1, 1, 0)
		return j.first()
	}
	if err := judge(); err != nil {
		t.Errorf("before the open: %v", err)
	}
	f.Ready("now")
	f.Open("now")
	if err := judge(); err != nil {
		t.Errorf("open: %v", err)
	}
	f.Update("now", all[:5]...) // board06 is late
	if err := judge(); err != nil {
		t.Errorf("updates: %v", err)
	}
	f.Proceed("now", "board06")
	// The log refuses such a set as well; a node does not rely on it.
	if _, finding := f.Append(f.Leaf(f.Coordinator, audittest.In(f.At("now")), f.SetBody("now"))); finding == nil || finding.Code != string(audit.CodeIsolates) {
		t.Errorf("the log takes a set without the late one: %v", finding)
	}
}

// TestClosedSetsDoNotCount: what t aborts closed was never opened.
func TestClosedSetsDoNotCount(t *testing.T) {
	f := audittest.New(t, 6)
	f.Begin("earlier", 3)
	f.Ready("earlier")
	at := f.Open("earlier")
	f.Update("earlier")
	f.Set("earlier")
	if n := len(openedSets(f.State.Studies["earlier"], 0)); n != 1 {
		t.Fatalf("%d sets may have been opened", n)
	}
	f.Abort("earlier", at.Seats()...)
	if n := len(openedSets(f.State.Studies["earlier"], 0)); n != 0 {
		t.Errorf("%d sets count after the aborts", n)
	}
}

// TestNobodyOutsideStopsTheNode: who takes back in one study what it accepted
// stops no other that has opened a sum.
func TestNobodyOutsideStopsTheNode(t *testing.T) {
	all := boards(1, 2, 3, 4, 5, 6)
	f := opened6(t, all, true)
	f.Propose("now", 3)
	decide(f, "now", all[:5], false)
	f.Ready("now", all[:5]...)
	f.Open("now")
	f.Update("now")
	f.Set("now")
	f.Vote("now")
	f.Release("now")
	f.Result("now")
	f.Decide("earlier", "board06", "withdraw")
	j := &judgement{}
	(&Node{}).maySet(f.State, j, "now", 2, 1, 0)
	if err := j.first(); err != nil {
		t.Error(err)
	}
}
