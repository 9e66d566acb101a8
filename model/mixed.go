package model

import (
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// A mixed model opens sums over sites at one trial theta a round; which theta to
// open next, and what the sums say, is in package lmm.

// leastSites is the fewest sites with which a variance between them is
// estimated.
const leastSites = 10

// firstTheta is an intraclass correlation of 0.2, common for schools.
const firstTheta = 0.25

// mostTheta is beyond what package lmm lets a trial reach: with it a hostile
// state cannot make 1 - m w vanish in the precision that is used.
const mostTheta = 1 << 40

// mixed is where the search for theta stands.
type mixed struct {
	Trial    float64    `json:"trial"` // the theta that the next round opens
	Opened   []siteSums `json:"opened"`
	Estimate *float64   `json:"estimate,omitempty"` // theta; 0 at the boundary
}

// siteSums is what one round opened.
type siteSums struct {
	Theta    float64         `json:"theta"`
	Products []exact.Integer `json:"products"` // sum over sites of q_g s_g s_g', lower triangle, in the units of the moments
	Log      exact.Integer   `json:"log"`      // sum over sites of log q_g
}

func (m *mixed) whole(p *Plan, c *counts, done bool) bool {
	usable := func(theta float64) bool { return theta >= 0 && theta <= mostTheta }
	if c.Sites <= 0 || c.Sites > c.Complete || c.Complete <= int64(p.size()) || !usable(m.Trial) || (m.Estimate != nil) != done {
		return false
	}
	if done && (len(m.Opened) == 0 || !usable(*m.Estimate)) || len(m.Opened) > 0 && m.Opened[0].Theta == 0 {
		return false
	}
	for i, o := range m.Opened {
		twice := func(other siteSums) bool { return other.Theta == o.Theta }
		lacking := func(v exact.Integer) bool { return v.V == nil }
		if !usable(o.Theta) || len(o.Products) != mp.Packed(p.siteColumns()) || slices.ContainsFunc(o.Products, lacking) || lacking(o.Log) || slices.ContainsFunc(m.Opened[:i], twice) {
			return false
		}
	}
	return done || !slices.ContainsFunc(m.Opened, func(o siteSums) bool { return o.Theta == m.Trial })
}

// gaussian says that the model works from squares and products about the means.
func (p *Plan) gaussian() bool {
	return p.kind == configs.KindLinear || p.kind == configs.KindMixed || p.comparing()
}

// siteColumns is the number of columns [1, x, y] that are summed in each site.
func (p *Plan) siteColumns() int { return p.size() + 1 }

// bindSite finds the column of the random intercept.
func (p *Plan) bindSite() error {
	if !p.mixes() {
		return nil
	}
	c, err := p.site(p.study.Model.Site, "site")
	if err != nil {
		return err
	}
	p.random = p.use(c, true)
	return nil
}

// sitesLocal counts an institution's sites in the first round.
func (p *Plan) sitesLocal(v *view) []exact.Sum {
	which := p.cluster
	if p.mixes() {
		which = p.random
	}
	if which < 0 {
		return nil
	}
	a, seen := make([]exact.Sum, 1), map[float64]bool{}
	for i, site := range v.columns[which].Values {
		if v.used(i) && !seen[site] {
			seen[site] = true
			a[0].Inc()
		}
	}
	return a
}

// refuseSites looks at the number of sites before any sum over them is open.
func (p *Plan) refuseSites(c *counts) *Error {
	if !p.mixes() {
		return nil
	}
	name := p.sources[p.random].name
	switch {
	case c.Sites > c.Complete || c.Sites <= 0:
		return contradiction()
	case c.Sites < leastSites:
		return fail(CodeTooFewRows, "use kind = \"linear\", or ask more institutions",
			"%d sites of %q are too few to tell how much sites differ: at least %d are needed", c.Sites, name, leastSites).about(name)
	case c.Sites == c.Complete:
		return fail(CodeTooFewRows, "use kind = \"linear\", or another column for site",
			"every complete row is a site of %q of its own, so differences between sites and within them cannot be told apart", name).about(name)
	case p.mostTrials(c.Sites) < fewestTrials:
		return fail(CodeTooFewRows, "choose fewer features, or ask more institutions",
			"%d sites of %q are too few for %d parameters: the rounds would open as many numbers as describe the sites one by one", c.Sites, name, p.size()).about(name)
	}
	return nil
}

const fewestTrials = 3

// mostTrials bounds the rounds that open sums over sites. A site is described
// by its sums of siteColumns columns; each trial opens one equation for each
// entry of P and one for the logarithms. Once there are as many equations as
// unknowns, every site's sums could be solved for. What a site's size tells is
// another matter, which each institution judges: see RareSizes.
func (p *Plan) mostTrials(sites int64) int64 {
	k := int64(p.siteColumns())
	each := k*(k+1)/2 + 1
	return min((sites*k-1)/each, mostSiteTrials)
}

func (p *Plan) startMixed(s *state) {
	s.Phase = phaseMixed
	s.Mixed = &mixed{Trial: firstTheta, Opened: []siteSums{}}
	p.allowTrial(s)
}

func (p *Plan) allowTrial(s *state) {
	why := ""
	switch {
	case s.Round >= p.rounds:
		why = "the rounds that the study allows are used up"
	case len(s.Mixed.Opened) >= mostSiteTrials:
		why = "the search for it does not settle"
	case int64(len(s.Mixed.Opened)) >= p.mostTrials(s.Counts.Sites):
		why = "more rounds would open as many numbers as describe the sites one by one"
	default:
		return
	}
	name := p.sources[p.random].name
	s.refuse(fail(CodeNoConvergence, "raise [rounds] max, choose fewer features, or ask more institutions",
		"the variance between sites of %q did not converge in %d rounds: %s", name, s.Round, why).about(name))
}

func (p *Plan) mixedShape(*state) []Tensor {
	return []Tensor{{"products over sites", mp.Packed(p.siteColumns()), meatBits}, {"log determinant", 1, exact.SumBits}}
}
