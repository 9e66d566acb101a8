package model

import "math/big"

// tableGlobal takes the opened sums of a round of descriptives.
func (p *Plan) tableGlobal(s *state, sums []*big.Int) {
	take := func(n int) []*big.Int {
		v := sums[:n:n]
		sums = sums[n:]
		return v
	}
	ok := false
	switch s.Phase {
	case phaseColumns:
		ok = p.takeColumns(s, take)
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
	if total(s.Table.Rows) == 0 {
		s.refuse(fail(CodeNoRows, "check the files and the cohort", "no institution has enough rows in this study"))
		return
	}
	p.nextPhase(s)
}

// nextPhase goes on to the first round that asks for anything.
func (p *Plan) nextPhase(s *state) {
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
	if d.Rows, ok = wholeCounts(take(p.slots())); !ok {
		return false
	}
	s.Table = d
	for _, at := range p.described {
		src := &p.sources[at]
		c := describedColumn{}
		if c.Present, ok = wholeCounts(take(p.slots())); !ok || total(c.Present) > total(d.Rows) {
			return false
		}
		if src.numeric() {
			c.Sum = integers(take(p.slots()))
			for g, n := range c.Present {
				all, room := scaled(c.Sum[g].v, src.rawGrid()), mul(whole(n), power(-src.rawGrid()))
				if all.Cmp(diff(mul(whole(n), exactly(src.low)), room)) < 0 || all.Cmp(sum(mul(whole(n), exactly(src.high)), room)) > 0 {
					return false
				}
			}
		}
		for g, n := range c.Present[:len(c.Present)-1] {
			if n > d.Rows[g] {
				return false
			}
		}
		d.Columns = append(d.Columns, c)
	}
	return true
}

func (p *Plan) takeSpread(s *state, take func(int) []*big.Int) bool {
	for j, at := range p.described {
		c, src := &s.Table.Columns[j], &p.sources[at]
		_, n := p.folded(c)
		if src.numeric() {
			c.Square = integers(take(len(n)))
			for slot := range n {
				if p.variance(src, c, []int{slot}).Sign() < 0 || c.Square[slot].v.Cmp(asGrid(whole(n[slot]), unitGrid)) > 0 {
					return false
				}
			}
			continue
		}
		for slot := range n {
			cells, ok := wholeCounts(take(len(src.cells()) + 1))
			if !ok || total(cells) != n[slot] {
				return false
			}
			c.Cells = append(c.Cells, cells)
		}
	}
	return true
}

// takeCounts reads counts of bins and the bound of what moved.
func takeCounts(values []*big.Int, n int64) (counts []int64, moved int64, ok bool) {
	counts, ok = wholeCounts(values)
	if !ok || counts[len(counts)-1]%3 != 0 {
		return nil, 0, false
	}
	last := len(counts) - 1
	return counts[:last:last], counts[last], total(counts[:last]) == n
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
			if h.Count, h.Moved, ok = takeCounts(take(len(h.Edges)+2), n[slot]); !ok {
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
				if f.Count, f.Moved, ok = takeCounts(take(len(f.Edges)+2), h.Count[f.Bin]); !ok {
					return false
				}
			}
		}
	}
	return true
}

// centre returns the mean of all rows, about which squares are taken, and the
// unit in which they are measured.
func (p *Plan) centre(src *source, c *describedColumn) (mean, unit float64) {
	mean = round(quo(p.sumOf(src, c, nil), whole(total(c.Present))))
	t := term{low: src.low, high: src.high}
	return mean, t.reach(mean)
}

// sumOf adds up the values of some open slots, all if nil.
func (p *Plan) sumOf(src *source, c *describedColumn, slots []int) *big.Float {
	place, _ := p.folded(c)
	sum := num()
	for g, v := range c.Sum {
		for _, slot := range slots {
			if place[g] == slot {
				sum.Add(sum, scaled(v.v, src.rawGrid()))
			}
		}
		if slots == nil {
			sum.Add(sum, scaled(v.v, src.rawGrid()))
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
	square := num()
	for _, slot := range slots {
		rows += n[slot]
		square.Add(square, scaled(c.Square[slot].v, unitGrid))
	}
	off := quo(diff(quo(p.sumOf(src, c, slots), whole(rows)), exactly(mean)), exactly(unit))
	square = diff(square, mul(whole(rows), mul(off, off)))
	if square.Sign() < 0 && square.Cmp(num().Neg(mul(whole(rows), power(-50)))) > 0 {
		square = num()
	}
	return mul(square, mul(exactly(unit), exactly(unit)))
}

// spreadOf returns mean and SD (divisor n-1) of an open slot.
func (p *Plan) spreadOf(src *source, c *describedColumn, slot int) (mean, sd float64) {
	_, n := p.folded(c)
	mean = round(quo(p.sumOf(src, c, []int{slot}), whole(n[slot])))
	variance := quo(p.variance(src, c, []int{slot}), whole(n[slot]-1))
	if variance.Sign() <= 0 {
		return mean, 0
	}
	return mean, round(root(variance))
}
