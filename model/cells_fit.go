package model

import (
	"math"

	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/family"
)

// FewCount names the fits of a state whose next sums would be those of one or two
// children of a prepared table, although every cell is large enough. A fit's
// Hessian counts each row by p(1-p), or by its mean, and its gradient by how far
// the row is from what is predicted. Where the trial point is steep, as with a
// prior or an offset that is chosen for it, all but the rows nearest to p = 1/2
// count for nothing: the Hessian, divided by its first element, is then the
// columns of one child. Refused are sums that are worth fewer than disclosure.Smallest
// children, by Kish's effective number (sum w)^2 / sum w^2 (Survey Sampling, 1965,
// section 11.7). Two children with nine tenths of a sum are always fewer than
// that.
func (p *Plan) FewCount(stateBytes []byte, t *Table) (fits []string, err error) {
	s, err := p.parse(stateBytes)
	if err != nil || s.Phase != phaseFit && s.Phase != phaseEvaluate {
		return nil, err
	}
	v, err := p.view(s, t)
	if err != nil {
		return nil, err
	}
	if s.Phase == phaseEvaluate {
		return p.fewJudged(s, v), nil
	}
	c, d := &cells{view: v}, p.gather(s, v)
	var of []int
	for i := range v.rows {
		if v.used(i) {
			of = append(of, i)
		}
	}
	for _, f := range s.active() {
		if f.For == fitFold && p.folds[v.table.Institution] == f.Number {
			continue // its rows are not in it
		}
		own := 0.0
		if p.ownIntercepts() {
			own, _ = p.ownIntercept(&job{fit: f, grids: p.grids(s)}, d)
		}
		off, weights := make([]float64, len(of)), make([]float64, len(of))
		for k := range of {
			_, residual, weight := p.likelihood(d.y[k], f.predictor(f.Trial, d.at(k), d.offset[k]+own))
			off[k], weights[k] = math.Abs(d.weight[k]*residual), d.weight[k]*weight
		}
		if worthFew(c.byChild(off, of)) || f.Full && worthFew(c.byChild(weights, of)) {
			fits = append(fits, "the fit"+f.suffix())
		}
	}
	return fits, nil
}

// fewJudged does so of the calibrations, which are fits on the linear predictors
// of the rows that are judged: those may be as they like where no model was
// fitted.
func (p *Plan) fewJudged(s *state, v *view) (fits []string) {
	b := p.bench(s, v)
	for _, set := range s.Evaluate.Sets {
		if set.Calibration.Over() {
			continue
		}
		d, at := b.of(p, set), set.Calibration.Trial
		off, weights := make([]float64, len(d.eta)), make([]float64, len(d.eta))
		for i, eta := range d.eta {
			_, residual, weight := family.Bernoulli(d.y[i], at[0]+float64(at[1]*eta))
			off[i], weights[i] = math.Abs(residual), weight
		}
		if worthFew(off) || worthFew(weights) {
			fits = append(fits, "the calibration on the rows that are judged")
		}
	}
	return fits
}

// worthFew says whether positive parts are worth fewer than disclosure.Smallest equal
// ones; parts of nothing at all tell of nobody.
func worthFew(parts []float64) bool {
	most, sum, squares := 0.0, 0.0, 0.0
	for _, x := range parts {
		most = max(most, x)
	}
	if most == 0 {
		return false
	}
	for _, x := range parts {
		x /= most // so that no square vanishes
		sum, squares = sum+x, squares+float64(x*x)
	}
	return float64(sum*sum) < float64(disclosure.Smallest*squares)
}
