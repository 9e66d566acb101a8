package model

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// calibration is a logistic regression of the outcome on a model's linear
// predictor, intercept first (Cox, Biometrika 45, 1958): 0 and 1 are right.
type calibration struct {
	Trial    []float64     `json:"trial"`
	Point    []float64     `json:"point,omitempty"` // the last that was accepted
	Deviance exact.Integer `json:"deviance"`        // at Point
	Halvings int           `json:"halvings"`
	Estimate []float64     `json:"estimate,omitempty"`
	Failed   bool          `json:"failed,omitempty"` // there is no finite estimate, or the rounds are used up
}

const (
	calibrationNumbers = 6
	// At a squared decrement of 2^-20 the last step is a thousandth of a standard
	// error, and what it leaves about the square of that.
	calibratedAt = -20
	// mostSteps bounds the rounds of an evaluation. A calibration begins near its
	// end and needs three to five.
	mostSteps = 10
)

func newCalibration() *calibration {
	return &calibration{Trial: []float64{0, 1}, Deviance: exact.Integer{V: new(big.Int)}}
}

func (c *calibration) over() bool { return c.Estimate != nil || c.Failed }

func (c *calibration) whole() bool {
	point := len(c.Point) == 2 || c.Point == nil
	return len(c.Trial) == 2 && point && c.Deviance.V != nil && (len(c.Estimate) == 2 || c.Estimate == nil)
}

// etaBits bounds the linear predictors of a set: |eta| < 2^etaBits, below 2^29
// for every point that a fit accepts.
func (p *Plan) etaBits(s *state, j *judging) int {
	reach := 0.0
	for _, number := range p.modelsOf(s.Evaluate, j) {
		f := s.model(number)
		reach = math.Max(reach, p.reachAt(s, f, f.Estimate))
	}
	return max(0, exact.Above(reach))
}

// modelsOf lists the fits whose predictions a set holds.
func (p *Plan) modelsOf(e *evaluation, j *judging) (numbers []int) {
	if j.Number < p.together() {
		return []int{j.Number}
	}
	for _, other := range e.Sets {
		if other.Number > 0 && other.Number < p.together() {
			numbers = append(numbers, other.Number)
		}
	}
	return numbers
}

// A row's residual and weight are below 1 in size; times eta, and times eta
// squared for the last, below 2^etaBits more each time.
func calibrationGrids(eta int) [calibrationNumbers]int {
	two := eta + eta
	return [calibrationNumbers]int{devianceGrid, exact.GridBits, exact.GridBits - eta, exact.GridBits, exact.GridBits - eta, exact.GridBits - two}
}

func calibrationShape(name string) []Tensor {
	return []Tensor{{"deviance of the calibration" + name, 1, exact.SumBits}, {"gradient of the calibration" + name, 2, exact.SumBits},
		{"information of the calibration" + name, 3, exact.SumBits}}
}

func (c *calibration) local(d *scored, eta int) []exact.Sum {
	a := make([]exact.Sum, calibrationNumbers)
	g := calibrationGrids(eta)
	for i, x := range d.eta {
		deviance, residual, weight := bernoulli(d.y[i], c.Trial[0]+float64(c.Trial[1]*x))
		wx := float64(weight * x)
		for n, value := range [calibrationNumbers]float64{deviance, residual, float64(residual * x), weight, wx, float64(wx * x)} {
			a[n].Add(value, g[n])
		}
	}
	return a
}

// global takes the sums at the trial point and steps by Newton's method.
func (c *calibration) global(sums []*big.Int, eta int, rows int64, last bool) {
	if c.Point != nil {
		// As in Plan.accept: a rise that rounding explains is none.
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
	factors, row := mp.Factorise(h, mp.Pow2(singularAt))
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
