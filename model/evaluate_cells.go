package model

import "math/big"

// What is promised of the cells that an evaluation opens, that is rows by
// outcome and score, rows of the fit by score, and rows by outcome, group and
// selection:
//
//   - each is 0 or at least 3, because what each institution adds is: it moves
//     its own rows out of cells of one or two before anything is encrypted;
//   - each between cuts is expected to hold at least twice min_cell rows, if the
//     rows lie as those of the fit do. Fewer than min_cell, and then at least 3,
//     it can only hold where they lie otherwise.

// furthest bounds by how many rows apart moves a cut. From below, a cell of one
// or two can join the next, which shifts a cut by at most 2; if the last cell
// stays small, it joins the one before, or takes up to 2 from it: at most 4.
const furthest = 5

// apart moves the fewest rows across the fewest cuts so that no cell holds one
// or two: cells in the order of their score, crossed the number of cuts that
// rows were moved across. Fewer than three rows in all enter no cell.
func apart(cells []int64) (out []int64, crossed int64) {
	const width = furthest + 1 + furthest
	type step struct {
		cost int64
		from int
	}
	const far = int64(1) << 62
	so := make([]int64, len(cells)) // rows up to the cell
	total := int64(0)
	for c, n := range cells {
		total += n
		so[c] = total
	}
	out = make([]int64, len(cells))
	if total < smallestCell {
		return out, 0
	}
	best := make([][width]step, len(cells))
	for c := range cells {
		for d := range width {
			best[c][d] = step{far, 0}
			here := so[c] + int64(d) - furthest
			if here < 0 || here > total || c == len(cells)-1 && here != total {
				continue
			}
			for from := range width {
				before, cost := int64(0), int64(0)
				if c > 0 {
					before, cost = so[c-1]+int64(from)-furthest, best[c-1][from].cost
				} else if from != furthest {
					continue
				}
				if n := here - before; cost >= far || n != 0 && n < smallestCell {
					continue
				}
				cost += max(here-so[c], so[c]-here)
				if cost < best[c][d].cost {
					best[c][d] = step{cost, from}
				}
			}
		}
	}
	d := furthest
	crossed = best[len(cells)-1][d].cost
	for c := len(cells) - 1; c >= 0; c-- {
		from := best[c][d].from
		out[c] = so[c] + int64(d) - furthest
		if c > 0 {
			out[c] -= so[c-1] + int64(from) - furthest
		}
		d = from
	}
	return out, crossed
}

// settleLevels makes every cell 0 or at least 3 and keeps their total, which must be 0
// or at least 3: the largest cell takes one row, and gives a third to two.
func settleLevels(cells []int64) {
	k := 0
	for l, n := range cells {
		if n > cells[k] {
			k = l
		}
	}
	for l, n := range cells {
		switch {
		case l == k || n == 0 || n >= smallestCell:
		case n == 2 && cells[k] > smallestCell:
			cells[l], cells[k] = smallestCell, cells[k]-1
		default:
			cells[l], cells[k] = 0, cells[k]+n
		}
	}
}

// nearest returns the number nearest to n that leaves neither itself nor what is
// left of all at one or two.
func nearest(n, all int64) int64 {
	best := int64(0)
	for _, k := range []int64{n, 0, smallestCell, all - smallestCell, all} {
		left := all - k
		fits := k >= 0 && left >= 0 && (k == 0 || k >= smallestCell) && (left == 0 || left >= smallestCell)
		if fits && max(k-n, n-k) < max(best-n, n-best) {
			best = k
		}
	}
	return best
}

// small reads a count; -1 for what is none.
func small(v *big.Int) int64 {
	if !v.IsInt64() || v.Sign() < 0 {
		return -1
	}
	return v.Int64()
}
