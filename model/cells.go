package model

import (
	"fmt"
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
)

// nearlyAll is the share from which one or two rows stand for a whole sum.
const nearlyAll = 0.9

// fewestWeighing is how many rows of equal weight weighted rows must be worth,
// unless the study lets institutions with fewer rows take part.
const fewestWeighing = 30

// mostNamed bounds what SmallCells names.
const mostNamed = 5

// SmallCells names what in a prepared table would let the fit's sums describe
// one or two rows, at most five and then how many more:
//
//   - cells of one or two rows. A column splits the rows if it is a category, a
//     yes_no column, any number of at most two values, or a gap that the study
//     asks for, and so does the outcome. Looked at is every side, every pair of
//     sides, and what two terms of the model hold together (an interaction and
//     any other, the outcome included): products of 0/1 columns are counts, of
//     every kind of model.
//   - numbers of which one or two rows are nearly all that varies (more than 0.9
//     of the squares about the mean): those are indicators in disguise.
//   - weights that let few rows count for all: by Kish's effective number (sum
//     w)^2 / sum w^2 (Survey Sampling, 1965, section 11.7), or within a side.
//
// It looks at this institution's rows alone, and at present values alone: where
// no institution has such a cell, no opened count is of fewer than three rows.
// Descriptives merge cells of one or two rows before they count; what they would
// tell otherwise is looked at by describedCells. Tables by area round as well.
func (p *Plan) SmallCells(t *Table) ([]string, error) {
	if p.joining() {
		return nil, nil
	}
	v, err := p.view(nil, t)
	if err != nil {
		return nil, err
	}
	if p.describing() {
		return atMost(p.describedCells(v)), nil
	}
	used, present := []int{}, []int{}
	for i := range v.rows {
		if v.used(i) {
			used = append(used, i)
		}
		if v.table.heldOut == nil || !v.table.heldOut[i] {
			present = append(present, i)
		}
	}
	c := &cells{view: v, rows: used, groups: map[int][]side{}}
	c.split()
	for _, set := range c.opened() {
		c.cross(set, nil, nil)
	}
	c.leaving()
	c.weigh()
	if p.imputes() {
		// The means are over all rows that have a value, with or without the rest.
		all := &cells{view: v, rows: present, groups: map[int][]side{}, found: c.found}
		for j := range p.sources {
			if !p.sources[j].must {
				all.source(j)
			}
		}
		for _, id := range all.order {
			all.cross([]int{id}, nil, nil)
		}
		c.found = all.found
	}
	return atMost(c.found), nil
}

// atMost names the first of what was found, and how many more there are.
func atMost(found []string) []string {
	if more := len(found) - mostNamed; more > 0 {
		found = append(found[:mostNamed], fmt.Sprintf("%d more", more))
	}
	return found
}

// side is one group of rows that a column makes: bit k stands for row rows[k].
type side struct {
	name string
	bits []uint64
}

// choice is one side of one group.
type choice struct{ group, side int }

// cells are an institution's rows, split by its columns.
type cells struct {
	*view
	rows   []int          // of the table
	groups map[int][]side // by source; gaps come len(sources) later, the outcome less its offset last
	order  []int          // the groups
	small  [][]choice     // the cells that were found
	found  []string       // and all that was, in words
}

func (c *cells) report(what string) {
	if !slices.Contains(c.found, what) {
		c.found = append(c.found, what)
	}
}

