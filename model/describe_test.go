package model_test

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

func tableStudy(group string, features ...string) *configs.Study {
	s := study(configs.KindDescriptives, "", features...)
	s.Model.Group = group
	return s
}

// TestTableEqualsR: numbers, means and SDs as in R, but for values that boards
// leave out; quartiles within the error that is stated.
func TestTableEqualsR(t *testing.T) {
	b, err := os.ReadFile("testdata/flagship_table1.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Columns map[string]struct {
			N, Missing     int64
			Mean, SD       float64
			Median, Q1, Q3 float64
		}
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range want.Columns {
		names = append(names, name)
	}
	slices.Sort(names)
	p, parts := boards(t, func(cb *configs.Codebook) *model.Plan { return plan(t, tableStudy("", names...), cb) })
	tr := run(t, p, parts)
	r, err := p.Result(tr.last())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Table) != len(names) || r.RowsUsed != 4106 {
		t.Fatalf("%d rows of the table, %d of the data", len(r.Table), r.RowsUsed)
	}
	t.Logf("%d rounds, %d numbers, %.3f a row", len(tr.sums), r.OpenedNumbers, r.OpenedNumbersPerRow)
	if r.OpenedNumbersPerRow > 0.15 {
		t.Errorf("%.3f opened numbers a row", r.OpenedNumbersPerRow)
	}
	exact := 0
	for _, d := range r.Table {
		w := want.Columns[d.Column]
		// A board where one or two values are missing leaves out one or two more,
		// from the middle: each moves mean and SD by less than an SD over n.
		lost := w.N - d.N
		off := 1e-9 + w.SD*float64(lost)/float64(w.N)
		if lost == 0 {
			exact++
		}
		if lost < 0 || lost > int64(2*len(parts)) || d.Missing != w.Missing+lost || math.Abs(*d.Mean-w.Mean) > off || math.Abs(*d.SD-w.SD) > off {
			t.Errorf("%s: n %d, missing %d, mean %.12g, sd %.12g; R %+v", d.Column, d.N, d.Missing, *d.Mean, *d.SD, w)
		}
		for i, q := range d.Quantiles {
			exact := []float64{w.Q1, w.Median, w.Q3}[i]
			t.Logf("%s: %g%% at %.4g +- %.2g (%.2g sd), R %g", d.Column, 100*q.P, q.Value, q.Error, q.Error/w.SD, exact)
			if math.Abs(q.Value-exact) > q.Error*(1+1e-12) {
				t.Errorf("%s: quantile %g is %g +- %g, R %g", d.Column, q.P, q.Value, q.Error, exact)
			}
		}
		if c, _ := p.Codebook().Column(d.Column); c.Kind != configs.YesNo && len(d.Quantiles) != 3 {
			t.Errorf("%s: %d quantiles", d.Column, len(d.Quantiles))
		}
	}
	if exact < 3 {
		t.Errorf("only %d columns are compared value for value", exact)
	}
}

// survey makes rows of a number, an integer, a yes_no, a category and a group.
func survey(r *rand.Rand, n int) (*model.Table, *configs.Codebook) {
	low, high := 0.0, 20.0
	cb := &configs.Codebook{Columns: []configs.Column{ranged("x", -50, 50), {Name: "k", Kind: configs.Integer, Min: &low, Max: &high},
		yesNo("b"), {Name: "c", Kind: configs.Category, Levels: []string{"p", "q", "r", "s"}}, {Name: "g", Kind: configs.Category, Levels: []string{"one", "two", "three"}}}}
	columns := make([]model.Column, 5)
	for j, c := range cb.Columns {
		columns[j] = model.Column{Name: c.Name, Kind: c.Kind, Levels: c.Levels, Values: make([]float64, n), Missing: make([]bool, n)}
	}
	skew, rare, lost := r.Float64(), r.Float64(), 0.2*r.Float64()
	for i := range n {
		g := min(2, int(-math.Log(r.Float64())*2*skew))
		x := float64(3*g) + 5*r.NormFloat64()
		if r.Float64() < skew {
			x = math.Abs(x) * x / 10
		}
		k := math.Floor(math.Abs(r.NormFloat64()) * 12 * skew)
		yes := 0.0
		if r.Float64() < rare {
			yes = 1
		}
		c := min(3, int(-math.Log(r.Float64())*2*rare))
		for j, v := range []float64{max(-50, min(50, x)), min(20, k), yes, float64(c), float64(g)} {
			columns[j].Values[i], columns[j].Missing[i] = v, r.Float64() < lost
		}
	}
	table, err := model.NewTable(columns)
	if err != nil {
		panic(err)
	}
	return table, cb
}

