package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/model/exact"
)

// Tensor is one named run of integers that a state asks for. Every value of
// one institution lies strictly within +-2^Bits.
type Tensor struct {
	Name string
	Len  int
	Bits int
}

// Start returns the state that the first round begins with.
func (p *Plan) Start() ([]byte, error) {
	return canonical(&state{Version: stateVersion, Plan: p.digest, Phase: p.method().first(p)})
}

// Shape returns what the next round asks for. more is false when the study has
// ended, with a result or with a refusal; then there are no tensors.
func (p *Plan) Shape(stateBytes []byte) (tensors []Tensor, more bool, err error) {
	s, err := p.parse(stateBytes)
	if err != nil {
		return nil, false, err
	}
	tensors = p.shape(s)
	return tensors, len(tensors) > 0, nil
}

func (p *Plan) shape(s *state) []Tensor {
	one, ok := stepOf(s.Phase)
	if !ok {
		return nil
	}
	return one.shape(p, s)
}

// Local computes one institution's integers for the state's tensors, end to
// end in their order, from a prepared table (see Prepare). The sum over
// institutions does not depend on how the rows are divided between them, but
// for methods that treat institutions or sites as such.
func (p *Plan) Local(stateBytes []byte, t *Table) ([]*big.Int, error) {
	s, err := p.parse(stateBytes)
	if err != nil {
		return nil, err
	}
	v, err := p.view(s, t)
	if err != nil {
		return nil, err
	}
	if err := v.check(); err != nil {
		return nil, err
	}
	return p.local(s, v)
}

func (p *Plan) local(s *state, v *view) ([]*big.Int, error) {
	one, ok := stepOf(s.Phase)
	if !ok {
		return nil, fail(CodeFinished, "", "the study has ended; nothing more is asked")
	}
	sums, err := one.local(p, s, v)
	if err != nil {
		return nil, err
	}
	return bounded(one.shape(p, s), sums)
}

// inAll is how many integers tensors hold.
func inAll(tensors []Tensor) (n int) {
	for _, t := range tensors {
		n += t.Len
	}
	return n
}

// bounded turns sums into integers and holds each to its tensor.
func bounded(tensors []Tensor, sums []exact.Sum) ([]*big.Int, error) {
	values := make([]*big.Int, 0, len(sums))
	for _, t := range tensors {
		for range t.Len {
			v := sums[len(values)].Int()
			if v.BitLen() > t.Bits {
				return nil, fail(CodeTensor, "check the codebook's ranges",
					"a sum in the tensor %q needs more than its %d bits", t.Name, t.Bits)
			}
			values = append(values, v)
		}
	}
	return values, nil
}

// Global takes the opened sums and returns the next state. Sums that no data
// can give end the study with a refusal; an error means that the call itself
// was wrong.
func (p *Plan) Global(stateBytes []byte, sums []*big.Int) ([]byte, error) {
	s, err := p.parse(stateBytes)
	if err != nil {
		return nil, err
	}
	tensors := p.shape(s)
	if len(tensors) == 0 {
		return nil, fail(CodeFinished, "", "the study has ended; there is nothing to add to it")
	}
	want := inAll(tensors)
	if len(sums) != want {
		return nil, fail(CodeSums, "", "the state asks for %d sums, not %d", want, len(sums))
	}
	for _, v := range sums {
		if v == nil || v.BitLen() > exact.MaxSumBits {
			return nil, fail(CodeSums, "", "a sum is missing or beyond %d bits", exact.MaxSumBits)
		}
	}
	s.Round++
	s.Opened += want
	p.global(s, sums)
	return canonical(s)
}

func (p *Plan) global(s *state, sums []*big.Int) {
	if one, ok := stepOf(s.Phase); ok {
		one.global(p, s, sums)
	}
}
