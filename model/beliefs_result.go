package model

import (
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/model/mp"
	"github.com/smartstart-federation/smartstart/model/statement"
)

// Believed is a [[prior]] of the study: a normal distribution of one raw
// coefficient.
type Believed struct {
	Term string  `json:"term"`
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

// Interval is an estimate of a log odds ratio with its 95% interval.
type Interval struct {
	Estimate float64 `json:"estimate"`
	ConfLow  float64 `json:"conf_low"`
	ConfHigh float64 `json:"conf_high"`
}

// Stated is what a statement says beside what the data say. Log odds ratios.
type Stated struct {
	ID        string    `json:"id"`
	Who       string    `json:"who"` // "specialist" | "parent" | "young_person"
	Says      string    `json:"says"`
	Rule      string    `json:"rule"`
	OddsRatio float64   `json:"odds_ratio"`     // as it was stated
	Experts   Interval  `json:"experts"`        // what was believed: the prior
	Data      Interval  `json:"data"`           // what the data say alone
	Both      *Interval `json:"both"`           // the two together; null where that fit failed
	Verdict   string    `json:"verdict"`        // "supported" | "contradicted" | "cannot_tell": by Data alone
	Size      string    `json:"size,omitempty"` // of a supported one: "smaller" | "as_stated" | "larger" | "unclear"
}

// believedResult reads the fit with priors, and what became of statements.
func (p *Plan) believedResult(r *Result, s *state) error {
	f := s.believed()
	if f == nil {
		return nil
	}
	for _, b := range p.study.Priors {
		r.Priors = append(r.Priors, Believed(b))
	}
	if f.Refusal != nil {
		r.BothFailed = f.Refusal.Message
	} else {
		factors, row := mp.Factorise(p.information(s, f), mp.Pow2(singularAt))
		if row >= 0 {
			return fail(CodeState, "", "the state's Hessian cannot be inverted")
		}
		estimate := make([]*big.Float, len(f.Estimate))
		for j, b := range f.Estimate {
			estimate[j] = mp.Of(b)
		}
		r.Both = p.coefficients(s, f.Params, s.Moments.SD, mp.Int(1), estimate, factors.Inverse(), nil, normal())
	}
	for i := range p.study.Statements {
		t := &p.study.Statements[i]
		mean, sd := statement.Prior(t.OddsRatio, t.Low, t.High)
		half := normal().half * sd
		one := Stated{ID: t.ID, Who: t.Who, Says: t.Says, Rule: t.Rule, OddsRatio: t.OddsRatio,
			Experts: Interval{mean, mean - half, mean + half}, Data: *intervalOf(r.Coefficients, t.ID), Both: intervalOf(r.Both, t.ID)}
		one.Verdict = statement.Verdict(mean, one.Data.ConfLow, one.Data.ConfHigh)
		if one.Verdict == statement.Supported {
			one.Size = statement.Size(mean, one.Data.ConfLow, one.Data.ConfHigh, one.Experts.ConfLow, one.Experts.ConfHigh)
		}
		r.Statements = append(r.Statements, one)
	}
	return nil
}

// intervalOf finds a term among estimates, with the interval by site where the
// study asks for it: rows of one site are not so many rows of their own. It is nil
// if there is none.
func intervalOf(all []Coefficient, term string) *Interval {
	i := slices.IndexFunc(all, func(c Coefficient) bool { return c.Term == term })
	if i < 0 {
		return nil
	}
	c := &all[i]
	if c.RobustConfLow != nil {
		return &Interval{c.Estimate, *c.RobustConfLow, *c.RobustConfHigh}
	}
	return &Interval{c.Estimate, c.ConfLow, c.ConfHigh}
}
