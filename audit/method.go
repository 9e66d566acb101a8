package audit

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Methods opens the methods that studies name. Whoever wires the parties gives
// one; the state machine itself never computes a model.
type Methods interface {
	// Open returns the method of a study file with the codebook of the charter
	// that was in force when it was proposed. An
	// error means that this version cannot compute the study.
	Open(study string, codebook []byte) (Method, error)
}

// Method is the public part of a study's arithmetic. Every function MUST be
// deterministic to the bit: parties compare digests of what it returns.
type Method interface {
	// Start returns the input of round 1.
	Start() ([]byte, error)
	// Shape says what a state asks to be summed; more is false when the state
	// needs no further sum.
	Shape(state []byte) (shape crypto.Shape, more bool, err error)
	// Global returns the next state from the sums of a round.
	Global(state []byte, sums []*big.Int) ([]byte, error)
}

// Publisher is a Method whose results can be made public. The document follows
// from the final state alone, to the byte, so that everybody who has computed the
// state can hold a `publish` against it.
type Publisher interface {
	Publication(state []byte) ([]byte, error)
}
