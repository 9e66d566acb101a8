package model

import (
	"math"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/elementary"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// moments is what the round after the counts opens: squares and products about
// the global means, each column measured in units of its codebook range, each
// row as often as its weight says.
type moments struct {
	SD       []float64       `json:"sd"`                 // by term, in its own unit, divisor the sum of weights
	Square   []exact.Integer `json:"square,omitempty"`   // linear: terms by terms, lower triangle
	Product  []exact.Integer `json:"product,omitempty"`  // linear: terms by outcome
	Outcome  []exact.Integer `json:"outcome,omitempty"`  // linear: outcome by outcome, one entry
	Weighted []exact.Integer `json:"weighted,omitempty"` // with weights w: sum of w, of w times each term, of w times the outcome, of log w
	Poisson  []exact.Integer `json:"poisson,omitempty"`  // poisson: see saturated
	Offset   []exact.Integer `json:"offset,omitempty"`   // logistic and poisson with an offset: its product with each term, and its sum
	Total    []exact.Integer `json:"total,omitempty"`    // linear with own intercepts: squares of the outcome about the unweighted global mean, and its sum
}

func (m *moments) whole(p *Plan) bool {
	k := len(p.terms)
	if len(m.SD) != k {
		return false
	}
	for _, sd := range m.SD {
		if !(sd > 0) {
			return false
		}
	}
	weighted, poisson := 0, 0
	if p.weights >= 0 {
		weighted = k + 3
	}
	if p.kind == configs.KindPoisson {
		poisson = p.saturatedLen()
	}
	if len(m.Weighted) != weighted || len(m.Poisson) != poisson || len(m.Offset) != p.offsetLen() {
		return false
	}
	if !p.gaussian() {
		return m.Square == nil && m.Product == nil && m.Outcome == nil && m.Total == nil
	}
	return len(m.Square) == mp.Packed(k) && len(m.Product) == k && len(m.Outcome) == 1 && (len(m.Total) == 2) == p.ownIntercepts() && (p.ownIntercepts() || len(m.Total) == 0)
}

// A value in units of its range lies within +-1, below 2^1.
const unitGrid = exact.GridBits - 1

// The grid of log w: weights lie between 2^-1022 and 2^50.
const logGrid = exact.GridBits - 10

func (p *Plan) unit(int, int) int { return unitGrid - p.weightBits() }

func (p *Plan) momentsShape() []Tensor {
	k := len(p.terms)
	tensors := []Tensor{{"square", mp.Packed(k), exact.SumBits}, {"product", k, exact.SumBits}}
	if p.gaussian() {
		tensors = append(tensors, Tensor{"outcome", 1, exact.SumBits})
		if p.ownIntercepts() {
			tensors = append(tensors, Tensor{"total", 2, exact.SumBits})
		}
	}
	if p.weights >= 0 {
		tensors = append(tensors, Tensor{"weighted", k + 3, exact.SumBits})
	}
	if p.kind == configs.KindPoisson {
		tensors = append(tensors, Tensor{"poisson", p.saturatedLen(), p.fitBits()})
	}
	if n := p.offsetLen(); n > 0 {
		tensors = append(tensors, Tensor{"offset", n, exact.SumBits})
	}
	return tensors
}

// offsetLen is how many numbers say how the offset goes with the terms: a fit
// that began without them would first have to find the offset's own effect.
func (p *Plan) offsetLen() int {
	if p.offset < 0 || p.gaussian() {
		return 0
	}
	return len(p.terms) + 1
}

// offsetGrid: an offset lies within +-mostReach, below 2^6.
func (p *Plan) offsetGrid() int { return p.unit(0, 0) - 6 }

// unitOf returns the size in which the term is measured about its mean.
func (t *term) unitOf(mean float64) float64 { return t.reach(mean) }

// outcomeScale takes an outcome to the unit in which the moments measure it:
// about the mean for a linear model, as it is for the others.
func (p *Plan) outcomeScale(mean float64) (centre, size float64) {
	switch p.kind {
	case configs.KindLinear, configs.KindMixed, configs.KindAnomaly:
		return mean, p.outcome.unitOf(mean)
	case configs.KindPoisson:
		return 0, math.Max(1, p.outcome.high)
	}
	return 0, 1
}

func (p *Plan) momentsLocal(s *state, v *view) []exact.Sum {
	k := len(p.terms)
	square, product := make([]exact.Sum, mp.Packed(k)), make([]exact.Sum, k)
	outcome, total := make([]exact.Sum, 1), make([]exact.Sum, 2)
	weighted, poisson := make([]exact.Sum, k+3), make([]exact.Sum, p.saturatedLen())
	offset := make([]exact.Sum, p.offsetLen())
	mean, units := s.Counts.Mean, make([]float64, k)
	for j, t := range p.terms {
		units[j] = t.unitOf(mean[j])
	}
	centre, size := p.outcomeScale(mean[k])
	grid := p.unit(0, 0)
	own := p.ownMeans(s, v, units, centre, size)
	u := make([]float64, k)
	for i := range v.rows {
		if !v.used(i) {
			continue
		}
		raw := v.row(i, u)
		w, y := v.weight(i), (raw-centre)/size
		if p.kind == configs.KindPoisson {
			p.addSaturated(poisson, raw, w, v.offset(i))
		}
		wo := float64(w * v.offset(i))
		if len(offset) > 0 {
			offset[k].Add(wo, p.offsetGrid())
		}
		total[0].Add(float64(w*float64(y*y)), grid)
		total[1].Add(float64(w*y), grid)
		if own != nil {
			y -= own[k]
		}
		wy := float64(w * y)
		at := 0
		for j := range u {
			u[j] = (u[j] - mean[j]) / units[j]
			if own != nil {
				u[j] -= own[j]
			}
			wu := float64(w * u[j])
			for l := 0; l <= j; l++ {
				square[at].Add(float64(wu*u[l]), grid)
				at++
			}
			product[j].Add(float64(u[j]*wy), grid)
			weighted[1+j].Add(wu, grid)
			if len(offset) > 0 {
				offset[j].Add(float64(wo*u[j]), p.offsetGrid())
			}
		}
		outcome[0].Add(float64(y*wy), grid)
		weighted[0].Add(w, grid)
		weighted[k+1].Add(wy, grid)
		weighted[k+2].Add(elementary.LogPositive(w), logGrid)
	}
	a := append(square, product...)
	if p.gaussian() {
		a = append(a, outcome...)
		if own != nil {
			a = append(a, total...)
		}
	}
	if p.weights >= 0 {
		a = append(a, weighted...)
	}
	if p.kind == configs.KindPoisson {
		a = append(a, poisson...)
	}
	return append(a, offset...)
}
