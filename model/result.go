package model

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
)

// Result is what a finished study says. Names follow R's broom.
type Result struct {
	Study        string             `json:"study"`
	Model        string             `json:"model"`
	Institutions int                `json:"institutions"` // filled in by whoever knows the set; not part of the state
	RowsUsed     int64              `json:"rows_used"`
	Events       *int64             `json:"events,omitempty"` // logistic
	Dropped      map[string]float64 `json:"dropped"`          // share of rows in which a column is missing, columns with losses only
	Coefficients []Coefficient      `json:"coefficients"`

	Deviance        float64 `json:"deviance"` // linear: residual sum of squares
	NullDeviance    float64 `json:"null_deviance"`
	AIC             float64 `json:"aic"`
	LogLikelihood   float64 `json:"log_likelihood"`
	DFResidual      int64   `json:"df_residual"`
	Iterations      int     `json:"iterations"` // Newton steps; 1 for linear
	Converged       bool    `json:"converged"`
	ConditionNumber float64 `json:"condition_number"` // see conditionNumber

	Sigma       *float64 `json:"sigma,omitempty"` // linear
	RSquared    *float64 `json:"r_squared,omitempty"`
	AdjRSquared *float64 `json:"adj_r_squared,omitempty"`

	OpenedNumbers       int     `json:"opened_numbers"` // over all rounds
	OpenedNumbersPerRow float64 `json:"opened_numbers_per_row"`
}

// Coefficient is one estimate on the raw scale of its column. The interval has
// level 95% (Wald: normal for logistic, Student for linear models).
type Coefficient struct {
	Term      string  `json:"term"` // as R names it
	Column    string  `json:"column"`
	Level     string  `json:"level,omitempty"` // of a category
	Estimate  float64 `json:"estimate"`
	StdError  float64 `json:"std_error"`
	Statistic float64 `json:"statistic"` // estimate / std_error: z or t
	PValue    float64 `json:"p_value"`   // two-sided
	ConfLow   float64 `json:"conf_low"`
	ConfHigh  float64 `json:"conf_high"`
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
	n, k := s.Counts.Complete, int64(p.size())
	r := &Result{
		Study: p.study, Model: p.kind, RowsUsed: n, Dropped: map[string]float64{},
		DFResidual: n - k, Converged: true,
		OpenedNumbers: s.Opened, OpenedNumbersPerRow: float64(s.Opened) / float64(n),
	}
	for j, name := range p.columns {
		if lost := s.Counts.Rows - s.Counts.Present[j]; lost > 0 {
			r.Dropped[name] = float64(lost) / float64(s.Counts.Rows)
		}
	}
	if p.kind == configs.KindLogistic {
		return r, p.logisticResult(r, s)
	}
	return r, p.linearResult(r, s)
}

func (p *Plan) logisticResult(r *Result, s *state) error {
	f, e := s.Fit, p.exponents(s)
	h := unpack(f.Hessian, p.size(), func(i, j int) int { return gridBits - e[i] - e[j] })
	factors, row := factorise(h, power(singularAt))
	if row >= 0 {
		return fail(CodeState, "", "the state's Hessian cannot be inverted")
	}
	events := s.Counts.events()
	r.Events = &events
	r.Deviance = round(scaled(f.Deviance.v, devianceGrid))
	r.NullDeviance = round(scaled(nullDeviance(s.Counts), devianceGrid))
	r.LogLikelihood = -r.Deviance / 2
	r.AIC = r.Deviance + 2*float64(p.size())
	r.Iterations = len(f.Decrements)
	r.ConditionNumber = conditionNumber(h)
	estimate := make([]*big.Float, p.size())
	for j, b := range f.Estimate {
		estimate[j] = exactly(b)
	}
	raw := p.unstandardise(s.Moments.SD, s.Counts.Mean)
	r.Coefficients = p.coefficients(raw, estimate, factors.inverse(), normal())
	return nil
}

