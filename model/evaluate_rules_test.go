package model_test

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"pgregory.net/rapid"
)

// asked lists the names of all tensors that a study opened.
func asked(t testing.TB, p *model.Plan, tables []*model.Table) (names []string, r *model.Result) {
	t.Helper()
	last, err := p.Play(tables, func(tensors []model.Tensor, _ []*big.Int) {
		for _, x := range tensors {
			names = append(names, x.Name)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = p.Result(last); err != nil {
		t.Fatal(err)
	}
	return names, r
}

func has(names []string, part string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, part) })
}

// six is a town of six institutions in which everything is large enough.
func six(t testing.TB, outside bool) *town {
	t.Helper()
	for seed := uint64(2); ; seed++ {
		w := newTown(seed, outside)
		w.study.Privacy.MinCell = 4
		if len(w.names) != 6 {
			continue
		}
		p, tables := w.plan(t)
		if _, r := asked(t, p, tables); len(r.Evaluation.Notes) == 0 && len(r.Evaluation.Groups["g"]) == 2 && !r.Evaluation.Groups["g"][0].TooFew {
			return w
		}
	}
}

// TestTooFewInstitutions: a part that fewer than min_institutions can fill is
// not opened, and the result says so; with one institution more it is.
func TestTooFewInstitutions(t *testing.T) {
	w := six(t, true)
	for i, name := range w.names {
		if i < 3 {
			continue
		}
		for r := range w.tables[name][4].Values {
			w.tables[name][4].Values[r] = 0
		}
	}
	p, tables := w.plan(t)
	if names, r := asked(t, p, tables); !has(names, "squared errors of the rows kept aside") || r.Evaluation.HeldOut == nil {
		t.Errorf("three institutions keep rows aside: %v", r.Evaluation.Notes)
	}
	for r := range w.tables["board3"][4].Values {
		w.tables["board3"][4].Values[r] = 0
	}
	p, tables = w.plan(t)
	names, r := asked(t, p, tables)
	if has(names, "squared errors") || has(names, "rows that judge") || r.Evaluation.HeldOut != nil || len(r.Evaluation.Notes) != 1 {
		t.Errorf("two institutions keep rows aside: %v, %v", names, r.Evaluation.Notes)
	}
}

// TestFoldsWithoutTheirInstitutions: a fold of which an institution is absent,
// or that leaves too few outside, is not fitted.
func TestFoldsWithoutTheirInstitutions(t *testing.T) {
	w := six(t, false)
	if p, _ := w.plan(t); p.Isolates() {
		t.Error("folds of three isolate")
	}
	p, tables := w.plan(t)
	if names, r := asked(t, p, tables); !has(names, "without fold 1") || len(r.Evaluation.LeftOut) != 3 {
		t.Errorf("all present: %v", r.Evaluation.Notes)
	}
	if names, r := asked(t, p, tables[1:]); has(names, "fold 1") || has(names, "fold 2") || len(r.Evaluation.Notes) != 2 {
		t.Errorf("one absent: %v", names)
	}
	w.study.Evaluate.Folds = [][]string{{"board1"}, {"board2", "board3"}}
	p, tables = w.plan(t)
	if !p.Isolates() {
		t.Error("a fold of one does not isolate")
	}
	if names, _ := asked(t, p, tables); !has(names, "without fold 1") || !has(names, "without fold 2") {
		t.Errorf("small folds, all present: %v", names)
	}
	if names, _ := asked(t, p, slices.Delete(slices.Clone(tables), 1, 2)); !has(names, "without fold 1") || has(names, "without fold 2") {
		t.Errorf("half a fold: %v", names)
	}
	if names, _ := asked(t, p, tables[:3]); has(names, "without fold") {
		t.Errorf("too few left outside: %v", names)
	}
}

