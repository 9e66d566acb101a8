package model_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/rule"
)

func believing(s *configs.Study, priors ...configs.Prior) *configs.Study {
	s.Priors = priors
	return s
}

func beliefs() []configs.Prior {
	return []configs.Prior{{Term: "girl", Mean: -0.8, SD: 0.1}, {Term: "noshow", Mean: 0.4, SD: 0.2}}
}

func answered(t testing.TB, s *configs.Study) (*model.Result, *trace) {
	t.Helper()
	p := plan(t, s, invented())
	tr := run(t, p, prepared(t, p, childrenOf(t, p.Columns())...))
	r, err := p.Result(tr.last())
	if err != nil {
		t.Fatal(err)
	}
	return r, tr
}

// TestPriorsEqualR: Newton's method in R on the penalised likelihood, which
// optim finds too.
func TestPriorsEqualR(t *testing.T) {
	for _, c := range []struct {
		name  string
		study *configs.Study
	}{
		{"logistic_both", believing(study("logistic", "reported", "girl", "noshow", "sdq_4"), beliefs()...)},
		{"poisson_both", believing(changed(study("poisson", "visits", "girl", "noshow"), func(s *configs.Study) {
			s.Cohort.Where = "sdq_4 >= 0" // R's rows are those with every column of the logistic model
		}), configs.Prior{Term: "girl", Mean: 0, SD: 0.05})},
		{"discrete_time_both", believing(varying(), beliefs()...)},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, tr := answered(t, c.study)
			want := survivalAnswers(t)[c.name]
			if len(r.Both) != len(want.Terms) || r.RowsUsed != want.Rows {
				t.Fatalf("%d terms of %d rows, R %v of %d", len(r.Both), r.RowsUsed, want.Terms, want.Rows)
			}
			worst := 0.0
			for i, b := range r.Both {
				near(t, b.Term, b.Estimate, want.Estimate[i])
				near(t, b.Term+" std_error", b.StdError, want.StdError[i])
				worst = max(worst, math.Abs(b.Estimate-want.Estimate[i]), math.Abs(b.StdError-want.StdError[i]))
			}
			t.Logf("%d rounds, largest difference from R %.2g", len(tr.sums), worst)

			// The data alone are answered as without priors.
			plain := *c.study
			plain.Priors = nil
			alone, _ := answered(t, &plain)
			if len(alone.Both) > 0 {
				t.Error("a fit with priors where there are none")
			}
			for i, b := range alone.Coefficients {
				if r.Coefficients[i] != b {
					t.Errorf("%s alone: %+v, without priors %+v", b.Term, r.Coefficients[i], b)
				}
			}
		})
	}
}

func changed(s *configs.Study, change func(*configs.Study)) *configs.Study {
	change(s)
	return s
}

// TestPriorsBetween: a very wide prior changes nothing, a very narrow one
// decides.
func TestPriorsBetween(t *testing.T) {
	wide, _ := answered(t, believing(study("logistic", "reported", "girl", "sdq_4"), configs.Prior{Term: "girl", Mean: 5, SD: 1e5}))
	narrow, _ := answered(t, believing(study("logistic", "reported", "girl", "sdq_4"), configs.Prior{Term: "girl", Mean: 5, SD: 1e-4}))
	for i, c := range wide.Coefficients {
		if math.Abs(wide.Both[i].Estimate-c.Estimate) > 1e-7 || math.Abs(wide.Both[i].StdError-c.StdError) > 1e-7 {
			t.Errorf("a wide prior moves %s from %g to %g", c.Term, c.Estimate, wide.Both[i].Estimate)
		}
	}
	if b := narrow.Both[1]; math.Abs(b.Estimate-5) > 1e-3 || math.Abs(b.StdError-1e-4) > 1e-6 {
		t.Errorf("a narrow prior of 5 ends at %g +- %g", b.Estimate, b.StdError)
	}
}

// TestPriorsDoNotSeeInstitutions: the states are the same bytes with all rows
// in one place.
func TestPriorsDoNotSeeInstitutions(t *testing.T) {
	s := telling()
	p := plan(t, s, invented())
	tables := childrenOf(t, p.Columns())
	apart, together := run(t, p, prepared(t, p, tables...)), run(t, p, prepared(t, p, pooled(t, tables)))
	for i := range apart.states {
		if !bytes.Equal(apart.states[i], together.states[i]) {
			t.Fatalf("state %d differs", i)
		}
	}
}

