package model

import (
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/rule"
	"github.com/smartstart-federation/smartstart/model/survival"
)

// A study of kind discrete_time follows children over periods. Each child
// becomes a row for every period in which it is at risk (package survival), and
// the logistic machinery fits whether the event falls in it.

// periods is what a study of kind discrete_time says of time.
type periods struct {
	time, event string
	cuts        []float64
	levels      []string
}

// fittedAs returns the kind of model by whose machinery a kind is fitted.
func fittedAs(kind string) string {
	if kind == configs.KindDiscreteTime {
		return configs.KindLogistic
	}
	return kind
}

// survives says that rows are person-periods.
func (p *Plan) survives() bool { return p.study.Model.Kind == configs.KindDiscreteTime }

// withPeriod puts the period first where a list of features does not name it:
// without it the hazard would be the same at every age.
func withPeriod(features []string) []string {
	if slices.Contains(features, configs.PeriodColumn) {
		return features
	}
	return append([]string{configs.PeriodColumn}, features...)
}

func (r *rules) isPeriod(name string) bool { return r.periods != nil && name == configs.PeriodColumn }

// addPeriod adds the period to the codebook of a study of kind discrete_time.
func (r *rules) addPeriod(s *configs.Study, cb *configs.Codebook) error {
	m := &s.Model
	if m.Kind != configs.KindDiscreteTime {
		return nil
	}
	if _, twice := cb.Column(configs.PeriodColumn); twice {
		return fail(CodeKind, "give the column another name in the codebook",
			"a study of kind discrete_time makes a column %q, and the codebook has one already", configs.PeriodColumn).about(configs.PeriodColumn)
	}
	r.periods = &periods{m.Time, m.Event, m.Cuts, m.Periods()}
	cb.Columns = append(cb.Columns, configs.Column{Name: configs.PeriodColumn, Kind: configs.Category, Sensitivity: configs.Ordinary, Levels: r.periods.levels,
		Label: "Period in which a child is followed"})
	return nil
}

// readsPeriod says whether a rule reads the period, itself or in a derived
// column.
func (r *rules) readsPeriod(value *rule.Rule) bool {
	if r.periods == nil {
		return false
	}
	return slices.ContainsFunc(value.Columns(), func(name string) bool {
		return r.isPeriod(name) || slices.ContainsFunc(r.derived, func(d derived) bool { return d.late && d.column.Name == name })
	})
}

// bindPeriods checks the columns of time and event, and that children are
// chosen as wholes.
func (r *rules) bindPeriods(cb *configs.Codebook) error {
	if r.periods == nil {
		return nil
	}
	time, err := find(cb, r.periods.time, "time")
	if err != nil {
		return err
	}
	event, err := find(cb, r.periods.event, "event")
	if err != nil {
		return err
	}
	switch {
	case time.Kind != configs.Number && time.Kind != configs.Integer:
		return fail(CodeKind, "name a number or integer column", "column %q is of kind %s and is no time", time.Name, time.Kind).about(time.Name)
	case event.Kind != configs.YesNo:
		return fail(CodeKind, "name a yes_no column, or derive one", "column %q is of kind %s; the event of a discrete_time model is yes or no", event.Name, event.Kind).about(event.Name)
	case time.AuditOnly:
		return fail(CodeAuditOnly, "choose another column", "column %q is marked audit_only in the codebook and is no time of an outcome", time.Name).about(time.Name)
	case time.Sensitivity == configs.Criminal:
		return fail(CodeOffending, "choose another outcome",
			"column %q is marked criminal in the codebook; studies whose outcome is offending by a child or parent are refused", time.Name).about(time.Name)
	}
	if r.cohort != nil && r.readsPeriod(r.cohort) {
		return fail(CodeKind, "choose children there, and leave periods out by other cuts", "study file: [cohort] where reads the period: a cohort is of children, with all their periods")
	}
	for _, d := range r.derived {
		if d.late && (d.column.Name == time.Name || d.column.Name == event.Name) {
			return fail(CodeKind, "derive it from the records", "column %q reads the period, which follows from it", d.column.Name).about(d.column.Name)
		}
	}
	return nil
}

