package cmd

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/expect"
	"github.com/smartstart-federation/smartstart/node"
)

// precision is how well a study will know its answer.
type precision struct {
	From   string          `json:"from"`
	Ratio  bool            `json:"ratio"`  // effects are ratios of odds or rates; else differences
	PerSD  *termPrecision  `json:"per_sd"` // for one SD of a predictor, by formula
	Shared float64         `json:"shared"` // R squared of a predictor on the others, as that formula takes it
	Terms  []termPrecision `json:"terms,omitempty"`
}

type termPrecision struct {
	Term     string  `json:"term,omitempty"`
	StdError float64 `json:"std_error"`
	Seen     float64 `json:"effect_seen_with_80_percent_power"`
}

// size fills in how many rows, events and sites there will be.
func (e *expectation) size(given *expect.Given, m *node.Method, result *model.Result, t *trial, g *guess) {
	given.Rows = float64(g.rows)
	mean := g.events
	if result == nil {
		if r, err := m.Plan.Result(t.state); err == nil {
			given.Parameters = parametersOf(r)
		}
	} else {
		given.Parameters = parametersOf(result)
		if given.Rows == 0 {
			given.Rows = float64(result.RowsUsed)
		}
		if result.Events != nil && mean == 0 && result.RowsUsed > 0 {
			mean = float64(*result.Events) / float64(result.RowsUsed)
		}
		if given.Kind == configs.KindLogistic {
			given.CoxSnell = expect.CoxSnell(result.NullDeviance, result.Deviance, float64(result.RowsUsed), given.Parameters)
		}
		e.aside(given, m, result)
	}
	given.Sites = float64(e.sites(m, cmp.Or(m.Study.Model.Site, m.Study.Model.Cluster)))
	given.Events = mean * given.Rows
	e.Rows, e.Events = given.Rows, given.Events
	if given.Rows > 0 && given.Numbers > 0 {
		perRow := float64(given.Numbers) / given.Rows
		if result != nil && result.Children != nil && g.rows == 0 { // a number tells of a child, not of a period
			given.Children = float64(*result.Children)
			perRow = float64(given.Numbers) / given.Children
		}
		e.Cost.PerRow = &perRow
	}
	if result == nil && g.rows > 0 && m.Study.Evaluate.HeldOut > 0 {
		given.Judged = m.Study.Evaluate.HeldOut * given.Rows
		given.JudgedEvents = m.Study.Evaluate.HeldOut * given.Events
	}
}

func parametersOf(r *model.Result) (n int) {
	for _, c := range r.Coefficients {
		if c.Term != "(Intercept)" {
			n++
		}
	}
	return n
}

// aside is the smallest set of rows that judge the model.
func (e *expectation) aside(given *expect.Given, m *node.Method, result *model.Result) {
	if given.Kind != configs.KindLogistic || result.RowsUsed == 0 {
		return
	}
	smallest, aside := math.Inf(1), 0
	rows := map[string]int{}
	for _, a := range e.Institutions {
		if a.TakesPart {
			aside += a.Aside
			rows[a.Institution] = a.Complete
		}
	}
	if aside > 0 {
		smallest = float64(aside)
	}
	for _, fold := range m.Study.Evaluate.Folds {
		n := 0
		for _, name := range fold {
			n += rows[name]
		}
		smallest = min(smallest, float64(n))
	}
	if !math.IsInf(smallest, 1) {
		scale := given.Rows / float64(result.RowsUsed)
		given.Judged = smallest * scale
		given.JudgedEvents = given.Judged * float64(*result.Events) / float64(result.RowsUsed)
	}
}

// sites counts the sites with rows in a column, or those that the codebook
// lists; 0 without a column.
func (e *expectation) sites(m *node.Method, name string) (n int) {
	read := false
	for _, a := range e.Institutions {
		if !a.TakesPart {
			continue
		}
		c, ok := a.table.Column(name)
		if !ok {
			continue
		}
		read = true
		seen := map[float64]bool{}
		for i, v := range c.Values {
			if !c.Missing[i] && !seen[v] {
				seen[v] = true
				n++
			}
		}
	}
	if c, ok := m.Codebook.Column(name); ok && !read {
		n = len(c.SiteNames())
	}
	return n
}

// tables says that a kind of study has no coefficients to be precise about.
func tables(kind string) bool {
	return slices.Contains([]string{configs.KindDescriptives, configs.KindAreas, configs.KindAnomaly}, kind)
}

