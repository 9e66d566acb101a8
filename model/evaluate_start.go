package model

import (
	"math"
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
	"github.com/smartstart-federation/smartstart/model/validation"
)

// foldFits begins a fit for each fold that is judged, at the main estimate.
func (p *Plan) foldFits(s *state, begin func(what string, number int, params []int, trial []float64)) {
	if s.Evaluate == nil {
		return
	}
	for _, j := range s.Evaluate.Sets {
		if j.Number > 0 {
			begin(fitFold, j.Number, s.Fits[0].Params, s.Fits[0].Estimate)
		}
	}
}

// beginEvaluation prepares step 1, once the fits are done. It reports whether
// anything is left to open.
func (p *Plan) beginEvaluation(s *state) bool {
	e := s.Evaluate
	if e == nil {
		return false
	}
	var sets []*judging
	folds := 0
	together := &judging{Number: p.together(), Residual: exact.Integer{V: new(big.Int)}, Brier: exact.Integer{V: new(big.Int)}}
	for _, j := range e.Sets {
		if f := s.model(j.Number); f == nil || f.Estimate == nil {
			continue
		}
		if sets = append(sets, j); j.Number > 0 {
			folds++
			together.Institutions += j.Institutions
			together.Rows += j.Rows
			together.Events += j.Events
		}
	}
	if folds > 1 {
		sets = append(sets, together)
	}
	for _, j := range sets {
		j.Calibration = validation.NewCalibration()
	}
	e.Sets = sets
	e.Step = 1
	if s.Round+openingSteps > p.rounds { // sums that would be cut short are not begun
		e.Sets, e.Square, e.Product = nil, nil, nil
		return false
	}
	if len(sets) > 0 {
		p.guides(s)
		p.beginGroups(e)
	}
	p.beginCurve(e)
	e.Square, e.Product = nil, nil
	return p.openable(s)
}

// openable moves on to the next step that opens anything.
func (p *Plan) openable(s *state) bool {
	for ; s.Evaluate.Step <= openingSteps; s.Evaluate.Step++ {
		if len(p.evaluateShape(s)) > 0 {
			return true
		}
	}
	return len(p.evaluateShape(s)) > 0 && s.Round < p.rounds
}

// guides makes the cuts of step 1 from what the moments say: the SD of the
// linear predictor z'b is the root of b'Rb, with R the correlations of the
// columns; the rule is the column whose correlation with the outcome is largest,
// of yes_no columns only where the model has no number.
func (p *Plan) guides(s *state) {
	e, n := s.Evaluate, mp.Int(s.Counts.Complete)
	square := mp.Unpack(e.Square, len(p.terms), p.unit)
	sd := make([]*big.Float, len(p.terms))
	for j := range p.terms {
		sd[j] = mp.Sqrt(mp.Quo(square[j][j], n))
	}
	b := s.Fits[0].Estimate
	variance := mp.New()
	for i := range square {
		for j := range square[i] {
			r := mp.Mul(mp.Quo(square[i][j], mp.Mul(n, mp.Mul(sd[i], sd[j]))), mp.Mul(mp.Of(b[i+1]), mp.Of(b[j+1])))
			if j < i {
				r = mp.Mul(r, mp.Int(2))
			}
			variance = mp.Add(variance, r)
		}
	}
	spread := 0.0
	if variance.Sign() > 0 {
		spread = mp.Float64(mp.Sqrt(variance))
	}
	e.Guide = validation.NewGuide(b[0], spread, s.Counts.Complete, p.study.Privacy.MinCell)
	if p.chooseRule(s, sd, configs.Number, configs.Integer); e.Rule == nil {
		p.chooseRule(s, sd, configs.YesNo)
	}
}

// chooseRule looks for a rule among columns of some kinds.
func (p *Plan) chooseRule(s *state, sd []*big.Float, kinds ...string) {
	e, n, largest := s.Evaluate, mp.Int(s.Counts.Complete), 0.0
	for j, t := range p.terms {
		kind := p.sources[t.factors[0].source].kind
		if len(t.factors) != 1 || t.factors[0].form != asItIs || !slices.Contains(kinds, kind) {
			continue
		}
		r := mp.Float64(mp.Quo(mp.Scaled(e.Product[j].V, unitGrid), mp.Mul(sd[j], n)))
		if math.Abs(r) <= largest {
			continue
		}
		largest = math.Abs(r)
		mean := s.Counts.Mean[j]
		if r < 0 {
			mean = -mean
		}
		e.Rule = &ranking{Term: j, Ascending: r > 0}
		if kind == configs.YesNo { // one cut, between no and yes
			e.Rule.Guide = &validation.Guide{Cuts: []float64{math.Copysign(0.5, r)}}
			continue
		}
		e.Rule.Guide = validation.NewGuide(mean, s.Moments.SD[j], s.Counts.Complete, p.study.Privacy.MinCell)
	}
}
