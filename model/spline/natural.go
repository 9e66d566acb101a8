package spline

import "math"

// natural sets the weights as ns() does: of the B-splines without the first
// (which alone is not 0 at the low end), keep the combinations whose second
// derivatives at both ends are 0. They are the columns from the third on of Q
// in the QR decomposition of the 2 columns of second derivatives.
func (b *Basis) natural() {
	n := b.interior + order - 1 // B-splines without the first
	var q [2]reflection
	last := order + b.interior // the first of the knots at the high end
	low, high := b.curvature(order, b.knots[0]), b.curvature(last, b.knots[last])
	var first, second [maxCoef]float64
	copy(first[:], low[1:])          // B-splines 1 to 3, counted from 0
	copy(second[n-order:n], high[:]) // the last four
	q[0] = reflect(first[:n], 0)
	q[0].apply(second[:n])
	q[1] = reflect(second[:n], 1)
	for i := range n {
		var unit [maxCoef]float64
		unit[i] = 1
		q[0].apply(unit[:n])
		q[1].apply(unit[:n])
		for j := range b.Len() {
			b.weights[j][i+1] = unit[j+2]
		}
	}
	for j := range b.Len() {
		for _, w := range b.weights[j] {
			b.bounds[j] = max(b.bounds[j], math.Abs(w))
		}
		b.bounds[j] += float64(b.bounds[j] * 0x1p-40)
	}
}

// curvature returns the second derivatives at x of the four B-splines that are
// not 0 in the span, as R's evaluate (splines.c).
func (b *Basis) curvature(span int, x float64) (out [order]float64) {
	for i := range out {
		var a [order]float64
		a[i] = 1
		for width := order - 1; width > 1; width-- {
			for k := range width {
				from, to := b.knots[span-width+k], b.knots[span+k]
				a[k] = float64(float64(width)*(a[k+1]-a[k])) / (to - from)
			}
		}
		right, left := b.knots[span]-x, x-b.knots[span-1]
		out[i] = (float64(a[1]*left) + float64(a[0]*right)) / (right + left)
	}
	return out
}

// reflection is a Householder reflection as LINPACK stores it: v from the
// pivot on, v[0] also the divisor.
type reflection struct {
	v     []float64
	pivot int
}

// reflect returns the reflection that maps column onto the pivot's axis from
// the pivot down (LINPACK dqrdc). R's dqrdc2 would move a column to the end if
// it were a multiple of the other; the first column ends where the second has
// entries of its own, so that never happens.
func reflect(column []float64, pivot int) reflection {
	v := append([]float64(nil), column[pivot:]...)
	scale := 0.0
	for _, x := range v {
		scale = max(scale, math.Abs(x))
	}
	sum := 0.0
	for _, x := range v {
		sum += float64((x / scale) * (x / scale))
	}
	norm := float64(scale * math.Sqrt(sum))
	if v[0] < 0 {
		norm = -norm
	}
	for i := range v {
		v[i] /= norm
	}
	v[0]++
	return reflection{v, pivot}
}

// apply reflects y.
func (h reflection) apply(y []float64) {
	t := 0.0
	for i, v := range h.v {
		t -= float64(v * y[h.pivot+i])
	}
	t /= h.v[0]
	for i, v := range h.v {
		y[h.pivot+i] += float64(t * v)
	}
}