// TestPriorsBind: another belief is another plan, so no state passes for one of
// the other.
func TestPriorsBind(t *testing.T) {
	one := plan(t, believing(study("logistic", "reported", "girl"), configs.Prior{Term: "girl", Mean: 1, SD: 1}), invented())
	two := plan(t, believing(study("logistic", "reported", "girl"), configs.Prior{Term: "girl", Mean: 1, SD: 2}), invented())
	start, err := one.Start()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := two.Shape(start); err == nil {
		t.Error("a state of another prior is accepted")
	}
}

func TestPriorsRefused(t *testing.T) {
	refusedPlan(t, "of nothing", believing(study("logistic", "reported", "girl"), configs.Prior{Term: "boy", Mean: 1, SD: 1}), invented(), model.CodeUnknownColumn, "no term of the model")
	refusedPlan(t, "of the intercept", believing(study("logistic", "reported", "girl"), configs.Prior{Term: "(Intercept)", Mean: 1, SD: 1}), invented(), model.CodeKind, "intercept")
}

// telling is a study with a statement of each who.
func telling() *configs.Study {
	s := study("logistic", "reported", "sdq_4")
	s.Statements = []configs.Statement{
		{ID: "missed", Who: configs.WhoSpecialist, Says: "Two missed appointments are a sign.", Rule: "noshow >= 2", OddsRatio: 2, Low: 1.2, High: 3.5},
		{ID: "quiet", Who: configs.WhoParent, Says: "A child that is too quiet worries us.", Rule: "sdq_4 < 6", OddsRatio: 1.5, Low: 1.1, High: 2.2},
		{ID: "girls", Who: configs.WhoYoungPerson, Says: "Girls have it harder.", Rule: "girl", OddsRatio: 1.6, Low: 1.2, High: 2.2},
	}
	return s
}

// TestStatementsEqualR: three columns and a verdict. The invented children were
// made with missed appointments a risk, quietness nothing by itself, and girls
// reported less often.
func TestStatementsEqualR(t *testing.T) {
	answers := survivalAnswers(t)
	for name, s := range map[string]*configs.Study{
		"features": telling(),
		"a formula": changed(telling(), func(s *configs.Study) {
			s.Model.Outcome, s.Model.Features, s.Model.Formula = "", nil, "reported ~ sdq_4"
		}),
		"a formula that names one": changed(telling(), func(s *configs.Study) {
			s.Model.Outcome, s.Model.Features, s.Model.Formula = "", nil, "reported ~ sdq_4 + missed + quiet"
		}),
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := answered(t, s)
			data, both, believed := answers["statements_data"], answers["statements_both"], answers["statements_prior"]
			data.away(t, r)
			for i, b := range r.Both {
				near(t, b.Term, b.Estimate, both.Estimate[i])
				near(t, b.Term+" std_error", b.StdError, both.StdError[i])
			}
			if len(r.Statements) != 3 {
				t.Fatalf("%d statements", len(r.Statements))
			}
			for i, want := range []struct{ id, who, verdict, size string }{
				{"missed", "specialist", "supported", "as_stated"}, {"quiet", "parent", "cannot_tell", ""}, {"girls", "young_person", "contradicted", ""},
			} {
				got := r.Statements[i]
				if got.ID != want.id || got.Who != want.who || got.Verdict != want.verdict || got.Size != want.size {
					t.Errorf("%+v, want %v", got, want)
				}
				near(t, want.id+" experts", got.Experts.Estimate, believed.Mean[i])
				near(t, want.id+" experts low", got.Experts.ConfLow, believed.Mean[i]-1.9599639845400545*believed.SD[i])
				near(t, want.id+" data", got.Data.Estimate, data.Estimate[i+2])
				near(t, want.id+" both", got.Both.Estimate, both.Estimate[i+2])
				near(t, want.id+" both high", got.Both.ConfHigh, both.Estimate[i+2]+1.9599639845400545*both.StdError[i+2])
			}
		})
	}
}

