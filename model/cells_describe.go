package model

import (
	"fmt"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/disclosure"
)

// describedCells names what in a table that describes would tell of one or two
// rows of an institution although it merges the cells of its columns. Its sums
// are by slot (all rows, or a level of the group), and within each
//
//   - a number may be the same for all rows but one or two, or owe them nearly all
//     that varies: "this child ? its value : 0" has a mean that is this value;
//   - two sides of columns may hold each other but for one or two rows: of
//     "score < 100" and "score < 101", the two counts tell how many lie between.
func (p *Plan) describedCells(v *view) []string {
	var found []string
	rows := make([][]int, p.slots())
	for i, slot := range p.base(v) {
		if slot >= 0 {
			rows[slot] = append(rows[slot], i)
		}
	}
	for _, in := range rows {
		c := &cells{view: v, rows: in, groups: map[int][]side{}, found: found}
		for _, j := range p.described {
			c.source(j)
			if kind := p.sources[j].kind; kind == configs.Number || kind == configs.Integer {
				present := 0
				for _, s := range c.groups[j] {
					present += c.count(s.bits)
				}
				if present >= disclosure.Smallest { // fewer are told by nobody, see shed
					c.cross([]int{j}, nil, nil)
				}
			}
		}
		c.within()
		found = c.found
	}
	return found
}

// within reports sides of two columns of which one holds the other and one or two
// rows more. A side of fewer than three is told by nobody, see shed.
func (c *cells) within() {
	type counted struct {
		side
		group, rows int
	}
	var all []counted
	for _, id := range c.order {
		for _, s := range c.groups[id] {
			all = append(all, counted{s, id, c.count(s.bits)})
		}
	}
	for a, one := range all {
		for _, other := range all[:a] {
			small, large := one, other
			if small.rows > large.rows {
				small, large = other, one
			}
			more := large.rows - small.rows
			if one.group == other.group || more == 0 || more >= disclosure.Smallest || small.rows < disclosure.Smallest {
				continue
			}
			holds := true
			for w := range small.bits {
				holds = holds && small.bits[w]&^large.bits[w] == 0
			}
			if holds {
				c.report(fmt.Sprintf("%s without %s", large.name, small.name))
			}
		}
	}
}
