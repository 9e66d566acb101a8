package model

import (
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// view reads a prepared table in the plan's terms.
type view struct {
	plan    *Plan
	table   *Table
	rows    int
	columns []*Column // in the order of Plan.sources
	filled  []float64 // by source: what stands in for a missing value
	impute  bool
}

// view binds the table's columns. Without a state, imputed values are not
// known yet.
func (p *Plan) view(s *state, t *Table) (*view, error) {
	if t.Rows() > MaxRows {
		return nil, fail(CodeTooManyRows, "divide the rows over more nodes", "the table has %d rows, at most %d are summed", t.Rows(), MaxRows)
	}
	v := &view{plan: p, table: t, rows: t.Rows(), columns: make([]*Column, len(p.sources)), filled: make([]float64, len(p.sources)), impute: p.imputes()}
	for i := range p.sources {
		want := &p.sources[i]
		c, ok := t.Column(want.name)
		if !ok {
			return nil, fail(CodeTable, "read it from the records", "the table lacks the column %q", want.name).about(want.name)
		}
		if c.Kind != want.kind || want.kind != configs.Site && !slices.Equal(c.Levels, want.levels) {
			return nil, fail(CodeTable, "use one codebook everywhere", "the table's column %q is not of the kind and levels that the codebook gives", want.name).about(want.name)
		}
		v.columns[i] = c
	}
	if s != nil && s.Impute != nil {
		copy(v.filled, s.Impute.Value)
	}
	return v, nil
}

// check holds every value to the codebook, because the bounds of all tensors
// rest on it, and every site to the institution that the codebook gives it.
func (v *view) check() error {
	for j, s := range v.plan.sources {
		c := v.columns[j]
		if s.kind == configs.Site {
			if err := v.checkSites(&s, c); err != nil {
				return err
			}
			continue
		}
		for i, x := range c.Values {
			if !c.Missing[i] && (x < s.low || x > s.high) {
				return fail(CodeRange, "correct the record, or widen the codebook's range",
					"row %d of column %q lies outside the codebook's range", i+1, s.name).about(s.name)
			}
		}
	}
	return nil
}

func (v *view) checkSites(s *source, c *Column) error {
	if v.table.Institution == "" {
		return nil
	}
	strange := 0
	for i, x := range c.Values {
		if !c.Missing[i] && s.where[c.Levels[int(x)]] != v.table.Institution {
			strange++
		}
	}
	if strange > 0 {
		return fail(CodeSite, "correct the rows, or list the site under the right institution in the codebook",
			"%d rows lie in a %s that the codebook does not give to %s: a site must lie wholly at one institution", strange, s.name, v.table.Institution).about(s.name)
	}
	return nil
}

// used says whether the model is fitted on row i.
func (v *view) used(i int) bool {
	if v.table.heldOut != nil && v.table.heldOut[i] {
		return false
	}
	return v.usable(i)
}

// usable says whether row i has what the model needs, kept aside or not. A row
// of weight zero says nothing, as in R.
func (v *view) usable(i int) bool {
	if v.plan.describing() {
		return true // a table counts what is missing
	}
	if v.plan.joining() {
		return !v.columns[v.plan.group].Missing[i]
	}
	for j, c := range v.columns {
		if c.Missing[i] && (!v.impute || v.plan.sources[j].must) {
			return false
		}
	}
	return v.plan.weights < 0 || v.columns[v.plan.weights].Values[i] > 0
}

func (v *view) value(source, i int) float64 {
	if c := v.columns[source]; !c.Missing[i] {
		return c.Values[i]
	}
	return v.filled[source]
}

// row writes the terms of row i into x and returns the outcome; that of a
// linear model is what its offset leaves.
func (v *view) row(i int, x []float64) float64 {
	for j := range v.plan.terms {
		t := &v.plan.terms[j]
		value := v.factor(&t.factors[0], i)
		for k := 1; k < len(t.factors); k++ {
			value = float64(value * v.factor(&t.factors[k], i))
		}
		x[j] = value
	}
	y := v.value(v.plan.outcome.factors[0].source, i)
	if v.plan.gaussian() {
		y -= v.offset(i)
	}
	return y
}

func (v *view) factor(f *factor, i int) float64 {
	c := v.columns[f.source]
	switch f.form {
	case asGap:
		if c.Missing[i] {
			return 1
		}
		return 0
	case asLevel:
		if v.value(f.source, i) == float64(f.level) {
			return 1
		}
		return 0
	case asSpline:
		var out [configs.MaxKnots + 1]float64
		f.basis.At(v.value(f.source, i), out[:f.basis.Len()])
		return out[f.level]
	}
	return v.value(f.source, i)
}

// offset is what is added to the linear predictor of row i.
func (v *view) offset(i int) float64 {
	if v.plan.offset < 0 {
		return 0
	}
	return v.columns[v.plan.offset].Values[i]
}

// weight is the prior weight of row i.
func (v *view) weight(i int) float64 {
	if v.plan.weights < 0 {
		return 1
	}
	return v.columns[v.plan.weights].Values[i]
}

// weightBits is the exponent that weights add to every bound; below zero where
// weights are small.
func (p *Plan) weightBits() int {
	if p.weights < 0 {
		return 0
	}
	return exact.Above(p.sources[p.weights].high)
}

// offsetReach is the largest absolute value that the offset can have.
func (p *Plan) offsetReach() float64 {
	if p.offset < 0 {
		return 0
	}
	return math.Max(math.Abs(p.sources[p.offset].low), math.Abs(p.sources[p.offset].high))
}

// Entering returns, for each row of a prepared table, whether it adds to any
// sum beyond the counts of what is missing: the rows that the model is fitted
// on or judged by, or, where means stand in for gaps, every row.
func (p *Plan) Entering(t *Table) ([]bool, error) {
	v, err := p.view(nil, t)
	if err != nil {
		return nil, err
	}
	in := make([]bool, v.rows)
	for i := range in {
		in[i] = v.usable(i) || p.imputes()
	}
	return in, nil
}

// Filled is one thing that rows can fill: every sum, a column, or a group of
// rows that a 0/1 term makes.
type Filled struct {
	What string // "every sum", "column \"x\" = 1", "level \"a\" of column \"x\""
	Rows int64  // of the prepared table
	All  int64  // of all institutions, as the study opened it

	// How many institutions fill it, where the study opened that, and how many
	// have to for it not to be their own number; 0 where it did not.
	Institutions, Least int64
}

func fills(what string, rows, all int64) Filled { return Filled{What: what, Rows: rows, All: all} }

// Alone says that this institution fills it alone, or with too few others to
// hide among.
func (f Filled) Alone() bool {
	return f.Rows > 0 && (f.Rows >= f.All || f.Institutions < f.Least)
}

// Filling lists what the rows of a prepared table fill, beside what the opened
// sums in the state say of all institutions together. Before the first sum is
// open there is nothing to compare.
func (p *Plan) Filling(stateBytes []byte, t *Table) ([]Filled, error) {
	s, err := p.parse(stateBytes)
	if err != nil || s.Counts == nil && s.Table == nil && s.Areas == nil {
		return nil, err
	}
	v, err := p.view(s, t)
	if err != nil {
		return nil, err
	}
	if s.Table != nil {
		return p.describedFilling(s, v), nil
	}
	if s.Areas != nil {
		return p.areasFilling(s, v), nil
	}
	own := p.countsLocal(v)
	value := func(i int) int64 { return own[i].Int().Int64() }
	n, all := value(1), s.Counts.Complete
	filled := []Filled{fills("every sum", n, all)}
	for j, src := range p.sources {
		filled = append(filled, fills("column \""+src.name+"\"", value(2+j), s.Counts.Present[j]))
	}
	ones := make([]int64, p.size())
	for j, t := range p.all() {
		if !t.group {
			continue
		}
		sum, _ := mp.Scaled(own[2+len(p.sources)+j].Int(), t.rawGrid()).Int64()
		ones[j] = sum
		switch {
		case len(t.factors) > 1:
			filled = append(filled, fills("the combination \""+t.name+"\"", sum, s.Counts.Ones[j]))
		case t.level != "":
			filled = append(filled, fills("level \""+t.level+"\" of column \""+t.column+"\"", sum, s.Counts.Ones[j]))
		default:
			filled = append(filled, fills("column \""+t.name+"\" = 1", sum, s.Counts.Ones[j]),
				fills("column \""+t.name+"\" = 0", n-sum, all-s.Counts.Ones[j]))
		}
	}
	for _, k := range p.contrastsOf() {
		rest, of := n, all
		for _, j := range k.terms {
			rest, of = rest-ones[j], of-s.Counts.Ones[j]
		}
		filled = append(filled, fills("the reference level of column \""+k.column+"\"", rest, of))
	}
	return filled, nil
}
