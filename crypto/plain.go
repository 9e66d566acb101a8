package crypto

import (
	"crypto/sha256"
	"encoding/binary"
	"math/big"
)

// Plain is one institution's vector, packed into coefficients: the last form
// in which its numbers exist before they are encrypted. It prints as [secret].
type Plain struct {
	Redacted
	p *plain
}

type plain struct {
	shape  Shape
	digits []int64 // stat: the slots in order, ones slot included
	raw    []byte  // vec16: the values as 2 bytes each, little endian
	digest [32]byte
}

// Shape returns the shape the values were encoded for.
func (p Plain) Shape() Shape {
	if p.p == nil {
		return Shape{}
	}
	return p.p.shape
}

// AddTo adds data block b, counted from 0 and multiplied by 2^NoiseBits, to
// dst, whose words are signed numbers here. A block that does not exist, such
// as a canary, adds nothing.
func (p Plain) AddTo(dst *Poly, b int) {
	if p.p == nil || b < 0 {
		return
	}
	if p.p.raw != nil {
		p.p.addVec16(dst, b)
		return
	}
	for i, v := range p.p.digits[min(len(p.p.digits), b*N):min(len(p.p.digits), (b+1)*N)] {
		dst[i] += uint64(v << NoiseBits)
	}
}

func (p *plain) addVec16(dst *Poly, b int) {
	const size = 4 * N // of a block of values
	raw := p.raw[min(len(p.raw), b*size):min(len(p.raw), (b+1)*size)]
	for i := range len(raw) / 4 {
		u := binary.LittleEndian.Uint32(raw[4*i:])
		dst[i] += uint64((int64(int16(u)) + int64(int16(u>>16))<<24) << NoiseBits)
	}
	// The slot of ones follows the last value, in this block or the next.
	values := len(p.raw) / 2
	at := values/2 - b*N
	if at < 0 || at >= N {
		return
	}
	if values%2 == 0 {
		dst[at] += 1 << NoiseBits
		return
	}
	last := int64(int16(binary.LittleEndian.Uint16(p.raw[2*(values-1):])))
	dst[at] += uint64((last + 1<<24) << NoiseBits)
}

// Fingerprint returns a digest of the integers (2 bytes each for vec16, 16 for
// stat, little endian). It is a secret: without a key in it, a guess at the
// integers can be confirmed.
func (p Plain) Fingerprint() [32]byte {
	if p.p == nil {
		return [32]byte{}
	}
	return p.p.digest
}

// Wipe overwrites the values; the value must not be used afterwards.
func (p Plain) Wipe() {
	if p.p != nil {
		clear(p.p.digits)
		clear(p.p.raw)
		clear(p.p.digest[:])
	}
}

func newPlain(s Shape, name string, values int) (*plain, error) {
	if err := s.Check(1); err != nil {
		return nil, err
	}
	if s.Codec != name {
		return nil, failure(codeShape, "", "the shape has codec %s, not %s", s.Codec, name)
	}
	if values != s.Values() {
		return nil, failure(codeShape, "", "the shape has %d values, but %d were given", s.Values(), values)
	}
	return &plain{shape: s}, nil
}

func beyond(t Tensor) error {
	return failure(codeValue, "check the data against the codebook, or declare a wider bound for everybody",
		"a value of tensor %q is not below 2^%d in size, the bound all institutions agreed on", t.Name, t.Bits)
}

// EncodeStat packs the values of all tensors in order, each |v| < 2^Bits, as
// three balanced 40-bit digits in a 48-bit slot each, followed by the slot of
// ones. An error names the tensor, never the value.
func EncodeStat(s Shape, values []*big.Int) (Plain, error) {
	p, err := newPlain(s, CodecStat, len(values))
	if err != nil {
		return Plain{}, err
	}
	// Adding the same half to every digit makes them ordinary digits.
	half := big.NewInt(digitHalf)
	shift := new(big.Int)
	for k := 2; k >= 0; k-- {
		shift.Lsh(shift, digitBits).Add(shift, half)
	}
	mask := big.NewInt(1<<digitBits - 1)
	p.digits = make([]int64, s.coefficients())
	digest := sha256.New()
	var u, d big.Int
	var raw [16]byte
	k := 0
	for _, t := range s.Tensors {
		for range t.Len {
			v := values[k]
			if v == nil {
				return Plain{}, failure(codeValue, "", "a value of tensor %q is missing", t.Name)
			}
			if v.BitLen() > t.Bits {
				return Plain{}, beyond(t)
			}
			putInt128(raw[:], v)
			digest.Write(raw[:])
			u.Add(v, shift)
			for j := range 3 {
				p.digits[3*k+j] = d.And(&u, mask).Int64() - digitHalf
				u.Rsh(&u, digitBits)
			}
			k++
		}
	}
	p.digits[3*k] = 1
	digest.Sum(p.digest[:0])
	return Plain{p: p}, nil
}

// EncodeVec16 packs the values of all tensors in order, each |v| < 2^Bits and
// Bits at most 15, two to a coefficient, followed by the slot of ones. An
// error names the tensor, never the value.
func EncodeVec16(s Shape, values []int16) (Plain, error) {
	p, err := newPlain(s, CodecVec16, len(values))
	if err != nil {
		return Plain{}, err
	}
	p.raw = make([]byte, 2*len(values))
	out, rest := p.raw, values
	for _, t := range s.Tensors {
		if !putInt16s(out[:2*t.Len], rest[:t.Len], 1<<t.Bits-1) {
			clear(p.raw)
			return Plain{}, beyond(t)
		}
		out, rest = out[2*t.Len:], rest[t.Len:]
	}
	p.digest = sha256.Sum256(p.raw)
	return Plain{p: p}, nil
}

// putInt16s writes the values as 2 bytes each, little endian, and reports
// whether all are at most limit in size.
func putInt16s(out []byte, values []int16, limit int32) bool {
	bad := int32(0)
	for len(values) >= 4 && len(out) >= 8 {
		a, b, c, d := int32(values[0]), int32(values[1]), int32(values[2]), int32(values[3])
		bad |= (limit - a) | (limit + a) | (limit - b) | (limit + b) | (limit - c) | (limit + c) | (limit - d) | (limit + d)
		lo, hi := uint32(uint16(a))|uint32(b)<<16, uint32(uint16(c))|uint32(d)<<16
		binary.LittleEndian.PutUint64(out, uint64(lo)|uint64(hi)<<32)
		values, out = values[4:], out[8:]
	}
	for i, v := range values {
		bad |= (limit - int32(v)) | (limit + int32(v))
		binary.LittleEndian.PutUint16(out[2*i:], uint16(v))
	}
	return bad >= 0
}

// putInt128 writes v in 16 bytes of two's complement, little endian.
func putInt128(dst []byte, v *big.Int) {
	var mod big.Int
	if v.Sign() < 0 {
		mod.Add(mod.Lsh(big.NewInt(1), 128), v)
		v = &mod
	}
	var be [16]byte
	v.FillBytes(be[:])
	for i := range be {
		dst[i] = be[15-i]
	}
}
