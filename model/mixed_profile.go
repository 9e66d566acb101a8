package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
)

// profile is the profile likelihood of w = theta/(1+m theta), from the opened
// sums over sites and the polynomials through them.
type profile struct {
	rows, sites, average *big.Float   // n, G and m = n/G
	freedom              *big.Float   // what the residual sum of squares is divided by
	restricted           bool         // REML
	total                symmetric    // of [1, x, y] about the means, over all rows
	at                   []*big.Float // w of each trial
	products             []symmetric  // P at each trial
	logs                 []*big.Float // sum of log q_g at each trial
}

func (p *Plan) profile(s *state) *profile {
	n := s.Counts.Complete
	f := &profile{rows: whole(n), sites: whole(s.Counts.Sites), restricted: p.study.Model.Method != configs.MethodML}
	f.average = quo(f.rows, f.sites)
	f.freedom = whole(n)
	if f.restricted {
		f.freedom = whole(n - int64(p.size()))
	}
	m := s.Moments
	c := p.crossed(s, m.Square, m.Product, m.Outcome, nil)
	// The columns are measured about their means, so the intercept's products
	// with them are nought.
	f.total = symmetric{{f.rows}}
	for _, square := range c.square {
		f.total = append(f.total, append([]*big.Float{num()}, square...))
	}
	f.total = append(f.total, append(append([]*big.Float{num()}, c.product...), c.outcome))
	for _, o := range s.Mixed.Opened {
		f.at = append(f.at, f.of(o.Theta))
		f.products = append(f.products, unpack(o.Products, p.siteColumns(), func(int, int) int { return siteGrid }))
		f.logs = append(f.logs, scaled(o.Log.v, logSiteGrid))
	}
	return f
}

// of returns the w of a theta, and theta that of a w below 1/m.
func (f *profile) of(theta float64) *big.Float {
	t := exactly(theta)
	return quo(t, sum(whole(1), mul(f.average, t)))
}

func (f *profile) theta(w *big.Float) *big.Float { return quo(w, f.left(w)) }

// left is 1 - m w = 1/(1 + m theta).
func (f *profile) left(w *big.Float) *big.Float { return diff(whole(1), mul(f.average, w)) }

// lagrange returns the weights of the trials in the polynomial through them at
// w, and those in its derivative.
func lagrange(at []*big.Float, w *big.Float) (weights, slopes []*big.Float) {
	for i := range at {
		weight, slope := whole(1), num()
		for j := range at {
			if j == i {
				continue
			}
			gap := diff(at[i], at[j])
			factor := quo(diff(w, at[j]), gap)
			slope = sum(mul(slope, factor), quo(weight, gap)) // (uv)' = u'v + uv'
			weight = mul(weight, factor)
		}
		weights, slopes = append(weights, weight), append(slopes, slope)
	}
	return weights, slopes
}

// point is the model at one w.
type point struct {
	matrix   symmetric // [1, x, y]' V^-1 [1, x, y]
	factors  *cholesky // of its part without y
	slopes   []*big.Float
	residual *big.Float // sum of squares
	score    *big.Float // of -2 log likelihood, times any positive number: its sign says which way the optimum lies
}

// evaluate returns nil where the polynomial is no matrix of squares: beyond
// what the opened trials say anything about.
func (f *profile) evaluate(w *big.Float) *point {
	weights, slopes := lagrange(f.at, w)
	k := len(f.total) - 1
	o, change := &point{}, make(symmetric, k+1) // M = A - w P and its derivative in w
	for i := range f.total {
		row := make([]*big.Float, i+1)
		change[i] = make([]*big.Float, i+1)
		for j := range row {
			value, slope := num(), num()
			for t := range f.at {
				value.Add(value, mul(weights[t], f.products[t][i][j]))
				slope.Add(slope, mul(slopes[t], f.products[t][i][j]))
			}
			row[j] = diff(f.total[i][j], mul(w, value))
			change[i][j] = num().Neg(sum(value, mul(w, slope)))
		}
		o.matrix = append(o.matrix, row)
	}
	row := 0
	if o.factors, row = factorise(o.matrix[:k], power(singularAt)); row >= 0 {
		return nil
	}
	product := o.matrix[k][:k]
	o.slopes = o.factors.solve(product)
	o.residual = diff(o.matrix[k][k], dot(o.slopes, product))
	if o.residual.Sign() <= 0 || o.residual.Cmp(mul(power(collinearAt), f.total[k][k])) <= 0 {
		return nil
	}
	// d RSS = r' M' r with r = (-b, 1), because b is optimal; d log|V| is
	// (n - w P_00)/(1-mw)^2, of which M_00 is the numerator; with REML also
	// d log|X'V^-1X| = tr((X'V^-1X)^-1 X'V^-1X').
	r := make([]*big.Float, k+1)
	for j, b := range o.slopes {
		r[j] = num().Neg(b)
	}
	r[k] = whole(1)
	left := f.left(w)
	o.score = sum(quo(mul(f.freedom, change.quadratic(r)), o.residual), quo(o.matrix[0][0], mul(left, left)))
	if f.restricted {
		o.score = sum(o.score, trace(o.factors.inverse(), change[:k]))
	}
	return o
}

// trace returns that of a product of two symmetric matrices.
func trace(a, b symmetric) *big.Float {
	total := num()
	for i := range a {
		for j := range a[i] {
			v := mul(a[i][j], b[i][j])
			if j < i {
				v = mul(v, whole(2))
			}
			total.Add(total, v)
		}
	}
	return total
}

// logDeterminant returns log|V| at a theta above 0 up to
// sites * log(1+m theta): the sum of log(1+(n_g-m)w), which is w^2 times a
// smooth function because the n_g-m sum to nought.
func (f *profile) logDeterminant(w *big.Float) *big.Float {
	var at, values []*big.Float
	for i, t := range f.at {
		if t.Sign() > 0 {
			at = append(at, t)
			values = append(values, quo(num().Neg(f.logs[i]), mul(t, t)))
		}
	}
	weights, _ := lagrange(at, w)
	return mul(dot(weights, values), mul(w, w))
}
