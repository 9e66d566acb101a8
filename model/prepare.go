package model

import (
	"errors"
	"slices"

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
