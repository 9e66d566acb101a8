package audit_test

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// beside opens a sum of study "a" over everybody and brings study "b", which
// some deny, before its `open`.
func beside(f *audittest.Federation, accept bool, without ...string) {
	f.Begin("a", 1)
	f.Round("a")
	f.Propose("b", 1)
	for _, name := range f.Institutions {
		d := f.DecisionBody("b", name, "approve")
		d.AcceptAlone = accept
		for _, out := range without {
			if name == out {
				d = f.DecisionBody("b", name, "deny")
			}
		}
		f.Say(f.Approvers[name], audit.Header{Study: "b"}, d)
	}
	f.Ready("b", f.Others(without...)...)
}

func openB(f *audittest.Federation) []byte {
	return f.Leaf(f.Coordinator, f.Next("b"), f.OpenBody("b"))
}

func isolateBreaches() []breach {
	return []breach{
		{"one institution less than another study", audit.CodeIsolates, func(f *audittest.Federation) []byte {
			beside(f, false, "board04")
			return openB(f)
		}, nil, false},
		{"records of another epoch at one institution", audit.CodeIsolates, func(f *audittest.Federation) []byte {
			f.Begin("a", 1)
			f.Round("a")
			f.Say(f.Nodes["board02"], audit.Header{}, &audit.Epoch{Epoch: "2027"})
			f.Begin("b", 1)
			f.Ready("b")
			return openB(f)
		}, nil, false},
		{"set that shrinks after the open", audit.CodeIsolates, func(f *audittest.Federation) []byte {
			f.Begin("a", 1)
			f.Round("a")
			f.Begin("b", 1)
			f.Ready("b")
			f.Open("b")
			f.Update("b", "board01", "board02", "board03")
			f.Proceed("b", "board04")
			return f.Leaf(f.Coordinator, audittest.In(f.At("b")), f.SetBody("b"))
		}, nil, false},
	}
}

// TestSetsBesideEachOther: equal sets, sets far apart and accepted ones pass.
func TestSetsBesideEachOther(t *testing.T) {
	passes := func(name string, n int, f func(f *audittest.Federation), want bool) {
		t.Run(name, func(t *testing.T) {
			fed := audittest.New(t, n)
			f(fed)
			_, err := fed.State.Check(openB(fed))
			if (err == nil) != want {
				t.Errorf("passes: %v, want %v", err, want)
			}
		})
	}
	passes("equal", 4, func(f *audittest.Federation) { beside(f, false) }, true)
	passes("two apart, min_institutions 3", 7, func(f *audittest.Federation) { beside(f, false, "board06", "board07") }, false)
	passes("three apart, where two may conspire", 7, func(f *audittest.Federation) { beside(f, false, "board05", "board06", "board07") }, false)
	passes("four apart", 7, func(f *audittest.Federation) { beside(f, false, "board04", "board05", "board06", "board07") }, true)
	passes("a new epoch of all", 4, func(f *audittest.Federation) {
		f.Begin("a", 1)
		f.Round("a")
		for _, name := range f.Institutions {
			f.Say(f.Nodes[name], audit.Header{}, &audit.Epoch{Epoch: "2027"})
		}
		f.Begin("b", 1)
		f.Ready("b")
	}, true)
	passes("the one more accepts it", 4, func(f *audittest.Federation) {
		f.Propose("a", 1)
		for _, name := range f.Institutions {
			verdict := "approve"
			if name == "board04" {
				verdict = "deny"
			}
			f.Decide("a", name, verdict)
		}
		f.Ready("a", f.Others("board04")...)
		f.Open("a")
		f.Update("a")
		f.Set("a")
		f.Propose("b", 1)
		for _, name := range f.Institutions {
			d := f.DecisionBody("b", name, "approve")
			d.AcceptAlone = name == "board04"
			f.Say(f.Approvers[name], audit.Header{Study: "b"}, d)
		}
		f.Ready("b")
	}, true)
	passes("those left accept it, the one that left did not", 4, func(f *audittest.Federation) { beside(f, true, "board04") }, false)
	concurrent := func(f *audittest.Federation, closed bool) {
		f.Begin("a", 1)
		f.Ready("a")
		f.Open("a")
		if closed {
			f.Abort("a", "board01", "board02", "board03")
		}
		f.Propose("b", 1)
		for _, name := range f.Institutions {
			verdict := "approve"
			if name == "board04" {
				verdict = "deny"
			}
			f.Decide("b", name, verdict)
		}
		f.Ready("b", f.Others("board04")...)
	}
	// From its `open` an attempt counts: with two histories, in each of which one
	// of two studies fixes its set, no honest node would vote twice.
	passes("the other study's attempt is under way", 4, func(f *audittest.Federation) { concurrent(f, false) }, false)
	passes("the other study's attempt was closed", 4, func(f *audittest.Federation) { concurrent(f, true) }, true)
}

// TestSecondApprover: with two approvers an approval is in force when both
// signed the same; either alone can deny.
func TestSecondApprover(t *testing.T) {
	f := audittest.Plan(t, 4)
	second := audittest.NewSigner("board01.approver2", "")
	f.CharterBody.Founders[0].Second = second.Party
	f.Charter()
	for _, name := range f.Institutions {
		f.Enrol(name)
	}
	f.Propose("s", 1)
	study := f.State.Studies["s"]
	f.Decide("s", "board01", "approve")
	if study.Approved("board01") {
		t.Fatal("one of two approvers counts as the institution")
	}
	other := f.DecisionBody("s", "board01", "approve")
	other.Expires = "2027-01-01"
	f.Say(second, audit.Header{Study: "s"}, other)
	if study.Approved("board01") {
		t.Fatal("two approvals of different things count as one")
	}
	f.Decide("s", "board01", "approve") // the first signs again, still other than the second
	f.Say(second, audit.Header{Study: "s"}, f.DecisionBody("s", "board01", "approve"))
	if !study.Approved("board01") {
		t.Fatal("both approved the same and it does not count")
	}
	f.Say(second, audit.Header{Study: "s"}, f.DecisionBody("s", "board01", "deny"))
	if study.Approved("board01") {
		t.Fatal("a denial of the second approver does not count")
	}
	f.State.SwitchOff(audit.CodeSecond)
	f.Decide("s", "board01", "approve")
	if !study.Approved("board01") {
		t.Error("with the rule off one approver is still not enough: the test has no teeth")
	}
}
