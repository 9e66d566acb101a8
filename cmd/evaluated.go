package cmd

import (
	"errors"
	"fmt"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/plots"
)

// printEvaluation tells how well a model does on rows it never saw.
func printEvaluation(o *output, e *model.Evaluation) {
	sets := e.LeftOut
	if e.HeldOut != nil {
		sets = append([]model.Judged{*e.HeldOut}, sets...)
	}
	if len(sets) > 0 {
		o.print("judged on rows that the model never saw; beside it, ranking by one column and fitting nothing")
		t := plainTable("rows of", "rows", "events", "AUC", "one column", "slope", "intercept", "O/E", "Brier", "of the top 10%", "one column")
		for i := range sets {
			j := &sets[i]
			of := strings.Join(j.Institutions, ", ")
			switch {
			case len(j.Institutions) == 0:
				of = "held-out rows"
			case len(j.Institutions) > 3:
				of = fmt.Sprintf("all %d", len(j.Institutions))
			}
			rule, ruleTop := "", ""
			if j.Rule != nil {
				rule, ruleTop = fmt.Sprintf("%.3f %s", j.Rule.AUC, j.Rule.Column), topTenth(j.Rule.Top)
			}
			t.AppendRow([]any{of, thousands(int(j.Rows)), thousands(int(j.Events)), fmt.Sprintf("%.3f", j.AUC), rule,
				fmt.Sprintf("%.3f", j.Slope), fmt.Sprintf("%.3f", j.Intercept), fmt.Sprintf("%.2f", j.OE), fmt.Sprintf("%.4f", j.Brier),
				topTenth(j.Top), ruleTop})
		}
		o.print("%s", t.Render())
		o.print("slope 1 and intercept 0 are right; O/E is what happened for each one expected; of the top 10%%: the share that had the outcome")
		o.print("")
	}
	for _, column := range sortedKeys(e.Groups) {
		t := plainTable(column, "n", "events", "selected", "wrongly selected", "missed", "right of the selected")
		for _, g := range e.Groups[column] {
			if g.TooFew {
				t.AppendRow([]any{g.Level, "too few to say", "", "", "", "", ""})
				continue
			}
			t.AppendRow([]any{g.Level, thousands(int(g.Rows)), thousands(int(g.Events)), proportion(g.Selected), proportion(g.FPR), proportion(g.FNR), proportion(g.Precision)})
		}
		o.print("%s", t.Render())
		o.print("")
	}
	if len(e.Curve) > 0 {
		var points []string
		for _, p := range e.Curve {
			points = append(points, fmt.Sprintf("%d: %.3f", p.Sites, p.AUC))
		}
		o.print("AUC by the number of sites learnt from, tested at others   %s", strings.Join(points, "   "))
		o.print("")
	}
	for _, note := range e.Notes {
		o.print("not judged: %s", note)
	}
	if len(e.Notes) > 0 {
		o.print("")
	}
}

func topTenth(top []model.Top) string {
	if t := at(top, 0.1); t != nil {
		return fmt.Sprintf("%.0f%%", 100*t.Precision)
	}
	return ""
}

func proportion(s *model.Share) string {
	if s == nil {
		return "too few to say"
	}
	return fmt.Sprintf("%.0f%% (%.0f-%.0f)", 100*s.Estimate, 100*s.ConfLow, 100*s.ConfHigh)
}

// draw writes the pictures of a result into a folder, if one is named.
func (d *Document) draw(o *output, dir, lang string) error {
	if dir == "" {
		return nil
	}
	files, err := plots.Write(dir, d.Result, d.Evaluation, lang)
	more, problem := d.drawUse(dir, lang)
	files = append(files, more...)
	if err = errors.Join(err, problem); err != nil {
		return &Error{codePlots, fmt.Sprintf("the pictures cannot be written to %s: %v", dir, err), "name another folder for --plots"}
	}
	o.event(false, "%s in %s", plural(len(files), "picture file"), dir)
	return nil
}
