package lmm

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/model/mp"
)

// Profile is the profile likelihood of w = theta/(1+m theta), from opened sums
// over sites and the polynomials through them.
type Profile struct {
	rows, sites, average *big.Float     // n, G and m = n/G
	freedom              *big.Float     // what the residual sum of squares is divided by
	restricted           bool           // REML
	total                mp.Symmetric   // of [1, x, y] about the means, over all rows
	at                   []*big.Float   // w of each trial
	products             []mp.Symmetric // P at each trial
	logs                 []*big.Float   // sum of log q_g at each trial
}

// New begins the profile of rows in sites. total holds the products of [1, x, y]
// over all rows; restricted asks for the restricted likelihood (REML).
func New(total mp.Symmetric, rows, sites int64, restricted bool) *Profile {
	f := &Profile{rows: mp.Int(rows), sites: mp.Int(sites), restricted: restricted, total: total, freedom: mp.Int(rows)}
	f.average = mp.Quo(f.rows, f.sites)
	if restricted {
		f.freedom = mp.Int(rows - int64(len(total)-1))
	}
	return f
}

// Add takes what a trial theta opened: products is P, the sum of q_g s_g s_g', and
// logs the sum of log q_g.
func (f *Profile) Add(theta float64, products mp.Symmetric, logs *big.Float) {
	f.at, f.products, f.logs = append(f.at, f.of(theta)), append(f.products, products), append(f.logs, logs)
}

// At returns the model at a theta; nil where the opened trials say nothing of it.
func (f *Profile) At(theta float64) *Point { return f.evaluate(f.of(theta)) }

// Variance is the residual variance of a point.
func (f *Profile) Variance(o *Point) *big.Float { return mp.Quo(o.residual, f.freedom) }

// of returns the w of a theta, and theta that of a w below 1/m.
func (f *Profile) of(theta float64) *big.Float {
	t := mp.Of(theta)
	return mp.Quo(t, mp.Add(mp.Int(1), mp.Mul(f.average, t)))
}

func (f *Profile) theta(w *big.Float) *big.Float { return mp.Quo(w, f.left(w)) }

// left is 1 - m w = 1/(1 + m theta).
func (f *Profile) left(w *big.Float) *big.Float { return mp.Sub(mp.Int(1), mp.Mul(f.average, w)) }

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

// Point is the model at one w.
type Point struct {
	matrix   mp.Symmetric // [1, x, y]' V^-1 [1, x, y]
	factors  *mp.Cholesky // of its part without y
	Slopes   []*big.Float // intercept first, in the units of the products
	residual *big.Float   // sum of squares
	score    *big.Float   // of -2 log likelihood, times any positive number: its sign says which way the optimum lies
}

// evaluate returns nil where the polynomial is no matrix of squares: beyond
// what the opened trials say anything about.
func (f *Profile) evaluate(w *big.Float) *Point {
	weights, slopes := lagrange(f.at, w)
	k := len(f.total) - 1
	o, change := &Point{}, make(mp.Symmetric, k+1) // M = A - w P and its derivative in w
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
	if o.factors, row = mp.Factorise(o.matrix[:k], mp.Pow2(singular)); row >= 0 {
		return nil
	}
	product := o.matrix[k][:k]
	o.Slopes = o.factors.Solve(product)
	o.residual = mp.Sub(o.matrix[k][k], mp.Dot(o.Slopes, product))
	if o.residual.Sign() <= 0 || o.residual.Cmp(mp.Mul(mp.Pow2(collinear), f.total[k][k])) <= 0 {
		return nil
	}
	// d RSS = r' M' r with r = (-b, 1), because b is optimal; d log|V| is
	// (n - w P_00)/(1-mw)^2, of which M_00 is the numerator; with REML also
	// d log|X'V^-1X| = tr((X'V^-1X)^-1 X'V^-1X').
	r := make([]*big.Float, k+1)
	for j, b := range o.Slopes {
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
func (f *Profile) logDeterminant(w *big.Float) *big.Float {
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

// Covariance is that of the slopes of a point.
func (f *Profile) Covariance(o *Point) mp.Symmetric {
	variance, a := f.Variance(o), o.factors.Inverse()
	for i := range a {
		for j := range a[i] {
			a[i][j] = mp.Mul(a[i][j], variance)
		}
	}
	return a
}

// Criterion returns lme4's REML criterion, or deviance, at a theta: -2 times the
// (restricted) log likelihood, with the residual variance in the outcome's own
// unit and every column in the units of the products.
func (f *Profile) Criterion(theta float64, o *Point, variance float64) float64 {
	criterion := mp.Float64(f.freedom) * (1 + math.Log(2*math.Pi*variance))
	if theta > 0 {
		criterion += mp.Float64(f.sites)*math.Log1p(mp.Float64(f.average)*theta) + mp.Float64(f.logDeterminant(f.of(theta)))
	}
	if f.restricted {
		for i, scale := range o.factors.Scale {
			criterion += 2 * math.Log(mp.Float64(mp.Mul(scale, o.factors.L[i][i])))
		}
	}
	return criterion
}
