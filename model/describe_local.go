package model

import (
	"github.com/smartstart-federation/smartstart/model/disclosure"
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
				a = append(a, p.binsLocal(s.Phase, &c.Bins[slot], slot, slots, values)...)
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

// binOf returns how many edges are at or below x.
func binOf(edges []float64, x float64) (bin int) {
	for bin < len(edges) && x >= edges[bin] {
		bin++
	}
	return bin
}

// binsLocal counts the rows of a slot in its bins, or in the pieces of the bins
// that are cut finer. A row that was counted in a neighbouring bin stays there,
// in the piece next to where it belongs: the pieces then add up to their bin.
func (p *Plan) binsLocal(phase string, h *histogram, slot int, slots []int, values []float64) (a []exact.Sum) {
	if len(h.Edges) == 0 {
		return nil
	}
	counts := make([]int64, len(h.Edges)+1)
	for i, s := range slots {
		if s == slot {
			counts[binOf(h.Edges, values[i])]++
		}
	}
	to := disclosure.Neighbours(counts, p.least)
	if phase == phaseBins {
		return binned(counts, to)
	}
	for _, f := range h.Finer {
		pieces := make([]int64, len(f.Edges)+1)
		for i, s := range slots {
			if s != slot {
				continue
			}
			bin := binOf(h.Edges, values[i])
			switch {
			case to[bin] != f.Bin:
			case bin < f.Bin:
				pieces[0]++
			case bin > f.Bin:
				pieces[len(pieces)-1]++
			default:
				pieces[binOf(f.Edges, values[i])]++
			}
		}
		a = append(a, binned(pieces, disclosure.Neighbours(pieces, p.least))...)
	}
	return a
}

// binned is what is opened of bins: their counts, and the bound of what moved.
func binned(counts []int64, to []int) []exact.Sum {
	a := make([]exact.Sum, len(counts)+1)
	for i, n := range counts {
		if n > 0 {
			a[to[i]].AddInt(n)
		}
	}
	a[len(counts)] = exact.Of(disclosure.Moved(counts, to))
	return a
}
