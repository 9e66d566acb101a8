package secret

import (
	"bytes"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto"
)

// TestFramedByAProjection: the coordinator serves one holder another projection
// of an honest contributor. With the digest off the holder would find its share
// wrong and open it; with it, nothing is checked and nothing is opened.
func TestFramedByAProjection(t *testing.T) {
	f := smallRound(t, "framed by a projection")
	h := f.holders[1]
	box, boxDigest, share := f.box(2, 1)
	f.must(h.Accept(2, box, boxDigest, share))
	s := f.sealed[2]
	changed := bytes.Clone(s.Projection)
	for row := range f.a.Thresholds.T {
		addToWord(changed, row*crypto.MaskWords, 1) // a uniform projection: the canaries still fit
	}
	if _, err := crypto.ParseProjection(f.a, s.Commitment(2), changed); err == nil || provedWrong(err) {
		t.Errorf("a projection that was not signed: %v", err)
	}
	off := s.Commitment(2)
	off.Projection = crypto.DigestOf(changed)
	p, err := crypto.ParseProjection(f.a, off, changed)
	f.must(err)
	f.must(p.CheckCanaries(bytes.NewReader(f.frames[2])))
	if err := h.Check(p); code(err) != codeContradiction {
		t.Fatalf("the attack fails: %v", err)
	}
	if plain, err := h.Disclose(2, 0); err != nil || !bytes.Equal(plain, f.plainShare(2, 1)) {
		t.Fatalf("the attack fails: %v", err)
	}
}
