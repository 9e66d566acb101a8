package family

import (
	"math"

	"github.com/smartstart-federation/smartstart/model/elementary"
)

// MostMean bounds the mean of a count: 2^MostMean, beyond any count.
const MostMean = 40

// Bernoulli returns, for an outcome y of 0 or 1 and a linear predictor eta,
// -2 log p(y), y - p and p(1-p), without cancellation in either tail.
func Bernoulli(y, eta float64) (deviance, residual, weight float64) {
	q := elementary.ExpNegative(-math.Abs(eta))
	agree := eta // positive when eta points to y
	if y == 0 {
		agree = -eta
	}
	deviance = float64(2 * elementary.Log1pUnit(q))
	wrong := 1 / (1 + q) // probability of the other outcome
	if agree >= 0 {
		wrong = q / (1 + q)
	} else {
		deviance -= float64(2 * agree)
	}
	if y == 0 {
		wrong = -wrong
	}
	return deviance, wrong, q / float64((1+q)*(1+q))
}

// Poisson returns, for a count y, 2 (y log(y/mu) - (y - mu)), y - mu and mu
// with mu = e^eta (McCullagh and Nelder, 1989, table 2.1). eta is held within
// what the sums can hold.
func Poisson(y, eta float64) (deviance, residual, weight float64) {
	eta = math.Max(-700, math.Min(MostMean*elementary.Ln2High, eta))
	mu := elementary.Exp(eta)
	residual = y - mu
	return float64(2 * (YLogY(y) - float64(y*eta) - residual)), residual, mu
}

// YLogY returns y log y, 0 at 0.
func YLogY(y float64) float64 {
	if y == 0 {
		return 0
	}
	return float64(y * elementary.LogPositive(y))
}

// LogFactorial returns log(y!) for a whole y >= 0: the logarithms themselves
// up to 255, and from there Stirling's series, whose next term is below 1e-15
// (Abramowitz and Stegun, 6.1.41).
func LogFactorial(y float64) float64 {
	if y < 256 {
		total := 0.0
		for i := 2.0; i <= y; i++ {
			total += elementary.LogPositive(i)
		}
		return total
	}
	const halfLogTwoPi = 0.91893853320467274178
	n := y + 1
	series := 1/float64(12*n) - 1/float64(360*float64(n*float64(n*n)))
	return float64((n-0.5)*elementary.LogPositive(n)) - n + halfLogTwoPi + series
}
