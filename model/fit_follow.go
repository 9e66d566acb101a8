package model

import (
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// afterFits decides what a study does between its fits and its end: the fits
// that begin at the main estimate, then what is summed at it.
func (p *Plan) afterFits(s *state) {
	if len(s.active()) > 0 {
		return
	}
	if !p.gaussian() && len(s.Fits) == 1 {
		if s.Fits = append(s.Fits, p.followers(s)...); len(s.active()) > 0 {
			return
		}
	}
	if p.comparing() {
		p.beginCompared(s)
		return
	}
	if p.mixes() && s.Mixed == nil {
		p.startMixed(s)
		return
	}
	s.Phase = phaseDone
	if p.cluster >= 0 && s.Robust == nil {
		if s.Round >= p.rounds {
			s.refuse(fail(CodeNoConvergence, "raise [rounds] max", "the rounds that the study allows are used up before the standard errors by site"))
			return
		}
		s.Phase = phaseRobust
		return
	}
	if p.beginEvaluation(s) {
		s.Phase = phaseEvaluate
	}
}

// followers are the fits that the study asks for beside the main one.
func (p *Plan) followers(s *state) (fits []*fit) {
	main := s.Fits[0]
	begin := func(what string, number int, params []int, trial []float64) {
		f := &fit{For: what, Number: number, Params: params, Trial: trial, Full: true,
			Deviance: exact.Integer{V: new(big.Int)}, Decrements: []float64{}, Strides: []float64{}}
		fits = append(fits, f)
		p.step(s, f)
	}
	if _, known := p.nullDeviance(s); !known && !p.ownIntercepts() {
		begin(fitNull, 0, []int{0}, p.constrained(s, main, []int{0}))
	}
	for i, labels := range p.drop {
		kept := p.kept(main.Params, labels)
		if len(kept) > 0 {
			begin(fitDrop, i, kept, p.constrained(s, main, kept))
		}
	}
	if len(p.priors) > 0 {
		begin(fitPrior, 0, main.Params, p.drawn(s, main))
	}
	p.foldFits(s, begin)
	return fits
}

// kept returns the parameters that are left when some terms of the formula go.
func (p *Plan) kept(params, labels []int) (kept []int) {
	for _, j := range params {
		if j == 0 || !slices.Contains(labels, p.terms[j-1].of) {
			kept = append(kept, j)
		}
	}
	return kept
}

// constrained is the optimum of the main fit's quadratic approximation among
// the points at which only the kept parameters differ from zero:
// b_K + H_KK^-1 H_KD b_D, with D those that go.
func (p *Plan) constrained(s *state, main *fit, kept []int) []float64 {
	h := p.information(s, main)
	at := func(i, j int) *big.Float {
		if i < j {
			i, j = j, i
		}
		return h[i][j]
	}
	var keep, gone []int
	for n, j := range main.Params {
		if slices.Contains(kept, j) {
			keep = append(keep, n)
		} else {
			gone = append(gone, n)
		}
	}
	small := make(mp.Symmetric, len(keep))
	right := make([]*big.Float, len(keep))
	for a, i := range keep {
		for _, j := range keep[:a+1] {
			small[a] = append(small[a], at(i, j))
		}
		right[a] = mp.New()
		for _, j := range gone {
			right[a] = mp.Add(right[a], mp.Mul(at(i, j), mp.Of(main.Estimate[j])))
		}
	}
	trial := make([]float64, len(keep))
	factors, row := mp.Factorise(small, mp.Pow2(singularAt))
	if row >= 0 {
		return trial
	}
	for a, step := range factors.Solve(right) {
		trial[a] = mp.Float64(mp.Add(mp.Of(main.Estimate[keep[a]]), step))
	}
	return trial
}
