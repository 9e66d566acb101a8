package node

import (
	"math/big"
	"time"

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
	Study    *configs.Study
	Codebook *configs.Codebook
	Plan     *model.Plan
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
	return &Method{s, cb, plan}, nil
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

// StatedLate returns what a proposal of the study states about institutions
// that are late for its first opening, and after how many seconds.
func StatedLate(s *configs.Study) (onLate string, wait int64) {
	if s.Privacy.OnLate != audit.OnLateProceed {
		return "", 0
	}
	return audit.OnLateProceed, max(1, int64(time.Duration(s.Rounds.Wait)/time.Second))
}
