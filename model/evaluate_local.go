package model

import (
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
)

// scored are an institution's rows of one set. It is empty where the
// institution has fewer than three rows of either outcome in the set: its cells
// could not be hidden among its own.
type scored struct {
	rows         []int // of the table
	y, eta, rule []float64
}

// score applies a fit to rows; of the rule, high values are first.
func (p *Plan) score(s *state, v *view, f *fit, in func(i int) bool) *scored {
	d := &scored{}
	x, z := make([]float64, p.size()), make([]float64, p.size())
	for i := range v.rows {
		if !in(i) {
			continue
		}
		y := p.standardise(s, v, i, x, z)
		d.rows = append(d.rows, i)
		d.y = append(d.y, y)
		d.eta = append(d.eta, f.predictor(f.Estimate, z, 0))
		if r := s.Evaluate.Rule; r != nil {
			value := x[r.Term]
			if !r.Ascending {
				value = -value
			}
			d.rule = append(d.rule, value)
		}
	}
	return d
}

func (v *view) heldOut(i int) bool {
	return v.table.heldOut != nil && v.table.heldOut[i] && v.usable(i)
}

// enough says whether an institution's rows can enter a set.
func (v *view) enough(in func(i int) bool) bool {
	var n [2]int
	x := make([]float64, len(v.plan.terms))
	for i := range v.rows {
		if in(i) {
			n[int(v.row(i, x))]++
		}
	}
	return n[0] >= disclosure.Smallest && n[1] >= disclosure.Smallest
}

// any says whether an institution has such a row.
func (v *view) any(in func(i int) bool) bool {
	for i := range v.rows {
		if in(i) {
			return true
		}
	}
	return false
}

// bench are an institution's scored rows by set.
type bench struct {
	held, fold *scored
	number     int // the institution's fold
}

func (p *Plan) bench(s *state, v *view) *bench {
	b := &bench{held: &scored{}, fold: &scored{}, number: p.folds[v.table.Institution]}
	if s.Evaluate.set(0) != nil && v.enough(v.heldOut) {
		b.held = p.score(s, v, s.model(0), v.heldOut)
	}
	if b.number > 0 && s.Evaluate.set(b.number) != nil && v.enough(v.used) {
		b.fold = p.score(s, v, s.model(b.number), v.used)
	}
	return b
}

// of returns the institution's rows of a set.
func (b *bench) of(p *Plan, j *judging) *scored {
	switch j.Number {
	case 0:
		return b.held
	case b.number, p.together():
		return b.fold
	}
	return &scored{}
}

func (p *Plan) evaluateLocal(s *state, v *view) (a []exact.Sum, err error) {
	e, b := s.Evaluate, p.bench(s, v)
	for _, j := range e.Sets {
		d := b.of(p, j)
		probability := p.probabilities(d.eta)
		if !j.Calibration.Over() {
			a = append(a, j.Calibration.Local(d.y, d.eta, p.etaBits(s, j))...)
		}
		switch e.Step {
		case 1:
			brier := exact.Sum{}
			for i, expected := range probability {
				wrong := d.y[i] - expected
				brier.Add(float64(wrong*wrong), exact.GridBits)
			}
			a = append(a, brier)
		case 2:
			a = append(a, j.Bins.Local(e.Guide, d.y, d.eta, d.eta, probability, !p.unmerged)...)
			if j.Rule != nil {
				a = append(a, j.Rule.Local(e.Rule.Guide, d.y, d.rule, d.eta, nil, !p.unmerged)...)
			}
		}
	}
	if e.Step == 1 && len(e.Sets) > 0 {
		fitted := p.score(s, v, s.Fits[0], v.used)
		probability := p.probabilities(fitted.eta)
		if len(e.Guide.Cuts) > 0 {
			a = append(a, e.Guide.Local(fitted.eta, probability, !p.unmerged)...)
		}
		if e.Rule != nil && len(e.Rule.Guide.Cuts) > 0 {
			a = append(a, e.Rule.Guide.Local(fitted.rule, probability, !p.unmerged)...)
		}
	}
	if e.Step == 1 && len(e.Curve) > 0 {
		pairs, err := p.curveLocal(s, v)
		if err != nil {
			return nil, err
		}
		a = append(a, pairs...)
	}
	groups, err := p.groupLocal(s, v, b)
	return append(a, groups...), err
}

// probabilities are what the model expects of rows with these predictors; never
// nil, which would ask a tally for no expected sums.
func (p *Plan) probabilities(eta []float64) []float64 {
	out := make([]float64, len(eta))
	for i := range eta {
		out[i] = p.fitted(eta[i])
	}
	return out
}
