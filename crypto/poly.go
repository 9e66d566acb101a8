package crypto

import (
	"encoding/binary"
	"sync"

	"github.com/tuneinsight/lattigo/v5/ring"
)

// Poly is an element of Z_Q[X]/(X^N+1): N residues below Q. Keys, shares,
// frames and sums are kept in the NTT domain throughout; only error and
// message are made, and the opened sum is read, as coefficients.
type Poly [N]uint64

// table holds the roots of the transform: computed once, never changed.
var table = sync.OnceValues(func() (*ring.SubRing, error) {
	r, err := ring.NewRing(N, []uint64{Q})
	if err != nil {
		return nil, err
	}
	return r.SubRings[0], nil
})

// tableError reports whether the transform could be set up. Attempt.Check asks
// first, so that no method of Poly has to.
func tableError() error {
	if _, err := table(); err != nil {
		return failure(codeParameters, "", "the ring of parameter set %s could not be set up", Parameters)
	}
	return nil
}

// Forward takes p from coefficients to the NTT domain.
func (p *Poly) Forward() {
	if r, err := table(); err == nil {
		r.NTT(p[:], p[:])
	}
}

// Inverse takes p from the NTT domain to coefficients.
func (p *Poly) Inverse() {
	if r, err := table(); err == nil {
		r.INTT(p[:], p[:])
	}
}

// Montgomery multiplies every residue by 2^64, the form in which one factor
// of AddProduct and SubProduct must be.
func (p *Poly) Montgomery() {
	for i, w := range p {
		p[i] = toMont(w)
	}
}

// AddProduct adds a*b, word by word; b is in Montgomery form.
func (p *Poly) AddProduct(a, b *Poly) {
	for i := range p {
		p[i] = addMod(p[i], mulMont(a[i], b[i]))
	}
}

// SubProduct subtracts a*b, word by word; b is in Montgomery form.
func (p *Poly) SubProduct(a, b *Poly) {
	for i := range p {
		p[i] = subMod(p[i], mulMont(a[i], b[i]))
	}
}

// Add adds o.
func (p *Poly) Add(o *Poly) {
	for i := range p {
		p[i] = addMod(p[i], o[i])
	}
}

// Sub subtracts o.
func (p *Poly) Sub(o *Poly) {
	for i := range p {
		p[i] = subMod(p[i], o[i])
	}
}

// Horner replaces p by p*x + o, one step of evaluating a polynomial whose
// coefficients are ring elements; x < Q.
func (p *Poly) Horner(x uint64, o *Poly) { horner(p[:], x, o[:]) }

func horner(p []uint64, x uint64, o []uint64) {
	o = o[:len(p)]
	m := toMont(x)
	for i := range p {
		p[i] = addMod(mulMont(p[i], m), o[i])
	}
}

// AddScaled adds x*o; x < Q.
func (p *Poly) AddScaled(x uint64, o *Poly) {
	m := toMont(x)
	for i := range p {
		p[i] = addMod(p[i], mulMont(o[i], m))
	}
}

// Wipe overwrites p with zeros.
func (p *Poly) Wipe() { clear(p[:]) }

const (
	mask60    = 1<<60 - 1
	pairBytes = 15 // two words of 60 bits
)

// Pack writes p into exactly BlockSize bytes: words 2k and 2k+1 as one little
// endian number of 120 bits.
func (p *Poly) Pack(dst []byte) {
	dst = dst[:BlockSize]
	for i := 0; i < N; i += 2 {
		lo, hi := p[i], p[i+1]
		out := dst[:pairBytes]
		binary.LittleEndian.PutUint64(out, lo|hi<<60)
		binary.LittleEndian.PutUint64(out[7:], lo>>56|hi<<4)
		dst = dst[pairBytes:]
	}
}

// Unpack reads what Pack wrote and refuses a word that is not below Q. The
// bytes must be BlockSize; p is undefined after an error.
func (p *Poly) Unpack(src []byte) error {
	if len(src) != BlockSize {
		return failure(codeFrame, "", "a block is %d bytes, not %d", BlockSize, len(src))
	}
	var bad uint64
	for i := 0; i < N; i += 2 {
		in := src[:pairBytes]
		lo := binary.LittleEndian.Uint64(in) & mask60
		hi := binary.LittleEndian.Uint64(in[7:]) >> 4
		bad |= (Q - 1 - lo) | (Q - 1 - hi)
		p[i], p[i+1] = lo, hi
		src = src[pairBytes:]
	}
	if bad>>63 != 0 {
		return failure(codeFrame, "", "a block holds a word that is not below the modulus")
	}
	return nil
}

// addPacked adds the block src to the words of a sum, checking like Unpack.
// Both slices have their exact length. sum is undefined when it returns false.
func addPacked(sum []uint64, src []byte) bool {
	sum = sum[:N]
	var bad uint64
	for i := 0; i+1 < len(sum); i += 2 {
		in := src[:pairBytes]
		lo := binary.LittleEndian.Uint64(in) & mask60
		hi := binary.LittleEndian.Uint64(in[7:]) >> 4
		bad |= (Q - 1 - lo) | (Q - 1 - hi)
		sum[i] = addMod(sum[i], lo)
		sum[i+1] = addMod(sum[i+1], hi)
		src = src[pairBytes:]
	}
	return bad>>63 == 0
}

// checkPacked reports whether all words of the block are below Q.
func checkPacked(src []byte) bool {
	var bad uint64
	for ; len(src) >= pairBytes; src = src[pairBytes:] {
		in := src[:pairBytes]
		lo := binary.LittleEndian.Uint64(in) & mask60
		hi := binary.LittleEndian.Uint64(in[7:]) >> 4
		bad |= (Q - 1 - lo) | (Q - 1 - hi)
	}
	return bad>>63 == 0
}
