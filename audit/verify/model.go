package verify

import (
	"io"
	"reflect"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// maxCodebook is the largest codebook in bytes.
const maxCodebook = 16 << 20

// readCodebook reads the charter's codebook, which methods need.
func (v *verifier) readCodebook() {
	digest := v.st.Charter.Body.(*audit.Charter).Codebook
	r, err := v.bundle.Blob(digest)
	if err == nil {
		defer r.Close()
		v.codebook, err = io.ReadAll(io.LimitReader(r, maxCodebook))
	}
	if err != nil {
		v.check(true, audit.CodeMethod, placeOf(v.st.Charter), err.Error())
	}
}

// modelChain computes the states of one study again: family M.
type modelChain struct {
	v      *verifier
	study  *audit.Study
	method audit.Method // nil once the chain is broken
	state  []byte
	round  int // that state is the input of
	shape  crypto.Shape
	more   bool
}

func (v *verifier) newModel(s *audit.Study) *modelChain {
	m := &modelChain{v: v, study: s, round: 1}
	method, err := v.methods.Open(s.Proposal.Body.(*audit.Proposal).Study, v.codebook)
	if err == nil {
		m.method = method
		m.state, err = method.Start()
	}
	if err != nil {
		v.check(true, audit.CodeMethod, placeOf(s.Proposal), err.Error())
		m.method = nil
		return m
	}
	m.compare()
	return m
}

// compare holds the state against every `ready` for its round.
func (m *modelChain) compare() {
	var err error
	m.shape, m.more, err = m.method.Shape(m.state)
	if err != nil {
		m.fail(err)
		return
	}
	digest := crypto.DigestOf(m.state)
	for _, r := range m.v.readys[m.study.ID] {
		if r.round != m.round {
			continue
		}
		where := place{r.index, r.signer, m.study.ID}
		m.v.check(r.state != digest, audit.CodeState, where, r.signer)
		m.v.check(!reflect.DeepEqual(r.shape, m.shape), audit.CodeStateShape, where, r.signer)
	}
}

// step takes the model over the opened sums of its round.
func (m *modelChain) step(at *audit.Attempt, o *crypto.Opening) bool {
	if m.method == nil || at.Round != m.round {
		return false
	}
	m.v.check(!m.more, audit.CodeRoundTooFar, placeOf(at.Open), at.Round)
	next, err := m.method.Global(m.state, sums(o, m.shape.Codec))
	if err != nil {
		m.fail(err)
		return false
	}
	m.v.checks['M']++
	m.state = next
	m.round++
	m.compare()
	return m.method != nil
}

func (m *modelChain) fail(err error) {
	m.v.check(true, audit.CodeGlobal, placeOf(m.study.Proposal), m.round, err.Error())
	m.method = nil
}

// finish compares the state that the study was closed with. It can only be
// done when every opened round was computed again.
func (m *modelChain) finish() {
	if m.method == nil || m.study.Close == nil || m.round != m.study.Round {
		return
	}
	b := m.study.Close.Body.(*audit.Close)
	if b.State.IsZero() {
		return
	}
	m.v.check(b.State != crypto.DigestOf(m.state), audit.CodeCloseState, placeOf(m.study.Close))
}

func (m *modelChain) digest() crypto.Digest {
	if m.method == nil {
		return crypto.Digest{}
	}
	return crypto.DigestOf(m.state)
}
