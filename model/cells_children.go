package model

import (
	"fmt"
	"math/bits"
	"slices"
)

// Where rows are person-periods, several of them are one child, and what hides
// a child is other children: cells count children, and parts of sums are added
// up by child before they are compared.

// count returns of how many rows, or children, the bits of a side are; of
// children it stops at smallestCell, which is all that is asked.
func (c *cells) count(in []uint64) (n int) {
	if c.table.child == nil {
		for _, word := range in {
			n += bits.OnesCount64(word)
		}
		return n
	}
	var seen [smallestCell]int
	for k, word := range in {
		for ; word != 0; word &= word - 1 {
			child := c.table.child[c.rows[64*k+bits.TrailingZeros64(word)]]
			if slices.Contains(seen[:n], child) {
				continue
			}
			seen[n] = child
			if n++; n == smallestCell {
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

// leaving looks at the children of whom one of two successive periods is in
// the sums and the other is not: those with the event, those who were followed
// no longer and those of whom a value is missing in one. Sums by period are
// opened, and the sum of the one less that of the other is over these children
// alone, in all columns that stay as they are. Where a product with the period
// is in the model, so that events are opened by period and column, those among
// them without the event are looked at as well.
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
	look := func(what string, set []uint64) {
		if n := c.count(set); n > 0 && n < smallestCell {
			c.report(what)
			return
		}
		both := make([]uint64, len(set))
		for _, id := range c.order {
			if id == j || id == outcome {
				continue
			}
			for _, s := range c.groups[id] {
				for w := range set {
					both[w] = set[w] & s.bits[w]
				}
				if n := c.count(both); n > 0 && n < smallestCell {
					c.report(what + " with " + s.name)
				}
			}
		}
	}
	for l := range len(levels) - 1 {
		all, without := make([]uint64, (len(c.rows)+63)/64), make([]uint64, (len(c.rows)+63)/64)
		for _, at := range rows {
			if (at[l] == 0) == (at[l+1] == 0) {
				continue
			}
			k := max(at[l], at[l+1]) - 1
			all[k/64] |= 1 << (k % 64)
			if c.columns[outcome].Values[c.rows[k]] == 0 {
				without[k/64] |= 1 << (k % 64)
			}
		}
		what := fmt.Sprintf("the children in one of the periods %s and %s only", levels[l], levels[l+1])
		look(what, all)
		if product {
			look(what+", without the event", without)
		}
	}
}
