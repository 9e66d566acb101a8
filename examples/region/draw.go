package region

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/bits"
	"math/rand/v2"

	"github.com/smartstart-federation/smartstart/model/elementary"
)

// stream is the randomness of one area, school, household, child or line. It
// depends on the seed, what it is for and a number, so that any of them can be
// drawn without the others.
type stream struct{ source rand.PCG }

func newStream(seed uint64, kind string, index int) *stream {
	b := make([]byte, 0, 96)
	b = append(b, "smartstart/region/v1\n"...)
	b = append(append(b, kind...), '\n')
	b = binary.BigEndian.AppendUint64(b, seed)
	b = binary.BigEndian.AppendUint64(b, uint64(index))
	d := sha256.Sum256(b)
	s := &stream{}
	s.source.Seed(binary.BigEndian.Uint64(d[:8]), binary.BigEndian.Uint64(d[8:16]))
	return s
}

// uniform lies strictly between 0 and 1, on the odd multiples of 2^-53.
func (s *stream) uniform() float64 {
	return float64((float64(s.source.Uint64()>>12) + 0.5) * 0x1p-52)
}

func (s *stream) normal() float64 { return elementary.NormalQuantile(s.uniform()) }

func (s *stream) chance(p float64) bool { return s.uniform() < p }

// below is a whole number from 0 to n-1. With n far below 2^64 the multiply
// favours none by more than n/2^64.
func (s *stream) below(n int) int {
	high, _ := bits.Mul64(s.source.Uint64(), uint64(n))
	return int(high)
}

// poisson draws a count with this mean by inversion, at most top.
func (s *stream) poisson(mean float64, top int) int {
	u, n := s.uniform(), 0
	p := elementary.Exp(-mean)
	for sum := p; u > sum && n < top; sum += p {
		n++
		p = float64(p*mean) / float64(n)
	}
	return n
}

// months draws a whole number of months, at least 1, with about this mean above 1.
func (s *stream) months(mean float64) int {
	return 1 + int(math.Floor(float64(-mean*elementary.LogPositive(s.uniform()))))
}

func pick[T any](s *stream, list []T) T { return list[s.below(len(list))] }
