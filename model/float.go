package model

import "math/big"

// precision of every intermediate value of Global, in bits. math/big is the
// same on every processor.
const precision = 160

func num() *big.Float { return new(big.Float).SetPrec(precision) }

func whole(n int64) *big.Float { return num().SetInt64(n) }

// exactly returns x, which must be finite.
func exactly(x float64) *big.Float { return num().SetFloat64(x) }

// scaled returns v * 2^-grid.
func scaled(v *big.Int, grid int) *big.Float {
	f := num().SetInt(v)
	return f.SetMantExp(f, -grid)
}

func sum(a, b *big.Float) *big.Float  { return num().Add(a, b) }
func diff(a, b *big.Float) *big.Float { return num().Sub(a, b) }
func mul(a, b *big.Float) *big.Float  { return num().Mul(a, b) }

// quo returns a / b; b must not be zero.
func quo(a, b *big.Float) *big.Float { return num().Quo(a, b) }

// root returns the square root of a, which must not be negative.
func root(a *big.Float) *big.Float { return num().Sqrt(a) }

// power returns 2^e.
func power(e int) *big.Float { return num().SetMantExp(whole(1), e) }

// round returns the nearest float64.
func round(a *big.Float) float64 {
	f, _ := a.Float64()
	return f
}

func dot(a, b []*big.Float) *big.Float {
	total := num()
	for i := range a {
		total.Add(total, mul(a[i], b[i]))
	}
	return total
}

func rounded(a []*big.Float) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = round(a[i])
	}
	return out
}
