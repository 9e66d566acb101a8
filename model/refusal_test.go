package model_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// sample is a small table whose columns a test can spoil.
type sample struct {
	columns map[string]*model.Column
	order   []string
	rows    int
}

// newSample has x1, x2 (numbers), g (yes_no), c (category of a, b, c), y
// (yes_no outcome that leans on x1) and score.
func newSample(n int) *sample {
	s := &sample{columns: map[string]*model.Column{}, order: []string{"x1", "x2", "g", "c", "y", "score"}, rows: n}
	r := rand.New(rand.NewPCG(5, 8))
	for _, name := range s.order {
		c := &model.Column{Name: name, Kind: configs.Number, Values: make([]float64, n), Missing: make([]bool, n)}
		switch name {
		case "g", "y":
			c.Kind = configs.YesNo
		case "c":
			c.Kind, c.Levels = configs.Category, []string{"a", "b", "c"}
		}
		s.columns[name] = c
	}
	for i := range n {
		x1, x2 := r.NormFloat64(), r.NormFloat64()
		s.columns["x1"].Values[i], s.columns["x2"].Values[i] = clip(x1), clip(x2)
		s.columns["g"].Values[i] = float64(i % 2)
		s.columns["c"].Values[i] = float64(i / 2 % 3)
		if r.Float64() < 1/(1+math.Exp(-x1)) {
			s.columns["y"].Values[i] = 1
		}
		s.columns["score"].Values[i] = clip(x1 + x2 + r.NormFloat64())
	}
	return s
}

func clip(x float64) float64 { return max(-9, min(9, x)) }

func (s *sample) codebook() *configs.Codebook {
	return &configs.Codebook{Columns: []configs.Column{
		ranged("x1", -10, 10), ranged("x2", -10, 10), yesNo("g"), yesNo("y"), ranged("score", -10, 10),
		{Name: "c", Kind: configs.Category, Levels: []string{"a", "b", "c"}},
	}}
}

func (s *sample) set(name string, f func(i int) float64) *sample {
	for i := range s.rows {
		s.columns[name].Values[i] = f(i)
	}
	return s
}

func (s *sample) at(name string, i int) float64 { return s.columns[name].Values[i] }

