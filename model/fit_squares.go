package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/model/mp"
)

// least is a solved least-squares problem, in the units of the moments.
type least struct {
	*crossed
	params    []int // indices of the terms that are in
	slopes    []*big.Float
	intercept *big.Float   // at the global means, about the outcome's centre
	inverse   mp.Symmetric // of the (penalised) squares about the means
	residual  *big.Float   // sum of squares
}

// leastSquares solves the linear model from the opened squares, without the
// terms that belong to the labels. It is the same problem about the means: the
// intercept is then the outcome's mean, uncorrelated with the slopes.
func (p *Plan) leastSquares(s *state, without []int) *least {
	m := s.Moments
	o := &least{crossed: p.crossed(s, m.Square, m.Product, m.Outcome, m.Weighted)}
	all := make([]int, len(p.terms))
	for j := range all {
		all[j] = j + 1
	}
	for _, j := range p.kept(all, without) {
		o.params = append(o.params, j-1)
	}
	small := make(mp.Symmetric, len(o.params))
	product := make([]*big.Float, len(o.params))
	for a, i := range o.params {
		for _, j := range o.params[:a+1] {
			small[a] = append(small[a], o.square[i][j])
		}
		product[a] = o.product[i]
	}
	// The ridge penalty is on columns of unit SD: here they have unit range.
	if lambda := p.study.Model.Penalty.Ridge; lambda > 0 {
		for a, i := range o.params {
			sd := mp.Quo(mp.Of(m.SD[i]), mp.Of(p.terms[i].unitOf(s.Counts.Mean[i])))
			small[a][a] = mp.Add(small[a][a], mp.Mul(mp.Mul(o.n, mp.Of(lambda)), mp.Mul(sd, sd)))
		}
	}
	factors, row := mp.Factorise(small, mp.Pow2(collinearAt))
	if row >= 0 {
		return nil
	}
	o.slopes = factors.Solve(product)
	o.inverse = factors.Inverse()
	// |y - Xb|^2, which is y'y - 2 b'X'y + b'X'X b for any b.
	o.residual = mp.Sub(o.outcome, mp.Mul(mp.Int(2), mp.Dot(o.slopes, product)))
	for a, i := range o.params {
		for b, j := range o.params {
			v := o.square[max(i, j)][min(i, j)]
			o.residual = mp.Add(o.residual, mp.Mul(v, mp.Mul(o.slopes[a], o.slopes[b])))
		}
	}
	o.intercept = mp.New()
	if o.y != nil {
		o.intercept = mp.New().Set(o.y)
		for a, i := range o.params {
			o.intercept = mp.Sub(o.intercept, mp.Mul(o.slopes[a], o.shift[i]))
		}
	}
	return o
}

// covariance is that of the intercept at the global means and the slopes, for
// a residual variance.
func (o *least) covariance(variance *big.Float) mp.Symmetric {
	k := len(o.slopes)
	// The intercept is y - shift'b with y and b uncorrelated.
	across := make([]*big.Float, k)
	first := mp.Quo(variance, o.n)
	for i := range k {
		across[i] = mp.New()
		if o.shift == nil {
			continue
		}
		for j := range k {
			across[i] = mp.Sub(across[i], mp.Mul(o.inverse[max(i, j)][min(i, j)], o.shift[o.params[j]]))
		}
		across[i] = mp.Mul(across[i], variance)
	}
	if o.shift != nil {
		for i := range k {
			first = mp.Sub(first, mp.Mul(across[i], o.shift[o.params[i]]))
		}
	}
	out := mp.Symmetric{{first}}
	for i := range k {
		row := []*big.Float{across[i]}
		for j := range i + 1 {
			row = append(row, mp.Mul(o.inverse[i][j], variance))
		}
		out = append(out, row)
	}
	return out
}

// degrees is the number of estimated parameters of the mean.
func (p *Plan) degrees(s *state) int64 {
	if p.ownIntercepts() {
		return int64(len(p.terms)) + s.Counts.Institutions
	}
	return int64(p.size())
}
