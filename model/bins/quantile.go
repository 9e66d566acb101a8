package bins

import (
	"math"
	"slices"
)

// Quantile is a quantile read off bins.
type Quantile struct {
	P     float64 `json:"p"`
	Value float64 `json:"value"`
	Error float64 `json:"quantile_error"` // the exact quantile lies within value +- this: about the width of its bin
}

// Steps is what is known of the distribution of one slot: how many rows lie
// below each edge, give or take moved.
type Steps struct {
	n     int64
	edges []float64 // from the low end of the codebook's range to the high one
	below []int64
	moved int64
}

// Steps joins the bins of a slot of n rows and the pieces of those cut finer; n
// alone is known where no bins were opened.
func (h *Histogram) Steps(n int64, r Range) Steps {
	low, high := r.Low, r.High
	s := Steps{n: n, edges: []float64{low}, below: []int64{0}, moved: h.Moved}
	add := func(edge float64, count int64) {
		s.edges, s.below = append(s.edges, edge), append(s.below, s.below[len(s.below)-1]+count)
	}
	if len(h.Count) == 0 {
		add(high, n)
		return s
	}
	for bin, count := range h.Count {
		end := high
		if bin < len(h.Edges) {
			end = h.Edges[bin]
		}
		i := slices.IndexFunc(h.Finer, func(f Finer) bool { return f.Bin == bin && f.Count != nil })
		if i < 0 {
			add(end, count)
			continue
		}
		f := h.Finer[i]
		s.moved += f.Moved
		for k, piece := range f.Count {
			if k < len(f.Edges) {
				add(f.Edges[k], piece)
			} else {
				add(end, piece)
			}
		}
	}
	return s
}

// bounds returns the fewest and the most rows that can lie below x, and what
// the bins say if rows lie evenly within them.
func (s *Steps) bounds(x float64) (least, most int64, even float64) {
	i := 0
	for i < len(s.edges)-1 && s.edges[i+1] <= x {
		i++
	}
	switch {
	case i == len(s.edges)-1: // all but those at the very end of the range
		return max(0, s.n-s.moved), s.n, float64(s.n)
	case x <= s.edges[i]:
		if i == 0 {
			return 0, 0, 0
		}
		return max(0, s.below[i]-s.moved), min(s.n, s.below[i]+s.moved), float64(s.below[i])
	}
	share := (x - s.edges[i]) / (s.edges[i+1] - s.edges[i])
	least = 0
	if i > 0 {
		least = max(0, s.below[i]-s.moved)
	}
	most = s.n
	if i+1 < len(s.edges)-1 {
		most = min(s.n, s.below[i+1]+s.moved)
	}
	return least, most, float64(s.below[i]) + float64(share*float64(s.below[i+1]-s.below[i]))
}

// ranks are the places, from 1, of the ordered values between which a quantile
// lies: R's quantile, type 7 (Hyndman and Fan, The American Statistician 50,
// 1996).
func ranks(n int64, q float64) (low, high int64) {
	h := float64(float64(n-1)*q) + 1
	return int64(math.Floor(h)), int64(math.Ceil(h))
}

// QuantileOf bounds a quantile of slots taken together and reads it off as if
// rows lay evenly within bins.
func QuantileOf(slots []Steps, q float64, whole bool) Quantile {
	var n int64
	var edges []float64
	for i := range slots {
		n += slots[i].n
		edges = append(edges, slots[i].edges...)
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	first, last := ranks(n, q)
	target := float64(float64(n-1)*q) + 0.5 // the middle of that place
	low, high := edges[0], edges[len(edges)-1]
	value, before, found := low, 0.0, false
	for i, e := range edges {
		var least, most int64
		even := 0.0
		for k := range slots {
			l, m, x := slots[k].bounds(e)
			least, most, even = least+l, most+m, even+x
		}
		if most < first {
			low = e
		}
		if least >= last && e < high {
			high = e
		}
		if !found && even >= target {
			if found, value = true, e; i > 0 && even > before {
				value = edges[i-1] + float64((e-edges[i-1])*((target-before)/(even-before)))
			}
		}
		before = even
	}
	if whole { // edges lie half-way between values
		low, high = math.Ceil(low), math.Floor(high)
	}
	value = math.Max(low, math.Min(high, value))
	return Quantile{P: q, Value: value, Error: math.Max(value-low, high-value)}
}
