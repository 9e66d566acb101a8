package cmd

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

func opened(t *testing.T, study string) *node.Method {
	t.Helper()
	m, err := node.OpenMethod("[study]\nid = \"s\"\n"+study, language.Codebook)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMadeUpRowsReachTheEnd: for every kind of model the rounds are foreseen
// from the codebook alone, the same ones every time.
func TestMadeUpRowsReachTheEnd(t *testing.T) {
	boards := []string{"board1", "board2", "board3", "board4", "board5", "board6"}
	for what, study := range map[string]string{
		"linear":       `[model]` + "\n" + `kind = "linear"` + "\n" + `formula = "lang_post ~ iq_verbal * girl + denomination"`,
		"logistic":     "[model]\nkind = \"logistic\"\noutcome = \"lang_delay\"\nfeatures = [\"iq_verbal\", \"girl\"]\ndrop = [\"girl\"]",
		"poisson":      "[model]\nkind = \"poisson\"\noutcome = \"repeated\"\nfeatures = [\"iq_verbal\", \"girl\"]\ncluster = \"school\"",
		"mixed":        "[model]\nkind = \"mixed\"\noutcome = \"lang_post\"\nfeatures = [\"iq_verbal\"]\nsite = \"school\"",
		"descriptives": "[model]\nkind = \"descriptives\"\nfeatures = [\"iq_verbal\", \"denomination\"]\ngroup = \"girl\"",
		"means":        "[model]\nkind = \"logistic\"\noutcome = \"lang_delay\"\nfeatures = [\"iq_verbal\", \"denomination\"]\nmissing = \"mean\"\nindicators = [\"iq_verbal\"]",
		"own":          "[model]\nkind = \"logistic\"\noutcome = \"lang_delay\"\nfeatures = [\"iq_verbal\"]\nintercepts = \"institution\"",
		"ridge":        "[model]\nkind = \"logistic\"\noutcome = \"lang_delay\"\nfeatures = [\"iq_verbal\"]\n[model.penalty]\nridge = 0.01",
		"derived":      "[cohort]\nwhere = \"ses > 0.0\"\n[[derive]]\nname = \"behind\"\nvalue = \"lang_pre < 30\"\n[model]\nkind = \"logistic\"\noutcome = \"behind\"\nfeatures = [\"iq_verbal\"]",
		"judged":       "[model]\nkind = \"logistic\"\noutcome = \"lang_delay\"\nfeatures = [\"iq_verbal\"]\n[evaluate]\nheld_out = 0.25\nby = \"school\"\ngroups = [\"girl\"]",
	} {
		t.Run(what, func(t *testing.T) {
			m := opened(t, study)
			a, from, err := tryMadeUp(m, boards, 0.2)
			if err != nil || from != fromMadeUp || !a.ended || len(a.shapes) < 2 {
				t.Fatalf("%s after %d rounds, %v", from, len(a.shapes), err)
			}
			if b, _, _ := tryMadeUp(m, boards, 0.2); !reflect.DeepEqual(a.shapes, b.shapes) || string(a.state) != string(b.state) {
				t.Error("made-up rows differ from one time to the next")
			}
		})
	}
}

// TestNothingIsMadeUpOfNothing: a cohort that no row is in leaves the first
// round, and says so.
func TestNothingIsMadeUpOfNothing(t *testing.T) {
	m := opened(t, "[cohort]\nwhere = \"ses > 1e9\"\n[model]\nkind = \"linear\"\noutcome = \"lang_post\"\nfeatures = [\"girl\"]")
	a, from, err := tryMadeUp(m, []string{"a", "b", "c"}, 0.2)
	if err != nil || from != fromFirst || len(a.shapes) != 1 {
		t.Errorf("%s after %d rounds, %v", from, len(a.shapes), err)
	}
}

// TestCostOf: bytes as docs/parameters.md has them.
func TestCostOf(t *testing.T) {
	shape := func(n int) crypto.Shape {
		return crypto.Shape{Codec: crypto.CodecStat, Tensors: []crypto.Tensor{{Name: "x", Len: n, Bits: 60}}}
	}
	c := costOf([]crypto.Shape{shape(18), shape(3000)}, 6, 10)
	first := int64(56 + 30720*(2+1) + 6*34984 + 56 + 1048*4 + 30784)
	second := first + 2*30720 // 9,001 coefficients in 3 blocks
	if c.Numbers != 3018 || c.Each[0].Bytes != first || c.Each[1].Bytes != second || c.Bytes != first+second {
		t.Errorf("%+v", c)
	}
	if sending := 8 * float64(c.Bytes) / 10e6; c.Seconds < sending || c.Seconds > 1.1*sending {
		t.Errorf("%v seconds, of which %v to send", c.Seconds, sending)
	}
	if slow := costOf([]crypto.Shape{shape(18)}, 6, 1); math.Abs(slow.Seconds/costOf([]crypto.Shape{shape(18)}, 6, 10).Seconds-10) > 0.2 {
		t.Error("a line of a tenth does not take ten times as long")
	}
}

// TestRefuseSlots: what fewer institutions than a sum needs can fill is named,
// with them; what all or none fill is not.
func TestRefuseSlots(t *testing.T) {
	at := func(names ...string) (tables []*model.Table) {
		for _, n := range names {
			tables = append(tables, &model.Table{Institution: n})
		}
		return tables
	}
	fill := func(rows ...int64) (f []model.Filled) {
		for i, n := range rows {
			f = append(f, model.Filled{What: fmt.Sprintf("slot %d", i), Rows: n, All: 100})
		}
		return f
	}
	tr := &trial{filled: [][]model.Filled{fill(40, 3, 0, 0, 9), fill(40, 5, 0, 7, 9), fill(40, 0, 0, 0, 9)}}
	got := refuseSlots(tr, at("a", "b", "c"), 3)
	if len(got) != 2 || !strings.Contains(got[0].Sentence, "slot 1 is filled by a, b only") || !strings.Contains(got[1].Sentence, "slot 3 is filled by b only") {
		t.Errorf("%+v", got)
	}
	if got := refuseSlots(tr, at("a", "b", "c"), 1); len(got) != 0 {
		t.Errorf("of one: %+v", got)
	}
	if got := refuseSlots(&trial{}, nil, 3); len(got) != 0 {
		t.Errorf("nothing filled: %+v", got)
	}
}

func TestCurveSays(t *testing.T) {
	curve := []model.CurvePoint{{Sites: 1, Models: 9, AUC: .65}, {Sites: 10, Models: 9, AUC: .872}, {Sites: 20, Models: 9, AUC: .884}}
	for _, c := range []struct {
		all  int
		at   float64
		want string
	}{
		{162, .893, "0.893 at 162; enough from 20 sites on"},
		{162, .92, "not enough yet: more than 162 sites may gain more"},
		{0, 0, "not enough yet: more than 20 sites may gain more"},
	} {
		if got := curveSays(curve, c.all, c.at); !strings.HasSuffix(strings.TrimSuffix(got, ": more gain less than 0.01"), c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	if curveSays(nil, 10, .9) != "" || !strings.Contains(curveSays(curve[:1], 0, 0), "not enough yet") {
		t.Error("hardly a curve")
	}
}

// TestRefusedIsThree: a red line ends with 3 whatever its code, a slip with 2.
func TestRefusedIsThree(t *testing.T) {
	for _, code := range []string{model.CodeAuditOnly, model.CodeOffending, model.CodeSite} {
		err := byRule(&Error{code, "x", "y"})
		if exitCode(fmt.Errorf("in a file: %w", err)) != 3 || !strings.Contains(explain(err), "error: x ("+code+")\n  what to do: y") {
			t.Errorf("%s: exit code %d, %q", code, exitCode(err), explain(err))
		}
	}
	if err := byRule(&Error{model.CodeUnknownColumn, "x", "y"}); exitCode(err) != 2 {
		t.Errorf("a slip: exit code %d", exitCode(err))
	}
	if plain := errors.New("x"); byRule(plain) != plain || byRule(nil) != nil {
		t.Error("an error without a code was changed")
	}
	if err := (&refusedStudy{[]refusal{{"a", "b", "c"}, {}, {}}}).Error(); err != "b; and 2 more refusals above" {
		t.Errorf("%q", err)
	}
}
