package disclosure

import (
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/model/exact"
)

// Smallest is the fewest rows, other than none, that anything that is opened
// may be of: it would describe one or two rows by themselves.
const Smallest = 3

// MaxCountBits is beyond the rows of any 64 institutions.
const MaxCountBits = exact.CountBits + 7

// Read takes opened counts; ok is false if one is no count, or one or two,
// which no institution's share can lead to.
func Read(values []*big.Int) (counts []int64, ok bool) {
	for _, v := range values {
		if v.BitLen() > MaxCountBits || v.Sign() < 0 || v.Int64() > 0 && v.Int64() < Smallest {
			return nil, false
		}
		counts = append(counts, v.Int64())
	}
	return counts, true
}

// Proper says that these are n counts that can have been opened.
func Proper(counts []int64, n int) bool {
	bad := func(c int64) bool { return c < 0 || c > 0 && c < Smallest || c > 1<<MaxCountBits }
	return len(counts) == n && !slices.ContainsFunc(counts, bad)
}

// Total adds up counts.
func Total(counts []int64) (n int64) {
	for _, c := range counts {
		n += c
	}
	return n
}
