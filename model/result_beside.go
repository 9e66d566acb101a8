package model

import (
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Difference is what one model has beyond another on the same rows: a situation
// model (area or household) beside a child model, or either beside both.
type Difference struct {
	Studies  [2]string  `json:"studies"`
	Terms    [2]int     `json:"terms"` // without the intercept
	Rows     int64      `json:"rows_used"`
	Deviance [2]float64 `json:"deviance"`
	AIC      [2]float64 `json:"aic"`
	LessAIC  float64    `json:"aic_less"` // of the second: above 0, it says more than its terms cost

	// The likelihood-ratio test, where the terms of one are among the other's.
	Test *Test `json:"test,omitempty"`

	// On rows that neither model saw.
	Judged  int64       `json:"rows_judged,omitempty"`
	Events  int64       `json:"events_judged,omitempty"`
	AUC     *[2]float64 `json:"auc,omitempty"`
	MoreAUC float64     `json:"auc_more"`       // of the second
	Error   float64     `json:"auc_more_error"` // from bins alone, not from chance: the exact difference lies within auc_more +- this
	Brier   *[2]float64 `json:"brier,omitempty"`
	Level   string      `json:"judged_on,omitempty"` // "held-out rows" | "institutions left out"
}

// Beside compares two finished logistic models of one outcome. Both have to be
// fitted on the same rows and judged on the same rows, which what both opened
// must agree with: as many rows, as many with the outcome. No standard error is
// given of the difference of the AUCs: bins of two models do not say how their
// errors go together.
func Beside(a, b *Result) (*Difference, error) {
	other := "give both studies the same cohort, the same held-out rows, and columns that are missing in the same rows"
	if a == nil || b == nil || a.Events == nil || b.Events == nil || a.Model != b.Model {
		return nil, fail(CodeKind, "compare two logistic models", "the two results are not of two models of one outcome")
	}
	if a.RowsUsed != b.RowsUsed || *a.Events != *b.Events {
		return nil, fail(CodeContradiction, other, "study %s was fitted on %d rows with %d events and study %s on %d with %d: models are compared on the same rows",
			a.Study, a.RowsUsed, *a.Events, b.Study, b.RowsUsed, *b.Events)
	}
	d := &Difference{Studies: [2]string{a.Study, b.Study}, Rows: a.RowsUsed, Deviance: [2]float64{a.Deviance, b.Deviance}, AIC: [2]float64{a.AIC, b.AIC}, LessAIC: a.AIC - b.AIC}
	small, large := terms(a), terms(b)
	d.Terms = [2]int{len(small), len(large)}
	d.Test = nested(a, b, small, large)
	x, y, level := a.Evaluation.Unseen(), b.Evaluation.Unseen(), "held-out rows"
	if x == nil && y == nil {
		return d, nil
	}
	if x == nil || y == nil || x.Rows != y.Rows || x.Events != y.Events || !slices.Equal(x.Institutions, y.Institutions) {
		return nil, fail(CodeContradiction, other, "studies %s and %s were not judged on the same rows", a.Study, b.Study)
	}
	if len(x.Institutions) > 0 {
		level = "institutions left out"
	}
	d.Judged, d.Events, d.Level = x.Rows, x.Events, level
	d.AUC, d.Brier = &[2]float64{x.AUC, y.AUC}, &[2]float64{x.Brier, y.Brier}
	d.MoreAUC, d.Error = y.AUC-x.AUC, x.BinError+y.BinError
	return d, nil
}

func terms(r *Result) (names []string) {
	for _, c := range r.Coefficients {
		if c.Term != "(Intercept)" {
			names = append(names, c.Term)
		}
	}
	return names
}

// nested tests the terms that the larger model has beyond the smaller; nil where
// neither holds the other, or a penalty makes it no test.
func nested(a, b *Result, x, y []string) *Test {
	if len(x) > len(y) {
		a, b, x, y = b, a, y, x
	}
	var more []string
	for _, name := range y {
		if !slices.Contains(x, name) {
			more = append(more, name)
		}
	}
	if len(more) != len(y)-len(x) || len(more) == 0 || a.Ridge > 0 || b.Ridge > 0 || a.Intercepts != b.Intercepts {
		return nil
	}
	t := &Test{Terms: more, DF: int64(len(more)), Distribution: "chi-squared", Deviance: a.Deviance, Statistic: max(0, a.Deviance-b.Deviance)}
	t.PValue = distuv.ChiSquared{K: float64(t.DF)}.Survival(t.Statistic)
	return t
}
