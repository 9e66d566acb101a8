package model

import (
	"github.com/smartstart-federation/smartstart/model/bins"
	"github.com/smartstart-federation/smartstart/model/disclosure"
)

// quartiles are the quantiles of a table.
var quartiles = []float64{0.25, 0.5, 0.75}

// cutBins chooses coarse bins for every open slot of every number: where a
// normal distribution of the slot's mean and SD would have as many rows in
// each, and no fewer than leastShown. All together open at most the numbers
// that the study allows for its rows. False if there are none.
func (p *Plan) cutBins(s *state) bool {
	d := s.Table
	wanting := 0
	for j, at := range p.described {
		c := &d.Columns[j]
		_, n := p.folded(c)
		if !p.sources[at].numeric() {
			continue
		}
		c.Bins = make([]bins.Histogram, len(n))
		for slot := range n {
			c.Bins[slot].Edges = []float64{}
			if n[slot] >= fewestBin*p.leastShown() {
				wanting++
			}
		}
	}
	if wanting == 0 {
		return false
	}
	// A slot of b bins opens b counts, and with the finer ones, which repeat
	// the count of the three bins that they cut, 3 more and up to 4 bounds.
	allowed := int64(p.study.Privacy.NumbersPerRow*float64(disclosure.Total(d.Rows))) - int64(s.Opened)
	each := allowed/int64(wanting) - 7
	some := false
	for j, at := range p.described {
		c := &d.Columns[j]
		_, n := p.folded(c)
		for slot := range c.Bins {
			most := min(bins.Most, n[slot]/p.leastShown(), each)
			if most < fewestBin {
				continue
			}
			mean, sd := p.spreadOf(&p.sources[at], c, slot)
			coarse := int(max(fewestBin, 2*most/5))
			src := &p.sources[at]
			c.Bins[slot].Most, c.Bins[slot].Edges = most, bins.Normal(mean, sd, coarse, src.span())
			some = some || len(c.Bins[slot].Edges) > 0
		}
	}
	return some
}

// cutFiner cuts the bins that hold the quartiles. False if none is cut.
func (p *Plan) cutFiner(s *state) bool {
	some := false
	for j, at := range p.described {
		c, src := &s.Table.Columns[j], &p.sources[at]
		for slot := range c.Bins {
			if len(c.Bins[slot].Edges) == 0 {
				continue
			}
			_, sd := p.spreadOf(src, c, slot)
			some = c.Bins[slot].CutFiner(quartiles, src.span(), sd, p.leastShown()) || some
		}
	}
	return some
}