// precise says what the study will see: by formula, and where there are rows by
// a fit of them, to which standard errors are in proportion with the root of the
// rows.
func (e *expectation) precise(given *expect.Given, m *node.Method, result *model.Result, g *guess) {
	if tables(given.Kind) || given.Rows == 0 || expect.Ratio(given.Kind) && given.Events == 0 {
		return
	}
	design := expect.Design{Kind: given.Kind, Rows: given.Rows, Mean: given.Events / given.Rows, Shared: g.shared}
	p := &precision{From: "a formula", Ratio: expect.Ratio(given.Kind), Shared: g.shared}
	p.PerSD = seenBy(p.Ratio, "", design.StdError())
	if result != nil && result.RowsUsed > 0 {
		p.From = "a fit of these rows"
		shrink := math.Sqrt(float64(result.RowsUsed) / given.Rows)
		for _, c := range result.Coefficients {
			se := c.StdError
			if c.RobustStdError != nil {
				se = *c.RobustStdError
			}
			if c.Term != "(Intercept)" {
				p.Terms = append(p.Terms, *seenBy(p.Ratio, c.Term, shrink*se))
			}
		}
		if v := result.Evaluation; v != nil {
			all, atAll := e.sites(m, m.Study.Evaluate.Curve), 0.0
			if v.HeldOut != nil && m.Study.Evaluate.By == m.Study.Evaluate.Curve {
				all, atAll = all-int(math.Round(float64(all)*m.Study.Evaluate.HeldOut)), v.HeldOut.AUC
			}
			e.Curve = curveSays(v.Curve, all, atAll)
		}
	}
	e.Precision = p
	if g.effect > 0 {
		effect := g.effect
		what := "rows to see a difference of %g SDs for each SD of a predictor"
		if p.Ratio {
			effect = math.Abs(math.Log(effect))
			what = "rows to see a ratio of %g for each SD of a predictor"
		}
		least := design.RowsFor(effect)
		n := expect.Need{What: fmt.Sprintf(what, g.effect), Have: given.Rows, Least: least, Enough: given.Rows >= least,
			Source: "Hsieh, Bloch and Larsen, Stat Med 17, 1623 (1998); 80% power"}
		if !n.Enough {
			n.Rows = least
		}
		e.Needs = append(e.Needs, n)
	}
}

func seenBy(ratio bool, term string, stdError float64) *termPrecision {
	seen := expect.Seen(stdError)
	if ratio {
		seen = math.Exp(min(seen, 700)) // JSON has no infinity
	}
	return &termPrecision{term, stdError, seen}
}

// curveSays reads a learning curve; all are the sites that the study learns
// from, and atAll the AUC there, 0 where rows of other sites did not judge it.
func curveSays(curve []model.CurvePoint, all int, atAll float64) string {
	var points []expect.CurvePoint
	var list []string
	for _, c := range curve {
		points = append(points, expect.CurvePoint{Sites: c.Sites, AUC: c.AUC})
	}
	if len(points) == 0 {
		return ""
	}
	if last := points[len(points)-1]; atAll > 0 && all > last.Sites {
		points = append(points, expect.CurvePoint{Sites: all, AUC: atAll})
	}
	for _, c := range points {
		list = append(list, fmt.Sprintf("%.3f at %d", c.AUC, c.Sites))
	}
	s := "AUC by the sites that a model learns from: " + strings.Join(list, ", ")
	if sites, enough := expect.Plateau(points); enough {
		return s + fmt.Sprintf("; enough from %s on: more gain less than 0.01", plural(sites, "site"))
	}
	return s + fmt.Sprintf("; not enough yet: more than %s may gain more", plural(points[len(points)-1].Sites, "site"))
}

// conclude says in one sentence whether it is enough, and if not what would be.
func (e *expectation) conclude(given *expect.Given) {
	var short []string
	rows := 0.0
	for _, n := range e.Needs {
		if n.Enough {
			continue
		}
		if n.Rows > 0 {
			rows = max(rows, n.Rows)
		} else {
			short = append(short, fmt.Sprintf("%s %s where %s are wanted", count(n.Have), n.What, count(n.Least)))
		}
	}
	if rows > 0 {
		more := fmt.Sprintf("%s rows expected, %s needed", thousands(int(given.Rows)), count(rows))
		if given.Institutions > 0 && rows < 1e9 {
			more += fmt.Sprintf(": about %s of this size", plural(int(math.Ceil(rows*float64(given.Institutions)/given.Rows)), "institution"))
		}
		short = append([]string{more}, short...)
	}
	switch {
	case len(e.Refusals) > 0:
		e.Verdict = "refused"
	case len(short) > 0:
		e.Verdict = "not enough yet: " + strings.Join(short, "; ")
	case given.Rows == 0:
		e.Verdict = "it can be proposed; whether it is enough needs --data (public or made up), or --rows and --institutions"
	case expect.Ratio(given.Kind) && given.Events == 0:
		e.Verdict = "it can be proposed; whether it is enough needs --events too"
	default:
		e.Enough, e.Verdict = true, "enough, by every rule above"
	}
}

// count prints a number of things, with a decimal where it is small.
func count(v float64) string {
	switch {
	case math.IsInf(v, 1) || v >= 1e15:
		return "no number of"
	case v < 100 && v != math.Trunc(v):
		return fmt.Sprintf("%.1f", v)
	}
	return thousands(int(v))
}
