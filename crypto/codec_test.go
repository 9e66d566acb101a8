package crypto

import (
	"errors"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestCodecInvariants(t *testing.T) {
	for _, name := range []string{CodecStat, CodecVec16} {
		c, ok := codecOf(name)
		if !ok {
			t.Fatal(name)
		}
		if c.slots*c.width+NoiseBits > 60 {
			t.Errorf("%s: slots and noise need more than 60 bits", name)
		}
		if int64(c.nmax)*c.vmax > 1<<(c.width-1)-8 {
			t.Errorf("%s: %d institutions overflow a slot", name, c.nmax)
		}
		// The largest coefficient, with the error of MaxInstitutions at its
		// worst, must stay within half the modulus.
		worst := new(big.Int)
		for range c.slots {
			worst.Lsh(worst, uint(c.width)).Add(worst, big.NewInt(int64(c.nmax)*c.vmax))
		}
		worst.Lsh(worst, NoiseBits).Add(worst, big.NewInt(1<<(NoiseBits-1)))
		if worst.Cmp(new(big.Int).SetUint64(Q/2)) >= 0 {
			t.Errorf("%s: a sum can wrap around the modulus", name)
		}
	}
}

// addUp is the sum of n copies of plain as opened coefficients, without
// encryption, each with the given error.
func addUp(s Shape, n int, plain Plain, noise int64) *decoder {
	d := newSums(s, n)
	for b := 0; b < s.dataBlocks(); b++ {
		var one, sum Poly
		plain.AddTo(&one, b)
		for i, v := range one {
			x := int64(v) * int64(n)
			m := new(big.Int).Mod(new(big.Int).Add(big.NewInt(x), big.NewInt(noise)), new(big.Int).SetUint64(Q))
			sum[i] = m.Uint64()
		}
		d.block(b*N, &sum)
	}
	return d
}

// TestEveryNumberOfInstitutions adds extreme values of N institutions for
// every N up to the limit of the codecs, with extreme errors.
func TestEveryNumberOfInstitutions(t *testing.T) {
	extreme := []int16{32767, -32767, 32767, 32767, -32767, -32767, -32767, 32767, 0, -1, 1}
	vec := oneTensor(CodecVec16, len(extreme), 15)
	plainVec, err := EncodeVec16(vec, extreme)
	if err != nil {
		t.Fatal(err)
	}
	top := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), statBits), big.NewInt(1))
	big1 := []*big.Int{top, new(big.Int).Neg(top), big.NewInt(0), big.NewInt(-1), big.NewInt(digitHalf), big.NewInt(-digitHalf), big.NewInt(digitHalf - 1)}
	stat := oneTensor(CodecStat, len(big1), statBits)
	plainStat, err := EncodeStat(stat, big1)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= nMax; n++ {
		for _, noise := range []int64{-1 << 11, 1<<11 - 1} {
			d := addUp(vec, n, plainVec, noise)
			if bad := d.check(); bad != "" {
				t.Fatalf("vec16, %d institutions: %s", n, bad)
			}
			for i, v := range extreme {
				if d.vec[i] != int32(n)*int32(v) {
					t.Fatalf("vec16, %d institutions: value %d sums to %d, want %d", n, i, d.vec[i], n*int(v))
				}
			}
			d = addUp(stat, n, plainStat, noise)
			if bad := d.check(); bad != "" {
				t.Fatalf("stat, %d institutions: %s", n, bad)
			}
			for i, v := range big1 {
				if want := new(big.Int).Mul(v, big.NewInt(int64(n))); d.stat[i].Cmp(want) != 0 {
					t.Fatalf("stat, %d institutions: value %d sums to %v, want %v", n, i, d.stat[i], want)
				}
			}
			if d.lowBits != magnitude(noise) {
				t.Fatalf("the error is measured as %d, want %d", d.lowBits, magnitude(noise))
			}
		}
	}
	for _, s := range []Shape{vec, stat} {
		if s.Check(nMax) != nil {
			t.Errorf("%s refuses %d institutions", s.Codec, nMax)
		}
		if s.Check(nMax+1) == nil {
			t.Errorf("%s takes %d institutions", s.Codec, nMax+1)
		}
	}
}

// TestOverflowIntoTheNeighbour is the attack on a codec without its bounds: a
// value or a number of institutions beyond them changes the next number.
func TestOverflowIntoTheNeighbour(t *testing.T) {
	s := oneTensor(CodecVec16, 2, 15)
	plain, err := EncodeVec16(s, []int16{32767, 0})
	if err != nil {
		t.Fatal(err)
	}
	if d := addUp(s, 257, plain, 0); d.vec[1] == 0 {
		t.Error("257 institutions do not overflow: the limit protects nothing")
	}
	// One contributor who packs past its slot adds 1 to its neighbour's slot
	// and leaves its own number as it was.
	forged, err := EncodeVec16(s, []int16{5, 7})
	if err != nil {
		t.Fatal(err)
	}
	var block Poly
	forged.AddTo(&block, 0)
	block[0] += 1 << (24 + NoiseBits)
	d := newSums(s, 1)
	d.block(0, &block)
	if d.vec[0] != 5 || d.vec[1] != 8 {
		t.Errorf("the forged block opens to %v", d.vec)
	}
	// No honest encoder makes such a block, and a sum that shows it is refused.
	tight := oneTensor(CodecVec16, 2, 3)
	if _, err := EncodeVec16(tight, []int16{5, 8}); err == nil {
		t.Error("a value at 2^Bits is encoded")
	}
	d = newSums(tight, 1)
	d.block(0, &block)
	if d.check() == "" {
		t.Error("a sum beyond its bound is not refused")
	}
}

