package model

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/elementary"
)

// start begins the main fit. The intercept alone serves as the point to fall
// back on, where its deviance is known.
func (p *Plan) start(s *state, c *crossed, factors *cholesky) {
	if refusal := p.beforeStart(s, c); refusal != nil {
		s.Moments = nil
		s.refuse(refusal)
		return
	}
	f := &fit{For: fitMain, Full: true, Deviance: integer{new(big.Int)}, Decrements: []float64{}, Strides: []float64{}}
	for j := range p.size() {
		if j > 0 || !p.ownIntercepts() {
			f.Params = append(f.Params, j)
		}
	}
	switch {
	case p.ownIntercepts():
		f.Trial = make([]float64, len(f.Params))
	case p.kind == configs.KindPoisson:
		f.Trial = p.firstCounts(s, c, factors)
	default:
		_, events := p.totals(s)
		f.Trial = discriminant(c, events, factors)
	}
	if s.Moments.Offset != nil && !p.ownIntercepts() {
		p.lessOffset(s, c, factors, f.Trial)
	}
	if d, ok := p.nullDeviance(s); ok && !p.ownIntercepts() {
		a, _ := p.nullIntercept(s)
		f.Point = make([]float64, len(f.Params))
		f.Point[0] = a
		f.Deviance = integer{asGrid(d, p.grids(s).deviance)}
	}
	s.Fits = []*fit{f}
	s.Phase = phaseFit
	p.step(s, f)
}

// beforeStart refuses what no fit can mend.
func (p *Plan) beforeStart(s *state, c *crossed) *Error {
	total := p.total(s)
	if total <= 0 {
		return fail(CodeOneValue, "choose another outcome, or ask more institutions",
			"the outcome %q has one value only among the complete rows", p.outcome.column).about(p.outcome.column)
	}
	n, y := p.totals(s)
	if y.Sign() <= 0 || p.kind == configs.KindLogistic && y.Cmp(n) >= 0 {
		return contradiction()
	}
	if p.weights >= 0 || p.imputes() || p.study.Model.Penalty.Ridge > 0 {
		return nil // the products are then no counts of rows; a penalised model has an estimate anyhow
	}
	_, size := p.outcomeScale(0)
	both := make([]int64, len(p.terms))
	for j, t := range p.terms {
		if !t.group {
			continue
		}
		// sum x y = units * sum u y + mean * events: a whole number but for
		// the rounding of the mean.
		xy := sum(mul(c.product[j], mul(exactly(t.unitOf(s.Counts.Mean[j])), exactly(size))), mul(exactly(s.Counts.Mean[j]), whole(total)))
		both[j] = int64(math.Round(round(xy)))
	}
	return p.separatedGroup(s, both, total)
}

// discriminant is the linear discriminant: b = W^-1 d, with W the covariance
// within the outcome groups and d the difference of their means. It is usually
// two Newton steps ahead of the intercept alone.
func discriminant(c *crossed, n1 *big.Float, factors *cholesky) []float64 {
	n := c.n
	n0 := diff(n, n1)
	// On the scale of columns standardised with divisor n: R is their
	// correlation matrix, d_j = (sum z_j y) n / (n1 n0). By Sherman and
	// Morrison W^-1 d = R^-1 d / (1-q) with q = (n1 n0 / n^2) d'R^-1 d, the R^2
	// of the outcome on the columns.
	balance := quo(mul(n1, n0), mul(n, n))
	k := len(c.product)
	d, sd, b := make([]*big.Float, k), make([]*big.Float, k), make([]*big.Float, k)
	for j := range d {
		sd[j] = root(quo(c.square[j][j], n))
		d[j] = quo(quo(c.product[j], sd[j]), mul(n, balance))
		b[j] = mul(d[j], sd[j]) // factors belongs to square = n sd R sd
	}
	b = factors.solve(b)
	for j := range b {
		b[j] = mul(mul(b[j], sd[j]), n)
	}
	length := dot(d, b)
	if length.Sign() < 0 {
		length = num()
	}
	factor := diff(whole(1), mul(balance, length))
	// The predictor's own SD is sqrt(length)/factor; four is already extreme.
	if least := quo(root(length), whole(4)); factor.Cmp(least) < 0 {
		factor = least
	}
	odds := elementary.LogPositive(round(quo(n1, n0)))
	trial := []float64{odds}
	shift := num()
	for j := range b {
		if factor.Sign() > 0 {
			b[j] = quo(b[j], factor)
		}
		shift = sum(shift, mul(b[j], d[j]))
		trial = append(trial, round(b[j]))
	}
	shift = quo(mul(shift, diff(n1, n0)), mul(whole(2), n))
	trial[0] = round(sum(exactly(odds), shift))
	return trial
}

// firstCounts is the first Newton step of a poisson model from the intercept
// alone, known from the moments: b = (Z'WZ)^-1 Z'y / mean(y).
func (p *Plan) firstCounts(s *state, c *crossed, factors *cholesky) []float64 {
	n, y := p.totals(s)
	_, size := p.outcomeScale(0)
	a, known := p.nullIntercept(s)
	if !known { // exposures too small for their grid: the mean offset is near enough to begin with
		mean := quo(scaled(s.Moments.Offset[len(p.terms)].v, p.offsetGrid()), n)
		a = round(diff(exactly(elementary.LogPositive(round(quo(y, n)))), mean))
	}
	trial := []float64{a}
	for j, slope := range factors.solve(c.product) {
		slope = quo(mul(slope, mul(exactly(size), n)), y)
		unit := exactly(p.terms[j].unitOf(s.Counts.Mean[j]))
		trial = append(trial, round(quo(mul(slope, exactly(s.Moments.SD[j])), unit)))
	}
	return trial
}

// lessOffset takes from a start that knows no offset the regression of the
// offset on the terms.
func (p *Plan) lessOffset(s *state, c *crossed, factors *cholesky, trial []float64) {
	k := len(p.terms)
	mean := quo(scaled(s.Moments.Offset[k].v, p.offsetGrid()), c.n)
	product := make([]*big.Float, k)
	for j := range product {
		product[j] = scaled(s.Moments.Offset[j].v, p.offsetGrid())
		if c.shift != nil {
			product[j] = diff(product[j], mul(c.n, mul(c.shift[j], mean)))
		}
	}
	for j, slope := range factors.solve(product) {
		unit := exactly(p.terms[j].unitOf(s.Counts.Mean[j]))
		slope = quo(mul(slope, exactly(s.Moments.SD[j])), unit)
		trial[j+1] = round(diff(exactly(trial[j+1]), slope))
	}
	if p.kind == configs.KindLogistic { // a poisson model's intercept already knows the exposure
		trial[0] = round(diff(exactly(trial[0]), mean))
	}
}
