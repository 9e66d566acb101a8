package model

import (
	"github.com/smartstart-federation/smartstart/model/elementary"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// siteGrid is the resolution of products of site sums. In the units of the
// moments a row's values lie within +-1, so |s_g| <= n_g and, because
// q_g n_g = n_g (1+m theta)/(1+n_g theta) lies between n_g and m,
// |q_g s_g s_g'| <= n_g max(n_g, m). Over an institution that is at most
// MaxRows^2: sites have at most MaxRows rows, and so have they on average. One
// bit more holds what rounding adds.
const siteGrid = meatBits - 1 - exact.RowBits - exact.RowBits

// logSiteGrid: q_g lies between 2^-rowBits and 2^rowBits, so |log q_g| < 2^5,
// and there are at most as many sites as rows.
const logSiteGrid = exact.GridBits - 6

// siteTotals are one site's sums over its rows: exact, so that they have no
// order. Values within +-1 on the unit grid need 80 bits a row.
type siteTotals struct {
	rows int64
	sums []exact.Sum // of the terms and the outcome
}

// bySite sums the columns, in the units of the moments, in each site. The
// order of the sites is that of the rows and enters no sum.
func (p *Plan) bySite(s *state, v *view) (sites []*siteTotals) {
	k := len(p.terms)
	mean, units := s.Counts.Mean, make([]float64, k)
	for j, t := range p.terms {
		units[j] = t.unitOf(mean[j])
	}
	centre, size := p.outcomeScale(mean[k])
	site := v.columns[p.random]
	index := map[float64]*siteTotals{}
	x := make([]float64, k)
	for i := range v.rows {
		if !v.used(i) {
			continue
		}
		y := (v.row(i, x) - centre) / size
		mine := index[site.Values[i]]
		if mine == nil {
			mine = &siteTotals{sums: make([]exact.Sum, k+1)}
			index[site.Values[i]] = mine
			sites = append(sites, mine)
		}
		mine.rows++
		for j := range x {
			mine.sums[j].Add((x[j]-mean[j])/units[j], unitGrid)
		}
		mine.sums[k].Add(y, unitGrid)
	}
	return sites
}

// mixedLocal evaluates the sums over sites at the trial theta. Each site's sum
// is rounded to a float64 once; a site lies wholly at one institution, so that
// this happens in one place, however sites are divided.
func (p *Plan) mixedLocal(s *state, v *view) []exact.Sum {
	k := p.siteColumns()
	theta := s.Mixed.Trial
	average := float64(s.Counts.Complete) / float64(s.Counts.Sites)
	a := make([]exact.Sum, mp.Packed(k)+1)
	sum := make([]float64, k)
	for _, site := range p.bySite(s, v) {
		sum[0] = float64(site.rows)
		for j := range site.sums {
			sum[j+1] = mp.Float64(mp.Scaled(site.sums[j].Int(), unitGrid))
		}
		q := (1 + float64(average*theta)) / (1 + float64(sum[0]*theta))
		at := 0
		for j := range sum {
			qs := float64(q * sum[j])
			for l := range j + 1 {
				a[at].Add(float64(qs*sum[l]), siteGrid)
				at++
			}
		}
		a[at].Add(elementary.LogPositive(q), logSiteGrid)
	}
	return a
}
