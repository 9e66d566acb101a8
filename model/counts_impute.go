package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// imputation is what the round before the counts opens, where [model] missing
// is "mean": for every feature the mean, or the most frequent level, over all
// rows of the cohort in which it is present, with or without the outcome. An
// institution's own mean is never used: it would make a row's numbers depend
// on where the row lies.
type imputation struct {
	Value []float64 `json:"value"` // by source; 0 for those that are not imputed
}

func (m *imputation) whole(p *Plan) bool { return len(m.Value) == len(p.sources) }

func (p *Plan) imputes() bool { return p.study.Model.Missing == configs.MissingMean }

// imputeShape asks, for each source, how many rows have it, and then its sum,
// or for a category the rows of each level but the last.
func (p *Plan) imputeShape(*state) []Tensor {
	tensors := []Tensor{{"present", len(p.sources), exact.CountBits}}
	for _, s := range p.sources {
		if s.must {
			continue
		}
		if s.kind == configs.Category {
			tensors = append(tensors, Tensor{"levels of " + s.name, len(s.levels) - 1, exact.CountBits})
			continue
		}
		tensors = append(tensors, Tensor{"sum of " + s.name, 1, exact.SumBits})
	}
	return tensors
}

func (s *source) rawGrid() int {
	return exact.GridBits - 1 - max(exact.Above(s.low), exact.Above(s.high))
}

func (p *Plan) imputeLocal(_ *state, v *view) []exact.Sum {
	a := make([]exact.Sum, len(p.sources))
	for j, s := range p.sources {
		at := len(a)
		switch {
		case s.must:
		case s.kind == configs.Category:
			a = append(a, make([]exact.Sum, len(s.levels)-1)...)
		default:
			a = append(a, exact.Sum{})
		}
		c := v.columns[j]
		for i := range v.rows {
			if c.Missing[i] || v.table.heldOut != nil && v.table.heldOut[i] {
				continue
			}
			a[j].Inc()
			switch {
			case s.must:
			case s.kind == configs.Category:
				if l := int(c.Values[i]); l < len(s.levels)-1 {
					a[at+l].Inc()
				}
			default:
				a[at].Add(c.Values[i], s.rawGrid())
			}
		}
	}
	return a
}

func (p *Plan) imputeGlobal(s *state, sums []*big.Int) {
	m := &imputation{Value: make([]float64, len(p.sources))}
	at := len(p.sources)
	for j, src := range p.sources {
		n := sums[j]
		switch {
		case n.Sign() < 0:
			s.refuse(contradiction())
			return
		case n.Sign() == 0:
			s.refuse(fail(CodeAllMissing, "leave it out of the study, or fill it in the records",
				"column %q is missing in every row", src.name).about(src.name))
			return
		case src.must:
			continue
		case src.kind == configs.Category:
			// The last level has what the others leave; ties go to the first.
			rest, best := new(big.Int).Set(n), big.NewInt(-1)
			for l := range src.levels {
				count := rest
				if l < len(src.levels)-1 {
					count = sums[at+l]
					rest.Sub(rest, count)
				}
				if count.Sign() < 0 {
					s.refuse(contradiction())
					return
				}
				if count.Cmp(best) > 0 {
					best, m.Value[j] = new(big.Int).Set(count), float64(l)
				}
			}
			at += len(src.levels) - 1
		default:
			m.Value[j] = mp.Float64(mp.Quo(mp.Scaled(sums[at], src.rawGrid()), mp.New().SetInt(n)))
			if m.Value[j] < src.low || m.Value[j] > src.high {
				s.refuse(contradiction())
				return
			}
			at++
		}
	}
	s.Impute, s.Phase = m, phaseCounts
}
