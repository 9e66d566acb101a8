package model

import "github.com/smartstart-federation/smartstart/model/validation"

// Evaluation says how well a model predicts rows it was not fitted on. Every
// number comes from opened sums; nothing in it is a single row.
type Evaluation struct {
	HeldOut *Judged            `json:"held_out,omitempty"` // rows kept aside by [evaluate] where or held_out
	LeftOut []Judged           `json:"left_out,omitempty"` // institutions judged by a model that never saw them, fold by fold
	Groups  map[string][]Group `json:"groups,omitempty"`   // fairness, by column of [evaluate] groups
	Curve   []CurvePoint       `json:"learning_curve,omitempty"`
	Notes   []string           `json:"notes,omitempty"` // why a part that was asked has no numbers
}

// Unseen is how the model did on rows that it never saw: those kept aside, or those
// of all left-out institutions together, which stand last; nil without either.
func (e *Evaluation) Unseen() *Judged {
	switch {
	case e == nil:
		return nil
	case e.HeldOut != nil:
		return e.HeldOut
	case len(e.LeftOut) > 0:
		return &e.LeftOut[len(e.LeftOut)-1]
	}
	return nil
}

// Judged is one model on one set of rows that it never saw.
type Judged struct {
	Institutions []string `json:"institutions,omitempty"` // whose rows they are; empty for held-out rows of all
	Rows         int64    `json:"rows"`
	Events       int64    `json:"events"`
	Ranking               // of the model's predictions
	Brier        float64  `json:"brier"`                 // mean of (y-p)^2
	Slope        float64  `json:"calibration_slope"`     // of a logistic regression of the outcome on the linear predictor; 1 is right
	Intercept    float64  `json:"calibration_intercept"` // of the same regression
	OE           float64  `json:"oe_ratio"`              // events observed for each one expected
	Bins         []Bin    `json:"bins"`                  // from the lowest predictions to the highest
	Moved        int64    `json:"moved,omitempty"`       // rows counted in a neighbouring bin to hide one or two in theirs, at most; in auc_bin_error
	Rule         *Rule    `json:"rule,omitempty"`        // the simplest alternative on the same rows
}

// Ranking is what a score is worth when only its order counts, and Top what
// selecting by it gives.
type (
	Ranking = validation.Ranking
	Top     = validation.Top
)

// Bin is a run of predictions.
type Bin struct {
	Rows     int64   `json:"rows"`
	Events   int64   `json:"events"`
	Expected float64 `json:"expected"` // sum of the predicted probabilities
}

// Rule ranks rows by one column and fits nothing.
type Rule struct {
	Column    string `json:"column"`
	Ascending bool   `json:"ascending"` // high values first when true
	Ranking
}

// Group is one level of a fairness column, at the opened cut nearest to the share
// [evaluate] select of rows with the highest predictions. Intervals are
// Wilson's, of level 95%. A group whose cells would describe few children is too
// few to say, and has no rates.
type Group struct {
	Level     string `json:"level"`
	TooFew    bool   `json:"too_few,omitempty"`
	Rows      int64  `json:"n,omitempty"`
	Events    int64  `json:"events,omitempty"`
	Selected  *Share `json:"selected,omitempty"`  // selected among all
	FPR       *Share `json:"fpr,omitempty"`       // selected among those without the outcome
	FNR       *Share `json:"fnr,omitempty"`       // not selected among those with the outcome
	Precision *Share `json:"precision,omitempty"` // with the outcome among the selected
}

// Share is a proportion with its 95% interval.
type Share struct {
	Of       int64   `json:"of"`
	Estimate float64 `json:"estimate"`
	ConfLow  float64 `json:"conf_low"`
	ConfHigh float64 `json:"conf_high"`
}

// CurvePoint is how well models do that learnt from a number of sites (schools),
// tested at other sites of the same institution; an average over models.
type CurvePoint struct {
	Sites  int     `json:"sites"`
	Models int64   `json:"models"`
	AUC    float64 `json:"auc"`
}
