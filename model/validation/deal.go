package validation

import (
	"cmp"
	"slices"

	"github.com/smartstart-federation/smartstart/model/disclosure"
)

// Dealt is what Deal made of rows: the bin of each, and the rows of each bin.
type Dealt struct {
	Bin     []int // by row; -1 for none
	Cells   []int64
	Crossed int64 // cuts that rows were moved across
}

// Deal puts rows into the bins between cuts, so that no bin holds one or two of
// them: those nearest to a cut move across it, of equal ones those with the
// smaller probability downwards, whatever the order of the rows.
// Without merge none moves, for tests that small cells would be found.
func Deal(which []int, score, probability, cuts []float64, merge bool) Dealt {
	order := slices.Clone(which)
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(score[a], score[b]), cmp.Compare(probability[a], probability[b]))
	})
	cells := make([]int64, len(cuts)+1)
	for _, i := range order {
		cells[binAmong(score[i], cuts)]++
	}
	d := Dealt{Bin: make([]int, len(score)), Cells: cells}
	if merge {
		d.Cells, d.Crossed = disclosure.Apart(cells)
	}
	for i := range d.Bin {
		d.Bin[i] = -1
	}
	at := 0
	for b, n := range d.Cells {
		for range n {
			d.Bin[order[at]] = b
			at++
		}
	}
	return d
}

// binAmong returns the bin of a score: the number of cuts at or below it.
func binAmong(score float64, cuts []float64) int {
	b := 0
	for b < len(cuts) && cuts[b] <= score {
		b++
	}
	return b
}

// Outcome lists the rows of which y is this outcome.
func Outcome(y []float64, outcome float64) (which []int) {
	for i := range y {
		if y[i] == outcome {
			which = append(which, i)
		}
	}
	return which
}
