package node

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/node/records"
)

// openFirst runs round 1 of a study over the given files in the clear and
// returns the method and the state after it.
func openFirst(t testing.TB, text string, parts ...*part) (*Method, []byte) {
	t.Helper()
	m, err := OpenMethod(text, []byte(testBook))
	if err != nil {
		t.Fatal(err)
	}
	return m, afterFirst(t, m, parts...)
}

// afterFirst is the state after round 1.
func afterFirst(t testing.TB, m *Method, parts ...*part) []byte {
	t.Helper()
	state, err := m.Start()
	if err != nil {
		t.Fatal(err)
	}
	var sums []*big.Int
	for _, p := range parts {
		values, err := m.Plan.Local(state, p.table)
		if err != nil {
			t.Fatal(err)
		}
		if sums == nil {
			sums = values
			continue
		}
		for i := range sums {
			sums[i].Add(sums[i], values[i])
		}
	}
	if state, err = m.Global(state, sums); err != nil {
		t.Fatal(err)
	}
	if _, more, err := m.Shape(state); err != nil || !more {
		t.Fatalf("the study ended after round 1: %v", err)
	}
	return state
}

// board is an institution of n rows; girl and public say how many of the rows
// are girls and how many go to a public school, extra is the delay of row 0.
func board(t testing.TB, n, girls, public int) *records.File {
	t.Helper()
	var b strings.Builder
	b.WriteString("pseudonym,delay,iq_verbal,girl,denomination\n")
	for i := range n {
		denomination, girl := "catholic", 0
		if i < public {
			denomination = "public"
		}
		if i < girls {
			girl = 1
		}
		fmt.Fprintf(&b, "P%04d,%d,%d.5,%d,%s\n", i, i%3&1, i%9-4, girl, denomination)
	}
	return fileOf(t, b.String())
}

