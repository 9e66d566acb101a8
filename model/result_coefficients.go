package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/model/mp"
)

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
