package plots

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// With r = qpois(p, E) in R 4.2.2: (r - (ppois(r, E) - p) / dpois(r, E)) / E,
// or 0 where that is negative.
func TestPoissonLimit(t *testing.T) {
	for _, c := range []struct {
		expected float64
		want     [4]float64 // at 0.1%, 2.5%, 97.5% and 99.9%
	}{
		{0.5, [4]float64{0, 0, 3.720051822922, 6.951717961801}},
		{3, [4]float64{0, 0, 2.131280054953, 3.042168314883}},
		{10, [4]float64{0.122052931590, 0.377518794769, 1.615995067334, 2.066200083599}},
		{97.5, [4]float64{0.697026517492, 0.801286550106, 1.198208296610, 1.322104995769}},
		{590, [4]float64{0.874368920646, 0.919259842454, 1.080651091774, 1.128760303419}},
	} {
		for i, p := range []float64{0.001, 0.025, 0.975, 0.999} {
			if got := poissonLimit(c.expected, p); math.Abs(got-c.want[i]) > 1e-9 {
				t.Errorf("expected %g, p %g: %.12f, want %.12f", c.expected, p, got, c.want[i])
			}
		}
	}
}

// A funnel's limits enclose 1 and each other, whatever is expected.
func TestPoissonLimitsNest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		expected := rapid.Float64Range(0.05, 1e5).Draw(t, "expected")
		at := func(p float64) float64 { return poissonLimit(expected, p) }
		if a, b, c, d := at(0.001), at(0.025), at(0.975), at(0.999); !(0 <= a && a <= b && b < 1 && 1 < c && c < d) {
			t.Fatalf("limits %g, %g, %g, %g", a, b, c, d)
		}
	})
}
