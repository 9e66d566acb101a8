package cmd

import (
	"github.com/smartstart-federation/smartstart/cmd/factsheet"
	"github.com/smartstart-federation/smartstart/model/decide"
)

// aucInterval is an AUC with its 95% interval, of chance alone and not of what
// opened bins leave open.
func aucInterval(auc float64, events, rows int64) factsheet.Interval {
	low, high := decide.HanleyMcNeil(auc, float64(events), float64(rows))
	return factsheet.Interval{Estimate: auc, Low: low, High: high}
}

// wilson is a share with its 95% interval.
func wilson(events, of float64) factsheet.Interval {
	low, high := decide.Wilson(events, of)
	return factsheet.Interval{Estimate: events / of, Low: low, High: high}
}
