package model

import (
	"math/big"
)

// least is a solved least-squares problem, in the units of the moments.
type least struct {
	*crossed
	params    []int // indices of the terms that are in
	slopes    []*big.Float
	intercept *big.Float // at the global means, about the outcome's centre
	inverse   symmetric  // of the (penalised) squares about the means
	residual  *big.Float // sum of squares
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
	small := make(symmetric, len(o.params))
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
			sd := quo(exactly(m.SD[i]), exactly(p.terms[i].unitOf(s.Counts.Mean[i])))
			small[a][a] = sum(small[a][a], mul(mul(o.n, exactly(lambda)), mul(sd, sd)))
		}
	}
	factors, row := factorise(small, power(collinearAt))
	if row >= 0 {
		return nil
	}
	o.slopes = factors.solve(product)
	o.inverse = factors.inverse()
	// |y - Xb|^2, which is y'y - 2 b'X'y + b'X'X b for any b.
	o.residual = diff(o.outcome, mul(whole(2), dot(o.slopes, product)))
	for a, i := range o.params {
		for b, j := range o.params {
			v := o.square[max(i, j)][min(i, j)]
			o.residual = sum(o.residual, mul(v, mul(o.slopes[a], o.slopes[b])))
		}
	}
	o.intercept = num()
	if o.y != nil {
		o.intercept = num().Set(o.y)
		for a, i := range o.params {
			o.intercept = diff(o.intercept, mul(o.slopes[a], o.shift[i]))
		}
	}
	return o
}

// covariance is that of the intercept at the global means and the slopes, for
// a residual variance.
func (o *least) covariance(variance *big.Float) symmetric {
	k := len(o.slopes)
	// The intercept is y - shift'b with y and b uncorrelated.
	across := make([]*big.Float, k)
	first := quo(variance, o.n)
	for i := range k {
		across[i] = num()
		if o.shift == nil {
			continue
		}
		for j := range k {
			across[i] = diff(across[i], mul(o.inverse[max(i, j)][min(i, j)], o.shift[o.params[j]]))
		}
		across[i] = mul(across[i], variance)
	}
	if o.shift != nil {
		for i := range k {
			first = diff(first, mul(across[i], o.shift[o.params[i]]))
		}
	}
	out := symmetric{{first}}
	for i := range k {
		row := []*big.Float{across[i]}
		for j := range i + 1 {
			row = append(row, mul(o.inverse[i][j], variance))
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
