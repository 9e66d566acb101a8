package exact

import (
	"math"
	"math/big"
	"math/bits"
)

// Sum is a signed 128-bit integer in two's complement. Adding is exact and has
// no order, which is why sums do not depend on the partition of the rows.
// 2^RowBits additions of values below 2^103 cannot overflow it. The zero value
// is 0.
type Sum struct{ hi, lo uint64 }

// One row's contribution lies within +-2^exponent and is rounded to the grid
// 2^(exponent-GridBits): eighty bits below the bound. The codec carries 128-bit
// numbers whatever their size, so a fine grid costs nothing.
const (
	RowBits    = 24 // an institution has at most 2^24 rows
	GridBits   = 80
	SumBits    = GridBits + RowBits // bound of one institution's sum
	CountBits  = RowBits + 1        // bound of one institution's count of rows
	MaxSumBits = 124                // more than any 64 institutions can give
)

// Add adds v, rounded half to even to a multiple of 2^-grid. v must be finite
// and |v| * 2^grid below 2^103.
func (a *Sum) Add(v float64, grid int) {
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

// Inc adds one.
func (a *Sum) Inc() {
	var carry uint64
	a.lo, carry = bits.Add64(a.lo, 1, 0)
	a.hi += carry
}

// AddInt adds n, without a grid.
func (a *Sum) AddInt(n int64) {
	var carry uint64
	a.lo, carry = bits.Add64(a.lo, uint64(n), 0)
	a.hi, _ = bits.Add64(a.hi, uint64(n>>63), carry)
}

// Of returns the sum that is n.
func Of(n int64) (a Sum) {
	a.AddInt(n)
	return a
}

// Int returns the value, in steps of the grid.
func (a *Sum) Int() *big.Int {
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

// Above returns the smallest e with |x| < 2^e (0 for 0).
func Above(x float64) int {
	if x == 0 {
		return 0
	}
	_, e := math.Frexp(x)
	return e
}
