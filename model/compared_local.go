package model

import (
	"math"

	"github.com/smartstart-federation/smartstart/model/bins"
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

func (p *Plan) comparedShape(s *state) []Tensor {
	c := s.Compared[len(s.Compared)-1]
	k := p.width()
	switch s.Phase {
	case phaseTails:
		tensors := []Tensor{{"bins of distance", len(c.Bins.Edges) + 2, exact.CountBits}}
		if p.study.Model.Reweigh && len(s.Compared) == 1 {
			tensors = append(tensors, Tensor{"institutions with rows far out", 1, ableBits})
		}
		return tensors
	case phaseReweigh:
		return []Tensor{{"rows not far out", 1, exact.CountBits}, {"sums over rows not far out", k, exact.SumBits}, {"products over rows not far out", mp.Packed(k), exact.SumBits}}
	}
	f := c.Bins.Finer[0]
	return []Tensor{{"pieces of the bin with the threshold", len(f.Edges) + 2, exact.CountBits}}
}

// units returns the unit and the mean about which each compared column is
// measured, the last column last.
func (p *Plan) units(s *state) (mean, unit []float64) {
	for j, t := range p.all() {
		mean, unit = append(mean, s.Counts.Mean[j]), append(unit, t.unitOf(s.Counts.Mean[j]))
	}
	return mean, unit
}

// measure writes row i into u, in units about the means.
func (v *view) measure(i int, mean, unit, u []float64) {
	k := len(v.plan.terms)
	u[k] = v.row(i, u[:k])
	for j := range u {
		u[j] = (u[j] - mean[j]) / unit[j]
	}
}

// squared returns the squared distance of a row that was measured: |W (u -
// shift)|^2, in one order of operations on every processor.
func (c *compared) squared(u []float64) float64 {
	at, d := 0, 0.0
	for i := range u {
		z := 0.0
		for j := 0; j <= i; j++ {
			z += float64(c.Root[at] * (u[j] - c.Shift[j]))
			at++
		}
		d += float64(z * z)
	}
	return d
}

// far returns the squared distance of every row, NaN for those that the study
// does not use.
func (p *Plan) far(s *state, v *view, c *compared) []float64 {
	mean, unit := p.units(s)
	u := make([]float64, p.width())
	out := make([]float64, v.rows)
	for i := range out {
		if out[i] = math.NaN(); v.used(i) {
			v.measure(i, mean, unit, u)
			out[i] = c.squared(u)
		}
	}
	return out
}

// leftOut counts the rows that a second estimate would leave out, 0 if they are
// one or two: then they stay in.
func leftOut(distance []float64, beyond float64) (rows int64) {
	for _, d := range distance {
		if d > beyond {
			rows++
		}
	}
	if rows < disclosure.Smallest {
		return 0
	}
	return rows
}

func (p *Plan) comparedLocal(s *state, v *view) []exact.Sum {
	c := s.Compared[len(s.Compared)-1]
	d := p.far(s, v, c)
	if s.Phase == phaseReweigh {
		return p.reweighLocal(s, v, c, d)
	}
	slots := make([]int, len(d))
	for i := range d {
		if math.IsNaN(d[i]) {
			slots[i] = -1
		}
	}
	if s.Phase == phaseFarther {
		return c.Bins.Local(bins.Counted, p.least, 0, slots, d)
	}
	a := c.Bins.Local(bins.Cut, p.least, 0, slots, d)
	if p.study.Model.Reweigh && len(s.Compared) == 1 {
		var able exact.Sum
		if leftOut(d, c.Far) > 0 {
			able.Inc()
		}
		a = append(a, able)
	}
	return a
}

// reweighLocal adds up the rows that are not far out.
func (p *Plan) reweighLocal(s *state, v *view, c *compared, d []float64) []exact.Sum {
	k := p.width()
	mean, unit := p.units(s)
	u := make([]float64, k)
	var n exact.Sum
	sums, products := make([]exact.Sum, k), make([]exact.Sum, mp.Packed(k))
	some := leftOut(d, c.Far) > 0
	for i, far := range d {
		if math.IsNaN(far) || some && far > c.Far {
			continue
		}
		v.measure(i, mean, unit, u)
		n.Inc()
		at := 0
		for j := range u {
			sums[j].Add(u[j], unitGrid)
			for l := 0; l <= j; l++ {
				products[at].Add(float64(u[j]*u[l]), unitGrid)
				at++
			}
		}
	}
	return append(append([]exact.Sum{n}, sums...), products...)
}

// Distances returns the squared Mahalanobis distance of every row of an
// institution's prepared table from what is usual in all institutions, by the
// last estimate of a finished study; NaN for rows that the study does not use. It
// is for the institution that holds the rows, and stays there: no result has it.
// It fails with SS5113 while rounds are to come.
func (p *Plan) Distances(stateBytes []byte, t *Table) ([]float64, error) {
	s, err := p.parse(stateBytes)
	if err != nil {
		return nil, err
	}
	if !p.comparing() || s.Phase != phaseDone {
		return nil, fail(CodeUnfinished, "wait for the end of a study of kind \"anomaly\"", "there are no distances yet")
	}
	v, err := p.view(s, t)
	if err != nil {
		return nil, err
	}
	return p.far(s, v, s.Compared[len(s.Compared)-1]), nil
}