// TestStatementsBySite: where the study asks for errors by site, a statement about
// whole sites is judged by those.
func TestStatementsBySite(t *testing.T) {
	share := []float64{.9, .1, .1, .9, .9, .1, .5, .5, .6, .4, .6, .4}
	d := draw(t, 600, func(i int, row map[string]float64) {
		site := int(row["s"])
		row["g"], row["y"] = float64((site+1)%2), 0
		if float64(i/12%50) < 50*share[site] {
			row["y"] = 1
		}
	})
	s := with(study("logistic", "y", "x"), func(m *configs.Model) { m.Cluster = "s" })
	s.Statements = []configs.Statement{{ID: "told", Who: "parent", Says: "It is the school.", Rule: "g", OddsRatio: 2, Low: 1.2, High: 3.5}}
	p := plan(t, s, d.book)
	r, err := p.Result(run(t, p, prepared(t, p, d.parts...)).last())
	if err != nil {
		t.Fatal(err)
	}
	c, got := r.Coefficients[2], r.Statements[0]
	if c.ConfLow <= 0 || *c.RobustConfLow >= 0 {
		t.Fatalf("these data show nothing: %+v, robust from %g", c, *c.RobustConfLow)
	}
	if got.Verdict != "cannot_tell" || got.Data.ConfLow != *c.RobustConfLow || got.Data.ConfHigh != *c.RobustConfHigh {
		t.Errorf("%s by %+v, and by site it is from %g to %g", got.Verdict, got.Data, *c.RobustConfLow, *c.RobustConfHigh)
	}
}

// TestStatementsRefused: what the rule reads decides what it may be.
func TestStatementsRefused(t *testing.T) {
	change := func(f func(*configs.Statement)) *configs.Study {
		s := telling()
		f(&s.Statements[0])
		return s
	}
	cb := invented()
	refusedPlan(t, "a number", change(func(s *configs.Statement) { s.Rule = "noshow * 2" }), cb, rule.CodeType, "[[derive]] missed")
	refusedPlan(t, "a column's name", change(func(s *configs.Statement) { s.ID = "girl" }), cb, model.CodeKind, "has the name of a column")
	cb = invented()
	cb.Columns[1].AuditOnly = true
	refusedPlan(t, "a protected column", telling(), cb, model.CodeAuditOnly, "missed")
	s := telling()
	age := 36.0
	s.Model.Landmark, s.Model.Features = &age, []string{"girl"}
	refusedPlan(t, "known later", s, invented(), model.CodeFuture, `"missed" is known at 48 months`)
}

// TestExpertsAlone: the study that judges what was stated without a fit of its
// parts reads one column, which is the sum of what was stated.
func TestExpertsAlone(t *testing.T) {
	first := telling()
	first.Evaluate.Where, first.Evaluate.Groups = "report_age > 140", []string{"girl"}
	second, err := model.ExpertsAlone(first)
	if err != nil {
		t.Fatal(err)
	}
	if second.About.ID != "test-experts-alone" || len(second.Statements)+len(second.Priors) > 0 || second.Evaluate.Where != first.Evaluate.Where || first.Model.Features[0] != "sdq_4" {
		t.Errorf("%+v", second)
	}
	again, err := configs.ParseStudy(second.TOML())
	if err != nil {
		t.Fatal(err)
	}
	p := plan(t, again, invented())
	table := prepared(t, p, childrenOf(t, p.Columns())[0])[0]
	score, ok := table.Column("expert_score")
	if !ok || strings.Join(p.Used(), " ") != "expert_score reported" {
		t.Fatalf("it uses %v", p.Used())
	}
	noshow, _ := table.Column("noshow")
	sdq, _ := table.Column("sdq_4")
	girl, _ := table.Column("girl")
	seen := 0
	for i, got := range score.Values {
		if score.Missing[i] != (noshow.Missing[i] || sdq.Missing[i] || girl.Missing[i]) {
			t.Fatalf("row %d: missing %v", i, score.Missing[i])
		}
		want := 0.0
		for _, part := range []struct {
			holds bool
			odds  float64
		}{{noshow.Values[i] >= 2, 2}, {sdq.Values[i] < 6, 1.5}, {girl.Values[i] == 1, 1.6}} {
			if part.holds {
				want += math.Log(part.odds)
			}
		}
		if !score.Missing[i] && math.Abs(got-want) > 1e-5 {
			t.Fatalf("row %d: %g, want %g", i, got, want)
		}
		if want > 0 {
			seen++
		}
	}
	if seen == 0 {
		t.Error("no row has a score")
	}
}

