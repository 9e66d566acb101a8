package cmd

import (
	"math"

	"github.com/smartstart-federation/smartstart/cmd/factsheet"
	"github.com/smartstart-federation/smartstart/model/decide"
)

const normal95 = 1.959963984540054

// aucInterval is an AUC with its 95% interval by the standard error of Hanley and
// McNeil (Radiology 143:29, 1982), of at least one event and one other row. It is
// of chance alone, not of what opened bins leave open.
func aucInterval(auc float64, events, rows int64) factsheet.Interval {
	with, without := float64(events), float64(rows-events)
	q1, q2 := auc/(2-auc), 2*auc*auc/(1+auc)
	half := normal95 * math.Sqrt((auc*(1-auc)+(with-1)*(q1-auc*auc)+(without-1)*(q2-auc*auc))/(with*without))
	return factsheet.Interval{Estimate: auc, Low: math.Max(0, auc-half), High: math.Min(1, auc+half)}
}

// wilson is a share with its 95% interval.
func wilson(events, of float64) factsheet.Interval {
	low, high := decide.Wilson(events, of)
	return factsheet.Interval{Estimate: events / of, Low: low, High: high}
}
