package model

import (
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/bins"
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
)

// Descriptives are a Table 1: for each column, and for each level of a group,
// how many values there are, mean, standard deviation, counts by level, and
// quartiles from bins. They take up to five rounds: how many rows, and of how
// many institutions; sums; squares about the mean and counts by level; coarse
// bins at the quantiles of a normal distribution of that mean and SD; and the
// bins that hold a quartile, cut finer.
//
// Rows are divided into slots: one for each level of the group, and a last one,
// the rest, for rows without a group and for all rows where there is none. An
// institution that has one or two rows in a slot moves them to the rest; one or
// two rows in the rest are left out of the table.
//
// Two things are protected. Counts, because one or two describes a child: at
// every institution each count of rows, of values and of rows without a value,
// by slot and column, is 0 or at least three. Where it would be less,
// institutions leave out values until it is not (see shed), so n and missing
// are each off by up to 2 in each slot at each institution, and n is the number
// of values that the other numbers are of. A category's levels are merged and
// bins joined to the same end (see describe_cells.go). And sums, because those
// of three rows at one institution are nearly those rows: the first round opens
// no sum, and later ones ask about a slot only if it has leastShown values and
// min_institutions institutions have some. Levels of the group that do not are
// taken together with the rest; if they do not have as many even so, nothing
// more is opened of them, and what is said of all rows is without them.
//
// Within a study slots are disjoint, and what is said of all rows is a sum of
// slots. A table without the group over the same rows is another study: its
// numbers less those of this one are those of the rows that this one left out.
const fewestBin = 4 // of a slot; with fewer, quartiles would say nothing

// described is what the rounds have opened.
type described struct {
	Rows    []int64           `json:"rows"` // by slot
	Columns []describedColumn `json:"columns"`
}

// describedColumn is one column, in the order of the study. Open slots are
// those about which anything but their number is said: see Plan.open.
type describedColumn struct {
	Present []int64          `json:"present"`          // by slot
	Able    []int64          `json:"able"`             // by slot: institutions with values
	Sum     []exact.Integer  `json:"sum,omitempty"`    // numbers: by open slot
	Square  []exact.Integer  `json:"square,omitempty"` // numbers: by open slot, about the mean of all rows in units of the range
	Cells   [][]int64        `json:"cells,omitempty"`  // categories: by open slot, each level and then merged
	Bins    []bins.Histogram `json:"bins,omitempty"`   // numbers: by open slot
}

// describing says that the study describes columns and explains none.
func (p *Plan) describing() bool { return p.kind == configs.KindDescriptives }

// describe finds the columns of a study that describes.
func (p *Plan) describe() error {
	m := &p.study.Model
	p.least = disclosure.Smallest
	for _, name := range m.Features {
		c, err := find(p.codebook, name, "features")
		if err != nil {
			return err
		}
		switch c.Kind {
		case configs.Number, configs.Integer, configs.YesNo, configs.Category:
		default:
			return fail(CodeKind, "use number, integer, yes_no and category columns", "column %q is of kind %s and is not described", name, c.Kind).about(name)
		}
		if c.Sensitivity == configs.Criminal && m.Group != "" {
			return fail(CodeOffending, "leave it out, or leave group out",
				"column %q is marked criminal in the codebook; offending is not compared between groups", name).about(name)
		}
		p.described = append(p.described, p.use(c, false))
	}
	p.group = -1
	if m.Group != "" {
		c, err := find(p.codebook, m.Group, "group")
		if err != nil {
			return err
		}
		if c.Kind != configs.Category && c.Kind != configs.YesNo {
			return fail(CodeKind, "use a category or yes_no column", "column %q is of kind %s and makes no groups", c.Name, c.Kind).about(c.Name)
		}
		p.group = p.use(c, false)
	}
	if err := p.evaluator(); err != nil {
		return err
	}
	return p.printSources()
}

// printSources makes the fingerprint of a study without a design: it binds the
// columns as it would bind those of one.
func (p *Plan) printSources() (err error) {
	for i, s := range p.sources {
		p.terms = append(p.terms, term{name: s.name, low: s.low, high: s.high, factors: []factor{{source: i, form: asItIs}}})
	}
	p.digest, err = p.fingerprint()
	p.terms = nil
	return err
}

