package cmd

import (
	"fmt"
	"sort"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
)

// coefficientTable prints estimates the way a researcher reads them in R.
func coefficientTable(cs []model.Coefficient) string {
	t := plainTable("term", "estimate", "std. error", "statistic", "p value", "95% interval")
	for _, c := range cs {
		t.AppendRow([]any{c.Term, number(c.Estimate), number(c.StdError), fmt.Sprintf("%.2f", c.Statistic), pValue(c.PValue),
			fmt.Sprintf("%s to %s", number(c.ConfLow), number(c.ConfHigh))})
	}
	return t.Render()
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
