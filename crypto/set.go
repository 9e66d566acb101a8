package crypto

// Set is the contributors of one sum, as strictly increasing points.
type Set []int

// Check refuses a set that is not strictly increasing, holds a point that is
// not in the attempt, or is smaller than min_institutions.
func (s Set) Check(a Attempt) error {
	last := 0
	for _, p := range s {
		if p <= last {
			return failure(codeSet, "", "the points of a set must increase strictly, but %d follows %d", p, last)
		}
		last = p
		if a.Index(p) < 0 {
			return failure(codeSet, "", "point %d of the set takes no part in the attempt", p)
		}
	}
	if len(s) < a.Thresholds.MinInstitutions {
		return failure(codeSet, "wait for more institutions",
			"a sum over %d institutions is too small, %d are needed", len(s), a.Thresholds.MinInstitutions)
	}
	return nil
}

// Has reports whether point is in the set.
func (s Set) Has(point int) bool {
	for _, p := range s {
		if p == point {
			return true
		}
	}
	return false
}

// bits returns the set with point p as bit p-1. What is no point of any
// attempt has no bit.
func (s Set) bits() uint64 {
	var b uint64
	for _, p := range s {
		if p >= 1 && p <= MaxInstitutions {
			b |= 1 << (p - 1)
		}
	}
	return b
}
