package model

import (
	"math"
	"math/big"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// fittedResult reads a logistic or poisson model.
func (p *Plan) fittedResult(r *Result, s *state) error {
	f := s.Fits[0]
	h := p.information(s, f)
	factors, row := mp.Factorise(h, mp.Pow2(singularAt))
	if row >= 0 {
		return fail(CodeState, "", "the state's Hessian cannot be inverted")
	}
	events := p.total(s)
	r.Events = &events
	deviance := p.devianceOf(s, f)
	r.Deviance = mp.Float64(deviance)
	r.LogLikelihood = -r.Deviance / 2
	if p.kind == configs.KindPoisson {
		r.LogLikelihood = mp.Float64(mp.Add(mp.Quo(deviance, mp.Int(-2)), p.saturated(s, satLikelihood)))
	}
	r.AIC = -2*r.LogLikelihood + 2*float64(p.degrees(s))
	if null, ok := p.nullDeviance(s); ok {
		r.NullDeviance = mp.Float64(null)
	}
	for _, other := range s.Fits[1:] {
		switch {
		case other.For == fitNull && other.Refusal == nil:
			r.NullDeviance = mp.Float64(p.devianceOf(s, other))
		case other.For == fitDrop:
			r.Tests = append(r.Tests, p.likelihoodRatio(s, f, other))
		}
	}
	r.Iterations = len(f.Decrements)
	r.ConditionNumber = conditionNumber(h)
	estimate := make([]*big.Float, len(f.Estimate))
	for j, b := range f.Estimate {
		estimate[j] = mp.Of(b)
	}
	inverse := factors.Inverse()
	var robust mp.Symmetric
	if s.Robust != nil {
		robust = p.robustCovariance(s, inverse)
	}
	r.Coefficients = p.coefficients(s, f.Params, s.Moments.SD, mp.Int(1), estimate, inverse, robust, normal())
	return p.believedResult(r, s)
}

func (p *Plan) devianceOf(s *state, f *fit) *big.Float {
	return mp.Scaled(f.Deviance.V, p.grids(s).deviance)
}

// likelihoodRatio is Wilks's test (1938) of the terms that a fit leaves out.
func (p *Plan) likelihoodRatio(s *state, main, without *fit) Test {
	t := p.test(without.Number)
	t.Distribution, t.DF = "chi-squared", int64(len(main.Params)-len(without.Params))
	if without.Refusal != nil {
		t.Failed = without.Refusal.Message
		return t
	}
	deviance := p.devianceOf(s, without)
	t.Deviance = mp.Float64(deviance)
	t.Statistic = max(0, mp.Float64(mp.Sub(deviance, p.devianceOf(s, main))))
	t.PValue = distuv.ChiSquared{K: float64(t.DF)}.Survival(t.Statistic)
	return t
}

func (p *Plan) test(number int) (t Test) {
	for _, label := range p.drop[number] {
		t.Terms = append(t.Terms, p.labels[label])
	}
	return t
}

// linearResult is ordinary least squares.
func (p *Plan) linearResult(r *Result, s *state) error {
	o := p.leastSquares(s, nil)
	if o == nil || o.residual.Sign() <= 0 {
		return fail(CodeState, "", "the state's squares cannot be solved")
	}
	k := len(p.terms)
	df := mp.Int(r.DFResidual)
	centre, unit := p.outcomeScale(s.Counts.Mean[k])
	size := mp.Of(unit)
	variance := mp.Quo(o.residual, df)
	covariance := o.covariance(variance)
	estimate := append([]*big.Float{mp.Add(o.intercept, mp.Quo(mp.Of(centre), size))}, o.slopes...)
	units := make([]float64, k)
	for j, t := range p.terms {
		units[j] = t.unitOf(s.Counts.Mean[j])
	}
	var robust mp.Symmetric
	if s.Robust != nil {
		robust = p.linearRobust(s, o, size)
	}
	params := make([]int, 0, k+1)
	for j := range k + 1 {
		if j > 0 || !p.ownIntercepts() {
			params = append(params, j)
		}
	}
	if p.ownIntercepts() {
		estimate, covariance = estimate[1:], below(covariance)
	}
	r.Coefficients = p.coefficients(s, params, units, size, estimate, covariance, robust, student(float64(r.DFResidual)))
	r.ConditionNumber = conditionNumber(correlations(o.square))

	total := o.outcome
	if p.ownIntercepts() {
		shift := mp.Scaled(s.Moments.Total[1].V, p.unit(0, 0)) // from the centre to the weighted mean
		total = mp.Sub(mp.Scaled(s.Moments.Total[0].V, p.unit(0, 0)), mp.Quo(mp.Mul(shift, shift), o.n))
	}
	rss, tss := mp.Mul(o.residual, mp.Mul(size, size)), mp.Mul(total, mp.Mul(size, size))
	r.Deviance, r.NullDeviance = mp.Float64(rss), mp.Float64(tss)
	sigma := mp.Float64(mp.Sqrt(mp.Quo(rss, df)))
	r2 := mp.Float64(mp.Sub(mp.Int(1), mp.Quo(o.residual, total)))
	adjusted := mp.Float64(mp.Sub(mp.Int(1), mp.Quo(mp.Mul(mp.Quo(o.residual, total), mp.Int(r.RowsUsed-1)), df)))
	r.Sigma, r.RSquared, r.AdjRSquared = &sigma, &r2, &adjusted
	rows := float64(r.RowsUsed)
	r.LogLikelihood = -rows / 2 * (math.Log(2*math.Pi*r.Deviance/rows) + 1)
	if p.weights >= 0 {
		r.LogLikelihood += mp.Float64(mp.Scaled(s.Moments.Weighted[k+2].V, logGrid)) / 2
	}
	r.AIC = -2*r.LogLikelihood + 2*float64(p.degrees(s)+1) // sigma counts, as in R
	r.Iterations = 1
	for i, labels := range p.drop {
		t := p.test(i)
		smaller := p.leastSquares(s, labels)
		t.Distribution, t.DF = "F", int64(k-len(smaller.params))
		t.Deviance = mp.Float64(mp.Mul(smaller.residual, mp.Mul(size, size)))
		t.Statistic = max(0, mp.Float64(mp.Quo(mp.Quo(mp.Sub(smaller.residual, o.residual), mp.Int(t.DF)), variance)))
		t.PValue = distuv.F{D1: float64(t.DF), D2: float64(r.DFResidual)}.Survival(t.Statistic)
		r.Tests = append(r.Tests, t)
	}
	return nil
}

// linearRobust is the robust covariance in the units of the moments.
func (p *Plan) linearRobust(s *state, o *least, size *big.Float) mp.Symmetric {
	inverse := o.covariance(mp.Int(1))
	scale := func(j int) *big.Float { // from a unit to an SD
		if j == 0 {
			return mp.Int(1)
		}
		return mp.Quo(mp.Of(s.Moments.SD[j-1]), mp.Of(p.terms[j-1].unitOf(s.Counts.Mean[j-1])))
	}
	for i := range inverse {
		for j := range inverse[i] {
			inverse[i][j] = mp.Mul(inverse[i][j], mp.Mul(scale(i), scale(j)))
		}
	}
	out := p.robustCovariance(s, inverse)
	for i := range out {
		for j := range out[i] {
			out[i][j] = mp.Quo(out[i][j], mp.Mul(mp.Mul(scale(i), scale(j)), mp.Mul(size, size)))
		}
	}
	return out
}

// below is a without its first row and column.
func below(a mp.Symmetric) (b mp.Symmetric) {
	for _, row := range a[1:] {
		b = append(b, row[1:])
	}
	return b
}
