package cmd

import (
	"fmt"
	"math"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"github.com/smartstart-federation/smartstart/configs"
)

// print writes the result for a person.
func (d *Document) print(o *output) {
	r := d.Result
	events := ""
	switch {
	case r.Events == nil:
	case r.Model == configs.KindPoisson:
		events = fmt.Sprintf(" with %s counted", thousands(int(*r.Events)))
	default:
		events = fmt.Sprintf(", %d of them with the outcome", *r.Events)
	}
	rows := thousands(int(r.RowsUsed)) + " rows"
	if r.Children != nil {
		rows = fmt.Sprintf("%s person-periods of %s", thousands(int(r.RowsUsed)), children(int(*r.Children)))
	}
	o.print("%s for study %q: %s%s, %s", strings.TrimPrefix(configs.KindInWords(r.Model), "a "), r.Study, rows, events, plural(d.Institutions, "institution"))
	if s := shares(r.Dropped); s != "" {
		o.print("rows in which a value is missing: %s", s)
	}
	o.print("")
	if r.Table != nil {
		o.print("%s", describedTable(r.Table))
		o.print("")
		o.print("opened %.3f numbers per row", d.OpenedNumbersPerRow)
		o.print("")
		o.print("%s", d.audited())
		return
	}
	if r.Areas != nil || r.Anomaly != nil {
		if r.Areas != nil {
			printAreas(o, r.Areas)
			if d.Profile != nil {
				o.print("")
				printProfile(o, d.Profile)
			}
			if d.Situation != nil {
				o.print("")
				printSituation(o, d.Situation)
			}
		} else {
			printAnomaly(o, r)
		}
		o.print("opened %.3f numbers per row", d.OpenedNumbersPerRow)
		o.print("")
		o.print("%s", d.audited())
		return
	}
	o.print("%s", coefficientTable(r.Model, r.Coefficients))
	o.print("")
	if len(r.Both) > 0 {
		o.print("with what was believed beforehand")
		o.print("%s", coefficientTable(r.Model, r.Both))
		o.print("")
	}
	if len(r.Tests) > 0 {
		o.print("%s", testTable(r.Tests))
		o.print("")
	}
	if len(r.Statements) > 0 {
		o.print("what was stated, as ratios of odds with their 95%% intervals")
		o.print("%s", statementTable(r.Statements))
		o.print("")
	}
	for _, note := range notes(r) {
		o.print("%s", note)
	}
	switch {
	case r.Mixed != nil:
		o.print("log likelihood %.3f; AIC %.3f", r.LogLikelihood, r.AIC)
	case r.RSquared != nil:
		o.print("residual standard error %.5g on %d degrees of freedom; R-squared %.4f, adjusted %.4f", *r.Sigma, r.DFResidual, *r.RSquared, *r.AdjRSquared)
	default:
		o.print("null deviance %.3f, residual deviance %.3f on %d degrees of freedom; AIC %.3f", r.NullDeviance, r.Deviance, r.DFResidual, r.AIC)
	}
	converged := "converged"
	if !r.Converged {
		converged = "did NOT converge"
	}
	each := "row"
	if r.Children != nil {
		each = "child"
	}
	o.print("%s after %s; condition number %.1f; opened %.3f numbers per %s", converged, plural(r.Iterations, "iteration"), r.ConditionNumber, d.OpenedNumbersPerRow, each)
	o.print("")
	if r.Evaluation != nil {
		printEvaluation(o, r.Evaluation)
	}
	if d.Use != nil {
		printUse(o, d.Use)
	}
	o.print("%s", d.audited())
}

// audited says in one sentence what verifying the record gave.
func (d *Document) audited() string {
	if d.Audit.Verified {
		return fmt.Sprintf("record: %s log entries replayed, every sum of %s added and opened again, every model step recomputed: no finding",
			thousands(int(d.Log.Size)), plural(len(d.Rounds), "round"))
	}
	var s strings.Builder
	fmt.Fprintf(&s, "record: %s", plural(len(d.Audit.Findings), "finding"))
	for _, f := range d.Audit.Findings {
		fmt.Fprintf(&s, "\n  %v", f)
	}
	return s.String()
}

// roundTable lists the rounds.
func roundTable(rounds []Round) string {
	t := plainTable("round", "institutions", "kB per institution", "seconds")
	for _, r := range rounds {
		t.AppendRow([]any{r.Round, r.Included, fmt.Sprintf("%.0f", float64(r.BytesPerNode)/1000), fmt.Sprintf("%.2f", r.Seconds)})
	}
	return t.Render()
}

// verdict turns findings into the error that ends with exit code 5.
func (d *Document) verdict(bundle string) error {
	if d.Audit.Verified {
		return nil
	}
	remedy := "do not use this result"
	if bundle != "" {
		remedy += "; the evidence is in " + bundle
	}
	return &Error{codeFailedVerification, plural(len(d.Audit.Findings), "finding") + " in the record of this study", remedy}
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// number prints an estimate with five significant digits.
func number(v float64) string {
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e7) {
		return fmt.Sprintf("%.4e", v)
	}
	return fmt.Sprintf("%.*f", decimals(v), v)
}

func decimals(v float64) int {
	if v == 0 {
		return 4
	}
	return max(0, 4-int(math.Floor(math.Log10(math.Abs(v)))))
}

// pValue prints a p-value as R does: never as zero.
func pValue(p float64) string {
	if p < 2e-16 {
		return "< 2e-16"
	}
	return fmt.Sprintf("%.3g", p)
}

// plainTable is a go-pretty table without boxes, numbers to the right.
func plainTable(header ...any) table.Writer {
	t := table.NewWriter()
	t.AppendHeader(table.Row(header))
	t.SetStyle(table.Style{Name: "plain", Box: table.BoxStyle{PaddingRight: "  "}, Format: table.FormatOptions{Header: text.FormatDefault}})
	columns := make([]table.ColumnConfig, len(header)-1)
	for i := range columns {
		columns[i] = table.ColumnConfig{Number: i + 2, Align: text.AlignRight, AlignHeader: text.AlignRight}
	}
	t.SetColumnConfigs(columns)
	return t
}
