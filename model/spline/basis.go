// Package spline evaluates the natural cubic spline basis of R's
// splines::ns(x, knots, Boundary.knots) with intercept = FALSE.
//
// The values enter encrypted sums, so their last bit is the same on every
// processor: only + - * / and the square root are used, and each product is
// rounded by an explicit float64(), which keeps a compiler from fusing it into
// a sum.
package spline

import (
	"fmt"
	"math"
)

// MaxKnots is the largest number of interior knots, which gives MaxKnots+1
// basis functions.
const MaxKnots = 7

const (
	order    = 4 // of cubic B-splines
	maxKnots = MaxKnots + 2*order
	maxCoef  = MaxKnots + order
	// The limits of the codebook's ranges.
	maxMagnitude = 1e15
	minWidth     = 1e-9
	// minGap is the smallest distance of neighbouring knots, in widths. Knots
	// that nearly coincide make the second derivatives overwhelm the rest.
	minGap = 1e-9
)

// Basis is a natural cubic spline basis: linear combinations of B-splines that
// are 0 at the low end and have second derivative 0 at both ends. It is
// immutable.
type Basis struct {
	knots    [maxKnots]float64 // each end four times, as splineDesign wants them
	interior int
	// weights[j][i] is the weight of B-spline i in basis function j.
	weights [MaxKnots + 1][maxCoef]float64
	bounds  [MaxKnots + 1]float64
}

// New returns the basis over [low, high] with the given interior knots: 1 to
// MaxKnots, ascending, strictly between low and high, neighbours at least
// 1e-9 (high-low) apart. low and high lie within +-1e15 and at least 1e-9 apart.
func New(knots []float64, low, high float64) (*Basis, error) {
	if len(knots) < 1 || len(knots) > MaxKnots {
		return nil, fmt.Errorf("a spline has 1 to %d knots, not %d", MaxKnots, len(knots))
	}
	if !(math.Abs(low) <= maxMagnitude && math.Abs(high) <= maxMagnitude && high-low >= minWidth) {
		return nil, fmt.Errorf("a spline needs a range from low to high within %g and at least %g wide, not %g to %g", maxMagnitude, minWidth, low, high)
	}
	b := &Basis{interior: len(knots)}
	for i := range order {
		b.knots[i] = low
		b.knots[order+len(knots)+i] = high
	}
	copy(b.knots[order:], knots)
	for i := range len(knots) + 1 {
		if from, to := b.knots[order-1+i], b.knots[order+i]; !(to-from >= float64(minGap*(high-low))) {
			return nil, fmt.Errorf("the knots of a spline must ascend from %g to %g without touching, but %g follows on %g", low, high, to, from)
		}
	}
	b.natural()
	return b, nil
}

// Len returns the number of basis functions, which is the number of interior
// knots plus 1: the degrees of freedom of ns().
func (b *Basis) Len() int { return b.interior + 1 }

// At writes the basis functions at x to out[:Len()]. An x beyond an end counts
// as that end, and NaN gives NaN. It allocates nothing.
func (b *Basis) At(x float64, out []float64) {
	x = min(max(x, b.knots[0]), b.knots[order+b.interior])
	span := order
	for span < order+b.interior && b.knots[span] <= x {
		span++
	}
	var values [order]float64
	b.splines(span, x, &values)
	first := span - order // the first of the four B-splines that are not 0
	for j := range b.Len() {
		w := b.weights[j][first : first+order]
		out[j] = float64(w[0]*values[0]) + float64(w[1]*values[1]) + float64(w[2]*values[2]) + float64(w[3]*values[3])
	}
}

// Bounds returns for each basis function a number that its absolute value
// never exceeds. B-splines are not negative and sum to 1 (de Boor, A Practical
// Guide to Splines, IX), so a weighted mean of the weights is at most the
// largest of them. The same holds for the values as At rounds them: the
// computed B-splines are not negative either, and sum to less than 1 + 2^-45,
// far within the margin of 2^-40.
func (b *Basis) Bounds() []float64 {
	return append([]float64(nil), b.bounds[:b.Len()]...)
}

// splines writes the four B-splines that are not 0 between knots[span-1] and
// knots[span] at x, by the recursion of Cox and de Boor in the order of R's
// basis_funcs (splines.c).
func (b *Basis) splines(span int, x float64, out *[order]float64) {
	out[0] = 1
	for j := 1; j < order; j++ {
		saved := 0.0
		for r := range j {
			right := b.knots[span+r] - x
			left := x - b.knots[span-(j-r)]
			term := out[r] / (right + left)
			out[r] = saved + float64(right*term)
			saved = float64(left * term)
		}
		out[j] = saved
	}
}
