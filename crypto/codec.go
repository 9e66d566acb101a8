package crypto

// Names of the two codecs.
const (
	CodecStat  = "stat"
	CodecVec16 = "vec16"
)

// codec says how integers lie in the coefficients above the noise bits.
type codec struct {
	width  int   // bits of a slot
	slots  int   // slots of a coefficient
	digits int   // slots of one value
	vmax   int64 // largest magnitude an institution puts in a slot
	nmax   int   // most institutions whose sum still fits a slot
	bits   int   // largest Tensor.Bits
}

const (
	digitBits = 40                   // stat: bits of a balanced digit
	digitHalf = 1 << (digitBits - 1) // stat: digits lie in [-digitHalf, digitHalf)
	statBits  = 118                  // stat: three balanced digits reach every |v| < 2^118
	nMax      = 200                  // institutions both codecs are made for
)

// codecOf returns the codec called name. Both satisfy
//
//	slots*width + NoiseBits <= 60   and   nmax*vmax <= 2^(width-1) - 8,
//
// so that a sum over nmax institutions stays within half the modulus and its
// balanced remainders are unique. A test holds both lines for both codecs.
func codecOf(name string) (codec, bool) {
	switch name {
	case CodecStat:
		return codec{width: 48, slots: 1, digits: 3, vmax: digitHalf, nmax: nMax, bits: statBits}, true
	case CodecVec16:
		return codec{width: 24, slots: 2, digits: 1, vmax: 1<<15 - 1, nmax: nMax, bits: 15}, true
	}
	return codec{}, false
}
