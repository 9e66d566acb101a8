package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/lmm"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// mixedGlobal takes the sums over sites at the trial theta.
func (p *Plan) mixedGlobal(s *state, sums []*big.Int) {
	m := s.Mixed
	values := exact.Integers(sums)
	m.Opened = append(m.Opened, siteSums{Theta: m.Trial, Products: values[:len(values)-1], Log: values[len(values)-1]})
	f := p.profile(s)
	if !f.Possible() {
		s.refuse(contradiction())
		return
	}
	theta, settled, ok := f.Next()
	if !ok {
		name := p.sources[p.random].name
		s.refuse(fail(CodeExact, "leave out columns that describe sites only, or choose another outcome",
			"sites of %q and the features explain the outcome %q wholly: what is left inside sites is too little to estimate", name, p.outcome.column).about(p.outcome.column, name))
		return
	}
	theta = min(theta, mostTheta)
	if settled {
		m.Trial, m.Estimate = theta, &theta
		p.afterFits(s)
		return
	}
	m.Trial = m.unused(theta)
	p.allowTrial(s)
}

// unused avoids a theta that was opened already: it would say nothing new.
func (m *mixed) unused(theta float64) float64 {
	for i := 0; i < len(m.Opened); i++ {
		if m.Opened[i].Theta == theta {
			theta, i = float64(theta*(1+0x1p-8)), -1
		}
	}
	return theta
}

// profile is the profile likelihood of what was opened.
func (p *Plan) profile(s *state) *lmm.Profile {
	n, m := s.Counts.Complete, s.Moments
	c := p.crossed(s, m.Square, m.Product, m.Outcome, nil)
	// The columns are measured about their means, so the intercept's products
	// with them are nought.
	total := mp.Symmetric{{mp.Int(n)}}
	for _, square := range c.square {
		total = append(total, append([]*big.Float{mp.New()}, square...))
	}
	total = append(total, append(append([]*big.Float{mp.New()}, c.product...), c.outcome))
	f := lmm.New(total, n, s.Counts.Sites, p.study.Model.Method != configs.MethodML)
	for _, o := range s.Mixed.Opened {
		f.Add(o.Theta, mp.Unpack(o.Products, p.siteColumns(), func(int, int) int { return siteGrid }), mp.Scaled(o.Log.V, logSiteGrid))
	}
	return f
}
