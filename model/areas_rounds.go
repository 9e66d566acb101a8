package model

import (
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/model/areas"
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
)

func (p *Plan) areaNames() []string { return p.sources[p.group].levels }

func (p *Plan) areasShape(s *state) []Tensor {
	cells := len(p.described) * (len(p.areaNames()) + 1)
	merged := Tensor{"areas merged by indicator", len(p.described), exact.CountBits}
	switch s.Phase {
	case phaseHeld:
		return []Tensor{{"rows", 1, exact.CountBits}, {"institutions of each indicator", len(p.described), ableBits}}
	case phaseHolders:
		return []Tensor{{"institutions of each area and indicator", cells, ableBits}}
	}
	yes := Tensor{"children with a yes by area and indicator", cells, exact.CountBits}
	if p.counted() >= 0 {
		return []Tensor{yes, merged}
	}
	return []Tensor{yes, {"children by area and indicator", cells, exact.CountBits}, merged}
}

// holds says that an institution's records have the columns that an indicator is
// made of, with values for at least the fewest children that a cell has. What
// the values are plays no part, so that no expression can ask after them.
func (p *Plan) holds(v *view, source int) bool {
	for _, name := range p.rules.readFor(p.sources[source].name) {
		c, ok := v.table.Column(name)
		if !ok {
			return false
		}
		values := int64(0)
		for i := range v.rows {
			if v.used(i) && !c.Missing[i] {
				values++
			}
		}
		if values < p.guard.Least {
			return false
		}
	}
	return true
}

// told are an institution's cells of one indicator as it tells them, the rest
// last, and how many areas it merged.
func (p *Plan) told(v *view, source int) (cells []areas.Cell, merged int) {
	cells = make([]areas.Cell, len(p.areaNames()))
	where, yes := v.columns[p.group], v.columns[source]
	for i := range v.rows {
		if !v.used(i) || yes.Missing[i] {
			continue
		}
		c := &cells[int(where.Values[i])]
		c.Children++
		if yes.Values[i] == 1 {
			c.Count++
		}
	}
	if k := p.counted(); k >= 0 && !p.knowsChildren(v, source, p.described[k]) {
		// Only the yes are opened: without is everybody else in the area.
		for a := range cells {
			cells[a].Children = cells[a].Count
		}
		return p.guard.OfYes().Merge(cells)
	} else if k >= 0 {
		// Without are the children counted beside it that are no yes: they follow from
		// the two, and not those who are a no and are counted nowhere.
		beside := v.columns[p.described[k]]
		without := make([]int64, len(cells))
		for i := range v.rows {
			if v.used(i) && !beside.Missing[i] && beside.Values[i] == 1 && (yes.Missing[i] || yes.Values[i] == 0) {
				without[int(where.Values[i])]++
			}
		}
		for a := range cells {
			if cells[a].Children > 0 {
				cells[a].Children = cells[a].Count + without[a]
			}
		}
	}
	return p.guard.Merge(cells)
}

// counted is the indicator of whose yes rates are, -1 where they are of the
// children with a value.
func (p *Plan) counted() int {
	if p.study.Model.Children == "" {
		return -1
	}
	return slices.Index(p.study.Model.Indicators, p.study.Model.Children)
}

// knowsChildren says that an institution tells of an indicator and, by area, of
// its children too, so that those without a yes follow.
func (p *Plan) knowsChildren(v *view, source, children int) bool {
	return source != children && slices.Contains(v.columns[children].Missing, false)
}

func (p *Plan) areasLocal(s *state, v *view) (a []exact.Sum) {
	if s.Phase == phaseHeld {
		a = make([]exact.Sum, 1+len(p.described))
		for i := range v.rows {
			if v.used(i) {
				a[0].Inc()
			}
		}
		for k, source := range p.described {
			if p.holds(v, source) {
				a[1+k].Inc()
			}
		}
		return a
	}
	var holders, count, children, merged []exact.Sum
	for _, source := range p.described {
		cells, n := p.told(v, source)
		for _, c := range cells {
			one := exact.Sum{}
			if c.Children > 0 {
				one.Inc()
			}
			holders = append(holders, one)
			count = append(count, exact.Of(c.Count))
			children = append(children, exact.Of(c.Children))
		}
		merged = append(merged, exact.Of(areas.Round(int64(n))))
	}
	if s.Phase == phaseHolders {
		return holders
	}
	if p.counted() >= 0 {
		children = nil
	}
	return slices.Concat(count, children, merged)
}