// typeSeven is R's quantile of sorted values.
func typeSeven(sorted []float64, q float64) float64 {
	h := float64(len(sorted)-1) * q
	i := int(h)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (h-float64(i))*(sorted[i+1]-sorted[i])
}

// TestTableIsPooled: against the pooled rows, by group and over all. An
// institution leaves out at most two rows for each column of the table, and
// where it left out none the numbers are exact.
func TestTableIsPooled(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	exact, bounded, merged := 0, 0, 0
	for n := range 40 {
		table, cb := survey(r, 300+r.IntN(3000))
		s := tableStudy([]string{"", "g"}[n%2], "x", "k", "b", "c")
		s.Privacy.NumbersPerRow = 1
		p := plan(t, s, cb)
		nodes := 3 + r.IntN(4)
		res, err := p.Result(run(t, p, divide(t, table, nodes, func(i int) int { return i % nodes })).last())
		if err != nil {
			t.Fatal(err)
		}
		group, _ := table.Column("g")
		for _, d := range res.Table {
			c, _ := table.Column(d.Column)
			var values []float64
			var total, squares float64
			for i, v := range c.Values {
				if !c.Missing[i] && (d.Group == "" || !group.Missing[i] && group.Levels[int(group.Values[i])] == d.Group) {
					values = append(values, v)
					total += v
				}
			}
			if d.TooFew {
				if len(values) >= 20+2*nodes {
					t.Errorf("case %d: %s %q has %d values and is too few", n, d.Column, d.Group, len(values))
				}
				continue
			}
			lost := int64(len(values)) - d.N
			if lost < 0 && d.Group != "" || lost > int64(10*nodes) {
				t.Errorf("case %d: %s %q has %d values, %d told", n, d.Column, d.Group, len(values), d.N)
			}
			merged += int(d.Merged)
			if lost != 0 {
				continue
			}
			slices.Sort(values)
			mean := total / float64(len(values))
			for _, v := range values {
				squares += (v - mean) * (v - mean)
			}
			sd := math.Sqrt(squares / float64(len(values)-1))
			if d.Mean != nil && d.Merged == 0 {
				exact++
				if math.Abs(*d.Mean-mean) > 1e-9 || math.Abs(*d.SD-sd) > 1e-9 {
					t.Errorf("case %d: %s %q mean %.12g sd %.12g, pooled %.12g and %.12g", n, d.Column, d.Group, *d.Mean, *d.SD, mean, sd)
				}
			}
			for _, q := range d.Quantiles {
				bounded++
				if want := typeSeven(values, q.P); math.Abs(q.Value-want) > q.Error*(1+1e-12)+1e-12 {
					t.Errorf("case %d: %s %q quantile %g is %g +- %g, pooled %g", n, d.Column, d.Group, q.P, q.Value, q.Error, want)
				}
			}
			told := d.Merged
			for i, l := range d.Levels {
				count := int64(0)
				for _, v := range values {
					if int(v) == i {
						count++
					}
				}
				if told += l.N; l.N > count || d.Merged == 0 && l.N != count {
					t.Errorf("case %d: %s %q level %s: %d, pooled %d", n, d.Column, d.Group, l.Level, l.N, count)
				}
			}
			if d.Levels != nil && told != d.N {
				t.Errorf("case %d: levels and merged are %d of %d", n, told, d.N)
			}
		}
	}
	t.Logf("%d means and SDs, %d quantiles, %d values merged", exact, bounded, merged)
	if exact < 100 || bounded < 200 || merged == 0 {
		t.Error("too little was compared")
	}
}

// TestTableRefuses: what is not described, or not so.
func TestTableRefuses(t *testing.T) {
	cb := brandsma()
	cb.Columns = append(cb.Columns, configs.Column{Name: "born", Kind: configs.DateKind},
		configs.Column{Name: "arrested", Kind: configs.YesNo, Sensitivity: configs.Criminal},
		configs.Column{Name: "origin", Kind: configs.YesNo, Sensitivity: configs.Origin, AuditOnly: true})
	for _, c := range []struct {
		study *configs.Study
		code  string
	}{
		{tableStudy("", "born"), model.CodeKind},
		{tableStudy("", "nothing"), model.CodeUnknownColumn},
		{tableStudy("ses", "girl"), model.CodeKind},
		{tableStudy("nothing", "girl"), model.CodeUnknownColumn},
		{tableStudy("origin", "arrested"), model.CodeOffending},
	} {
		_, err := model.New(c.study, cb)
		var e *model.Error
		if !errors.As(err, &e) || e.Code() != c.code || e.Remedy() == "" {
			t.Errorf("%v by %q: %v", c.study.Model.Features, c.study.Model.Group, err)
		}
	}
	p := plan(t, tableStudy("origin", "girl", "origin"), cb) // audit-only columns may be described
	if p.Outcome() != "" || len(p.Predicting()) != 0 {
		t.Errorf("outcome %q, predictors %v", p.Outcome(), p.Predicting())
	}
}

