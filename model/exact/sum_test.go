package exact

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// onGrid is the specification of Add: v * 2^grid, rounded half to
// even, in math/big.
func onGrid(v float64, grid int) *big.Int {
	f := new(big.Float).SetPrec(400).SetFloat64(v)
	f.SetMantExp(f, grid)
	floor, _ := f.Int(nil)
	if f.Sign() < 0 && new(big.Float).SetInt(floor).Cmp(f) != 0 {
		floor.Sub(floor, big.NewInt(1))
	}
	rest := new(big.Float).SetPrec(400).Sub(f, new(big.Float).SetPrec(400).SetInt(floor))
	switch rest.Cmp(big.NewFloat(0.5)) {
	case 1:
		floor.Add(floor, big.NewInt(1))
	case 0:
		if floor.Bit(0) == 1 {
			floor.Add(floor, big.NewInt(1))
		}
	}
	return floor
}

func TestSumEqualsBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a Sum
		want := new(big.Int)
		grid := rapid.IntRange(0, 80).Draw(t, "grid")
		for range rapid.IntRange(1, 30).Draw(t, "n") {
			v := rapid.Float64Range(-1<<22, 1<<22).Draw(t, "v")
			if rapid.Bool().Draw(t, "small") {
				v = math.Ldexp(v, -rapid.IntRange(0, 130).Draw(t, "shift"))
			}
			a.Add(v, grid)
			want.Add(want, onGrid(v, grid))
		}
		if got := a.Int(); got.Cmp(want) != 0 {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestSumEdges(t *testing.T) {
	for _, v := range []float64{0, 1, -1, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.25, 0.75, 1e-300, -1e-300, 0x1p-81, 0x1.8p-80,
		math.SmallestNonzeroFloat64, 0x1p22, -0x1p22, 0x1.fffffffffffffp21, math.Copysign(0, -1)} {
		for _, grid := range []int{0, 1, 30, 52, 53, 64, 79, 80} {
			var a Sum
			a.Add(v, grid)
			if got, want := a.Int(), onGrid(v, grid); got.Cmp(want) != 0 {
				t.Errorf("%g on 2^-%d: got %v, want %v", v, grid, got, want)
			}
		}
	}
}

// TestSumHoldsMaxRows: 2^RowBits contributions at their bound neither
// overflow 128 bits nor pass the declared bits.
func TestSumHoldsMaxRows(t *testing.T) {
	var a, b Sum
	largest := 0x1.fffffffffffffp-1 // just below the bound 2^0
	for range 1 << 10 {
		a.Add(largest, GridBits)
		b.Add(-largest, GridBits)
	}
	for _, v := range []*big.Int{a.Int(), b.Int()} {
		v.Mul(v, big.NewInt(1<<RowBits>>10))
		if v.BitLen() > SumBits {
			t.Errorf("needs %d bits, declared %d", v.BitLen(), SumBits)
		}
	}
}

func TestSumOfWholeNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a Sum
		want := new(big.Int)
		for _, n := range rapid.SliceOf(rapid.Int64()).Draw(t, "n") {
			a.AddInt(n)
			want.Add(want, big.NewInt(n))
		}
		if got := a.Int(); got.Cmp(want) != 0 {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	var a Sum
	v := 0.7
	for b.Loop() {
		a.Add(v, 80)
		v = -v
	}
}
