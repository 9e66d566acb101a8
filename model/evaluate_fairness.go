package model

import (
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/validation"
)

// Fairness compares the levels of a column among the rows with the highest
// predictions. Nothing of a level is opened unless every level that occurs does
// so at min_institutions institutions: the last could otherwise be told from the
// rest; rows without a level are one more for this. Its selection is opened only
// where the level, and what is not opened with it, has many rows of both
// outcomes. The selected are the rows of the uppermost bins that were opened of
// the same predictions, as they were dealt: there is no remainder between a
// threshold and a cut, in which a few rows would stand apart.
//
// In an institution every cell, a level by outcome and later by selection, holds
// 0 or at least 3 rows before it is summed: one row counts with the
// institution's largest level, two take a third from it (see disclosure.SettleLevels); of the
// selected the nearest number is told that leaves no cell with one or two (see
// disclosure.Nearest). Totals by outcome stay what they are. A cell of a sum is off by at
// most two rows for each institution, and as likely above as below.

// grouping is one column of [evaluate] groups.
type grouping struct {
	Able     []int64    `json:"able,omitempty"`   // institutions with rows of each level, and last without one
	Cells    [2][]int64 `json:"cells"`            // by outcome, then level
	Levels   []int      `json:"levels,omitempty"` // whose selection is opened
	Selected [2][]int64 `json:"selected"`         // by outcome, then Levels
	From     int        `json:"from"`             // the bin of predictions from which rows are selected
}

// levelsOf names the levels of a column of groups.
func (p *Plan) levelsOf(g int) []string {
	c, _ := p.codebook.Column(p.study.Evaluate.Groups[g])
	if c.Kind == configs.YesNo {
		return []string{"0", "1"}
	}
	return c.Levels
}

func (p *Plan) beginGroups(e *evaluation) {
	if p.compared(e) == nil {
		return
	}
	for range p.study.Evaluate.Groups {
		e.Groups = append(e.Groups, &grouping{})
	}
}

// spreads says that every level that occurs does so at enough institutions, and
// that rows without one lie at none or at enough.
func (p *Plan) spreads(g *grouping) bool {
	occur := 0
	for l, n := range g.Able {
		if n > 0 && n < int64(p.study.Privacy.MinInstitutions) {
			return false
		}
		if n > 0 && l < len(g.Able)-1 {
			occur++
		}
	}
	return occur > 1
}

func (p *Plan) groupShape(e *evaluation) (t []Tensor) {
	for i := range e.Groups {
		if n := p.groupNumbers(e, i); n > 0 {
			what := map[int]string{1: "institutions", 2: "rows by outcome and level", 3: "selected by outcome and level"}[e.Step]
			t = append(t, Tensor{what + " of \"" + p.study.Evaluate.Groups[i] + "\"", n, exact.CountBits})
		}
	}
	return t
}

// groupNumbers is how many integers a step opens of a column.
func (p *Plan) groupNumbers(e *evaluation, i int) int {
	g, levels := e.Groups[i], len(p.levelsOf(i))
	switch {
	case e.Step == 1:
		return levels + 1
	case e.Step == 2 && p.spreads(g):
		return levels + levels
	case e.Step == 3:
		return len(g.Levels) + len(g.Levels)
	}
	return 0
}

func (p *Plan) groupLocal(s *state, v *view, b *bench) (a []exact.Sum, err error) {
	e := s.Evaluate
	for i, g := range e.Groups {
		one := make([]exact.Sum, p.groupNumbers(e, i))
		if len(one) == 0 {
			continue
		}
		d, levels := b.of(p, p.compared(e)), len(p.levelsOf(i))
		level, err := p.level(v, i)
		if err != nil {
			return nil, err
		}
		var cells, selected [2][]int64
		for y := range cells {
			cells[y], selected[y] = make([]int64, levels+1), make([]int64, levels+1)
		}
		var in [2]validation.Dealt
		if e.Step == 3 {
			for y := range in {
				in[y] = validation.Deal(validation.Outcome(d.y, float64(y)), d.eta, d.eta, p.compared(e).Bins.Cuts, !p.unmerged)
			}
		}
		for n, row := range d.rows {
			l, y := level(row), int(d.y[n])
			cells[y][l]++
			if e.Step == 3 && in[y].Bin[n] >= g.From {
				selected[y][l]++
			}
		}
		for y := range cells {
			if !p.unmerged {
				disclosure.SettleLevels(cells[y])
			}
		}
		switch e.Step {
		case 1:
			for l := range levels + 1 {
				if cells[0][l]+cells[1][l] > 0 {
					one[l].Inc()
				}
			}
		case 2:
			for l := range levels {
				one[l].Add(float64(cells[0][l]), 0)
				one[levels+l].Add(float64(cells[1][l]), 0)
			}
		case 3:
			for n, l := range g.Levels {
				for y, at := range []int{n, len(g.Levels) + n} {
					told := selected[y][l]
					if !p.unmerged {
						told = disclosure.Nearest(told, cells[y][l])
					}
					one[at].Add(float64(told), 0)
				}
			}
		}
		a = append(a, one...)
	}
	return a, nil
}

