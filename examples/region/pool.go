package region

import (
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
)

// PooledColumn is a column of the pooled yardstick, which no federation here
// can make yet: the holders' columns side by side on the same child.
type PooledColumn struct {
	Name     string
	Kind     string // integer, number, yes_no or category
	Levels   []string
	Min, Max float64 // integer and number
	Values   []float64
	Missing  []bool
}

// Columns of a pool that are no holder's.
const (
	PoolReported = "pool_reported" // 1 with a report before 144 months: the outcome
	PoolOracle   = "pool_oracle"   // the true linear predictor of becoming a case
	PoolKnown    = "known_"        // before a group: 1 where it has a file of the child
)

// Pool draws all children that any of the groups has a file of, and lays the
// groups' columns side by side, without duplicates and wrong pseudonyms. Where a
// group has no file its columns are 0 and known_GROUP is 0; where it has one and
// the value is missing, the value is missing. What serves as no predictor stays
// out: places, notes, protected columns, and all that follows from a report.
//
// It holds every child in memory: 60,000 children take about 40 MB.
func (w *World) Pool(groups ...string) ([]PooledColumn, error) {
	var columns []PooledColumn
	var from []int // the link of each, -1 for others
	add := func(name, kind string, link int) {
		c := PooledColumn{Name: name, Kind: kind, Min: 0, Max: 1}
		if link >= 0 {
			l := &w.plan.links[link]
			c.Levels = l.Levels
			if kind == configs.Integer || kind == configs.Number {
				c.Min, c.Max = l.Min, l.Max
			}
		}
		columns, from = append(columns, c), append(from, link)
	}
	add(PoolReported, configs.YesNo, -1)
	add(PoolOracle, configs.Number, -1)
	columns[1].Min, columns[1].Max = -50, 50
	for _, g := range groups {
		add(PoolKnown+g, configs.YesNo, -1)
	}
	for i := range w.plan.links {
		l := &w.plan.links[i]
		outcome := slices.Contains([]string{"report_age", "told_age", "advice", "reporter", "immediate"}, l.Name)
		place := slices.Contains([]string{"area", "school", "district", "note"}, l.Name)
		if !outcome && !place && !l.AuditOnly && slices.ContainsFunc(l.Holders, func(g string) bool { return slices.Contains(groups, g) }) {
			add(l.Column, l.Kind, i)
		}
	}
	err := w.Each(func(c *Child) error {
		if !slices.ContainsFunc(groups, c.Known) {
			return nil
		}
		for k := range columns {
			v, missing := 0.0, false
			switch link := from[k]; {
			case k == 0:
				v = one(c.Reported)
			case k == 1:
				v = c.Oracle
			case link < 0:
				v = one(c.Known(groups[k-2]))
			case slices.ContainsFunc(w.plan.links[link].Holders, func(g string) bool { return slices.Contains(groups, g) && c.Known(g) }):
				v, missing = c.x[link], c.missing[link]
			}
			if missing {
				v = 0
			}
			columns[k].Values, columns[k].Missing = append(columns[k].Values, v), append(columns[k].Missing, missing)
		}
		return nil
	})
	return columns, err
}

// RankedAUC is the chance that a row with the outcome has the higher score;
// ties count half.
func RankedAUC(outcome, score []float64) float64 {
	order := make([]int, len(score))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case score[a] < score[b]:
			return -1
		case score[a] > score[b]:
			return 1
		}
		return 0
	})
	ranks, events := 0.0, 0.0
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && score[order[j]] == score[order[i]] {
			j++
		}
		for _, row := range order[i:j] {
			ranks += outcome[row] * float64(i+j+1) / 2
			events += outcome[row]
		}
		i = j
	}
	return (ranks - events*(events+1)/2) / (events * (float64(len(order)) - events))
}
