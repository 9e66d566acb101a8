package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// name is how tensors call a set.
func (p *Plan) nameOf(j *judging) string {
	switch j.Number {
	case 0:
		return " of the rows kept aside"
	case p.together():
		return " of all folds"
	}
	return " of fold " + itoa(j.Number)
}

func (p *Plan) evaluateShape(s *state) (t []Tensor) {
	e := s.Evaluate
	for _, j := range e.Sets {
		name := p.nameOf(j)
		if !j.Calibration.over() {
			t = append(t, calibrationShape(name)...)
		}
		switch e.Step {
		case 1:
			t = append(t, Tensor{"squared errors" + name, 1, exact.SumBits})
		case 2:
			t = append(t, binShape(j.Bins, "prediction"+name, true)...)
			if j.Rule != nil {
				t = append(t, binShape(j.Rule, p.ruleName(e)+name, false)...)
			}
		}
	}
	if e.Step == 1 && len(e.Sets) > 0 {
		t = append(t, guideShape(e.Guide, "prediction")...)
		if e.Rule != nil {
			t = append(t, guideShape(e.Rule.Guide, p.ruleName(e))...)
		}
	}
	if e.Step == 1 {
		t = append(t, p.curveShape(e)...)
	}
	return append(t, p.groupShape(e)...)
}

// ruleName quotes the column, so that it is never taken for another tensor.
func (p *Plan) ruleName(e *evaluation) string { return "\"" + p.terms[e.Rule.Term].name + "\"" }

func guideShape(g *guide, name string) []Tensor {
	n := len(g.Cuts) + 1
	if n == 1 {
		return nil
	}
	return []Tensor{{"rows of the fit by " + name, n, exact.CountBits}, {"expected in the fit by " + name, n, exact.SumBits}}
}

func (p *Plan) evaluateLocal(s *state, v *view) (a []exact.Sum, err error) {
	e, b := s.Evaluate, p.bench(s, v)
	for _, j := range e.Sets {
		d := b.of(p, j)
		if !j.Calibration.over() {
			a = append(a, j.Calibration.local(d, p.etaBits(s, j))...)
		}
		switch e.Step {
		case 1:
			brier := exact.Sum{}
			for i, eta := range d.eta {
				wrong := d.y[i] - p.fitted(eta)
				brier.Add(float64(wrong*wrong), exact.GridBits)
			}
			a = append(a, brier)
		case 2:
			a = append(a, p.binLocal(j.Bins, e.Guide, d, d.eta, true)...)
			if j.Rule != nil {
				a = append(a, p.binLocal(j.Rule, e.Rule.Guide, d, d.rule, false)...)
			}
		}
	}
	if e.Step == 1 && len(e.Sets) > 0 {
		fitted := p.score(s, v, s.Fits[0], v.used)
		probability := make([]float64, len(fitted.eta))
		for i, eta := range fitted.eta {
			probability[i] = p.fitted(eta)
		}
		if len(e.Guide.Cuts) > 0 {
			a = append(a, p.guideLocal(e.Guide, fitted.eta, probability)...)
		}
		if e.Rule != nil && len(e.Rule.Guide.Cuts) > 0 {
			a = append(a, p.guideLocal(e.Rule.Guide, fitted.rule, probability)...)
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

func (p *Plan) evaluateGlobal(s *state, sums []*big.Int) {
	e := s.Evaluate
	take := func(n int) []*big.Int {
		v := sums[:n:n]
		sums = sums[n:]
		return v
	}
	last := e.Step == mostSteps || s.Round >= p.rounds
	for _, j := range e.Sets {
		if !j.Calibration.over() {
			mine := take(calibrationNumbers)
			eta := p.etaBits(s, j)
			if e.Step == 1 {
				j.Residual = exact.Integer{V: mine[1]}
			}
			j.Calibration.global(mine, eta, j.Rows, last)
		}
		switch e.Step {
		case 1:
			j.Brier = exact.Integer{V: take(1)[0]}
		case 2:
			sums = j.Bins.take(sums, true)
			if j.Rule != nil {
				sums = j.Rule.take(sums, false)
			}
		}
		if !p.possible(s, j) {
			s.refuse(contradiction())
			return
		}
	}
	if e.Step == 1 && len(e.Sets) > 0 {
		sums = e.Guide.take(sums)
		if e.Rule != nil {
			sums = e.Rule.Guide.take(sums)
		}
	}
	if e.Step == 1 {
		sums = takeCurve(e, sums)
	}
	if !sound(e.Curve) || !e.Guide.sound(s) || e.Rule != nil && !e.Rule.Guide.sound(s) || !p.groupGlobal(e, sums) {
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

// sound says that a guide's sums are those of rows of the fit.
func (g *guide) sound(s *state) bool {
	if g == nil {
		return true
	}
	for b, n := range g.Rows {
		x := g.Expected[b].V
		if n < 0 || n > s.Counts.Complete || x.Sign() < 0 || mp.Scaled(x, exact.GridBits).Cmp(mp.Int(n)) > 0 {
			return false
		}
	}
	return true
}

func (g *guide) take(sums []*big.Int) (rest []*big.Int) {
	n := len(g.Cuts) + 1
	if n == 1 {
		return sums
	}
	for _, v := range sums[:n] {
		g.Rows = append(g.Rows, small(v))
	}
	g.Expected = exact.Integers(sums[n : n+n])
	return sums[n+n:]
}

// possible holds a set's sums to what is known of it.
func (p *Plan) possible(s *state, j *judging) bool {
	ok := j.Brier.V.Sign() >= 0 && mp.Scaled(j.Brier.V, exact.GridBits).Cmp(mp.Int(j.Rows)) <= 0
	expected := mp.New().Sub(mp.Int(j.Events), mp.Scaled(j.Residual.V, exact.GridBits))
	ok = ok && expected.Sign() > 0 && expected.Cmp(mp.Int(j.Rows)) <= 0
	for _, b := range []*tally{j.Bins, j.Rule} {
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
	own := e.Guide.outline()
	var other outline
	if e.Rule != nil {
		other = e.Rule.Guide.outline()
	}
	for _, j := range e.Sets {
		least := float64(max(2*int64(p.study.Privacy.MinCell), 4*j.Institutions))
		share := 0.0
		if len(e.Groups) > 0 && j == p.compared(e) {
			share = p.study.Evaluate.Select
		}
		j.Bins = newTally(own.divide(j.others(), j.Events, least, share))
		if e.Rule != nil {
			j.Rule = newTally(other.divide(j.others(), j.Events, least, 0))
		}
	}
}