// level returns the level of a row in a column of groups; the number of levels
// where it is missing.
func (p *Plan) level(v *view, g int) (func(row int) int, error) {
	name := p.study.Evaluate.Groups[g]
	book, _ := p.codebook.Column(name)
	c, ok := v.table.Column(name)
	if !ok {
		return nil, fail(CodeTable, "read it from the records", "the table lacks the column %q", name).about(name)
	}
	if c.Kind != book.Kind || !slices.Equal(c.Levels, book.Levels) {
		return nil, fail(CodeTable, "use one codebook everywhere", "the table's column %q is not of the kind and levels that the codebook gives", name).about(name)
	}
	missing := len(p.levelsOf(g))
	return func(row int) int {
		if c.Missing[row] {
			return missing
		}
		return int(c.Values[row])
	}, nil
}

// groupGlobal takes a step's counts; false says that no records give them.
func (p *Plan) groupGlobal(e *evaluation, sums []*big.Int) bool {
	for i, g := range e.Groups {
		mine := make([]int64, p.groupNumbers(e, i))
		for n := range mine {
			if mine[n] = exact.Count(sums[n]); mine[n] < 0 {
				return false
			}
		}
		sums = sums[len(mine):]
		half := len(mine) / 2
		switch e.Step {
		case 1:
			g.Able = mine
			if slices.Max(mine) > p.compared(e).Institutions {
				return false
			}
		case 2:
			g.Cells = [2][]int64{mine[:half], mine[half:]}
			if len(mine) > 0 && !p.choose(e, g) {
				return false
			}
		case 3:
			g.Selected = [2][]int64{mine[:half], mine[half:]}
			for y := range g.Selected {
				for n, l := range g.Levels {
					if g.Selected[y][n] > g.Cells[y][l] {
						return false
					}
				}
			}
		}
	}
	return true
}

// choose decides whose selection is opened: levels with many rows of both
// outcomes, as long as what is left of the set has many too, or none.
func (p *Plan) choose(e *evaluation, g *grouping) bool {
	j := p.compared(e)
	left := [2]int64{j.others(), j.Events}
	for l := range g.Cells[0] {
		if p.large(g.Cells[1][l], g.Cells[0][l]) {
			g.Levels = append(g.Levels, l)
			left[0], left[1] = left[0]-g.Cells[0][l], left[1]-g.Cells[1][l]
		}
	}
	if left[0] < 0 || left[1] < 0 {
		return false
	}
	for len(g.Levels) > 0 && left[0]+left[1] > 0 && !p.large(left[1], left[0]) {
		least := 0
		for n, l := range g.Levels {
			if m := g.Levels[least]; g.Cells[0][l]+g.Cells[1][l] < g.Cells[0][m]+g.Cells[1][m] {
				least = n
			}
		}
		l := g.Levels[least]
		left[0], left[1] = left[0]+g.Cells[0][l], left[1]+g.Cells[1][l]
		g.Levels = slices.Delete(g.Levels, least, least+1)
	}
	if len(g.Levels) == 0 || len(j.Bins.Cuts) == 0 { // without a cut there is nothing to select by
		g.Levels = nil
		return true
	}
	g.From = j.Bins.Threshold(float64(p.study.Evaluate.Select * float64(j.Rows)))
	return true
}

func (p *Plan) wholeGroups(e *evaluation) bool {
	if len(e.Groups) > 0 && (len(e.Groups) != len(p.study.Evaluate.Groups) || p.compared(e) == nil) {
		return false
	}
	for i, g := range e.Groups {
		if g == nil {
			return false
		}
		levels := len(p.levelsOf(i))
		able, cells, selected := 0, 0, 0
		if e.Step > 1 {
			able = levels + 1
		}
		if len(g.Able) != able {
			return false
		}
		if e.Step > 2 && p.spreads(g) {
			cells = levels
		}
		if e.Step > 3 {
			selected = len(g.Levels)
		}
		for y := range g.Cells {
			if len(g.Cells[y]) != cells || len(g.Selected[y]) != selected {
				return false
			}
		}
		if g.From < 0 || (g.From > 0) != (len(g.Levels) > 0) || g.From > 0 && g.From > len(p.compared(e).Bins.Cuts) {
			return false
		}
		for n, l := range g.Levels {
			if l < 0 || l >= cells || n > 0 && l <= g.Levels[n-1] {
				return false
			}
		}
	}
	return true
}
