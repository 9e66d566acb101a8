package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/model/anomaly"
	"github.com/smartstart-federation/smartstart/model/disclosure"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// covariance returns the covariance matrix of an estimate in units, divisor n-1.
func (p *Plan) covariance(s *state, c *compared) (a mp.Symmetric) {
	k := p.width()
	if len(c.Sums) > 0 {
		a = mp.Unpack(c.Sums[k:], k, func(int, int) int { return unitGrid })
		n := mp.Int(c.N)
		for i := range a {
			for j := range a[i] {
				shift := mp.Mul(mp.Scaled(c.Sums[i].V, unitGrid), mp.Scaled(c.Sums[j].V, unitGrid))
				a[i][j] = mp.Quo(mp.Sub(a[i][j], mp.Quo(shift, n)), mp.Int(c.N-1))
				a[i][j] = mp.Mul(a[i][j], mp.Of(anomaly.Consistency(k, reweighTail)))
			}
		}
		return a
	}
	m := s.Moments
	packs := append(append(append([]exact.Integer{}, m.Square...), m.Product...), m.Outcome...)
	a = mp.Unpack(packs, k, p.unit)
	for i := range a {
		for j := range a[i] {
			a[i][j] = mp.Quo(a[i][j], mp.Int(c.N-1))
		}
	}
	return a
}

// solveCompared works out W, or why there is none.
func (p *Plan) solveCompared(s *state, c *compared) *Error {
	a := p.covariance(s, c)
	factors, row := mp.Factorise(a, mp.Pow2(collinearAt))
	if row >= 0 {
		return p.collinear(factors, row)
	}
	// a = D L L' D with D the scale: W = L^-1 D^-1, row by row.
	k := p.width()
	w := make([][]*big.Float, k)
	for i := range k {
		w[i] = make([]*big.Float, i+1)
		for j := range w[i] {
			v := mp.New()
			if i == j {
				v = mp.Int(1)
			}
			for l := j; l < i; l++ {
				v = mp.Sub(v, mp.Mul(factors.L[i][l], w[l][j]))
			}
			w[i][j] = mp.Quo(v, factors.L[i][i])
		}
	}
	for i := range w {
		for j := range w[i] {
			c.Root = append(c.Root, mp.Float64(mp.Quo(w[i][j], factors.Scale[j])))
		}
	}
	c.Far = anomaly.Quantile(k, reweighTail)
	c.Bins = p.cutTails(s.Counts.Complete)
	if len(c.Bins.Edges) == 0 {
		return fail(CodeTooFewRows, "ask more institutions, or lower min_cell",
			"%d complete rows are too few to say how far out they lie: each bin has at least %d", s.Counts.Complete, p.leastShown())
	}
	return nil
}

// beginCompared makes the first estimate of the moments.
func (p *Plan) beginCompared(s *state) {
	c := &compared{N: s.Counts.Complete, Shift: make([]float64, p.width())}
	if refusal := p.solveCompared(s, c); refusal != nil {
		s.Moments = nil
		s.refuse(refusal)
		return
	}
	s.Compared, s.Phase = []*compared{c}, phaseTails
}

func (p *Plan) comparedGlobal(s *state, sums []*big.Int) {
	c := s.Compared[len(s.Compared)-1]
	switch s.Phase {
	case phaseTails:
		bins := len(c.Bins.Edges) + 1
		counts, ok := disclosure.Read(sums[:bins])
		moved := clipped(sums[bins])
		if !ok || disclosure.Total(counts) != s.Counts.Complete || moved < 0 {
			s.refuse(contradiction())
			return
		}
		c.Bins.Count, c.Bins.Moved = counts, moved
		if p.study.Model.Reweigh && len(s.Compared) == 1 {
			if c.Leaves = clipped(sums[bins+1]); c.Leaves < 0 || c.Leaves > mostInstitutions {
				s.refuse(contradiction())
				return
			}
			if p.enough(c.Bins.Beyond(c.Far), c.Leaves) {
				s.Phase = phaseReweigh
				return
			}
		}
		p.afterTails(s, c)
	case phaseReweigh:
		p.reweighGlobal(s, sums)
	case phaseFarther:
		f := &c.Bins.Finer[0]
		pieces := len(f.Edges) + 1
		counts, ok := disclosure.Read(sums[:pieces])
		moved := clipped(sums[pieces])
		if !ok || disclosure.Total(counts) != c.Bins.Count[f.Bin] || moved < 0 {
			s.refuse(contradiction())
			return
		}
		f.Count, f.Moved = counts, moved
		s.Phase = phaseDone
	}
}

func (p *Plan) afterTails(s *state, c *compared) {
	s.Phase = phaseDone
	if c.Bins.CutTop(alarmShare, p.leastShown()) {
		s.Phase = phaseFarther
	}
}

// reweighGlobal makes the second estimate.
func (p *Plan) reweighGlobal(s *state, sums []*big.Int) {
	first := s.Compared[0]
	c := &compared{N: clipped(sums[0]), Sums: exact.Integers(sums[1:])}
	if c.N < 0 || c.N > s.Counts.Complete || c.N <= int64(p.width()) {
		s.refuse(contradiction())
		return
	}
	for j := range p.width() {
		c.Shift = append(c.Shift, mp.Float64(mp.Quo(mp.Scaled(sums[1+j], unitGrid), mp.Int(c.N))))
	}
	for i, row := range p.covariance(s, c) {
		// Without the rows farthest out no column spreads more, but for the factor;
		// rows measure at most 1 in their unit.
		if row[i].Sign() <= 0 || row[i].Cmp(mp.Int(4)) > 0 {
			s.refuse(contradiction())
			return
		}
	}
	if refusal := p.solveCompared(s, c); refusal != nil {
		s.refuse(refusal)
		return
	}
	first.Bins.Finer = nil
	s.Compared = append(s.Compared, c)
	s.Phase = phaseTails
}