// TestGroupsTooFewToSay: a level at few institutions keeps the whole column
// closed, and a small one only its own selection.
func TestGroupsTooFewToSay(t *testing.T) {
	w := six(t, true)
	only := func(institutions, every int) ([]string, []model.Group) {
		for i, name := range w.names {
			c := &w.tables[name][5]
			for r := range c.Values {
				c.Missing[r], c.Values[r] = false, float64(r%2)
				if i < institutions && r%every == 0 {
					c.Values[r] = 2
				}
			}
		}
		p, tables := w.plan(t)
		names, r := asked(t, p, tables)
		return names, r.Evaluation.Groups["c"]
	}
	names, groups := only(2, 3)
	if has(names, `rows by outcome and level of "c"`) || has(names, `selected by outcome and level of "c"`) || !groups[0].TooFew || !groups[2].TooFew {
		t.Errorf("a level at two institutions: %v", names)
	}
	names, groups = only(6, 3)
	if !has(names, `rows by outcome and level of "c"`) || !has(names, `selected by outcome and level of "c"`) || groups[0].TooFew {
		t.Errorf("levels everywhere: %+v", groups)
	}
	names, groups = only(6, 14)
	if !groups[2].TooFew || groups[2].Rows != 0 || groups[2].FPR != nil {
		t.Errorf("a small level: %+v", groups[2])
	}
	// What is left closed must be large too: with one level closed, another is.
	if open := slices.DeleteFunc(slices.Clone(groups), func(g model.Group) bool { return g.TooFew }); len(open) == 2 || !has(names, `rows by outcome and level of "c"`) {
		t.Errorf("the closed level follows from the others: %+v", groups)
	}
}

// TestCurveOfFewSites: only numbers of sites that enough institutions have.
func TestCurveOfFewSites(t *testing.T) {
	w := six(t, true)
	w.study.Evaluate.Curve = "unit"
	p, tables := w.plan(t)
	names, r := asked(t, p, tables)
	if !has(names, "models of 1 sites") || has(names, "models of 10 sites") || len(r.Evaluation.Curve) == 0 {
		t.Errorf("%v, %+v", names, r.Evaluation.Curve)
	}
	if _, r = asked(t, p, tables[:3]); len(r.Evaluation.Curve) > 0 && r.Evaluation.Curve[0].Models != 30 {
		t.Errorf("%+v", r.Evaluation.Curve)
	}
	w.tables["board1"][6].Levels[0] = "board2-0"
	p = plan(t, w.study, w.book)
	table, err := model.NewTable(w.tables["board1"])
	if err != nil {
		t.Fatal(err)
	}
	table.Institution = "board1"
	if table, _, err = p.Prepare(table); err != nil {
		t.Fatal(err)
	}
	start, _ := p.Start()
	var e *model.Error
	if _, err = p.Local(start, table); !errors.As(err, &e) || e.Code() != model.CodeSite {
		t.Errorf("a site of another institution: %v", err)
	}
}

// TestEvaluateRefuses: what this version does not judge is refused by name.
func TestEvaluateRefuses(t *testing.T) {
	w := newTown(1, true)
	w.study.Evaluate.Groups = nil
	w.book.Columns = append(w.book.Columns, ranged("w", 0, 9))
	for _, c := range []struct {
		says   string
		change func(*configs.Study)
	}{
		{"linear", func(s *configs.Study) { s.Model.Kind, s.Model.Outcome = configs.KindLinear, "w" }},
		{"poisson", func(s *configs.Study) { s.Model.Kind = configs.KindPoisson }},
		{"weights", func(s *configs.Study) { s.Model.Weights = "w" }},
		{"offset", func(s *configs.Study) { s.Model.Offset = "w" }},
		{"intercepts", func(s *configs.Study) { s.Model.Intercepts = configs.InterceptInstitution }},
		{"ridge", func(s *configs.Study) {
			s.Evaluate.LeaveOut, s.Evaluate.Folds = configs.LeaveOutFolds, [][]string{{"a"}, {"b"}}
			s.Model.Penalty.Ridge = 0.1
		}},
		{"never saw", func(s *configs.Study) { s.Evaluate.Where, s.Evaluate.Groups = "", []string{"g"} }},
		{`"nobody"`, func(s *configs.Study) { s.Evaluate.Groups = []string{"nobody"} }},
		{"makes no groups", func(s *configs.Study) { s.Evaluate.Groups = []string{"x1"} }},
		{"twice", func(s *configs.Study) { s.Evaluate.Groups = []string{"g", "g"} }},
		{"which site", func(s *configs.Study) { s.Evaluate.Curve = "g" }},
	} {
		s := *w.study
		c.change(&s)
		_, err := model.New(&s, w.book)
		var e *model.Error
		if !errors.As(err, &e) || !strings.Contains(e.Error(), c.says) || e.Remedy() == "" {
			t.Errorf("%s: %v", c.says, err)
		}
	}
}

