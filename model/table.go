package model

import (
	"fmt"
	"math"

	"github.com/smartstart-federation/smartstart/configs"
)

// Column is one typed column of an institution's records.
type Column struct {
	Name    string
	Kind    string    // as in the codebook: number, integer, yes_no, category or site
	Levels  []string  // of a category or site; a value is an index into it
	Values  []float64 // one per row; 0 where missing
	Missing []bool    // one per row

	// How many cells the reader set to missing or moved, for the institution's
	// own eyes. They never enter a sum.
	UnknownLevels int
	OutOfRange    int
}

// Table is one institution's rows, column by column. It never leaves the
// institution.
type Table struct {
	// Institution says whose rows they are, for methods that treat institutions
	// as such; empty for rows of several.
	Institution string

	rows    int
	columns []Column
	index   map[string]int
	heldOut []bool // by row: kept aside to judge the model; nil when none is

	// Of person-periods: the row of the records that each row is of. nil where a
	// row is a row of the records.
	child []int
}

// NewTable checks that the columns have distinct names, equal length, finite
// values and, for categories, values that are indices of levels.
func NewTable(columns []Column) (*Table, error) {
	t := &Table{columns: columns, index: make(map[string]int, len(columns))}
	for i := range columns {
		c := &columns[i]
		if i == 0 {
			t.rows = len(c.Values)
		}
		if _, twice := t.index[c.Name]; twice {
			return nil, fail(CodeTable, "give each column once", "table: column %q appears twice", c.Name)
		}
		t.index[c.Name] = i
		if len(c.Values) != t.rows || len(c.Missing) != t.rows {
			return nil, fail(CodeTable, "", "table: column %q does not have one value for each row", c.Name)
		}
		if err := c.check(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (c *Column) check() error {
	for i, v := range c.Values {
		if c.Missing[i] {
			continue
		}
		bad := ""
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			bad = "is not a finite number"
		case c.Kind == configs.YesNo && v != 0 && v != 1:
			bad = "is neither 0 nor 1"
		case (c.Kind == configs.Category || c.Kind == configs.Site) && (v != math.Trunc(v) || v < 0 || v >= float64(len(c.Levels))):
			bad = "is not the index of a level"
		case c.Kind == configs.Integer && v != math.Trunc(v):
			bad = "is not a whole number"
		}
		if bad != "" {
			return fail(CodeTable, "", "table: row %d of column %q %s", i+1, c.Name, bad)
		}
	}
	return nil
}

// Rows returns the number of rows.
func (t *Table) Rows() int { return t.rows }

// Children returns how many rows of the records the rows are of: fewer than
// Rows where each is one period of a child, else the same.
func (t *Table) Children() int { return t.childrenIn(func(int) bool { return true }) }

func (t *Table) childrenIn(in func(i int) bool) (n int) {
	seen := map[int]bool{}
	for i := range t.rows {
		switch {
		case !in(i):
		case t.child == nil:
			n++
		case !seen[t.child[i]]:
			seen[t.child[i]] = true
			n++
		}
	}
	return n
}

// Columns returns the columns in order. They must not be changed.
func (t *Table) Columns() []Column { return t.columns }

// Column returns the column with this name; it must not be changed.
func (t *Table) Column(name string) (*Column, bool) {
	i, ok := t.index[name]
	if !ok {
		return nil, false
	}
	return &t.columns[i], true
}

// Take returns a new table of the given rows (from 0, in this order, repeats
// allowed). It fails if a row does not exist.
func (t *Table) Take(rows []int) (*Table, error) {
	columns := make([]Column, len(t.columns))
	for i, c := range t.columns {
		columns[i] = Column{Name: c.Name, Kind: c.Kind, Levels: c.Levels,
			Values: make([]float64, len(rows)), Missing: make([]bool, len(rows))}
		for k, r := range rows {
			if r < 0 || r >= t.rows {
				return nil, fmt.Errorf("row %d does not exist in a table of %d rows", r, t.rows)
			}
			columns[i].Values[k], columns[i].Missing[k] = c.Values[r], c.Missing[r]
		}
	}
	out, err := NewTable(columns)
	if err != nil {
		return nil, err
	}
	out.Institution = t.Institution
	if t.child != nil {
		out.child = make([]int, len(rows))
		for k, r := range rows {
			out.child[k] = t.child[r]
		}
	}
	if t.heldOut != nil {
		out.heldOut = make([]bool, len(rows))
		for k, r := range rows {
			out.heldOut[k] = t.heldOut[r]
		}
	}
	return out, nil
}
