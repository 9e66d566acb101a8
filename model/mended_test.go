package model_test

import (
	"errors"
	"math"
	"math/big"
	"math/rand"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// drawn is a small federation of three institutions with a count, a 0/1 and a
// numeric outcome, weights, and an offset.
type drawn struct {
	book  *configs.Codebook
	parts []*model.Table
}

func draw(t testing.TB, n int, change func(i int, row map[string]float64)) *drawn {
	t.Helper()
	r := rand.New(rand.NewSource(7))
	low, high := 0.0, 1e6
	d := &drawn{book: &configs.Codebook{Columns: []configs.Column{
		ranged("x", -10, 10), ranged("z", -10, 10), yesNo("g"), yesNo("y"), ranged("v", -100, 100),
		{Name: "n", Kind: configs.Integer, Min: &low, Max: &high}, ranged("w", 0, 10), ranged("o", -40, 40),
		{Name: "s", Kind: configs.Site, Sites: map[string][]string{"a": {"s1", "s2", "s3", "s4"}, "b": {"s5", "s6", "s7", "s8"}, "c": {"s9", "t1", "t2", "t3"}}},
	}}}
	names := []string{"a", "b", "c"}
	site, _ := d.book.Column("s")
	levels := site.SiteNames()
	columns := make([][]model.Column, 3)
	for k := range columns {
		for _, c := range d.book.Columns {
			col := model.Column{Name: c.Name, Kind: c.Kind}
			if c.Kind == configs.Site {
				col.Levels = levels
			}
			columns[k] = append(columns[k], col)
		}
	}
	for i := range n {
		row := map[string]float64{"x": math.Max(-9, math.Min(9, r.NormFloat64())), "z": math.Max(-9, math.Min(9, r.NormFloat64())), "w": 0.5 + r.Float64()}
		row["g"] = float64(r.Intn(2))
		if r.Float64() < 1/(1+math.Exp(-row["x"]+0.5)) {
			row["y"] = 1
		}
		row["v"] = row["x"] + 2*row["g"] + r.NormFloat64()
		row["n"] = float64(r.Intn(3 + int(2*math.Exp(0.4*row["x"]))))
		row["institution"] = float64(i % 3)
		for l, name := range levels {
			if name == site.Sites[names[i%3]][(i/3)%4] {
				row["s"] = float64(l)
			}
		}
		if change != nil {
			change(i, row)
		}
		k := int(row["institution"])
		for j := range columns[k] {
			c := &columns[k][j]
			c.Values, c.Missing = append(c.Values, row[c.Name]), append(c.Missing, false)
		}
	}
	for k := range columns {
		table, err := model.NewTable(columns[k])
		if err != nil {
			t.Fatal(err)
		}
		table.Institution = names[k]
		d.parts = append(d.parts, table)
	}
	return d
}

// fitted plays a study and returns its result or refusal, and the trace.
func (d *drawn) fitted(t testing.TB, s *configs.Study) (*model.Result, *trace, error) {
	t.Helper()
	p := plan(t, s, d.book)
	tr := run(t, p, d.parts)
	r, err := p.Result(tr.last())
	return r, tr, err
}

func codeOf(err error) string {
	if e := new(model.Error); errors.As(err, &e) {
		return e.Code()
	}
	return ""
}

func with(s *configs.Study, change func(*configs.Model)) *configs.Study {
	change(&s.Model)
	return s
}

// TestOwnInterceptsNeedInstitutionsThatSaySomething: sums of institutions with
// one outcome are zeros, so that with two of them the rest would be one's own.
func TestOwnInterceptsNeedInstitutionsThatSaySomething(t *testing.T) {
	d := draw(t, 300, func(_ int, row map[string]float64) {
		if row["institution"] > 0 {
			row["y"] = 0
		}
	})
	_, tr, err := d.fitted(t, with(study("logistic", "y", "x"), func(m *configs.Model) { m.Intercepts = configs.InterceptInstitution }))
	if codeOf(err) != model.CodeTooFewRows || len(tr.sums) != 1 {
		t.Errorf("after %d rounds: %v", len(tr.sums), err)
	}
}

// TestFewSitesOpenNoScores: the number of sites is judged before their scores.
func TestFewSitesOpenNoScores(t *testing.T) {
	d := draw(t, 300, func(_ int, row map[string]float64) { row["s"] = math.Floor(row["s"]/4) * 4 })
	for i := range d.parts {
		d.parts[i].Institution = "" // the sites are made up
	}
	_, tr, err := d.fitted(t, with(study("linear", "v", "x"), func(m *configs.Model) { m.Cluster = "s" }))
	if codeOf(err) != model.CodeTooFewRows || len(tr.sums) != 1 {
		t.Errorf("after %d rounds: %v", len(tr.sums), err)
	}
}

// TestProtectedOffsets: what may not predict and not be explained is no offset.
func TestProtectedOffsets(t *testing.T) {
	d := draw(t, 30, nil)
	o, _ := d.book.Column("o")
	s := with(study("linear", "v", "x"), func(m *configs.Model) { m.Offset = "o" })
	o.AuditOnly = true
	if _, err := model.New(s, d.book); codeOf(err) != model.CodeAuditOnly {
		t.Errorf("audit-only: %v", err)
	}
	o.AuditOnly, o.Sensitivity = false, configs.Criminal
	if _, err := model.New(s, d.book); codeOf(err) != model.CodeOffending {
		t.Errorf("criminal: %v", err)
	}
}

// TestOffsetsFarOut: a shift of the offset changes neither slopes nor deviances,
// nor the number of rounds by much.
func TestOffsetsFarOut(t *testing.T) {
	s := with(study("poisson", "n", "x", "g"), func(m *configs.Model) { m.Offset = "o" })
	at := func(shift float64, own bool) (*model.Result, int, error) {
		d := draw(t, 400, func(i int, row map[string]float64) { row["o"] = shift + 0.1*float64(i%5) })
		s.Model.Intercepts = configs.InterceptCommon
		if own {
			s.Model.Intercepts = configs.InterceptInstitution
		}
		r, tr, err := d.fitted(t, s)
		return r, len(tr.sums), err
	}
	for _, own := range []bool{false, true} {
		want, rounds, err := at(0, own)
		if err != nil {
			t.Fatal(err)
		}
		for _, shift := range []float64{-5, 5, 20, 30} {
			got, n, err := at(shift, own)
			if err != nil {
				t.Fatalf("own %v, shift %g: %v", own, shift, err)
			}
			last := len(got.Coefficients) - 1
			if math.Abs(got.Coefficients[last].Estimate-want.Coefficients[last].Estimate) > 1e-8 || n > rounds+4 { // the empty model may need rounds of its own
				t.Errorf("own %v, shift %g: slope %.12g in %d rounds, without a shift %.12g in %d", own, shift, got.Coefficients[last].Estimate, n, want.Coefficients[last].Estimate, rounds)
			}
		}
	}
	shifted, _, err := at(-39, false) // exposures beyond their grid: the empty model is fitted instead
	want, _, _ := at(0, false)
	if err != nil || math.Abs(shifted.NullDeviance-want.NullDeviance) > 1e-6 || math.Abs(shifted.Deviance-want.Deviance) > 1e-6 {
		t.Errorf("exposures of e^-39: %v, deviance %.12g and %.12g, want %.12g and %.12g", err, shifted.NullDeviance, shifted.Deviance, want.NullDeviance, want.Deviance)
	}
}

// TestSumsThatNoRowsGive: a wrong sum of one institution ends a study with a
// reason, or with a result, and never a program.
func TestSumsThatNoRowsGive(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	d := draw(t, 200, nil)
	for _, s := range []*configs.Study{
		with(study("logistic", "y", "x", "g"), func(m *configs.Model) { m.Weights, m.Cluster = "w", "s" }),
		with(study("poisson", "n", "x", "g"), func(m *configs.Model) { m.Offset, m.Drop = "o", []string{"g"} }),
		with(study("linear", "v", "x", "g"), func(m *configs.Model) { m.Intercepts, m.Weights = configs.InterceptInstitution, "w" }),
		with(study("linear", "v", "x", "g"), func(m *configs.Model) { m.Cluster = "s" }),
		with(study("logistic", "y", "x", "g"), func(m *configs.Model) { m.Intercepts = configs.InterceptInstitution }),
	} {
		p := plan(t, s, d.book)
		tr := run(t, p, d.parts)
		for round, sums := range tr.sums {
			for range 60 {
				spoilt := make([]*big.Int, len(sums))
				for i := range sums {
					spoilt[i] = new(big.Int).Set(sums[i])
				}
				v := spoilt[r.Intn(len(spoilt))]
				switch r.Intn(5) {
				case 0:
					v.SetInt64(0)
				case 1:
					v.Neg(v)
				case 2:
					v.SetInt64(1).Lsh(v, uint(r.Intn(123)))
				case 3:
					v.SetInt64(-1).Lsh(v, uint(r.Intn(123)))
				default:
					v.Lsh(v, 1)
				}
				state, err := p.Global(tr.states[round], spoilt)
				if err != nil {
					continue
				}
				if _, more, err := p.Shape(state); err != nil {
					t.Fatalf("round %d: a state that is not one: %v", round+1, err)
				} else if !more {
					_, _ = p.Result(state)
				} else if _, err := p.Local(state, d.parts[0]); err != nil && !strings.Contains(err.Error(), "tensor") {
					t.Fatalf("round %d: %v", round+1, err)
				}
			}
		}
	}
}

// TestNullDevianceOfOwnIntercepts: with weights, squares are taken about the
// weighted mean, as R does.
func TestNullDevianceOfOwnIntercepts(t *testing.T) {
	d := draw(t, 300, nil)
	r, _, err := d.fitted(t, with(study("linear", "v", "x"), func(m *configs.Model) { m.Intercepts, m.Weights = configs.InterceptInstitution, "w" }))
	if err != nil {
		t.Fatal(err)
	}
	var w, wv, wvv float64
	for _, part := range d.parts {
		v, _ := part.Column("v")
		weight, _ := part.Column("w")
		for i := range v.Values {
			w, wv, wvv = w+weight.Values[i], wv+weight.Values[i]*v.Values[i], wvv+weight.Values[i]*v.Values[i]*v.Values[i]
		}
	}
	if want := wvv - wv*wv/w; math.Abs(r.NullDeviance-want) > 1e-9*want {
		t.Errorf("null deviance %.12g, want %.12g", r.NullDeviance, want)
	}
}

// TestWeightsHaveNoUnit: weights in another unit give the same estimates, and a
// range that leaves them no digits is refused.
func TestWeightsHaveNoUnit(t *testing.T) {
	var want *model.Result
	for _, unit := range []float64{1, 1e-12, 1e9} {
		d := draw(t, 400, func(_ int, row map[string]float64) { row["w"] *= unit })
		w, _ := d.book.Column("w")
		low, high := 0.0, math.Max(10*unit, configs.MinWidth)
		w.Min, w.Max = &low, &high
		r, _, err := d.fitted(t, with(study("logistic", "y", "x", "g"), func(m *configs.Model) { m.Weights = "w" }))
		if err != nil {
			if unit == 1e-12 && codeOf(err) == model.CodeWideRange {
				continue // narrower than a codebook's range can be
			}
			t.Fatalf("unit %g: %v", unit, err)
		}
		if want == nil {
			want = r
		}
		for i, c := range r.Coefficients {
			if math.Abs(c.Estimate-want.Coefficients[i].Estimate) > 1e-9 {
				t.Errorf("unit %g: %s %.12g, want %.12g", unit, c.Term, c.Estimate, want.Coefficients[i].Estimate)
			}
		}
	}
	d := draw(t, 400, nil)
	w, _ := d.book.Column("w")
	high := 1e12
	w.Max = &high
	if _, _, err := d.fitted(t, with(study("logistic", "y", "x"), func(m *configs.Model) { m.Weights = "w" })); codeOf(err) != model.CodeWideRange {
		t.Errorf("a range of 10^12 for weights of 1: %v", err)
	}
}

// TestRidgeFitsWhatIsSeparated: a penalised model has an estimate where columns
// separate the outcome or follow from each other.
func TestRidgeFitsWhatIsSeparated(t *testing.T) {
	d := draw(t, 300, func(_ int, row map[string]float64) {
		row["z"] = row["x"]
		if row["g"] == 1 {
			row["y"] = 1
		}
	})
	for _, kind := range []string{"logistic", "linear"} {
		outcome := map[string]string{"logistic": "y", "linear": "v"}[kind]
		for _, ridge := range []float64{0, 0.01} {
			_, _, err := d.fitted(t, with(study(kind, outcome, "x", "z", "g"), func(m *configs.Model) { m.Penalty.Ridge = ridge }))
			if (err == nil) != (ridge > 0) {
				t.Errorf("%s, ridge %g: %v", kind, ridge, err)
			}
		}
	}
}

// TestRoundsAreKept: no round is asked for beyond those that the study allows.
func TestRoundsAreKept(t *testing.T) {
	d := draw(t, 300, nil)
	s := with(study("linear", "v", "x"), func(m *configs.Model) { m.Missing, m.Cluster = configs.MissingMean, "s" })
	s.Rounds.Max = 3
	_, tr, err := d.fitted(t, s)
	if codeOf(err) != model.CodeNoConvergence || len(tr.sums) > 3 {
		t.Errorf("%d rounds: %v", len(tr.sums), err)
	}
	s = with(study("logistic", "y", "x"), func(m *configs.Model) { m.Intercepts, m.Drop = configs.InterceptInstitution, []string{"x"} })
	if _, err := model.New(s, d.book); codeOf(err) != model.CodeKind {
		t.Errorf("a test of nothing: %v", err)
	}
}
