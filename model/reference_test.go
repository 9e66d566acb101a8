package model_test

import (
	"math"
	"os"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

func brandsma() *configs.Codebook {
	return &configs.Codebook{Columns: []configs.Column{
		ranged("iq_verbal", -10, 10), ranged("iq_perf", -10, 10), yesNo("girl"), ranged("ses", -30, 40),
		yesNo("minority"), ranged("repeated", 0, 3), ranged("lang_pre", 0, 60), ranged("lang_post", 0, 60),
		ranged("arith_pre", 0, 30), yesNo("lang_delay"),
		{Name: "denomination", Kind: configs.Category, Levels: []string{"catholic", "other", "protestant", "public"}},
	}}
}

func bdf() *configs.Codebook {
	return &configs.Codebook{Columns: []configs.Column{
		ranged("iq_verbal", 0, 25), yesNo("girl"), ranged("ses", 0, 60), yesNo("minority"), ranged("lang_pre", 0, 60),
		ranged("class_size", 0, 60), ranged("pct_minority", 0, 100), yesNo("lang_delay"), ranged("lang_post", 0, 60),
	}}
}

var full = []string{"iq_verbal", "iq_perf", "girl", "ses", "minority", "repeated", "lang_pre", "arith_pre"}

// cases are the analyses that R did on the same rows.
func cases() []struct {
	name, data, reference string
	study                 *configs.Study
	codebook              *configs.Codebook
} {
	return []struct {
		name, data, reference string
		study                 *configs.Study
		codebook              *configs.Codebook
	}{
		{"flagship logistic", pupils, "flagship_brandsma_logistic.json", study("logistic", "lang_delay", full...), brandsma()},
		{"flagship with denomination", pupils, "flagship_brandsma_onehot_logistic.json", study("logistic", "lang_delay", append(full, "denomination")...), brandsma()},
		{"flagship linear", pupils, "flagship_brandsma_linear.json", study("linear", "lang_post", full...), brandsma()},
		{"bdf logistic", "testdata/visible_bdf.csv", "visible_bdf_logistic.json",
			study("logistic", "lang_delay", "iq_verbal", "girl", "ses", "minority", "lang_pre", "class_size", "pct_minority"), bdf()},
		{"bdf linear", "testdata/visible_bdf.csv", "visible_bdf_linear.json", study("linear", "lang_post", "iq_verbal", "ses"), bdf()},
	}
}

// relative is the difference in units of the reference.
func relative(got, want float64) float64 {
	if got == want {
		return 0
	}
	return math.Abs(got-want) / math.Abs(want)
}

// difference collects the largest differences from R.
type difference struct{ estimate, inErrors, se, p, conf, deviance, kappa float64 }

func compare(t *testing.T, r *model.Result, want reference) difference {
	t.Helper()
	var d difference
	if r.RowsUsed != want.RowsUsed {
		t.Fatalf("used %d rows, R %d", r.RowsUsed, want.RowsUsed)
	}
	if len(r.Coefficients) != len(want.Coefficients) {
		t.Fatalf("%d coefficients, R has %d", len(r.Coefficients), len(want.Coefficients))
	}
	for _, c := range r.Coefficients {
		w, ok := want.Coefficients[c.Term]
		if !ok {
			t.Fatalf("R has no term %q", c.Term)
		}
		d.estimate = max(d.estimate, math.Abs(c.Estimate-w.Estimate))
		d.inErrors = max(d.inErrors, math.Abs(c.Estimate-w.Estimate)/w.Se)
		d.se = max(d.se, relative(c.StdError, w.Se))
		if w.P > 1e-300 {
			d.p = max(d.p, relative(c.PValue, w.P))
		}
		if ci, ok := want.Conf[c.Term]; ok {
			d.conf = max(d.conf, math.Abs(c.ConfLow-ci[0])/w.Se, math.Abs(c.ConfHigh-ci[1])/w.Se)
		}
	}
	check := func(what string, got, want, tolerance float64) {
		if want != 0 && relative(got, want) > tolerance {
			t.Errorf("%s: %.15g, R %.15g", what, got, want)
		}
	}
	d.deviance = relative(r.Deviance, want.Deviance+want.RSS)
	check("deviance", r.Deviance, want.Deviance+want.RSS, 1e-8)
	check("null deviance", r.NullDeviance, want.NullDeviance, 1e-8)
	check("log likelihood", r.LogLikelihood, want.LogLik, 1e-8)
	check("AIC", r.AIC, want.AIC, 1e-8)
	check("df", float64(r.DFResidual), float64(want.DFResidual), 0)
	if want.Kappa != 0 {
		d.kappa = relative(r.ConditionNumber, want.Kappa)
		check("condition number", r.ConditionNumber, want.Kappa, 1e-6)
	}
	if want.Sigma != 0 {
		check("sigma", *r.Sigma, want.Sigma, 1e-9)
		check("r squared", *r.RSquared, want.R2, 1e-9)
		check("adjusted r squared", *r.AdjRSquared, want.AdjR2, 1e-9)
	}
	return d
}

// TestEqualsR is the promise: the same numbers as the pooled analysis in R.
func TestEqualsR(t *testing.T) {
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			p := plan(t, c.study, c.codebook)
			table := readTable(t, c.data, c.codebook, p.Columns())
			tr := run(t, p, divide(t, table, 6, func(i int) int { return i % 6 }))
			r, err := p.Result(tr.last())
			if err != nil {
				t.Fatal(err)
			}
			d := compare(t, r, readReference(t, c.reference))
			t.Logf("largest difference from R: estimate %.2g (%.2g standard errors), standard error %.2g, p-value %.2g, deviance %.2g, condition number %.2g (relative)",
				d.estimate, d.inErrors, d.se, d.p, d.deviance, d.kappa)
			t.Logf("%d rounds, %d Newton steps, %d opened numbers, %.4f a row, state %d bytes",
				len(tr.sums), r.Iterations, r.OpenedNumbers, r.OpenedNumbersPerRow, len(tr.last()))
			if d.estimate > 1e-9 || d.se > 1e-8 || d.p > 1e-6 {
				t.Error("further from R than allowed")
			}
			if r.OpenedNumbersPerRow > 0.15 {
				t.Errorf("%.3f opened numbers a row, at most 0.15", r.OpenedNumbersPerRow)
			}
		})
	}
}

// TestExample runs the study files that ship with the example.
func TestExample(t *testing.T) {
	text := func(name string) []byte {
		b, err := os.ReadFile("../examples/language/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	cb, err := configs.ParseCodebook(text("codebook.toml"))
	if err != nil {
		t.Fatal(err)
	}
	for name, deviance := range map[string]float64{"study.toml": 1921.06748572682, "linear.toml": 0} {
		s, err := configs.ParseStudy(text(name))
		if err != nil {
			t.Fatal(err)
		}
		p := plan(t, s, cb)
		tr := run(t, p, []*model.Table{readTable(t, pupils, cb, p.Columns())})
		r, err := p.Result(tr.last())
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d rows, deviance %.12g, %d rounds, %.4f opened numbers a row", name, r.RowsUsed, r.Deviance, len(tr.sums), r.OpenedNumbersPerRow)
		if deviance != 0 && relative(r.Deviance, deviance) > 1e-12 {
			t.Errorf("%s: deviance %.15g, R %.15g", name, r.Deviance, deviance)
		}
	}
}
