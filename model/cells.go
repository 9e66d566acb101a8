package model

import (
	"fmt"
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/disclosure"
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
// Descriptives and tables by area have none, because they merge cells before
// they count.
func (p *Plan) SmallCells(t *Table) ([]string, error) {
	if p.describing() || p.joining() {
		return nil, nil
	}
	v, err := p.view(nil, t)
	if err != nil {
		return nil, err
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
	if more := len(c.found) - mostNamed; more > 0 {
		c.found = append(c.found[:mostNamed], fmt.Sprintf("%d more", more))
	}
	return c.found, nil
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

// opened lists the sets of groups whose common cells the fit's sums count,
// small sets first: any two columns, and the 0/1 factors of any two terms or of
// a term with the outcome, the offset or the weights.
func (c *cells) opened() (sets [][]int) {
	var of [][]int
	add := func(sets [][]int, set []int) [][]int {
		slices.Sort(set)
		set = slices.Compact(set)
		if len(set) == 0 || slices.ContainsFunc(sets, func(s []int) bool { return slices.Equal(s, set) }) {
			return sets
		}
		return append(sets, set)
	}
	for _, id := range c.order {
		of = append(of, []int{id})
	}
	for _, t := range c.plan.terms {
		var set []int
		for _, f := range t.factors {
			id := f.source
			if f.form == asGap {
				id += len(c.plan.sources)
			}
			if c.groups[id] != nil {
				set = append(set, id)
			}
		}
		of = add(of, set)
	}
	known := map[string]bool{}
	for a := range of {
		for _, other := range of[:a+1] {
			set := slices.Concat(of[a], other)
			slices.Sort(set)
			set = slices.Compact(set)
			if key := fmt.Sprint(set); !known[key] {
				known[key] = true
				sets = append(sets, set)
			}
		}
	}
	slices.SortStableFunc(sets, func(a, b []int) int { return len(a) - len(b) })
	return sets
}

// cross counts the cells that the groups of a set make together with those
// chosen so far, and reports the small ones that no part of theirs reported.
// Levels that have no term need no look of their own, nor do sums over levels:
// cells of none or at least three add up to none or at least three.
func (c *cells) cross(set []int, chosen []choice, in []uint64) {
	rows := c.count(in)
	switch {
	case len(chosen) > 0 && rows == 0:
		return
	case len(set) == 0:
		if rows < disclosure.Smallest && !slices.ContainsFunc(c.small, func(s []choice) bool { return partOf(s, chosen) }) {
			c.small = append(c.small, slices.Clone(chosen))
			c.report(c.name(chosen))
		}
		return
	}
	both := make([]uint64, (len(c.rows)+63)/64)
	for n, s := range c.groups[set[0]] {
		copy(both, s.bits)
		for k := range in {
			both[k] &= in[k]
		}
		c.cross(set[1:], append(chosen[:len(chosen):len(chosen)], choice{set[0], n}), both)
	}
}

func partOf(part, whole []choice) bool {
	return !slices.ContainsFunc(part, func(x choice) bool { return !slices.Contains(whole, x) })
}

func (c *cells) name(chosen []choice) (name string) {
	for k, x := range chosen {
		if k > 0 {
			name += " with "
		}
		name += c.groups[x.group][x.side].name
	}
	return name
}

// weigh asks whether few rows count for all, or one or two for a side.
func (c *cells) weigh() {
	if c.plan.weights < 0 || len(c.rows) == 0 {
		return
	}
	name := c.plan.sources[c.plan.weights].name
	most, sum, squares := 0.0, 0.0, 0.0
	for _, i := range c.rows {
		most = max(most, c.weight(i))
	}
	shares := make([]float64, len(c.rows))
	for k, i := range c.rows {
		shares[k] = c.weight(i) / most
	}
	for _, w := range c.byChild(shares, c.rows) {
		sum, squares = sum+w, squares+float64(w*w)
	}
	least := min(c.plan.study.Privacy.MinRows, fewestWeighing)
	if float64(sum*sum) < float64(float64(least)*squares) {
		c.report(fmt.Sprintf("the weights %q, by which few rows count for all", name))
		return
	}
	for _, id := range c.order {
		for _, s := range c.groups[id] {
			var weights []float64
			var of []int
			for k, i := range c.rows {
				if s.bits[k/64]>>(k%64)&1 == 1 {
					weights, of = append(weights, c.weight(i)), append(of, i)
				}
			}
			if weights = c.byChild(weights, of); len(weights) >= disclosure.Smallest && twoAreAll(weights) {
				c.report(fmt.Sprintf("the weights %q, by which one or two rows count for all with %s", name, s.name))
			}
		}
	}
}
