package cmd

import (
	"fmt"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/areas"
)

// printAreas prints a table of areas by indicators: rates, each with the error
// that rounding leaves, in the order of the codebook.
func printAreas(o *output, t *areas.Table) {
	header, counts := []any{t.Column}, -1
	for i, k := range t.Indicators {
		if k.Name == t.Children {
			counts = i
		}
		header = append(header, k.Name)
	}
	list := plainTable(header...)
	row := func(name string, rates []areas.Rate) {
		cells := []any{name}
		for i, r := range rates {
			switch {
			case r.TooFew:
				cells = append(cells, "too few")
			case i == counts:
				cells = append(cells, thousands(int(r.Count)))
			default:
				cells = append(cells, fmt.Sprintf("%.1f +-%.1f", 100*r.Rate, 100*r.Error))
			}
		}
		list.AppendRow(cells)
	}
	across := func(of func(k *areas.Indicator) areas.Rate) (rates []areas.Rate) {
		for i := range t.Indicators {
			rates = append(rates, of(&t.Indicators[i]))
		}
		return rates
	}
	for a, name := range t.Areas {
		row(name, across(func(k *areas.Indicator) areas.Rate { return k.Areas[a] }))
	}
	if t.Children == "" {
		row("other areas together", across(func(k *areas.Indicator) areas.Rate {
			if k.Rest == nil {
				return areas.Rate{TooFew: true}
			}
			return *k.Rest
		}))
	}
	row("the region", across(func(k *areas.Indicator) areas.Rate { return k.Region }))
	o.print("%s", list.Render())
	var merged []string
	for _, k := range t.Indicators {
		if k.Merged > 0 {
			merged = append(merged, fmt.Sprintf("%s about %d", k.Name, k.Merged))
		}
	}
	of := "the children whose record has the indicator, and not of all children of the area"
	if t.Children != "" {
		of = fmt.Sprintf("the children that %q counts in the area; where files of an institution do not cover an area, a low rate says little", t.Children)
	}
	o.print("rates are percentages, of %s; +- is what rounding to %d leaves, at most", of, areas.Step)
	if len(merged) > 0 {
		o.print("areas that an institution added together, because a count there was small, and that are missing from the rows above: %s", strings.Join(merged, ", "))
	}
}

// printAnomaly prints how many rows lie how far out, never which.
func printAnomaly(o *output, r *model.Result) {
	a := r.Anomaly
	list := plainTable("if columns were normal", "rows beyond", "expected", "squared distance")
	for _, t := range a.Tails {
		rows := any("too few to say")
		if !t.TooFew {
			rows = thousands(int(t.Rows))
		}
		list.AppendRow([]any{fmt.Sprintf("%g%%", 100*t.Share), rows, fmt.Sprintf("%.0f", t.Expected), number(t.Distance)})
	}
	o.print("%s", list.Render())
	if a.Alarms != nil {
		o.print("at most 1%% of rows to look at again: beyond a squared distance of %s, %s rows (%.2f%%)", number(a.Alarms.Distance), thousands(int(a.Alarms.Rows)), 100*a.Alarms.Share)
	} else {
		o.print("no threshold of at most 1%% of the rows could be told")
	}
	if a.Reweighed {
		o.print("mean and covariance are of the %s rows not farthest out", thousands(int(a.Estimated)))
	}
	if a.Moved > 0 {
		o.print("counts are off by at most %s, where institutions had one or two rows in a bin", thousands(int(a.Moved)))
	}
	o.print("which rows these are only the institution knows that holds them")
}
