// Package scale says where the marks of an axis stand, for every picture alike.
//
// What it does: choose steps and their decimals. What it trusts: that a step is a
// number above 0. What it never does: draw.
package scale

import "math"

// Step returns the least of 1, 2 and 5 times a power of ten that is no less than
// about, which is above 0.
func Step(about float64) float64 {
	p := math.Pow(10, math.Floor(math.Log10(about)))
	for _, m := range []float64{1, 2, 5} {
		if m*p >= about*(1-1e-9) {
			return m * p
		}
	}
	return 10 * p
}

// Decimals is how many decimals marks a Step apart need.
func Decimals(step float64) int { return max(0, -int(math.Floor(math.Log10(step)+1e-9))) }
