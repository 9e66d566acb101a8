package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/elementary"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/family"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// A poisson model's likelihood and null deviance need sums over rows that do
// not depend on the estimate: of w (y log y - y - log y!), the likelihood of a
// model that fits every row, of w y log y, and with an offset o of w e^o and
// of w y o.
const (
	satLikelihood = iota
	satYLogY
	satExposure
	satYOffset
)

func (p *Plan) saturatedLen() int {
	switch {
	case p.kind != configs.KindPoisson:
		return 0
	case p.offset >= 0:
		return 4
	}
	return 2
}

// saturatedGrid: y is at most 10^6, so that y log y and log y! are below 2^24,
// and y o below 2^26; e^o is below 2^(1.4427 o + 1).
func (p *Plan) saturatedGrid(i int) int {
	bits := 27
	if i == satExposure {
		bits = int(float64(p.offsetReach()*1.4427)) + 2
	}
	return p.gridBits() - bits - p.weightBits()
}

func (p *Plan) addSaturated(a []exact.Sum, y, w, offset float64) {
	terms := [4]float64{satLikelihood: family.YLogY(y) - y - family.LogFactorial(y), satYLogY: family.YLogY(y)}
	if len(a) > 2 {
		terms[satExposure], terms[satYOffset] = elementary.Exp(offset), float64(y*offset)
	}
	for i := range a {
		a[i].Add(float64(w*terms[i]), p.saturatedGrid(i))
	}
}

func (p *Plan) saturated(s *state, i int) *big.Float {
	return mp.Scaled(s.Moments.Poisson[i].V, p.saturatedGrid(i))
}

// totals returns the weighted number of rows and sum of the outcome of a
// logistic or poisson model.
func (p *Plan) totals(s *state) (n, y *big.Float) {
	c, k := s.Counts, len(p.terms)
	if p.weights >= 0 {
		_, size := p.outcomeScale(c.Mean[k])
		grid := p.unit(0, 0)
		return mp.Scaled(s.Moments.Weighted[0].V, grid), mp.Mul(mp.Scaled(s.Moments.Weighted[k+1].V, grid), mp.Of(size))
	}
	return mp.Int(c.Complete), mp.Int(p.total(s))
}

// total is the sum of a whole outcome, unweighted: the mean is rounded, the
// sum behind it is not.
func (p *Plan) total(s *state) int64 {
	c := s.Counts
	if p.kind == configs.KindLogistic {
		return c.events()
	}
	total, _ := mp.New().Add(mp.Mul(mp.Of(c.Mean[len(p.terms)]), mp.Int(c.Complete)), mp.Quo(mp.Int(1), mp.Int(2))).Int64()
	return total
}

// nullIntercept is the estimate of the model with an intercept alone, where it
// has a closed form.
func (p *Plan) nullIntercept(s *state) (float64, bool) {
	n, y := p.totals(s)
	switch {
	case y.Sign() <= 0:
		return 0, false
	case p.kind == configs.KindPoisson && p.offset >= 0:
		exposure := p.saturated(s, satExposure)
		// Far below the top of the offset's range the grid has no digits left.
		if exposure.Cmp(mp.Mul(n, mp.Pow2(30-p.saturatedGrid(satExposure)-p.weightBits()))) < 0 {
			return 0, false
		}
		return elementary.LogPositive(mp.Float64(mp.Quo(y, exposure))), true
	case p.kind == configs.KindPoisson:
		return elementary.LogPositive(mp.Float64(mp.Quo(y, n))), true
	case p.offset >= 0:
		return 0, false
	}
	return elementary.LogPositive(mp.Float64(mp.Quo(y, mp.Sub(n, y)))), true
}

// nullDeviance is the deviance of the model with an intercept alone, where it
// has a closed form.
func (p *Plan) nullDeviance(s *state) (*big.Float, bool) {
	a, ok := p.nullIntercept(s)
	if !ok {
		return nil, false
	}
	total, events := p.totals(s)
	if p.kind == configs.KindPoisson {
		d := mp.Sub(p.saturated(s, satYLogY), mp.Mul(mp.Of(a), events))
		if p.offset >= 0 {
			d = mp.Sub(d, p.saturated(s, satYOffset))
		}
		return mp.Mul(mp.Int(2), d), true
	}
	n, n1 := mp.Float64(total), mp.Float64(events)
	n0 := mp.Float64(mp.Sub(total, events))
	d := -2 * (float64(n1*elementary.LogPositive(n1/n)) + float64(n0*elementary.LogPositive(n0/n)))
	return mp.Of(d), true
}
