package model

import (
	"cmp"
	"slices"

	"github.com/smartstart-federation/smartstart/model/disclosure"
)

// base gives each row its slot by the group alone; -1 for rows outside the
// table.
func (p *Plan) base(v *view) []int {
	slots := make([]int, v.rows)
	rest := p.slots() - 1
	counts := make([]int64, p.slots())
	for i := range slots {
		slots[i] = rest
		if p.group >= 0 && !v.columns[p.group].Missing[i] {
			slots[i] = int(v.columns[p.group].Values[i])
		}
		if v.table.heldOut != nil && v.table.heldOut[i] {
			slots[i] = -1
			continue
		}
		counts[slots[i]]++
	}
	remap(slots, disclosure.Settle(counts, p.least))
	return slots
}

func remap(slots, to []int) {
	for i, s := range slots {
		if s >= 0 {
			slots[i] = to[s]
		}
	}
}

// place gives each row its slot for one column, -1 if it is not counted, and
// for a category its cell. Slots of the base have no rows or at least least; so
// have then the values of each slot, and its rows without a value.
func (p *Plan) place(v *view, base []int, at int) (slots, cells []int) {
	c := v.columns[at]
	slots = slices.Clone(base)
	levels := len(p.sources[at].cells())
	if levels > 0 {
		cells = make([]int, v.rows)
	}
	for slot := range p.slots() {
		var rows []int // with a value
		missing := int64(0)
		for i, s := range base {
			switch {
			case s != slot:
			case c.Missing[i]:
				slots[i] = -1
				missing++
			default:
				rows = append(rows, i)
			}
		}
		kept, to := p.shed(rows, missing, c.Values, levels)
		for _, i := range rows {
			slots[i] = -1
		}
		for _, i := range kept {
			slots[i] = slot
			if levels > 0 {
				cells[i] = to[int(c.Values[i])]
			}
		}
	}
	return slots, cells
}

// shed leaves out values of a slot until at this institution neither the rows
// without a value, nor those with one, nor those of a merged level are one or
// two. It returns the rows that are kept and in which cell each level is
// counted. What is left out lies in the middle, the commonest level or next to
// the median, where it changes least: which of equal values does not matter, so
// that rows have no order.
func (p *Plan) shed(rows []int, missing int64, values []float64, levels int) (kept, to []int) {
	kept = slices.Clone(rows)
	slices.SortStableFunc(kept, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	few := func(n int64) bool { return n > 0 && n < p.least }
	for {
		counts := make([]int64, levels+1)
		if levels > 0 {
			for _, i := range kept {
				counts[int(values[i])]++
			}
			to = disclosure.Settle(counts, p.least)
		}
		left := len(kept)
		switch alone := func(i int) bool { return levels > 0 && to[int(values[i])] < 0 }; {
		case few(int64(len(kept))):
			kept = kept[:0]
		case slices.ContainsFunc(kept, alone):
			kept = slices.DeleteFunc(kept, alone)
		case few(missing) && len(kept) > 0:
			middle := len(kept) / 2
			if levels > 0 {
				common := slices.Index(counts, slices.Max(counts))
				middle = slices.IndexFunc(kept, func(i int) bool { return int(values[i]) == common })
			}
			kept = slices.Delete(kept, middle, middle+1)
		default:
			return kept, to
		}
		missing += int64(left - len(kept))
	}
}
