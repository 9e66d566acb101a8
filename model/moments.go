package model

import (
	"math/big"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
)

// moments is what the second round opens: squares and products about the
// global means, each column measured in units of its codebook range.
type moments struct {
	SD      []float64 `json:"sd"`                // by term, in its own unit, divisor n
	Square  []integer `json:"square,omitempty"`  // linear: terms by terms, lower triangle
	Product []integer `json:"product,omitempty"` // linear: terms by outcome
	Outcome []integer `json:"outcome,omitempty"` // linear: outcome by outcome, one entry
}

func (m *moments) whole(p *Plan) bool {
	k := len(p.terms)
	if len(m.SD) != k {
		return false
	}
	for _, sd := range m.SD {
		if !(sd > 0) {
			return false
		}
	}
	if p.kind == configs.KindLogistic {
		return m.Square == nil && m.Product == nil && m.Outcome == nil
	}
	return len(m.Square) == packed(k) && len(m.Product) == k && len(m.Outcome) == 1
}

// A value in units of its range lies within +-1, below 2^1.
const unitGrid = gridBits - 1

func unit(int, int) int { return unitGrid }

func (p *Plan) momentsShape() []Tensor {
	k := len(p.terms)
	tensors := []Tensor{{"square", packed(k), sumBits}, {"product", k, sumBits}}
	if p.kind == configs.KindLinear {
		tensors = append(tensors, Tensor{"outcome", 1, sumBits})
	}
	return tensors
}

// unitOf returns the size in which the term is measured about its mean.
func (t *term) unitOf(mean float64) float64 { return t.reach(mean) }

func (p *Plan) momentsLocal(s *state, v *view) []accumulator {
	k := len(p.terms)
	linear := p.kind == configs.KindLinear
	product := packed(k)
	a := make([]accumulator, product+k+1)
	mean, units := s.Counts.Mean, make([]float64, k+1)
	for j, t := range p.all() {
		units[j] = t.unitOf(mean[j])
	}
	u := make([]float64, k)
	for i := range v.rows {
		if !v.complete(i) {
			continue
		}
		y := v.row(i, u)
		if linear {
			y = (y - mean[k]) / units[k]
		}
		at := 0
		for j := range u {
			u[j] = (u[j] - mean[j]) / units[j]
			for l := 0; l <= j; l++ {
				a[at].add(float64(u[j]*u[l]), unitGrid)
				at++
			}
			a[product+j].add(float64(u[j]*y), unitGrid)
		}
		if linear {
			a[product+k].add(float64(y*y), unitGrid)
		}
	}
	if !linear {
		a = a[:product+k]
	}
	return a
}

// Bounds on the spread of a column, as its SD over its codebook range. Below
// constantSpread it does not vary; below widestRange the grid no longer
// resolves it.
const (
	constantSpread = -35 // powers of two
	widestRange    = -20
	collinearAt    = -36 // 1 - R^2 of a column on those before it
)

func (p *Plan) momentsGlobal(s *state, sums []*big.Int) {
	k := len(p.terms)
	n := whole(s.Counts.Complete)
	values := integers(sums)
	square := unpack(values[:packed(k)], k, unit)
	m := &moments{}
	for j, t := range p.terms {
		sd, refusal := p.spread(square[j][j], n, &t, CodeConstant)
		if refusal != nil {
			s.refuse(refusal)
			return
		}
		m.SD = append(m.SD, round(mul(sd, exactly(t.unitOf(s.Counts.Mean[j])))))
	}
	factors, row := factorise(square, power(collinearAt))
	if row >= 0 {
		s.refuse(p.collinear(factors, row))
		return
	}
	s.Moments = m
	product := make([]*big.Float, k)
	for j := range product {
		product[j] = scaled(sums[packed(k)+j], unitGrid)
	}
	if p.kind == configs.KindLogistic {
		p.start(s, square, factors, product)
		return
	}
	m.Square, m.Product, m.Outcome = values[:packed(k)], values[packed(k):packed(k)+k], values[packed(k)+k:]
	if refusal := p.explainedWholly(square, product, scaled(sums[packed(k)+k], unitGrid), n); refusal != nil {
		s.Moments = nil
		s.refuse(refusal)
		return
	}
	s.Phase = phaseDone
}

// spread returns the SD in units of the range, or why it cannot be used.
func (p *Plan) spread(square, n *big.Float, t *term, code string) (*big.Float, *Error) {
	if square.Sign() < 0 || square.Cmp(n) > 0 {
		return nil, contradiction()
	}
	sd := root(quo(square, n))
	switch {
	case sd.Cmp(power(constantSpread)) < 0 && code == CodeOneValue:
		return nil, fail(code, "choose another outcome, or ask more institutions",
			"the outcome %q has one value only among the complete rows", t.column).about(t.column)
	case sd.Cmp(power(constantSpread)) < 0:
		return nil, fail(code, "leave it out of the features",
			"column %q has the same value in every complete row", t.column).about(t.column)
	case sd.Cmp(power(widestRange)) < 0:
		return nil, fail(CodeWideRange, "give the plausible range of the column in the codebook",
			"the codebook's range of column %q is more than a million times its standard deviation, so its sums cannot be resolved", t.column).about(t.column)
	}
	return sd, nil
}

// collinear names the column and those it is made of.
func (p *Plan) collinear(c *cholesky, row int) *Error {
	weights := c.follows(row)
	var from []string
	for j, w := range weights {
		if num().Abs(w).Cmp(power(-16)) > 0 {
			from = append(from, p.terms[j].name)
		}
	}
	name := p.terms[row].name
	return fail(CodeCollinear, "leave one of them out of the features",
		"column %q follows from %s in the complete rows (what it adds is below 4 millionths of its standard deviation), so their effects cannot be told apart", name, list(from)).about(append([]string{name}, from...)...)
}

// explainedWholly refuses a linear outcome without spread or without residual.
func (p *Plan) explainedWholly(square symmetric, product []*big.Float, outcome, n *big.Float) *Error {
	if _, refusal := p.spread(outcome, n, &p.outcome, CodeOneValue); refusal != nil {
		return refusal
	}
	factors, row := factorise(append(square[:len(square):len(square)], append(product[:len(product):len(product)], outcome)), power(collinearAt))
	if row < 0 {
		return nil
	}
	var from []string
	for j, w := range factors.follows(row) {
		if num().Abs(w).Cmp(power(-16)) > 0 {
			from = append(from, p.terms[j].name)
		}
	}
	return fail(CodeExact, "leave them out, or choose another outcome",
		"the outcome %q follows from %s: what is left is below 4 millionths of its standard deviation, too little to estimate", p.outcome.column, list(from)).about(append([]string{p.outcome.column}, from...)...)
}

// list writes names as people do.
func list(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "\"" + n + "\""
	}
	switch len(quoted) {
	case 0:
		return "the other columns"
	case 1:
		return quoted[0]
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}
