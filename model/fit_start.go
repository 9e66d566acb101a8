package model

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/elementary"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// start begins the main fit. The intercept alone serves as the point to fall
// back on, where its deviance is known.
func (p *Plan) start(s *state, c *crossed, factors *mp.Cholesky) {
	if refusal := p.beforeStart(s, c); refusal != nil {
		s.Moments = nil
		s.refuse(refusal)
		return
	}
	f := &fit{For: fitMain, Full: true, Deviance: exact.Integer{V: new(big.Int)}, Decrements: []float64{}, Strides: []float64{}}
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
		f.Deviance = exact.Integer{V: mp.OnGrid(d, p.grids(s).deviance)}
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
		xy := mp.Add(mp.Mul(c.product[j], mp.Mul(mp.Of(t.unitOf(s.Counts.Mean[j])), mp.Of(size))), mp.Mul(mp.Of(s.Counts.Mean[j]), mp.Int(total)))
		both[j] = int64(math.Round(mp.Float64(xy)))
	}
	return p.separatedGroup(s, both, total)
}

// discriminant is the linear discriminant: b = W^-1 d, with W the covariance
// within the outcome groups and d the difference of their means. It is usually
// two Newton steps ahead of the intercept alone.
func discriminant(c *crossed, n1 *big.Float, factors *mp.Cholesky) []float64 {
	n := c.n
	n0 := mp.Sub(n, n1)
	// On the scale of columns standardised with divisor n: R is their
	// correlation matrix, d_j = (sum z_j y) n / (n1 n0). By Sherman and
	// Morrison W^-1 d = R^-1 d / (1-q) with q = (n1 n0 / n^2) d'R^-1 d, the R^2
	// of the outcome on the columns.
	balance := mp.Quo(mp.Mul(n1, n0), mp.Mul(n, n))
	k := len(c.product)
	d, sd, b := make([]*big.Float, k), make([]*big.Float, k), make([]*big.Float, k)
	for j := range d {
		sd[j] = mp.Sqrt(mp.Quo(c.square[j][j], n))
		d[j] = mp.Quo(mp.Quo(c.product[j], sd[j]), mp.Mul(n, balance))
		b[j] = mp.Mul(d[j], sd[j]) // factors belongs to square = n sd R sd
	}
	b = factors.Solve(b)
	for j := range b {
		b[j] = mp.Mul(mp.Mul(b[j], sd[j]), n)
	}
	length := mp.Dot(d, b)
	if length.Sign() < 0 {
		length = mp.New()
	}
	factor := mp.Sub(mp.Int(1), mp.Mul(balance, length))
	// The predictor's own SD is sqrt(length)/factor; four is already extreme.
	if least := mp.Quo(mp.Sqrt(length), mp.Int(4)); factor.Cmp(least) < 0 {
		factor = least
	}
	odds := elementary.LogPositive(mp.Float64(mp.Quo(n1, n0)))
	trial := []float64{odds}
	shift := mp.New()
	for j := range b {
		if factor.Sign() > 0 {
			b[j] = mp.Quo(b[j], factor)
		}
		shift = mp.Add(shift, mp.Mul(b[j], d[j]))
		trial = append(trial, mp.Float64(b[j]))
	}
	shift = mp.Quo(mp.Mul(shift, mp.Sub(n1, n0)), mp.Mul(mp.Int(2), n))
	trial[0] = mp.Float64(mp.Add(mp.Of(odds), shift))
	return trial
}

// firstCounts is the first Newton step of a poisson model from the intercept
// alone, known from the moments: b = (Z'WZ)^-1 Z'y / mean(y).
func (p *Plan) firstCounts(s *state, c *crossed, factors *mp.Cholesky) []float64 {
	n, y := p.totals(s)
	_, size := p.outcomeScale(0)
	a, known := p.nullIntercept(s)
	if !known { // exposures too small for their grid: the mean offset is near enough to begin with
		mean := mp.Quo(mp.Scaled(s.Moments.Offset[len(p.terms)].V, p.offsetGrid()), n)
		a = mp.Float64(mp.Sub(mp.Of(elementary.LogPositive(mp.Float64(mp.Quo(y, n)))), mean))
	}
	trial := []float64{a}
	for j, slope := range factors.Solve(c.product) {
		slope = mp.Quo(mp.Mul(slope, mp.Mul(mp.Of(size), n)), y)
		unit := mp.Of(p.terms[j].unitOf(s.Counts.Mean[j]))
		trial = append(trial, mp.Float64(mp.Quo(mp.Mul(slope, mp.Of(s.Moments.SD[j])), unit)))
	}
	return trial
}

// lessOffset takes from a start that knows no offset the regression of the
// offset on the terms.
func (p *Plan) lessOffset(s *state, c *crossed, factors *mp.Cholesky, trial []float64) {
	k := len(p.terms)
	mean := mp.Quo(mp.Scaled(s.Moments.Offset[k].V, p.offsetGrid()), c.n)
	product := make([]*big.Float, k)
	for j := range product {
		product[j] = mp.Scaled(s.Moments.Offset[j].V, p.offsetGrid())
		if c.shift != nil {
			product[j] = mp.Sub(product[j], mp.Mul(c.n, mp.Mul(c.shift[j], mean)))
		}
	}
	for j, slope := range factors.Solve(product) {
		unit := mp.Of(p.terms[j].unitOf(s.Counts.Mean[j]))
		slope = mp.Quo(mp.Mul(slope, mp.Of(s.Moments.SD[j])), unit)
		trial[j+1] = mp.Float64(mp.Sub(mp.Of(trial[j+1]), slope))
	}
	if p.kind == configs.KindLogistic { // a poisson model's intercept already knows the exposure
		trial[0] = mp.Float64(mp.Sub(mp.Of(trial[0]), mean))
	}
}
