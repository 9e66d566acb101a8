package crypto

import (
	"crypto/sha256"
	"io"
	"slices"
)

// ProjectionSize is the bytes of a projection where t releases open a sum: a
// header, and at each of the points 1..t the MaskWords values of 8 bytes.
func ProjectionSize(t int) int { return HeaderSize + 8*MaskWords*t }

// UploadSize is the bytes that a contributor uploads in an attempt of so many
// holders, of whom t open the sum: frames, sealed shares and its projection.
func UploadSize(s Shape, holders, t int) int64 {
	return s.FrameSize() + int64(holders)*BoxSize + int64(ProjectionSize(t))
}

// EncodeProjection returns the bytes of a contributor's own projection: its
// polynomials p_k at the points 1..t, all k at one point together.
func EncodeProjection(a Attempt, point int, at []Projected) []byte {
	b := make([]byte, ProjectionSize(len(at)))
	copy(b, a.header(magicProjection, point, len(at)))
	for i := range at {
		putWords(b[HeaderSize+8*MaskWords*i:], at[i][:])
	}
	return b
}

// Projection is the answer of one contributor to its challenge: the
// polynomials p_k of degree t-1, on which lies each share's own projection
// plus its mask. What a contributor is proved wrong by stands in its signed
// update alone: this, its frames and its shares. A Projection is not safe for
// concurrent use.
type Projection struct {
	challenge *Challenge
	at        []Projected // at 1..t
	fits      bool        // CheckCanaries found nothing wrong
}

// ParseProjection reads the projection of a contributor. The caller vouches
// that the commitment is the one in its signed update. A *WrongError says that
// the contributor signed bytes that are no projection; any other error says
// that these are not the bytes it signed, and proves nothing.
func ParseProjection(a Attempt, c Commitment, b []byte) (*Projection, error) {
	t := a.Thresholds.T
	if len(b) != ProjectionSize(t) {
		return nil, failure(codeProjection, "fetch the projection again", "a projection is %d bytes, not %d", ProjectionSize(t), len(b))
	}
	if DigestOf(b) != c.Projection {
		return nil, failure(codeProjection, "fetch the projection again", "the projection of point %d is not the one in its signed update", c.Point)
	}
	ch, err := NewChallenge(a, c)
	if err != nil {
		return nil, err
	}
	if field := headerMismatch(a.header(magicProjection, c.Point, t), b[:HeaderSize]); field != "" {
		return nil, wrong(c.Point, "the projection that point %d signed was made for another %s", c.Point, field)
	}
	p := &Projection{challenge: ch, at: make([]Projected, t)}
	var bad uint64
	for i := range p.at {
		bad |= getWords(p.at[i][:], b[HeaderSize+8*MaskWords*i:])
	}
	if bad>>63 != 0 {
		return nil, wrong(c.Point, "the projection that point %d signed holds a word that is not below the modulus", c.Point)
	}
	return p, nil
}

// Commitment returns what the contributor signed.
func (p *Projection) Commitment() Commitment {
	c := p.challenge.commitment
	c.Shares = slices.Clone(c.Shares)
	return c
}

// Of reports whether the projection was made in this attempt.
func (p *Projection) Of(a Attempt) bool { return p.challenge.attempt.fingerprint() == a.fingerprint() }

// Fits reports whether CheckCanaries found nothing wrong.
func (p *Projection) Fits() bool { return p.fits }

// CheckCanaries makes the public half of the share check: the key that was
// shared opens the contributor's canary blocks. It reads the frames to their
// end, checks them like CheckFrames and compares their digest with the signed
// one. A *WrongError says that the contributor is proved wrong; any other
// error proves nothing.
func (p *Projection) CheckCanaries(frames io.Reader) error {
	p.fits = false
	ch := p.challenge
	h := sha256.New()
	f, err := newFrameReader(ch.attempt, ch.commitment.Point, io.TeeReader(frames, h), make([]byte, framePiece*BlockSize))
	if err != nil {
		return err
	}
	sums := new([KeyProjections]int64)
	for b := 0; ; {
		piece, err := f.next()
		if err != nil {
			return err
		}
		if piece == nil {
			break
		}
		for ; len(piece) > 0; piece, b = piece[BlockSize:], b+1 {
			if b >= CanaryBlocks {
				if !checkPacked(piece[:BlockSize]) {
					return f.badWord()
				}
				continue
			}
			if ch.product.Unpack(piece[:BlockSize]) != nil {
				return f.badWord()
			}
			ch.product.Inverse()
			addShort(sums, ch.short.Region(b), &ch.product)
		}
	}
	if Digest(h.Sum(nil)) != ch.commitment.Frames {
		return failure(codeProjection, "fetch the frames again", "the frames of point %d are not those in its signed update", ch.commitment.Point)
	}
	if p.largest(sums) > KeyTolerance {
		return wrong(ch.commitment.Point, "the key that point %d shared is not the one that it encrypted with", ch.commitment.Point)
	}
	p.fits = true
	return nil
}

// largest returns the largest of the short sums over the canary blocks, in
// size, once the shared key's part is taken off.
func (p *Projection) largest(sums *[KeyProjections]int64) int64 {
	var key Projected
	p.value(&key, secretPoint)
	var largest int64
	for k, s := range sums {
		largest = max(largest, magnitude(centred(subMod(reduce(s), key[LowDegree+k]))))
	}
	return largest
}

// value sets dst to the polynomials at x.
func (p *Projection) value(dst *Projected, x uint64) {
	xs := make([]uint64, len(p.at))
	for i := range xs {
		xs[i] = uint64(i) + 1
	}
	dst.Wipe()
	for i, w := range lagrange(xs, x) {
		m := toMont(w)
		for k, v := range p.at[i] {
			dst[k] = addMod(dst[k], mulMont(v, m))
		}
	}
}

// Agrees makes the private half of the share check for the share of the holder
// at point, as one combination of all projections. The weights MUST be fresh
// and uniform: a wrong share then agrees with probability 1/Q. It takes the
// same steps for every share of the point.
func (p *Projection) Agrees(point int, s *Share, weights *Projected) bool {
	var want Projected
	p.value(&want, uint64(point))
	vector := new(Poly)
	p.challenge.fold(vector, weights)
	got := addMod(inner(vector[:], s.Words[:]), inner(weights[:], s.Masks[:]))
	vector.Wipe()
	return got == inner(weights[:], want[:])
}

// CheckOpening judges the share that the holder at a point opened as evidence.
// It is proved only by what the contributor signed: bytes with the digest in
// its update that are no share, or whose projection is not on its own
// polynomials. Otherwise the evidence is void. why says which, in words for a
// screen.
func (p *Projection) CheckOpening(holder int, share []byte) (proved bool, why string) {
	c := p.challenge.commitment
	i := p.challenge.attempt.Index(holder)
	if i < 0 {
		return false, "the opening is of a point that takes no part in the attempt"
	}
	if len(share) != ShareSize {
		return false, "what was opened has not the size of a share"
	}
	if DigestOf(share) != c.Shares[i] {
		return false, "what was opened is not the share that the contributor signed"
	}
	s := new(Share)
	if !ParseShare(share, s) {
		return true, "the share that the contributor signed holds a word that is not below the modulus"
	}
	var got, want Projected
	p.challenge.Project(&got, &s.Words)
	got.Add(&s.Masks)
	p.value(&want, uint64(holder))
	if got != want {
		return true, "the share that the contributor signed contradicts its own projection"
	}
	return false, "the opened share agrees with the contributor's projection"
}
