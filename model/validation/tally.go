package validation

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/model/exact"
)

// Tally is a set's rows between cuts of a score.
type Tally struct {
	Cuts     []float64        `json:"cuts"`
	Cells    [2][]int64       `json:"cells"`              // by outcome, then bin
	Expected []exact.Integer  `json:"expected,omitempty"` // of the model's own score: sums of predicted probabilities
	Crossed  [2]int64         `json:"crossed"`            // by outcome: cuts that rows were moved across, at most
	Placed   [2]exact.Integer `json:"placed"`             // of others, the share of events above them; of events, that of others below: by the guide, summed
}

// Whole checks what a state holds; counted says that its rows were opened, sums
// that those expected were opened with them.
func (b *Tally) Whole(counted, sums bool) bool {
	if !rising(b.Cuts) || len(b.Cuts) >= Most || b.Cuts == nil || b.Placed[0].V == nil || b.Placed[1].V == nil {
		return false
	}
	n := len(b.Cuts) + 1
	if !counted || n == 1 {
		n = 0
	}
	expected := 0
	if sums {
		expected = n
	}
	return len(b.Cells[0]) == n && len(b.Cells[1]) == n && len(b.Expected) == expected && b.Crossed[0] >= 0 && b.Crossed[1] >= 0
}

// NewTally begins one with these cuts.
func NewTally(cuts []float64) *Tally {
	zero := exact.Integer{V: new(big.Int)}
	return &Tally{Cuts: cuts, Placed: [2]exact.Integer{zero, zero}}
}

// Take reads the opened sums and returns those that follow.
func (b *Tally) Take(sums []*big.Int, withSums bool) (rest []*big.Int) {
	n := len(b.Cuts) + 1
	if n == 1 {
		return sums
	}
	for y := range b.Cells {
		for _, v := range sums[:n] {
			b.Cells[y] = append(b.Cells[y], exact.Count(v))
		}
		sums = sums[n:]
	}
	if withSums {
		b.Expected = exact.Integers(sums[:n])
		sums = sums[n:]
	}
	b.Crossed = [2]int64{max(0, exact.Count(sums[0])), max(0, exact.Count(sums[1]))}
	b.Placed = [2]exact.Integer{{V: sums[2]}, {V: sums[3]}}
	return sums[4:]
}

// Threshold returns the bin from which on the rows, counted from the top, come
// nearest to a number; the smaller number of two that are as near.
func (b *Tally) Threshold(want float64) (from int) {
	above, nearest := 0.0, math.Inf(1)
	for at := len(b.Cuts); at > 0; at-- {
		above += float64(b.Cells[0][at] + b.Cells[1][at])
		if off := math.Abs(above - want); off < nearest {
			from, nearest = at, off
		}
	}
	return from
}

// Local counts an institution's rows of a set by outcome and bin, adds what was expected of
// them, and where they lie among the rows of the guide. An institution's bound
// of cuts crossed is rounded up to a multiple of three, so that the sum tells no
// single row. Ties of the score go by eta; probability is nil where nothing is
// expected. merge as in Deal.
func (b *Tally) Local(g *Guide, y, score, eta, probability []float64, merge bool) []exact.Sum {
	sums := probability != nil
	n := len(b.Cuts) + 1
	a := make([]exact.Sum, b.numbers(sums))
	if n == 1 {
		return a
	}
	rows := g.Outline()
	last := a[len(a)-4:]
	for o := range 2 {
		which := Outcome(y, float64(o))
		dealt := Deal(which, score, eta, b.Cuts, merge)
		first := 0
		if o == 1 {
			first = n
		}
		for _, i := range which {
			at := dealt.Bin[i]
			if at < 0 {
				continue
			}
			a[first+at].Inc()
			if sums {
				a[n+n+at].Add(probability[i], exact.GridBits)
			}
			place := rows.place(1-o, score[i])
			if o == 0 {
				place = 1 - place
			}
			last[2+o].Add(place, exact.GridBits)
		}
		up := (dealt.Crossed + 2) / 3
		last[o].Add(float64(3*up), 0)
	}
	return a
}

// numbers is how many integers Local gives.
func (b *Tally) numbers(sums bool) int {
	n := len(b.Cuts) + 1
	switch {
	case n == 1:
		return 0
	case sums:
		return n + n + n + 4
	}
	return n + n + 4
}

// Filled returns the cells, by outcome and then bin; a table without cuts is its set.
func (b *Tally) Filled(others, events int64) [2][]int64 {
	if len(b.Cuts) == 0 {
		return [2][]int64{{others}, {events}}
	}
	return b.Cells
}
