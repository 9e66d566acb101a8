package validation

import (
	"cmp"
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Outline is what a guide says of the two outcomes: the share of each that lies
// below a place where a cut may be.
type Outline struct {
	at    []float64
	below [2][]float64 // by outcome
}

// Outline lays rows evenly over each bin that has two ends, and the share of
// events among them on a line between those of the neighbouring bins.
func (g *Guide) Outline() (o Outline) {
	var total [2]float64
	cells, rate := make([][2]float64, len(g.Rows)), make([]float64, len(g.Rows))
	for b, n := range g.Rows {
		e := mp.Float64(mp.Scaled(g.Expected[b].V, exact.GridBits))
		cells[b] = [2]float64{math.Max(0, float64(n)-e), e}
		total[0], total[1] = total[0]+cells[b][0], total[1]+e
		if n > 0 {
			rate[b] = e / float64(n)
		}
	}
	if !(total[0] > 0 && total[1] > 0) {
		return Outline{}
	}
	var so [2]float64
	add := func(at float64, part [2]float64) {
		o.at = append(o.at, at)
		for y := range so {
			so[y] += part[y]
			o.below[y] = append(o.below[y], so[y]/total[y])
		}
	}
	for b, cut := range g.Cuts {
		if b == 0 {
			add(cut, cells[b])
			continue
		}
		low, high := (rate[b-1]+rate[b])/2, (rate[b]+rate[b+1])/2
		var weight [placesInBin][2]float64
		var all [2]float64
		for i := range weight {
			r := low + float64((high-low)*((float64(i)+0.5)/placesInBin))
			weight[i] = [2]float64{1 - r, r}
			all[0], all[1] = all[0]+1-r, all[1]+r
		}
		for i, w := range weight {
			var part [2]float64
			for y := range part {
				part[y] = cells[b][y] / placesInBin
				if all[y] > 0 {
					part[y] = float64(cells[b][y]*w[y]) / all[y]
				}
			}
			at := cut
			if i+1 < placesInBin {
				at = g.Cuts[b-1] + float64((cut-g.Cuts[b-1])*(float64(i+1)/placesInBin))
			}
			add(at, part)
		}
	}
	return o
}

// share is the share of an outcome below place i; the ends are -1 and len(at).
func (o *Outline) share(y, i int) float64 {
	switch {
	case i < 0:
		return 0
	case i >= len(o.at):
		return 1
	}
	return o.below[y][i]
}

// Divide returns the cuts that make the fewest pairs of an event and another
// row fall into one bin, among those with at most Most bins of which every
// cell is expected to hold at least least rows. Without any it returns none.
// Above one of the cuts this share of the rows is expected, as nearly as places
// and least allow; 0 asks for no such cut.
func (o *Outline) Divide(others, events int64, least, share float64) []float64 {
	if share > 0 {
		above := func(i int) float64 {
			return float64(float64(others)*(1-o.share(0, i))) + float64(float64(events)*(1-o.share(1, i)))
		}
		want := float64(share * float64(others+events))
		order := make([]int, len(o.at))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(math.Abs(above(a)-want), math.Abs(above(b)-want)) })
		for _, at := range order {
			if cuts := o.divideAt(others, events, least, at); len(cuts) > 0 {
				return cuts
			}
		}
	}
	return o.divideAt(others, events, least, -1)
}

// divideAt divides with a cut at a place; anywhere if it is -1.
func (o *Outline) divideAt(others, events int64, least float64, place int) []float64 {
	m := len(o.at)
	type step struct {
		cost float64
		from int
	}
	// best[b][i]: b+1 bins that end at place i; the last place is the top.
	best := make([][]step, Most)
	for b := range best {
		best[b] = make([]step, m+1)
		for i := range best[b] {
			best[b][i] = step{math.Inf(1), -1}
			for from := -1; from < i; from++ {
				before := 0.0
				if b > 0 && from >= 0 {
					before = best[b-1][from].cost
				} else if b > 0 || from >= 0 {
					continue // the first bin begins at the bottom, no other does
				}
				e := float64(float64(events) * (o.share(1, i) - o.share(1, from)))
				f := float64(float64(others) * (o.share(0, i) - o.share(0, from)))
				if e < least || f < least || from < place && place < i {
					continue
				}
				if cost := before + float64(e*f); cost < best[b][i].cost {
					best[b][i] = step{cost, from}
				}
			}
		}
	}
	b := 0
	for i := range best {
		if best[i][m].cost < best[b][m].cost {
			b = i
		}
	}
	cuts := make([]float64, b)
	for i := m; b > 0; b-- {
		i = best[b][i].from
		cuts[b-1] = o.at[i]
	}
	return cuts
}

// place returns the share of an outcome below a score, linear between places;
// beyond the first and the last, half of what lies there.
func (o *Outline) place(y int, score float64) float64 {
	i := binAmong(score, o.at)
	low, high := o.share(y, i-1), o.share(y, i)
	if i == 0 || i == len(o.at) {
		return (low + high) / 2
	}
	part := (score - o.at[i-1]) / (o.at[i] - o.at[i-1])
	return low + float64((high-low)*part)
}

// area is the area under the ROC curve if the guide were the truth.
func (o *Outline) area() (total float64) {
	for i := range len(o.at) + 1 {
		events := o.share(1, i) - o.share(1, i-1)
		total += float64(events*(o.share(0, i)+o.share(0, i-1))) / 2
	}
	return total
}