// TestAlone: once round 1 is open, an institution sees that a group is its own
// and does not let the sums over it be opened.
func TestAlone(t *testing.T) {
	text := studyText("s", "iq_verbal", "girl", "denomination")
	for _, c := range []struct {
		what        string
		own, others *records.File
		says        string // "" passes
	}{
		{"everybody fills everything", board(t, 60, 30, 30), board(t, 60, 20, 20), ""},
		{"a level that only this one has", board(t, 60, 30, 30), board(t, 60, 20, 0), `level "public"`},
		{"the reference level", board(t, 60, 30, 30), board(t, 60, 20, 60), "reference level"},
		{"all girls are here", board(t, 60, 30, 30), board(t, 60, 0, 30), `"girl" = 1`},
		{"all boys are here", board(t, 60, 30, 30), board(t, 60, 60, 30), `"girl" = 0`},
		{"one other child fills it", board(t, 60, 30, 30), board(t, 60, 1, 30), ""},
		{"a level that only others have", board(t, 60, 30, 0), board(t, 60, 20, 20), ""},
	} {
		m, err := OpenMethod(text, []byte(testBook))
		if err != nil {
			t.Fatal(err)
		}
		read := func(f *records.File) *part {
			p, err := selectRows(t.Context(), &Policy{}, f, "board01", m)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		own := read(c.own)
		_, state := openFirst(t, text, own, read(c.others), read(c.others))
		q := honest(t)
		q.study = m.Study
		judge := func(off ...string) error {
			j := &judgement{off: Policy{}.Off(off...).off}
			if err := q.judgeAlone(j, m, own, state); err != nil {
				t.Fatal(err)
			}
			return j.first()
		}
		err = judge()
		if c.says == "" {
			if err != nil {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		coded(t, c.what, err, CodeAlone)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want it to say %q", c.what, err, c.says)
		}
		if err := judge(CodeAlone); err != nil {
			t.Errorf("%s: with the rule off: %v", c.what, err)
		}
		q.decision.AcceptAlone = true
		if err := judge(); err != nil {
			t.Errorf("%s, accepted by the approver: %v", c.what, err)
		}
	}
}

// TestStateIsUnderstood: the rules that read the model's state would go silent
// if its fields were renamed.
func TestStateIsUnderstood(t *testing.T) {
	text := studyText("s", "iq_verbal", "girl", "denomination")
	m, err := OpenMethod(text, []byte(testBook))
	if err != nil {
		t.Fatal(err)
	}
	p, err := selectRows(t.Context(), &Policy{}, board(t, 60, 30, 30), "board01", m)
	if err != nil {
		t.Fatal(err)
	}
	_, state := openFirst(t, text, p, p, p)
	got := openedIn(state).Counts
	if got == nil || got.Complete != 180 || len(got.Present) != 4 || len(got.Ones) != 4 || got.Ones[1] != 90 || got.Ones[2] != 90 {
		t.Errorf("the state after round 1 says %+v", got)
	}
	if start, err := m.Start(); err != nil || openedIn(start).Counts != nil {
		t.Errorf("before round 1 something is known: %v", err)
	}
}

func TestRowRules(t *testing.T) {
	for _, c := range []struct {
		what, code string
		source     Records
		least      int
	}{
		{"29 rows", CodeMinRows, pupils(t, 29), 30},
		{"the institution's own figure", CodeMinRows, pupils(t, 49), 50},
		{"an empty column", CodeEmptyColumn, fileOf(t, "pseudonym,delay,iq_verbal,girl\n"+strings.Repeat("P0001,1,,1\n", 40)), 30},
	} {
		m := method(t, "iq_verbal", "girl")
		p, err := selectRows(t.Context(), &Policy{Openness: configs.OpenPublic}, c.source, "board01", m)
		if err != nil {
			t.Fatal(err)
		}
		judge := func(off ...string) error {
			q := honest(t)
			policy := Policy{MinRows: c.least}.Off(off...)
			q.policy = &policy
			j := &judgement{off: policy.off}
			if err := q.judgeRows(j, m, p); err != nil {
				return err
			}
			return j.first()
		}
		coded(t, c.what, judge(), c.code)
		if err := judge(CodeMinRows, CodeEmptyColumn); err != nil {
			t.Errorf("%s: with the rules off: %v", c.what, err)
		}
	}
}

// TestSmallCells: with confidential records, sums over one or two rows keep the
// node from the study; public records are its holder's to show.
func TestSmallCells(t *testing.T) {
	weighed := strings.Replace(studyText("s", "iq_verbal"), "[model]\n", "[[derive]]\nname = \"w\"\nkind = \"number\"\n"+
		"value = \"girl ? 0.000001 + iq_verbal/100000000.0 : 1000000.0\"\nmin = 0.0\nmax = 2000000.0\n[model]\nweights = \"w\"\n", 1)
	table := strings.Replace(studyText("s", "girl"), "kind = \"logistic\"\noutcome = \"delay\"", "kind = \"descriptives\"", 1)
	for _, c := range []struct {
		what, open, text string
		girls, public    int
		code, says       string
	}{
		{"two boys", configs.OpenConfidential, studyText("s", "iq_verbal", "girl"), 58, 2, CodeSmallCell, `"girl" = 0`},
		{"enough of both", configs.OpenConfidential, studyText("s", "iq_verbal", "girl"), 30, 30, "", ""},
		{"public records", configs.OpenPublic, studyText("s", "iq_verbal", "girl"), 58, 2, "", ""},
		{"two at public schools", configs.OpenConfidential, studyText("s", "iq_verbal", "girl", "denomination"), 30, 2, CodeSmallCell, `"denomination" = public`},
		{"two boys at public schools", configs.OpenConfidential, studyText("s", "girl", "denomination"), 30, 32, CodeSmallCell, `"girl" = 0 with "denomination" = public`},
		{"weights of three boys", configs.OpenConfidential, weighed, 57, 30, CodeSmallCell, `the weights "w"`},
		{"descriptives merge their cells", configs.OpenConfidential, table, 58, 2, "", ""},
	} {
		m, err := OpenMethod(c.text, []byte(testBook))
		if err != nil {
			t.Fatal(err)
		}
		p, err := selectRows(t.Context(), &Policy{}, board(t, 60, c.girls, c.public), "board01", m)
		if err != nil {
			t.Fatal(err)
		}
		judge := func(off ...string) error {
			q := honest(t)
			policy := Policy{Openness: c.open}.Off(off...)
			q.policy = &policy
			j := &judgement{off: policy.off}
			if err := q.judgeRows(j, m, p); err != nil {
				return err
			}
			return j.first()
		}
		err = judge()
		if c.code == "" {
			if err != nil {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		coded(t, c.what, err, c.code)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want it to say %q", c.what, err, c.says)
		}
		if err := judge(CodeSmallCell); err != nil {
			t.Errorf("%s, with the rule off: %v", c.what, err)
		}
	}
}
