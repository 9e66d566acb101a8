package cmd

import (
	"math"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// TestStatementsAreShown: three columns and a verdict in words, whatever it is.
func TestStatementsAreShown(t *testing.T) {
	interval := func(odds, low, high float64) model.Interval {
		return model.Interval{Estimate: math.Log(odds), ConfLow: math.Log(low), ConfHigh: math.Log(high)}
	}
	both := interval(1.8, 1.3, 2.5)
	one := func(verdict, size string) model.Stated {
		return model.Stated{ID: "missed", Who: "young_person", Says: "It is so.", Rule: "noshow >= 2", OddsRatio: 2,
			Experts: interval(2, 1.2, 3.5), Data: interval(1.7, 1.1, 2.6), Both: &both, Verdict: verdict, Size: size}
	}
	for want, s := range map[string]model.Stated{
		"supported, as large as stated":  one("supported", "as_stated"),
		"supported, smaller than stated": one("supported", "smaller"),
		"supported, larger than stated":  one("supported", "larger"),
		"supported":                      one("supported", "unclear"),
		"contradicted":                   one("contradicted", ""),
		"cannot tell":                    one("cannot_tell", ""),
	} {
		text := statementTable([]model.Stated{s})
		for _, part := range []string{want, "young person", "2.00 (1.20 to 3.50)", "1.70 (1.10 to 2.60)", "1.80 (1.30 to 2.50)"} {
			if !strings.Contains(text, part) {
				t.Errorf("%q is not in\n%s", part, text)
			}
		}
	}
	failed := one("supported", "")
	failed.Both = nil
	if text := statementTable([]model.Stated{failed}); !strings.Contains(text, "no estimate") {
		t.Error(text)
	}
	r := &model.Result{Statements: []model.Stated{failed}, Priors: []model.Believed{{Term: "girl", Mean: -0.4, SD: 0.2}}, BothFailed: "it did not converge"}
	said := strings.Join(notes(r), "\n")
	for _, part := range []string{"It is so.", "noshow >= 2", "believed of girl: -0.4", "cannot tell: 1 lies in it", "no estimate: it did not converge"} {
		if !strings.Contains(said, part) {
			t.Errorf("%q is not in\n%s", part, said)
		}
	}
}

func TestChildren(t *testing.T) {
	for n, want := range map[int]string{1: "1 child", 2: "2 children", 12345: "12,345 children"} {
		if got := children(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}

// TestNumbersOfStatements: a rule about the end of a range, which few made-up
// rows meet when they crowd round its middle, leaves no study with fewer
// numbers than its fits open.
func TestNumbersOfStatements(t *testing.T) {
	const book = "[[column]]\nname = \"age\"\nkind = \"number\"\nmin = 0.0\nmax = 200.0\n[[column]]\nname = \"seen\"\nkind = \"yes_no\"\n" +
		"[[column]]\nname = \"noshow\"\nkind = \"integer\"\nmin = 0.0\nmax = 20.0\n[[column]]\nname = \"girl\"\nkind = \"yes_no\"\n"
	const study = "[study]\nid = \"s\"\n[model]\nkind = \"discrete_time\"\ntime = \"age\"\nevent = \"seen\"\ncuts = [48.0, 72.0, 96.0, 120.0]\nfeatures = [\"girl\"]\n" +
		"[[statement]]\nid = \"missed\"\nwho = \"specialist\"\nsays = \"So it is.\"\nrule = \"noshow >= 2\"\nodds_ratio = 2.0\nlow = 1.2\nhigh = 3.5\n"
	m, err := node.OpenMethod(study, []byte(book))
	if err != nil {
		t.Fatal(err)
	}
	n, from, err := numbersAsked(m, []string{"a", "b", "c"})
	if err != nil {
		t.Fatal(err)
	}
	// Two fits of five parameters, of which each opens the Hessian at least twice.
	if least := int64(4 * (1 + 5 + 15)); from != numbersTried || n < 2*least {
		t.Errorf("%d numbers, %s", n, from)
	}
}
