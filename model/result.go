package model

import (
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/areas"
)

// Result is what a finished study says. Names follow R's broom.
type Result struct {
	Study        string             `json:"study"`
	Model        string             `json:"model"`
	Institutions int                `json:"institutions"` // filled in by whoever knows the set; not part of the state
	RowsUsed     int64              `json:"rows_used"`
	Children     *int64             `json:"children,omitempty"`      // discrete_time: of how many children the rows, one a period, are
	Events       *int64             `json:"events,omitempty"`        // logistic: rows with the outcome; poisson: its sum
	Clusters     *int64             `json:"clusters,omitempty"`      // sites, where robust standard errors are asked
	RobustMethod string             `json:"robust_method,omitempty"` // of the robust standard errors: "CR2"
	Dropped      map[string]float64 `json:"dropped"`                 // share of rows in which a column is missing, columns with losses only
	Coefficients []Coefficient      `json:"coefficients"`

	Deviance        float64 `json:"deviance"`                // linear: residual sum of squares
	NullDeviance    float64 `json:"null_deviance,omitempty"` // 0 where it is not known
	AIC             float64 `json:"aic"`
	LogLikelihood   float64 `json:"log_likelihood"`
	DFResidual      int64   `json:"df_residual"`
	Iterations      int     `json:"iterations"` // Newton steps; 1 for linear
	Converged       bool    `json:"converged"`
	ConditionNumber float64 `json:"condition_number"` // see conditionNumber

	Sigma       *float64 `json:"sigma,omitempty"` // linear
	RSquared    *float64 `json:"r_squared,omitempty"`
	AdjRSquared *float64 `json:"adj_r_squared,omitempty"`

	Ridge      float64      `json:"ridge,omitempty"`      // the penalty; std_error is then that of the posterior under its Gaussian prior
	Intercepts string       `json:"intercepts,omitempty"` // "institution": each has its own, which never left it
	*Mixed                  // of a mixed model: site, sites, variance_site, variance_residual, icc and so on, at this level of the JSON
	Table      []Described  `json:"table,omitempty"`   // descriptives
	Areas      *areas.Table `json:"areas,omitempty"`   // areas
	Anomaly    *Anomaly     `json:"anomaly,omitempty"` // anomaly
	Tests      []Test       `json:"tests,omitempty"`
	Evaluation *Evaluation  `json:"evaluation,omitempty"`

	Priors     []Believed    `json:"priors,omitempty"`      // what was believed beforehand, of single terms
	Both       []Coefficient `json:"both,omitempty"`        // estimates from data and priors together; Coefficients are of the data alone
	BothFailed string        `json:"both_failed,omitempty"` // why there are none
	Statements []Stated      `json:"statements,omitempty"`

	OpenedNumbers       int     `json:"opened_numbers"` // over all rounds
	OpenedNumbersPerRow float64 `json:"opened_numbers_per_row"`
}

// Coefficient is one estimate on the raw scale of its column. The interval has
// level 95% (Wald: normal for logistic, Student for linear models).
type Coefficient struct {
	Term           string   `json:"term"` // as R names it
	Column         string   `json:"column"`
	Level          string   `json:"level,omitempty"` // of a category
	Estimate       float64  `json:"estimate"`
	StdError       float64  `json:"std_error"`
	RobustStdError *float64 `json:"robust_std_error,omitempty"` // holds when rows of one site resemble each other: by robust_method
	Statistic      float64  `json:"statistic"`                  // estimate / std_error: z or t
	PValue         float64  `json:"p_value"`                    // two-sided
	ConfLow        float64  `json:"conf_low"`
	ConfHigh       float64  `json:"conf_high"`
	RobustConfLow  *float64 `json:"robust_conf_low,omitempty"` // 95%, of robust_std_error: see robustInterval
	RobustConfHigh *float64 `json:"robust_conf_high,omitempty"`
}

// Test compares the model with one that lacks some terms: a likelihood-ratio
// test, or for a linear model the F test, as R's drop1.
type Test struct {
	Terms        []string `json:"terms"`
	DF           int64    `json:"df"`
	Distribution string   `json:"distribution"` // "chi-squared" | "F"
	Statistic    float64  `json:"statistic"`
	PValue       float64  `json:"p_value"`
	Deviance     float64  `json:"deviance"`         // of the smaller model
	Failed       string   `json:"failed,omitempty"` // why the smaller model has no estimate; the numbers are then 0
}

// Result reads the end of a study. The error is the refusal it ended with
// (codes SS52xx), or SS5113 while rounds are still to come. It is computed
// from the state alone and is not part of what parties compare.
func (p *Plan) Result(stateBytes []byte) (*Result, error) {
	s, err := p.parse(stateBytes)
	if err != nil {
		return nil, err
	}
	switch s.Phase {
	case phaseFailed:
		return nil, s.Refusal.err()
	case phaseDone:
	default:
		return nil, fail(CodeUnfinished, "wait for the rounds that are still to come", "the study has no result yet")
	}
	return p.method().result(p, s)
}

// designResult reads the end of a study with a design.
func (p *Plan) designResult(s *state) (*Result, error) {
	n := s.Counts.Complete
	r := &Result{
		Study: p.study.About.ID, Model: p.Kind(), RowsUsed: n, Dropped: map[string]float64{},
		DFResidual: n - p.degrees(s), Converged: true, Ridge: p.study.Model.Penalty.Ridge,
		OpenedNumbers: s.Opened, OpenedNumbersPerRow: float64(s.Opened) / float64(n),
	}
	if p.ownIntercepts() {
		r.Intercepts = configs.InterceptInstitution
	}
	if s.Robust != nil {
		r.Clusters, r.RobustMethod = &s.Counts.Sites, p.robustMethod()
	}
	if p.survives() {
		r.Children, r.OpenedNumbersPerRow = &s.Counts.Children, float64(s.Opened)/float64(s.Counts.Children)
	}
	r.Evaluation = p.evaluated(s)
	for j, src := range p.sources {
		if lost := s.Counts.Rows - s.Counts.Present[j]; lost > 0 {
			r.Dropped[src.name] = float64(lost) / float64(s.Counts.Rows)
		}
	}
	if p.comparing() {
		p.comparedResult(r, s)
		return r, nil
	}
	if p.mixes() {
		return r, p.mixedResult(r, s)
	}
	if p.kind == configs.KindLinear {
		return r, p.linearResult(r, s)
	}
	return r, p.fittedResult(r, s)
}
