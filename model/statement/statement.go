// Package statement holds what somebody states about an odds ratio against what
// data say about it.
//
// A statement "the odds are times r, and I am 95% sure between low and high" is
// read as a normal distribution of the log odds ratio (Spiegelhalter, Abrams
// and Myles, Bayesian Approaches to Clinical Trials, 2004, section 5.2): mean
// log r, and the width of its 95% interval that of low to high.
package statement

import (
	"github.com/smartstart-federation/smartstart/model/elementary"
)

// Half is half the width of a 95% interval in standard deviations.
const Half = 1.959964

// Prior returns mean and standard deviation of the log odds ratio, for 0 < low
// < high and r > 0. They are the same bits on every processor.
func Prior(r, low, high float64) (mean, sd float64) {
	return elementary.LogPositive(r), (elementary.LogPositive(high) - elementary.LogPositive(low)) / (2 * Half)
}

// The verdicts of the data on a statement.
const (
	Supported    = "supported"    // the data's 95% interval lies wholly on the stated side of 0
	Contradicted = "contradicted" // wholly on the other side
	CannotTell   = "cannot_tell"  // it holds 0: the data could go either way
)

// Verdict judges a stated log odds ratio by the 95% interval of the data alone.
// Only the side counts; Size says whether the effect is as large as stated.
func Verdict(stated, low, high float64) string {
	if stated < 0 {
		low, high = -high, -low
	}
	switch {
	case low > 0:
		return Supported
	case high < 0:
		return Contradicted
	}
	return CannotTell
}

// How large a supported effect is beside what was stated.
const (
	Smaller  = "smaller"   // nearer to 0 than all that was believed
	AsStated = "as_stated" // within what was believed
	Larger   = "larger"    // farther from 0 than all that was believed
	Unclear  = "unclear"   // partly within, partly not
)

// Size compares the data's 95% interval with the interval of the belief, all
// log odds ratios, for a statement that is supported.
func Size(stated, low, high, believedLow, believedHigh float64) string {
	if stated < 0 {
		low, high, believedLow, believedHigh = -high, -low, -believedHigh, -believedLow
	}
	switch {
	case high < believedLow:
		return Smaller
	case low > believedHigh:
		return Larger
	case low >= believedLow && high <= believedHigh:
		return AsStated
	}
	return Unclear
}
