package disclosure

// furthest bounds by how many rows apart moves a cut. From below, a cell of one
// or two can join the next, which shifts a cut by at most 2; if the last cell
// stays small, it joins the one before, or takes up to 2 from it: at most 4.
const furthest = 5

// Apart moves the fewest rows across the fewest cuts so that no cell holds one
// or two: cells in the order of their score, crossed the number of cuts that
// rows were moved across. Fewer than three rows in all enter no cell.
func Apart(cells []int64) (out []int64, crossed int64) {
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
	if total < Smallest {
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
				if n := here - before; cost >= far || n != 0 && n < Smallest {
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
