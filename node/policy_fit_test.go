package node

import (
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
)

// TestFitOfTwo: an offset of three values makes two children outweigh all others
// in the sums of the fit. No cell of the columns is small; the round is refused
// where the state stands at such a point, for confidential records.
func TestFitOfTwo(t *testing.T) {
	text := strings.Replace(studyText("s", "denomination"), "[model]\n", "[[derive]]\nname = \"log_years\"\nkind = \"number\"\n"+
		"value = \"girl && iq_verbal < -4.0 ? 0.0 : (iq_verbal < 0.0 ? -40.0 : 40.0)\"\nmin = -40.0\nmax = 40.0\n[model]\noffset = \"log_years\"\n", 1)
	for _, c := range []struct {
		what, open, text string
		refused          bool
	}{
		{"two girls", configs.OpenConfidential, text, true},
		{"public records", configs.OpenPublic, text, false},
		{"an honest study", configs.OpenConfidential, studyText("s", "denomination"), false},
	} {
		m, err := OpenMethod(c.text, []byte(testBook))
		if err != nil {
			t.Fatal(err)
		}
		p, err := selectRows(t.Context(), &Policy{}, board(t, 60, 10, 30), "board01", m)
		if err != nil {
			t.Fatal(err)
		}
		state, err := m.Start()
		if err != nil {
			t.Fatal(err)
		}
		judge := func(off ...string) (err error) {
			q := honest(t)
			policy := Policy{Openness: c.open}.Off(off...)
			q.policy = &policy
			j := &judgement{off: policy.off}
			for _, rule := range []func() error{func() error { return q.judgeRows(j, m, p) }, func() error { return q.judgeFit(j, m, p, state) }} {
				if err := rule(); err != nil {
					return err
				}
			}
			return j.first()
		}
		for range 2 { // counts and moments
			if err := judge(); err != nil {
				t.Fatalf("%s: before the fit: %v", c.what, err)
			}
			values, err := m.Plan.Local(state, p.table)
			if err != nil {
				t.Fatal(err)
			}
			if state, err = m.Global(state, values); err != nil {
				t.Fatal(err)
			}
		}
		err = judge()
		if !c.refused {
			if err != nil {
				t.Errorf("%s: %v", c.what, err)
			}
			continue
		}
		coded(t, c.what, err, CodeSmallCell)
		if err == nil || !strings.Contains(err.Error(), "the point where it stands") {
			t.Errorf("%s: %v", c.what, err)
		}
		if err := judge(CodeSmallCell); err != nil {
			t.Errorf("%s, with the rule off: %v", c.what, err)
		}
	}
}
