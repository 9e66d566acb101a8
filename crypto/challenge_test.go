package crypto

import (
	"math/big"
	"math/bits"
	"testing"
)

// testCommitment is a contributor's commitment for tests of the challenge
// alone.
func testCommitment(a Attempt, point int) Commitment {
	c := Commitment{Point: point, Frames: DigestOf([]byte("frames"))}
	for i := range a.Holders {
		c.Shares = append(c.Shares, DigestOf([]byte{byte(i)}))
	}
	return c
}

func testChallenge(t testing.TB) *Challenge {
	t.Helper()
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	c, err := NewChallenge(a, testCommitment(a, 2))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// shortVector returns vector k over the coefficients of canary block b, read
// bit by bit from the definition.
func (c *Challenge) shortVector(k, b int) []int {
	raw := c.short.Region(b)
	out := make([]int, N)
	for i := range out {
		u := raw[32*i+k/8] >> (k % 8) & 1
		v := raw[32*i+16+k/8] >> (k % 8) & 1
		out[i] = int(u) - int(v)
	}
	return out
}

// schoolbook multiplies two ring elements given as coefficients.
func schoolbook(x, y *Poly) *Poly {
	out := new(Poly)
	m := *y
	m.Montgomery()
	for i, v := range x {
		for j, w := range m {
			p := mulMont(v, w)
			if k := i + j; k < N {
				out[k] = addMod(out[k], p)
			} else {
				out[k-N] = subMod(out[k-N], p)
			}
		}
	}
	return out
}

// TestProject computes the projections again without any transform: a_b times
// the key by the definition of the ring, then the inner product with the
// vectors of -1, 0 and 1.
func TestProject(t *testing.T) {
	c := testChallenge(t)
	p := randomPoly(testRand(1))
	var got, want Projected
	c.Project(&got, &p)
	for k := range LowDegree {
		var row Poly
		Uniform(c.uniform.Region(k), &row)
		sum, q := new(big.Int), new(big.Int).SetUint64(Q)
		for i, w := range row {
			sum.Add(sum, new(big.Int).Mul(new(big.Int).SetUint64(w), new(big.Int).SetUint64(p[i])))
		}
		want[k] = sum.Mod(sum, q).Uint64()
	}
	public, err := NewPublic(c.attempt.ID)
	if err != nil {
		t.Fatal(err)
	}
	key := p
	key.Inverse()
	for b := range CanaryBlocks {
		var a Poly
		public.Block(b, &a)
		a.Inverse()
		product := schoolbook(&a, &key)
		for k := range KeyProjections {
			for i, y := range c.shortVector(k, b) {
				switch y {
				case 1:
					want[LowDegree+k] = addMod(want[LowDegree+k], product[i])
				case -1:
					want[LowDegree+k] = subMod(want[LowDegree+k], product[i])
				}
			}
		}
	}
	if got != want {
		t.Fatal("the projections are not those of the definition")
	}
	// Extreme coefficients reach no border of the lazy sums.
	for _, w := range []uint64{Q - 1, (Q - 1) / 2, (Q + 1) / 2, 1} {
		var sums [KeyProjections]int64
		var p Poly
		for i := range p {
			p[i] = w
		}
		addShort(&sums, c.short.Region(0), &p)
		for k := range sums {
			n := 0
			for _, y := range c.shortVector(k, 0) {
				n += y
			}
			want := mulMod(w, uint64((int64(n)+int64(Q)))%Q)
			if reduce(sums[k]) != want {
				t.Fatalf("short sum %d of coefficients %d is wrong", k, w)
			}
		}
	}
	ones := make([]byte, shortSize)
	for i := range ones {
		if i%32 < 16 {
			ones[i] = 0xff
		}
	}
	for _, w := range []uint64{(Q - 1) / 2, (Q + 1) / 2} {
		var sums [KeyProjections]int64
		var p Poly
		for i := range p {
			p[i] = w
		}
		addShort(&sums, ones, &p)
		if reduce(sums[0]) != mulMod(w, N) || reduce(sums[127]) != mulMod(w, N) {
			t.Fatalf("coefficients %d overflow", w)
		}
	}
}

// TestFold: the private half's one vector is the combination of all
// projections.
func TestFold(t *testing.T) {
	c := testChallenge(t)
	r := testRand(2)
	for range 3 {
		p := randomPoly(r)
		var weights, projected Projected
		for k := range weights {
			weights[k] = r.Uint64N(Q)
		}
		c.Project(&projected, &p)
		var vector Poly
		c.fold(&vector, &weights)
		if inner(vector[:], p[:]) != inner(weights[:], projected[:]) {
			t.Fatal("the folded vector is not the combination of the projections")
		}
	}
	if mulMod(inverseN, N) != 1 {
		t.Error("1/N is wrong")
	}
	for _, w := range []uint64{0, 1, Q - 1, Q, Q + 1, 2*Q - 1, 1 << 63, 1<<64 - 1, 15*Q + 5} {
		if fold60(w) != w%Q {
			t.Errorf("%d modulo Q is %d", w, fold60(w))
		}
	}
	for _, x := range []int64{0, -1, 1, -1 << 62, 1<<62 + 1<<60, int64(Q), -int64(Q)} {
		want := new(big.Int).Mod(big.NewInt(x), new(big.Int).SetUint64(Q)).Uint64()
		if reduce(x) != want {
			t.Errorf("%d modulo Q is %d", x, reduce(x))
		}
	}
}

// TestShortVectors counts -1, 0 and 1 in all vectors and looks for two that
// are alike.
func TestShortVectors(t *testing.T) {
	c := testChallenge(t)
	var plus, minus, both int
	for b := range CanaryBlocks {
		raw := c.short.Region(b)
		for i := 0; i < len(raw); i += 32 {
			for j := range 16 {
				u, v := raw[i+j], raw[i+16+j]
				plus += bits.OnesCount8(u &^ v)
				minus += bits.OnesCount8(v &^ u)
				both += bits.OnesCount8(u & v)
			}
		}
	}
	const all = CanaryBlocks * N * KeyProjections
	for what, n := range map[string]int{"1": plus, "-1": minus, "0 of two heads": both} {
		if d := float64(n) - all/4.0; d*d > 36*all*3/16 { // six standard deviations
			t.Errorf("%s comes %d times in %d", what, n, all)
		}
	}
	for k := range KeyProjections {
		same := 0
		next := c.shortVector((k+1)%KeyProjections, 0)
		for i, y := range c.shortVector(k, 0) {
			if y == next[i] {
				same++
			}
		}
		if same > N/2 { // 3/8 are expected
			t.Errorf("vectors %d and the next agree in %d of %d places", k, same, N)
		}
	}
}

// TestChallengeCovers: every byte that a contributor fixes beforehand changes
// its challenge; what it answers, and the boxes, do not.
func TestChallengeCovers(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	good := testCommitment(a, 2)
	seen := map[Digest]string{challengeDigest(a, good): "nothing"}
	for name, change := range map[string]func(a *Attempt, c *Commitment){
		"attempt":      func(a *Attempt, _ *Commitment) { a.ID[5] ^= 1 },
		"point":        func(_ *Attempt, c *Commitment) { c.Point = 3 },
		"frames":       func(_ *Attempt, c *Commitment) { c.Frames[0] ^= 1 },
		"first share":  func(_ *Attempt, c *Commitment) { c.Shares[0][31] ^= 1 },
		"last share":   func(_ *Attempt, c *Commitment) { c.Shares[3][0] ^= 1 },
		"their order":  func(_ *Attempt, c *Commitment) { c.Shares[0], c.Shares[1] = c.Shares[1], c.Shares[0] },
		"fewer shares": func(_ *Attempt, c *Commitment) { c.Shares = c.Shares[:3] },
	} {
		b, c := a, good
		c.Shares = append([]Digest(nil), good.Shares...)
		change(&b, &c)
		d := challengeDigest(b, c)
		if before, ok := seen[d]; ok {
			t.Errorf("changing %s is not seen (like %s)", name, before)
		}
		seen[d] = name
	}
	answered := good
	answered.Projection = DigestOf(nil)
	if challengeDigest(a, answered) != challengeDigest(a, good) {
		t.Error("the challenge depends on its answer")
	}
}

func TestChallengeRefuses(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	for name, spoil := range map[string]func(a *Attempt, c *Commitment){
		"a stranger":     func(_ *Attempt, c *Commitment) { c.Point = 5 },
		"fewer shares":   func(_ *Attempt, c *Commitment) { c.Shares = c.Shares[:3] },
		"more shares":    func(_ *Attempt, c *Commitment) { c.Shares = append(c.Shares, Digest{}) },
		"no releases":    func(a *Attempt, _ *Commitment) { a.Thresholds.T = 0 },
		"many releases":  func(a *Attempt, _ *Commitment) { a.Thresholds.T = 1 << 40 },
		"a short roster": func(a *Attempt, _ *Commitment) { a.Holders = a.Holders[:1] },
	} {
		b, c := a, testCommitment(a, 2)
		spoil(&b, &c)
		if _, err := NewChallenge(b, c); err == nil {
			t.Errorf("%s: a challenge is made", name)
		}
	}
}
