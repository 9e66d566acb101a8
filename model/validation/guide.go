package validation

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/model/elementary"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Cuts lie where every cell between them, one outcome between two cuts, is
// expected to hold many rows. What to expect comes from a guide: rows of the
// fit by score, and the sum of their predicted probabilities, without anybody's
// outcome.

const (
	guideBins   = 14 // of the rows of the fit
	Most        = 20 // of rows by outcome
	placesInBin = 4  // places for a cut in each bin of the guide
)

// Guide is a score's distribution in the rows of the fit.
type Guide struct {
	Cuts     []float64       `json:"cuts"` // rising; none for a score without spread
	Rows     []int64         `json:"rows,omitempty"`
	Expected []exact.Integer `json:"expected,omitempty"` // sums of predicted probabilities
}

// Whole checks what a state holds; counted says that its rows were opened.
func (g *Guide) Whole(counted bool) bool {
	if g == nil || !rising(g.Cuts) || len(g.Cuts) >= Most {
		return false
	}
	n := len(g.Cuts) + 1
	if !counted || n == 1 {
		n = 0
	}
	return len(g.Rows) == n && len(g.Expected) == n
}

func rising(cuts []float64) bool {
	for i, c := range cuts {
		if math.IsNaN(c) || math.IsInf(c, 0) || i > 0 && c <= cuts[i-1] {
			return false
		}
	}
	return true
}

// NewGuide cuts a score with this mean and SD at quantiles of a logistic
// distribution, close enough to a normal one's for a first look: into bins of
// equal shares, the last halved twice, because most events lie there. A bin is
// expected to hold at least twice min_cell of the rows.
func NewGuide(mean, sd float64, rows int64, minCell int) *Guide {
	g := &Guide{Cuts: []float64{}}
	bins := min(guideBins, int(rows/int64(minCell+minCell)))
	var above []float64 // shares above a cut
	for i := bins - 1; i > 0; i-- {
		above = append(above, float64(i)/float64(bins))
	}
	for range 2 {
		if n := len(above); n > 0 && float64(above[n-1]*float64(rows)) >= float64(4*minCell) {
			above = append(above, above[n-1]/2)
		}
	}
	for _, q := range above {
		t := float64(0.5513288954217921 * elementary.LogPositive((1-q)/q)) // sqrt(3)/pi
		g.Cuts = append(g.Cuts, mean+float64(sd*t))
	}
	if !rising(g.Cuts) {
		g.Cuts = []float64{}
	}
	return g
}

// Local counts an institution's rows of the fit by score, and adds their predicted
// probabilities, each below 1: rows first, then
// probabilities on the grid exact.GridBits. merge as in Deal.
func (g *Guide) Local(score, probability []float64, merge bool) []exact.Sum {
	n := len(g.Cuts) + 1
	a := make([]exact.Sum, 2*n)
	all := make([]int, len(score))
	for i := range all {
		all[i] = i
	}
	for i, b := range Deal(all, score, probability, g.Cuts, merge).Bin {
		if b >= 0 {
			a[b].Inc()
			a[n+b].Add(probability[i], exact.GridBits)
		}
	}
	return a
}

// Take reads the opened sums and returns those that follow.
func (g *Guide) Take(sums []*big.Int) (rest []*big.Int) {
	n := len(g.Cuts) + 1
	if n == 1 {
		return sums
	}
	for _, v := range sums[:n] {
		g.Rows = append(g.Rows, exact.Count(v))
	}
	g.Expected = exact.Integers(sums[n : n+n])
	return sums[n+n:]
}

// Sound says that a guide's sums can be those of the complete rows of
// the fit.
func (g *Guide) Sound(complete int64) bool {
	if g == nil {
		return true
	}
	for b, n := range g.Rows {
		x := g.Expected[b].V
		if n < 0 || n > complete || x.Sign() < 0 || mp.Scaled(x, exact.GridBits).Cmp(mp.Int(n)) > 0 {
			return false
		}
	}
	return true
}
