package cmd

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
)

// print writes one screen for a person.
func (e *expectation) print(o *output) {
	if len(e.Refusals) == 0 {
		what := fmt.Sprintf("%s of %q on %s", configs.KindInWords(e.Model), e.Outcome, plural(len(e.Uses)-1, "column"))
		if e.Model == configs.KindDescriptives {
			what = fmt.Sprintf("a table of %s", plural(len(e.Uses), "column"))
		}
		if e.Model == configs.KindAreas || e.Model == configs.KindAnomaly {
			what = fmt.Sprintf("%s, from %s", configs.KindInWords(e.Model), plural(len(e.Uses), "column"))
		}
		o.print("%s can be proposed: %s", e.Study, what)
	} else {
		o.print("%s would be refused:", e.Study)
		for _, r := range e.Refusals {
			o.print("  %s (%s)", r.Sentence, r.Code)
			if r.Remedy != "" {
				o.print("    what to do: %s", r.Remedy)
			}
		}
	}
	o.print("  opened in the first round: %d numbers; at most %d rounds", e.FirstRound, e.MaxRounds)
	o.print("  asks that at most %s numbers may be opened in all (%s)", thousands(int(e.Most)), e.MostFrom)
	o.print("  an institution takes part with at least %d complete rows; a total has at least %d institutions", e.MinRows, e.MinOthers)
	if f := e.Federation; f != nil {
		o.print("  %s: %s, of which %d have accepted the charter; its sums have at least %d", f.Name, plural(len(f.Institutions), "institution"), len(f.Enrolled), f.MinInstitutions)
		if f.Proposed {
			o.print("  a study of this name is proposed already; approved by: %s", joinOr(f.Approved, "nobody yet"))
		}
	}
	for _, r := range e.Accept {
		o.print("  every approver has to accept it (accept_isolated): %s", r.Sentence)
	}
	o.print("  columns: %s", e.roles())
	if sensitive := e.sensitive(); sensitive != "" {
		o.print("  sensitive columns, which every approver is shown: %s", sensitive)
	}
	e.printRows(o)
	e.printCost(o)
	e.printPrecision(o)
	e.printNeeds(o)
	o.print("\n%s", e.Verdict)
}

// roles lists the columns by what the study does with them.
func (e *expectation) roles() string {
	var order []string
	of := map[string][]string{}
	for _, u := range e.Uses {
		if _, ok := of[u.Role]; !ok {
			order = append(order, u.Role)
		}
		of[u.Role] = append(of[u.Role], u.Name)
	}
	for i, role := range order {
		order[i] = role + ": " + strings.Join(of[role], ", ")
	}
	return strings.Join(order, "; ")
}

func (e *expectation) sensitive() string {
	var list []string
	for _, u := range e.Uses {
		if u.Sensitivity != configs.Ordinary {
			list = append(list, fmt.Sprintf("%s (%s)", u.Name, u.Sensitivity))
		}
	}
	return strings.Join(list, ", ")
}

// mostLines keeps a table to a part of the screen; --json has all of it.
const mostLines = 12

func (e *expectation) printRows(o *output) {
	if len(e.Institutions) == 0 {
		return
	}
	o.print("\nWho has the columns (in %s, read on this machine only)", e.Data)
	logistic := e.Model == configs.KindLogistic
	header := []any{"institution", "rows", "in the cohort", "complete"}
	if logistic {
		header = append(header, "with the outcome")
	}
	t := plainTable(append(header, "missing most, or lacking")...)
	for _, a := range e.Institutions[:min(mostLines, len(e.Institutions))] {
		row := []any{a.Institution, a.Rows, a.Cohort, a.Complete}
		if logistic {
			row = append(row, a.Events)
		}
		t.AppendRow(append(row, a.worst()))
	}
	o.print("%s", t.Render())
	if more := len(e.Institutions) - mostLines; more > 0 {
		o.print("... and %s more", plural(more, "institution"))
	}
}

