package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
	"github.com/smartstart-federation/smartstart/model/validation"
)

func (p *Plan) evaluateGlobal(s *state, sums []*big.Int) {
	e := s.Evaluate
	take := func(n int) []*big.Int {
		v := sums[:n:n]
		sums = sums[n:]
		return v
	}
	last := e.Step == mostSteps || s.Round >= p.rounds
	for _, j := range e.Sets {
		if !j.Calibration.Over() {
			mine := take(validation.Numbers)
			eta := p.etaBits(s, j)
			if e.Step == 1 {
				j.Residual = exact.Integer{V: mine[1]}
			}
			j.Calibration.Global(mine, eta, j.Rows, last)
		}
		switch e.Step {
		case 1:
			j.Brier = exact.Integer{V: take(1)[0]}
		case 2:
			sums = j.Bins.Take(sums, true)
			if j.Rule != nil {
				sums = j.Rule.Take(sums, false)
			}
		}
		if !p.possible(s, j) {
			s.refuse(contradiction())
			return
		}
	}
	if e.Step == 1 && len(e.Sets) > 0 {
		sums = e.Guide.Take(sums)
		if e.Rule != nil {
			sums = e.Rule.Guide.Take(sums)
		}
	}
	if e.Step == 1 {
		sums = takeCurve(e, sums)
	}
	if !sound(e.Curve) || !e.Guide.Sound(s.Counts.Complete) || e.Rule != nil && !e.Rule.Guide.Sound(s.Counts.Complete) || !p.groupGlobal(e, sums) {
		s.refuse(contradiction())
		return
	}
	if e.Step == 1 && len(e.Sets) > 0 {
		p.cut(e)
	}
	e.Step++
	if !p.openable(s) {
		for _, j := range e.Sets {
			j.Calibration.Failed = j.Calibration.Estimate == nil
		}
		s.Phase = phaseDone
	}
}

// possible holds a set's sums to what is known of it.
func (p *Plan) possible(s *state, j *judging) bool {
	ok := j.Brier.V.Sign() >= 0 && mp.Scaled(j.Brier.V, exact.GridBits).Cmp(mp.Int(j.Rows)) <= 0
	expected := mp.New().Sub(mp.Int(j.Events), mp.Scaled(j.Residual.V, exact.GridBits))
	ok = ok && expected.Sign() > 0 && expected.Cmp(mp.Int(j.Rows)) <= 0
	for _, b := range []*validation.Tally{j.Bins, j.Rule} {
		if b == nil || b.Cells[0] == nil {
			continue
		}
		for y, want := range []int64{j.others(), j.Events} {
			x := b.Placed[y].V
			ok = ok && x.Sign() >= 0 && mp.Scaled(x, exact.GridBits).Cmp(mp.Int(want)) <= 0
			total := int64(0)
			for _, n := range b.Cells[y] {
				ok = ok && n >= 0 && n <= want
				total += n
			}
			ok = ok && total == want
		}
	}
	return ok
}

// cut chooses the cuts of step 2. A cell is expected to hold at least twice
// min_cell rows, and four for each institution, so that few of them have to
// move a row.
func (p *Plan) cut(e *evaluation) {
	own := e.Guide.Outline()
	var other validation.Outline
	if e.Rule != nil {
		other = e.Rule.Guide.Outline()
	}
	for _, j := range e.Sets {
		least := float64(max(2*int64(p.study.Privacy.MinCell), 4*j.Institutions))
		share := 0.0
		if len(e.Groups) > 0 && j == p.compared(e) {
			share = p.study.Evaluate.Select
		}
		j.Bins = validation.NewTally(own.Divide(j.others(), j.Events, least, share))
		if e.Rule != nil {
			j.Rule = validation.NewTally(other.Divide(j.others(), j.Events, least, 0))
		}
	}
}
