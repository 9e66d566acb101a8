package model

import (
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/model/bins"
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// tableGlobal takes the opened sums of a round of descriptives.
func (p *Plan) tableGlobal(s *state, sums []*big.Int) {
	take := func(n int) []*big.Int {
		v := sums[:n:n]
		sums = sums[n:]
		return v
	}
	ok, first := false, counting(s)
	switch s.Phase {
	case phaseColumns:
		if counting(s) {
			ok = p.takeColumns(s, take)
		} else {
			ok = p.takeSums(s, take)
		}
	case phaseSpread:
		ok = p.takeSpread(s, take)
	case phaseBins:
		ok = p.takeBins(s, take)
	case phaseFiner:
		ok = p.takeFiner(s, take)
	}
	if !ok {
		s.refuse(contradiction())
		return
	}
	if disclosure.Total(s.Table.Rows) == 0 {
		s.refuse(fail(CodeNoRows, "check the files and the cohort", "no institution has enough rows in this study"))
		return
	}
	p.nextPhase(s, first)
}

// nextPhase goes on to the first round that asks for anything.
func (p *Plan) nextPhase(s *state, counted bool) {
	if counted && len(p.tableShape(s)) > 0 { // sums
		return
	}
	if s.Phase == phaseColumns {
		s.Phase = phaseSpread
		if len(p.tableShape(s)) > 0 {
			return
		}
	}
	switch {
	case s.Phase == phaseSpread && p.cutBins(s):
		s.Phase = phaseBins
	case s.Phase == phaseBins && p.cutFiner(s):
		s.Phase = phaseFiner
	default:
		s.Phase = phaseDone
		return
	}
	if s.Round >= p.rounds { // what is known makes a table without finer quartiles
		s.Phase = phaseDone
		p.forget(s)
	}
}

// forget drops bins that were cut and will not be opened.
func (p *Plan) forget(s *state) {
	for j := range s.Table.Columns {
		c := &s.Table.Columns[j]
		for slot := range c.Bins {
			h := &c.Bins[slot]
			if h.Count == nil {
				h.Edges = []float64{}
			}
			h.Finer = nil
		}
	}
}

func (p *Plan) takeColumns(s *state, take func(int) []*big.Int) (ok bool) {
	d := &described{}
	if d.Rows, ok = disclosure.Read(take(p.slots())); !ok {
		return false
	}
	s.Table = d
	for range p.described {
		c := describedColumn{}
		if c.Present, ok = disclosure.Read(take(p.slots())); !ok {
			return false
		}
		for _, v := range take(p.slots()) {
			if v.BitLen() > disclosure.MaxCountBits {
				return false
			}
			c.Able = append(c.Able, v.Int64())
		}
		if !c.possible(d.Rows) {
			return false
		}
		d.Columns = append(d.Columns, c)
	}
	return true
}

// possible says that the counts of a column can be those of such rows: values
// and rows without one are none or at least three at an institution.
func (c *describedColumn) possible(rows []int64) bool {
	for g, n := range c.Present {
		missing := rows[g] - n
		if missing < 0 || missing > 0 && missing < disclosure.Smallest {
			return false
		}
		if most := min(n/disclosure.Smallest, mostInstitutions); c.Able[g] < min(n, 1) || c.Able[g] > most {
			return false
		}
	}
	return true
}

func (p *Plan) takeSums(s *state, take func(int) []*big.Int) bool {
	for j, at := range p.described {
		c, src := &s.Table.Columns[j], &p.sources[at]
		if !src.numeric() {
			continue
		}
		_, n := p.folded(c)
		c.Sum = exact.Integers(take(len(n)))
		for slot, n := range n {
			all, room := mp.Scaled(c.Sum[slot].V, src.rawGrid()), mp.Mul(mp.Int(n), mp.Pow2(-src.rawGrid()))
			if all.Cmp(mp.Sub(mp.Mul(mp.Int(n), mp.Of(src.low)), room)) < 0 || all.Cmp(mp.Add(mp.Mul(mp.Int(n), mp.Of(src.high)), room)) > 0 {
				return false
			}
		}
	}
	return true
}

func (p *Plan) takeSpread(s *state, take func(int) []*big.Int) bool {
	for j, at := range p.described {
		c, src := &s.Table.Columns[j], &p.sources[at]
		_, n := p.folded(c)
		if src.numeric() {
			c.Square = exact.Integers(take(len(n)))
			for slot := range n {
				if p.variance(src, c, []int{slot}).Sign() < 0 || c.Square[slot].V.Cmp(mp.OnGrid(mp.Int(n[slot]), unitGrid)) > 0 {
					return false
				}
			}
			continue
		}
		for slot := range n {
			cells, ok := disclosure.Read(take(len(src.cells()) + 1))
			if !ok || disclosure.Total(cells) != n[slot] {
				return false
			}
			c.Cells = append(c.Cells, cells)
		}
	}
	return true
}

func (p *Plan) takeBins(s *state, take func(int) []*big.Int) (ok bool) {
	for j := range s.Table.Columns {
		c := &s.Table.Columns[j]
		_, n := p.folded(c)
		for slot := range c.Bins {
			h := &c.Bins[slot]
			if len(h.Edges) == 0 {
				continue
			}
			if h.Count, h.Moved, ok = bins.Read(take(len(h.Edges)+2), n[slot]); !ok {
				return false
			}
		}
	}
	return true
}

func (p *Plan) takeFiner(s *state, take func(int) []*big.Int) (ok bool) {
	for j := range s.Table.Columns {
		c := &s.Table.Columns[j]
		for slot := range c.Bins {
			h := &c.Bins[slot]
			for i := range h.Finer {
				f := &h.Finer[i]
				if f.Count, f.Moved, ok = bins.Read(take(len(f.Edges)+2), h.Count[f.Bin]); !ok {
					return false
				}
			}
		}
	}
	return true
}

// centre returns the mean of all rows of open slots, about which squares are taken, and the
// unit in which they are measured.
func (p *Plan) centre(src *source, c *describedColumn) (mean, unit float64) {
	_, n := p.folded(c)
	mean = mp.Float64(mp.Quo(p.sumOf(src, c, nil), mp.Int(disclosure.Total(n))))
	t := term{low: src.low, high: src.high}
	return mean, t.reach(mean)
}

// sumOf adds up the values of some open slots, all if nil.
func (p *Plan) sumOf(src *source, c *describedColumn, slots []int) *big.Float {
	sum := mp.New()
	for slot, v := range c.Sum {
		if slots == nil || slices.Contains(slots, slot) {
			sum.Add(sum, mp.Scaled(v.V, src.rawGrid()))
		}
	}
	return sum
}

// variance returns the sum of squares about the mean of some open slots: the
// squares about the mean of all, less n (mean - mean of all)^2. What rounding
// leaves below nought is nought.
func (p *Plan) variance(src *source, c *describedColumn, slots []int) *big.Float {
	_, n := p.folded(c)
	mean, unit := p.centre(src, c)
	var rows int64
	square := mp.New()
	for _, slot := range slots {
		rows += n[slot]
		square.Add(square, mp.Scaled(c.Square[slot].V, unitGrid))
	}
	off := mp.Quo(mp.Sub(mp.Quo(p.sumOf(src, c, slots), mp.Int(rows)), mp.Of(mean)), mp.Of(unit))
	square = mp.Sub(square, mp.Mul(mp.Int(rows), mp.Mul(off, off)))
	if square.Sign() < 0 && square.Cmp(mp.New().Neg(mp.Mul(mp.Int(rows), mp.Pow2(-50)))) > 0 {
		square = mp.New()
	}
	return mp.Mul(square, mp.Mul(mp.Of(unit), mp.Of(unit)))
}

// spreadOf returns mean and SD (divisor n-1) of an open slot.
func (p *Plan) spreadOf(src *source, c *describedColumn, slot int) (mean, sd float64) {
	_, n := p.folded(c)
	mean = mp.Float64(mp.Quo(p.sumOf(src, c, []int{slot}), mp.Int(n[slot])))
	variance := mp.Quo(p.variance(src, c, []int{slot}), mp.Int(n[slot]-1))
	if variance.Sign() <= 0 {
		return mean, 0
	}
	return mean, mp.Float64(mp.Sqrt(variance))
}
