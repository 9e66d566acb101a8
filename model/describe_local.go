package model

import (
	"github.com/smartstart-federation/smartstart/model/exact"
)

// tableLocal computes one institution's integers for a round of descriptives.
func (p *Plan) tableLocal(s *state, v *view) (a []exact.Sum) {
	base := p.base(v)
	if counting(s) {
		a = counters(p.slots(), base)
	}
	for j, at := range p.described {
		slots, cells := p.place(v, base, at)
		src, values := &p.sources[at], v.columns[at].Values
		if counting(s) {
			present := counters(p.slots(), slots)
			a = append(append(a, present...), filledBy(present)...)
			continue
		}
		c := &s.Table.Columns[j]
		place, n := p.folded(c)
		if len(n) == 0 {
			continue
		}
		remap(slots, place)
		switch {
		case s.Phase == phaseColumns && src.numeric():
			a = append(a, slotSums(len(n), slots, values, src.rawGrid())...)
		case s.Phase == phaseColumns:
		case s.Phase == phaseSpread && src.numeric():
			centre, unit := p.centre(src, c)
			a = append(a, squares(len(n), slots, values, centre, unit)...)
		case s.Phase == phaseSpread:
			width := len(src.cells()) + 1
			flat := make([]int, len(slots))
			for i, slot := range slots {
				flat[i] = -1
				if slot >= 0 {
					first := slot * width
					flat[i] = first + cells[i]
				}
			}
			a = append(a, counters(len(n)*width, flat)...)
		default:
			for slot := range c.Bins {
				a = append(a, c.Bins[slot].Local(stageOf(s.Phase), p.least, slot, slots, values)...)
			}
		}
	}
	return a
}

// counters counts the rows of each slot.
func counters(n int, slots []int) []exact.Sum {
	a := make([]exact.Sum, n)
	for _, s := range slots {
		if s >= 0 {
			a[s].Inc()
		}
	}
	return a
}

// filledBy says, slot by slot, whether this institution has any rows.
func filledBy(counts []exact.Sum) []exact.Sum {
	a := make([]exact.Sum, len(counts))
	for i, n := range counts {
		if n != (exact.Sum{}) {
			a[i].Inc()
		}
	}
	return a
}

// slotSums adds up the values of each slot.
func slotSums(n int, slots []int, values []float64, grid int) []exact.Sum {
	a := make([]exact.Sum, n)
	for i, s := range slots {
		if s >= 0 {
			a[s].Add(values[i], grid)
		}
	}
	return a
}

// squares adds up the squares about centre, in units in which values lie
// within +-1.
func squares(n int, slots []int, values []float64, centre, unit float64) []exact.Sum {
	a := make([]exact.Sum, n)
	for i, s := range slots {
		if s >= 0 {
			u := (values[i] - centre) / unit
			a[s].Add(float64(u*u), unitGrid)
		}
	}
	return a
}
