package model

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/smartstart-federation/smartstart/model/disclosure"
)

// Where rows are person-periods, several of them are one child, and what hides
// a child is other children: cells count children, and parts of sums are added
// up by child before they are compared.

// count returns of how many rows, or children, the bits of a side are; of
// children it stops at disclosure.Smallest, which is all that is asked.
func (c *cells) count(in []uint64) (n int) {
	if c.table.child == nil {
		for _, word := range in {
			n += bits.OnesCount64(word)
		}
		return n
	}
	var seen [disclosure.Smallest]int
	for k, word := range in {
		for ; word != 0; word &= word - 1 {
			child := c.table.child[c.rows[64*k+bits.TrailingZeros64(word)]]
			if slices.Contains(seen[:n], child) {
				continue
			}
			seen[n] = child
			if n++; n == disclosure.Smallest {
				return n
			}
		}
	}
	return n
}

// byChild adds up the parts of a sum that are of one child; of are the rows of
// the table that they are of.
func (c *cells) byChild(parts []float64, of []int) []float64 {
	if c.table.child == nil {
		return parts
	}
	var sums []float64
	at := map[int]int{}
	for k, i := range of {
		child := c.table.child[i]
		n, known := at[child]
		if !known {
			n, at[child] = len(sums), len(sums)
			sums = append(sums, 0)
		}
		sums[n] += parts[k]
	}
	return sums
}

// leaving looks at the children of whom one of two periods is in the sums and
// the other is not: those with the event, those who were followed no longer and
// those of whom a value is missing in one. Sums by period are opened, and the sum
// of the one less that of the other is over these children alone, in all columns
// that stay as they are. Where a product with the period is in the model, so that
// events are opened by period and column, those among them without the event are
// looked at as well. Elsewhere events are opened over all periods together, and
// sums by period less those leave, of every period, either those who left it with
// the event or those who left it without: of one or two in all, if few of either.
func (c *cells) leaving() {
	p := c.plan
	j := slices.IndexFunc(p.sources, func(s source) bool { return p.rules.isPeriod(s.name) })
	if j < 0 {
		return
	}
	levels, outcome := p.sources[j].levels, p.outcome.factors[0].source
	product := slices.ContainsFunc(p.terms, func(t term) bool {
		return len(t.factors) > 1 && slices.ContainsFunc(t.factors, func(f factor) bool { return f.source == j })
	})
	rows := map[int][]int{} // by child: of each period, the index in c.rows plus 1
	for k, i := range c.rows {
		child := c.table.child[i]
		if rows[child] == nil {
			rows[child] = make([]int, len(levels))
		}
		rows[child][int(c.columns[j].Values[i])] = k + 1
	}
	words := (len(c.rows) + 63) / 64
	sides := append([]side{{"", nil}}, c.sidesBeside(j, outcome)...)
	few := func(set []uint64, s side, both []uint64) int {
		if s.bits == nil {
			return c.count(set)
		}
		for w := range set {
			both[w] = set[w] & s.bits[w]
		}
		return c.count(both)
	}
	both := make([]uint64, words)
	look := func(what string, set []uint64) {
		for _, s := range sides {
			if n := few(set, s, both); n > 0 && n < disclosure.Smallest {
				c.report(what + s.name)
				if s.bits == nil {
					return
				}
			}
		}
	}
	left := make([][2][]uint64, len(levels)) // by last period: without and with the event
	for l := range left {
		left[l] = [2][]uint64{make([]uint64, words), make([]uint64, words)}
	}
	back := false // a child is in no sum of a period, and in one after it again
	for _, at := range rows {
		last, gap := -1, false
		for l, k := range at {
			if k == 0 {
				gap = last >= 0
				continue
			}
			back, last = back || gap, l
		}
		k := at[last] - 1
		left[last][int(c.columns[outcome].Values[c.rows[k]])][k/64] |= 1 << (k % 64)
	}
	for l := range len(levels) - 1 {
		for m := l + 1; m < len(levels) && (m == l+1 || back); m++ {
			all, without := make([]uint64, words), make([]uint64, words)
			for _, at := range rows {
				if (at[l] == 0) == (at[m] == 0) {
					continue
				}
				k := max(at[l], at[m]) - 1
				all[k/64] |= 1 << (k % 64)
				if c.columns[outcome].Values[c.rows[k]] == 0 {
					without[k/64] |= 1 << (k % 64)
				}
			}
			what := fmt.Sprintf("the children in one of the periods %s and %s only", levels[l], levels[m])
			look(what, all)
			if product {
				look(what+", without the event", without)
			}
		}
	}
	for _, s := range sides {
		rest := 0
		for l := range left {
			rest += min(few(left[l][0], s, both), few(left[l][1], s, both))
		}
		if rest > 0 && rest < disclosure.Smallest {
			c.report("the children of the first period less those with the event" + s.name)
		}
	}
}

// sidesBeside are the sides of every column but two, and those that the columns
// of a product make together, with the words "with" before their names.
func (c *cells) sidesBeside(period, outcome int) (sides []side) {
	sets := [][]int{}
	for _, id := range c.order {
		sets = append(sets, []int{id})
	}
	for _, t := range c.plan.terms {
		var set []int
		for _, f := range t.factors {
			if c.groups[f.source] != nil && f.form != asGap && !slices.Contains(set, f.source) {
				set = append(set, f.source)
			}
		}
		slices.Sort(set)
		if len(set) > 1 && !slices.ContainsFunc(sets, func(o []int) bool { return slices.Equal(o, set) }) {
			sets = append(sets, set)
		}
	}
	for _, set := range sets {
		if slices.Contains(set, period) || slices.Contains(set, outcome) {
			continue
		}
		made := []side{{}}
		for _, id := range set {
			var next []side
			for _, m := range made {
				for _, s := range c.groups[id] {
					one := side{m.name + " with " + s.name, slices.Clone(s.bits)}
					for w := range m.bits {
						one.bits[w] &= m.bits[w]
					}
					next = append(next, one)
				}
			}
			made = next
		}
		sides = append(sides, made...)
	}
	return sides
}
