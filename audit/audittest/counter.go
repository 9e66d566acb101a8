package audittest

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Counter is the simplest method: it asks for the same three integers in every
// round and adds them up. Its study file is "rounds = N".
type Counter struct{ Rounds int }

// Counters opens Counter studies.
type Counters struct{}

// Open implements audit.Methods.
func (Counters) Open(study string, codebook []byte) (audit.Method, error) {
	number, ok := strings.CutPrefix(study, "rounds = ")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return nil, errors.New("not a counter study")
	}
	if string(codebook) != Codebook {
		return nil, errors.New("not the counters' codebook")
	}
	return Counter{n}, nil
}

// Codebook is the codebook blob of a test federation.
const Codebook = "[[column]]\nname = \"x\"\n"

// CounterState is the state of a Counter.
type CounterState struct {
	Round int      `json:"round"`
	Sums  []string `json:"sums"`
}

// Start implements audit.Method.
func (Counter) Start() ([]byte, error) {
	return json.Marshal(CounterState{Round: 1, Sums: []string{"0", "0", "0"}})
}

// Shape implements audit.Method.
func (c Counter) Shape(state []byte) (crypto.Shape, bool, error) {
	var s CounterState
	if err := json.Unmarshal(state, &s); err != nil {
		return crypto.Shape{}, false, err
	}
	return CounterShape(), s.Round <= c.Rounds, nil
}

// CounterShape is what a Counter sums.
func CounterShape() crypto.Shape {
	return crypto.Shape{Codec: crypto.CodecStat, Tensors: []crypto.Tensor{{Name: "x", Len: 3, Bits: 60}}}
}

// Global implements audit.Method.
func (Counter) Global(state []byte, sums []*big.Int) ([]byte, error) {
	var s CounterState
	if err := json.Unmarshal(state, &s); err != nil {
		return nil, err
	}
	if len(sums) != len(s.Sums) {
		return nil, fmt.Errorf("%d sums instead of %d", len(sums), len(s.Sums))
	}
	for i, x := range sums {
		old, ok := new(big.Int).SetString(s.Sums[i], 10)
		if !ok {
			return nil, errors.New("the state is malformed")
		}
		s.Sums[i] = old.Add(old, x).String()
	}
	s.Round++
	return json.Marshal(s)
}
