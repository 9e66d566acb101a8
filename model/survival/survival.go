// Package survival turns children into person-periods, the form in which a
// logistic regression is a model of discrete-time survival (Cox, Journal of the
// Royal Statistical Society B 34, 1972, section 9; Allison, Sociological
// Methodology 13, 1982; Singer and Willett, Journal of Educational Statistics
// 18, 1993).
//
// A child is followed from the first cut and is at risk in every period that
// begins before the event, or before it was last seen. The outcome of a period
// is whether the event falls in it. Equal to R's
// survival::survSplit(Surv(time, event) ~ ., data, cut) without the rows before
// the first and after the last cut.
package survival

// Unknown is the period of a child whose time or event is missing.
const Unknown = -1

// Row is one child in one period.
type Row struct {
	Child  int  // index in the lists given
	Period int  // from 0, or Unknown
	Event  bool // whether the event falls in the period
}

// Expand returns the person-periods of every child, in the children's order.
//
// time[i] is the age at the event where event[i] is 1, else the age until which
// the child was followed; unknown[i] says that one of the two is missing. cuts
// are at least two ages in order; period k is (cuts[k], cuts[k+1]], so that an
// event at cuts[k+1] falls in it.
//
// A child whose time is not above the first cut is at risk in no period and has
// no row. Times above the last cut count as followed to there without an event.
// A child that was last seen within a period is counted in it, without an
// event. A child of whom time or event is missing has one row of period
// Unknown, so that the loss is seen.
func Expand(time, event []float64, unknown []bool, cuts []float64) []Row {
	var rows []Row
	for i, t := range time {
		if unknown[i] {
			rows = append(rows, Row{Child: i, Period: Unknown})
			continue
		}
		for k := 0; k+1 < len(cuts) && t > cuts[k]; k++ {
			rows = append(rows, Row{i, k, event[i] == 1 && t <= cuts[k+1]})
		}
	}
	return rows
}
