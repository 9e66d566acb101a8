package mp

import "math/big"

// precision of every intermediate value of Global, in bits. math/big is the
// same on every processor.
const precision = 160

// New returns 0.
func New() *big.Float { return new(big.Float).SetPrec(precision) }

// Int returns n.
func Int(n int64) *big.Float { return New().SetInt64(n) }

// Of returns x, which must be finite.
func Of(x float64) *big.Float { return New().SetFloat64(x) }

// Scaled returns v * 2^-grid.
func Scaled(v *big.Int, grid int) *big.Float {
	f := New().SetInt(v)
	return f.SetMantExp(f, -grid)
}

// OnGrid returns x * 2^grid, rounded towards zero to a multiple of 2^-grid.
func OnGrid(x *big.Float, grid int) *big.Int {
	f := New().Set(x)
	v, _ := f.SetMantExp(f, grid).Int(nil)
	return v
}

// Add returns a + b.
func Add(a, b *big.Float) *big.Float { return New().Add(a, b) }

// Sub returns a - b.
func Sub(a, b *big.Float) *big.Float { return New().Sub(a, b) }

// Mul returns a * b.
func Mul(a, b *big.Float) *big.Float { return New().Mul(a, b) }

// Quo returns a / b; b must not be zero.
func Quo(a, b *big.Float) *big.Float { return New().Quo(a, b) }

// Sqrt returns the square root of a, which must not be negative.
func Sqrt(a *big.Float) *big.Float { return New().Sqrt(a) }

// Pow2 returns 2^e.
func Pow2(e int) *big.Float { return New().SetMantExp(Int(1), e) }

// Float64 returns the nearest float64.
func Float64(a *big.Float) float64 {
	f, _ := a.Float64()
	return f
}

// Dot returns the inner product of a and b, which must be as long.
func Dot(a, b []*big.Float) *big.Float {
	total := New()
	for i := range a {
		total.Add(total, Mul(a[i], b[i]))
	}
	return total
}

// Float64s rounds each to the nearest float64.
func Float64s(a []*big.Float) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = Float64(a[i])
	}
	return out
}
