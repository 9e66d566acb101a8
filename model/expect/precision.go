// Package expect says before a study what it can be expected to find: how
// precise it will be, what effect it can see, and how many rows, events and
// sites would be enough. Everything is a textbook approximation, named with its
// source. Nothing in it reads records or enters a sum.
package expect

import (
	"math"

	"github.com/smartstart-federation/smartstart/configs"
)

// The test that all powers and effects are for: two-sided, by the normal
// distribution.
const (
	Alpha = 0.05
	Power = 0.8
)

// Design is what is expected of a regression before it is fitted.
type Design struct {
	Kind   string  // linear, logistic, poisson or mixed
	Rows   float64 // with everything that the model needs, all institutions together
	Mean   float64 // logistic: share of rows with the outcome; poisson: the mean count; else unused
	Shared float64 // share of a predictor's variance that the other predictors explain (R squared), below 1
}

// information is what one row says of the slope of a predictor with SD 1 that
// nothing else explains, near no effect: p(1-p), the mean count, or 1 where the
// outcome is measured in SDs.
func (d Design) information() float64 {
	switch d.Kind {
	case configs.KindLogistic:
		return d.Mean * (1 - d.Mean)
	case configs.KindPoisson:
		return d.Mean
	}
	return 1
}

// StdError returns the standard error to expect of a slope for one SD of its
// predictor: of a log odds ratio, a log rate ratio, or in SDs of the outcome.
// It is the root of 1/(n I (1 - R2)), from Hsieh, Bloch and Larsen, A simple
// method of sample size calculation for linear and logistic regression,
// Statistics in Medicine 17, 1623 (1998), formulas 1 and 2; for counts with the
// information of a Poisson mean. Infinite where there is nothing to learn from.
func (d Design) StdError() float64 {
	i := d.Rows * d.information() * (1 - d.Shared)
	if !(i > 0) {
		return math.Inf(1)
	}
	return 1 / math.Sqrt(i)
}

// seen is how many standard errors an effect has to be from zero to be found
// with probability Power: 2.80.
var seen = quantile(1-Alpha/2) + quantile(Power)

// Seen returns the smallest effect that an estimate with this standard error
// shows with probability Power, on the scale of the standard error.
func Seen(stdError float64) float64 { return seen * stdError }

// RowsFor returns the rows at which an effect, on the scale of StdError, is seen
// with probability Power. It does not depend on d.Rows; infinite for no effect.
func (d Design) RowsFor(effect float64) float64 {
	d.Rows = 1
	e := d.StdError() * seen / effect
	return math.Ceil(e * e)
}

// Ratio says whether effects are read as ratios (of odds, of rates) rather than
// as differences.
func Ratio(kind string) bool {
	return kind == configs.KindLogistic || kind == configs.KindPoisson
}

// quantile is the normal distribution's.
func quantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
