package model

import (
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
)

// tablePhases are those of descriptives, in order.
var tablePhases = []string{phaseColumns, phaseSpread, phaseBins, phaseFiner, phaseDone}

// wholeTable checks the state of a study that describes.
func (p *Plan) wholeTable(s *state) bool {
	at := slices.Index(tablePhases, s.Phase)
	if at < 0 || s.Refusal != nil || s.Counts != nil || s.Moments != nil || s.Impute != nil || len(s.Fits) > 0 || s.Robust != nil || s.Mixed != nil || s.Evaluate != nil {
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
		if !c.Bins[slot].whole(src, n[slot], phase) {
			return false
		}
	}
	return true
}

func (h *histogram) whole(src *source, n int64, phase string) bool {
	bins := len(h.Edges) + 1
	if h.Most < 0 || h.Most > mostBins || !ascending(h.Edges, src.low, src.high) {
		return false
	}
	if phase == phaseBins || bins == 1 {
		return h.Count == nil && h.Moved == 0 && len(h.Finer) == 0
	}
	if !disclosure.Proper(h.Count, bins) || disclosure.Total(h.Count) != n || h.Moved < 0 || h.Moved > 1<<disclosure.MaxCountBits {
		return false
	}
	for i, f := range h.Finer {
		if f.Bin < 0 || f.Bin >= bins || i > 0 && f.Bin <= h.Finer[i-1].Bin || len(f.Edges) == 0 {
			return false
		}
		low, high := src.low, src.high
		if f.Bin > 0 {
			low = h.Edges[f.Bin-1]
		}
		if f.Bin < len(h.Edges) {
			high = h.Edges[f.Bin]
		}
		if !ascending(f.Edges, low, high) || f.Moved < 0 || f.Moved > 1<<disclosure.MaxCountBits {
			return false
		}
		opened := disclosure.Proper(f.Count, len(f.Edges)+1) && disclosure.Total(f.Count) == h.Count[f.Bin]
		if phase == phaseFiner && (f.Count != nil || f.Moved != 0) || phase == phaseDone && !opened {
			return false
		}
	}
	return true
}

// ascending says that edges lie strictly between low and high, in order.
func ascending(edges []float64, low, high float64) bool {
	if len(edges) > mostBins || edges == nil {
		return false
	}
	for _, e := range edges {
		if math.IsNaN(e) || !(e > low && e < high) {
			return false
		}
		low = e
	}
	return true
}
