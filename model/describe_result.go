package model

import (
	"math"

	"github.com/smartstart-federation/smartstart/model/bins"
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Described is one column of a Table 1, over all rows or over one level of the
// group. Numbers are absent where there are too few values to say.
type Described struct {
	Column    string          `json:"column"`
	Group     string          `json:"group,omitempty"`     // level of the group; empty for all rows
	TooFew    bool            `json:"too_few,omitempty"`   // fewer than twice min_cell values, or than min_institutions institutions with at least 3: nothing else is said
	N         int64           `json:"n,omitempty"`         // values that the other numbers are of: those in groups that are told or can be taken together, less up to 2 that an institution left out of each
	Missing   int64           `json:"missing,omitempty"`   // the other rows: without a value, or left out; never one or two of an institution, which leaves out values until it has 3
	Mean      *float64        `json:"mean,omitempty"`      // number, integer; of a yes_no column the share of yes among those not merged
	SD        *float64        `json:"sd,omitempty"`        // divisor n-1
	Quantiles []bins.Quantile `json:"quantiles,omitempty"` // number, integer: R's type 7; never the smallest or largest value, which is one child's
	Levels    []LevelCount    `json:"levels,omitempty"`    // category
	Merged    int64           `json:"merged,omitempty"`    // values of levels of which an institution had one or two, counted together
}

// LevelCount is how many values a level of a category has, without those
// merged.
type LevelCount struct {
	Level string `json:"level"`
	N     int64  `json:"n"`
}

// tableResult reads the end of descriptives.
func (p *Plan) tableResult(s *state) (*Result, error) {
	d := s.Table
	rows := disclosure.Total(d.Rows)
	r := &Result{
		Study: p.study.About.ID, Model: p.kind, RowsUsed: rows, Dropped: map[string]float64{}, Coefficients: []Coefficient{}, Converged: true,
		OpenedNumbers: s.Opened, OpenedNumbersPerRow: float64(s.Opened) / float64(rows),
	}
	for j, at := range p.described {
		src, c := &p.sources[at], &d.Columns[j]
		place, told := p.folded(c)
		n := disclosure.Total(told)
		if lost := rows - n; lost > 0 {
			r.Dropped[src.name] = float64(lost) / float64(rows)
		}
		all := make([]int, len(told))
		for slot := range all {
			all[slot] = slot
		}
		r.Table = append(r.Table, p.row(src, c, all, "", n, rows-n))
		for g, level := range p.groups() {
			if n := c.Present[g]; !p.enough(n, c.Able[g]) {
				r.Table = append(r.Table, Described{Column: src.name, Group: level, TooFew: true})
			} else {
				r.Table = append(r.Table, p.row(src, c, []int{place[g]}, level, n, d.Rows[g]-n))
			}
		}
	}
	return r, nil
}

// row describes some open slots of a column taken together.
func (p *Plan) row(src *source, c *describedColumn, slots []int, group string, n, missing int64) Described {
	o := Described{Column: src.name, Group: group}
	if len(slots) == 0 {
		o.TooFew = true
		return o
	}
	o.N, o.Missing = n, missing
	if src.numeric() {
		mean := mp.Float64(mp.Quo(p.sumOf(src, c, slots), mp.Int(n)))
		sd := 0.0
		if v := p.variance(src, c, slots); v.Sign() > 0 {
			sd = mp.Float64(mp.Sqrt(mp.Quo(v, mp.Int(n-1))))
		}
		o.Mean, o.SD = &mean, &sd
		o.Quantiles = p.quantiles(src, c, slots)
		return o
	}
	levels := src.cells()
	counts := make([]int64, len(levels)+1)
	for _, slot := range slots {
		for i, k := range c.Cells[slot] {
			counts[i] += k
		}
	}
	o.Merged = counts[len(levels)]
	if src.share() {
		told := counts[0] + counts[1]
		if told < 2 {
			return o
		}
		mean := float64(counts[1]) / float64(told)
		sd := math.Sqrt(float64(told) * mean * (1 - mean) / float64(told-1))
		o.Mean, o.SD = &mean, &sd
		return o
	}
	for i, level := range levels {
		o.Levels = append(o.Levels, LevelCount{level, counts[i]})
	}
	return o
}

// quantiles are given where at least one slot has bins.
func (p *Plan) quantiles(src *source, c *describedColumn, slots []int) (out []bins.Quantile) {
	_, n := p.folded(c)
	var known []bins.Steps
	told := false
	for _, slot := range slots {
		h := &bins.Histogram{}
		if slot < len(c.Bins) {
			h = &c.Bins[slot]
		}
		told = told || len(h.Count) > 0
		known = append(known, h.Steps(n[slot], src.span()))
	}
	if !told {
		return nil
	}
	for _, q := range quartiles {
		out = append(out, bins.QuantileOf(known, q, src.span().Whole))
	}
	return out
}

// describedFilling lists what an institution's rows fill of what was opened,
// slot by slot.
func (p *Plan) describedFilling(s *state, v *view) (filled []Filled) {
	base := p.base(v)
	groups := p.groups()
	each := func(what string, slots []int, all []int64) {
		own := make([]int64, len(all))
		for _, slot := range slots {
			if slot >= 0 {
				own[slot]++
			}
		}
		for g, n := range all {
			if g < len(groups) {
				filled = append(filled, fills(what+" for "+p.sources[p.group].name+" = \""+groups[g]+"\"", own[g], n))
			} else if g == 0 {
				filled = append(filled, fills(what, own[g], n))
			} else {
				filled = append(filled, fills(what+" for all other rows", own[g], n))
			}
		}
	}
	each("every sum", base, s.Table.Rows)
	for j, at := range p.described {
		c, src := &s.Table.Columns[j], &p.sources[at]
		slots, cells := p.place(v, base, at)
		each("column \""+src.name+"\"", slots, c.Present)
		place, _ := p.folded(c)
		remap(slots, place)
		for slot, counts := range c.Cells {
			for l, n := range counts {
				var own int64
				for i := range slots {
					if slots[i] == slot && cells[i] == l {
						own++
					}
				}
				what := "what is merged"
				if l < len(src.cells()) {
					what = "level \"" + src.cells()[l] + "\""
				}
				filled = append(filled, fills(what+" of column \""+src.name+"\"", own, n))
			}
		}
	}
	return filled
}
