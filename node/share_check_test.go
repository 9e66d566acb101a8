package node

import (
	"bytes"
	"math/big"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// TestEvidenceIsWhatWasNamed: a coordinator that serves other bytes than were
// opened makes no proof void; a share that nobody signed is void without a look.
func TestEvidenceIsWhatWasNamed(t *testing.T) {
	th, err := crypto.ThresholdsFor(4, 0, 2, false)
	if err != nil {
		t.Fatal(err)
	}
	a := crypto.Attempt{ID: audittest.Digest("attempt"), Shape: audittest.CounterShape(), Thresholds: th}
	for point := 1; point <= 4; point++ {
		h, err := secret.NewHolder()
		if err != nil {
			t.Fatal(err)
		}
		a.Holders = append(a.Holders, crypto.Holder{Point: point, Key: h.PublicKey()})
	}
	values := make([]*big.Int, a.Shape.Values())
	for i := range values {
		values[i] = big.NewInt(int64(i))
	}
	plain, err := crypto.EncodeStat(a.Shape, values)
	if err != nil {
		t.Fatal(err)
	}
	var frames bytes.Buffer
	sealed, err := secret.Encrypt(a, 2, plain, secret.NewNodeKey(), &frames)
	if err != nil {
		t.Fatal(err)
	}
	w := &town{blobs: map[crypto.Digest][]byte{}}
	blob := func(digest crypto.Digest, b []byte) audit.BlobRef {
		w.blobs[digest] = b
		return audit.BlobRef{Digest: digest, Size: int64(len(b))}
	}
	s := &seat{attempt: a, updates: map[int]*audit.Update{2: {
		Frames: blob(crypto.DigestOf(frames.Bytes()), frames.Bytes()), Shares: sealed.Shares, BoxDigests: sealed.BoxDigests,
		Projection: blob(crypto.DigestOf(sealed.Projection), sealed.Projection),
	}}}
	n := &Node{cfg: Config{Coordinator: w}}
	opening := func(share crypto.Digest) *audit.Dispute {
		return &audit.Dispute{Kind: audit.DisputeOpening, Contributor: 2, Evidence: audit.BlobRef{Digest: share, Size: crypto.ShareSize}}
	}
	blob(sealed.Shares[0], make([]byte, crypto.ShareSize)) // as the coordinator makes it up
	if proved, why, err := n.evidence(t.Context(), s, 1, opening(sealed.Shares[0])); err == nil {
		t.Errorf("bytes of another digest were weighed: proved %v, %s", proved, why)
	}
	if proved, why, err := n.evidence(t.Context(), s, 1, opening(audittest.Digest("nobody's"))); err != nil || proved {
		t.Errorf("a share that was not signed, of which there is no blob: proved %v, %s, %v", proved, why, err)
	}
}
