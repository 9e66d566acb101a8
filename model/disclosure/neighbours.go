package disclosure

// Neighbours decides for each of an institution's bins in which of them its
// rows are counted, so that none has one or two: they go on to the next bin
// that has more, or at the end back to the one before. An institution of one or
// two rows in all, as a study of public records may have, counts them in the
// first bin, wherever they lie.
func Neighbours(counts []int64, least int64) (to []int) {
	to = make([]int, len(counts))
	first, sum, full := 0, int64(0), 0
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

// Moved counts the rows that are counted elsewhere, rounded up to a multiple
// of three: it bounds how far the counts below any edge can be off, and one or
// two are never told.
func Moved(counts []int64, to []int) (n int64) {
	for i, c := range counts {
		if to[i] != i {
			n += c
		}
	}
	return (n + 2) / 3 * 3
}
