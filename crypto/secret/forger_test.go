package secret

import (
	"bytes"

	"github.com/smartstart-federation/smartstart/crypto"
)

// forger is a contributor of which a test spoils one part and leaves the rest
// as Encrypt makes it.
type forger struct {
	encryptWith func(key *crypto.Poly)                     // the key of the frames only
	frames      func(b []byte)                             // after they were made, before they are signed
	share       func(holder int, s *crypto.Share)          // before it is signed
	answer      func(c *crypto.Challenge, b []byte) []byte // before it is signed
}

// forge contributes for point.
func (f *federation) forge(point int, plain crypto.Plain, g forger) {
	f.t.Helper()
	s := newSeed(&[32]byte{byte(point), 77}, f.key, f.a, point, plain)
	poly, err := newPolynomial(s, f.a.Thresholds.T)
	f.must(err)
	m, err := newMasking(s, f.a.Thresholds.T)
	f.must(err)
	key := *poly.secret()
	if g.encryptWith != nil {
		g.encryptWith(&key)
	}
	var w bytes.Buffer
	f.must(writeFrames(f.a, point, plain, s, &key, &w))
	if g.frames != nil {
		g.frames(w.Bytes())
	}
	out := &Sealed{Frames: crypto.DigestOf(w.Bytes())}
	share, bytes := new(crypto.Share), make([]byte, crypto.ShareSize)
	for _, h := range f.a.Holders {
		poly.at(h.Point, &share.Words)
		m.at(h.Point, &share.Masks)
		if g.share != nil {
			g.share(h.Point, share)
		}
		crypto.EncodeShare(bytes, make([]byte, crypto.SaltSize), share)
		digest := crypto.DigestOf(bytes)
		box, err := seal(h.Key, boxInfo(f.a, point, h.Point, digest), bytes)
		f.must(err)
		out.Boxes = append(out.Boxes, box...)
		out.BoxDigests = append(out.BoxDigests, crypto.DigestOf(box))
		out.Shares = append(out.Shares, digest)
	}
	out.Projection, err = project(f.a, out.Commitment(point), poly, m)
	f.must(err)
	if g.answer != nil {
		c, err := crypto.NewChallenge(f.a, out.Commitment(point))
		f.must(err)
		out.Projection = g.answer(c, out.Projection)
	}
	f.frames[point], f.sealed[point] = w.Bytes(), out
}

// addToWord adds to word i of a projection, modulo q.
func addToWord(b []byte, i int, x uint64) {
	at := crypto.HeaderSize + 8*i
	var sum, one crypto.Projected
	for k := range 8 {
		sum[0] |= uint64(b[at+k]) << (8 * k)
	}
	one[0] = x
	sum.Add(&one)
	for k := range 8 {
		b[at+k] = byte(sum[0] >> (8 * k))
	}
}

// publicHalf makes the public half only, however often.
func (f *federation) publicHalf(contributor int) (*crypto.Projection, error) {
	f.t.Helper()
	s := f.sealed[contributor]
	p, err := crypto.ParseProjection(f.a, s.Commitment(contributor), s.Projection)
	if err != nil {
		return nil, err
	}
	return p, p.CheckCanaries(bytes.NewReader(f.frames[contributor]))
}

// privateHalf is the private half with the public one off: the holders whose
// share does not agree.
func (f *federation) privateHalf(contributor int) (wrong []int) {
	f.t.Helper()
	s := f.sealed[contributor]
	p, err := crypto.ParseProjection(f.a, s.Commitment(contributor), s.Projection)
	f.must(err)
	for _, h := range f.a.Holders {
		var share crypto.Share
		var weights crypto.Projected
		f.must(drawWeights(&weights))
		if !crypto.ParseShare(f.plainShare(contributor, h.Point), &share) || !p.Agrees(h.Point, &share, &weights) {
			wrong = append(wrong, h.Point)
		}
	}
	return wrong
}