// split divides the rows by every column that the model reads.
func (c *cells) split() {
	p := c.plan
	for j := range p.sources {
		c.source(j)
	}
	all := len(p.sources)
	for _, t := range p.terms {
		spline, numeric := false, true
		for _, f := range t.factors {
			spline = spline || f.form == asSpline
			numeric = numeric && c.groups[f.source] == nil && f.form != asGap
			if f.form == asGap {
				c.number(all+f.source, t.name, func(i int) (float64, bool) { return c.factor(&f, i), true })
			}
		}
		// Products of numbers and bent numbers may stand out where the number itself
		// does not; a product with a 0/1 column is a sum over its side.
		if numeric && (spline || len(t.factors) > 1) {
			c.number(-1, t.name, func(i int) (float64, bool) {
				value := 1.0
				for k := range t.factors {
					if c.columns[t.factors[k].source].Missing[i] {
						return 0, false
					}
					value = float64(value * c.factor(&t.factors[k], i))
				}
				return value, true
			})
		}
	}
	if y := c.columns[p.outcome.factors[0].source]; p.offset >= 0 && p.gaussian() {
		c.number(2*all, p.outcome.name+" less its offset", func(i int) (float64, bool) { return y.Values[i] - c.offset(i), true })
	}
}

// source splits the rows by one column. Sites do not: no sum is by site alone.
func (c *cells) source(j int) {
	src, column := &c.plan.sources[j], c.columns[j]
	switch src.kind {
	case configs.Site:
	case configs.Category:
		levels := make([]side, len(src.levels))
		for l, level := range src.levels {
			levels[l] = c.side(fmt.Sprintf("%q = %s", src.name, level), func(i int) bool { return !column.Missing[i] && column.Values[i] == float64(l) })
		}
		c.add(j, levels)
	default:
		c.number(j, src.name, func(i int) (float64, bool) { return column.Values[i], !column.Missing[i] })
	}
}

func (c *cells) add(id int, sides []side) {
	c.groups[id], c.order = sides, append(c.order, id)
}

func (c *cells) side(name string, in func(i int) bool) side {
	s := side{name, make([]uint64, (len(c.rows)+63)/64)}
	for k, i := range c.rows {
		if in(i) {
			s.bits[k/64] |= 1 << (k % 64)
		}
	}
	return s
}

// number splits the rows by a number of at most two values, if it may be a
// group (id >= 0), and else asks whether one or two rows are all that varies.
func (c *cells) number(id int, name string, value func(i int) (x float64, ok bool)) {
	var values []float64
	var of []int
	low, high, more := math.Inf(1), math.Inf(-1), false
	for _, i := range c.rows {
		if x, ok := value(i); ok {
			values, of = append(values, x), append(of, i)
			low, high = min(low, x), max(high, x)
		}
	}
	for _, x := range values {
		more = more || x != low && x != high
	}
	if !more && id >= 0 {
		var sides []side
		for _, at := range valuesOf(name, low, high) {
			sides = append(sides, c.side(at.name, func(i int) bool { x, ok := value(i); return ok && x == at.value }))
		}
		c.add(id, sides)
		return
	}
	mean, most := 0.0, 0.0
	for _, x := range values {
		mean += x / float64(len(values))
	}
	for _, x := range values {
		most = max(most, math.Abs(x-mean))
	}
	for k, x := range values {
		d := (x - mean) / most // so that no square overflows
		values[k] = float64(d * d)
	}
	if low != high && twoAreAll(c.byChild(values, of)) {
		c.report(fmt.Sprintf("%q, of which one or two rows are nearly all that varies", name))
	}
}

type named struct {
	name  string
	value float64
}

// valuesOf names the at most two values of a column, but for 0 and 1 without
// saying them: they stand in records.
func valuesOf(name string, low, high float64) []named {
	switch {
	case (low == 0 || low == 1) && (high == 0 || high == 1):
		return []named{{fmt.Sprintf("%q = 0", name), 0}, {fmt.Sprintf("%q = 1", name), 1}}
	case low < high:
		return []named{{fmt.Sprintf("%q at its smaller value", name), low}, {fmt.Sprintf("%q at its larger value", name), high}}
	}
	return []named{{fmt.Sprintf("a value of %q", name), low}}
}

// twoAreAll says whether the two largest of positive parts are nearly their sum.
func twoAreAll(parts []float64) bool {
	first, second, sum := 0.0, 0.0, 0.0
	for _, x := range parts {
		sum += x
		if x > first {
			first, x = x, first
		}
		second = max(second, x)
	}
	return first+second > float64(nearlyAll*sum)
}
