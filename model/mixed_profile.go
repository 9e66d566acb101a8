package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// profile is the profile likelihood of w = theta/(1+m theta), from the opened
// sums over sites and the polynomials through them.
type profile struct {
	rows, sites, average *big.Float     // n, G and m = n/G
	freedom              *big.Float     // what the residual sum of squares is divided by
	restricted           bool           // REML
	total                mp.Symmetric   // of [1, x, y] about the means, over all rows
	at                   []*big.Float   // w of each trial
	products             []mp.Symmetric // P at each trial
	logs                 []*big.Float   // sum of log q_g at each trial
}

func (p *Plan) profile(s *state) *profile {
	n := s.Counts.Complete
	f := &profile{rows: mp.Int(n), sites: mp.Int(s.Counts.Sites), restricted: p.study.Model.Method != configs.MethodML}
	f.average = mp.Quo(f.rows, f.sites)
	f.freedom = mp.Int(n)
	if f.restricted {
		f.freedom = mp.Int(n - int64(p.size()))
	}
	m := s.Moments
	c := p.crossed(s, m.Square, m.Product, m.Outcome, nil)
	// The columns are measured about their means, so the intercept's products
	// with them are nought.
	f.total = mp.Symmetric{{f.rows}}
	for _, square := range c.square {
		f.total = append(f.total, append([]*big.Float{mp.New()}, square...))
	}
	f.total = append(f.total, append(append([]*big.Float{mp.New()}, c.product...), c.outcome))
	for _, o := range s.Mixed.Opened {
		f.at = append(f.at, f.of(o.Theta))
		f.products = append(f.products, mp.Unpack(o.Products, p.siteColumns(), func(int, int) int { return siteGrid }))
		f.logs = append(f.logs, mp.Scaled(o.Log.V, logSiteGrid))
	}
	return f
}

// of returns the w of a theta, and theta that of a w below 1/m.
func (f *profile) of(theta float64) *big.Float {
	t := mp.Of(theta)
	return mp.Quo(t, mp.Add(mp.Int(1), mp.Mul(f.average, t)))
}

func (f *profile) theta(w *big.Float) *big.Float { return mp.Quo(w, f.left(w)) }

// left is 1 - m w = 1/(1 + m theta).
func (f *profile) left(w *big.Float) *big.Float { return mp.Sub(mp.Int(1), mp.Mul(f.average, w)) }

// lagrange returns the weights of the trials in the polynomial through them at
// w, and those in its derivative.
func lagrange(at []*big.Float, w *big.Float) (weights, slopes []*big.Float) {
	for i := range at {
		weight, slope := mp.Int(1), mp.New()
		for j := range at {
			if j == i {
				continue
			}
			gap := mp.Sub(at[i], at[j])
			factor := mp.Quo(mp.Sub(w, at[j]), gap)
			slope = mp.Add(mp.Mul(slope, factor), mp.Quo(weight, gap)) // (uv)' = u'v + uv'
			weight = mp.Mul(weight, factor)
		}
		weights, slopes = append(weights, weight), append(slopes, slope)
	}
	return weights, slopes
}

// point is the model at one w.
type point struct {
	matrix   mp.Symmetric // [1, x, y]' V^-1 [1, x, y]
	factors  *mp.Cholesky // of its part without y
	slopes   []*big.Float
	residual *big.Float // sum of squares
	score    *big.Float // of -2 log likelihood, times any positive number: its sign says which way the optimum lies
}

// evaluate returns nil where the polynomial is no matrix of squares: beyond
// what the opened trials say anything about.
func (f *profile) evaluate(w *big.Float) *point {
	weights, slopes := lagrange(f.at, w)
	k := len(f.total) - 1
	o, change := &point{}, make(mp.Symmetric, k+1) // M = A - w P and its derivative in w
	for i := range f.total {
		row := make([]*big.Float, i+1)
		change[i] = make([]*big.Float, i+1)
		for j := range row {
			value, slope := mp.New(), mp.New()
			for t := range f.at {
				value.Add(value, mp.Mul(weights[t], f.products[t][i][j]))
				slope.Add(slope, mp.Mul(slopes[t], f.products[t][i][j]))
			}
			row[j] = mp.Sub(f.total[i][j], mp.Mul(w, value))
			change[i][j] = mp.New().Neg(mp.Add(value, mp.Mul(w, slope)))
		}
		o.matrix = append(o.matrix, row)
	}
	row := 0
	if o.factors, row = mp.Factorise(o.matrix[:k], mp.Pow2(singularAt)); row >= 0 {
		return nil
	}
	product := o.matrix[k][:k]
	o.slopes = o.factors.Solve(product)
	o.residual = mp.Sub(o.matrix[k][k], mp.Dot(o.slopes, product))
	if o.residual.Sign() <= 0 || o.residual.Cmp(mp.Mul(mp.Pow2(collinearAt), f.total[k][k])) <= 0 {
		return nil
	}
	// d RSS = r' M' r with r = (-b, 1), because b is optimal; d log|V| is
	// (n - w P_00)/(1-mw)^2, of which M_00 is the numerator; with REML also
	// d log|X'V^-1X| = tr((X'V^-1X)^-1 X'V^-1X').
	r := make([]*big.Float, k+1)
	for j, b := range o.slopes {
		r[j] = mp.New().Neg(b)
	}
	r[k] = mp.Int(1)
	left := f.left(w)
	o.score = mp.Add(mp.Quo(mp.Mul(f.freedom, change.Quadratic(r)), o.residual), mp.Quo(o.matrix[0][0], mp.Mul(left, left)))
	if f.restricted {
		o.score = mp.Add(o.score, mp.Trace(o.factors.Inverse(), change[:k]))
	}
	return o
}

// logDeterminant returns log|V| at a theta above 0 up to
// sites * log(1+m theta): the sum of log(1+(n_g-m)w), which is w^2 times a
// smooth function because the n_g-m sum to nought.
func (f *profile) logDeterminant(w *big.Float) *big.Float {
	var at, values []*big.Float
	for i, t := range f.at {
		if t.Sign() > 0 {
			at = append(at, t)
			values = append(values, mp.Quo(mp.New().Neg(f.logs[i]), mp.Mul(t, t)))
		}
	}
	weights, _ := lagrange(at, w)
	return mp.Mul(mp.Dot(weights, values), mp.Mul(w, w))
}
