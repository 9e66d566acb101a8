package model

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// Mixed is what a mixed model says beside its coefficients, as lme4's VarCorr.
type Mixed struct {
	Site             string  `json:"site"`   // the column of the random intercept
	Method           string  `json:"method"` // "reml" | "ml"
	Sites            int64   `json:"sites"`
	VarianceSite     float64 `json:"variance_site"`     // between sites, in the square of the outcome's unit
	VarianceResidual float64 `json:"variance_residual"` // within sites
	ICC              float64 `json:"icc"`               // variance_site over the sum of the two: 0 to 1
	Singular         bool    `json:"singular"`          // variance_site is 0, at the boundary: no difference between sites is seen, as lme4's isSingular
}

// mixedResult reads the end of a mixed model. The log likelihood is lme4's
// logLik (Bates et al., 2015, equations 35 and 42): with REML that of the
// residuals, which compares models with the same features only; deviance is -2
// of it, lme4's REML criterion or deviance. The standard errors are lme4's vcov,
// the statistic is z.
func (p *Plan) mixedResult(r *Result, s *state) error {
	f := p.profile(s)
	theta := *s.Mixed.Estimate
	o := f.At(theta)
	if o == nil || f.At(0) == nil {
		return fail(CodeState, "", "the state's sums over sites cannot be solved")
	}
	k := len(p.terms)
	centre, unit := p.outcomeScale(s.Counts.Mean[k])
	size := mp.Of(unit)
	estimate := append([]*big.Float{mp.Add(o.Slopes[0], mp.Quo(mp.Of(centre), size))}, o.Slopes[1:]...)
	params, units := make([]int, k+1), make([]float64, k)
	logUnits := 0.0
	for j, t := range p.terms {
		params[j+1], units[j] = j+1, t.unitOf(s.Counts.Mean[j])
		logUnits += 2 * math.Log(units[j])
	}
	r.Coefficients = p.coefficients(s, params, units, size, estimate, f.Covariance(o), nil, normal())
	r.ConditionNumber = conditionNumber(correlations(p.crossed(s, s.Moments.Square, s.Moments.Product, s.Moments.Outcome, nil).square))

	variance := mp.Mul(f.Variance(o), mp.Mul(size, size))
	m := &Mixed{Site: p.sources[p.random].name, Method: p.study.Model.Method, Sites: s.Counts.Sites, Singular: theta == 0,
		VarianceResidual: mp.Float64(variance), VarianceSite: mp.Float64(mp.Mul(variance, mp.Of(theta)))}
	m.ICC = theta / (1 + theta)
	r.Mixed = m

	criterion := f.Criterion(theta, o, m.VarianceResidual)
	if p.study.Model.Method != configs.MethodML {
		criterion += logUnits
	}
	r.LogLikelihood = -criterion / 2
	r.Deviance = criterion
	r.DFResidual = s.Counts.Complete - int64(p.size()) - 2 // both variances count, as in lme4
	r.AIC = criterion + 2*float64(p.size()+2)
	r.Iterations = len(s.Mixed.Opened)
	return nil
}

// mixes says that the model has a random intercept.
func (p *Plan) mixes() bool { return p.kind == configs.KindMixed }
