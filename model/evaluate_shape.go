package model

import (
	"math"

	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/validation"
)

// What is promised of the cells that an evaluation opens, that is rows by
// outcome and score, rows of the fit by score, and rows by outcome, group and
// selection:
//
//   - each is 0 or at least 3, because what each institution adds is: it moves
//     its own rows out of cells of one or two before anything is encrypted;
//   - each between cuts is expected to hold at least twice min_cell rows, if the
//     rows lie as those of the fit do. Fewer than min_cell, and then at least 3,
//     it can only hold where they lie otherwise.

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
		if !j.Calibration.Over() {
			t = append(t, calibrationShape(name)...)
		}
		switch e.Step {
		case 1:
			t = append(t, Tensor{"squared errors" + name, 1, exact.SumBits})
		case 2:
			t = append(t, tallyShape(j.Bins, "prediction"+name, true)...)
			if j.Rule != nil {
				t = append(t, tallyShape(j.Rule, p.ruleName(e)+name, false)...)
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

func guideShape(g *validation.Guide, name string) []Tensor {
	n := len(g.Cuts) + 1
	if n == 1 {
		return nil
	}
	return []Tensor{{"rows of the fit by " + name, n, exact.CountBits}, {"expected in the fit by " + name, n, exact.SumBits}}
}

// At most 19 cuts are crossed by at most 5 rows of each outcome.
const crossedBits = 8

func tallyShape(b *validation.Tally, name string, sums bool) (t []Tensor) {
	n := len(b.Cuts) + 1
	if n == 1 {
		return nil
	}
	t = append(t, Tensor{"rows by outcome and " + name, n + n, exact.CountBits})
	if sums {
		t = append(t, Tensor{"expected by " + name, n, exact.SumBits})
	}
	return append(t, Tensor{"moved by " + name, 2, crossedBits}, Tensor{"placed by " + name, 2, exact.SumBits})
}

func calibrationShape(name string) []Tensor {
	return []Tensor{{"deviance of the calibration" + name, 1, exact.SumBits}, {"gradient of the calibration" + name, 2, exact.SumBits},
		{"information of the calibration" + name, 3, exact.SumBits}}
}

// etaBits bounds the linear predictors of a set: |eta| < 2^etaBits, below 2^29
// for every point that a fit accepts.
func (p *Plan) etaBits(s *state, j *judging) int {
	reach := 0.0
	for _, number := range p.modelsOf(s.Evaluate, j) {
		f := s.model(number)
		reach = math.Max(reach, p.reachAt(s, f, f.Estimate))
	}
	return max(0, exact.Above(reach))
}

// modelsOf lists the fits whose predictions a set holds.
func (p *Plan) modelsOf(e *evaluation, j *judging) (numbers []int) {
	if j.Number < p.together() {
		return []int{j.Number}
	}
	for _, other := range e.Sets {
		if other.Number > 0 && other.Number < p.together() {
			numbers = append(numbers, other.Number)
		}
	}
	return numbers
}
