package model

import (
	"fmt"
	"slices"

	"github.com/smartstart-federation/smartstart/model/disclosure"
)

// opened lists the sets of groups whose common cells the fit's sums count,
// small sets first: any two columns, and the 0/1 factors of any two terms or of
// a term with the outcome, the offset or the weights.
func (c *cells) opened() (sets [][]int) {
	var of [][]int
	add := func(sets [][]int, set []int) [][]int {
		slices.Sort(set)
		set = slices.Compact(set)
		if len(set) == 0 || slices.ContainsFunc(sets, func(s []int) bool { return slices.Equal(s, set) }) {
			return sets
		}
		return append(sets, set)
	}
	for _, id := range c.order {
		of = append(of, []int{id})
	}
	for _, t := range c.plan.terms {
		var set []int
		for _, f := range t.factors {
			id := f.source
			if f.form == asGap {
				id += len(c.plan.sources)
			}
			if c.groups[id] != nil {
				set = append(set, id)
			}
		}
		of = add(of, set)
	}
	known := map[string]bool{}
	for a := range of {
		for _, other := range of[:a+1] {
			set := slices.Concat(of[a], other)
			slices.Sort(set)
			set = slices.Compact(set)
			if key := fmt.Sprint(set); !known[key] {
				known[key] = true
				sets = append(sets, set)
			}
		}
	}
	slices.SortStableFunc(sets, func(a, b []int) int { return len(a) - len(b) })
	return sets
}

// cross counts the cells that the groups of a set make together with those
// chosen so far, and reports the small ones that no part of theirs reported.
// Levels that have no term need no look of their own, nor do sums over levels:
// cells of none or at least three add up to none or at least three.
func (c *cells) cross(set []int, chosen []choice, in []uint64) {
	rows := c.count(in)
	switch {
	case len(chosen) > 0 && rows == 0:
		return
	case len(set) == 0:
		if rows < disclosure.Smallest && !slices.ContainsFunc(c.small, func(s []choice) bool { return partOf(s, chosen) }) {
			c.small = append(c.small, slices.Clone(chosen))
			c.report(c.name(chosen))
		}
		return
	}
	both := make([]uint64, (len(c.rows)+63)/64)
	for n, s := range c.groups[set[0]] {
		copy(both, s.bits)
		for k := range in {
			both[k] &= in[k]
		}
		c.cross(set[1:], append(chosen[:len(chosen):len(chosen)], choice{set[0], n}), both)
	}
}

func partOf(part, whole []choice) bool {
	return !slices.ContainsFunc(part, func(x choice) bool { return !slices.Contains(whole, x) })
}

func (c *cells) name(chosen []choice) (name string) {
	for k, x := range chosen {
		if k > 0 {
			name += " with "
		}
		name += c.groups[x.group][x.side].name
	}
	return name
}

// weigh asks whether few rows count for all, or one or two for a side.
func (c *cells) weigh() {
	if c.plan.weights < 0 || len(c.rows) == 0 {
		return
	}
	name := c.plan.sources[c.plan.weights].name
	most, sum, squares := 0.0, 0.0, 0.0
	for _, i := range c.rows {
		most = max(most, c.weight(i))
	}
	shares := make([]float64, len(c.rows))
	for k, i := range c.rows {
		shares[k] = c.weight(i) / most
	}
	for _, w := range c.byChild(shares, c.rows) {
		sum, squares = sum+w, squares+float64(w*w)
	}
	least := min(c.plan.study.Privacy.MinRows, fewestWeighing)
	if float64(sum*sum) < float64(float64(least)*squares) {
		c.report(fmt.Sprintf("the weights %q, by which few rows count for all", name))
		return
	}
	for _, id := range c.order {
		for _, s := range c.groups[id] {
			var weights []float64
			var of []int
			for k, i := range c.rows {
				if s.bits[k/64]>>(k%64)&1 == 1 {
					weights, of = append(weights, c.weight(i)), append(of, i)
				}
			}
			if weights = c.byChild(weights, of); len(weights) >= disclosure.Smallest && twoAreAll(weights) {
				c.report(fmt.Sprintf("the weights %q, by which one or two rows count for all with %s", name, s.name))
			}
		}
	}
}
