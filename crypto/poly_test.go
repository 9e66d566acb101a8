package crypto

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// TestTransformMultiplies compares the product through the NTT domain with the
// definition, coefficient by coefficient, in big integers.
func TestTransformMultiplies(t *testing.T) {
	r := testRand(3)
	x, y := randomPoly(r), randomPoly(r)
	fx, fy := x, y
	fx.Forward()
	fy.Forward()
	fy.Montgomery()
	var product Poly
	product.AddProduct(&fx, &fy)
	product.Inverse()
	q := new(big.Int).SetUint64(Q)
	for _, k := range []int{0, 1, 2, N/2 - 1, N / 2, N - 2, N - 1} {
		want := new(big.Int)
		for i := range N {
			j := k - i
			term := new(big.Int).SetUint64(x[i])
			if j < 0 { // X^N = -1
				want.Sub(want, term.Mul(term, new(big.Int).SetUint64(y[j+N])))
			} else {
				want.Add(want, term.Mul(term, new(big.Int).SetUint64(y[j])))
			}
		}
		if want.Mod(want, q); want.Uint64() != product[k] {
			t.Fatalf("coefficient %d is %d, want %d", k, product[k], want)
		}
	}
}

func TestPolyArithmetic(t *testing.T) {
	r := testRand(4)
	x, y := randomPoly(r), randomPoly(r)
	x[0], y[0], x[1], y[1] = Q-1, Q-1, 0, Q-1
	p := x
	p.Add(&y)
	p.Sub(&y)
	if p != x {
		t.Error("adding and subtracting changes an element")
	}
	ym := y
	ym.Montgomery()
	p.AddProduct(&x, &ym)
	p.SubProduct(&x, &ym)
	if p != x {
		t.Error("adding and subtracting a product changes an element")
	}
	p.Horner(7, &y)
	want := y
	want.AddScaled(7, &x)
	if p != want {
		t.Error("Horner and AddScaled disagree")
	}
	p = x
	p.Forward()
	p.Inverse()
	if p != x {
		t.Error("the transform and its inverse change an element")
	}
}

func TestPackIdentity(t *testing.T) {
	word := rapid.OneOf(rapid.Uint64Range(0, Q-1), rapid.SampledFrom([]uint64{0, 1, Q - 1, 1<<56 - 1, 1 << 59}))
	rapid.Check(t, func(t *rapid.T) {
		var p, back Poly
		for _, i := range []int{0, 1, 2, 3, N - 2, N - 1} {
			p[i] = word.Draw(t, "word")
		}
		b := make([]byte, BlockSize)
		p.Pack(b)
		if err := back.Unpack(b); err != nil || back != p {
			t.Fatalf("unpacking what was packed: %v", err)
		}
		sum := make([]uint64, N)
		if !addPacked(sum, b) || Poly(sum) != p || !checkPacked(b) {
			t.Fatal("addPacked reads another element")
		}
	})
}

// TestPackRefusesLargeWords puts words from Q to 2^60-1, which fit the packing
// but not the ring, at both places of a pair.
func TestPackRefusesLargeWords(t *testing.T) {
	var p Poly
	b := make([]byte, BlockSize)
	for _, at := range []int{0, 1, N - 2, N - 1} {
		for _, w := range []uint64{Q, Q + 1, 1<<60 - 1} {
			p = Poly{}
			p[at] = w
			p.Pack(b)
			if p.Unpack(b) == nil || checkPacked(b) || addPacked(make([]uint64, N), b) {
				t.Errorf("word %d at %d is taken", w, at)
			}
		}
	}
	if new(Poly).Unpack(b[1:]) == nil {
		t.Error("a short block is taken")
	}
}
