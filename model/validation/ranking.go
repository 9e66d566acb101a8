package validation

import (
	"slices"

	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Ranking is what a score is worth when only its order counts.
type Ranking struct {
	AUC      float64 `json:"auc"`           // estimated: between bins counted, within them from where rows of the fit lie
	Binned   float64 `json:"auc_binned"`    // from the bins alone, ties within a bin counting half: too low
	BinError float64 `json:"auc_bin_error"` // the exact value lies within auc +- this
	Top      []Top   `json:"top"`
}

// Top is the result of selecting the rows with the highest scores.
type Top struct {
	Fraction  float64 `json:"fraction"`  // share of the rows that is selected
	Precision float64 `json:"precision"` // events among the selected
	Recall    float64 `json:"recall"`    // selected among the events
}

// topShares are the shares that a ranking is judged at.
var topShares = [...]float64{0.01, 0.05, 0.1, 0.2}

// Ranking works out what a score is worth.
//
// From bins alone, a pair of an event and another row counts half where both lie
// in one bin, and is then wrong by at most that. A row that was moved to a
// neighbouring bin to hide it can make a pair wrong with every row of the bin
// that it came from; crossed bounds how many such moves there were. So the exact
// area lies within what follows.
//
// Where in a bin the rows lie is estimated: with F the distribution of the
// score among events, G among others, and hats for those of the guide, the area
// is the integral of G dF, which is that of Ĝ dF + (1-F̂) dG less that of Ĝ dF̂,
// but for the integral of (G-Ĝ) d(F-F̂), a product of two small differences (the
// first terms of von Mises' expansion, Annals of Mathematical Statistics 18,
// 1947). The first two are means over the set's own rows.
func (b *Tally) Ranking(g *Guide, others, events int64, minCell int) (r Ranking) {
	cells := b.Filled(others, events)
	var total, largest [2]float64
	for at := range cells[0] {
		for y := range total {
			n := float64(cells[y][at])
			total[y] += n
			largest[y] = max(largest[y], n)
		}
	}
	pairs := total[0] * total[1]
	tied, right, below := 0.0, 0.0, 0.0
	for at := range cells[0] {
		f, e := float64(cells[0][at]), float64(cells[1][at])
		right += e * (below + f/2)
		tied += e * f
		below += f
	}
	moved := [2]float64{float64(b.Crossed[0]), float64(b.Crossed[1])}
	r.Binned = right / pairs
	off := (tied/2 + moved[1]*largest[0] + moved[0]*largest[1] + moved[0]*moved[1]) / pairs
	low, high := max(0, r.Binned-off), min(1, r.Binned+off)
	r.AUC = r.Binned
	if len(b.Cuts) > 0 {
		o := g.Outline()
		r.AUC = mp.Float64(mp.Scaled(b.Placed[1].V, exact.GridBits))/total[1] + mp.Float64(mp.Scaled(b.Placed[0].V, exact.GridBits))/total[0] - o.area()
	}
	r.AUC = max(low, min(high, r.AUC))
	r.BinError = max(high-r.AUC, r.AUC-low)
	rows, hits := b.fromTheTop(g, cells)
	for _, share := range topShares {
		want := share * (total[0] + total[1])
		if want < 2*float64(minCell) {
			continue
		}
		found := 0.0
		for i := 1; i < len(rows) && rows[i-1] < want; i++ {
			part := 1.0
			if rows[i] > want {
				part = (want - rows[i-1]) / (rows[i] - rows[i-1])
			}
			found = hits[i-1] + part*(hits[i]-hits[i-1])
		}
		r.Top = append(r.Top, Top{Fraction: share, Precision: found / want, Recall: found / total[1]})
	}
	return r
}

// fromTheTop returns how many rows and how many events lie above falling scores:
// as counted at the cuts, and between them as the rows of the guide lie.
func (b *Tally) fromTheTop(g *Guide, cells [2][]int64) (rows, events []float64) {
	var o Outline
	if len(b.Cuts) > 0 {
		o = g.Outline()
	}
	rows, events = []float64{0}, []float64{0}
	var above [2]float64
	upper := len(o.at)
	for at := len(b.Cuts); at >= 0; at-- {
		lower := -1
		if at > 0 {
			lower = slices.Index(o.at, b.Cuts[at-1])
		}
		for i := upper - 1; i >= lower; i-- {
			var here [2]float64
			for y := range here {
				part := 1.0
				if of := o.share(y, upper) - o.share(y, lower); i > lower && of > 0 {
					part = (o.share(y, upper) - o.share(y, i)) / of
				}
				here[y] = above[y] + part*float64(cells[y][at])
			}
			rows, events = append(rows, here[0]+here[1]), append(events, here[1])
		}
		for y := range above {
			above[y] += float64(cells[y][at])
		}
		upper = lower
	}
	return rows, events
}
