package model

import (
	"slices"

	"github.com/smartstart-federation/smartstart/model/bins"
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
)

// tablePhases are those of descriptives, in order.
var tablePhases = []string{phaseColumns, phaseSpread, phaseBins, phaseFiner, phaseDone}

// wholeTable checks the state of a study that describes.
func (p *Plan) wholeTable(s *state) bool {
	at := slices.Index(tablePhases, s.Phase)
	if at < 0 || s.Refusal != nil || s.Areas != nil || len(s.Compared) > 0 || s.Counts != nil || s.Moments != nil || s.Impute != nil || len(s.Fits) > 0 || s.Robust != nil || s.Mixed != nil || s.Evaluate != nil {
		return false
	}
	if at == 0 && s.Table == nil {
		return true
	}
	d := s.Table
	if d == nil || !disclosure.Proper(d.Rows, p.slots()) || disclosure.Total(d.Rows) == 0 || len(d.Columns) != len(p.described) {
		return false
	}
	for j := range d.Columns {
		if !p.wholeDescribed(&d.Columns[j], d.Rows, &p.sources[p.described[j]], s.Phase) {
			return false
		}
	}
	return len(p.tableShape(s)) > 0 || s.Phase == phaseDone
}

func (p *Plan) wholeDescribed(c *describedColumn, rows []int64, src *source, phase string) bool {
	if !disclosure.Proper(c.Present, p.slots()) || len(c.Able) != p.slots() || !c.possible(rows) {
		return false
	}
	lacking := func(v exact.Integer) bool { return v.V == nil }
	open := len(p.open(c))
	sums, squares, cells := 0, 0, 0
	summed, spread := phase != phaseColumns, phase != phaseColumns && phase != phaseSpread
	switch {
	case src.numeric() && spread:
		sums, squares = open, open
	case src.numeric() && summed:
		sums = open
	case src.numeric():
	case spread:
		cells = open
	}
	if len(c.Sum) != sums || len(c.Square) != squares || len(c.Cells) != cells || slices.ContainsFunc(append(c.Sum[:sums:sums], c.Square...), lacking) {
		return false
	}
	for _, k := range c.Cells {
		if !disclosure.Proper(k, len(src.cells())+1) {
			return false
		}
	}
	if len(c.Bins) != squares && len(c.Bins) != 0 || !spread && len(c.Bins) > 0 {
		return false
	}
	_, n := p.folded(c)
	for slot := range c.Bins {
		if !c.Bins[slot].Whole(src.span(), n[slot], stageOf(phase)) {
			return false
		}
	}
	return true
}

// stageOf is how far the bins of a table are opened in a phase.
func stageOf(phase string) bins.Stage {
	switch phase {
	case phaseBins:
		return bins.Cut
	case phaseFiner:
		return bins.Counted
	}
	return bins.Done
}