func (p *Plan) areasGlobal(s *state, sums []*big.Int) {
	width := len(p.areaNames()) + 1
	table := func(values []*big.Int) (out [][]int64) {
		for part := range slices.Chunk(values, width) {
			row := make([]int64, width)
			for i, v := range part {
				row[i] = clipped(v)
			}
			out = append(out, row)
		}
		return out
	}
	switch s.Phase {
	case phaseHeld:
		j := &joined{Rows: clipped(sums[0])}
		if j.Rows == 0 {
			s.refuse(fail(CodeNoRows, "check the files and the cohort", "no institution has a row with an area in this study"))
			return
		}
		for _, n := range sums[1:] {
			j.Held = append(j.Held, clipped(n))
		}
		s.Areas, s.Phase = j, phaseHolders
	case phaseHolders:
		s.Areas.Holders, s.Phase = table(sums), phaseAreas
	default:
		p.areasCells(s, sums, table)
	}
	if !p.wholeAreas(s) {
		s.Areas = nil
		s.refuse(contradiction())
	}
}

// areasCells reads the last round.
func (p *Plan) areasCells(s *state, sums []*big.Int, table func([]*big.Int) [][]int64) {
	j := s.Areas
	n := (len(p.areaNames()) + 1) * len(p.described)
	j.Count, j.Children = table(sums[:n]), table(sums[:n])
	if p.counted() < 0 {
		j.Children, sums = table(sums[n:2*n]), sums[n:]
	}
	for _, v := range sums[n:] {
		j.Merged = append(j.Merged, clipped(v))
	}
	s.Phase = phaseDone
}

// clipped is an opened count, or -1 for what can be none.
func clipped(v *big.Int) int64 {
	if v.BitLen() > disclosure.MaxCountBits || v.Sign() < 0 {
		return -1
	}
	return v.Int64()
}

// wholeAreas checks the state of a study by area: counts that rounded cells of
// so many institutions can add up to.
func (p *Plan) wholeAreas(s *state) bool {
	if s.Refusal != nil || s.Counts != nil || s.Moments != nil || s.Impute != nil || len(s.Fits) > 0 || s.Robust != nil || s.Mixed != nil || s.Table != nil || len(s.Compared) > 0 || s.Evaluate != nil {
		return false
	}
	j := s.Areas
	switch {
	case s.Phase == phaseHeld:
		return j == nil
	case s.Phase != phaseHolders && s.Phase != phaseAreas && s.Phase != phaseDone, j == nil, j.Rows <= 0, len(j.Held) != len(p.described):
		return false
	case slices.ContainsFunc(j.Held, func(n int64) bool { return n < 0 || n > mostInstitutions }):
		return false
	case s.Phase == phaseHolders:
		return len(j.Holders)+len(j.Count)+len(j.Children)+len(j.Merged) == 0
	}
	opened := 0
	if s.Phase == phaseDone {
		opened = len(p.described)
	}
	width := len(p.areaNames()) + 1
	if len(j.Holders) != len(p.described) || len(j.Count) != opened || len(j.Children) != opened || len(j.Merged) != opened {
		return false
	}
	for k, holders := range j.Holders {
		if len(holders) != width || slices.ContainsFunc(holders, func(n int64) bool { return n < 0 || n > j.Held[k] }) {
			return false
		}
		if opened == 0 {
			continue
		}
		if len(j.Count[k]) != width || len(j.Children[k]) != width || j.Merged[k] < 0 || j.Merged[k]%areas.Step != 0 {
			return false
		}
		for i, n := range j.Children[k] {
			yes := j.Count[k][i]
			if yes < 0 || yes > n || yes%areas.Step != 0 || n%areas.Step != 0 || (n > 0) != (holders[i] > 0) || n < p.leastTold()*holders[i] {
				return false
			}
		}
	}
	return true
}

// leastTold is the fewest children in a cell that an institution tells of: as
// many with as without a yes, or those with.
func (p *Plan) leastTold() int64 {
	if p.counted() >= 0 {
		return areas.Round(p.guard.Least)
	}
	return areas.Round(2 * p.guard.Least)
}