func (s *sample) table(t testing.TB) *model.Table {
	var columns []model.Column
	for _, name := range s.order {
		columns = append(columns, *s.columns[name])
	}
	table, err := model.NewTable(columns)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func TestRefusals(t *testing.T) {
	logistic := study("logistic", "y", "x1", "x2", "g")
	linear := study("linear", "score", "x1", "x2", "g")
	for _, c := range []struct {
		name    string
		study   *configs.Study
		spoil   func(*sample)
		code    string
		columns []string
		says    string
	}{
		{"all missing", linear, func(s *sample) {
			for i := range s.rows {
				s.columns["x2"].Missing[i] = true
			}
		}, model.CodeAllMissing, []string{"x2"}, `column "x2" is missing in every row`},
		{"no complete row", linear, func(s *sample) {
			for i := range s.rows {
				s.columns["x1"].Missing[i], s.columns["x2"].Missing[i] = i%2 == 0, i%2 == 1
			}
		}, model.CodeNoRows, nil, "no row has every column"},
		{"constant number", linear, func(s *sample) { s.set("x2", func(int) float64 { return 0.1 }) },
			model.CodeConstant, []string{"x2"}, `column "x2" has the same value`},
		{"constant yes_no", logistic, func(s *sample) { s.set("g", func(int) float64 { return 1 }) },
			model.CodeConstant, []string{"g"}, `column "g" has the same value`},
		{"constant number, logistic", logistic, func(s *sample) { s.set("x1", func(int) float64 { return -3.3 }) },
			model.CodeConstant, []string{"x1"}, `column "x1"`},
		{"doubled column", linear, func(s *sample) { s.set("x2", func(i int) float64 { return s.at("x1", i) }) },
			model.CodeCollinear, []string{"x2", "x1"}, `column "x2" follows from "x1"`},
		{"a sum of columns", logistic, func(s *sample) {
			s.set("x2", func(i int) float64 { return 0.3*s.at("x1", i) - 2*s.at("g", i) })
			logistic.Model.Features = []string{"x1", "g", "x2"}
		}, model.CodeCollinear, []string{"x2", "x1", "g"}, `follows from "x1" and "g"`},
		{"all but doubled", study("linear", "score", "x1", "g", "x2"), func(s *sample) {
			s.set("x2", func(i int) float64 { return s.at("x1", i) + 1e-7*s.at("x2", i) }) // 1 - R^2 about 1e-14
		}, model.CodeCollinear, []string{"x2", "x1"}, `column "x2" follows from "x1" in`},
		{"a rounded sum", study("linear", "score", "x1", "x2", "g"), func(s *sample) {
			s.set("x1", func(i int) float64 { return float64(i%13) / 10 })
			s.set("x2", func(i int) float64 { return s.at("x1", i)/3 + s.at("g", i)/7 })
			s.set("g", func(i int) float64 { return s.at("g", i) })
		}, model.CodeCollinear, []string{"g", "x1", "x2"}, `column "g" follows from "x1" and "x2"`},
		{"outcome never", logistic, func(s *sample) { s.set("y", func(int) float64 { return 0 }) },
			model.CodeOneValue, []string{"y"}, `the outcome "y" has one value only`},
		{"outcome constant", linear, func(s *sample) { s.set("score", func(int) float64 { return 2.5 }) },
			model.CodeOneValue, []string{"score"}, `the outcome "score" has one value only`},
		{"two events", logistic, func(s *sample) { s.set("y", func(i int) float64 { return float64(b2i(i < 2)) }) },
			model.CodeSmallGroup, []string{"y"}, "fewer than 3 complete rows apart"},
		{"two in a group", linear, func(s *sample) { s.set("g", func(i int) float64 { return float64(b2i(i < 2)) }) },
			model.CodeSmallGroup, []string{"g"}, "fewer than 3 complete rows apart"},
		{"level absent", study("linear", "score", "x1", "c"), func(s *sample) { s.set("c", func(i int) float64 { return float64(i % 2) }) },
			model.CodeConstant, []string{"c"}, `no complete row has level "c" of column "c"`},
		{"reference level absent", study("linear", "score", "x1", "c"), func(s *sample) { s.set("c", func(i int) float64 { return float64(1 + i%2) }) },
			model.CodeConstant, []string{"c"}, `reference level "a"`},
		{"too few rows", linear, func(s *sample) {
			for i := range s.rows {
				s.columns["x1"].Missing[i] = i >= 4
			}
		}, model.CodeTooFewRows, nil, "4 complete rows are too few for 4 parameters; at least 5"},
		{"too few rows, numbers only", study("linear", "score", "x1", "x2"), func(s *sample) {
			for i := range s.rows {
				s.columns["x1"].Missing[i] = i >= 3
			}
		}, model.CodeTooFewRows, nil, "3 complete rows are too few for 3 parameters"},
		{"outcome follows exactly", linear, func(s *sample) {
			s.set("score", func(i int) float64 { return 0.5*s.at("x1", i) + 0.25*s.at("g", i) })
		}, model.CodeExact, []string{"score", "x1", "g"}, `the outcome "score" follows from "x1" and "g"`},
		{"separated by a group", logistic, func(s *sample) {
			s.set("y", func(i int) float64 { return s.at("y", i) * s.at("g", i) })
		}, model.CodeSeparated, []string{"g"}, `column "g" separates the outcome`},
		{"separated by a level", study("logistic", "y", "x1", "c"), func(s *sample) {
			s.set("y", func(i int) float64 {
				if s.at("c", i) == 2 {
					return 1
				}
				return s.at("y", i)
			})
		}, model.CodeSeparated, []string{"c"}, `level "c" of column "c" separates the outcome`},
		{"separated by the reference level", study("logistic", "y", "x1", "c"), func(s *sample) {
			s.set("y", func(i int) float64 { return s.at("y", i) * float64(b2i(s.at("c", i) != 0)) })
		}, model.CodeSeparated, []string{"c"}, `level "a" of column "c" separates the outcome`},
		{"completely separated by a number", study("logistic", "y", "x1", "x2"), func(s *sample) {
			s.set("y", func(i int) float64 { return float64(b2i(s.at("x1", i) > 0.2)) })
		}, model.CodeSeparated, []string{"x1"}, `completely separated by "x1"`},
		{"separated but for ties", study("logistic", "y", "x1", "x2"), func(s *sample) {
			s.set("x1", func(i int) float64 { return float64(i % 5) })
			s.set("y", func(i int) float64 {
				if i%5 == 2 {
					return float64(b2i(i%3 == 0))
				}
				return float64(b2i(i%5 > 2))
			})
		}, model.CodeSeparated, []string{"x1"}, `nearly separated by "x1"`},
		{"range absurdly wide", linear, func(s *sample) { s.set("x2", func(i int) float64 { return 1e-6 * float64(i%7) }) },
			model.CodeWideRange, []string{"x2"}, "more than a million times"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSample(120)
			c.spoil(s)
			p := plan(t, c.study, s.codebook())
			tr := run(t, p, divide(t, s.table(t), 3, func(i int) int { return i % 3 }))
			_, err := p.Result(tr.last())
			var e *model.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want a refusal", err)
			}
			t.Logf("%d rounds: %s %s. %s", len(tr.sums), e.Code(), e.Error(), e.Remedy())
			if e.Code() != c.code || !strings.Contains(e.Error(), c.says) || e.Remedy() == "" {
				t.Errorf("got %s %q, want %s with %q", e.Code(), e.Error(), c.code, c.says)
			}
			if c.columns != nil && !slices.Equal(e.Columns(), c.columns) {
				t.Errorf("names %v, want %v", e.Columns(), c.columns)
			}
			if _, more, err := p.Shape(tr.last()); more || err != nil {
				t.Errorf("a refused study asks for more: %v %v", more, err)
			}
		})
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestSampleIsSound: the unspoiled sample has a result, so each refusal above
// comes from what was spoiled.
func TestSampleIsSound(t *testing.T) {
	s := newSample(120)
	for _, st := range []*configs.Study{study("logistic", "y", "x1", "x2", "g", "c"), study("linear", "score", "x1", "x2", "g", "c")} {
		p := plan(t, st, s.codebook())
		if _, err := p.Result(run(t, p, []*model.Table{s.table(t)}).last()); err != nil {
			t.Errorf("%s: %v", st.Model.Kind, err)
		}
	}
}

// TestNearlyCollinearIsFitted: the bound on collinearity is no wider than said.
func TestNearlyCollinearIsFitted(t *testing.T) {
	s := newSample(120)
	s.set("x2", func(i int) float64 { return s.at("x1", i) + 1e-4*s.at("x2", i) }) // 1 - R^2 about 1e-8
	for _, st := range []*configs.Study{study("linear", "score", "x1", "x2"), study("logistic", "y", "x1", "x2")} {
		p := plan(t, st, s.codebook())
		r, err := p.Result(run(t, p, []*model.Table{s.table(t)}).last())
		if err != nil {
			t.Fatal(err)
		}
		if r.ConditionNumber < 1e6 {
			t.Errorf("condition number %g", r.ConditionNumber)
		}
	}
}

// TestRisingDevianceHalvesTheStep: told that the deviance rose at its first
// trial, the fit goes half-way back, and still ends where it would have.
func TestRisingDevianceHalvesTheStep(t *testing.T) {
	s := newSample(120)
	p := plan(t, study("logistic", "y", "x1", "x2"), s.codebook())
	table := s.table(t)
	tr := run(t, p, []*model.Table{table})
	want, err := p.Result(tr.last())
	if err != nil {
		t.Fatal(err)
	}
	type point struct {
		Trial, Point []float64
		Halvings     int
	}
	type inside struct{ Fits []point }
	look := func(b []byte) (in inside) {
		if err := json.Unmarshal(b, &in); err != nil {
			t.Fatal(err)
		}
		return in
	}
	sums := slices.Clone(tr.sums[2])
	sums[0] = new(big.Int).Lsh(sums[0], 1)
	state, err := p.Global(tr.states[2], sums)
	if err != nil {
		t.Fatal(err)
	}
	before, after := look(tr.states[2]).Fits[0], look(state).Fits[0]
	if after.Halvings != 1 || !slices.Equal(after.Point, before.Point) {
		t.Fatalf("%d halvings, point %v", after.Halvings, after.Point)
	}
	for j := range after.Trial {
		if half := (before.Trial[j] + before.Point[j]) / 2; math.Abs(after.Trial[j]-half) > 1e-15 {
			t.Errorf("trial %g, half-way is %g", after.Trial[j], half)
		}
	}
	for more := true; more; {
		if sums, err = p.Local(state, table); err != nil {
			t.Fatal(err)
		}
		if state, err = p.Global(state, sums); err != nil {
			t.Fatal(err)
		}
		if _, more, err = p.Shape(state); err != nil {
			t.Fatal(err)
		}
	}
	got, err := p.Result(state)
	if err != nil {
		t.Fatal(err)
	}
	for j := range got.Coefficients {
		if math.Abs(got.Coefficients[j].Estimate-want.Coefficients[j].Estimate) > 1e-12 {
			t.Errorf("%s: %g, want %g", got.Coefficients[j].Term, got.Coefficients[j].Estimate, want.Coefficients[j].Estimate)
		}
	}
}

// TestNotConverged: a study whose rounds are too few ends with a refusal that
// is not called separation.
func TestNotConverged(t *testing.T) {
	s := newSample(120)
	st := study("logistic", "y", "x1", "x2")
	st.Rounds.Max = 4
	p := plan(t, st, s.codebook())
	_, err := p.Result(run(t, p, []*model.Table{s.table(t)}).last())
	var e *model.Error
	if !errors.As(err, &e) || e.Code() != model.CodeNoConvergence || !strings.Contains(e.Error(), "in 4 rounds") {
		t.Errorf("got %v", err)
	}
}

// TestHardButSound: data that look separated for some steps have a result.
func TestHardButSound(t *testing.T) {
	for name, y := range map[string]func(s *sample, i int) float64{
		"one row on the wrong side": func(s *sample, i int) float64 { return float64(b2i(s.at("x1", i) > 0.2 != (i == 17))) },
		"two rows barely overlap": func(s *sample, i int) float64 {
			return float64(b2i(s.at("x1", i) > 0))
		},
		"outlying predictor": func(s *sample, i int) float64 { return s.at("y", i) },
	} {
		s := newSample(400)
		s.set("y", func(i int) float64 { return y(s, i) })
		switch name {
		case "two rows barely overlap":
			s.columns["x1"].Values[0], s.columns["y"].Values[0] = 0.01, 0
			s.columns["x1"].Values[1], s.columns["y"].Values[1] = -0.01, 1
		case "outlying predictor":
			s.set("x2", func(i int) float64 { return math.Min(9.9, 0.001*math.Exp(s.at("x2", i)*3)) })
		}
		p := plan(t, study("logistic", "y", "x1", "x2"), s.codebook())
		tr := run(t, p, []*model.Table{s.table(t)})
		r, err := p.Result(tr.last())
		if err != nil {
			t.Errorf("%s: refused: %v", name, err)
			continue
		}
		t.Logf("%s: %d rounds, x1 %.3g (%.3g), x2 %.3g (%.3g)", name, len(tr.sums),
			r.Coefficients[1].Estimate, r.Coefficients[1].StdError, r.Coefficients[2].Estimate, r.Coefficients[2].StdError)
	}
}
