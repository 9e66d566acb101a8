package node

import (
	"math"
	"testing"

	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// TestBudgetRule: over the figure is refused for confidential data, counted for
// the rest, and a study's own figure can only be stricter.
func TestBudgetRule(t *testing.T) {
	done := []opening{
		{attempt: audittest.Digest(1), study: "a", round: 1, numbers: 20, rows: 490},
		{attempt: audittest.Digest(2), study: "a", round: 2, numbers: 54, rows: 1000},
		{attempt: audittest.Digest(3), study: "a", round: 3, numbers: 54, rows: 1000},
	} // (20+54+54)/1000 = 0.128
	next := opening{study: "b", round: 1, numbers: 20, rows: 1000}
	for _, c := range []struct {
		what     string
		openness string
		figure   float64 // of the policy
		study    float64
		next     int
		refused  bool
	}{
		{"within", configs.OpenConfidential, 0, 0.15, 20, false},
		{"just within", configs.OpenConfidential, 0, 0.15, 22, false},
		{"one over", configs.OpenConfidential, 0, 0.15, 23, true},
		{"a study cannot loosen it", configs.OpenConfidential, 0, 1, 23, true},
		{"a policy cannot loosen it", configs.OpenConfidential, 1, 1, 23, true},
		{"stricter policy", configs.OpenConfidential, 0.13, 0.15, 20, true},
		{"stricter study", configs.OpenConfidential, 0, 0.13, 20, true},
		{"public is only counted", configs.OpenPublic, 0.01, 0.15, 500, false},
		{"synthetic is only counted", configs.OpenSynthetic, 0.01, 0.15, 500, false},
	} {
		s := configs.DefaultStudy()
		s.Privacy.NumbersPerRow = c.study
		next.numbers = c.next
		judge := func(off ...string) error {
			p := Policy{Openness: c.openness, NumbersPerRow: c.figure}.Off(off...)
			j := &judgement{off: p.off}
			p.judgeBudget(j, done, next, s)
			return j.first()
		}
		if err := judge(); c.refused {
			coded(t, c.what, err, CodeBudget)
			if err := judge(CodeBudget); err != nil {
				t.Errorf("%s: with the rule off: %v", c.what, err)
			}
		} else if err != nil {
			t.Errorf("%s: %v", c.what, err)
		}
	}
	b := (&Policy{Openness: configs.OpenPublic}).budget(done, nil)
	if b.Enforced || math.Abs(b.PerRow-0.128) > 1e-12 || len(b.Studies) != 1 || b.Studies[0].Numbers != 128 || b.Studies[0].Rows != 1000 {
		t.Errorf("the account says %+v", b)
	}
}

// TestChargedAtTheCertificate follows one attempt through the log: what is
// under way counts, what t aborts closed does not, and what was certified
// counts for good, whether or not a result ever comes.
func TestChargedAtTheCertificate(t *testing.T) {
	const study = "s"
	f := audittest.New(t, 4)
	f.Begin(study, 3)
	f.Ready(study)
	at := f.Open(study)
	list := []opening{{attempt: at.ID, study: study, round: 1, numbers: 3, rows: 100}}
	state := func(what string, want fate, counts int) {
		t.Helper()
		known := fates(f.State)
		if known[at.ID] != want || len(counted(list, known)) != counts {
			t.Errorf("%s: fate %d, %d count; want %d, %d", what, known[at.ID], len(counted(list, known)), want, counts)
		}
	}
	state("open", underWay, 1)
	f.Update(study)
	f.Set(study)
	state("set", underWay, 1)
	seats := at.Seats()
	f.Vote(study, seats[:2]...)
	state("two votes", underWay, 1)
	f.Vote(study, seats[2:]...)
	state("certificate", certified, 1) // and there is no result yet

	// Charging at the result instead would not have counted it.
	atResult := map[crypto.Digest]fate{at.ID: closed}
	if at := f.At(study); at.Result == nil && len(counted(list, atResult)) != 0 {
		t.Error("an attempt that is known never to open still counts")
	}
	list[0].charged = true // once seen it stays, even if the log were to say otherwise
	if len(counted(list, atResult)) != 1 {
		t.Error("a charge was taken back")
	}
}

// TestClosedAttemptsAreFree: t aborts without a certificate open nothing.
func TestClosedAttemptsAreFree(t *testing.T) {
	const study = "s"
	f := audittest.New(t, 4)
	f.Begin(study, 3)
	f.Ready(study)
	at := f.Open(study)
	list := []opening{{attempt: at.ID, study: study, round: 1, numbers: 3, rows: 100}}
	f.Abort(study, at.Seats()...)
	if n := len(counted(list, fates(f.State))); n != 0 {
		t.Errorf("a closed attempt counts %d times", n)
	}
}

// TestCostsOfAStudy: a repeated sum is charged once, and rows learnt later
// count for earlier rounds.
func TestCostsOfAStudy(t *testing.T) {
	got := costs([]opening{
		{study: "b", round: 1, numbers: 10, rows: 100},
		{study: "a", round: 1, numbers: 10, rows: 200},
		{study: "a", round: 1, numbers: 10, rows: 200},
		{study: "a", round: 2, numbers: 30, rows: 800},
	})
	want := []StudyCost{{"a", 40, 800, 0.05}, {"b", 10, 100, 0.1}}
	if len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%+v, want %+v", got, want)
	}
	p := Policy{Epoch: "now"}
	list := []opening{{study: "a", epoch: "now"}, {study: "b", epoch: "before"}, {study: "s", epoch: "before"}}
	if got := p.lineage(list, "s"); len(got) != 2 || got[0].study != "a" || got[1].study != "s" {
		t.Errorf("the lineage is %+v: a study cannot leave its own rounds behind in an earlier epoch", got)
	}
	if rowsAtLeast(50, 2, 30, opened{}) != 110 || rowsAtLeast(50, 2, 30, openedIn([]byte(`{"counts":{"complete":900}}`))) != 900 {
		t.Error("the bound of rows is wrong")
	}
}
