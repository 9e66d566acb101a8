package mp

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/smartstart-federation/smartstart/model/exact"
)

// squares is X'X of random whole numbers, n columns wide: positive definite, or
// with dependent columns positive semidefinite.
func squares(t *rapid.T, n int, dependent bool) Symmetric {
	rows := make([][]int64, n+3)
	for i := range rows {
		for range n {
			rows[i] = append(rows[i], rapid.Int64Range(-9, 9).Draw(t, "x"))
		}
		if dependent {
			rows[i][n-1] = rows[i][0] + rows[i][n/2]
		}
	}
	a := make(Symmetric, n)
	for i := range a {
		for j := range i + 1 {
			v := int64(0)
			for _, x := range rows {
				v += x[i] * x[j]
			}
			a[i] = append(a[i], Int(v))
		}
	}
	return a
}

func near(a, b *big.Float) bool {
	gap := New().Abs(Sub(a, b))
	return gap.Cmp(Mul(Pow2(-100), Add(Int(1), New().Abs(b)))) <= 0
}

func (a Symmetric) at(i, j int) *big.Float { return a[max(i, j)][min(i, j)] }

// TestSolve: what Solve and Inverse return is a solution and an inverse, and
// Quadratic of it and Trace say so too.
func TestSolve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "n")
		a := squares(t, n, false)
		c, row := Factorise(a, Pow2(-44))
		if row >= 0 {
			t.Skip("dependent by chance")
		}
		b := make([]*big.Float, n)
		for i := range b {
			b[i] = Int(rapid.Int64Range(-99, 99).Draw(t, "b"))
		}
		x := c.Solve(b)
		for i := range n {
			got := New()
			for j := range n {
				got.Add(got, Mul(a.at(i, j), x[j]))
			}
			if !near(got, b[i]) {
				t.Fatalf("row %d: %v, want %v", i, got, b[i])
			}
		}
		inverse := c.Inverse()
		if !near(Trace(a, inverse), Int(int64(n))) {
			t.Fatalf("trace %v of a %d by %d identity", Trace(a, inverse), n, n)
		}
		if !near(inverse.Quadratic(b), Dot(b, x)) {
			t.Fatalf("b' a^-1 b is %v and %v", inverse.Quadratic(b), Dot(b, x))
		}
	})
}

// TestFollows: the row that is made of those before it is found, with the
// weights that make it.
func TestFollows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 5).Draw(t, "n")
		a := squares(t, n, true)
		c, row := Factorise(a, Pow2(-44))
		if row < n-1 {
			t.Skip("an earlier row follows by chance")
		}
		for j, w := range c.Follows(row) {
			want := 0.0
			if j == 0 {
				want++
			}
			if j == n/2 {
				want++
			}
			// The weights are of columns of unit length.
			raw := Float64(Mul(w, Quo(Sqrt(a[row][row]), Sqrt(a[j][j]))))
			if math.Abs(raw-want) > 1e-20 {
				t.Fatalf("column %d is in the last %g times, want %g", j, raw, want)
			}
		}
	})
}

// TestFactoriseRefuses: a diagonal that is not positive fails at its row.
func TestFactoriseRefuses(t *testing.T) {
	a := Symmetric{{Int(4)}, {Int(1), Int(0)}}
	if _, row := Factorise(a, Pow2(-44)); row != 1 {
		t.Errorf("failed at %d, want 1", row)
	}
}

// TestScaled: OnGrid undoes Scaled, and Unpack gives each entry its own grid.
func TestScaled(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, grid := big.NewInt(rapid.Int64().Draw(t, "v")), rapid.IntRange(0, 90).Draw(t, "grid")
		if got := OnGrid(Scaled(v, grid), grid); got.Cmp(v) != 0 {
			t.Fatalf("got %v, want %v", got, v)
		}
	})
	values := exact.Integers([]*big.Int{big.NewInt(1), big.NewInt(2), big.NewInt(3)})
	a := Unpack(values, 2, func(i, j int) int { return i + j })
	for i, want := range [][]float64{{1}, {1, 0.75}} {
		for j := range want {
			if got := Float64(a[i][j]); got != want[j] {
				t.Errorf("entry %d %d is %g, want %g", i, j, got, want[j])
			}
		}
	}
	if Packed(2) != 3 || Packed(0) != 0 {
		t.Error("a lower triangle of 2 holds 3 numbers, of 0 none")
	}
}
