package crypto

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"math"
	"testing"
)

func TestRegionsAreOneKeystream(t *testing.T) {
	key := [32]byte{1, 2, 3}
	const size = 48
	s, err := NewStream(&key, size)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key[:])
	if err != nil {
		t.Fatal(err)
	}
	want := make([]byte, 8*size)
	cipher.NewCTR(block, make([]byte, 16)).XORKeyStream(want, want)
	for _, i := range []int{0, 1, 2, 5, 4, 4, 7, 0} {
		if got := s.Region(i); !bytes.Equal(got, want[i*size:(i+1)*size]) {
			t.Fatalf("region %d differs", i)
		}
	}
	if _, err := NewStream(&key, 40); err == nil {
		t.Error("a region of 40 bytes is taken")
	}
}

func TestUniformRejects(t *testing.T) {
	raw := make([]byte, UniformSize)
	put := func(i int, w uint64) { binary.LittleEndian.PutUint64(raw[8*i:], w) }
	put(0, 0xf<<60|5)     // the high bits are dropped
	put(7, Q)             // replaced by the second spare word
	put(N-1, 1<<60-1)     // by the third
	put(N, 0xa<<60|(Q+3)) // a spare word that is itself refused
	put(N+1, Q-1)
	put(N+2, 77)
	var p Poly
	Uniform(raw, &p)
	if p[0] != 5 || p[7] != Q-1 || p[N-1] != 77 {
		t.Errorf("got %d %d %d", p[0], p[7], p[N-1])
	}
	for i := range N + uniformSpare { // nothing but refused words
		put(i, Q+uint64(i%3))
	}
	Uniform(raw, &p)
	for i, w := range p {
		if w >= Q {
			t.Fatalf("word %d is not below Q", i)
		}
	}
}

// TestPublicIsUniform looks at the mean and at each of the top bits.
func TestPublicIsUniform(t *testing.T) {
	public, err := NewPublic(DigestOf([]byte("uniform")))
	if err != nil {
		t.Fatal(err)
	}
	const blocks = 64
	var p Poly
	var mean float64
	var ones [60]int
	seen := map[uint64]bool{}
	for b := range blocks {
		public.Block(b, &p)
		for _, w := range p {
			mean += float64(w) / float64(Q) / (blocks * N)
			for k := range ones {
				ones[k] += int(w >> k & 1)
			}
		}
		if seen[p[0]] {
			t.Fatal("two blocks start alike")
		}
		seen[p[0]] = true
	}
	if math.Abs(mean-0.5) > 5*math.Sqrt(1.0/12/(blocks*N)) {
		t.Errorf("mean %v", mean)
	}
	for k, n := range ones {
		if math.Abs(float64(n)-blocks*N/2) > 5*math.Sqrt(blocks*N)/2 {
			t.Errorf("bit %d is set %d times of %d", k, n, blocks*N)
		}
	}
	other, err := NewPublic(DigestOf([]byte("another")))
	if err != nil {
		t.Fatal(err)
	}
	var first Poly
	public.Block(0, &p)
	other.Block(0, &first)
	if p == first {
		t.Error("two attempts have the same public polynomial")
	}
}

func TestBlocksInOrderAllocateNothing(t *testing.T) {
	public, err := NewPublic(DigestOf([]byte("allocations")))
	if err != nil {
		t.Fatal(err)
	}
	p := new(Poly)
	b := 0
	if n := testing.AllocsPerRun(50, func() { public.Block(b, p); b++ }); n > 0.1 {
		t.Errorf("%v allocations a block", n)
	}
}