// worst names what costs an institution most rows.
func (a *rowsAt) worst() string {
	if len(a.Lacks) > 0 {
		return "lacks " + quoted(a.Lacks)
	}
	if len(a.NotHeld) > 0 {
		return "does not hold " + quoted(a.NotHeld)
	}
	names := sortedKeys(a.Missing)
	slices.SortStableFunc(names, func(x, y string) int { return cmp.Compare(a.Missing[y], a.Missing[x]) })
	for i, n := range names {
		names[i] = fmt.Sprintf("%s %.1f%%", n, 100*a.Missing[n])
	}
	return strings.Join(names[:min(2, len(names))], ", ")
}

func (e *expectation) printCost(o *output) {
	c := e.Cost
	o.print("\nWhat it takes (tried on %s)", c.From)
	if c.Rounds == 0 {
		o.print("  the first of at most %d rounds: %s numbers opened, %s sent by each of %d institutions", e.MaxRounds, thousands(c.Numbers), size(c.Bytes), c.Institutions)
		return
	}
	perRow := fmt.Sprintf("within %g for each row from %s rows on", c.Allowed, thousands(int(math.Ceil(float64(c.Numbers)/c.Allowed))))
	if c.PerRow != nil {
		perRow = fmt.Sprintf("%.3f for each row, of at most %g", *c.PerRow, c.Allowed)
	}
	o.print("  about %s; %s numbers opened in all: %s", plural(c.Rounds, "round"), thousands(c.Numbers), perRow)
	o.print("  each of %d institutions sends about %s: %s at %g Mbit/s; waiting for the slowest comes on top", c.Institutions, size(c.Bytes), duration(c.Seconds), c.Speed)
}

func size(bytes int64) string {
	if bytes < 1e6 {
		return fmt.Sprintf("%d kB", (bytes+999)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
}

func duration(seconds float64) string {
	switch {
	case seconds < 1:
		return "under a second"
	case seconds < 90:
		return plural(int(math.Round(seconds)), "second")
	}
	return plural(int(math.Round(seconds/60)), "minute")
}

func (e *expectation) printPrecision(o *output) {
	p := e.Precision
	if p == nil {
		return
	}
	what := "difference"
	if p.Ratio {
		what = "ratio"
	}
	o.print("\nHow precise, with %s rows", thousands(int(e.Rows)))
	if len(p.Terms) > 0 {
		t := plainTable("term", "std. error", what+" that is seen with 80% power")
		for _, c := range p.Terms[:min(mostLines, len(p.Terms))] {
			t.AppendRow([]any{c.Term, number(c.StdError), number(c.Seen)})
		}
		o.print("%s", t.Render())
		if more := len(p.Terms) - mostLines; more > 0 {
			o.print("... and %s more", plural(more, "term"))
		}
		return
	}
	unit := ""
	if !p.Ratio {
		unit = " SDs of the outcome"
	}
	o.print("  for one SD of a predictor, a %s of %.3g%s is seen with 80%% power (standard error %.3g, if the others explain %g%% of it)",
		what, p.PerSD.Seen, unit, p.PerSD.StdError, 100*p.Shared)
}

func (e *expectation) printNeeds(o *output) {
	if e.Curve != "" {
		o.print("\nLearning curve: %s", e.Curve)
	}
	if len(e.Needs) == 0 {
		return
	}
	o.print("\nIs it enough?")
	for _, n := range e.Needs {
		verdict, more := "enough ", ""
		if !n.Enough {
			verdict = "not yet"
			if n.Rows > 0 && n.Rows != n.Least {
				more = fmt.Sprintf("; would be from %s rows on", count(n.Rows))
			}
		}
		o.print("  %s  %s: %s, wanted %s%s  [%s]", verdict, n.What, count(n.Have), count(n.Least), more, n.Source)
	}
}
