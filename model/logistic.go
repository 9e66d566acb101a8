package model

import (
	"math"
	"math/big"
)

// fit is where a logistic regression stands. Points are on the standardised
// scale, the intercept first.
type fit struct {
	Trial      []float64 `json:"trial"` // the point that the next round evaluates
	Full       bool      `json:"full"`  // whether that round opens the Hessian
	Point      []float64 `json:"point"` // the last point that was accepted
	Deviance   integer   `json:"deviance"`
	Gradient   []integer `json:"gradient,omitempty"` // at Point
	Hessian    []integer `json:"hessian,omitempty"`  // the newest, lower triangle
	Halvings   int       `json:"halvings"`
	Decrements []float64 `json:"decrements"` // squared Newton decrement of each accepted point
	Strides    []float64 `json:"strides"`    // largest standardised step from each accepted point
	Estimate   []float64 `json:"estimate,omitempty"`
}

func (f *fit) whole(p *Plan, done bool) bool {
	k := p.size()
	if len(f.Trial) != k || len(f.Point) != k || f.Deviance.v == nil || len(f.Decrements) != len(f.Strides) {
		return false
	}
	opened := len(f.Gradient) == k && len(f.Hessian) == packed(k)
	if done {
		return opened && len(f.Estimate) == k
	}
	none := len(f.Gradient) == 0 && len(f.Hessian) == 0
	return (opened || none) && f.Estimate == nil && (f.Full || opened)
}

// devianceGrid leaves a row's deviance 2^31, far above what a usable point has.
const devianceGrid = 48

func (p *Plan) fitShape(f *fit) []Tensor {
	k := p.size()
	tensors := []Tensor{{"deviance", 1, sumBits}, {"gradient", k, sumBits}}
	if f.Full {
		tensors = append(tensors, Tensor{"hessian", packed(k), sumBits})
	}
	return tensors
}

// exponents returns e with |z_j| < 2^(e_j - 1) for the standardised column j,
// the intercept first: the bounds of gradient and Hessian. They depend on the
// codebook, the means and the SDs only.
func (p *Plan) exponents(s *state) []int {
	e := []int{2}
	for j, t := range p.terms {
		e = append(e, above(t.reach(s.Counts.Mean[j])/s.Moments.SD[j])+1)
	}
	return e
}

// fitLocal evaluates deviance, gradient and Hessian at the trial point.
func (p *Plan) fitLocal(s *state, v *view) []accumulator {
	k := p.size()
	b := s.Fit.Trial
	e := p.exponents(s)
	mean, sd := s.Counts.Mean, s.Moments.SD
	size := 1 + k
	if s.Fit.Full {
		size += packed(k)
	}
	a := make([]accumulator, size)
	x, z := make([]float64, len(p.terms)), make([]float64, k)
	z[0] = 1
	for i := range v.rows {
		if !v.complete(i) {
			continue
		}
		y := v.row(i, x)
		eta := b[0]
		for j := 1; j < k; j++ {
			z[j] = (x[j-1] - mean[j-1]) / sd[j-1]
			eta += float64(b[j] * z[j])
		}
		deviance, residual, weight := bernoulli(y, eta)
		a[0].add(deviance, devianceGrid)
		for j := range z {
			a[1+j].add(float64(residual*z[j]), gridBits-e[j])
		}
		if !s.Fit.Full {
			continue
		}
		at := 1 + k
		for j := range z {
			wz := float64(weight * z[j])
			for l := 0; l <= j; l++ {
				a[at].add(float64(wz*z[l]), gridBits-e[j]-e[l])
				at++
			}
		}
	}
	return a
}

// bernoulli returns, for an outcome y of 0 or 1 and a linear predictor eta,
// -2 log p(y), y - p and p(1-p), without cancellation in either tail.
func bernoulli(y, eta float64) (deviance, residual, weight float64) {
	q := expNegative(-math.Abs(eta))
	agree := eta // positive when eta points to y
	if y == 0 {
		agree = -eta
	}
	deviance = float64(2 * log1pUnit(q))
	wrong := 1 / (1 + q) // probability of the other outcome
	if agree >= 0 {
		wrong = q / (1 + q)
	} else {
		deviance -= float64(2 * agree)
	}
	if y == 0 {
		wrong = -wrong
	}
	return deviance, wrong, q / float64((1+q)*(1+q))
}

// start begins the fit at the linear discriminant: b = W^-1 d, with W the
// covariance within the outcome groups and d the difference of their means,
// both known from the second round. It is usually two Newton steps ahead of
// the intercept alone, which serves as the point to fall back on.
func (p *Plan) start(s *state, square symmetric, factors *cholesky, product []*big.Float) {
	c := s.Counts
	n, n1 := whole(c.Complete), whole(c.events())
	n0 := diff(n, n1)
	if refusal := p.separatedGroup(s, product); refusal != nil {
		s.Moments = nil
		s.refuse(refusal)
		return
	}
	// On the scale of columns standardised with divisor n: R is their
	// correlation matrix, d_j = (sum z_j y) n / (n1 n0). By Sherman and
	// Morrison W^-1 d = R^-1 d / (1-q) with q = (n1 n0 / n^2) d'R^-1 d, the R^2
	// of the outcome on the columns.
	balance := quo(mul(n1, n0), mul(n, n))
	d := make([]*big.Float, len(product))
	sd := make([]*big.Float, len(product))
	for j := range d {
		sd[j] = root(quo(square[j][j], n))
		d[j] = quo(quo(product[j], sd[j]), mul(n, balance))
	}
	// factors belongs to square = n sd R sd.
	b := make([]*big.Float, len(d))
	for j := range d {
		b[j] = mul(d[j], sd[j])
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
	odds := logPositive(round(quo(n1, n0)))
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
	null := make([]float64, p.size())
	null[0] = odds
	s.Fit = &fit{Trial: trial, Full: true, Point: null, Deviance: integer{nullDeviance(c)},
		Decrements: []float64{}, Strides: []float64{}}
	s.Phase = phaseFit
	p.step(s)
}

// nullDeviance is the deviance of the intercept alone, on the deviance grid.
func nullDeviance(c *counts) *big.Int {
	n, n1 := float64(c.Complete), float64(c.events())
	n0 := n - n1
	d := -2 * (float64(n1*logPositive(n1/n)) + float64(n0*logPositive(n0/n)))
	f := exactly(d)
	v, _ := f.SetMantExp(f, devianceGrid).Int(nil)
	return v
}
