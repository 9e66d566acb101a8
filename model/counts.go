package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// counts is what the first round opens: how many rows there are and the means
// over complete cases.
type counts struct {
	Rows     int64     `json:"rows"`
	Complete int64     `json:"complete"`
	Present  []int64   `json:"present"` // by source
	Mean     []float64 `json:"mean"`    // by term, the outcome last
	Ones     []int64   `json:"ones"`    // rows in which a 0/1 term is 1; 0 for other terms; the outcome last

	Institutions int64 `json:"institutions,omitempty"` // with rows, where each has its own intercept
	Sites        int64 `json:"sites,omitempty"`        // with rows, of a mixed model or of standard errors by site
	Children     int64 `json:"children,omitempty"`     // of person-periods: of how many children the complete ones are
}

func (c *counts) whole(p *Plan) bool {
	return c.Complete > 0 && len(c.Present) == len(p.sources) && len(c.Mean) == p.size() && len(c.Ones) == p.size()
}

// events returns the rows with a yes_no outcome of 1.
func (c *counts) events() int64 { return c.Ones[len(c.Ones)-1] }

// all lists the terms and then the outcome: p.size() of them.
func (p *Plan) all() []term { return append(p.terms[:len(p.terms):len(p.terms)], p.outcome) }

func (p *Plan) countsShape() []Tensor {
	tensors := []Tensor{
		{"rows", 2, exact.CountBits},
		{"present", len(p.sources), exact.CountBits},
		{"sum", p.size(), exact.SumBits},
	}
	if p.survives() {
		tensors = append(tensors, Tensor{"children", 1, exact.CountBits})
	}
	if p.ownIntercepts() {
		tensors = append(tensors, Tensor{"institutions", 1, exact.CountBits})
	}
	if p.mixes() || p.cluster >= 0 {
		tensors = append(tensors, Tensor{"sites", 1, exact.CountBits})
	}
	return tensors
}

// ownIntercepts says that each institution has an intercept of its own, which
// it works out itself and which never leaves it.
func (p *Plan) ownIntercepts() bool {
	return p.study.Model.Intercepts == configs.InterceptInstitution
}

// rawGrid is the grid on which values of the term itself are summed.
func (t *term) rawGrid() int { return exact.GridBits - 1 - exact.Above(t.reach(0)) }

func (p *Plan) countsLocal(v *view) []exact.Sum {
	present := 2
	sum := present + len(p.sources)
	a := make([]exact.Sum, sum+p.size())
	grid := make([]int, p.size())
	for j, t := range p.all() {
		grid[j] = t.rawGrid()
	}
	x := make([]float64, p.size())
	for i := range v.rows {
		if v.table.heldOut != nil && v.table.heldOut[i] {
			continue
		}
		a[0].Inc()
		for c, column := range v.columns {
			if !column.Missing[i] {
				a[present+c].Inc()
			}
		}
		if !v.used(i) {
			continue
		}
		a[1].Inc()
		x[len(p.terms)] = v.row(i, x)
		for j, value := range x {
			a[sum+j].Add(value, grid[j])
		}
	}
	if p.survives() {
		var children exact.Sum
		for range v.table.childrenIn(v.used) {
			children.Inc()
		}
		a = append(a, children)
	}
	if p.ownIntercepts() {
		a = append(a, p.saysSomething(v))
	}
	return append(a, p.sitesLocal(v)...)
}

// saysSomething counts this institution if, with an intercept of its own, its
// rows say anything about the slopes: if its outcome takes two values. The sums
// of the others are zeros, so those that do must be enough to hide each other.
func (p *Plan) saysSomething(v *view) (one exact.Sum) {
	x := make([]float64, len(p.terms))
	first, seen := 0.0, false
	for i := range v.rows {
		if !v.used(i) {
			continue
		}
		y := v.row(i, x)
		if seen && y != first {
			one.Inc()
			return one
		}
		first, seen = y, true
	}
	return one
}

// mostInstitutions is more than any roster has.
const mostInstitutions = 64

func (p *Plan) countsGlobal(s *state, sums []*big.Int) {
	c := &counts{}
	small := func(v *big.Int) int64 {
		if !v.IsInt64() {
			return -1
		}
		return v.Int64()
	}
	c.Rows, c.Complete = small(sums[0]), small(sums[1])
	for _, v := range sums[2 : 2+len(p.sources)] {
		c.Present = append(c.Present, small(v))
	}
	if p.survives() {
		c.Children = small(sums[2+len(p.sources)+p.size()])
	}
	if p.ownIntercepts() {
		c.Institutions = small(sums[len(sums)-1])
	}
	if p.mixes() || p.cluster >= 0 {
		c.Sites = small(sums[len(sums)-1])
	}
	if !c.consistent(p) {
		s.refuse(contradiction())
		return
	}
	for j, t := range p.all() {
		sum := mp.Scaled(sums[2+len(p.sources)+j], t.rawGrid())
		var ones int64
		if t.group {
			ones, _ = sum.Int64()
		}
		c.Ones = append(c.Ones, ones)
		if c.Complete == 0 {
			c.Mean = append(c.Mean, 0)
			continue
		}
		mean := mp.Float64(mp.Quo(sum, mp.Int(c.Complete)))
		if mean < t.low || mean > t.high || t.group && sum.Cmp(mp.Int(ones)) != 0 {
			s.refuse(contradiction())
			return
		}
		c.Mean = append(c.Mean, mean)
	}
	s.Counts = c
	if refusal := p.afterCounts(c); refusal != nil {
		s.refuse(refusal)
		return
	}
	s.Phase = phaseMoments
}

func (c *counts) consistent(p *Plan) bool {
	ok := c.Rows >= 0 && c.Complete >= 0 && c.Complete <= c.Rows && c.Institutions >= 0 && c.Institutions <= min(mostInstitutions, c.Rows) && c.Sites >= 0 && c.Sites <= c.Rows
	if p.survives() { // every child has at least one row, and at most one a period
		ok = ok && c.Children >= 0 && c.Children <= c.Complete && c.Complete <= c.Children*int64(len(p.rules.periods.levels))
	}
	for j, n := range c.Present {
		ok = ok && n >= 0 && n <= c.Rows && (n >= c.Complete || p.imputes() && !p.sources[j].must)
	}
	return ok
}
