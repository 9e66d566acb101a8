package validation

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/family"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Calibration is a logistic regression of the outcome on a model's linear
// predictor, intercept first (Cox, Biometrika 45, 1958): 0 and 1 are right.
type Calibration struct {
	Trial    []float64     `json:"trial"`
	Point    []float64     `json:"point,omitempty"` // the last that was accepted
	Deviance exact.Integer `json:"deviance"`        // at Point
	Halvings int           `json:"halvings"`
	Estimate []float64     `json:"estimate,omitempty"`
	Failed   bool          `json:"failed,omitempty"` // there is no finite estimate, or the rounds are used up
}

const (
	Numbers = 6 // that a round opens of it
	// At a squared decrement of 2^-20 the last step is a thousandth of a standard
	// error, and what it leaves about the square of that.
	calibratedAt = -20
	devianceGrid = 48  // leaves a row's deviance 2^31
	singular     = -44 // a pivot below is not told from rounding
	mostHalvings = 30
)

// NewCalibration begins where predictions are right.
func NewCalibration() *Calibration {
	return &Calibration{Trial: []float64{0, 1}, Deviance: exact.Integer{V: new(big.Int)}}
}

// Over says that no round asks for it any more.
func (c *Calibration) Over() bool { return c.Estimate != nil || c.Failed }

// Whole checks what a state holds.
func (c *Calibration) Whole() bool {
	point := len(c.Point) == 2 || c.Point == nil
	return len(c.Trial) == 2 && point && c.Deviance.V != nil && (len(c.Estimate) == 2 || c.Estimate == nil)
}

// A row's residual and weight are below 1 in size; times eta, and times eta
// squared for the last, below 2^etaBits more each time.
func calibrationGrids(eta int) [Numbers]int {
	two := eta + eta
	return [Numbers]int{devianceGrid, exact.GridBits, exact.GridBits - eta, exact.GridBits, exact.GridBits - eta, exact.GridBits - two}
}

// Local gives, of an institution's rows at the trial point, deviance, gradient (2)
// and information (3).
func (c *Calibration) Local(y, etas []float64, eta int) []exact.Sum {
	a := make([]exact.Sum, Numbers)
	g := calibrationGrids(eta)
	for i, x := range etas {
		deviance, residual, weight := family.Bernoulli(y[i], c.Trial[0]+float64(c.Trial[1]*x))
		wx := float64(weight * x)
		for n, value := range [Numbers]float64{deviance, residual, float64(residual * x), weight, wx, float64(wx * x)} {
			a[n].Add(value, g[n])
		}
	}
	return a
}

// Global takes the sums of rows, with |eta| < 2^eta, at the trial point and steps by Newton's method.
func (c *Calibration) Global(sums []*big.Int, eta int, rows int64, last bool) {
	if c.Point != nil {
		// A rise that rounding explains is none.
		allowed := new(big.Int).Add(c.Deviance.V, new(big.Int).Lsh(big.NewInt(rows), devianceGrid-44))
		if sums[0].Cmp(allowed) > 0 {
			for i := range c.Trial {
				c.Trial[i] = mp.Float64(mp.Quo(mp.Add(mp.Of(c.Point[i]), mp.Of(c.Trial[i])), mp.Int(2)))
			}
			c.Halvings++
			c.Failed = last || c.Halvings > mostHalvings
			return
		}
	}
	g := calibrationGrids(eta)
	c.Point, c.Deviance = c.Trial, exact.Integer{V: sums[0]}
	h := mp.Symmetric{{mp.Scaled(sums[3], g[3])}, {mp.Scaled(sums[4], g[4]), mp.Scaled(sums[5], g[5])}}
	slope := []*big.Float{mp.Scaled(sums[1], g[1]), mp.Scaled(sums[2], g[2])}
	factors, row := mp.Factorise(h, mp.Pow2(singular))
	if row >= 0 {
		c.Failed = true
		return
	}
	step := factors.Solve(slope)
	next := make([]float64, len(step))
	for i := range step {
		next[i] = mp.Float64(mp.Add(mp.Of(c.Point[i]), step[i]))
	}
	// A row's deviance is below 2^31 on its grid: |a| + |b| |eta| below 2^29.
	reach := math.Abs(next[0]) + float64(math.Abs(next[1])*mp.Float64(mp.Pow2(eta)))
	switch {
	case mp.Dot(slope, step).Cmp(mp.Pow2(calibratedAt)) <= 0:
		c.Estimate = next
	case last || !(reach < 1<<29):
		c.Failed = true
	default:
		c.Trial = next
	}
}