// TestTableContradictions: sums that no institutions can give end the study.
func TestTableContradictions(t *testing.T) {
	table, cb := survey(rand.New(rand.NewPCG(2, 5)), 2000)
	s := tableStudy("g", "x", "k", "b", "c")
	s.Privacy.NumbersPerRow = 1
	p := plan(t, s, cb)
	tr := run(t, p, divide(t, table, 3, func(i int) int { return i % 3 }))
	if len(tr.sums) != 5 {
		t.Fatalf("%d rounds", len(tr.sums))
	}
	for round := range tr.sums {
		tensors, _, err := p.Shape(tr.states[round])
		if err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, x := range tensors {
			for name, spoil := range map[string]func(v *big.Int){
				"one":      func(v *big.Int) { v.SetInt64(1) },
				"two":      func(v *big.Int) { v.SetInt64(2) },
				"negative": func(v *big.Int) { v.SetInt64(-1).Lsh(v, 90) },
				"large":    func(v *big.Int) { v.SetInt64(1).Lsh(v, 104) },
			} {
				if (x.Bits > 40 || x.Bits == 1) && (name == "one" || name == "two") {
					continue // a sum or a number of institutions, not a count of rows
				}
				sums := make([]*big.Int, len(tr.sums[round]))
				for i, v := range tr.sums[round] {
					sums[i] = new(big.Int).Set(v)
				}
				spoil(sums[at])
				state, err := p.Global(tr.states[round], sums)
				if err != nil {
					t.Fatal(err)
				}
				_, err = p.Result(state)
				var e *model.Error
				if !errors.As(err, &e) || e.Code() != model.CodeContradiction {
					t.Errorf("round %d, %s, %s: %v", round+1, x.Name, name, err)
				}
			}
			at += x.Len
		}
	}
}

// TestTableInFourRounds: with too few rounds for finer bins the quartiles are
// those of the coarse ones.
func TestTableInFourRounds(t *testing.T) {
	table, cb := survey(rand.New(rand.NewPCG(2, 5)), 2000)
	s := tableStudy("", "x")
	widest := func(rounds int) (most float64) {
		s.Rounds.Max = rounds
		p := plan(t, s, cb)
		tr := run(t, p, divide(t, table, 3, func(i int) int { return i % 3 }))
		r, err := p.Result(tr.last())
		if err != nil || len(tr.sums) > rounds || len(r.Table[0].Quantiles) != 3 {
			t.Fatalf("%d rounds, %v", len(tr.sums), err)
		}
		for _, q := range r.Table[0].Quantiles {
			most = max(most, q.Error)
		}
		return most
	}
	if four, five := widest(4), widest(5); !(five < four/2) {
		t.Errorf("error %g in four rounds, %g in five", four, five)
	}
}

// TestTableFilling: a slot that one institution fills alone is found.
func TestTableFilling(t *testing.T) {
	table, cb := survey(rand.New(rand.NewPCG(4, 4)), 900)
	g, _ := table.Column("g")
	p := plan(t, tableStudy("g", "x", "c"), cb)
	parts := divide(t, table, 3, func(i int) int {
		if g.Values[i] == 0 {
			return 0
		}
		return i % 3
	})
	tr := run(t, p, parts)
	alone := func(state []byte, part *model.Table) (what []string) {
		filled, err := p.Filling(state, part)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range filled {
			if f.Rows > 0 && f.Rows >= f.All {
				what = append(what, f.What)
			}
		}
		return what
	}
	if got := alone(tr.states[0], parts[0]); got != nil {
		t.Errorf("before the first sum: %v", got)
	}
	if got := alone(tr.states[1], parts[0]); !slices.Contains(got, `column "x" for g = "one"`) {
		t.Errorf("the institution with all of group one: %v", got)
	}
	if got := alone(tr.last(), parts[1]); got != nil {
		t.Errorf("another: %v", got)
	}
}
