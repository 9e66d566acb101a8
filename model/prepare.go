package model

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/rule"
)

// rules are what a study says row by row: who is in it, which columns are made
// of others, and which rows are kept aside to judge the model.
type rules struct {
	cohort  *rule.Rule
	derived []derived
	aside   *rule.Rule
	by      string // the column whose values stay together in a hashed split
	share   float64
	key     []byte
	base    []configs.Column // of the codebook as it was given
	periods *periods         // of kind discrete_time
	texts   []configs.TextColumn
}

type derived struct {
	column configs.Column
	value  *rule.Rule
	late   bool     // it reads the period, so it is made once children are person-periods
	reads  []string // the columns of a table, before anything is derived, that it is made of
}

// newRules compiles the study's expressions and returns the codebook with the
// derived columns added.
func newRules(s *configs.Study, cb *configs.Codebook) (*rules, *configs.Codebook, error) {
	r := &rules{by: s.Evaluate.By, share: s.Evaluate.HeldOut, key: []byte("smartstart/split/v1 " + s.About.ID), base: cb.Columns}
	all := &configs.Codebook{Note: cb.Note, Columns: slices.Clone(cb.Columns)}
	if err := r.addPeriod(s, all); err != nil {
		return nil, nil, err
	}
	if err := r.addTexts(s, all); err != nil {
		return nil, nil, err
	}
	for i := range s.Derive {
		d := s.Derive[i]
		if _, twice := all.Column(d.Name); twice {
			return nil, nil, fail(CodeKind, "choose another name", "study file: [[derive]] %q has the name of a column of the codebook", d.Name).about(d.Name)
		}
		want := rule.Number
		if d.Kind == configs.YesNo {
			want = rule.Bool
		}
		value, err := compile(d.Value, all, want, "[[derive]] "+d.Name)
		if err != nil {
			return nil, nil, err
		}
		c := d.Column()
		c.Sensitivity, c.AuditOnly = inherited(value, all)
		c.KnownAt = knownLast(value, all)
		var reads []string // kept, because fifty columns of which each reads all before it have 2^50 ways down
		for _, name := range value.Columns() {
			reads = append(reads, r.readFor(name)...)
		}
		slices.Sort(reads)
		r.derived = append(r.derived, derived{c, value, r.readsPeriod(value), slices.Compact(reads)})
		all.Columns = append(all.Columns, c)
	}
	var err error
	if s.Cohort.Where != "" {
		if r.cohort, err = compile(s.Cohort.Where, all, rule.Bool, "[cohort] where"); err != nil {
			return nil, nil, err
		}
	}
	if s.Evaluate.Where != "" {
		if r.aside, err = compile(s.Evaluate.Where, all, rule.Bool, "[evaluate] where"); err != nil {
			return nil, nil, err
		}
	}
	if r.by != "" {
		c, err := find(all, r.by, "by")
		if err != nil {
			return nil, nil, err
		}
		if c.Kind == configs.Text {
			return nil, nil, fail(CodeKind, "name the school or the household", "study file: [evaluate] by names %q, which is of kind text", r.by).about(r.by)
		}
	}
	return r, all, r.bindPeriods(all)
}

// inherited: what is made of a protected column is protected.
func inherited(r *rule.Rule, cb *configs.Codebook) (sensitivity string, auditOnly bool) {
	sensitivity = configs.Ordinary
	for _, name := range r.Columns() {
		c, _ := cb.Column(name)
		auditOnly = auditOnly || c.AuditOnly
		if c.Sensitivity != configs.Ordinary && c.Sensitivity != "" && sensitivity != configs.Criminal {
			sensitivity = c.Sensitivity
		}
	}
	return sensitivity, auditOnly
}

func compile(text string, cb *configs.Codebook, want rule.Result, where string) (*rule.Rule, error) {
	var columns []rule.Column
	for _, c := range cb.Columns {
		one := rule.Column{Name: c.Name, Kind: c.Kind, Levels: c.Levels}
		switch c.Kind {
		case configs.DateKind, configs.Text:
			continue
		case configs.Site:
			if one.Levels = c.SiteNames(); len(one.Levels) == 0 {
				one.Kind = "site without a list in the codebook" // its names mean something in one table only
			}
		}
		columns = append(columns, one)
	}
	r, err := rule.Compile(text, columns, want)
	if wrong := new(rule.Error); errors.As(err, &wrong) {
		return nil, fail(wrong.Code(), wrong.Remedy(), "study file: %s: %s", where, wrong.Error())
	}
	return r, err
}

// columns lists the columns of the records that are read: the model's columns
// and those of expressions; of derived ones and those made of notes, what they
// are made of.
func (r *rules) columns(p *Plan) (names []string) {
	for _, n := range r.inTable(p) {
		if of := r.textOf(n); of != "" {
			n = of
		}
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// inTable lists the columns that a table has before anything is derived: those
// read as they are, and those that the reader makes of notes.
func (r *rules) inTable(p *Plan) []string {
	names := p.Used()
	add := func(more ...string) {
		for _, n := range more {
			if n != "" && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	if r.cohort != nil {
		add(r.cohort.Columns()...)
	}
	if r.aside != nil {
		add(r.aside.Columns()...)
	}
	if r.by != "" {
		add(r.by)
	}
	if r.periods != nil {
		add(r.periods.time, r.periods.event)
	}
	add(p.study.Evaluate.Groups...)
	add(p.study.Evaluate.Curve)
	for _, name := range slices.Clone(names) {
		add(r.readFor(name)...)
	}
	return slices.DeleteFunc(names, func(n string) bool {
		return r.isPeriod(n) || slices.ContainsFunc(r.derived, func(d derived) bool { return d.column.Name == n })
	})
}

// madeOf lists the columns of the records that a column is made of.
func (r *rules) madeOf(name string) (names []string) {
	for _, n := range r.readFor(name) {
		if of := r.textOf(n); of != "" {
			n = of
		}
		names = append(names, n)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// readFor lists the columns of a table, before anything is derived, that a
// column is made of.
func (r *rules) readFor(name string) []string {
	if r.isPeriod(name) {
		return nil // the study makes it; no record holds it
	}
	i := slices.IndexFunc(r.derived, func(d derived) bool { return d.column.Name == name })
	if i < 0 {
		return []string{name}
	}
	return slices.Clone(r.derived[i].reads)
}

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