// TestExpertsAloneIsJudged: its AUC comes from the same evaluation, and is that
// of ranking by the score.
func TestExpertsAloneIsJudged(t *testing.T) {
	first := telling()
	first.Statements = first.Statements[:1]
	first.Evaluate.Where, first.Privacy.MinCell = "visits == 0 || visits == 2", 3
	second, err := model.ExpertsAlone(first)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := answered(t, second)
	if r.Evaluation == nil || r.Evaluation.HeldOut == nil {
		t.Fatalf("no evaluation: %+v", r.Evaluation)
	}
	if j := r.Evaluation.HeldOut; !(j.AUC > 0.5 && j.AUC < 0.7) {
		t.Errorf("AUC %g", j.AUC)
	}
}

func TestExpertsAloneRefused(t *testing.T) {
	for what, s := range map[string]*configs.Study{
		"no statement": study("logistic", "reported", "girl"),
		"not judged":   changed(varying(), func(s *configs.Study) { s.Statements = telling().Statements }),
		"its own score": changed(telling(), func(s *configs.Study) {
			s.Derive = []configs.Derive{{Name: "expert_score", Kind: "yes_no", Value: "girl"}}
		}),
	} {
		if _, err := model.ExpertsAlone(s); err == nil {
			t.Errorf("%s: no error", what)
		}
	}
	long := telling()
	long.About.ID = strings.Repeat("a", 60)
	if second, err := model.ExpertsAlone(long); err != nil || second.Validate() != nil {
		t.Errorf("a long id: %v", err)
	}
}

// TestGoldenBeliefs pins every bit of the states of a study over periods and of
// one with statements: another processor, compiler or release that computes
// other bits fails here.
func TestGoldenBeliefs(t *testing.T) {
	golden, err := os.ReadFile("testdata/survival.txt")
	if err != nil {
		t.Fatal(err)
	}
	header := regexp.MustCompile(`^{"version":"[^"]*","plan":"[0-9a-f]*"`) // what is bound, not what is computed
	var got strings.Builder
	for _, c := range []struct {
		name  string
		study *configs.Study
	}{{"periods", varying()}, {"statements", telling()}} {
		_, tr := answered(t, c.study)
		for r, state := range tr.states {
			sum := sha256.Sum256(header.ReplaceAll(state, nil))
			got.WriteString(c.name + " " + strconv.Itoa(r) + " " + hex.EncodeToString(sum[:]) + "\n")
		}
	}
	if got.String() != string(golden) {
		t.Errorf("the states differ from testdata/survival.txt; if the method was changed on purpose, raise stateVersion and write:\n%s", got.String())
	}
}

// TestBeliefsAreNotJudged: what is believed changes nothing of how well the
// data alone predict.
func TestBeliefsAreNotJudged(t *testing.T) {
	judged := func(s *configs.Study) *model.Result {
		s.Evaluate.LeaveOut, s.Evaluate.Folds = configs.LeaveOutFolds, [][]string{{"b1", "b2", "b3"}, {"b4", "b5", "b6"}}
		s.Evaluate.Where, s.Model.Drop = "visits == 0", []string{"girl"}
		r, _ := answered(t, s)
		return r
	}
	plain := judged(study("logistic", "reported", "girl", "noshow", "sdq_4"))
	told := judged(believing(study("logistic", "reported", "girl", "noshow", "sdq_4"), beliefs()...))
	if plain.Evaluation == nil || len(plain.Evaluation.LeftOut) == 0 || len(told.Both) == 0 {
		t.Fatal("nothing is judged, or nothing believed")
	}
	if !reflect.DeepEqual(plain.Evaluation, told.Evaluation) || !reflect.DeepEqual(plain.Tests, told.Tests) {
		t.Error("beliefs change the evaluation or the tests")
	}
}
