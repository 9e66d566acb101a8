package crypto

import (
	"testing"

	"pgregory.net/rapid"
)

func TestBerlekampWelch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(1, MaxInstitutions).Draw(t, "points")
		deg := rapid.IntRange(1, m).Draw(t, "t")
		p := make([]uint64, deg)
		for i := range p {
			p[i] = rapid.Uint64Range(0, Q-1).Draw(t, "coefficient")
		}
		xs, ys, want := make([]uint64, m), make([]uint64, m), make([]uint64, m)
		for i := range xs {
			xs[i] = uint64(i + 1)
			want[i] = evaluate(p, xs[i])
			ys[i] = want[i]
		}
		radius := (m - deg) / 2
		for range rapid.IntRange(0, radius).Draw(t, "errors") {
			ys[rapid.IntRange(0, m-1).Draw(t, "at")] = rapid.Uint64Range(0, Q-1).Draw(t, "wrong")
		}
		got, ok := berlekampWelch(xs, ys, deg)
		if !ok {
			t.Fatal("not decoded")
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("value %d is %d, want %d", i, got[i], want[i])
			}
		}
	})
}

// TestBerlekampWelchGivesUp: beyond its radius it says so, or it finds another
// polynomial that is within the radius of what it was given; never garbage.
func TestBerlekampWelchGivesUp(t *testing.T) {
	r := testRand(6)
	xs, ys := make([]uint64, 12), make([]uint64, 12)
	for range 200 {
		for i := range xs {
			xs[i], ys[i] = uint64(i+1), r.Uint64N(Q)
		}
		if _, ok := berlekampWelch(xs, ys, 6); ok {
			t.Fatal("random values decode")
		}
	}
}

func TestLagrange(t *testing.T) {
	r := testRand(8)
	p := []uint64{r.Uint64N(Q), r.Uint64N(Q), r.Uint64N(Q), r.Uint64N(Q)}
	xs := []uint64{2, 5, 9, 64}
	var got uint64
	for j, w := range lagrange(xs, secretPoint) {
		got = addMod(got, mulMod(w, evaluate(p, xs[j])))
	}
	if want := evaluate(p, Q-1); got != want {
		t.Errorf("the value at -1 is %d, want %d", got, want)
	}
}
