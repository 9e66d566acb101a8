package secret

import (
	"crypto/rand"
	"crypto/subtle"

	"github.com/smartstart-federation/smartstart/crypto"
)

// held is what a holder has of one contributor.
type held struct {
	boxDigest, shareDigest crypto.Digest
	plain                  []byte // as signed; kept until the check passed or it was opened
	share                  crypto.Share
	malformed              bool // plain is as signed and no share
	verdict                verdict
	projection             crypto.Digest // that it was checked against
}

type verdict int

const (
	unchecked verdict = iota
	agrees
	contradicts
	opened // contradicts, and its share was given out as evidence
)

func (s *held) wipe() {
	clear(s.plain)
	s.plain = nil
	s.share.Wipe()
}

// Check makes the private half of the share check of one contributor, whose
// box must have been accepted and whose public half (CheckCanaries) must have
// passed: one combination, with weights that nobody knows beforehand, of the
// share's projections against the contributor's own. nil means that the share
// agrees. An error with code SS3110 means that it contradicts what the
// contributor signed: name it, and Disclose when the log asks for it. SS3109
// means that no check was made, and says nothing about the contributor.
func (h *Holder) Check(p *crypto.Projection) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state != bound {
		return failure(codeCheck, "", "a share is checked at the wrong time: this holder %v", h.state)
	}
	if p == nil {
		return failure(codeCheck, "", "there is no projection to check a share against")
	}
	g, c := h.h, p.Commitment()
	s := g.held[c.Point]
	switch {
	case !p.Of(g.attempt):
		return failure(codeCheck, "", "the projection of point %d was made for another attempt", c.Point)
	case s == nil:
		return failure(codeCheck, "fetch the missing box first", "this node holds no accepted box of point %d", c.Point)
	case c.Shares[g.attempt.Index(g.point)] != s.shareDigest:
		return failure(codeCheck, "", "the box of point %d came with another share than its signed update names", c.Point)
	case s.verdict != unchecked && s.projection != c.Projection:
		return failure(codeCheck, "", "the share of point %d was checked against another projection", c.Point)
	case !p.Fits():
		return failure(codeCheck, "check its canaries first", "the projection of point %d was not yet held against its canary blocks", c.Point)
	}
	if s.verdict == unchecked {
		var weights crypto.Projected
		defer weights.Wipe()
		if err := drawWeights(&weights); err != nil {
			return failure(codeCheck, "", "no weights could be drawn to check the share of point %d", c.Point)
		}
		s.projection = c.Projection
		if s.malformed || !p.Agrees(g.point, &s.share, &weights) {
			s.verdict = contradicts
		} else {
			s.verdict = agrees
			clear(s.plain) // an honest contributor's share can never be opened
			s.plain = nil
			s.share.Masks.Wipe()
		}
	}
	if s.verdict != agrees {
		return failure(codeContradiction, "name this contributor and vote for no set with it",
			"the share that point %d signed for this node contradicts its own projection", c.Point)
	}
	return nil
}

// drawWeights draws fresh uniform weights, one for each projection.
func drawWeights(dst *crypto.Projected) error {
	var key [32]byte
	defer clear(key[:])
	_, _ = rand.Read(key[:]) // never fails: the runtime stops the process first
	stream, err := crypto.NewStream(&key, crypto.UniformSize)
	if err != nil {
		return err
	}
	defer stream.Wipe()
	words := new(crypto.Poly)
	defer words.Wipe()
	crypto.Uniform(stream.Region(0), words)
	copy(dst[:], words[:])
	return nil
}

// Disclose returns the share of a contributor whose check failed, as evidence
// that everybody can judge, once. logged is the number of this contributor's
// shares that the log already holds; with the c that colluders may know, one
// more must leave fewer than t. No other share ever leaves a holder.
func (h *Holder) Disclose(contributor, logged int) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state != bound {
		return nil, failure(codeDisclose, "", "a share is to be opened at the wrong time: this holder %v", h.state)
	}
	g := h.h
	s := g.held[contributor]
	switch {
	case s == nil || s.verdict == unchecked:
		return nil, failure(codeDisclose, "", "the share of point %d was not checked, so it is not opened", contributor)
	case s.verdict == agrees:
		return nil, failure(codeDisclose, "", "the share of point %d agrees with its projection, so it is never opened", contributor)
	case s.verdict == opened:
		return nil, failure(codeDisclose, "", "the share of point %d was opened before", contributor)
	}
	if most := g.attempt.Thresholds.T - 1 - g.attempt.Thresholds.C; logged < 0 || logged >= most {
		return nil, failure(codeDisclose, "", "%d shares of point %d are open and no more than %d may be, or colluders could have enough of them", logged, contributor, most)
	}
	s.verdict = opened
	plain := s.plain
	s.plain = nil
	return plain, nil
}

// sameDigest compares in constant time.
func sameDigest(a, b crypto.Digest) bool { return subtle.ConstantTimeCompare(a[:], b[:]) == 1 }
