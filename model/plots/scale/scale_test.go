package scale

import (
	"math"
	"testing"
)

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		about, step float64
		decimals    int
	}{
		{1, 1, 0}, {1.01, 2, 0}, {2, 2, 0}, {4.6, 5, 0}, {5.1, 10, 0}, {0.3, 0.5, 1}, {0.1, 0.1, 1}, {0.011, 0.02, 2}, {70, 100, 0}, {0.0051, 0.01, 2},
	} {
		step := Step(c.about)
		if math.Abs(step-c.step) > 1e-12*c.step {
			t.Errorf("about %v: a step of %v, want %v", c.about, step, c.step)
		}
		if d := Decimals(step); d != c.decimals {
			t.Errorf("a step of %v has %d decimals, want %d", step, d, c.decimals)
		}
	}
}