// follow turns the kept rows of a table, one a child, into person-periods. The
// event's column then says whether the event falls in the period. of names the
// row of the table that each is of.
func (p *Plan) follow(t *Table, kept []int) (followed *Table, of []int, err error) {
	r := p.rules.periods
	children, err := t.Take(kept)
	if err != nil {
		return nil, nil, err
	}
	time, ok := children.Column(r.time)
	event, also := children.Column(r.event)
	if !ok || !also {
		return nil, nil, fail(CodeTable, "read them from the records", "the table lacks one of the columns %q and %q", r.time, r.event).about(r.time, r.event)
	}
	unknown := make([]bool, children.rows)
	for i := range unknown {
		unknown[i] = time.Missing[i] || event.Missing[i]
	}
	rows := survival.Expand(time.Values, event.Values, unknown, r.cuts)
	at := make([]int, len(rows))
	for k, row := range rows {
		at[k] = row.Child
		of = append(of, kept[row.Child])
	}
	if children, err = children.Take(at); err != nil {
		return nil, nil, err
	}
	period := Column{Name: configs.PeriodColumn, Kind: configs.Category, Levels: r.levels, Values: make([]float64, len(rows)), Missing: make([]bool, len(rows))}
	happened := Column{Name: r.event, Kind: configs.YesNo, Values: make([]float64, len(rows)), Missing: make([]bool, len(rows))}
	for k, row := range rows {
		if row.Period == survival.Unknown {
			period.Missing[k], happened.Missing[k] = true, true
			continue
		}
		period.Values[k] = float64(row.Period)
		if row.Event {
			happened.Values[k] = 1
		}
	}
	columns := append(slices.Clone(children.columns), period)
	columns[children.index[r.event]] = happened
	if followed, err = NewTable(columns); err != nil {
		return nil, nil, err
	}
	followed.Institution, followed.child = t.Institution, of
	followed, err = p.derive(followed, true)
	return followed, of, err
}

// knownLast is the latest age at which anything that a rule reads is known; nil
// if nobody said of any.
func knownLast(value *rule.Rule, cb *configs.Codebook) (at *float64) {
	for _, name := range value.Columns() {
		if c, _ := cb.Column(name); c.KnownAt != nil && (at == nil || *c.KnownAt > *at) {
			at = c.KnownAt
		}
	}
	return at
}

// known refuses a model that knows the future: a predictor, offset or weight
// that the codebook says is known after the landmark, or, of a discrete_time
// model, after the period begins in which it predicts; and whatever is made of
// what the outcome is made of, unless the codebook says that it is known before.
func (p *Plan) known() error {
	m := &p.study.Model
	if m.Landmark == nil && !p.survives() {
		return nil
	}
	explained := p.MadeOf(p.Outcome())
	if p.survives() {
		explained = slices.Concat(p.MadeOf(m.Time), p.MadeOf(m.Event))
	}
	for j := range p.sources {
		name := p.sources[j].name
		if j == p.outcome.factors[0].source || j == p.cluster || j == p.random || p.rules.isPeriod(name) {
			continue
		}
		from, when := p.predictsFrom(name)
		if c, ok := p.codebook.Column(name); ok && c.KnownAt != nil && *c.KnownAt > from {
			return fail(CodeFuture, "leave it out, or choose a later "+when,
				"%q is known at %g months, and the %s is %g: a model that knows the future", name, *c.KnownAt, when, from).about(name)
		}
		for _, base := range p.MadeOf(name) {
			if c, ok := p.codebook.Column(base); slices.Contains(explained, base) && (!ok || c.KnownAt == nil || *c.KnownAt > from) {
				return fail(CodeFuture, "leave it out, or say in the codebook that it is known_at an earlier age",
					"%q is made of %q, of which the outcome is made too: a model that knows the future", name, base).about(name)
			}
		}
	}
	return nil
}

// predictsFrom returns the age at which a column has to be known, and what that
// age is called. A column that reads the period may take another value in every
// period: which one is for its expression to get right, and only that the last
// period could know it is checked.
func (p *Plan) predictsFrom(name string) (from float64, when string) {
	m := &p.study.Model
	if !p.survives() {
		return *m.Landmark, "landmark"
	}
	if slices.ContainsFunc(p.rules.derived, func(d derived) bool { return d.late && d.column.Name == name }) {
		return m.Cuts[len(m.Cuts)-2], "beginning of the last period"
	}
	return m.Cuts[0], "first of cuts"
}
