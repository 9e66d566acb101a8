package model

import "slices"

// settle decides for each of an institution's counts in which of them its rows
// are counted: one or two rows go to the last, the rest; if the rest has one
// or two then, nobody counts them (-1). least is smallestGroup.
func settle(counts []int64, least int64) (to []int) {
	last := len(counts) - 1
	rest := counts[last]
	for i, n := range counts[:last] {
		to = append(to, i)
		if n > 0 && n < least {
			to[i] = last
			rest += n
		}
	}
	to = append(to, last)
	if rest > 0 && rest < least {
		for i := range to {
			if to[i] == last && (i == last || counts[i] > 0) {
				to[i] = -1
			}
		}
	}
	return to
}

// neighbours decides for each of an institution's bins in which of them its
// rows are counted, so that none has one or two: they go on to the next bin
// that has more, or at the end back to the one before. The counts together
// must be 0 or at least least.
func neighbours(counts []int64, least int64) (to []int) {
	to = make([]int, len(counts))
	first, sum, full := 0, int64(0), -1
	for i, n := range counts {
		sum += n
		if sum > 0 && sum < least {
			continue
		}
		for k := first; k <= i; k++ {
			to[k] = i
			if counts[k] == 0 {
				to[k] = k
			}
		}
		if sum > 0 {
			full = i
		}
		first, sum = i+1, 0
	}
	for k := first; k < len(counts); k++ {
		to[k] = k
		if counts[k] > 0 {
			to[k] = full
		}
	}
	return to
}

// moved counts the rows that are counted elsewhere, rounded up to a multiple
// of three: it bounds how far the counts below any edge can be off, and one or
// two are never told.
func moved(counts []int64, to []int) (n int64) {
	for i, c := range counts {
		if to[i] != i {
			n += c
		}
	}
	return (n + 2) / 3 * 3
}

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
	remap(slots, settle(counts, p.least))
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
// for a category its cell.
func (p *Plan) place(v *view, base []int, at int) (slots, cells []int) {
	c := v.columns[at]
	slots = slices.Clone(base)
	counts := make([]int64, p.slots())
	for i, s := range slots {
		if c.Missing[i] {
			slots[i] = -1
		} else if s >= 0 {
			counts[s]++
		}
	}
	remap(slots, settle(counts, p.least))
	levels := len(p.sources[at].cells())
	if levels == 0 {
		return slots, nil
	}
	cells = make([]int, v.rows)
	for slot := range counts {
		counts := make([]int64, levels+1)
		for i, s := range slots {
			if s == slot {
				cells[i] = int(c.Values[i])
				counts[cells[i]]++
			}
		}
		to := settle(counts, p.least)
		for i, s := range slots {
			if s == slot {
				if cells[i] = to[cells[i]]; cells[i] < 0 {
					slots[i] = -1
				}
			}
		}
	}
	return slots, cells
}
