package node

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/model"
)

// Methods opens the method that a proposal names. It is the audit.Methods of
// nodes, researchers and auditors alike.
type Methods struct{}

// Open implements audit.Methods.
func (Methods) Open(study string, codebook []byte) (audit.Method, error) {
	return OpenMethod(study, codebook)
}

// Method is a model.Plan in the terms of the protocol, with the study it
// belongs to.
type Method struct {
	Study *configs.Study
	Plan  *model.Plan
}

// OpenMethod reads a study file and a codebook and opens the study's method.
func OpenMethod(study string, codebook []byte) (*Method, error) {
	s, err := configs.ParseStudy([]byte(study))
	if err != nil {
		return nil, err
	}
	cb, err := configs.ParseCodebook(codebook)
	if err != nil {
		return nil, err
	}
	plan, err := model.New(s, cb)
	if err != nil {
		return nil, err
	}
	return &Method{s, plan}, nil
}

// Start implements audit.Method.
func (m *Method) Start() ([]byte, error) { return m.Plan.Start() }

// Shape implements audit.Method: every method so far opens `stat` integers.
func (m *Method) Shape(state []byte) (crypto.Shape, bool, error) {
	tensors, more, err := m.Plan.Shape(state)
	if err != nil || !more {
		return crypto.Shape{}, false, err
	}
	shape := crypto.Shape{Codec: crypto.CodecStat, Tensors: make([]crypto.Tensor, len(tensors))}
	for i, t := range tensors {
		shape.Tensors[i] = crypto.Tensor(t)
	}
	return shape, true, nil
}

// Global implements audit.Method.
func (m *Method) Global(state []byte, sums []*big.Int) ([]byte, error) {
	return m.Plan.Global(state, sums)
}
