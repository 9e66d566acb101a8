package model

import (
	"math"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/elementary"
)

// likelihood returns a row's deviance, the residual y - mu and the weight
// d mu / d eta at the linear predictor eta, with the canonical link.
func (p *Plan) likelihood(y, eta float64) (deviance, residual, weight float64) {
	if p.kind == configs.KindPoisson {
		return counted(y, eta)
	}
	return bernoulli(y, eta)
}

// bernoulli returns, for an outcome y of 0 or 1 and a linear predictor eta,
// -2 log p(y), y - p and p(1-p), without cancellation in either tail.
func bernoulli(y, eta float64) (deviance, residual, weight float64) {
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

// counted returns, for a count y, 2 (y log(y/mu) - (y - mu)), y - mu and mu
// with mu = e^eta (McCullagh and Nelder, 1989, table 2.1). eta is held within
// what the sums can hold.
func counted(y, eta float64) (deviance, residual, weight float64) {
	eta = math.Max(-700, math.Min(mostMean*elementary.Ln2High, eta))
	mu := elementary.Exp(eta)
	residual = y - mu
	return float64(2 * (yLogY(y) - float64(y*eta) - residual)), residual, mu
}

// yLogY returns y log y, 0 at 0.
func yLogY(y float64) float64 {
	if y == 0 {
		return 0
	}
	return float64(y * elementary.LogPositive(y))
}

// logFactorial returns log(y!) for a whole y >= 0: the logarithms themselves
// up to 255, and from there Stirling's series, whose next term is below 1e-15
// (Abramowitz and Stegun, 6.1.41).
func logFactorial(y float64) float64 {
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

// fitted is the mean of the outcome at eta.
func (p *Plan) fitted(eta float64) float64 {
	switch p.kind {
	case configs.KindPoisson:
		return elementary.Exp(eta)
	case configs.KindLogistic:
		return elementary.Logistic(eta)
	}
	return eta
}
