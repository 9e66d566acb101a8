package cmd

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// tryMadeUp follows a method on rows that are made up from the codebook alone,
// and says what it was tried on. Rounds and sizes hardly depend on the values;
// where made-up rows do not reach the end, only the first round is known.
func tryMadeUp(m *node.Method, institutions []string, share float64) (*trial, string, error) {
	least := 1200
	for _, name := range m.Plan.Columns() {
		if c, ok := m.Codebook.Column(name); ok {
			least = max(least, 80*len(c.Levels))
		}
	}
	for _, try := range []struct {
		rows int
		flat bool
	}{{least, false}, {8 * least, false}, {8 * least, true}} { // rare combinations need more; rules about the ends of a range, rows there
		tables, err := madeUp(m, institutions, try.rows, share, try.flat)
		if err != nil {
			continue // a derived value outside its range, say
		}
		t, err := tryOn(m, tables)
		if err != nil {
			continue
		}
		if _, err := m.Plan.Result(t.state); err == nil {
			return t, fromMadeUp, nil
		}
	}
	state, err := m.Start()
	if err != nil {
		return nil, "", err
	}
	t := &trial{state: state}
	shape, _, err := m.Shape(state)
	t.shapes = append(t.shapes, shape)
	return t, fromFirst, err
}

// madeUp makes prepared tables of rows rows in all, whose numbers crowd round the
// middle of their range or, flat, lie anywhere in it. The same study gets the
// same ones again.
func madeUp(m *node.Method, institutions []string, rows int, share float64, flat bool) ([]*model.Table, error) {
	r := rand.New(rand.NewPCG(1, 2)) // nothing secret: rows that nobody has
	var tables []*model.Table
	for _, institution := range institutions {
		d := &dice{Rand: r, flat: flat, score: make([]float64, rows/len(institutions)+1)}
		var columns []model.Column
		var outcome *configs.Column
		for _, name := range m.Plan.Columns() {
			c, ok := m.Codebook.Column(name)
			if !ok {
				return nil, fmt.Errorf("the codebook lacks the column %q", name)
			}
			if name == m.Plan.Outcome() {
				outcome = c // last, because it follows from the others
				continue
			}
			if c.Kind != configs.Text {
				columns = append(columns, d.column(c, institution))
			}
		}
		for _, t := range m.Plan.Texts() { // what the reader makes of notes
			c := t.Describe()
			if c.Name == m.Plan.Outcome() {
				outcome = &c
				continue
			}
			columns = append(columns, d.column(&c, institution))
		}
		if outcome != nil {
			columns = append(columns, d.outcome(outcome, m.Plan.Kind(), share))
		}
		t, err := model.NewTable(columns)
		if err != nil {
			return nil, err
		}
		t.Institution = institution
		if t, _, err = m.Plan.Prepare(t); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	return tables, nil
}

// dice draws the columns of one institution.
type dice struct {
	*rand.Rand
	flat  bool
	score []float64 // of each row: what its numbers say of the outcome
}

// gaps is the share of cells that are left empty.
const gaps = 0.02

func (d *dice) column(c *configs.Column, institution string) model.Column {
	out := model.Column{Name: c.Name, Kind: c.Kind, Levels: c.Levels, Values: make([]float64, len(d.score)), Missing: make([]bool, len(d.score))}
	var own []int // of a site: which are this institution's
	if c.Kind == configs.Site {
		out.Levels, own = sitesOf(c, institution)
	}
	low, high := c.Range()
	for i := range out.Values {
		v := &out.Values[i]
		switch c.Kind {
		case configs.YesNo:
			if d.Float64() < 0.3 {
				*v = 1
			}
		case configs.Category:
			*v = float64(d.IntN(len(c.Levels)))
		case configs.Site:
			if len(own) == 0 {
				out.Missing[i] = true
				continue
			}
			*v = float64(own[i%len(own)])
			continue
		default:
			z := 0.0
			if d.flat {
				z = 8 * (d.Float64() - 0.5)
			} else {
				z = d.NormFloat64()
			}
			*v = within(c, (low+high)/2+z*(high-low)/8)
			d.score[i] += 0.4 * z
		}
		if d.Float64() < gaps {
			*v, out.Missing[i] = 0, true
		}
	}
	return out
}

// sitesOf returns the levels of a column of sites and which of them lie at an
// institution; without a list in the codebook, ten of its own.
func sitesOf(c *configs.Column, institution string) (levels []string, own []int) {
	if levels = c.SiteNames(); len(levels) == 0 {
		for i := range 10 {
			levels, own = append(levels, fmt.Sprintf("%s-%d", institution, i+1)), append(own, i)
		}
		return levels, own
	}
	at := map[string]bool{}
	for _, site := range c.Sites[institution] {
		at[site] = true
	}
	for i, site := range levels {
		if at[site] {
			own = append(own, i)
		}
	}
	return levels, own
}

func (d *dice) outcome(c *configs.Column, kind string, share float64) model.Column {
	out := model.Column{Name: c.Name, Kind: c.Kind, Levels: c.Levels, Values: make([]float64, len(d.score)), Missing: make([]bool, len(d.score))}
	low, high := c.Range()
	for i, score := range d.score {
		v := &out.Values[i]
		switch {
		case kind == configs.KindPoisson:
			*v = within(c, low+d.count(share*math.Exp(0.3*math.Max(-3, math.Min(3, score)))))
		case c.Kind == configs.YesNo:
			if d.Float64() < 1/(1+(1-share)/share*math.Exp(-score)) {
				*v = 1
			}
		default:
			*v = within(c, (low+high)/2+(score+d.NormFloat64())*(high-low)/16)
		}
	}
	return out
}

// count draws from a Poisson distribution with a small mean (Knuth).
func (d *dice) count(mean float64) (n float64) {
	for p := d.Float64(); p > math.Exp(-mean) && n < 1e4; n++ {
		p *= d.Float64()
	}
	return n
}

// within holds a value to a column's kind and range.
func within(c *configs.Column, v float64) float64 {
	low, high := c.Range()
	if c.Kind == configs.Integer || c.Kind == configs.YesNo {
		v = math.Round(v)
	}
	return math.Max(low, math.Min(high, v))
}
