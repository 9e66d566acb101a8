package cmd

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// coefficientTable prints estimates the way a researcher reads them in R, for
// counts with the ratio of two rates beside them.
func coefficientTable(kind string, cs []model.Coefficient) string {
	robust, rates := len(cs) > 0 && cs[0].RobustStdError != nil, kind == configs.KindPoisson
	cells := func(term, estimate, rate, se, robustSE any, rest ...any) (row []any) {
		row = append(row, term, estimate)
		if rates {
			row = append(row, rate)
		}
		if row = append(row, se); robust {
			row = append(row, robustSE)
		}
		if robust {
			return append(row, rest...)
		}
		return append(row, rest[:len(rest)-1]...)
	}
	t := plainTable(cells("term", "estimate", "rate ratio", "std. error", "robust s.e.", "statistic", "p value", "95% interval", "robust 95% interval")...)
	for _, c := range cs {
		rate, robustSE, robustInterval := "", "", ""
		if c.Column != "(Intercept)" {
			rate = number(math.Exp(c.Estimate))
		}
		if c.RobustStdError != nil {
			robustSE = number(*c.RobustStdError)
		}
		if c.RobustConfLow != nil {
			robustInterval = fmt.Sprintf("%s to %s", number(*c.RobustConfLow), number(*c.RobustConfHigh))
		}
		t.AppendRow(cells(c.Term, number(c.Estimate), rate, number(c.StdError), robustSE, fmt.Sprintf("%.2f", c.Statistic), pValue(c.PValue),
			fmt.Sprintf("%s to %s", number(c.ConfLow), number(c.ConfHigh)), robustInterval))
	}
	return t.Render()
}

// testTable prints tests of the model without some terms, as R's drop1.
func testTable(tests []model.Test) string {
	t := plainTable("without", "df", tests[0].Distribution, "p value")
	for _, x := range tests {
		terms := strings.Join(x.Terms, " + ")
		if x.Failed != "" {
			t.AppendRow([]any{terms, x.DF, "no estimate", ""})
			continue
		}
		t.AppendRow([]any{terms, x.DF, fmt.Sprintf("%.3f", x.Statistic), pValue(x.PValue)})
	}
	return t.Render()
}

// notes say how the coefficients are to be read, one sentence each.
func notes(r *model.Result) (list []string) {
	if r.Clusters != nil {
		list = append(list, fmt.Sprintf("robust s.e. (%s) and robust 95%% interval hold when rows of one site resemble each other (%s); statistic, p value and 95%% interval go by std. error", r.RobustMethod, plural(int(*r.Clusters), "site")))
	}
	if r.Intercepts == configs.InterceptInstitution {
		list = append(list, "each institution has its own intercept, which never left it")
	}
	if r.Ridge > 0 {
		list = append(list, fmt.Sprintf("ridge penalty %g on standardised columns: estimates are drawn towards 0, and std. error is not that of an unpenalised model", r.Ridge))
	}
	if m := r.Mixed; m != nil {
		list = append(list, fmt.Sprintf("random intercept of %s (%s), by %s: variance %s between, %s within; ICC %.3f",
			m.Site, plural(int(m.Sites), "site"), m.Method, number(m.VarianceSite), number(m.VarianceResidual), m.ICC))
		if m.Singular {
			list = append(list, "no difference between sites is seen: their variance is at its bound, 0")
		}
	}
	list = append(list, beliefNotes(r)...)
	for _, x := range r.Tests {
		if x.Failed != "" {
			list = append(list, fmt.Sprintf("without %s: %s", strings.Join(x.Terms, " + "), x.Failed))
		}
	}
	return list
}

// shares lists which part of the rows each column cost.
func shares(dropped map[string]float64) string {
	var names []string
	for name, share := range dropped {
		if share > 0 {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %.1f%%", name, 100*dropped[name])
	}
	return strings.Join(names, ", ")
}