// TestEvaluationIgnoresOrder: rows in another order give the same bits.
func TestEvaluationIgnoresOrder(t *testing.T) {
	w := six(t, false)
	w.study.Evaluate.Curve = "unit"
	p, tables := w.plan(t)
	one := run(t, p, tables)
	var turned []*model.Table
	for _, table := range tables {
		order := rows(table.Rows())
		slices.Reverse(order)
		other, err := table.Take(order)
		if err != nil {
			t.Fatal(err)
		}
		turned = append(turned, other)
	}
	sameTrace(t, "reversed", one, run(t, p, turned))
}

// TestHeldOutIsNotFitted: rows kept aside change nothing of the fit.
func TestHeldOutIsNotFitted(t *testing.T) {
	w := six(t, true)
	p, tables := w.plan(t)
	_, with := asked(t, p, tables)
	for _, name := range w.names {
		for i, aside := range w.tables[name][4].Values {
			if aside == 1 {
				w.tables[name][3].Values[i] = 1 - w.tables[name][3].Values[i]
			}
		}
	}
	_, other := asked(t, p, w.prepared(t, p))
	for i, c := range with.Coefficients {
		if c.Estimate != other.Coefficients[i].Estimate {
			t.Errorf("%s depends on rows kept aside", c.Term)
		}
	}
	if a, b := with.Evaluation.HeldOut, other.Evaluation.HeldOut; b != nil && math.Abs(a.AUC+b.AUC-1) > 0.03 {
		t.Errorf("outcomes turned round: areas %g and %g", a.AUC, b.AUC)
	}
}

// TestEvaluationIsTotal: whatever the sums, an evaluation neither panics nor
// leaves a state that cannot be read.
func TestEvaluationIsTotal(t *testing.T) {
	w := six(t, false)
	w.study.Evaluate.Curve = "unit"
	p, tables := w.plan(t)
	tr := run(t, p, tables)
	from := len(tr.sums) - 5
	rapid.Check(t, func(t *rapid.T) {
		round := rapid.IntRange(from, len(tr.sums)-1).Draw(t, "round")
		state, sums := tr.states[round], slices.Clone(tr.sums[round])
		for range 12 {
			for range rapid.IntRange(0, 3).Draw(t, "changes") {
				i := rapid.IntRange(0, len(sums)-1).Draw(t, "which")
				v := big.NewInt(rapid.Int64().Draw(t, "value"))
				sums[i] = v.Rsh(v.Lsh(v, uint(rapid.IntRange(0, 60).Draw(t, "up"))), uint(rapid.IntRange(0, 123).Draw(t, "down")))
			}
			next, err := p.Global(state, sums)
			if err != nil {
				t.Fatal(err)
			}
			tensors, more, err := p.Shape(next)
			if err != nil {
				t.Fatalf("%v after %s", err, state)
			}
			if !more {
				if _, err := p.Result(next); err != nil && !errors.As(err, new(*model.Error)) {
					t.Fatal(err)
				}
				return
			}
			n := 0
			for _, x := range tensors {
				n += x.Len
			}
			if _, err := p.Local(next, tables[0]); err != nil && !errors.As(err, new(*model.Error)) {
				t.Fatal(err)
			}
			state, sums = next, make([]*big.Int, n)
			for i := range sums {
				sums[i] = big.NewInt(int64(rapid.IntRange(0, 400).Draw(t, "more")))
			}
		}
	})
}

func FuzzEvaluation(f *testing.F) {
	w := six(f, false)
	w.study.Evaluate.Curve = "unit"
	p, tables := w.plan(f)
	states := run(f, p, tables).states
	for _, state := range append(states, hostile(states)...) {
		f.Add(state)
	}
	f.Fuzz(func(t *testing.T, b []byte) { through(t, p, tables[0], b) })
}
