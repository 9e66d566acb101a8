package cmd

import (
	"fmt"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
)

// describedTable prints a Table 1: a line for each column, and for each level of
// the group.
func describedTable(list []model.Described) string {
	t := plainTable("column", "group", "n", "missing", "mean", "SD", "quantiles or levels")
	for _, d := range list {
		group := d.Group
		if group == "" {
			group = "all"
		}
		if d.TooFew {
			t.AppendRow([]any{d.Column, group, "too few to say", "", "", "", ""})
			continue
		}
		var parts []string
		for _, q := range d.Quantiles {
			parts = append(parts, fmt.Sprintf("%g%% %s", 100*q.P, number(q.Value)))
		}
		for _, l := range d.Levels {
			parts = append(parts, fmt.Sprintf("%s %s", l.Level, thousands(int(l.N))))
		}
		if d.Merged > 0 {
			parts = append(parts, fmt.Sprintf("merged %s", thousands(int(d.Merged))))
		}
		t.AppendRow([]any{d.Column, group, thousands(int(d.N)), thousands(int(d.Missing)), optional(d.Mean), optional(d.SD), strings.Join(parts, ", ")})
	}
	return t.Render()
}

func optional(v *float64) string {
	if v == nil {
		return ""
	}
	return number(*v)
}
