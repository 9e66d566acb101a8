package model

import (
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/formula"
	"github.com/smartstart-federation/smartstart/model/mp"
	"github.com/smartstart-federation/smartstart/model/statement"
)

// A study may say what is believed of coefficients before the data are seen:
// priors, and statements of people who know, which are predictors with a prior.
// The data are fitted alone first; a second fit starts there and adds the
// priors. With independent normal priors of mean m and standard deviation s on
// raw coefficients b, it maximises
//
//	log likelihood - sum (b - m)^2 / (2 s^2)
//
// (Gelman et al., Bayesian Data Analysis, 3rd edition, section 16.3), and its
// standard errors are those of the normal approximation at that mode, from
// (information + diag 1/s^2)^-1 (section 4.1). On standardised columns b = z /
// SD, so that the prior of z has mean m SD and standard deviation s SD.

// prior is what is believed of one parameter, on the raw scale.
type prior struct {
	Term      string  `json:"term"`
	Parameter int     `json:"parameter"` // of the design, from 1: none of the intercept
	Mean      float64 `json:"mean"`
	SD        float64 `json:"sd"`
}

// withStatements returns the study with its statements as derived columns and,
// where features are listed, as the last of them.
func withStatements(s *configs.Study) *configs.Study {
	if len(s.Statements) == 0 {
		return s
	}
	told := *s
	told.Derive, told.Model.Features = slices.Clone(s.Derive), slices.Clone(s.Model.Features)
	for i := range s.Statements {
		told.Derive = append(told.Derive, s.Statements[i].Column())
		if s.Model.Formula == "" && !slices.Contains(s.Model.Features, s.Statements[i].ID) {
			told.Model.Features = append(told.Model.Features, s.Statements[i].ID)
		}
	}
	return &told
}

// stating adds to a formula the statements that it does not name, and holds it
// to the event of a study that has one.
func (p *Plan) stating(f *formula.Formula) (*formula.Formula, error) {
	if event := p.study.Model.Event; p.survives() && f.Outcome != event {
		return nil, fail(CodeKind, "write the event before the ~", "study file: [model] formula explains %q, and the event is %q", f.Outcome, event)
	}
	for i := range p.study.Statements {
		t := formula.Term{Factors: []formula.Factor{{Column: p.study.Statements[i].ID}}}
		if !slices.ContainsFunc(f.Terms, func(o formula.Term) bool { return slices.Equal(o.Factors, t.Factors) }) {
			f.Terms = append(f.Terms, t)
		}
	}
	return f, nil
}

// bindPriors finds the parameters that priors are of.
func (p *Plan) bindPriors() error {
	believed := slices.Clone(p.study.Priors)
	for i := range p.study.Statements {
		t := &p.study.Statements[i]
		mean, sd := statement.Prior(t.OddsRatio, t.Low, t.High)
		believed = append(believed, configs.Prior{Term: t.ID, Mean: mean, SD: sd})
	}
	for _, b := range believed {
		if b.Term == "(Intercept)" {
			return fail(CodeKind, "give priors of the other terms", "study file: [[prior]] of the intercept is not in this version: it is the log odds where every column is 0, which may be nobody")
		}
		j := slices.IndexFunc(p.terms, func(t term) bool { return t.name == b.Term })
		if j < 0 {
			names := make([]string, len(p.terms))
			for k := range p.terms {
				names[k] = p.terms[k].name
			}
			return fail(CodeUnknownColumn, "choose from: "+list(names), "study file: [[prior]] names %q, which is no term of the model", b.Term).about(b.Term)
		}
		p.priors = append(p.priors, prior{b.Term, j + 1, b.Mean, b.SD})
	}
	return nil
}

// pull draws a standardised parameter towards a centre: it adds weight (b -
// centre)^2 to twice the negative log likelihood. Its weight is nil where
// nothing draws.
type pull struct{ weight, centre *big.Float }

// pulls returns what draws each parameter of a fit: a ridge penalty every slope
// of every fit, a prior its parameter in the fit with priors.
func (p *Plan) pulls(s *state, f *fit) []pull {
	all := make([]pull, len(f.Params))
	if lambda := p.shrinkage(s); lambda != nil {
		for n, j := range f.Params {
			if j > 0 {
				all[n] = pull{lambda, mp.New()}
			}
		}
	}
	if f.For != fitPrior {
		return all
	}
	for _, b := range p.priors {
		if n := slices.Index(f.Params, b.Parameter); n >= 0 {
			size := mp.Of(s.Moments.SD[b.Parameter-1])
			sd := mp.Mul(mp.Of(b.SD), size)
			all[n] = pull{mp.Quo(mp.Int(1), mp.Mul(sd, sd)), mp.Mul(mp.Of(b.Mean), size)}
		}
	}
	return all
}

// drawn is where the fit with priors begins: the optimum of the main fit's
// quadratic approximation and the priors, b + (H + W)^-1 W (centre - b).
func (p *Plan) drawn(s *state, main *fit) []float64 {
	f := &fit{For: fitPrior, Params: main.Params, Hessian: main.Hessian}
	right := make([]*big.Float, len(main.Params))
	for n, at := range p.pulls(s, f) {
		if right[n] = mp.New(); at.weight != nil {
			right[n] = mp.Mul(at.weight, mp.Sub(at.centre, mp.Of(main.Estimate[n])))
		}
	}
	factors, row := mp.Factorise(p.information(s, f), mp.Pow2(singularAt))
	if row >= 0 {
		return main.Estimate
	}
	trial := make([]float64, len(right))
	for n, step := range factors.Solve(right) {
		trial[n] = mp.Float64(mp.Add(mp.Of(main.Estimate[n]), step))
	}
	return trial
}

// believed returns the fit with priors, nil if the study has none.
func (s *state) believed() *fit {
	i := slices.IndexFunc(s.Fits, func(f *fit) bool { return f.For == fitPrior })
	if i < 0 {
		return nil
	}
	return s.Fits[i]
}
