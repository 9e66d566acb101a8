package cmd

import (
	"fmt"
	"math"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/expect"
	"github.com/smartstart-federation/smartstart/node"
)

// guess is what the researcher states beside the study file. Zero means not
// stated.
type guess struct {
	rows         int
	institutions int
	events       float64 // logistic: share with the outcome; poisson: the mean count
	effect       float64 // for one SD: ratio, or difference in SDs of the outcome
	shared       float64
	speed        float64 // megabits a second
}

func (g *guess) check(kind string) error {
	ratio := expect.Ratio(kind)
	for _, c := range []struct {
		bad          bool
		what, remedy string
	}{
		{g.rows < 0 || g.rows > model.MaxRows, "--rows is not a number of rows", "give the rows with every column, of all institutions together"},
		{g.institutions != 0 && (g.institutions < leastInstitutions || g.institutions > 64), "--institutions is outside 3 to 64", "give how many are expected to take part"},
		{g.events < 0 || kind == configs.KindLogistic && g.events >= 1 || math.IsNaN(g.events) || math.IsInf(g.events, 0), "--events is not a share of rows", "give the share with the outcome, such as 0.17; for counts their mean"},
		{g.effect < 0 || ratio && g.effect == 1 || math.IsNaN(g.effect) || math.IsInf(g.effect, 0), "--effect is no effect", "give a ratio for one SD such as 1.3, or for a linear model a difference in SDs such as 0.1"},
		{!(g.shared >= 0 && g.shared < 1), "--shared is outside 0 to 1", "give the share of a predictor's variance that the others explain, such as 0.3"},
		{!(g.speed > 0 && g.speed <= 1e6), "--speed is not a line's speed", "give megabits a second, such as 10"},
	} {
		if c.bad {
			return usage(c.what, c.remedy)
		}
	}
	return nil
}

// expectation is what study check finds out before anything is sent.
type expectation struct {
	*asked
	FirstRound   int             `json:"numbers_in_first_round"`
	Most         int64           `json:"numbers_at_most"` // what a proposal asks for: more cannot be opened
	MostFrom     string          `json:"numbers_at_most_from"`
	Federation   *federationSeen `json:"federation,omitempty"`
	Data         string          `json:"data,omitempty"`
	Institutions []*rowsAt       `json:"institutions,omitempty"`
	Rows         float64         `json:"rows_expected,omitempty"` // with everything that the model needs
	Events       float64         `json:"events_expected,omitempty"`
	Cost         *expectedCost   `json:"cost"`
	Precision    *precision      `json:"precision,omitempty"`
	Needs        []expect.Need   `json:"needs"`
	Curve        string          `json:"learning_curve,omitempty"`
	Enough       bool            `json:"enough"`
	Verdict      string          `json:"verdict"`
	Refusals     []refusal       `json:"refusals"`
	Accept       []refusal       `json:"to_be_accepted,omitempty"` // refused unless every approver accepts it (accept_isolated)
}

