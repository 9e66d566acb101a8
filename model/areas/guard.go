package areas

// Step is the multiple to which an institution rounds every count before it is
// encrypted. The sum over institutions is exact in those rounded numbers.
const Step = 5

// reach is the most by which rounding moves a count of one institution, and
// stepVariance the variance of that error where all remainders are as likely:
// (Step^2 - 1) / 12.
const (
	reach        = Step / 2
	stepVariance = (Step*Step - 1) / 12.0
)

// Round returns the nearest multiple of Step.
func Round(n int64) int64 { return (n + reach) / Step * Step }

// Cell is how many children of an area an institution has with a value in an
// indicator, and how many of them are a yes.
type Cell struct{ Count, Children int64 }

func (c Cell) plus(d Cell) Cell { return Cell{c.Count + d.Count, c.Children + d.Children} }

// Guard is the rule by which an institution merges cells. Tests switch
// parts of it off to show that each is needed.
type Guard struct {
	Least int64 // fewest children with a yes, and fewest without

	openComplement bool // cells in which nearly everybody has a yes stay (see OfYes)
	openRest       bool // a rest that is itself small stays
	openCounts     bool // counts are not rounded
}

// OfYes is the rule where only those with a yes are told: how many are without
// does not follow from it.
func (g Guard) OfYes() Guard {
	g.openComplement = true
	return g
}

// small says that a cell would tell of a few children: those with a yes, or
// those without, whose number follows from the other two.
func (g Guard) small(c Cell) bool {
	return c.Count < g.Least || !g.openComplement && c.Children-c.Count < g.Least
}

// Merge returns what one institution tells of one indicator: its cell for each
// area, and last the rest, which holds the cells that were too small to be told
// apart, added together. A rest that is small itself takes in the smallest cell
// that is left, until it is not; so whoever knows the institution's total cannot
// subtract the other cells and find a small one. Where even everything together
// is small, nothing is told. merged is how many areas with children went into
// the rest. Counts are rounded to Step.
//
// A cell without a yes is small too: "none here" and "one to Least-1 here" look
// the same.
func (g Guard) Merge(cells []Cell) (told []Cell, merged int) {
	told = make([]Cell, len(cells)+1)
	rest := &told[len(cells)]
	take := func(i int) {
		*rest = rest.plus(told[i])
		told[i] = Cell{}
		merged++
	}
	for i, c := range cells {
		told[i] = c
		if c.Children > 0 && g.small(c) {
			take(i)
		}
	}
	for rest.Children > 0 && g.small(*rest) && !g.openRest {
		least := -1
		for i, c := range told[:len(cells)] {
			if c.Children > 0 && (least < 0 || c.Count < told[least].Count) {
				least = i
			}
		}
		if least < 0 {
			*rest = Cell{}
			break
		}
		take(least)
	}
	for i, c := range told {
		if !g.openCounts {
			told[i] = Cell{Round(c.Count), Round(c.Children)}
		}
	}
	return told, merged
}
