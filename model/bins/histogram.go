package bins

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/model/disclosure"
)

// Most is how many bins a histogram may have, over both rounds.
const Most = 20

// Range is where values lie, ends included.
type Range struct {
	Low, High float64
	Whole     bool // they are whole numbers
}

// Histogram counts the rows of a slot between edges, all within the codebook's
// range; a value on an edge is above it.
type Histogram struct {
	Most  int64     `json:"most"`  // bins that the slot may have, over both rounds
	Edges []float64 `json:"edges"` // none: no bins are opened
	Count []int64   `json:"count,omitempty"`
	Moved int64     `json:"moved"` // at least as many as rows that institutions counted in a neighbouring bin; a multiple of 3
	Finer []Finer   `json:"finer,omitempty"`
}

// Finer is one bin of a histogram, cut again.
type Finer struct {
	Bin   int       `json:"bin"`
	Edges []float64 `json:"edges"`
	Count []int64   `json:"count,omitempty"`
	Moved int64     `json:"moved"`
}

// Stage is how far a histogram was opened.
type Stage int

// The stages of a histogram, in order.
const (
	Cut     Stage = iota // edges are chosen
	Counted              // rows between them are counted; some bins may be cut again
	Done                 // the pieces of those are counted too
)

// Whole checks what a state holds of n rows that were opened as far as the stage
// says, so that no later step has to.
func (h *Histogram) Whole(r Range, n int64, opened Stage) bool {
	bins := len(h.Edges) + 1
	if h.Most < 0 || h.Most > Most || !ascending(h.Edges, r.Low, r.High) {
		return false
	}
	if opened == Cut || bins == 1 {
		return h.Count == nil && h.Moved == 0 && len(h.Finer) == 0
	}
	if !disclosure.Proper(h.Count, bins) || disclosure.Total(h.Count) != n || h.Moved < 0 || h.Moved > 1<<disclosure.MaxCountBits {
		return false
	}
	for i, f := range h.Finer {
		if f.Bin < 0 || f.Bin >= bins || i > 0 && f.Bin <= h.Finer[i-1].Bin || len(f.Edges) == 0 {
			return false
		}
		low, high := r.Low, r.High
		if f.Bin > 0 {
			low = h.Edges[f.Bin-1]
		}
		if f.Bin < len(h.Edges) {
			high = h.Edges[f.Bin]
		}
		if !ascending(f.Edges, low, high) || f.Moved < 0 || f.Moved > 1<<disclosure.MaxCountBits {
			return false
		}
		counted := disclosure.Proper(f.Count, len(f.Edges)+1) && disclosure.Total(f.Count) == h.Count[f.Bin]
		if opened == Counted && (f.Count != nil || f.Moved != 0) || opened == Done && !counted {
			return false
		}
	}
	return true
}

// ascending says that edges lie strictly between low and high, in order.
func ascending(edges []float64, low, high float64) bool {
	if len(edges) > Most || edges == nil {
		return false
	}
	for _, e := range edges {
		if math.IsNaN(e) || !(e > low && e < high) {
			return false
		}
		low = e
	}
	return true
}

// Read takes opened counts of bins and the bound of what
// moved; ok is false if they are not those of n rows.
func Read(values []*big.Int, n int64) (counts []int64, moved int64, ok bool) {
	counts, ok = disclosure.Read(values)
	if !ok || counts[len(counts)-1]%3 != 0 {
		return nil, 0, false
	}
	last := len(counts) - 1
	return counts[:last:last], counts[last], disclosure.Total(counts[:last]) == n
}
