package crypto

import (
	"crypto/sha256"
	"encoding/binary"
)

// Commitment is what the signed update of a contributor says about it. Frames
// and Shares fix its key, errors and masks before its challenge exists.
//
// The digests of the boxes are no part of the challenge. Boxes take randomness
// of their own, so a cloned machine that repeats an encryption would meet
// another challenge with the same masks, and the difference of the two
// projections would show equations of the key without any mask.
type Commitment struct {
	Point      int
	Frames     Digest   // of all its frames
	Shares     []Digest // of each share, in order of the holders
	Projection Digest   // of its projection, which answers the challenge
}

// Projected is what the MaskWords projections of one ring element give,
// residues below Q: first LowDegree uniform ones, then KeyProjections short
// ones. The masks dealt with a share have the same order.
type Projected [MaskWords]uint64

// Horner replaces p by p*x + o; x < Q.
func (p *Projected) Horner(x uint64, o *Projected) { horner(p[:], x, o[:]) }

// Add adds o.
func (p *Projected) Add(o *Projected) {
	for i := range p {
		p[i] = addMod(p[i], o[i])
	}
}

// Wipe overwrites p with zeros.
func (p *Projected) Wipe() { clear(p[:]) }

// Challenge holds the projections that one contributor must answer:
// LowDegree uniform vectors over the words of a ring element, and
// KeyProjections vectors of -1, 0 and 1 over the coefficients of the two
// canary blocks, which project a key by way of a_b times the key. It is not
// safe for concurrent use.
type Challenge struct {
	attempt    Attempt
	commitment Commitment
	digest     Digest
	uniform    *Stream
	short      *Stream
	canary     [CanaryBlocks]Poly // a_b in Montgomery form
	product    Poly
	row        Poly
}

// shortSize is the keystream for the short vectors over one canary block: for
// each coefficient 128 bits u and 128 bits v. Vector k has there bit k of u
// less bit k of v.
const shortSize = N * 2 * KeyProjections / 8

// NewChallenge derives the challenge of a contributor. The caller vouches that
// the commitment is the one in its signed update.
func NewChallenge(a Attempt, c Commitment) (*Challenge, error) {
	if err := tableError(); err != nil {
		return nil, err
	}
	if a.Index(c.Point) < 0 {
		return nil, failure(codeProjection, "", "point %d takes no part in the attempt", c.Point)
	}
	if len(c.Shares) != len(a.Holders) {
		return nil, failure(codeProjection, "", "point %d signed %d shares for %d holders", c.Point, len(c.Shares), len(a.Holders))
	}
	if t := a.Thresholds.T; t < 1 || t > MaxInstitutions {
		return nil, failure(codeProjection, "", "a projection for %d releases makes no sense", t)
	}
	ch := &Challenge{attempt: a, commitment: c, digest: challengeDigest(a, c)}
	var err error
	if ch.uniform, err = ch.stream("uniform", UniformSize); err != nil {
		return nil, err
	}
	if ch.short, err = ch.stream("short", shortSize); err != nil {
		return nil, err
	}
	public, err := NewPublic(a.ID)
	if err != nil {
		return nil, err
	}
	for b := range ch.canary {
		public.Block(b, &ch.canary[b])
		ch.canary[b].Montgomery()
	}
	return ch, nil
}

func challengeDigest(a Attempt, c Commitment) Digest {
	h := sha256.New()
	h.Write([]byte("smartstart/otk1/challenge"))
	h.Write(a.ID[:])
	h.Write(binary.LittleEndian.AppendUint32(nil, uint32(c.Point)))
	h.Write(c.Frames[:])
	for i := range c.Shares {
		h.Write(c.Shares[i][:])
	}
	return Digest(h.Sum(nil))
}

func (c *Challenge) stream(label string, size int) (*Stream, error) {
	key := sha256.Sum256(append([]byte("smartstart/otk1/challenge/"+label), c.digest[:]...))
	return NewStream(&key, size)
}

// Digest returns what all vectors of the challenge follow from.
func (c *Challenge) Digest() Digest { return c.digest }

// Project sets dst to the projections of p, a ring element in the NTT domain,
// in the same steps for every p.
func (c *Challenge) Project(dst *Projected, p *Poly) {
	for k := range LowDegree {
		Uniform(c.uniform.Region(k), &c.row)
		dst[k] = inner(c.row[:], p[:])
	}
	sums := new([KeyProjections]int64)
	for b := range c.canary {
		c.product.Wipe()
		c.product.AddProduct(p, &c.canary[b])
		c.product.Inverse()
		addShort(sums, c.short.Region(b), &c.product)
	}
	for k, s := range sums {
		dst[LowDegree+k] = reduce(s)
	}
	clear(sums[:])
	c.product.Wipe()
}