// expectFrom works out everything of a study file against a codebook; d and fed
// may be nil.
func expectFrom(text string, codebook []byte, d *data, fed *federationSeen, g *guess) (*expectation, error) {
	a, m, err := explainStudy(text, codebook)
	if err != nil {
		return nil, byRule(err)
	}
	e := &expectation{asked: a, FirstRound: a.numbers(), Federation: fed, Needs: []expect.Need{}, Refusals: []refusal{}}
	refused, accept, err := asNodes(text, codebook, fed)
	if err != nil {
		return nil, err
	}
	e.refuse(refused...)
	e.Accept = accept
	least := max(leastInstitutions, m.Study.Privacy.MinInstitutions)
	if fed != nil {
		least = max(least, fed.MinInstitutions)
		if n := len(fed.Institutions); n < least {
			e.refuse(refusal{codeTooFew, fmt.Sprintf("the federation has %s and a sum needs %d", plural(n, "institution"), least), "lower min_institutions, or wait for more"})
		}
	}
	given := expect.Given{Kind: fittedKind(m.Plan.Kind()), Penalised: m.Study.Model.Penalty.Ridge > 0, Least: least, MinCell: m.Study.Privacy.MinCell,
		PerRow: m.Study.Privacy.NumbersPerRow, Clustered: m.Study.Model.Cluster != ""}

	var t *trial
	var from string
	var result *model.Result
	if d != nil {
		if t, result, err = e.onRows(d, m, least); err != nil {
			return nil, err
		}
		from = fromRows
	}
	names := e.who(m, g, least)
	if result == nil { // without rows, or with rows that end in a refusal
		share := g.events
		if share <= 0 {
			share = madeUpShare
		}
		if t, from, err = tryMadeUp(m, names, share); err != nil {
			return nil, err
		}
	}
	if e.Most, e.MostFrom, err = numbersAsked(m, names); err != nil {
		return nil, err
	}
	if fed != nil && fed.Numbers > 0 && e.Most > fed.Numbers {
		r := audit.Refuse(audit.CodeNumbersCap, e.Most, fed.Numbers)
		e.refuse(refusal{r.Code(), r.Sentence, r.Remedy()})
	}
	e.Cost = costOf(t.shapes, max(len(names), g.institutions), g.speed)
	e.Cost.From, e.Cost.Allowed = from, given.PerRow
	if from == fromFirst {
		e.Cost.Rounds = 0
	} else {
		given.Numbers = e.Cost.Numbers
	}
	given.Institutions = e.Cost.Institutions
	e.size(&given, m, result, t, g)
	if d == nil && given.Rows > 0 && given.Events > 0 {
		e.refuse(refuseEvents(m.Study, m.Plan.Outcome(), given.Rows, given.Events)...)
	}
	e.precise(&given, m, result, g)
	e.Needs = append(e.Needs, given.Needs()...)
	e.conclude(&given)
	return e, nil
}

// fittedKind is the kind of model by whose likelihood a kind is fitted:
// person-periods tell of a slope what the rows of a logistic model do.
func fittedKind(kind string) string {
	if kind == configs.KindDiscreteTime {
		return configs.KindLogistic
	}
	return kind
}

func (e *expectation) refuse(r ...refusal) { e.Refusals = append(e.Refusals, r...) }

// onRows reads the rows and fits the study to those of the institutions that
// can take part.
func (e *expectation) onRows(d *data, m *node.Method, least int) (t *trial, result *model.Result, err error) {
	var found []refusal
	if e.Institutions, found, err = rowsIn(d, m); err != nil {
		return nil, nil, err
	}
	e.Data = d.name
	if e.refuse(found...); len(found) > 0 {
		return nil, nil, nil
	}
	var tables []*model.Table
	rows, events := 0, 0
	for _, a := range e.Institutions {
		if a.TakesPart {
			tables = append(tables, a.table)
			rows, events = rows+a.Complete+a.Aside, events+a.Events
		}
	}
	if found = refuseTooFew(e.Institutions, least, m.Study.Privacy.MinRows); len(found) > 0 {
		e.refuse(found...)
		return nil, nil, nil
	}
	if fittedKind(m.Plan.Kind()) == configs.KindLogistic {
		found = refuseEvents(m.Study, m.Plan.Outcome(), float64(rows), float64(events))
		e.refuse(found...)
	}
	if t, err = tryOn(m, tables); err != nil {
		if r, ok := refusalOf(err); ok {
			e.refuse(r)
			return nil, nil, nil
		}
		return nil, nil, err
	}
	if m.Plan.Kind() == configs.KindAreas {
		e.Accept = append(e.Accept, acceptCells(t, tables, m, least)...)
	} else {
		e.refuse(refuseSlots(t, tables, least)...)
	}
	result, ended := refuseResult(m, t)
	if len(found) == 0 { // else the cause is told
		e.refuse(ended...)
	}
	return t, result, nil
}

// who lists the institutions of a study, as far as anybody knows.
func (e *expectation) who(m *node.Method, g *guess, least int) (names []string) {
	for _, a := range e.Institutions {
		if a.TakesPart {
			names = append(names, a.Institution)
		}
	}
	if len(names) == 0 && e.Federation != nil {
		names = append(names, e.Federation.Institutions...)
	}
	if len(names) == 0 {
		for i := range m.Codebook.Columns {
			if c := &m.Codebook.Columns[i]; len(c.Sites) > len(names) {
				names = sortedKeys(c.Sites)
			}
		}
	}
	n := max(least, len(names))
	if g.institutions > 0 {
		n = g.institutions
	}
	for i := len(names); i < n; i++ {
		names = append(names, fmt.Sprintf("institution%d", i+1))
	}
	return names[:n]
}
