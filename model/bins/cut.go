package bins

import (
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/model/disclosure"
)

// Normal returns the edges at which a normal distribution of this mean and SD has
// as many rows in each of n bins; none where the SD is 0. n is at most 20.
func Normal(mean, sd float64, n int, r Range) []float64 {
	var edges []float64
	for i := 1; i < n && sd > 0; i++ {
		edges = append(edges, mean+float64(sd*probit(float64(i)/float64(n))))
	}
	return Within(edges, r)
}

// CutFiner cuts the bins that hold the quantiles at: into pieces of at least least
// rows, and no more of them than Most leaves for three bins. False if none is cut.
func (h *Histogram) CutFiner(at []float64, r Range, sd float64, least int64) (some bool) {
	if len(h.Edges) == 0 {
		return false
	}
	n := disclosure.Total(h.Count)
	pieces := max(0, h.Most-int64(len(h.Count)))/3 + 1
	for _, q := range at {
		bin, below := 0, h.Count[0]
		for rank, _ := ranks(n, q); below < rank; below += h.Count[bin] {
			bin++
		}
		known := func(f Finer) bool { return f.Bin == bin }
		cut := min(pieces, h.Count[bin]/least)
		if slices.ContainsFunc(h.Finer, known) || cut < 2 {
			continue
		}
		// What lies beyond one SD of a bin at an end stays in one piece.
		low, high := r.Low, r.High
		if bin > 0 {
			low = h.Edges[bin-1]
		}
		if bin < len(h.Edges) {
			high = h.Edges[bin]
		}
		from, to := low, high
		if bin == 0 {
			from = max(low, high-sd)
		}
		if bin == len(h.Edges) {
			to = min(high, low+sd)
		}
		var edges []float64
		for i := int64(1); i < cut; i++ {
			edges = append(edges, from+float64((to-from)*(float64(i)/float64(cut))))
		}
		if edges = Within(edges, Range{low, high, r.Whole}); len(edges) > 0 {
			h.Finer = append(h.Finer, Finer{Bin: bin, Edges: edges})
			some = true
		}
	}
	slices.SortFunc(h.Finer, func(a, b Finer) int { return a.Bin - b.Bin })
	return some
}

// CutTop cuts the bin that holds the threshold beyond which a share of all rows
// lies at most, into pieces of at least least rows. False if there is nothing to
// cut.
func (h *Histogram) CutTop(share float64, least int64) bool {
	n := disclosure.Total(h.Count)
	allowed := int64(share * float64(n))
	bin, beyond := len(h.Count)-1, int64(0)
	for bin > 0 && beyond+h.Count[bin] <= allowed {
		beyond += h.Count[bin]
		bin--
	}
	pieces := min(h.Most-int64(len(h.Count))+1, h.Count[bin]/least)
	if bin == 0 || pieces < 2 {
		return false
	}
	low, high := h.Edges[bin-1], 0.0
	if bin < len(h.Edges) {
		high = h.Edges[bin]
	} else { // beyond the last edge there may be anything: pieces that double
		high = low * 2
	}
	var edges []float64
	for i := int64(1); i < pieces; i++ {
		edges = append(edges, low+float64((high-low)*(float64(i)/float64(pieces))))
	}
	h.Finer = []Finer{{Bin: bin, Edges: Within(edges, Range{low, math.MaxFloat64, false})}}
	return true
}

// Within returns the edges strictly inside a range, each once, in order;
// of whole numbers half-way between two values.
func Within(edges []float64, r Range) []float64 {
	kept := []float64{}
	for _, e := range edges {
		if r.Whole {
			e = math.Floor(e) + 0.5
		}
		if e > r.Low && e < r.High && (len(kept) == 0 || e > kept[len(kept)-1]) {
			kept = append(kept, e)
		}
	}
	return kept
}

// probit is the quantile of the normal distribution for 0.0243 < p < 0.9757, by
// P. J. Acklam's rational approximation (2003; relative error 1e-9). Written out
// because the edges enter what is opened.
func probit(p float64) float64 {
	const (
		a1, a2, a3, a4, a5, a6 = -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02, 1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00
		b1, b2, b3, b4, b5     = -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01
	)
	q := p - 0.5
	r := float64(q * q)
	above := float64((float64((float64((float64((float64(a1*r)+a2)*r)+a3)*r)+a4)*r)+a5)*r) + a6
	below := float64((float64((float64((float64((float64(b1*r)+b2)*r)+b3)*r)+b4)*r)+b5)*r) + 1
	return float64(above*q) / below
}
