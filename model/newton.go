package model

import (
	"math/big"
	"strconv"

	"github.com/smartstart-federation/smartstart/configs"
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
	values := integers(sums)
	deviance := sums[0]
	if deviance.Sign() < 0 && p.kind != configs.KindPoisson {
		s.refuse(contradiction())
		return
	}
	if f.Point != nil {
		// A rise that rounding can explain is none: 2^-44 a row, or two steps of
		// the grid where that is coarser.
		grid := p.grids(s).deviance
		allowed := mul(p.weightOf(s), power(max(-44, 2-grid)))
		if p.kind == configs.KindPoisson { // y log y cancels against y eta, with 53 bits
			allowed = sum(allowed, mul(power(-46), num().Abs(p.saturated(s, satYLogY))))
		}
		if p.objective(s, f.Trial, f, scaled(deviance, grid)).Cmp(sum(allowed, p.objective(s, f.Point, f, scaled(f.Deviance.v, grid)))) > 0 {
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
		return whole(s.Counts.Complete)
	}
	return scaled(s.Moments.Weighted[0].v, p.unit(0, 0))
}

// objective is what the steps lower: the deviance, and with a penalty lambda
// also n lambda |b|^2, since the penalised problem is
// -loglik / n + lambda |b|^2 / 2 on standardised columns, the intercept free
// (Friedman, Hastie and Tibshirani, Journal of Statistical Software 33, 2010,
// with alpha = 0). Priors add theirs, see pulls.
func (p *Plan) objective(s *state, point []float64, f *fit, deviance *big.Float) *big.Float {
	for n, at := range p.pulls(s, f) {
		if at.weight != nil {
			b := diff(exactly(point[n]), at.centre)
			deviance = sum(deviance, mul(at.weight, mul(b, b)))
		}
	}
	return deviance
}

// shrinkage is n lambda, nil without a penalty.
func (p *Plan) shrinkage(s *state) *big.Float {
	if p.study.Model.Penalty.Ridge == 0 {
		return nil
	}
	return mul(p.weightOf(s), exactly(p.study.Model.Penalty.Ridge))
}

// information returns the Hessian at f.At, with the share of penalty or priors.
func (p *Plan) information(s *state, f *fit) symmetric {
	g := p.grids(s)
	h := unpack(f.Hessian, len(f.Params), func(i, j int) int { return g.hessian(f.Params[i], f.Params[j]) })
	for n, at := range p.pulls(s, f) {
		if at.weight != nil {
			h[n][n] = sum(h[n][n], at.weight)
		}
	}
	return h
}

// gradient returns half the slope of the objective at f.Point, downhill.
func (p *Plan) gradient(s *state, f *fit) []*big.Float {
	grid, pulls := p.grids(s), p.pulls(s, f)
	g := make([]*big.Float, len(f.Gradient))
	for n, v := range f.Gradient {
		g[n] = scaled(v.v, grid.gradient(f.Params[n]))
		if at := pulls[n]; at.weight != nil {
			g[n] = diff(g[n], mul(at.weight, diff(exactly(f.Point[n]), at.centre)))
		}
	}
	return g
}

// newton steps from the accepted point.
func (p *Plan) newton(s *state, f *fit) {
	factors, row := factorise(p.information(s, f), power(singularAt))
	if row >= 0 {
		p.fails(s, f, p.separated(f, f.Point, "nearly"))
		return
	}
	step := factors.solve(p.gradient(s, f))
	// A unit of weight is a row: convergence does not depend on how weights are
	// scaled.
	decrement := quo(mul(dot(p.gradient(s, f), step), whole(s.Counts.Complete)), p.weightOf(s))
	f.Decrements = append(f.Decrements, round(decrement))
	f.Strides = append(f.Strides, f.stride(step))
	next := make([]*big.Float, len(step))
	for j := range step {
		next[j] = sum(exactly(f.Point[j]), step[j])
	}
	if f.Full && decrement.Cmp(power(convergedAt)) <= 0 {
		f.Estimate = rounded(next)
		return
	}
	if f.runaway() && p.shrinkage(s) == nil {
		p.fails(s, f, p.separated(f, rounded(step), "nearly"))
		return
	}
	f.Full = !(f.Full && decrement.Cmp(power(gradientBelow)) < 0 && decrement.Cmp(power(gradientAbove)) > 0)
	f.Trial = rounded(next)
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
		trial[j] = round(quo(sum(exactly(f.Point[j]), exactly(f.Trial[j])), whole(2)))
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
			largest = max(largest, round(num().Abs(d)))
		}
	}
	return largest
}

func itoa(n int) string { return strconv.Itoa(n) }
