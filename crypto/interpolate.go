package crypto

// Shares lie on polynomials over Z_Q at the points 1..n; the secret is their
// value at -1, so that no institution's point can be mistaken for it.
const secretPoint = Q - 1

// lagrange returns the weights with which values at the points xs combine to
// the value at x. The points are distinct and below Q.
func lagrange(xs []uint64, x uint64) []uint64 {
	weights := make([]uint64, len(xs))
	for j, xj := range xs {
		num, den := uint64(1), uint64(1)
		for k, xk := range xs {
			if k != j {
				num = mulMod(num, subMod(x, xk))
				den = mulMod(den, subMod(xj, xk))
			}
		}
		weights[j] = mulMod(num, invMod(den))
	}
	return weights
}

// combine sets dst to the value at x of the polynomials through the releases.
func combine(dst *Poly, releases []Release, x uint64) {
	xs := make([]uint64, len(releases))
	for i, r := range releases {
		xs[i] = uint64(r.point)
	}
	dst.Wipe()
	for i, w := range lagrange(xs, x) {
		dst.AddScaled(w, releases[i].sum)
	}
}
