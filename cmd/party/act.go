package party

import (
	"context"
	"crypto/ed25519"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Join signs `member` as the institution's approver: it accepts the charter
// and names the node's key, whose holder proves with nodeSecret (note's
// private form) that it agrees.
func (s *Session) Join(ctx context.Context, institution string, node audit.Party, nodeSecret string) (*audit.Statement, error) {
	var charter crypto.Digest
	s.View(func(st *audit.State) {
		if st.Charter != nil {
			charter = st.Charter.Hash
		}
	})
	body := &audit.Member{Charter: charter, Act: audit.ActEnrol, Institution: institution, Node: node}
	key, err := audit.PrivateKey(nodeSecret)
	if err != nil {
		return nil, err
	}
	body.Proof = ed25519.Sign(key, audit.ProofText(s.Seat.Origin, body))
	return s.Say(ctx, audit.Header{}, body, nil)
}

// Decide signs d on a study as the institution's approver; the proposal that
// it answers is filled in.
func (s *Session) Decide(ctx context.Context, study string, d audit.Decision) (*audit.Statement, error) {
	var err error
	s.View(func(st *audit.State) {
		var proposed *audit.Study
		if proposed, err = Study(st, study); err == nil {
			d.Proposal = proposed.Proposal.Hash
		}
	})
	if err != nil {
		return nil, err
	}
	return s.Say(ctx, audit.Header{Study: study}, &d, nil)
}