func TestRangeChecks(t *testing.T) {
	two := func(codec string, bits1, bits2 int) Shape {
		return Shape{Codec: codec, Tensors: []Tensor{{"first", 3, bits1}, {"second", 2, bits2}}}
	}
	for _, c := range []struct {
		name  string
		shape Shape
		spoil func(p *Poly)
		want  string
	}{
		{"vec16 as it is", two(CodecVec16, 15, 3), func(*Poly) {}, ""},
		{"vec16 second tensor", two(CodecVec16, 15, 3), func(p *Poly) { p[2] += 20 << NoiseBits }, `tensor "second"`},
		{"vec16 first tensor", two(CodecVec16, 3, 15), func(p *Poly) { p[0] += 20 << NoiseBits }, `tensor "first"`},
		{"vec16 ones", two(CodecVec16, 15, 3), func(p *Poly) { p[2] += 1 << (24 + NoiseBits) }, "the slot of ones"},
		{"vec16 padding", two(CodecVec16, 15, 3), func(p *Poly) { p[3] += 1 << NoiseBits }, "a slot or the padding"},
		{"vec16 last padding", two(CodecVec16, 15, 3), func(p *Poly) { p[N-1] += 1 << (24 + NoiseBits) }, "a slot or the padding"},
		{"stat as it is", two(CodecStat, 100, 3), func(*Poly) {}, ""},
		{"stat second tensor", two(CodecStat, 100, 3), func(p *Poly) { p[9] += 20 << NoiseBits }, `tensor "second"`},
		{"stat high digit", two(CodecStat, 100, 3), func(p *Poly) { p[11] += 1 << NoiseBits }, `tensor "second"`},
		{"stat slot", two(CodecStat, 118, 118), func(p *Poly) { p[0] += 3 << (39 + NoiseBits) }, "a slot or the padding"},
		{"stat ones", two(CodecStat, 100, 3), func(p *Poly) { p[15] += 1 << NoiseBits }, "the slot of ones"},
		{"stat padding", two(CodecStat, 100, 3), func(p *Poly) { p[16] += 1 << NoiseBits }, "a slot or the padding"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var p Poly
			if c.shape.Codec == CodecVec16 {
				plain, err := EncodeVec16(c.shape, []int16{1, 2, 3, 4, 5})
				if err != nil {
					t.Fatal(err)
				}
				plain.AddTo(&p, 0)
			} else {
				plain, err := EncodeStat(c.shape, []*big.Int{big.NewInt(1), big.NewInt(2), big.NewInt(3), big.NewInt(4), big.NewInt(5)})
				if err != nil {
					t.Fatal(err)
				}
				plain.AddTo(&p, 0)
			}
			c.spoil(&p)
			d := newSums(c.shape, 1)
			d.block(0, &p)
			if got := d.check(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	limit := new(big.Int).Lsh(big.NewInt(1), 20)
	stat := Shape{Codec: CodecStat, Tensors: []Tensor{{"gradient", 1, 20}, {"hessian", 1, 30}}}
	for _, bad := range [][]*big.Int{
		{limit, big.NewInt(0)}, {new(big.Int).Neg(limit), big.NewInt(0)}, {nil, big.NewInt(0)}, {big.NewInt(0)}, nil,
	} {
		_, err := EncodeStat(stat, bad)
		var e *Error
		if !errors.As(err, &e) {
			t.Fatalf("%v gives %v", bad, err)
		}
		if len(bad) == 2 && !strings.Contains(err.Error(), `"gradient"`) {
			t.Errorf("the error does not name the tensor: %v", err)
		}
		if strings.Contains(err.Error(), "1048576") {
			t.Errorf("the error shows the value: %v", err)
		}
	}
	if _, err := EncodeStat(stat, []*big.Int{new(big.Int).Sub(limit, big.NewInt(1)), big.NewInt(0)}); err != nil {
		t.Errorf("the largest allowed value is refused: %v", err)
	}
	vec := oneTensor(CodecVec16, 5, 15)
	for at := range 5 {
		values := make([]int16, 5)
		values[at] = -32768
		if _, err := EncodeVec16(vec, values); err == nil {
			t.Errorf("-32768 at %d is encoded", at)
		}
	}
	if _, err := EncodeVec16(stat, make([]int16, 2)); err == nil {
		t.Error("vec16 values are encoded for a stat shape")
	}
	if _, err := EncodeVec16(vec, make([]int16, 6)); err == nil {
		t.Error("one value too many is encoded")
	}
}

func TestStatDigitsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(1, statBits).Draw(t, "bits")
		raw := rapid.SliceOfN(rapid.Byte(), 15, 15).Draw(t, "raw")
		v := new(big.Int).SetBytes(raw)
		v.Mod(v, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
		if rapid.Bool().Draw(t, "negative") {
			v.Neg(v)
		}
		s := oneTensor(CodecStat, 1, bits)
		plain, err := EncodeStat(s, []*big.Int{v})
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(1, nMax).Draw(t, "institutions")
		d := addUp(s, n, plain, 0)
		if bad := d.check(); bad != "" || d.stat[0].Cmp(new(big.Int).Mul(v, big.NewInt(int64(n)))) != 0 {
			t.Fatalf("%d times %v opens to %v %s", n, v, d.stat, bad)
		}
		var b [16]byte
		putInt128(b[:], d.stat[0])
		if v.Sign() < 0 != (b[15]&0x80 != 0) {
			t.Fatal("the canonical bytes have another sign")
		}
	})
}
