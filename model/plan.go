package model

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
)

// Tensor is one named run of integers that a state asks for. Every value of
// one institution lies strictly within +-2^Bits.
type Tensor struct {
	Name string
	Len  int
	Bits int
}

// Plan is a study that has been checked against a codebook: everything that is
// known before the first row is read. It is immutable and safe for concurrent
// use.
type Plan struct {
	study   string
	kind    string
	rounds  int
	digest  string
	columns []string // features in the study's order, then the outcome
	terms   []term   // columns of the design, without the intercept
	outcome term
}

// New checks the study's columns against the codebook. Both are validated on
// their own first, because a bound that the codebook gets wrong is a sum that
// overflows.
func New(s *configs.Study, cb *configs.Codebook) (*Plan, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	if err := cb.Validate(); err != nil {
		return nil, err
	}
	p := &Plan{study: s.About.ID, kind: s.Model.Kind, rounds: s.Rounds.Max}
	for _, name := range s.Model.Features {
		c, err := find(cb, name, "features")
		if err != nil {
			return nil, err
		}
		terms, err := predictor(c)
		if err != nil {
			return nil, err
		}
		for i := range terms {
			terms[i].place = len(p.columns)
		}
		p.terms = append(p.terms, terms...)
		p.columns = append(p.columns, name)
	}
	c, err := find(cb, s.Model.Outcome, "outcome")
	if err != nil {
		return nil, err
	}
	if p.outcome, err = explained(c, p.kind); err != nil {
		return nil, err
	}
	p.outcome.place = len(p.columns)
	p.columns = append(p.columns, c.Name)
	if p.size() > MaxParameters {
		return nil, fail(CodeKind, "choose fewer features, or merge levels",
			"the model has %d parameters, at most %d are fitted", p.size(), MaxParameters)
	}
	p.digest, err = p.fingerprint()
	return p, err
}

// MaxParameters bounds the parameters of a model, the intercept included.
const MaxParameters = 201

// MaxRows is the largest number of rows of one institution: every bound of a
// tensor is its bound for one row times this.
const MaxRows = 1 << rowBits

const rowBits = 24

// size is the number of parameters, the intercept included.
func (p *Plan) size() int { return len(p.terms) + 1 }

// Columns returns the names of the columns that Local reads: the features in
// the study's order, then the outcome.
func (p *Plan) Columns() []string { return append([]string(nil), p.columns...) }

// Kind returns "linear" or "logistic".
func (p *Plan) Kind() string { return p.kind }

// fingerprint binds a state to everything in study and codebook that changes
// a number: kind, rounds, columns, ranges and levels.
func (p *Plan) fingerprint() (string, error) {
	b, err := canonical(struct {
		Version string  `json:"version"`
		Study   string  `json:"study"`
		Kind    string  `json:"kind"`
		Rounds  int     `json:"rounds"`
		Terms   []print `json:"terms"`
	}{stateVersion, p.study, p.kind, p.rounds, prints(append(p.terms, p.outcome))})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Start returns the state that the first round begins with.
func (p *Plan) Start() ([]byte, error) {
	return canonical(&state{Version: stateVersion, Plan: p.digest, Phase: phaseCounts})
}

// Rows returns how many rows of t the study would use: those with every column
// present. A table without the study's columns has none.
func (p *Plan) Rows(t *Table) int {
	v, err := p.view(t)
	if err != nil {
		return 0
	}
	n := 0
	for i := range t.Rows() {
		if v.complete(i) {
			n++
		}
	}
	return n
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
	switch s.Phase {
	case phaseCounts:
		return p.countsShape()
	case phaseMoments:
		return p.momentsShape()
	case phaseFit:
		return p.fitShape(s.Fit)
	}
	return nil
}

// Local computes one institution's integers for the state's tensors, end to
// end in their order. The sum over institutions does not depend on how the
// rows are divided between them.
func (p *Plan) Local(stateBytes []byte, t *Table) ([]*big.Int, error) {
	s, err := p.parse(stateBytes)
	if err != nil {
		return nil, err
	}
	v, err := p.view(t)
	if err != nil {
		return nil, err
	}
	if err := v.checkRanges(); err != nil {
		return nil, err
	}
	var sums []accumulator
	switch s.Phase {
	case phaseCounts:
		sums = p.countsLocal(v)
	case phaseMoments:
		sums = p.momentsLocal(s, v)
	case phaseFit:
		sums = p.fitLocal(s, v)
	default:
		return nil, fail(CodeFinished, "", "the study has ended; nothing more is asked")
	}
	return bounded(p.shape(s), sums)
}

// bounded turns accumulators into integers and holds each to its tensor.
func bounded(tensors []Tensor, sums []accumulator) ([]*big.Int, error) {
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
	want := 0
	for _, t := range tensors {
		want += t.Len
	}
	if len(sums) != want {
		return nil, fail(CodeSums, "", "the state asks for %d sums, not %d", want, len(sums))
	}
	for _, v := range sums {
		if v == nil || v.BitLen() > maxSumBits {
			return nil, fail(CodeSums, "", "a sum is missing or beyond %d bits", maxSumBits)
		}
	}
	s.Round++
	s.Opened += want
	switch s.Phase {
	case phaseCounts:
		p.countsGlobal(s, sums)
	case phaseMoments:
		p.momentsGlobal(s, sums)
	case phaseFit:
		p.fitGlobal(s, sums)
	}
	return canonical(s)
}
