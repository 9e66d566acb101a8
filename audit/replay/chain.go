package replay

import (
	"context"
	"fmt"
	"sync"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Chain follows the model of each study from state to state. It keeps nothing
// on disk: after a restart the states are computed again from the log and the
// blobs, so a kept state can never differ from the logged sums.
type Chain struct {
	methods audit.Methods

	mu     sync.Mutex
	models map[string]*model
}

type model struct {
	method audit.Method
	state  []byte
	at     audit.ModelState
}

// NewChain returns a Chain without studies.
func NewChain(methods audit.Methods) *Chain {
	return &Chain{methods: methods, models: map[string]*model{}}
}

// Models returns the newest state of every study, as audit.Local wants it.
func (c *Chain) Models() map[string]audit.ModelState {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := make(map[string]audit.ModelState, len(c.models))
	for study, s := range c.models {
		m[study] = s.at
	}
	return m
}

// State returns the method and the newest model state of a study, and the
// round that it is the input of.
func (c *Chain) State(study string) (method audit.Method, state []byte, round int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.models[study]
	if !ok {
		return nil, nil, 0, false
	}
	return s.method, s.state, s.at.Round, true
}

// Start opens the method of a study and computes the input of round 1.
func (c *Chain) Start(study, proposal string, codebook []byte) error {
	method, err := c.methods.Open(proposal, codebook)
	if err != nil {
		return err
	}
	state, err := method.Start()
	if err != nil {
		return err
	}
	return c.put(study, method, state, 1)
}

// Advance applies a round's opened sums to the model. A round that is not the
// next one is an error.
func (c *Chain) Advance(ctx context.Context, r *Round, blobs Blobs) (*crypto.Opening, error) {
	method, state, round, ok := c.State(r.Study)
	if !ok || round != r.Number {
		return nil, fmt.Errorf("study %s: round %d is not the next one here", r.Study, r.Number)
	}
	o, err := r.Open(ctx, blobs)
	if err != nil {
		return nil, err
	}
	next, err := method.Global(state, o.Stat())
	if err != nil {
		return nil, fmt.Errorf("the model's step after round %d: %w", r.Number, err)
	}
	return o, c.put(r.Study, method, next, round+1)
}

func (c *Chain) put(study string, method audit.Method, state []byte, round int) error {
	shape, more, err := method.Shape(state)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.models[study] = &model{method, state, audit.ModelState{
		Round: round, Digest: crypto.DigestOf(state), Shape: shape, Done: !more,
	}}
	return nil
}
