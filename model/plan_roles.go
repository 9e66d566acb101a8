package model

import (
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
)

// Roles says, for every column that is read from the records, what the study
// does with it, in plain words: "outcome", "predictor", "offset", "weights",
// "cluster", "site", "group", "cohort", "held out", "judged by", "learning
// curve", "compared", "area" and "indicator". A column that stands in a derived one has that one's roles too, such
// as `predictor (in "gap")`.
func (p *Plan) Roles() map[string][]string {
	roles := map[string][]string{}
	give := func(role string, columns ...string) {
		for _, name := range columns {
			for _, base := range p.MadeOf(name) {
				say := role
				if base != name {
					say += ` (in "` + name + `")`
				}
				if name != "" && !slices.Contains(roles[base], say) {
					roles[base] = append(roles[base], say)
				}
			}
		}
	}
	m, e := &p.study.Model, &p.study.Evaluate
	give("outcome", p.Outcome())
	if p.survives() {
		give("outcome", m.Time)
	}
	if p.comparing() {
		give("compared", m.Features...)
	}
	if p.joining() {
		give("area", m.Area)
		give("indicator", m.Indicators...)
	}
	for _, t := range p.terms {
		if p.comparing() {
			break
		}
		for _, f := range t.factors {
			give("predictor", p.sources[f.source].name)
		}
	}
	if p.offset >= 0 {
		give("offset", p.sources[p.offset].name)
	}
	give("weights", m.Weights)
	give("cluster", m.Cluster)
	give("site", m.Site)
	if p.kind == configs.KindDescriptives {
		give("described", m.Features...)
	}
	give("group", m.Group)
	if r := p.rules.cohort; r != nil {
		give("cohort", r.Columns()...)
	}
	if r := p.rules.aside; r != nil {
		give("held out", r.Columns()...)
	}
	give("held out", e.By)
	give("judged by", e.Groups...)
	give("learning curve", e.Curve)
	return roles
}

// Predicting returns the columns of the records that predict, or help to: the
// predictors, offset, weights and cluster, and for derived ones among them all
// that they are made of. Descriptives predict nothing.
func (p *Plan) Predicting() (names []string) {
	if p.kind == configs.KindDescriptives || p.joining() {
		return nil
	}
	for _, used := range p.Used() {
		if used == p.Outcome() {
			continue
		}
		for _, base := range p.MadeOf(used) {
			if !slices.Contains(names, base) {
				names = append(names, base)
			}
		}
	}
	return names
}

// Indicators returns the columns that a table by area counts; none of other
// kinds.
func (p *Plan) Indicators() []string {
	if !p.joining() {
		return nil
	}
	return p.study.Model.Indicators
}

// Sets returns the sets of rows of a prepared table over which the study opens
// something, one bool a row, each set once: counted, over which rows and present
// values are counted, and summed, over which values are. The first of each is
// the widest. The others are its two sides where rows are kept aside to judge
// the model: two studies that keep aside nearly the same rows tell of the few
// in which they differ, though the widest sets are equal. It fails as Entering
// does.
func (p *Plan) Sets(t *Table) (counted, summed [][]bool, err error) {
	entering, err := p.Entering(t)
	if err != nil {
		return nil, nil, err
	}
	v, err := p.view(nil, t)
	if err != nil {
		return nil, nil, err
	}
	in := func(holds func(i int) bool) []bool {
		set := make([]bool, v.rows)
		for i := range set {
			set[i] = holds(i)
		}
		return set
	}
	kept := func(i int) bool { return t.heldOut != nil && t.heldOut[i] }
	add := func(sets [][]bool, set []bool) [][]bool {
		if !slices.Contains(set, true) || slices.ContainsFunc(sets, func(s []bool) bool { return slices.Equal(s, set) }) {
			return sets
		}
		return append(sets, set)
	}
	counted = [][]bool{in(func(int) bool { return true })}
	counted = add(counted, in(func(i int) bool { return !kept(i) }))
	counted = add(counted, in(kept))
	summed = [][]bool{entering}
	// Sums by period are opened, and those of the first are over every child once,
	// as another study's may be.
	if j := slices.IndexFunc(p.sources, func(s source) bool { return p.rules.isPeriod(s.name) }); j >= 0 {
		summed = add(summed, in(func(i int) bool { return v.used(i) && v.columns[j].Values[i] == 0 }))
	}
	summed = add(summed, in(v.used))
	summed = add(summed, in(func(i int) bool { return kept(i) && v.usable(i) }))
	return counted, summed, nil
}

// Periods returns the sets of rows of a prepared table over which a study by
// period opens sums, one bool a row, a set for each period after the first with
// the rows that enter: each child once. Other kinds have none.
func (p *Plan) Periods(t *Table) (sets [][]bool, err error) {
	j := slices.IndexFunc(p.sources, func(s source) bool { return p.rules.isPeriod(s.name) })
	if j < 0 {
		return nil, nil
	}
	v, err := p.view(nil, t)
	if err != nil {
		return nil, err
	}
	for k := 1; k < len(p.sources[j].levels); k++ {
		set := make([]bool, v.rows)
		for i := range set {
			set[i] = v.used(i) && v.columns[j].Values[i] == float64(k)
		}
		if slices.Contains(set, true) {
			sets = append(sets, set)
		}
	}
	return sets, nil
}

// HeldOut counts the rows of a prepared table that are kept aside to judge the
// model.
func (t *Table) HeldOut() (rows int) {
	for _, kept := range t.heldOut {
		if kept {
			rows++
		}
	}
	return rows
}
