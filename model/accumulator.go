package model

import (
	"math"
	"math/big"
	"math/bits"
)

// accumulator is a signed 128-bit integer in two's complement. Adding is
// exact and has no order, which is why sums do not depend on the partition of
// the rows. MaxRows additions of values below 2^103 cannot overflow it.
type accumulator struct{ hi, lo uint64 }

// One row's contribution lies within +-2^exponent and is rounded to the grid
// 2^(exponent-gridBits): eighty bits below the bound. The codec carries 128-bit
// numbers whatever their size, so a fine grid costs nothing.
const (
	gridBits   = 80
	sumBits    = gridBits + rowBits // bound of one institution's sum
	countBits  = rowBits + 1
	maxSumBits = 124 // more than any 64 institutions can give
)

// add adds v, rounded half to even to a multiple of 2^-grid. v must be finite
// and |v| * 2^grid below 2^103.
func (a *accumulator) add(v float64, grid int) {
	word := math.Float64bits(v)
	exponent := int(word>>52) & 0x7ff
	if exponent == 0 {
		return // zero, or below 2^-1022 and so below half of every grid
	}
	mantissa := word&(1<<52-1) | 1<<52
	shift := exponent - 1075 + grid
	var hi, lo uint64
	switch {
	case shift >= 64:
		hi = mantissa << (shift - 64)
	case shift > 0:
		hi, lo = mantissa>>(64-shift), mantissa<<shift
	case shift == 0:
		lo = mantissa
	case shift > -54:
		lo = mantissa >> -shift
		rest := mantissa & (1<<-shift - 1)
		if half := uint64(1) << (-shift - 1); rest > half || rest == half && lo&1 == 1 {
			lo++
		}
	default:
		return
	}
	var carry uint64
	if int64(word) < 0 {
		a.lo, carry = bits.Sub64(a.lo, lo, 0)
		a.hi, _ = bits.Sub64(a.hi, hi, carry)
		return
	}
	a.lo, carry = bits.Add64(a.lo, lo, 0)
	a.hi, _ = bits.Add64(a.hi, hi, carry)
}

// count adds one.
func (a *accumulator) count() {
	var carry uint64
	a.lo, carry = bits.Add64(a.lo, 1, 0)
	a.hi += carry
}

// Int returns the value.
func (a *accumulator) Int() *big.Int {
	hi, lo := a.hi, a.lo
	negative := int64(hi) < 0
	if negative {
		var borrow uint64
		lo, borrow = bits.Sub64(0, lo, 0)
		hi, _ = bits.Sub64(0, hi, borrow)
	}
	v := new(big.Int).SetUint64(hi)
	v.Lsh(v, 64).Or(v, new(big.Int).SetUint64(lo))
	if negative {
		v.Neg(v)
	}
	return v
}

// above returns the smallest e with |x| < 2^e (0 for 0).
func above(x float64) int {
	if x == 0 {
		return 0
	}
	_, e := math.Frexp(x)
	return e
}
