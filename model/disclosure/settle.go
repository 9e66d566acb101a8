package disclosure

// Settle decides for each of an institution's counts in which of them its rows
// are counted: one or two rows go to the last, the rest; if the rest has one
// or two then, nobody counts them (-1). least is Smallest.
func Settle(counts []int64, least int64) (to []int) {
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

// SettleLevels makes every cell 0 or at least 3 and keeps their total, which must be 0
// or at least 3: the largest cell takes one row, and gives a third to two.
func SettleLevels(cells []int64) {
	k := 0
	for l, n := range cells {
		if n > cells[k] {
			k = l
		}
	}
	for l, n := range cells {
		switch {
		case l == k || n == 0 || n >= Smallest:
		case n == 2 && cells[k] > Smallest:
			cells[l], cells[k] = Smallest, cells[k]-1
		default:
			cells[l], cells[k] = 0, cells[k]+n
		}
	}
}

// Nearest returns the number nearest to n that leaves neither itself nor what is
// left of all at one or two.
func Nearest(n, all int64) int64 {
	best := int64(0)
	for _, k := range []int64{n, 0, Smallest, all - Smallest, all} {
		left := all - k
		fits := k >= 0 && left >= 0 && (k == 0 || k >= Smallest) && (left == 0 || left >= Smallest)
		if fits && max(k-n, n-k) < max(best-n, n-best) {
			best = k
		}
	}
	return best
}
