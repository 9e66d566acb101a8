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

// separatedGroup looks for an empty cell between a 0/1 term and the outcome.
func (p *Plan) separatedGroup(s *state, product []*big.Float) *Error {
	c := s.Counts
	n, events := c.Complete, c.events()
	rest := map[string][2]int64{} // rows and events outside a category's reference level
	for j, t := range p.terms {
		if !t.group() {
			continue
		}
		ones := c.Ones[j]
		// sum x y = unit * sum u y + mean * events: a whole number but for the
		// rounding of the mean.
		xy := sum(mul(product[j], exactly(t.unitOf(c.Mean[j]))), mul(exactly(c.Mean[j]), whole(events)))
		both := int64(math.Round(round(xy)))
		if both < 0 || both > min(ones, events) || events-both > n-ones {
			return contradiction()
		}
		if t.kind == configs.Category {
			r := rest[t.column]
			rest[t.column] = [2]int64{r[0] + ones, r[1] + both}
		}
		if both == 0 || both == ones {
			return p.emptyCell(t, t.levels, t.level)
		}
		if t.kind == configs.YesNo && (both == events || events-both == n-ones) {
			return p.emptyCell(t, nil, 0)
		}
	}
	for _, t := range p.terms {
		if t.kind != configs.Category || t.level != 1 {
			continue
		}
		r := rest[t.column]
		if left := events - r[1]; left <= 0 || left >= n-r[0] {
			return p.emptyCell(t, t.levels, 0)
		}
	}
	return nil
}

func (p *Plan) emptyCell(t term, levels []string, level int) *Error {
	if levels != nil {
		return fail(CodeSeparated, "merge the level with another, or leave the column out",
			"level \"%s\" of column %q separates the outcome: every complete row with it has the same outcome, so its effect has no finite estimate",
			levels[level], t.column).about(t.column)
	}
	return fail(CodeSeparated, "leave the column out of the features",
		"column %q separates the outcome: one of its two groups has a single outcome, so its effect has no finite estimate", t.column).about(t.column)
}

// twoLogTwo is just below 2 log 2 on the deviance grid.
const twoLogTwo int64 = 138629 * (1 << devianceGrid) / 100000

func (p *Plan) separatedWholly(s *state) bool {
	margin := new(big.Int).Add(s.Fit.Deviance.v, big.NewInt(s.Counts.Complete))
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

func (p *Plan) separated(s *state, direction []float64, how string) *Error {
	names := p.movers(direction)
	return fail(CodeSeparated, "leave out the columns named, or ask more institutions",
		"the outcome is %s separated by %s: the rows with and without it do not overlap, so there is no finite estimate", how, list(names)).about(names...)
}

// movers names the terms with at least a quarter of the largest standardised
// value, largest first; ties in the order of the study.
func (p *Plan) movers(values []float64) []string {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(v))
	}
	var order []int
	for j, v := range values {
		if math.Abs(v) >= largest/4 {
			order = append(order, j)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := math.Abs(values[a]), math.Abs(values[b]); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	names := make([]string, len(order))
	for i, j := range order {
		names[i] = p.terms[j].name
	}
	return names
}
