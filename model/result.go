package model

import (
	"math"
	"math/big"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/areas"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Result is what a finished study says. Names follow R's broom.
type Result struct {
	Study        string             `json:"study"`
	Model        string             `json:"model"`
	Institutions int                `json:"institutions"` // filled in by whoever knows the set; not part of the state
	RowsUsed     int64              `json:"rows_used"`
	Children     *int64             `json:"children,omitempty"` // discrete_time: of how many children the rows, one a period, are
	Events       *int64             `json:"events,omitempty"`   // logistic: rows with the outcome; poisson: its sum
	Clusters     *int64             `json:"clusters,omitempty"` // sites, where robust standard errors are asked
	Dropped      map[string]float64 `json:"dropped"`            // share of rows in which a column is missing, columns with losses only
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
	RobustStdError *float64 `json:"robust_std_error,omitempty"` // holds when rows of one site resemble each other
	Statistic      float64  `json:"statistic"`                  // estimate / std_error: z or t
	PValue         float64  `json:"p_value"`                    // two-sided
	ConfLow        float64  `json:"conf_low"`
	ConfHigh       float64  `json:"conf_high"`
	RobustConfLow  *float64 `json:"robust_conf_low,omitempty"` // 95%, of robust_std_error with the correction for few sites: see robustInterval
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
		r.Clusters = &s.Counts.Sites
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

// fittedResult reads a logistic or poisson model.
func (p *Plan) fittedResult(r *Result, s *state) error {
	f := s.Fits[0]
	h := p.information(s, f)
	factors, row := mp.Factorise(h, mp.Pow2(singularAt))
	if row >= 0 {
		return fail(CodeState, "", "the state's Hessian cannot be inverted")
	}
	events := p.total(s)
	r.Events = &events
	deviance := p.devianceOf(s, f)
	r.Deviance = mp.Float64(deviance)
	r.LogLikelihood = -r.Deviance / 2
	if p.kind == configs.KindPoisson {
		r.LogLikelihood = mp.Float64(mp.Add(mp.Quo(deviance, mp.Int(-2)), p.saturated(s, satLikelihood)))
	}
	r.AIC = -2*r.LogLikelihood + 2*float64(p.degrees(s))
	if null, ok := p.nullDeviance(s); ok {
		r.NullDeviance = mp.Float64(null)
	}
	for _, other := range s.Fits[1:] {
		switch {
		case other.For == fitNull && other.Refusal == nil:
			r.NullDeviance = mp.Float64(p.devianceOf(s, other))
		case other.For == fitDrop:
			r.Tests = append(r.Tests, p.likelihoodRatio(s, f, other))
		}
	}
	r.Iterations = len(f.Decrements)
	r.ConditionNumber = conditionNumber(h)
	estimate := make([]*big.Float, len(f.Estimate))
	for j, b := range f.Estimate {
		estimate[j] = mp.Of(b)
	}
	inverse := factors.Inverse()
	var robust mp.Symmetric
	if s.Robust != nil {
		robust = p.robustCovariance(s, inverse)
	}
	r.Coefficients = p.coefficients(s, f.Params, s.Moments.SD, mp.Int(1), estimate, inverse, robust, normal())
	return p.believedResult(r, s)
}

func (p *Plan) devianceOf(s *state, f *fit) *big.Float {
	return mp.Scaled(f.Deviance.V, p.grids(s).deviance)
}

// likelihoodRatio is Wilks's test (1938) of the terms that a fit leaves out.
func (p *Plan) likelihoodRatio(s *state, main, without *fit) Test {
	t := p.test(without.Number)
	t.Distribution, t.DF = "chi-squared", int64(len(main.Params)-len(without.Params))
	if without.Refusal != nil {
		t.Failed = without.Refusal.Message
		return t
	}
	deviance := p.devianceOf(s, without)
	t.Deviance = mp.Float64(deviance)
	t.Statistic = max(0, mp.Float64(mp.Sub(deviance, p.devianceOf(s, main))))
	t.PValue = distuv.ChiSquared{K: float64(t.DF)}.Survival(t.Statistic)
	return t
}

func (p *Plan) test(number int) (t Test) {
	for _, label := range p.drop[number] {
		t.Terms = append(t.Terms, p.labels[label])
	}
	return t
}

// linearResult is ordinary least squares.
func (p *Plan) linearResult(r *Result, s *state) error {
	o := p.leastSquares(s, nil)
	if o == nil || o.residual.Sign() <= 0 {
		return fail(CodeState, "", "the state's squares cannot be solved")
	}
	k := len(p.terms)
	df := mp.Int(r.DFResidual)
	centre, unit := p.outcomeScale(s.Counts.Mean[k])
	size := mp.Of(unit)
	variance := mp.Quo(o.residual, df)
	covariance := o.covariance(variance)
	estimate := append([]*big.Float{mp.Add(o.intercept, mp.Quo(mp.Of(centre), size))}, o.slopes...)
	units := make([]float64, k)
	for j, t := range p.terms {
		units[j] = t.unitOf(s.Counts.Mean[j])
	}
	var robust mp.Symmetric
	if s.Robust != nil {
		robust = p.linearRobust(s, o, size)
	}
	params := make([]int, 0, k+1)
	for j := range k + 1 {
		if j > 0 || !p.ownIntercepts() {
			params = append(params, j)
		}
	}
	if p.ownIntercepts() {
		estimate, covariance = estimate[1:], below(covariance)
	}
	r.Coefficients = p.coefficients(s, params, units, size, estimate, covariance, robust, student(float64(r.DFResidual)))
	r.ConditionNumber = conditionNumber(correlations(o.square))

	total := o.outcome
	if p.ownIntercepts() {
		shift := mp.Scaled(s.Moments.Total[1].V, p.unit(0, 0)) // from the centre to the weighted mean
		total = mp.Sub(mp.Scaled(s.Moments.Total[0].V, p.unit(0, 0)), mp.Quo(mp.Mul(shift, shift), o.n))
	}
	rss, tss := mp.Mul(o.residual, mp.Mul(size, size)), mp.Mul(total, mp.Mul(size, size))
	r.Deviance, r.NullDeviance = mp.Float64(rss), mp.Float64(tss)
	sigma := mp.Float64(mp.Sqrt(mp.Quo(rss, df)))
	r2 := mp.Float64(mp.Sub(mp.Int(1), mp.Quo(o.residual, total)))
	adjusted := mp.Float64(mp.Sub(mp.Int(1), mp.Quo(mp.Mul(mp.Quo(o.residual, total), mp.Int(r.RowsUsed-1)), df)))
	r.Sigma, r.RSquared, r.AdjRSquared = &sigma, &r2, &adjusted
	rows := float64(r.RowsUsed)
	r.LogLikelihood = -rows / 2 * (math.Log(2*math.Pi*r.Deviance/rows) + 1)
	if p.weights >= 0 {
		r.LogLikelihood += mp.Float64(mp.Scaled(s.Moments.Weighted[k+2].V, logGrid)) / 2
	}
	r.AIC = -2*r.LogLikelihood + 2*float64(p.degrees(s)+1) // sigma counts, as in R
	r.Iterations = 1
	for i, labels := range p.drop {
		t := p.test(i)
		smaller := p.leastSquares(s, labels)
		t.Distribution, t.DF = "F", int64(k-len(smaller.params))
		t.Deviance = mp.Float64(mp.Mul(smaller.residual, mp.Mul(size, size)))
		t.Statistic = max(0, mp.Float64(mp.Quo(mp.Quo(mp.Sub(smaller.residual, o.residual), mp.Int(t.DF)), variance)))
		t.PValue = distuv.F{D1: float64(t.DF), D2: float64(r.DFResidual)}.Survival(t.Statistic)
		r.Tests = append(r.Tests, t)
	}
	return nil
}

// linearRobust is the robust covariance in the units of the moments.
func (p *Plan) linearRobust(s *state, o *least, size *big.Float) mp.Symmetric {
	inverse := o.covariance(mp.Int(1))
	scale := func(j int) *big.Float { // from a unit to an SD
		if j == 0 {
			return mp.Int(1)
		}
		return mp.Quo(mp.Of(s.Moments.SD[j-1]), mp.Of(p.terms[j-1].unitOf(s.Counts.Mean[j-1])))
	}
	for i := range inverse {
		for j := range inverse[i] {
			inverse[i][j] = mp.Mul(inverse[i][j], mp.Mul(scale(i), scale(j)))
		}
	}
	out := p.robustCovariance(s, inverse)
	for i := range out {
		for j := range out[i] {
			out[i][j] = mp.Quo(out[i][j], mp.Mul(mp.Mul(scale(i), scale(j)), mp.Mul(size, size)))
		}
	}
	return out
}

// below is a without its first row and column.
func below(a mp.Symmetric) (b mp.Symmetric) {
	for _, row := range a[1:] {
		b = append(b, row[1:])
	}
	return b
}

// unstandardise returns the matrix that takes estimates for (x - mean) / unit
// to estimates for x: each slope divided by its unit, the intercept less the
// slopes at the means; all times the outcome's unit.
func (p *Plan) unstandardise(params []int, units, mean []float64, size *big.Float) [][]*big.Float {
	a := make([][]*big.Float, len(params))
	for i := range a {
		a[i] = make([]*big.Float, len(params))
		for j := range a[i] {
			a[i][j] = mp.New()
		}
	}
	for n, j := range params {
		if j == 0 {
			a[n][n] = mp.New().Set(size)
			continue
		}
		a[n][n] = mp.Quo(size, mp.Of(units[j-1]))
		if params[0] == 0 {
			a[0][n] = mp.New().Neg(mp.Mul(mp.Of(mean[j-1]), a[n][n]))
		}
	}
	return a
}

// coefficients maps estimates and their covariance to the raw scale.
func (p *Plan) coefficients(s *state, params []int, units []float64, size *big.Float, estimate []*big.Float, covariance, robust mp.Symmetric, d distribution) []Coefficient {
	raw := p.unstandardise(params, units, s.Counts.Mean, size)
	out := make([]Coefficient, len(params))
	for i, j := range params {
		c := &out[i]
		c.Term, c.Column = "(Intercept)", "(Intercept)"
		if j > 0 {
			t := p.terms[j-1]
			c.Term, c.Column, c.Level = t.name, t.column, t.level
		}
		b, variance := mp.Dot(raw[i], estimate), covariance.Quadratic(raw[i])
		c.Estimate, c.StdError = mp.Float64(b), mp.Float64(mp.Sqrt(variance))
		if robust != nil {
			v := robust.Quadratic(raw[i])
			if v.Sign() < 0 { // sums that no rows give; the others are checked when they are opened
				v = mp.New()
			}
			e := mp.Float64(mp.Sqrt(v))
			c.RobustStdError = &e
			c.RobustConfLow, c.RobustConfHigh = p.robustInterval(s, mp.Float64(b), e)
		}
		c.Statistic = c.Estimate / c.StdError
		c.PValue = d.twoSided(c.Statistic)
		half := d.half * c.StdError
		c.ConfLow, c.ConfHigh = c.Estimate-half, c.Estimate+half
	}
	return out
}
