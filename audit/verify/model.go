package verify

import (
	"reflect"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// maxCodebook is the largest codebook in bytes.
const maxCodebook = 1 << 20

// readCodebook reads the codebook of the charter in force.
func (v *verifier) readCodebook() {
	var err error
	if v.codebook, err = v.readOne(v.st.Charter.Body.(*audit.Charter).Codebook); err != nil {
		v.check(true, audit.CodeMethod, placeOf(v.st.Charter), err.Error())
	}
}

// codebookOf reads the codebook that was in force when a study was proposed.
func (v *verifier) codebookOf(s *audit.Study) ([]byte, error) {
	digest := s.Charter.Body.(*audit.Charter).Codebook
	if digest == v.st.Charter.Body.(*audit.Charter).Codebook {
		return v.codebook, nil // whose absence is a finding already
	}
	return v.readOne(digest)
}

func (v *verifier) readOne(digest crypto.Digest) ([]byte, error) {
	return v.bundle.Small(digest, maxCodebook)
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
	codebook, err := v.codebookOf(s)
	if err != nil {
		v.check(true, audit.CodeMethod, placeOf(s.Proposal), err.Error())
		return m
	}
	method, err := v.methods.Open(s.Proposal.Body.(*audit.Proposal).Study, codebook)
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
	m.published()
}

// published holds every document that was to be made public, also where too few
// have agreed, against what follows from the final state.
func (m *modelChain) published() {
	p, ok := m.method.(audit.Publisher)
	if !ok {
		return
	}
	for _, motion := range m.v.st.Motions {
		b, is := motion.Statement.Body.(*audit.Publish)
		if !is || motion.Statement.Study != m.study.ID {
			continue
		}
		document, err := p.Publication(m.state)
		wrong := err != nil || b.Document.Digest != crypto.DigestOf(document) || b.Document.Size != int64(len(document))
		m.v.check(wrong, audit.CodePublished, placeOf(motion.Statement), m.study.ID)
	}
}

func (m *modelChain) digest() crypto.Digest {
	if m.method == nil {
		return crypto.Digest{}
	}
	return crypto.DigestOf(m.state)
}
