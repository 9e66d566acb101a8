package bins

import "github.com/smartstart-federation/smartstart/model/disclosure"

// Beyond counts the rows in bins beyond a value, which is an edge or lies in
// a bin that is then not counted.
func (h *Histogram) Beyond(value float64) (n int64) {
	for i, edge := range h.Edges {
		if edge >= value {
			n += h.Count[i+1]
		}
	}
	return n
}

// Top finds the smallest threshold, among the edges of bins and pieces, beyond
// which a share of all rows lies at most; ok is false if there is none.
func (h *Histogram) Top(share float64) (threshold float64, rows int64, ok bool) {
	n := disclosure.Total(h.Count)
	allowed := int64(share * float64(n))
	beyond := int64(0)
	try := func(edge float64, more int64) bool {
		if beyond += more; beyond > allowed {
			return false
		}
		threshold, rows, ok = edge, beyond, true
		return true
	}
	for bin := len(h.Count) - 1; bin > 0; bin-- {
		count := h.Count[bin]
		for _, f := range h.Finer {
			if f.Bin != bin {
				continue
			}
			for piece := len(f.Count) - 1; piece > 0; piece-- {
				if !try(f.Edges[piece-1], f.Count[piece]) {
					return threshold, rows, ok
				}
			}
			count = f.Count[0]
		}
		if !try(h.Edges[bin-1], count) {
			return threshold, rows, ok
		}
	}
	return threshold, rows, ok
}
