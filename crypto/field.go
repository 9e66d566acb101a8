package crypto

import "github.com/tuneinsight/lattigo/v5/ring"

// Constants of Montgomery arithmetic modulo Q with R = 2^64; a test computes
// them again.
const (
	qInverse   uint64 = 17365884561455595521 // Q^-1 mod 2^64
	montSquare uint64 = 68711088384          // R^2 mod Q
)

// mulMont returns x*y/R mod Q; with y in Montgomery form that is the product.
func mulMont(x, y uint64) uint64 { return ring.MRed(x, y, Q, qInverse) }

// toMont returns x*R mod Q.
func toMont(x uint64) uint64 { return mulMont(x, montSquare) }

// mulMod returns x*y mod Q for x, y < Q.
func mulMod(x, y uint64) uint64 { return mulMont(x, toMont(y)) }

// addMod returns x+y mod Q without a branch, for x, y < Q.
func addMod(x, y uint64) uint64 {
	s := x + y - Q
	return s + Q&uint64(int64(s)>>63)
}

// subMod returns x-y mod Q without a branch, for x, y < Q.
func subMod(x, y uint64) uint64 {
	s := x - y
	return s + Q&uint64(int64(s)>>63)
}

// invMod returns 1/x mod Q for x != 0, as x^(Q-2).
func invMod(x uint64) uint64 {
	result, base := uint64(1), x
	for e := Q - 2; e > 0; e >>= 1 {
		if e&1 == 1 {
			result = mulMod(result, base)
		}
		base = mulMod(base, base)
	}
	return result
}

// centred returns the representative of w < Q in (-Q/2, Q/2).
func centred(w uint64) int64 {
	over := int64((Q-1)/2-w) >> 63
	return int64(w) - int64(Q)&over
}
