package model

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/rule"
)

// Prepare makes the derived columns of the rows that were read, leaves out the
// rows outside the cohort, and marks those that are kept aside. kept are the
// rows of t, from 0, that the result has. A row for which the cohort's
// expression cannot be decided, because a column is missing, is outside. Of
// kind discrete_time, kept names a row once for each period it is followed in.
func (p *Plan) Prepare(t *Table) (prepared *Table, kept []int, err error) {
	r := p.rules
	whole, err := p.derive(t, false)
	if err != nil {
		return nil, nil, err
	}
	if p.joining() {
		if whole, err = p.addLacking(whole); err != nil {
			return nil, nil, err
		}
	}
	whole.Institution = t.Institution
	if whole.heldOut, err = r.heldOut(whole); err != nil {
		return nil, nil, err
	}
	in := make([]bool, t.rows)
	for i := range in {
		in[i] = true
	}
	if r.cohort != nil {
		values, missing, err := run(r.cohort, whole)
		if err != nil {
			return nil, nil, err
		}
		for i := range in {
			in[i] = !missing[i] && values[i] == 1
		}
	}
	for i := range in {
		// Rows that [evaluate] where names are kept aside also when the cohort
		// leaves them out of the fit.
		if in[i] || r.aside != nil && whole.heldOut[i] {
			kept = append(kept, i)
		}
	}
	if r.periods != nil {
		return p.follow(whole, kept)
	}
	if len(kept) == t.rows {
		return whole, kept, nil
	}
	prepared, err = whole.Take(kept)
	return prepared, kept, err
}

// derive returns the table with the derived columns that read the period, or
// with those that do not.
func (p *Plan) derive(t *Table, late bool) (*Table, error) {
	columns := slices.Clone(t.columns)
	whole, err := NewTable(columns)
	if err != nil {
		return nil, err
	}
	for _, d := range p.rules.derived {
		if d.late != late || !p.reads(d.column.Name, t) {
			continue // nothing in the study uses it
		}
		values, missing, err := run(d.value, whole)
		if err != nil {
			return nil, err
		}
		c := Column{Name: d.column.Name, Kind: d.column.Kind, Values: values, Missing: missing}
		if err := d.fit(&c, p.study.Privacy.OutOfRange); err != nil {
			return nil, err
		}
		columns = append(columns, c)
		if whole, err = NewTable(columns); err != nil {
			return nil, err
		}
	}
	whole.Institution, whole.heldOut, whole.child = t.Institution, t.heldOut, t.child
	return whole, nil
}

// reads says whether the columns that a derived one is made of were read.
func (p *Plan) reads(name string, t *Table) bool {
	for _, c := range p.rules.readFor(name) {
		if _, ok := t.Column(c); !ok {
			return false
		}
	}
	return true
}

// fit holds a derived column to its range, as [privacy] out_of_range says.
func (d *derived) fit(c *Column, outOfRange string) error {
	if c.Kind == configs.YesNo {
		return nil
	}
	for i, v := range c.Values {
		if c.Missing[i] {
			continue
		}
		if c.Kind == configs.Integer {
			v = math.Round(v)
			c.Values[i] = v
		}
		if v >= *d.column.Min && v <= *d.column.Max {
			continue
		}
		c.OutOfRange++
		switch outOfRange {
		case configs.OutOfRangeMissing:
			c.Values[i], c.Missing[i] = 0, true
		case configs.OutOfRangeClip:
			c.Values[i] = math.Max(*d.column.Min, math.Min(*d.column.Max, v))
		default:
			return fail(CodeRange, "widen its min and max, or set out_of_range in the study",
				"row %d of the derived column %q lies outside its range", i+1, c.Name).about(c.Name)
		}
	}
	return nil
}

func run(r *rule.Rule, t *Table) ([]float64, []bool, error) {
	var values [][]float64
	var missing [][]bool
	for _, name := range r.Columns() {
		c, ok := t.Column(name)
		if !ok {
			return nil, nil, fail(CodeTable, "read it from the records", "the table lacks the column %q", name).about(name)
		}
		values, missing = append(values, c.Values), append(missing, c.Missing)
	}
	return r.Run(values, missing, t.rows)
}

// heldOut marks the rows that judge the model.
func (r *rules) heldOut(t *Table) ([]bool, error) {
	switch {
	case r.aside != nil:
		values, missing, err := run(r.aside, t)
		if err != nil {
			return nil, err
		}
		out := make([]bool, t.rows)
		for i := range out {
			out[i] = !missing[i] && values[i] == 1
		}
		return out, nil
	case r.share > 0:
		c, ok := t.Column(r.by)
		if !ok {
			return nil, fail(CodeTable, "read it from the records", "the table lacks the column %q", r.by).about(r.by)
		}
		out := make([]bool, t.rows)
		for i := range out {
			if !c.Missing[i] {
				out[i] = r.drawn(c.text(i))
			}
		}
		return out, nil
	}
	return nil, nil
}

// text is how a value stands in the data, the same at every institution.
func (c *Column) text(i int) string {
	if len(c.Levels) > 0 {
		return c.Levels[int(c.Values[i])]
	}
	return strconv.FormatFloat(c.Values[i], 'g', -1, 64)
}

// drawn decides for one unit, by a keyed hash: the same unit is on the same
// side at every institution, and another study draws others.
func (r *rules) drawn(unit string) bool {
	h := hmac.New(sha256.New, r.key)
	h.Write([]byte(unit))
	u := binary.BigEndian.Uint64(h.Sum(nil)) >> 11
	return float64(u)*0x1p-53 < r.share
}
