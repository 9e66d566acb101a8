package model_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/areas"
)

func TestSituationEqualsR(t *testing.T) {
	var r struct {
		Children, Reports, Arrears, Noshow []int64
		Estimate, Expected                 []float64
		StdError                           []float64 `json:"std_error"`
		Deviance, Dispersion               float64
		NullDeviance                       float64 `json:"null_deviance"`
	}
	b, err := os.ReadFile("testdata/situation.json")
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	table := &areas.Table{Column: "area", Indicators: []areas.Indicator{{Name: "reports"}, {Name: "arrears"}, {Name: "noshow"}}}
	for i, n := range r.Children {
		name := string(rune('a' + i))
		table.Areas = append(table.Areas, name)
		for k, counts := range [][]int64{r.Reports, r.Arrears, r.Noshow} {
			table.Indicators[k].Areas = append(table.Indicators[k].Areas, areas.NewRate(name, counts[i], n, 1))
		}
	}
	table.Areas = append(table.Areas, "few") // of which one indicator is not told
	for k := range table.Indicators {
		table.Indicators[k].Areas = append(table.Indicators[k].Areas, areas.NewRate("few", 20, int64(100*(2-k)), 1))
	}
	m, err := model.Situation(table, "reports", []string{"arrears", "noshow"})
	if err != nil {
		t.Fatal(err)
	}
	equal := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) {
			t.Errorf("%s is %.15g, R has %.15g", what, got, want)
		}
	}
	for i, c := range m.Coefficients {
		equal(c.Term, c.Estimate, r.Estimate[i])
		equal("the standard error of "+c.Term, c.StdError, r.StdError[i])
		equal("the wider error of "+c.Term, *c.RobustStdError, r.StdError[i]*math.Sqrt(math.Max(1, r.Dispersion)))
	}
	equal("the deviance", m.Deviance, r.Deviance)
	equal("the null deviance", m.NullDeviance, r.NullDeviance)
	equal("the dispersion", m.Dispersion, r.Dispersion)
	for i, e := range r.Expected {
		equal("what is expected", m.Expected[table.Areas[i]], e)
	}
	if m.Areas != 14 || len(m.LeftOut) != 1 || m.LeftOut[0] != "few" {
		t.Errorf("%d areas, without %v", m.Areas, m.LeftOut)
	}
	if _, err := model.Situation(table, "reports", []string{"reports"}); codeOf(err) != model.CodeUnknownColumn {
		t.Errorf("an indicator explains itself: %v", err)
	}
}

// TestBeside: the smaller of two models is compared with the larger on the same
// rows; its deviance test is that of drop, and the difference of AUCs is that of
// the two results.
func TestBeside(t *testing.T) {
	fit := func(change func(*model.Result), features ...string) *model.Result {
		t.Helper()
		s := study("logistic", "lang_delay", features...)
		s.Evaluate.HeldOut, s.Evaluate.By = 0.3, "school"
		s.Cohort.Where = "ses < 100.0 && iq_verbal < 100.0 && lang_pre < 100.0 && girl <= 1.0" // the same rows for all: those with every column
		p, parts := boardsOf(t, s)
		r, err := p.Result(run(t, p, parts).last())
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(r)
		}
		return r
	}
	household := fit(nil, "ses")
	both := fit(nil, "ses", "iq_verbal", "lang_pre")
	d, err := model.Beside(household, both)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v, AUC %v, test %+v", d, *d.AUC, d.Test)
	if d.Test == nil || d.Test.DF != 2 || math.Abs(d.Test.Statistic-(household.Deviance-both.Deviance)) > 1e-9 || d.Test.PValue > 1e-20 {
		t.Errorf("%+v", d.Test)
	}
	if d.MoreAUC < 0.1 || d.MoreAUC != both.Evaluation.HeldOut.AUC-household.Evaluation.HeldOut.AUC || d.Error != household.Evaluation.HeldOut.BinError+both.Evaluation.HeldOut.BinError {
		t.Errorf("%+v", d)
	}
	back, err := model.Beside(both, household)
	if err != nil || back.Test == nil || back.Test.Statistic != d.Test.Statistic || back.MoreAUC != -d.MoreAUC {
		t.Errorf("the other way round: %+v, %v", back, err)
	}
	child := fit(nil, "iq_verbal", "lang_pre")
	if d, err := model.Beside(household, child); err != nil || d.Test != nil {
		t.Errorf("neither holds the other: %+v, %v", d, err)
	}
	for what, change := range map[string]func(*model.Result){
		"other rows":       func(r *model.Result) { r.RowsUsed++ },
		"other rows aside": func(r *model.Result) { r.Evaluation.HeldOut.Rows-- },
		"not judged":       func(r *model.Result) { r.Evaluation = nil },
		"another kind":     func(r *model.Result) { r.Model = "linear" },
	} {
		if _, err := model.Beside(household, fit(change, "ses", "iq_verbal")); err == nil {
			t.Errorf("%s: compared", what)
		}
	}
}

// boardsOf prepares the example's rows for a study.
func boardsOf(t *testing.T, s *configs.Study) (*model.Plan, []*model.Table) {
	t.Helper()
	p, parts := boards(t, func(cb *configs.Codebook) *model.Plan { return plan(t, s, cb) })
	for i := range parts {
		var err error
		if parts[i], _, err = p.Prepare(parts[i]); err != nil {
			t.Fatal(err)
		}
	}
	return p, parts
}
