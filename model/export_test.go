package model

import (
	"math/big"
)

// Unmerge switches off what keeps cells of one or two rows out of an
// evaluation's sums, so that a test can see that it would find them.
func (p *Plan) Unmerge() { p.unmerged = true }

// Play runs a study without writing its state down between two steps, which is
// what takes most of the time of a small one. opened is shown every round.
func (p *Plan) Play(tables []*Table, opened func([]Tensor, []*big.Int)) (last []byte, err error) {
	b, err := p.Start()
	if err != nil {
		return nil, err
	}
	s, err := p.parse(b)
	if err != nil {
		return nil, err
	}
	for tensors := p.shape(s); len(tensors) > 0; tensors = p.shape(s) {
		sums := make([]*big.Int, inAll(tensors))
		for i := range sums {
			sums[i] = new(big.Int)
		}
		for _, t := range tables {
			v, err := p.view(s, t)
			if err != nil {
				return nil, err
			}
			values, err := p.local(s, v)
			if err != nil {
				return nil, err
			}
			for i, x := range values {
				sums[i].Add(sums[i], x)
			}
		}
		opened(tensors, sums)
		s.Round++
		p.global(s, sums)
	}
	return canonical(s)
}