// linearResult is ordinary least squares on columns about their means, which
// is the same problem: the intercept is then the outcome's mean and
// uncorrelated with the slopes.
func (p *Plan) linearResult(r *Result, s *state) error {
	k := len(p.terms)
	square := unpack(s.Moments.Square, k, unit)
	factors, row := factorise(square, power(collinearAt))
	if row >= 0 {
		return fail(CodeState, "", "the state's squares cannot be inverted")
	}
	product := make([]*big.Float, k)
	for j := range product {
		product[j] = scaled(s.Moments.Product[j].v, unitGrid)
	}
	total := scaled(s.Moments.Outcome[0].v, unitGrid)
	slopes := factors.solve(product)
	residual := diff(total, dot(slopes, product))
	if residual.Sign() <= 0 {
		return fail(CodeState, "", "the state's squares leave no residual")
	}
	n, df := whole(r.RowsUsed), whole(r.DFResidual)
	size := exactly(p.outcome.unitOf(s.Counts.Mean[k])) // the outcome's unit
	variance := quo(residual, df)

	estimate := append([]*big.Float{quo(exactly(s.Counts.Mean[k]), size)}, slopes...)
	covariance := symmetric{{quo(variance, n)}}
	for i, line := range factors.inverse() {
		row := []*big.Float{num()}
		for j := range line[:i+1] {
			row = append(row, mul(line[j], variance))
		}
		covariance = append(covariance, row)
	}
	units := make([]float64, k)
	for j, t := range p.terms {
		units[j] = t.unitOf(s.Counts.Mean[j])
	}
	raw := p.unstandardise(units, s.Counts.Mean)
	for i := range raw {
		for j := range raw[i] {
			raw[i][j] = mul(raw[i][j], size)
		}
	}
	r.Coefficients = p.coefficients(raw, estimate, covariance, student(float64(r.DFResidual)))
	r.ConditionNumber = conditionNumber(correlations(square))

	rss, tss := mul(residual, mul(size, size)), mul(total, mul(size, size))
	r.Deviance, r.NullDeviance = round(rss), round(tss)
	sigma := round(root(quo(rss, df)))
	r2 := round(diff(whole(1), quo(residual, total)))
	adjusted := round(diff(whole(1), quo(mul(quo(residual, total), whole(r.RowsUsed-1)), df)))
	r.Sigma, r.RSquared, r.AdjRSquared = &sigma, &r2, &adjusted
	rows := float64(r.RowsUsed)
	r.LogLikelihood = -rows / 2 * (math.Log(2*math.Pi*r.Deviance/rows) + 1)
	r.AIC = -2*r.LogLikelihood + 2*float64(p.size()+1) // sigma counts, as in R
	r.Iterations = 1
	return nil
}

// unstandardise returns the matrix that takes estimates for (x - mean) / unit
// to estimates for x: each slope divided by its unit, the intercept less the
// slopes at the means.
func (p *Plan) unstandardise(units, mean []float64) [][]*big.Float {
	k := p.size()
	a := make([][]*big.Float, k)
	for i := range a {
		a[i] = make([]*big.Float, k)
		for j := range a[i] {
			a[i][j] = num()
		}
	}
	a[0][0] = whole(1)
	for j := 1; j < k; j++ {
		a[j][j] = quo(whole(1), exactly(units[j-1]))
		a[0][j] = num().Neg(mul(exactly(mean[j-1]), a[j][j]))
	}
	return a
}

// coefficients maps estimates and their covariance to the raw scale.
func (p *Plan) coefficients(raw [][]*big.Float, estimate []*big.Float, covariance symmetric, d distribution) []Coefficient {
	out := make([]Coefficient, p.size())
	for i := range out {
		c := &out[i]
		c.Term, c.Column = "(Intercept)", "(Intercept)"
		if i > 0 {
			t := p.terms[i-1]
			c.Term, c.Column = t.name, t.column
			if t.kind == configs.Category {
				c.Level = t.levels[t.level]
			}
		}
		b, variance := dot(raw[i], estimate), covariance.quadratic(raw[i])
		c.Estimate, c.StdError = round(b), round(root(variance))
		c.Statistic = c.Estimate / c.StdError
		c.PValue = d.twoSided(c.Statistic)
		half := d.half * c.StdError
		c.ConfLow, c.ConfHigh = c.Estimate-half, c.Estimate+half
	}
	return out
}

// quadratic returns x' a x.
func (a symmetric) quadratic(x []*big.Float) *big.Float {
	total := num()
	for i := range a {
		for j := range a[i] {
			v := mul(mul(x[i], x[j]), a[i][j])
			if j < i {
				v = mul(v, whole(2))
			}
			total = sum(total, v)
		}
	}
	return total
}
