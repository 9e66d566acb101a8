package model

import (
	"math"
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
)

// A logistic model has no finite estimate when the columns separate the
// outcome (Albert and Anderson, Biometrika 71, 1984). Three signs are used:
// a 0/1 column with an empty cell, seen exactly before the first fit; a total
// deviance below 2 log 2, which no row can then exceed, so that every row is
// classified rightly and separation is proved; and Newton steps that keep
// their length while the gain falls by 1/e each time, which is what happens
// along a direction in which the likelihood has no maximum.

// separatedGroup looks for an empty cell between a 0/1 term and the outcome. In
// a poisson model only a group without any event has no finite estimate.
func (p *Plan) separatedGroup(s *state, xy []int64, events int64) *Error {
	c := s.Counts
	n := c.Complete
	counts := p.kind == configs.KindPoisson
	empty := func(both, ones int64) bool { return both == 0 || both == ones && !counts }
	for j, t := range p.terms {
		if !t.group {
			continue
		}
		ones, both := c.Ones[j], xy[j]
		if both < 0 || both > events || !counts && (both > ones || events-both > n-ones) {
			return contradiction()
		}
		if empty(both, ones) {
			return p.emptyCell(t.name, t.column, t.level)
		}
		if len(t.factors) == 1 && t.factors[0].form != asLevel && empty(events-both, n-ones) {
			return p.emptyCell(t.name, t.column, "")
		}
	}
	for _, k := range p.contrastsOf() {
		rows, left := n, events
		for _, j := range k.terms {
			rows, left = rows-c.Ones[j], left-xy[j]
		}
		if left < 0 {
			return contradiction()
		}
		if empty(left, rows) {
			return p.emptyCell("", k.column, k.reference)
		}
	}
	return nil
}

func (p *Plan) emptyCell(name, column, level string) *Error {
	if level != "" {
		return fail(CodeSeparated, "merge the level with another, or leave the column out",
			"level \"%s\" of column %q separates the outcome: every complete row with it has the same outcome, so its effect has no finite estimate",
			level, column).about(column)
	}
	return fail(CodeSeparated, "leave the column out of the features",
		"column %q separates the outcome: one of its two groups has a single outcome, so its effect has no finite estimate", name).about(column)
}

// twoLogTwo is just below 2 log 2 on the deviance grid.
const twoLogTwo int64 = 138629 * (1 << devianceGrid) / 100000

func (p *Plan) separatedWholly(s *state, f *fit) bool {
	if p.kind != configs.KindLogistic || p.weights >= 0 || p.study.Model.Penalty.Ridge > 0 {
		return false
	}
	margin := new(big.Int).Add(f.Deviance.V, big.NewInt(s.Counts.Complete))
	return margin.Cmp(big.NewInt(twoLogTwo)) < 0
}

// runaway says that the last four steps from full Hessians kept their length
// while the decrement fell geometrically, by about 1/e, and the deviance had
// nothing left to gain.
func (f *fit) runaway() bool {
	return len(f.Decrements) >= 4 && f.Decrements[len(f.Decrements)-4] < 0.0625 && f.geometric(3)
}

// drifting is the weaker sign that is used once the rounds are over.
func (f *fit) drifting() bool { return f.geometric(2) }

func (f *fit) geometric(steps int) bool {
	n := len(f.Decrements)
	if n < steps+1 {
		return false
	}
	for i := n - steps; i < n; i++ {
		gain := f.Decrements[i] / f.Decrements[i-1]
		length := f.Strides[i] / f.Strides[i-1]
		if !(gain > 0.2 && gain < 0.6 && length > 0.6) {
			return false
		}
	}
	return true
}

// separated names the parameters that run away; direction is by parameter of
// the fit, the intercept first if it has one.
func (p *Plan) separated(f *fit, direction []float64, how string) *Error {
	names := p.movers(f, direction)
	return fail(CodeSeparated, "leave out the columns named, or ask more institutions",
		"the outcome is %s separated by %s: the rows with and without it do not overlap, so there is no finite estimate", how, list(names)).about(names...)
}

// movers names the terms with at least a quarter of the largest standardised
// value, largest first; ties in the order of the study.
func (p *Plan) movers(f *fit, values []float64) []string {
	size := func(i int) float64 {
		if f.Params[i] == 0 {
			return 0 // the intercept explains nothing
		}
		return math.Abs(values[i])
	}
	largest := 0.0
	for i := range values {
		largest = max(largest, size(i))
	}
	var order []int
	for i := range values {
		if f.Params[i] > 0 && size(i) >= largest/4 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := size(a), size(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	names := make([]string, len(order))
	for i, j := range order {
		names[i] = p.terms[f.Params[j]-1].name
	}
	return names
}
