package crypto

import (
	"encoding/binary"
	"math/big"
	"strconv"
)

// sums are opened values: one of the two, by codec.
type sums struct {
	stat []*big.Int
	vec  []int32
}

// decoder turns opened coefficients into sums and remembers what is wrong.
type decoder struct {
	sums
	shape   Shape
	codec   codec
	n       int64   // contributors
	slots   []int64 // stat: opened digit sums; vec16 writes vec directly
	ones    int64
	lowBits int64
	spill   bool // a slot beyond n*vmax, or padding that is not zero
}

func newSums(s Shape, institutions int) *decoder {
	c, _ := codecOf(s.Codec)
	d := &decoder{shape: s, codec: c, n: int64(institutions)}
	if s.Codec == CodecVec16 {
		d.vec = make([]int32, s.Values())
	} else {
		d.slots = make([]int64, s.Values()*c.digits)
	}
	return d
}

// message splits an opened coefficient into message and error: w = m*2^12 + e
// with -2^11 <= e < 2^11.
func message(w uint64) (m, e int64) {
	x := centred(w)
	m = (x + 1<<(NoiseBits-1)) >> NoiseBits
	return m, x - m<<NoiseBits
}

// block takes the coefficients from position first of the data.
func (d *decoder) block(first int, p *Poly) {
	if d.shape.Codec == CodecVec16 {
		d.blockVec16(first, p)
		return
	}
	limit := d.n * d.codec.vmax
	for i, w := range p {
		m, e := message(w)
		d.lowBits = max(d.lowBits, magnitude(e))
		switch k := first + i; {
		case k < len(d.slots):
			d.slots[k] = m
			d.spill = d.spill || magnitude(m) > limit
		case k == len(d.slots):
			d.ones = m
		default:
			d.spill = d.spill || m != 0
		}
	}
}

func (d *decoder) blockVec16(first int, p *Poly) {
	k := 2 * first
	inside := min(N, max(0, (len(d.vec)-k)/2)) // coefficients full of values
	out := d.vec[min(k, len(d.vec)):]
	var low int64
	for i, w := range p[:inside] {
		m, e := message(w)
		low = max(low, e, -e)
		a := m << 40 >> 40
		out[2*i] = int32(a)
		// The high slot is exact: |m| < 2^47, so it fits 24 bits.
		out[2*i+1] = int32((m - a) >> 24)
	}
	for i := inside; i < N; i++ {
		m, e := message(p[i])
		low = max(low, e, -e)
		a := m << 40 >> 40
		d.tail(k+2*i, a)
		d.tail(k+2*i+1, (m-a)>>24)
	}
	d.lowBits = max(d.lowBits, low)
}

// tail takes slots at and after the last value.
func (d *decoder) tail(k int, v int64) {
	switch {
	case k < len(d.vec):
		d.vec[k] = int32(v)
	case k == len(d.vec):
		d.ones = v
	case v != 0:
		d.spill = true
	}
}

// check returns what is out of range, in words, or "".
func (d *decoder) check() string {
	if d.ones != d.n {
		return "the slot of ones"
	}
	if d.spill {
		return "a slot or the padding"
	}
	if d.shape.Codec == CodecVec16 {
		rest := d.vec
		for _, t := range d.shape.Tensors {
			limit := int32(d.n) * (1<<t.Bits - 1)
			bad := int32(0)
			for _, v := range rest[:t.Len] {
				bad |= (limit - v) | (limit + v)
			}
			if bad < 0 {
				return "tensor " + strconv.Quote(t.Name)
			}
			rest = rest[t.Len:]
		}
		return ""
	}
	return d.checkStat()
}

// checkStat puts three digits together for each value and holds its bound.
func (d *decoder) checkStat() string {
	values := make([]*big.Int, 0, len(d.slots)/3)
	rest := d.slots
	for _, t := range d.shape.Tensors {
		limit := new(big.Int).Lsh(big.NewInt(1), uint(t.Bits))
		limit.Sub(limit, big.NewInt(1)).Mul(limit, big.NewInt(d.n))
		for range t.Len {
			v := big.NewInt(rest[2])
			v.Lsh(v, digitBits).Add(v, big.NewInt(rest[1]))
			v.Lsh(v, digitBits).Add(v, big.NewInt(rest[0]))
			if v.CmpAbs(limit) > 0 {
				return "tensor " + strconv.Quote(t.Name)
			}
			values = append(values, v)
			rest = rest[3:]
		}
	}
	d.stat = values
	return ""
}

// Stat returns the sums of a stat round in order of the tensors, else nil. The
// caller must not change them.
func (o *Opening) Stat() []*big.Int { return o.sums.stat }

// Vec16 returns the sums of a vec16 round in order of the tensors, else nil.
// The caller must not change them.
func (o *Opening) Vec16() []int32 { return o.sums.vec }

// Bytes returns the canonical bytes of the sums: 16 each for stat, 4 each for
// vec16, two's complement, little endian.
func (o *Opening) Bytes() []byte {
	b := make([]byte, 16*len(o.sums.stat)+4*len(o.sums.vec))
	for i, v := range o.sums.stat {
		putInt128(b[16*i:], v)
	}
	for i, v := range o.sums.vec {
		binary.LittleEndian.PutUint32(b[4*i:], uint32(v))
	}
	return b
}

// Digest returns the SHA-256 of Bytes.
func (o *Opening) Digest() Digest { return DigestOf(o.Bytes()) }
