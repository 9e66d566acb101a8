package mp

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/model/exact"
)

// Symmetric is a symmetric matrix by its lower triangle: a[i][j], j <= i.
type Symmetric [][]*big.Float

// Packed returns the number of entries of a lower triangle.
func Packed(n int) int { return n * (n + 1) / 2 }

// Unpack reads a lower triangle row by row; at(i, j) is the grid of an entry.
func Unpack(values []exact.Integer, n int, at func(i, j int) int) Symmetric {
	a, k := make(Symmetric, n), 0
	for i := range a {
		a[i] = make([]*big.Float, i+1)
		for j := range a[i] {
			a[i][j] = Scaled(values[k].V, at(i, j))
			k++
		}
	}
	return a
}

// Quadratic returns x' a x.
func (a Symmetric) Quadratic(x []*big.Float) *big.Float {
	total := New()
	for i := range a {
		for j := range a[i] {
			v := Mul(Mul(x[i], x[j]), a[i][j])
			if j < i {
				v = Mul(v, Int(2))
			}
			total = Add(total, v)
		}
	}
	return total
}

// Trace returns that of a product of two symmetric matrices.
func Trace(a, b Symmetric) *big.Float {
	total := New()
	for i := range a {
		for j := range a[i] {
			v := Mul(a[i][j], b[i][j])
			if j < i {
				v = Mul(v, Int(2))
			}
			total.Add(total, v)
		}
	}
	return total
}