// groups names the levels of the group; none without one.
func (p *Plan) groups() []string {
	if p.group < 0 {
		return nil
	}
	return p.sources[p.group].cells()
}

// slots is the number of slots; the last is the rest.
func (p *Plan) slots() int { return len(p.groups()) + 1 }

// cells names the levels that are counted; none of a number.
func (s *source) cells() []string {
	switch s.kind {
	case configs.Category:
		return s.levels
	case configs.YesNo:
		return []string{"no", "yes"}
	}
	return nil
}

// share says that a column's mean is the share of yes.
func (s *source) share() bool { return s.kind == configs.YesNo }

// span is where the values of a number lie.
func (s *source) span() bins.Range {
	return bins.Range{Low: s.low, High: s.high, Whole: s.kind == configs.Integer}
}

func (s *source) numeric() bool { return s.kind == configs.Number || s.kind == configs.Integer }

// leastShown is how many values a column or a group needs: twice the smallest
// cell that the study publishes.
func (p *Plan) leastShown() int64 {
	return int64(2 * max(p.study.Privacy.MinCell, disclosure.Smallest))
}

// enough says that n values at so many institutions may be summed.
func (p *Plan) enough(n, institutions int64) bool {
	return n >= p.leastShown() && institutions >= int64(p.study.Privacy.MinInstitutions)
}

// open returns the slots of a column that later rounds ask about: the levels
// of the group that are shown, and the rest with the levels that are not. The
// institutions of several slots are at least those of any one of them.
func (p *Plan) open(c *describedColumn) (slots []int) {
	last := len(c.Present) - 1
	left, able := c.Present[last], c.Able[last]
	for g, n := range c.Present[:last] {
		if p.enough(n, c.Able[g]) {
			slots = append(slots, g)
		} else {
			left, able = left+n, max(able, c.Able[g])
		}
	}
	if p.enough(left, able) {
		slots = append(slots, last)
	}
	return slots
}

// folded returns, for each slot, its place among the open ones, -1 if nothing
// more is asked of it, and how many values lie in each of the open ones.
func (p *Plan) folded(c *describedColumn) (place []int, n []int64) {
	open := p.open(c)
	n = make([]int64, len(open))
	place = make([]int, len(c.Present))
	for g := range place {
		at := slices.Index(open, g)
		if at < 0 {
			at = slices.Index(open, len(place)-1)
		}
		if place[g] = at; at >= 0 {
			n[at] += c.Present[g]
		}
	}
	return place, n
}

// counting says that the round opens how many rows there are, and no sum.
func counting(s *state) bool { return s.Phase == phaseColumns && s.Table == nil }

// ableBits holds one institution.
const ableBits = 1

// tableShape lists what the round of a phase asks for, column by column.
func (p *Plan) tableShape(s *state) (tensors []Tensor) {
	if counting(s) {
		tensors = append(tensors, Tensor{"rows", p.slots(), exact.CountBits})
	}
	for j, at := range p.described {
		src := &p.sources[at]
		ask := func(what string, n, bits int) {
			if n > 0 {
				tensors = append(tensors, Tensor{what + " of " + src.name, n, bits})
			}
		}
		switch s.Phase {
		case phaseColumns:
			if counting(s) {
				ask("present", p.slots(), exact.CountBits)
				ask("institutions", p.slots(), ableBits)
			} else if src.numeric() {
				ask("sum", len(p.open(&s.Table.Columns[j])), exact.SumBits)
			}
		case phaseSpread:
			open := len(p.open(&s.Table.Columns[j]))
			if src.numeric() {
				ask("square", open, exact.SumBits)
			} else {
				ask("cells", open*(len(src.cells())+1), exact.CountBits)
			}
		case phaseBins:
			for slot, h := range s.Table.Columns[j].Bins {
				if len(h.Edges) > 0 {
					ask("bins "+itoa(slot+1), len(h.Edges)+2, exact.CountBits)
				}
			}
		case phaseFiner:
			for slot, h := range s.Table.Columns[j].Bins {
				for _, f := range h.Finer {
					ask("pieces of bin "+itoa(slot+1)+"."+itoa(f.Bin+1), len(f.Edges)+2, exact.CountBits)
				}
			}
		}
	}
	return tensors
}
