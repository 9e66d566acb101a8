package secret

import (
	"bytes"
	"math"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto"
)

// lagrangeAt returns the weight of each point for the value at x, in plain
// arithmetic written for this test only.
func lagrangeAt(points []uint64, x uint64) []uint64 {
	out := make([]uint64, len(points))
	for j, xj := range points {
		num, den := uint64(1), uint64(1)
		for k, xk := range points {
			if k != j {
				num = mul(num, sub(x, xk))
				den = mul(den, sub(xj, xk))
			}
		}
		out[j] = mul(num, power(den, crypto.Q-2))
	}
	return out
}

func mul(x, y uint64) uint64 {
	var p, o crypto.Poly
	p[0], o[0] = x, 0
	p.Horner(y, &o)
	return p[0]
}

func sub(x, y uint64) uint64 { return (x + crypto.Q - y) % crypto.Q }

func power(x, e uint64) uint64 {
	r := uint64(1)
	for ; e > 0; e >>= 1 {
		if e&1 == 1 {
			r = mul(r, x)
		}
		x = mul(x, x)
	}
	return r
}

// TestFewerThanTSharesOpenNothing: for t-1 shares and any candidate key there
// is exactly one polynomial of the right degree, so the shares speak for no
// candidate more than for another. With t shares only the true key fits.
func TestFewerThanTSharesOpenNothing(t *testing.T) {
	f := smallRound(t, "secrecy") // t = 3
	known := []uint64{1, 4}
	var shares []crypto.Poly
	for _, p := range known {
		shares = append(shares, f.rawShare(2, int(p)))
	}
	third := f.rawShare(2, 3)
	// The true key, by t shares.
	var truth crypto.Poly
	for j, w := range lagrangeAt([]uint64{1, 4, 3}, crypto.Q-1) {
		truth.AddScaled(w, []*crypto.Poly{&shares[0], &shares[1], &third}[j])
	}
	r := testRand(1)
	for c := range 8 {
		candidate := truth
		if c > 0 {
			for i := range candidate {
				candidate[i] = r.Uint64N(crypto.Q)
			}
		}
		// The polynomial of degree 2 through candidate and the known shares.
		points := []uint64{crypto.Q - 1, 1, 4}
		at := func(x uint64) (p crypto.Poly) {
			for j, w := range lagrangeAt(points, x) {
				p.AddScaled(w, []*crypto.Poly{&candidate, &shares[0], &shares[1]}[j])
			}
			return p
		}
		if at(crypto.Q-1) != candidate || at(1) != shares[0] || at(4) != shares[1] {
			t.Fatal("a candidate key does not fit t-1 shares")
		}
		if (at(3) == third) != (c == 0) {
			t.Error("t shares do not single out the key")
		}
	}
}

// TestFewerThanTReleasesOpenNothing: the same for an opening, through Open.
func TestFewerThanTReleasesOpenNothing(t *testing.T) {
	f := smallRound(t, "few releases")
	set := crypto.Set{1, 2, 3, 4}
	sum := f.sum(set)
	if _, err := sum.Open(set, f.rawReleases(set, 1, 2)); err == nil {
		t.Error("two releases open what needs three")
	}
	o, err := sum.Open(set, f.rawReleases(set, 1, 2, 3))
	if err != nil || o.Stat()[0].Int64() != 10_000 {
		t.Errorf("three releases: %v", err)
	}
}

// TestFramesLookUniform: the frames of a vector of zeros and of one of
// extremes have the same byte statistics.
func TestFramesLookUniform(t *testing.T) {
	s := shapeOf(crypto.CodecVec16, 100_000, 15)
	f := newFederation(t, "uniform", s, 4)
	for _, v := range []int16{0, 32767} {
		values := make([]int16, 100_000)
		for i := range values {
			values[i] = v
		}
		plain, err := crypto.EncodeVec16(s, values)
		if err != nil {
			t.Fatal(err)
		}
		var w bytes.Buffer
		if _, err := Encrypt(f.a, 1, plain, f.key, &w); err != nil {
			t.Fatal(err)
		}
		var counts [256]float64
		body := w.Bytes()[crypto.HeaderSize:]
		for _, b := range body {
			counts[b]++
		}
		chi, want := 0.0, float64(len(body))/256
		for _, c := range counts {
			chi += (c - want) * (c - want) / want
		}
		if math.Abs(chi-255) > 6*math.Sqrt(2*255) {
			t.Errorf("frames of value %d: chi-squared %v with 255 degrees of freedom", v, chi)
		}
	}
}

// TestNoise compares the error with the centred binomial distribution of 84
// coins: every value from -14 to 14, mean and variance.
func TestNoise(t *testing.T) {
	stream, err := new(seed).stream("noise", noiseSize)
	if err != nil {
		t.Fatal(err)
	}
	const blocks = 200
	const n = blocks * crypto.N
	counts := map[int64]float64{}
	var mean, square float64
	var p crypto.Poly
	for b := range blocks {
		blend(&p, crypto.Plain{}, 0, stream.Region(b))
		for _, w := range p {
			e := int64(w)
			if w > crypto.Q/2 {
				e -= int64(crypto.Q)
			}
			if e < -eta || e > eta {
				t.Fatalf("an error of %d", e)
			}
			counts[e]++
			mean += float64(e) / n
			square += float64(e) * float64(e) / n
		}
	}
	if math.Abs(mean) > 5*math.Sqrt(21.0/n) || math.Abs(square-21) > 5*21*math.Sqrt(2.0/n) {
		t.Errorf("mean %v and variance %v, want 0 and 21", mean, square)
	}
	for e := -14; e <= 14; e++ {
		lg := func(x int) float64 { v, _ := math.Lgamma(float64(x + 1)); return v }
		want := n * math.Exp(lg(84)-lg(42+e)-lg(42-e)-84*math.Ln2)
		if got := counts[int64(e)]; math.Abs(got-want) > 5*math.Sqrt(want) {
			t.Errorf("error %d comes %v times, want %v", e, got, want)
		}
	}
	// Every coefficient has its own coins: the last one too.
	blend(&p, crypto.Plain{}, 0, make([]byte, noiseSize))
	for i, w := range p {
		if w != crypto.Q-eta {
			t.Fatalf("coefficient %d without heads is %d", i, w)
		}
	}
	ones := bytes.Repeat([]byte{0xff}, noiseSize)
	blend(&p, crypto.Plain{}, 0, ones)
	for i, w := range p {
		if w != eta {
			t.Fatalf("coefficient %d with all heads is %d", i, w)
		}
	}
}
