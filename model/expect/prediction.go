package expect

import "math"

// The shrinkage that Riley's first criterion asks for: predictions of a new
// model lie at most a tenth too far apart.
const shrinkage = 0.9

// UsualNagelkerke is the Nagelkerke R squared that is taken where nothing is
// known of how well a model will predict: Riley et al., Calculating the sample
// size required for developing a clinical prediction model, BMJ 368, m441
// (2020).
const UsualNagelkerke = 0.15

// MostCoxSnell returns the largest Cox-Snell R squared that a model of an
// outcome with this share can have: 1 - exp(2 lnL0 / n) with lnL0 the
// likelihood of the share alone (Riley et al. 2019, equation 23).
func MostCoxSnell(share float64) float64 {
	return 1 - math.Exp(2*(share*math.Log(share)+(1-share)*math.Log(1-share)))
}

// CoxSnell returns the Cox-Snell R squared of a fitted model less the optimism
// of having fitted it: R2 times 1 + P/(n ln(1-R2)), the heuristic shrinkage of
// Riley et al. (2019), not below a hundredth of R2. The parameters are without the
// intercept.
func CoxSnell(nullDeviance, deviance, rows float64, parameters int) float64 {
	r2 := 1 - math.Exp((deviance-nullDeviance)/rows)
	if !(r2 > 0 && r2 < 1) {
		return 0
	}
	return r2 * max(0.01, 1+float64(parameters)/(rows*math.Log1p(-r2)))
}

// PredictionRows returns the rows that a logistic prediction model needs: the
// most of what three criteria ask of Riley et al., Minimum sample size for
// developing a multivariable prediction model, part II, Statistics in Medicine
// 38, 1276 (2019), as R's pmsampsize(type = "b"): shrinkage of at least 0.9, an
// apparent Nagelkerke R squared within 0.05 of the true one, and the overall
// share within 0.05. The parameters are without the intercept; coxSnell is the
// R squared to be expected, above 0 and below MostCoxSnell.
func PredictionRows(parameters int, share, coxSnell float64) float64 {
	p, most := float64(parameters), MostCoxSnell(share)
	rows := func(s float64) float64 { return math.Ceil(p / ((s - 1) * math.Log1p(-coxSnell/s))) }
	first := rows(shrinkage)
	second := rows(coxSnell / (coxSnell + 0.05*most))
	third := math.Ceil(math.Pow(1.96/0.05, 2) * share * (1 - share))
	return max(first, second, third)
}
