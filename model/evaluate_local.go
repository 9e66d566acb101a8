package model

import (
	"cmp"
	"slices"

	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
)

// scored are an institution's rows of one set. It is empty where the
// institution has fewer than three rows of either outcome in the set: its cells
// could not be hidden among its own.
type scored struct {
	rows         []int // of the table
	y, eta, rule []float64
}

// score applies a fit to rows; of the rule, high values are first.
func (p *Plan) score(s *state, v *view, f *fit, in func(i int) bool) *scored {
	d := &scored{}
	x, z := make([]float64, p.size()), make([]float64, p.size())
	for i := range v.rows {
		if !in(i) {
			continue
		}
		y := p.standardise(s, v, i, x, z)
		d.rows = append(d.rows, i)
		d.y = append(d.y, y)
		d.eta = append(d.eta, f.predictor(f.Estimate, z, 0))
		if r := s.Evaluate.Rule; r != nil {
			value := x[r.Term]
			if !r.Ascending {
				value = -value
			}
			d.rule = append(d.rule, value)
		}
	}
	return d
}

func (v *view) heldOut(i int) bool {
	return v.table.heldOut != nil && v.table.heldOut[i] && v.usable(i)
}

// enough says whether an institution's rows can enter a set.
func (v *view) enough(in func(i int) bool) bool {
	var n [2]int
	x := make([]float64, len(v.plan.terms))
	for i := range v.rows {
		if in(i) {
			n[int(v.row(i, x))]++
		}
	}
	return n[0] >= disclosure.Smallest && n[1] >= disclosure.Smallest
}

// any says whether an institution has such a row.
func (v *view) any(in func(i int) bool) bool {
	for i := range v.rows {
		if in(i) {
			return true
		}
	}
	return false
}

// bench are an institution's scored rows by set.
type bench struct {
	held, fold *scored
	number     int // the institution's fold
}

func (p *Plan) bench(s *state, v *view) *bench {
	b := &bench{held: &scored{}, fold: &scored{}, number: p.folds[v.table.Institution]}
	if s.Evaluate.set(0) != nil && v.enough(v.heldOut) {
		b.held = p.score(s, v, s.model(0), v.heldOut)
	}
	if b.number > 0 && s.Evaluate.set(b.number) != nil && v.enough(v.used) {
		b.fold = p.score(s, v, s.model(b.number), v.used)
	}
	return b
}

// of returns the institution's rows of a set.
func (b *bench) of(p *Plan, j *judging) *scored {
	switch j.Number {
	case 0:
		return b.held
	case b.number, p.together():
		return b.fold
	}
	return &scored{}
}

// dealt is what deal made of rows: the bin of each, and the rows of each bin.
type dealt struct {
	bin     []int // by row; -1 for none
	cells   []int64
	crossed int64
}

// deal puts rows into the bins between cuts, so that no bin holds one or two of
// them: those nearest to a cut move across it, of equal ones those with the
// smaller probability downwards, whatever the order of the rows.
func (p *Plan) deal(which []int, score, probability, cuts []float64) dealt {
	order := slices.Clone(which)
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(score[a], score[b]), cmp.Compare(probability[a], probability[b]))
	})
	cells := make([]int64, len(cuts)+1)
	for _, i := range order {
		cells[binAmong(score[i], cuts)]++
	}
	d := dealt{bin: make([]int, len(score)), cells: cells}
	if !p.unmerged {
		d.cells, d.crossed = disclosure.Apart(cells)
	}
	for i := range d.bin {
		d.bin[i] = -1
	}
	at := 0
	for b, n := range d.cells {
		for range n {
			d.bin[order[at]] = b
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

// outcome lists the rows with this outcome.
func (d *scored) outcome(y float64) (which []int) {
	for i := range d.y {
		if d.y[i] == y {
			which = append(which, i)
		}
	}
	return which
}

// guideLocal counts the rows of the fit by score, and adds their predicted
// probabilities, each below 1.
func (p *Plan) guideLocal(g *guide, score, probability []float64) []exact.Sum {
	n := len(g.Cuts) + 1
	a := make([]exact.Sum, 2*n)
	all := make([]int, len(score))
	for i := range all {
		all[i] = i
	}
	for i, b := range p.deal(all, score, probability, g.Cuts).bin {
		if b >= 0 {
			a[b].Inc()
			a[n+b].Add(probability[i], exact.GridBits)
		}
	}
	return a
}
