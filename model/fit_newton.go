package model

import (
	"math/big"
	"strconv"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Convergence is decided on the squared Newton decrement g'H^-1 g, which is
// the squared length of the step in standard errors, and about twice the
// deviance still to be gained. At 2^-50 the next point is off by about the
// square of 3e-8 standard errors.
const (
	convergedAt = -50
	// Between these the gradient alone is opened in the next round: the old
	// Hessian brings the point as far as the last, full round needs.
	gradientBelow = -16
	gradientAbove = -26
	mostHalvings  = 30
	singularAt    = -44
)

// devianceGrid leaves a row's deviance 2^31, far above what a usable point of a
// logistic model has.
const devianceGrid = 48

// fitGlobal takes the sums at the trial points.
func (p *Plan) fitGlobal(s *state, sums []*big.Int) {
	for _, f := range s.active() {
		mine := sums[:f.numbers()]
		sums = sums[f.numbers():]
		p.accept(s, f, mine)
		if s.Phase == phaseFailed {
			return
		}
	}
	p.afterFits(s)
}

// fails ends one fit: the whole study if it is the main one.
func (p *Plan) fails(s *state, f *fit, e *Error) {
	if f.For == fitMain {
		s.refuse(e)
		return
	}
	f.Refusal = &refusal{e.code, e.message, e.remedy, append([]string{}, e.columns...)}
}

// accept judges the sums at a fit's trial point.
func (p *Plan) accept(s *state, f *fit, sums []*big.Int) {
	k := len(f.Params)
	values := exact.Integers(sums)
	deviance := sums[0]
	if deviance.Sign() < 0 && p.kind != configs.KindPoisson {
		s.refuse(contradiction())
		return
	}
	if f.Point != nil {
		// A rise that rounding can explain is none: 2^-44 a row, or two steps of
		// the grid where that is coarser.
		grid := p.grids(s).deviance
		allowed := mp.Mul(p.weightOf(s), mp.Pow2(max(-44, 2-grid)))
		if p.kind == configs.KindPoisson { // y log y cancels against y eta, with 53 bits
			allowed = mp.Add(allowed, mp.Mul(mp.Pow2(-46), mp.New().Abs(p.saturated(s, satYLogY))))
		}
		if p.objective(s, f.Trial, f, mp.Scaled(deviance, grid)).Cmp(mp.Add(allowed, p.objective(s, f.Point, f, mp.Scaled(f.Deviance.V, grid)))) > 0 {
			p.halve(s, f)
			return
		}
	}
	f.Point, f.Deviance, f.Halvings = f.Trial, values[0], 0
	f.Gradient = values[1 : 1+k]
	if f.Full {
		f.Hessian, f.At = values[1+k:], f.Trial
	}
	if p.separatedWholly(s, f) {
		p.fails(s, f, p.separated(f, f.Point, "completely"))
		return
	}
	p.newton(s, f)
}

// weightOf is the sum of the weights, in which the deviance is measured.
func (p *Plan) weightOf(s *state) *big.Float {
	if p.weights < 0 {
		return mp.Int(s.Counts.Complete)
	}
	return mp.Scaled(s.Moments.Weighted[0].V, p.unit(0, 0))
}

// objective is what the steps lower: the deviance, and with a penalty lambda
// also n lambda |b|^2, since the penalised problem is
// -loglik / n + lambda |b|^2 / 2 on standardised columns, the intercept free
// (Friedman, Hastie and Tibshirani, Journal of Statistical Software 33, 2010,
// with alpha = 0). Priors add theirs, see pulls.
func (p *Plan) objective(s *state, point []float64, f *fit, deviance *big.Float) *big.Float {
	for n, at := range p.pulls(s, f) {
		if at.weight != nil {
			b := mp.Sub(mp.Of(point[n]), at.centre)
			deviance = mp.Add(deviance, mp.Mul(at.weight, mp.Mul(b, b)))
		}
	}
	return deviance
}

// shrinkage is n lambda, nil without a penalty.
func (p *Plan) shrinkage(s *state) *big.Float {
	if p.study.Model.Penalty.Ridge == 0 {
		return nil
	}
	return mp.Mul(p.weightOf(s), mp.Of(p.study.Model.Penalty.Ridge))
}

// information returns the Hessian at f.At, with the share of penalty or priors.
func (p *Plan) information(s *state, f *fit) mp.Symmetric {
	g := p.grids(s)
	h := mp.Unpack(f.Hessian, len(f.Params), func(i, j int) int { return g.hessian(f.Params[i], f.Params[j]) })
	for n, at := range p.pulls(s, f) {
		if at.weight != nil {
			h[n][n] = mp.Add(h[n][n], at.weight)
		}
	}
	return h
}

// gradient returns half the slope of the objective at f.Point, downhill.
func (p *Plan) gradient(s *state, f *fit) []*big.Float {
	grid, pulls := p.grids(s), p.pulls(s, f)
	g := make([]*big.Float, len(f.Gradient))
	for n, v := range f.Gradient {
		g[n] = mp.Scaled(v.V, grid.gradient(f.Params[n]))
		if at := pulls[n]; at.weight != nil {
			g[n] = mp.Sub(g[n], mp.Mul(at.weight, mp.Sub(mp.Of(f.Point[n]), at.centre)))
		}
	}
	return g
}

// newton steps from the accepted point.
func (p *Plan) newton(s *state, f *fit) {
	factors, row := mp.Factorise(p.information(s, f), mp.Pow2(singularAt))
	if row >= 0 {
		p.fails(s, f, p.separated(f, f.Point, "nearly"))
		return
	}
	step := factors.Solve(p.gradient(s, f))
	// A unit of weight is a row: convergence does not depend on how weights are
	// scaled.
	decrement := mp.Quo(mp.Mul(mp.Dot(p.gradient(s, f), step), mp.Int(s.Counts.Complete)), p.weightOf(s))
	f.Decrements = append(f.Decrements, mp.Float64(decrement))
	f.Strides = append(f.Strides, f.stride(step))
	next := make([]*big.Float, len(step))
	for j := range step {
		next[j] = mp.Add(mp.Of(f.Point[j]), step[j])
	}
	if f.Full && decrement.Cmp(mp.Pow2(convergedAt)) <= 0 {
		f.Estimate = mp.Float64s(next)
		return
	}
	if f.runaway() && p.shrinkage(s) == nil {
		p.fails(s, f, p.separated(f, mp.Float64s(step), "nearly"))
		return
	}
	f.Full = !(f.Full && decrement.Cmp(mp.Pow2(gradientBelow)) < 0 && decrement.Cmp(mp.Pow2(gradientAbove)) > 0)
	f.Trial = mp.Float64s(next)
	p.step(s, f)
}

// halve goes half-way back from a trial at which the objective rose.
func (p *Plan) halve(s *state, f *fit) {
	f.Halvings++
	if f.Halvings > mostHalvings || f.Point == nil {
		p.fails(s, f, p.stuck(s, f, "halving the step does not lower the deviance"))
		return
	}
	trial := make([]float64, len(f.Trial))
	for j := range trial {
		trial[j] = mp.Float64(mp.Quo(mp.Add(mp.Of(f.Point[j]), mp.Of(f.Trial[j])), mp.Int(2)))
	}
	f.Trial, f.Full = trial, true
	p.step(s, f)
}

// step allows the next round, or ends a fit whose trial lies beyond what the
// sums can hold or whose rounds are used up.
func (p *Plan) step(s *state, f *fit) {
	reach := p.reachAt(s, f, f.Trial)
	switch {
	case !(reach < 1<<29):
		p.fails(s, f, p.stuck(s, f, "the estimates grow without end"))
	case s.Round >= p.rounds:
		if f.drifting() && p.shrinkage(s) == nil {
			p.fails(s, f, p.separated(f, f.Point, "nearly"))
			return
		}
		p.fails(s, f, p.stuck(s, f, "the rounds that the study allows are used up"))
	}
}

func (p *Plan) stuck(s *state, f *fit, why string) *Error {
	point := f.Point
	if point == nil {
		point = f.Trial
	}
	names := p.movers(f, point)
	return fail(CodeNoConvergence, "raise [rounds] max, or leave out the columns named",
		"the regression did not converge in %d rounds: %s; the largest estimates are of %s", s.Round, why, list(names)).about(names...)
}

// stride is the largest step of a slope.
func (f *fit) stride(step []*big.Float) float64 {
	largest := 0.0
	for n, d := range step {
		if f.Params[n] > 0 {
			largest = max(largest, mp.Float64(mp.New().Abs(d)))
		}
	}
	return largest
}

func itoa(n int) string { return strconv.Itoa(n) }
