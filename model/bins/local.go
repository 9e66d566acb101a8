package bins

import (
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
)

// binOf returns how many edges are at or below x.
func binOf(edges []float64, x float64) (bin int) {
	for bin < len(edges) && x >= edges[bin] {
		bin++
	}
	return bin
}

// Local counts an institution's rows of a slot, slots[i] of row i, in its bins, or in the pieces of the bins
// that are cut finer. A row that was counted in a neighbouring bin stays there,
// in the piece next to where it belongs: the pieces then add up to their bin.
func (h *Histogram) Local(opened Stage, least int64, slot int, slots []int, values []float64) (a []exact.Sum) {
	if len(h.Edges) == 0 {
		return nil
	}
	counts := make([]int64, len(h.Edges)+1)
	for i, s := range slots {
		if s == slot {
			counts[binOf(h.Edges, values[i])]++
		}
	}
	to := disclosure.Neighbours(counts, least)
	if opened == Cut {
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
		a = append(a, binned(pieces, disclosure.Neighbours(pieces, least))...)
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
