package model

import (
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/disclosure"
)

// quartiles are the quantiles of a table.
var quartiles = []float64{0.25, 0.5, 0.75}

// cutBins chooses coarse bins for every open slot of every number: where a
// normal distribution of the slot's mean and SD would have as many rows in
// each, and no fewer than leastShown. All together open at most the numbers
// that the study allows for its rows. False if there are none.
func (p *Plan) cutBins(s *state) bool {
	d := s.Table
	wanting := 0
	for j, at := range p.described {
		c := &d.Columns[j]
		_, n := p.folded(c)
		if !p.sources[at].numeric() {
			continue
		}
		c.Bins = make([]histogram, len(n))
		for slot := range n {
			c.Bins[slot].Edges = []float64{}
			if n[slot] >= fewestBin*p.leastShown() {
				wanting++
			}
		}
	}
	if wanting == 0 {
		return false
	}
	// A slot of b bins opens b counts, and with the finer ones, which repeat
	// the count of the three bins that they cut, 3 more and up to 4 bounds.
	allowed := int64(p.study.Privacy.NumbersPerRow*float64(disclosure.Total(d.Rows))) - int64(s.Opened)
	each := allowed/int64(wanting) - 7
	some := false
	for j, at := range p.described {
		c := &d.Columns[j]
		_, n := p.folded(c)
		for slot := range c.Bins {
			bins := min(mostBins, n[slot]/p.leastShown(), each)
			if bins < fewestBin {
				continue
			}
			mean, sd := p.spreadOf(&p.sources[at], c, slot)
			coarse := int(max(fewestBin, 2*bins/5))
			var edges []float64
			for i := 1; i < coarse && sd > 0; i++ {
				edges = append(edges, mean+float64(sd*probit(float64(i)/float64(coarse))))
			}
			src := &p.sources[at]
			c.Bins[slot].Most, c.Bins[slot].Edges = bins, within(edges, src.low, src.high, src.kind)
			some = some || len(c.Bins[slot].Edges) > 0
		}
	}
	return some
}

// cutFiner cuts the bins that hold the quartiles. False if none is cut.
func (p *Plan) cutFiner(s *state) bool {
	some := false
	for j, at := range p.described {
		c, src := &s.Table.Columns[j], &p.sources[at]
		for slot := range c.Bins {
			h := &c.Bins[slot]
			if len(h.Edges) == 0 {
				continue
			}
			n := disclosure.Total(h.Count)
			pieces := max(0, h.Most-int64(len(h.Count)))/3 + 1
			_, sd := p.spreadOf(src, c, slot)
			for _, q := range quartiles {
				bin, below := 0, h.Count[0]
				for rank, _ := ranks(n, q); below < rank; below += h.Count[bin] {
					bin++
				}
				known := func(f finer) bool { return f.Bin == bin }
				cut := min(pieces, h.Count[bin]/p.leastShown())
				if slices.ContainsFunc(h.Finer, known) || cut < 2 {
					continue
				}
				// What lies beyond one SD of a bin at an end stays in one piece.
				low, high := src.low, src.high
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
				if edges = within(edges, low, high, src.kind); len(edges) > 0 {
					h.Finer = append(h.Finer, finer{Bin: bin, Edges: edges})
					some = true
				}
			}
			slices.SortFunc(h.Finer, func(a, b finer) int { return a.Bin - b.Bin })
		}
	}
	return some
}

// within returns the edges strictly between low and high, each once, in order;
// for an integer half-way between two values.
func within(edges []float64, low, high float64, kind string) []float64 {
	kept := []float64{}
	for _, e := range edges {
		if kind == configs.Integer {
			e = math.Floor(e) + 0.5
		}
		if e > low && e < high && (len(kept) == 0 || e > kept[len(kept)-1]) {
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
