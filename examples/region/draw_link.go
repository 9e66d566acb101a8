package region

import (
	"math"

	"github.com/smartstart-federation/smartstart/model/elementary"
)

// draw draws the value of a link, and whether it is missing, into the lists.
// Whatever comes out, it takes as many numbers from the stream.
func (d *drawn) draw(s *stream, x []float64, missing []bool, at int, shift float64) {
	if d.Draw != Given {
		x[at] = d.value(s, d.eta.of(x)+shift)
	}
	missing[at] = d.gap != nil && s.chance(d.gap.logistic(x))
}

// value turns a linear predictor into a value as it is recorded.
func (d *drawn) value(s *stream, eta float64) float64 {
	switch d.Draw {
	case Normal:
		v := eta + float64(d.Noise*s.normal())
		if d.Column == "" {
			return v // a latent: nothing rounds it
		}
		return math.Max(d.Min, math.Min(d.Max, math.Round(float64(v*d.factor))/d.factor))
	case Count:
		return float64(s.poisson(elementary.Exp(math.Min(eta, 6)), int(d.Max)))
	case Bernoulli:
		return one(s.chance(elementary.Logistic(eta)))
	case Ordered:
		v, level := eta+float64(d.Noise*s.normal()), 0
		for _, cut := range d.Cuts {
			if v > cut {
				level++
			}
		}
		return float64(level)
	}
	return 0
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// OddColumn is a column of test results that planted anomalies change: to
// Centre plus or minus 1 to 2 times Spread.
type OddColumn struct {
	Column string  `json:"column"`
	Centre float64 `json:"centre"`
	Spread float64 `json:"spread"`
}

// OddColumns are the columns in which anomalies are planted: each value occurs,
// the combination does not. Two of the four go up and two go down.
func OddColumns() []OddColumn {
	return []OddColumn{{"language_5", 51, 11}, {"vocabulary_5", 51, 10}, {"arithmetic_5", 49, 10}, {"attention_5", 47, 11}}
}

type oddColumn struct {
	at             int
	centre, spread float64
}

// makeOdd writes an implausible combination over the test results.
func (p *plan) makeOdd(s *stream, x []float64, missing []bool) {
	pattern := pick(s, [][4]float64{{1, 1, -1, -1}, {1, -1, 1, -1}, {1, -1, -1, 1}, {-1, 1, 1, -1}, {-1, 1, -1, 1}, {-1, -1, 1, 1}})
	for i, o := range p.odd {
		size := 1 + s.uniform()
		x[o.at] = math.Max(0, math.Min(100, math.Round(o.centre+float64(float64(pattern[i]*size)*o.spread))))
		missing[o.at] = false
	}
}