// addShort adds to each sum the inner product of one short vector with the
// coefficients, eight at a time: all sums of some of the eight are made once,
// and each vector takes the two that its bits u and v name. Which ones is
// public; what they hold may be secret. Sums stay congruent modulo Q and within
// 64 bits: eight coefficients of half of Q at most add up to 2^62.
func addShort(sums *[KeyProjections]int64, raw []byte, coefficients *Poly) {
	const each = 2 * KeyProjections / 8
	var some [256]int64
	for i := 0; i < N; i += 8 {
		for j, w := range coefficients[i : i+8] {
			x := centred(w)
			for s := range 1 << j {
				some[1<<j|s] = some[s] + x
			}
		}
		in := raw[i*each:][:8*each]
		for g := range KeyProjections / 8 {
			u, v := turn(in, g, each), turn(in, KeyProjections/8+g, each)
			eight := sums[8*g:][:8]
			for k := range eight {
				eight[k] = int64(reduce(eight[k] + some[u>>(8*k)&255] - some[v>>(8*k)&255]))
			}
		}
	}
	clear(some[:])
}

// turn takes the bytes at, at+each, ... of eight coefficients and turns the
// square of their bits: bit i of byte k becomes what was bit k of byte i.
func turn(in []byte, at, each int) uint64 {
	var x uint64
	for i := range 8 {
		x |= uint64(in[at+i*each]) << (8 * i)
	}
	t := (x ^ x>>7) & 0x00aa00aa00aa00aa
	x ^= t ^ t<<7
	t = (x ^ x>>14) & 0x0000cccc0000cccc
	x ^= t ^ t<<14
	t = (x ^ x>>28) & 0x00000000f0f0f0f0
	return x ^ t ^ t<<28
}

// reduce returns the residue below Q of -2^62 <= x < 2^62 + 2Q.
func reduce(x int64) uint64 {
	w := uint64(x) + 5*Q
	w = w&mask60 + (w>>60)*(1<<60-Q)
	w -= Q
	return w + Q&uint64(int64(w)>>63)
}

// inner returns the inner product of two vectors of residues below Q.
func inner(x, y []uint64) uint64 {
	var s uint64
	for i, w := range x {
		s = addMod(s, mulMont(w, y[i]))
	}
	return toMont(s)
}

// fold sets dst to the one vector whose inner product with a ring element in
// the NTT domain is the combination of its projections with these weights. It
// takes two transforms where all projections would take two each: the short
// vectors are combined as coefficients, and then turned through the transform
// from the other side.
func (c *Challenge) fold(dst *Poly, weights *Projected) {
	dst.Wipe()
	for k := range LowDegree {
		Uniform(c.uniform.Region(k), &c.row)
		dst.AddScaled(weights[k], &c.row)
	}
	table := subsetSums(weights[LowDegree:])
	for b := range c.canary {
		combineShort(&c.row, c.short.Region(b), table)
		// The transform's transpose, from the transform: coefficient i stands
		// at N-i with its sign changed, divided by N.
		c.product.Wipe()
		c.product[0] = mulMod(c.row[0], inverseN)
		for i := 1; i < N; i++ {
			c.product[N-i] = mulMod(subMod(0, c.row[i]), inverseN)
		}
		c.product.Forward()
		dst.AddProduct(&c.product, &c.canary[b])
	}
	c.product.Wipe()
	c.row.Wipe()
}

// inverseN is 1/N modulo Q; a test computes it again.
const inverseN uint64 = Q - (Q-1)/N

// subsets are the sums of every choice of eight weights, for each eight.
type subsets [KeyProjections / 8][256]uint64

func subsetSums(weights []uint64) *subsets {
	t := new(subsets)
	for g := range t {
		for s := 1; s < 256; s++ {
			low := s & -s
			bit := 0
			for low>>bit != 1 {
				bit++
			}
			t[g][s] = addMod(t[g][s&^low], weights[8*g+bit])
		}
	}
	return t
}

// combineShort sets coefficient i of dst to the combination of what the short
// vectors have there. Sixteen residues below Q fit in 64 bits.
func combineShort(dst *Poly, raw []byte, t *subsets) {
	for i := range dst {
		in := raw[i*2*KeyProjections/8:][:2*KeyProjections/8]
		var plus, minus uint64
		for g := range t {
			plus += t[g][in[g]]
			minus += t[g][in[KeyProjections/8+g]]
		}
		dst[i] = subMod(fold60(plus), fold60(minus))
	}
}

// fold60 returns the residue below Q of any 64-bit number.
func fold60(w uint64) uint64 {
	w = w&mask60 + (w>>60)*(1<<60-Q) - Q
	return w + Q&uint64(int64(w)>>63)
}
