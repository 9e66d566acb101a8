package crypto

import (
	"bytes"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
)

// testKeys are well-formed attempt keys, made once: most tests of this package
// never open a box.
var testKeys = sync.OnceValue(func() [][]byte {
	keys := make([][]byte, MaxInstitutions)
	for i := range keys {
		seed := sha256.Sum256([]byte{byte(i)})
		k, err := hpke.MLKEM768X25519().NewPrivateKey(seed[:])
		if err != nil {
			panic(err)
		}
		keys[i] = k.PublicKey().Bytes()
	}
	return keys
})

// testAttempt returns an attempt of n approved institutions, all ready.
func testAttempt(t testing.TB, s Shape, n int) Attempt {
	t.Helper()
	th, err := ThresholdsFor(n, 0, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	a := Attempt{ID: DigestOf([]byte(t.Name())), Shape: s, Thresholds: th}
	for p := 1; p <= n; p++ {
		a.Holders = append(a.Holders, Holder{Point: p, Key: testKeys()[p-1]})
	}
	if err := a.Check(); err != nil {
		t.Fatal(err)
	}
	return a
}

func oneTensor(codec string, length, bits int) Shape {
	return Shape{Codec: codec, Tensors: []Tensor{{Name: "x", Len: length, Bits: bits}}}
}

// raw is a contributor written down from the definition, with none of the
// guards of package secret: c_b = a_b*s + e + 2^12*m, shares by evaluation.
type raw struct {
	a      Attempt
	point  int
	terms  []Poly // of the sharing polynomial in X+1; the first is the key
	blocks []Poly // NTT domain
}

func randomPoly(r *rand.Rand) Poly {
	var p Poly
	for i := range p {
		p[i] = r.Uint64N(Q)
	}
	return p
}

func newRaw(a Attempt, point int, plain Plain, r *rand.Rand) *raw {
	c := &raw{a: a, point: point, terms: make([]Poly, a.Thresholds.T), blocks: make([]Poly, a.Shape.Blocks())}
	for k := range c.terms {
		c.terms[k] = randomPoly(r)
	}
	key := c.terms[0]
	key.Montgomery()
	public, err := NewPublic(a.ID)
	if err != nil {
		panic(err)
	}
	var ab Poly
	for b := range c.blocks {
		block := &c.blocks[b]
		for i := range block {
			block[i] = uint64(r.Int64N(85) - 42)
		}
		plain.AddTo(block, b-CanaryBlocks)
		for i, v := range block {
			if int64(v) < 0 {
				block[i] = v + Q
			}
		}
		block.Forward()
		public.Block(b, &ab)
		block.AddProduct(&ab, &key)
	}
	return c
}

func (c *raw) frames() *bytes.Buffer {
	var w bytes.Buffer
	w.Write(c.a.FrameHeader(c.point))
	out := make([]byte, BlockSize)
	for b := range c.blocks {
		c.blocks[b].Pack(out)
		w.Write(out)
	}
	return &w
}

func (c *raw) share(point int) Poly {
	var p Poly
	for k := len(c.terms) - 1; k >= 0; k-- {
		p.Horner(uint64(point)+1, &c.terms[k])
	}
	return p
}

// rawSum adds the contributors and returns the sum with every holder's release.
func rawSum(t testing.TB, a Attempt, cs []*raw) (*Sum, Set, []Release) {
	t.Helper()
	sum, err := NewSum(a)
	if err != nil {
		t.Fatal(err)
	}
	var set Set
	for _, c := range cs {
		if err := sum.Add(c.point, c.frames()); err != nil {
			t.Fatal(err)
		}
		set = append(set, c.point)
	}
	var releases []Release
	for _, h := range a.Holders {
		var sigma Poly
		for _, c := range cs {
			share := c.share(h.Point)
			sigma.Add(&share)
		}
		r, err := ParseRelease(a, EncodeRelease(a, h.Point, set, &sigma))
		if err != nil {
			t.Fatal(err)
		}
		releases = append(releases, r)
	}
	return sum, set, releases
}

// rawRound is a whole round of n institutions that each contribute values.
func rawRound(t testing.TB, s Shape, n int, values []int16) (*Sum, Set, []Release, []*raw) {
	t.Helper()
	a := testAttempt(t, s, n)
	r := testRand(1)
	var cs []*raw
	for p := 1; p <= n; p++ {
		plain, err := EncodeVec16(s, values)
		if err != nil {
			t.Fatal(err)
		}
		cs = append(cs, newRaw(a, p, plain, r))
	}
	sum, set, releases := rawSum(t, a, cs)
	return sum, set, releases, cs
}

func testRand(seed uint64) *rand.Rand {
	var s [32]byte
	binary.LittleEndian.PutUint64(s[:], seed)
	return rand.New(rand.NewChaCha8(s))
}
