package model

import (
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
)

// term is one column of the design: a numeric column, or one level of a
// category against its first level (treatment contrasts, as in R).
type term struct {
	name      string // as R names it
	column    string
	kind      string
	levels    []string // of a category
	level     int      // which level this term stands for; 0 for other kinds
	low, high float64  // the codebook's range; 0 and 1 for a level
	place     int      // index of the column in Plan.columns
}

// group says that the term is 0 or 1 and so splits the rows in two.
func (t *term) group() bool { return t.kind == configs.YesNo || t.kind == configs.Category }

// print is what of a term enters the plan's fingerprint.
type print struct {
	Name   string   `json:"name"`
	Column string   `json:"column"`
	Kind   string   `json:"kind"`
	Levels []string `json:"levels"`
	Low    float64  `json:"low"`
	High   float64  `json:"high"`
}

func prints(terms []term) []print {
	out := make([]print, len(terms))
	for i, t := range terms {
		out[i] = print{t.name, t.column, t.kind, t.levels, t.low, t.high}
	}
	return out
}

func find(cb *configs.Codebook, name, part string) (*configs.Column, error) {
	c, ok := cb.Column(name)
	if ok {
		return c, nil
	}
	remedy := "describe it in the codebook, or leave it out of the study"
	if near := configs.Nearest(name, cb.Names()); near != "" {
		remedy = "the nearest column of the codebook is \"" + near + "\"; or describe this one there"
	}
	return nil, fail(CodeUnknownColumn, remedy, "study file: [model] %s names the column %q, which is not in the codebook", part, name).about(name)
}

func predictor(c *configs.Column) ([]term, error) {
	if c.AuditOnly {
		return nil, fail(CodeAuditOnly, "leave it out of features; it stays available for fairness tables",
			"column %q is marked audit_only in the codebook and is not used to predict", c.Name).about(c.Name)
	}
	low, high := c.Range()
	switch c.Kind {
	case configs.Number, configs.Integer, configs.YesNo:
		return []term{{name: c.Name, column: c.Name, kind: c.Kind, low: low, high: high}}, nil
	case configs.Category:
		var terms []term
		for i, level := range c.Levels[1:] {
			terms = append(terms, term{name: c.Name + level, column: c.Name, kind: c.Kind,
				levels: c.Levels, level: i + 1, low: 0, high: 1})
		}
		return terms, nil
	}
	return nil, fail(CodeKind, "use a number, integer, yes_no or category column",
		"column %q is of kind %s and cannot explain an outcome", c.Name, c.Kind).about(c.Name)
}

func explained(c *configs.Column, kind string) (term, error) {
	none := term{}
	if c.AuditOnly {
		return none, fail(CodeAuditOnly, "choose another outcome",
			"column %q is marked audit_only in the codebook and is not an outcome", c.Name).about(c.Name)
	}
	if c.Sensitivity == configs.Criminal {
		return none, fail(CodeOffending, "choose another outcome",
			"column %q is marked criminal in the codebook; studies whose outcome is offending by a child or parent are refused", c.Name).about(c.Name)
	}
	low, high := c.Range()
	t := term{name: c.Name, column: c.Name, kind: c.Kind, low: low, high: high}
	switch {
	case kind == configs.KindLogistic && c.Kind == configs.YesNo:
	case kind == configs.KindLinear && slices.Contains([]string{configs.Number, configs.Integer, configs.YesNo}, c.Kind):
	case kind == configs.KindLogistic:
		return none, fail(CodeKind, "choose a yes_no column, or kind = \"linear\"",
			"column %q is of kind %s; a logistic model needs a yes_no outcome", c.Name, c.Kind).about(c.Name)
	default:
		return none, fail(CodeKind, "choose a number, integer or yes_no column",
			"column %q is of kind %s; a linear model needs a numeric outcome", c.Name, c.Kind).about(c.Name)
	}
	return t, nil
}

// view reads a table in the plan's terms.
type view struct {
	plan    *Plan
	rows    int
	columns []*Column // in the order of Plan.columns
}

func (p *Plan) view(t *Table) (*view, error) {
	if t.Rows() > MaxRows {
		return nil, fail(CodeTooManyRows, "divide the rows over more nodes", "the table has %d rows, at most %d are summed", t.Rows(), MaxRows)
	}
	v := &view{plan: p, rows: t.Rows(), columns: make([]*Column, len(p.columns))}
	for i := range p.terms {
		if err := v.bind(t, &p.terms[i]); err != nil {
			return nil, err
		}
	}
	return v, v.bind(t, &p.outcome)
}

func (v *view) bind(t *Table, m *term) error {
	c, ok := t.Column(m.column)
	if !ok {
		return fail(CodeTable, "read it from the records", "the table lacks the column %q", m.column).about(m.column)
	}
	if c.Kind != m.kind || !slices.Equal(c.Levels, m.levels) {
		return fail(CodeTable, "use one codebook everywhere", "the table's column %q is not of the kind and levels that the codebook gives", m.column).about(m.column)
	}
	v.columns[m.place] = c
	return nil
}

// checkRanges holds every value to the codebook: the bounds of all tensors
// rest on it.
func (v *view) checkRanges() error {
	for _, m := range append(v.plan.terms[:len(v.plan.terms):len(v.plan.terms)], v.plan.outcome) {
		if m.kind == configs.Category {
			continue // indices of levels, checked by NewTable
		}
		c := v.columns[m.place]
		for i, x := range c.Values {
			if !c.Missing[i] && (x < m.low || x > m.high) {
				return fail(CodeRange, "correct the record, or widen the codebook's range",
					"row %d of column %q lies outside the codebook's range", i+1, m.column).about(m.column)
			}
		}
	}
	return nil
}

// complete says whether row i has every column of the study.
func (v *view) complete(i int) bool {
	for _, c := range v.columns {
		if c.Missing[i] {
			return false
		}
	}
	return true
}

// row writes the terms of row i into x and returns the outcome.
func (v *view) row(i int, x []float64) float64 {
	for j := range v.plan.terms {
		m := &v.plan.terms[j]
		value := v.columns[m.place].Values[i]
		if m.kind == configs.Category {
			if value == float64(m.level) {
				value = 1
			} else {
				value = 0
			}
		}
		x[j] = value
	}
	return v.columns[v.plan.outcome.place].Values[i]
}

// reach is the largest distance of a value of the term from m.
func (t *term) reach(m float64) float64 {
	return math.Max(math.Abs(t.low-m), math.Abs(t.high-m))
}
