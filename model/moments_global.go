package model

import (
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Bounds on the spread of a column, as its SD over its codebook range. Below
// constantSpread it does not vary; below widestRange the grid no longer
// resolves it.
const (
	constantSpread = -35 // powers of two
	widestRange    = -20
	collinearAt    = -36 // 1 - R^2 of a column on those before it
)

// crossed is the moments about the weighted means, in units of the ranges.
type crossed struct {
	n       *big.Float // sum of weights
	square  mp.Symmetric
	product []*big.Float
	outcome *big.Float   // nil unless linear
	shift   []*big.Float // weighted means of the terms, in units, about the means of the counts
	y       *big.Float   // weighted mean of the outcome, in its unit about its centre; nil without weights
}

// crossed reads the opened integers of square, product, outcome and weighted.
// The means of the counts are unweighted: with weights, the rest is taken off
// here, exactly.
func (p *Plan) crossed(s *state, square, product, outcome, weighted []exact.Integer) *crossed {
	k := len(p.terms)
	grid := p.unit(0, 0)
	c := &crossed{n: mp.Int(s.Counts.Complete), square: mp.Unpack(square, k, p.unit)}
	for _, v := range product {
		c.product = append(c.product, mp.Scaled(v.V, grid))
	}
	if len(outcome) > 0 {
		c.outcome = mp.Scaled(outcome[0].V, grid)
	}
	if len(weighted) == 0 {
		return c
	}
	c.n = mp.Scaled(weighted[0].V, grid)
	if c.n.Sign() <= 0 {
		return c
	}
	c.y = mp.Quo(mp.Scaled(weighted[k+1].V, grid), c.n)
	for j := range k {
		c.shift = append(c.shift, mp.Quo(mp.Scaled(weighted[1+j].V, grid), c.n))
	}
	for i := range k {
		for j := range i + 1 {
			c.square[i][j] = mp.Sub(c.square[i][j], mp.Mul(c.n, mp.Mul(c.shift[i], c.shift[j])))
		}
		c.product[i] = mp.Sub(c.product[i], mp.Mul(c.n, mp.Mul(c.shift[i], c.y)))
	}
	if c.outcome != nil {
		c.outcome = mp.Sub(c.outcome, mp.Mul(c.n, mp.Mul(c.y, c.y)))
	}
	return c
}

func (p *Plan) momentsGlobal(s *state, sums []*big.Int) {
	k := len(p.terms)
	values := exact.Integers(sums)
	take := func(n int) []exact.Integer {
		v := values[:n:n]
		values = values[n:]
		return v
	}
	m := &moments{}
	square, product := take(mp.Packed(k)), take(k)
	var outcome []exact.Integer
	if p.gaussian() {
		outcome = take(1)
		if p.ownIntercepts() {
			m.Total = take(2)
		}
	}
	if p.weights >= 0 {
		m.Weighted = take(k + 3)
	}
	if p.kind == configs.KindPoisson {
		m.Poisson = take(p.saturatedLen())
	}
	if n := p.offsetLen(); n > 0 {
		m.Offset = take(n)
	}
	c := p.crossed(s, square, product, outcome, m.Weighted)
	if c.n.Sign() <= 0 {
		s.refuse(contradiction())
		return
	}
	if p.weights >= 0 && mp.Quo(c.n, mp.Int(s.Counts.Complete)).Cmp(mp.Mul(mp.Pow2(widestRange), mp.Of(p.sources[p.weights].high))) < 0 {
		name := p.sources[p.weights].name
		s.refuse(fail(CodeWideRange, "give the plausible range of the column in the codebook",
			"the codebook's range of column %q is more than a million times its mean, so its sums cannot be resolved", name).about(name))
		return
	}
	for j, t := range p.terms {
		sd, refusal := p.spread(c.square[j][j], c.n, &t, CodeConstant)
		if refusal != nil {
			s.refuse(refusal)
			return
		}
		m.SD = append(m.SD, mp.Float64(mp.Mul(sd, mp.Of(t.unitOf(s.Counts.Mean[j])))))
	}
	penalised := c.square
	if lambda := p.study.Model.Penalty.Ridge; lambda > 0 { // then nothing is collinear
		penalised = slices.Clone(c.square)
		for j := range penalised {
			penalised[j] = slices.Clone(penalised[j])
			penalised[j][j] = mp.Mul(penalised[j][j], mp.Add(mp.Int(1), mp.Of(lambda)))
		}
	}
	factors, row := mp.Factorise(penalised, mp.Pow2(collinearAt))
	if row >= 0 {
		s.refuse(p.collinear(factors, row))
		return
	}
	s.Moments = m
	if !p.gaussian() {
		p.start(s, c, factors)
		return
	}
	m.Square, m.Product, m.Outcome = square, product, outcome
	if refusal := p.explainedWholly(penalised, c.product, c.outcome, c.n); refusal != nil {
		s.Moments = nil
		s.refuse(refusal)
		return
	}
	p.afterFits(s)
}

// spread returns the SD in units of the range, or why it cannot be used.
func (p *Plan) spread(square, n *big.Float, t *term, code string) (*big.Float, *Error) {
	if square.Sign() < 0 || square.Cmp(n) > 0 {
		return nil, contradiction()
	}
	sd := mp.Sqrt(mp.Quo(square, n))
	inside := ""
	if p.ownIntercepts() {
		inside = " of an institution"
	}
	switch {
	case sd.Cmp(mp.Pow2(constantSpread)) < 0 && code == CodeOneValue:
		return nil, fail(code, "choose another outcome, or ask more institutions",
			"the outcome %q has one value only among the complete rows%s", t.column, inside).about(t.column)
	case sd.Cmp(mp.Pow2(constantSpread)) < 0:
		return nil, fail(code, "leave it out of the features",
			"column %q has the same value in every complete row%s", t.name, inside).about(t.name)
	case sd.Cmp(mp.Pow2(widestRange)) < 0:
		return nil, fail(CodeWideRange, "give the plausible range of the column in the codebook",
			"the codebook's range of column %q is more than a million times its standard deviation, so its sums cannot be resolved", t.name).about(t.name)
	}
	return sd, nil
}

// collinear names the column and those it is made of.
func (p *Plan) collinear(c *mp.Cholesky, row int) *Error {
	weights := c.Follows(row)
	var from []string
	for j, w := range weights {
		if mp.New().Abs(w).Cmp(mp.Pow2(-16)) > 0 {
			from = append(from, p.terms[j].name)
		}
	}
	name := p.all()[row].name
	return fail(CodeCollinear, "leave one of them out of the features",
		"column %q follows from %s in the complete rows (what it adds is below 4 millionths of its standard deviation), so their effects cannot be told apart", name, list(from)).about(append([]string{name}, from...)...)
}

// explainedWholly refuses a linear outcome without spread or without residual.
func (p *Plan) explainedWholly(square mp.Symmetric, product []*big.Float, outcome, n *big.Float) *Error {
	code := CodeOneValue
	if p.comparing() { // it is a column like the others
		code = CodeConstant
	}
	if _, refusal := p.spread(outcome, n, &p.outcome, code); refusal != nil {
		return refusal
	}
	factors, row := mp.Factorise(append(square[:len(square):len(square)], append(product[:len(product):len(product)], outcome)), mp.Pow2(collinearAt))
	if row < 0 {
		return nil
	}
	if p.comparing() {
		return p.collinear(factors, row)
	}
	var from []string
	for j, w := range factors.Follows(row) {
		if mp.New().Abs(w).Cmp(mp.Pow2(-16)) > 0 {
			from = append(from, p.terms[j].name)
		}
	}
	return fail(CodeExact, "leave them out, or choose another outcome",
		"the outcome %q follows from %s: what is left is below 4 millionths of its standard deviation, too little to estimate", p.outcome.column, list(from)).about(append([]string{p.outcome.column}, from...)...)
}
