package family

import (
	"math"
	"testing"
)

func TestBernoulliTails(t *testing.T) {
	for _, eta := range []float64{-800, -40, -1, 0, 1, 40, 800} {
		for _, y := range []float64{0, 1} {
			deviance, residual, weight := Bernoulli(y, eta)
			agree := eta
			if y == 0 {
				agree = -eta
			}
			want := 2 * math.Log1p(math.Exp(-math.Abs(agree)))
			if agree < 0 {
				want -= 2 * agree
			}
			if math.Abs(deviance-want) > 1e-15*want {
				t.Errorf("deviance(%g, %g) = %g, want %g", y, eta, deviance, want)
			}
			p := 1 / (1 + math.Exp(-eta))
			if math.Abs(residual-(y-p)) > 1e-15 || weight < 0 || weight > 0.25 {
				t.Errorf("residual(%g, %g) = %g, weight %g", y, eta, residual, weight)
			}
		}
	}
	if _, r, _ := Bernoulli(1, 40); r < 4.2e-18 || r > 4.3e-18 {
		t.Errorf("1 - p at 40 is %g: cancelled", r)
	}
}
