package model

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/model/exact"
)

// What is promised of the cells that an evaluation opens, that is rows by
// outcome and score, rows of the fit by score, and rows by outcome, group and
// selection:
//
//   - each is 0 or at least 3, because what each institution adds is: it moves
//     its own rows out of cells of one or two before anything is encrypted;
//   - each between cuts is expected to hold at least twice min_cell rows, if the
//     rows lie as those of the fit do. Fewer than min_cell, and then at least 3,
//     it can only hold where they lie otherwise.

// tally is a set's rows between cuts of a score.
type tally struct {
	Cuts     []float64        `json:"cuts"`
	Cells    [2][]int64       `json:"cells"`              // by outcome, then bin
	Expected []exact.Integer  `json:"expected,omitempty"` // of the model's own score: sums of predicted probabilities
	Crossed  [2]int64         `json:"crossed"`            // by outcome: cuts that rows were moved across, at most
	Placed   [2]exact.Integer `json:"placed"`             // of others, the share of events above them; of events, that of others below: by the guide, summed
}

func (b *tally) whole(step int, sums bool) bool {
	if !rising(b.Cuts) || len(b.Cuts) >= mostJudged || b.Cuts == nil || b.Placed[0].V == nil || b.Placed[1].V == nil {
		return false
	}
	n := len(b.Cuts) + 1
	if step < 3 || n == 1 {
		n = 0
	}
	expected := 0
	if sums {
		expected = n
	}
	return len(b.Cells[0]) == n && len(b.Cells[1]) == n && len(b.Expected) == expected && b.Crossed[0] >= 0 && b.Crossed[1] >= 0
}

// binLocal counts a set's rows by outcome and bin, adds what was expected of
// them, and where they lie among the rows of the guide. An institution's bound
// of cuts crossed is rounded up to a multiple of three, so that the sum tells no
// single row.
func (p *Plan) binLocal(b *tally, g *guide, d *scored, score []float64, sums bool) []exact.Sum {
	n := len(b.Cuts) + 1
	a := make([]exact.Sum, binNumbers(b, sums))
	if n == 1 {
		return a
	}
	o := g.outline()
	last := a[len(a)-4:]
	for y := range 2 {
		which := d.outcome(float64(y))
		dealt := p.deal(which, score, d.eta, b.Cuts)
		first := 0
		if y == 1 {
			first = n
		}
		for _, i := range which {
			at := dealt.bin[i]
			if at < 0 {
				continue
			}
			a[first+at].Inc()
			if sums {
				a[n+n+at].Add(p.fitted(d.eta[i]), exact.GridBits)
			}
			place := o.place(1-y, score[i])
			if y == 0 {
				place = 1 - place
			}
			last[2+y].Add(place, exact.GridBits)
		}
		up := (dealt.crossed + 2) / 3
		last[y].Add(float64(3*up), 0)
	}
	return a
}

// binNumbers is how many integers binLocal gives.
func binNumbers(b *tally, sums bool) int { return inAll(binShape(b, "", sums)) }

// At most 19 cuts are crossed by at most 5 rows of each outcome.
const crossedBits = 8

func binShape(b *tally, name string, sums bool) (t []Tensor) {
	n := len(b.Cuts) + 1
	if n == 1 {
		return nil
	}
	t = append(t, Tensor{"rows by outcome and " + name, n + n, exact.CountBits})
	if sums {
		t = append(t, Tensor{"expected by " + name, n, exact.SumBits})
	}
	return append(t, Tensor{"moved by " + name, 2, crossedBits}, Tensor{"placed by " + name, 2, exact.SumBits})
}

func newTally(cuts []float64) *tally {
	zero := exact.Integer{V: new(big.Int)}
	return &tally{Cuts: cuts, Placed: [2]exact.Integer{zero, zero}}
}

func (b *tally) take(sums []*big.Int, withSums bool) (rest []*big.Int) {
	n := len(b.Cuts) + 1
	if n == 1 {
		return sums
	}
	for y := range b.Cells {
		for _, v := range sums[:n] {
			b.Cells[y] = append(b.Cells[y], small(v))
		}
		sums = sums[n:]
	}
	if withSums {
		b.Expected = exact.Integers(sums[:n])
		sums = sums[n:]
	}
	b.Crossed = [2]int64{max(0, small(sums[0])), max(0, small(sums[1]))}
	b.Placed = [2]exact.Integer{{V: sums[2]}, {V: sums[3]}}
	return sums[4:]
}

// threshold returns the bin from which on the rows, counted from the top, come
// nearest to a number; the smaller number of two that are as near.
func (b *tally) threshold(want float64) (from int) {
	above, nearest := 0.0, math.Inf(1)
	for at := len(b.Cuts); at > 0; at-- {
		above += float64(b.Cells[0][at] + b.Cells[1][at])
		if off := math.Abs(above - want); off < nearest {
			from, nearest = at, off
		}
	}
	return from
}

// small reads a count; -1 for what is none.
func small(v *big.Int) int64 {
	if !v.IsInt64() || v.Sign() < 0 {
		return -1
	}
	return v.Int64()
}
