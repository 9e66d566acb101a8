package model

import (
	"math"
	"math/big"
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

// fitGlobal takes the sums at the trial point.
func (p *Plan) fitGlobal(s *state, sums []*big.Int) {
	f := s.Fit
	k := p.size()
	values := integers(sums)
	deviance := sums[0]
	if deviance.Sign() < 0 {
		s.refuse(contradiction())
		return
	}
	// A rise that rounding can explain is none: 2^-44 a row.
	allowed := new(big.Int).Mul(big.NewInt(s.Counts.Complete), big.NewInt(1<<(devianceGrid-44)))
	if deviance.Cmp(allowed.Add(allowed, f.Deviance.v)) > 0 {
		p.halve(s)
		return
	}
	f.Point, f.Deviance, f.Halvings = f.Trial, values[0], 0
	f.Gradient = values[1 : 1+k]
	if f.Full {
		f.Hessian = values[1+k:]
	}
	if p.separatedWholly(s) {
		s.refuse(p.separated(s, f.Point[1:], "completely"))
		return
	}
	p.newton(s)
}

// newton steps from the accepted point.
func (p *Plan) newton(s *state) {
	f := s.Fit
	e := p.exponents(s)
	h := unpack(f.Hessian, p.size(), func(i, j int) int { return gridBits - e[i] - e[j] })
	factors, row := factorise(h, power(singularAt))
	if row >= 0 {
		s.refuse(p.separated(s, f.Point[1:], "nearly"))
		return
	}
	g := p.gradient(s)
	step := factors.solve(g)
	decrement := dot(g, step)
	f.Decrements = append(f.Decrements, round(decrement))
	f.Strides = append(f.Strides, stride(step))
	next := make([]*big.Float, len(step))
	for j := range step {
		next[j] = sum(exactly(f.Point[j]), step[j])
	}
	if f.Full && decrement.Cmp(power(convergedAt)) <= 0 {
		f.Estimate = rounded(next)
		s.Phase = phaseDone
		return
	}
	if f.runaway() {
		s.refuse(p.separated(s, rounded(step)[1:], "nearly"))
		return
	}
	f.Full = !(f.Full && decrement.Cmp(power(gradientBelow)) < 0 && decrement.Cmp(power(gradientAbove)) > 0)
	f.Trial = rounded(next)
	p.step(s)
}

func (p *Plan) gradient(s *state) []*big.Float {
	e := p.exponents(s)
	g := make([]*big.Float, len(s.Fit.Gradient))
	for j, v := range s.Fit.Gradient {
		g[j] = scaled(v.v, gridBits-e[j])
	}
	return g
}

// halve goes half-way back from a trial at which the deviance rose.
func (p *Plan) halve(s *state) {
	f := s.Fit
	f.Halvings++
	if f.Halvings > mostHalvings {
		s.refuse(p.stuck(s, "halving the step does not lower the deviance"))
		return
	}
	trial := make([]float64, len(f.Trial))
	for j := range trial {
		trial[j] = round(quo(sum(exactly(f.Point[j]), exactly(f.Trial[j])), whole(2)))
	}
	f.Trial, f.Full = trial, true
	p.step(s)
}

// step allows the next round, or ends a study whose trial lies beyond what
// the sums can hold or whose rounds are used up.
func (p *Plan) step(s *state) {
	f := s.Fit
	reach := math.Abs(f.Trial[0])
	for j, t := range p.terms {
		reach += float64(math.Abs(f.Trial[j+1]) * (t.reach(s.Counts.Mean[j]) / s.Moments.SD[j]))
	}
	switch {
	case !(reach < 1<<29):
		s.refuse(p.stuck(s, "the estimates grow without end"))
	case s.Round >= p.rounds:
		if f.drifting() {
			s.refuse(p.separated(s, f.Point[1:], "nearly"))
			return
		}
		s.refuse(p.stuck(s, "the rounds that the study allows are used up"))
	}
}

func (p *Plan) stuck(s *state, why string) *Error {
	names := p.movers(s.Fit.Point[1:])
	return fail(CodeNoConvergence, "raise [rounds] max, or leave out the columns named",
		"the regression did not converge in %d rounds: %s; the largest estimates are of %s", s.Round, why, list(names)).about(names...)
}

func stride(step []*big.Float) float64 {
	largest := 0.0
	for _, d := range step[1:] {
		largest = max(largest, math.Abs(round(d)))
	}
	return largest
}
