package bins

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
	"pgregory.net/rapid"

	"github.com/smartstart-federation/smartstart/model/disclosure"
)

// open adds what institutions count, as the rounds do.
func open(t *rapid.T, h *Histogram, stage Stage, parts [][]float64) []int64 {
	var sums []int64
	for _, values := range parts {
		for i, v := range h.Local(stage, disclosure.Smallest, 0, make([]int, len(values)), values) {
			if len(sums) <= i {
				sums = append(sums, 0)
			}
			n := v.Int().Int64()
			if n == 1 || n == 2 {
				t.Fatalf("an institution counts %d rows", n)
			}
			sums[i] += n
		}
	}
	return sums
}

// TestQuantiles: whatever the values and however they are divided, the exact
// quantile (R's type 7) lies within the error that is stated, and no more rows lie
// beyond a threshold than Top allows.
func TestQuantiles(t *testing.T) {
	cut := 0
	rapid.Check(t, func(t *rapid.T) {
		r := Range{Low: -20, High: 20, Whole: rapid.Bool().Draw(t, "whole")}
		var parts [][]float64
		var all []float64
		for range rapid.IntRange(1, 4).Draw(t, "institutions") {
			values := rapid.SliceOfN(rapid.Float64Range(-20, 20), 8, 60).Draw(t, "values")
			for i := range values {
				if values[i] /= 1 + math.Abs(values[i]); r.Whole { // most lie in the middle
					values[i] = math.Round(5 * values[i])
				}
			}
			parts, all = append(parts, values), append(all, values...)
		}
		slices.Sort(all)
		n := int64(len(all))
		mean, squares := 0.0, 0.0
		for _, x := range all {
			mean += x / float64(n)
		}
		for _, x := range all {
			squares += (x - mean) * (x - mean)
		}
		sd := math.Sqrt(squares / float64(n-1))
		h := &Histogram{Most: Most, Edges: Normal(mean, sd, 6, r)}
		if !h.Whole(r, n, Cut) {
			t.Fatalf("%+v is not what was cut", h)
		}
		if len(h.Edges) == 0 {
			return
		}
		sums := open(t, h, Cut, parts)
		h.Count, h.Moved = sums[:len(sums)-1], sums[len(sums)-1]
		at := []float64{0.25, 0.5, 0.75}
		if h.CutFiner(at, r, sd, 6) {
			cut++
			if !h.Whole(r, n, Counted) {
				t.Fatalf("%+v is not what was counted", h)
			}
			sums = open(t, h, Counted, parts)
			for i := range h.Finer {
				f := &h.Finer[i]
				pieces := len(f.Edges) + 1
				f.Count, f.Moved, sums = sums[:pieces], sums[pieces], sums[pieces+1:]
			}
		}
		if !h.Whole(r, n, Done) {
			t.Fatalf("%+v is not what was opened of %d rows", h, n)
		}
		for _, p := range at {
			place := p * float64(n-1)
			low, high := all[int(math.Floor(place))], all[int(math.Ceil(place))]
			exact := low + (place-math.Floor(place))*(high-low)
			if q := QuantileOf([]Steps{h.Steps(n, r)}, p, r.Whole); math.Abs(q.Value-exact) > q.Error*(1+1e-12)+1e-12 {
				t.Fatalf("quantile %g is %g +- %g, exactly %g", p, q.Value, q.Error, exact)
			}
		}
		if edge, rows, ok := h.Top(0.3); ok {
			if float64(rows) > 0.3*float64(n) || slices.Contains(h.Edges, edge) && len(h.Finer) == 0 && rows != h.Beyond(edge) {
				t.Fatalf("%d of %d rows beyond %g", rows, n, edge)
			}
		}
	})
	if cut == 0 {
		t.Error("no histogram was cut again: the values are not of the kind that this is about")
	}
}

// TestWholeHasTeeth: what no rounds can have opened is refused.
func TestWholeHasTeeth(t *testing.T) {
	r := Range{Low: 0, High: 10}
	good := func() *Histogram {
		return &Histogram{Most: 9, Edges: []float64{2, 4}, Count: []int64{3, 6, 0}, Moved: 3,
			Finer: []Finer{{Bin: 1, Edges: []float64{3}, Count: []int64{3, 3}}}}
	}
	if !good().Whole(r, 9, Done) {
		t.Fatal("a histogram that can be is refused")
	}
	for name, spoil := range map[string]func(h *Histogram){
		"edges out of order":   func(h *Histogram) { h.Edges = []float64{4, 2} },
		"an edge at the end":   func(h *Histogram) { h.Edges = []float64{2, 10} },
		"a count of two":       func(h *Histogram) { h.Count = []int64{2, 7, 0} },
		"another total":        func(h *Histogram) { h.Count = []int64{3, 3, 0} },
		"moved below nought":   func(h *Histogram) { h.Moved = -3 },
		"too many bins":        func(h *Histogram) { h.Most = Most + 1 },
		"a bin that is none":   func(h *Histogram) { h.Finer[0].Bin = 3 },
		"a piece outside":      func(h *Histogram) { h.Finer[0].Edges = []float64{5} },
		"pieces of other rows": func(h *Histogram) { h.Finer[0].Count = []int64{3, 6} },
	} {
		h := good()
		if spoil(h); h.Whole(r, 9, Done) {
			t.Errorf("%s: %+v passes", name, h)
		}
	}
}

// TestProbit holds the written-out quantile to gonum's.
func TestProbit(t *testing.T) {
	for i := 1; i < 20; i++ {
		p := float64(i) / 20
		if want := distuv.UnitNormal.Quantile(p); math.Abs(probit(p)-want) > 1e-8 {
			t.Errorf("probit(%g) = %.12g, want %.12g", p, probit(p), want)
		}
	}
}
