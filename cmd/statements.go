package cmd

import (
	"fmt"
	"math"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/statement"
)

// statementTable prints what was stated beside what the data say: always three
// columns, experts alone, data alone and both, as ratios of odds.
func statementTable(all []model.Stated) string {
	t := plainTable("statement", "said by", "experts alone", "data alone", "both", "the data say")
	for _, s := range all {
		both := "no estimate"
		if s.Both != nil {
			both = odds(*s.Both)
		}
		t.AppendRow([]any{s.ID, strings.ReplaceAll(s.Who, "_", " "), odds(s.Experts), odds(s.Data), both, verdictInWords(s)})
	}
	return t.Render()
}

func odds(i model.Interval) string {
	return fmt.Sprintf("%s (%s to %s)", ratio(i.Estimate), ratio(i.ConfLow), ratio(i.ConfHigh))
}

func ratio(logOdds float64) string { return fmt.Sprintf("%.2f", math.Exp(logOdds)) }

// verdictInWords is the verdict, and of a supported statement how large the
// effect is beside what was stated.
func verdictInWords(s model.Stated) string {
	switch s.Verdict {
	case statement.Contradicted:
		return "contradicted"
	case statement.CannotTell:
		return "cannot tell"
	}
	switch s.Size {
	case statement.Smaller:
		return "supported, smaller than stated"
	case statement.Larger:
		return "supported, larger than stated"
	case statement.AsStated:
		return "supported, as large as stated"
	}
	return "supported"
}

// beliefNotes say how a result with priors or statements is to be read.
func beliefNotes(r *model.Result) (list []string) {
	if len(r.Both) > 0 {
		list = append(list, "with what was believed: std. error is that of the posterior under normal priors, and the interval says where 95% of the belief lies after the data")
	}
	for _, p := range r.Priors {
		list = append(list, fmt.Sprintf("believed of %s: %s, give or take %s (mean and standard deviation)", p.Term, number(p.Mean), number(p.SD)))
	}
	for _, s := range r.Statements {
		list = append(list, fmt.Sprintf("%s: %q (true where %s)", s.ID, s.Says, s.Rule))
	}
	if len(r.Statements) > 0 {
		list = append(list, "supported: the data's whole interval lies on the stated side of 1; contradicted: on the other side; cannot tell: 1 lies in it, which more children may change")
	}
	if r.BothFailed != "" {
		list = append(list, "data and beliefs together: no estimate: "+r.BothFailed)
	}
	return list
}

func children(n int) string {
	if n == 1 {
		return "1 child"
	}
	return thousands(n) + " children"
}
