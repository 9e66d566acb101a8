package crypto

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func wantSums(values []int16, n int) []int32 {
	out := make([]int32, len(values))
	for i, v := range values {
		out[i] = int32(n) * int32(v)
	}
	return out
}

func TestOpenWithEverySubset(t *testing.T) {
	values := []int16{1, -2, 32767, -32767, 0}
	sum, set, releases, _ := rawRound(t, oneTensor(CodecVec16, 5, 15), 6, values)
	want := wantSums(values, 6)
	chosen := []bool{true, true, true, true, false, false}
	opened := 0
	for more := true; more; more = nextChoice(chosen) {
		o, err := sum.Open(set, pick(releases, chosen))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(o.Vec16(), want) || o.Stat() != nil || len(o.Wrong) != 0 || o.Contested {
			t.Fatalf("%v opens to %v", o.Used, o.Vec16())
		}
		if o.CanaryMax > 6*42 || o.LowBits > 6*42 {
			t.Fatalf("errors of %d and %d", o.CanaryMax, o.LowBits)
		}
		opened++
	}
	if opened != 15 {
		t.Errorf("%d subsets of 4 out of 6", opened)
	}
}

func TestOpenRefuses(t *testing.T) {
	values := []int16{1, 2, 3, 4, 5}
	sum, set, releases, _ := rawRound(t, oneTensor(CodecVec16, 5, 15), 6, values)
	elsewhere := releases[1]
	elsewhere.set = Set{1, 2, 3}.bits()
	smaller := slices.Clone(releases)
	for i := range smaller {
		smaller[i].set = set[:5].bits()
	}
	for name, c := range map[string]struct {
		set      Set
		releases []Release
		code     string
	}{
		"too few":     {set, releases[:3], codeRelease},
		"none":        {set, nil, codeRelease},
		"one twice":   {set, append(releases[:3:3], releases[0]), codeRelease},
		"another set": {set, append(releases[2:6:6], elsewhere), codeRelease},
		"zero value":  {set, append(releases[:3:3], Release{}), codeRelease},
		"unlawful":    {Set{1}, releases, codeSet},
		"smaller set": {set[:5], smaller, codeSum},
	} {
		o, err := sum.Open(c.set, c.releases)
		var e *Error
		if o != nil || !errors.As(err, &e) || e.Code() != c.code {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// shift adds delta to one word of a release, leaving the original alone.
func shift(r Release, word int, delta uint64) Release {
	p := *r.sum
	p[word] = addMod(p[word], delta)
	r.sum = &p
	return r
}

func TestLocateWrongReleases(t *testing.T) {
	values := []int16{7, -7, 7, -7, 7}
	const n = 9 // t = 6
	sum, set, releases, _ := rawRound(t, oneTensor(CodecVec16, 5, 15), n, values)
	want := wantSums(values, n)
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.IntRange(6, n).Draw(t, "releases")
		order := rapid.Permutation(releases).Draw(t, "order")[:m]
		liars := rapid.IntRange(0, m-6).Draw(t, "liars")
		var wrong []int
		given := slices.Clone(order)
		for i := range liars {
			given[i] = shift(given[i], rapid.IntRange(0, N-1).Draw(t, "word"), rapid.Uint64Range(1, Q-1).Draw(t, "delta"))
			wrong = append(wrong, given[i].point)
		}
		slices.Sort(wrong)
		o, err := sum.Open(set, given)
		if err != nil {
			t.Fatal(err)
		}
		if liars == m-6 && o.Contested && len(o.Wrong) == 0 && slices.Equal(o.Vec16(), want) {
			return // no more than t agree, and the liars' shifts happened to cancel
		}
		if !slices.Equal(o.Vec16(), want) || !slices.Equal(o.Wrong, wrong) || o.Contested {
			t.Fatalf("liars %v are located as %v (contested %v)", wrong, o.Wrong, o.Contested)
		}
		if len(o.Used)+len(o.Wrong) != m {
			t.Fatal("a release is neither used nor wrong")
		}
	})
}

// TestLiarsWhoCancel: two releases shifted so that the shifts cancel in a choice
// without two honest ones could make those look wrong. The sum is right, and
// nobody is named.
func TestLiarsWhoCancel(t *testing.T) {
	values := []int16{7, -7, 7, -7, 7}
	sum, set, releases, _ := rawRound(t, oneTensor(CodecVec16, 5, 15), 9, values)
	given := slices.Clone(releases[:8]) // six are honest, and six are needed
	// Among 1, 2, 4, 5, 6, 7 the Lagrange coefficients at -1 of points 1 and 2 are
	// as -1 to 2.
	given[0], given[1] = shift(given[0], 5, 2), shift(given[1], 5, 1)
	o, err := sum.Open(set, given)
	if err != nil {
		t.Fatal(err)
	}
	if !o.Contested || len(o.Wrong) > 0 || !slices.Equal(o.Vec16(), wantSums(values, 9)) {
		t.Errorf("named %v (contested %v)", o.Wrong, o.Contested)
	}
	// With one honest release more, six choices agree on who is right.
	o, err = sum.Open(set, append(given, releases[8]))
	if err != nil || o.Contested || !slices.Equal(o.Wrong, []int{1, 2}) {
		t.Errorf("with a surplus: named %v, %v", o, err)
	}
}

func TestTooManyWrongReleases(t *testing.T) {
	sum, set, releases, _ := rawRound(t, oneTensor(CodecVec16, 5, 15), 9, []int16{1, 2, 3, 4, 5})
	given := slices.Clone(releases)
	for i := range 4 { // 5 honest ones are left, 6 are needed
		given[i] = shift(given[i], i, 1)
	}
	o, err := sum.Open(set, given)
	var invalid *InvalidError
	if !errors.As(err, &invalid) || invalid.Reason != ReasonCanary || o != nil {
		t.Fatalf("got %v, %v", o, err)
	}
	if !strings.Contains(err.Error(), "too many releases are wrong") || invalid.Remedy() == "" {
		t.Errorf("the refusal does not say so: %v", err)
	}
	if _, err := sum.Open(set, given[3:]); err == nil || !strings.Contains(err.Error(), "cannot be told") {
		t.Errorf("exactly t releases with a wrong one give %v", err)
	}
}

// TestLargeRoster needs the decoder: 64 institutions have far too many subsets.
func TestLargeRoster(t *testing.T) {
	values := []int16{32767, -32767, 1}
	sum, set, releases, _ := rawRound(t, oneTensor(CodecVec16, 3, 15), MaxInstitutions, values)
	want := wantSums(values, MaxInstitutions)
	th := sum.attempt.Thresholds
	most := (MaxInstitutions - th.T) / 2
	given := slices.Clone(releases)
	var wrong []int
	for i := range most {
		given[2*i] = shift(given[2*i], i, Q-1)
		wrong = append(wrong, 2*i+1)
	}
	o, err := sum.Open(set, given)
	if err != nil || !slices.Equal(o.Wrong, wrong) || !slices.Equal(o.Vec16(), want) {
		t.Fatalf("%d wrong of %d: %v", most, MaxInstitutions, err)
	}
	given[63] = shift(given[63], 9, 9)
	if _, err := sum.Open(set, given); err == nil {
		t.Error("one more wrong release than can be located is opened; locating does more than it says")
	}
}

// TestFramedHonestReleases is the attack that Contested answers. One
// contributor adds a_b*delta to all its blocks and one releasing node shifts
// its release to match a particular choice of honest ones. Whoever believes
// the canaries alone calls all other honest releases wrong.
func TestFramedHonestReleases(t *testing.T) {
	values := []int16{3, 1, 4, 1, 5}
	s := oneTensor(CodecVec16, 5, 15)
	a := testAttempt(t, s, 9)
	r := testRand(5)
	plain, err := EncodeVec16(s, values)
	if err != nil {
		t.Fatal(err)
	}
	var cs []*raw
	for p := 1; p <= 9; p++ {
		cs = append(cs, newRaw(a, p, plain, r))
	}
	delta := randomPoly(r)
	mont := delta
	mont.Montgomery()
	public, err := NewPublic(a.ID)
	if err != nil {
		t.Fatal(err)
	}
	var ab Poly
	for b := range cs[0].blocks {
		public.Block(b, &ab)
		cs[0].blocks[b].AddProduct(&ab, &mont)
	}
	sum, set, releases := rawSum(t, a, cs)
	// Node 1 with honest 2..6: the key must come out shifted by delta.
	xs := []uint64{1, 2, 3, 4, 5, 6}
	forged := *releases[0].sum
	forged.AddScaled(invMod(lagrange(xs, secretPoint)[0]), &delta)
	given := slices.Clone(releases)
	given[0].sum = &forged
	o, err := sum.Open(set, given)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(o.Vec16(), wantSums(values, 9)) {
		t.Error("the sums are wrong")
	}
	if !o.Contested || len(o.Wrong) != 0 {
		t.Errorf("contested %v, honest releases named wrong: %v", o.Contested, o.Wrong)
	}
}

// TestShiftWithoutCanaries is the attack for which the canaries exist: one
// releasing node solves for the shift of its release that adds a chosen number
// to a chosen value of a one-block round. Ones, padding and bounds all hold.
func TestShiftWithoutCanaries(t *testing.T) {
	values := []int16{100, 200, 300, 400, 500}
	s := oneTensor(CodecVec16, 5, 15)
	sum, set, releases, _ := rawRound(t, s, 6, values)
	t4 := releases[:4]
	public, err := NewPublic(sum.attempt.ID)
	if err != nil {
		t.Fatal(err)
	}
	// c - a*(S+d) = 2^12*(m+bonus) + e needs a*d = -2^12*bonus.
	var bonus, a Poly
	bonus[1] = 1000 << NoiseBits // value 2
	bonus.Forward()
	public.Block(CanaryBlocks, &a)
	forged := *t4[2].sum
	weight := invMod(lagrange([]uint64{1, 2, 3, 4}, secretPoint)[2])
	for i := range forged {
		d := mulMod(subMod(0, bonus[i]), invMod(a[i]))
		forged[i] = addMod(forged[i], mulMod(d, weight))
	}
	given := slices.Clone(t4)
	given[2].sum = &forged

	d := &opener{sum: sum, public: public}
	for b := range d.canary {
		public.Block(b, &d.canary[b])
	}
	var key Poly
	combine(&key, given, secretPoint)
	key.Montgomery()
	o := &Opening{shape: s}
	if err := d.decode(o, &key, len(set)); err != nil {
		t.Fatalf("the attack fails even without canaries: %v", err)
	}
	want := wantSums(values, 6)
	want[2] += 1000
	if !slices.Equal(o.Vec16(), want) {
		t.Fatalf("without canaries the forged sum is %v, want %v", o.Vec16(), want)
	}
	var invalid *InvalidError
	if o, err := sum.Open(set, given); !errors.As(err, &invalid) || invalid.Reason != ReasonCanary || o != nil {
		t.Errorf("with canaries it opens: %v", err)
	}
	if o, err := sum.Open(set, append(given, releases[4:]...)); err != nil || !slices.Equal(o.Wrong, []int{3}) {
		t.Errorf("with two more releases the liar is not located: %v", err)
	}
}

// TestRangeFailureOpensNothing: a contributor beyond its bound voids the round
// and no decoded value leaves.
func TestRangeFailureOpensNothing(t *testing.T) {
	s := oneTensor(CodecVec16, 5, 4)
	loose := oneTensor(CodecVec16, 5, 15)
	a := testAttempt(t, s, 4)
	r := testRand(9)
	var cs []*raw
	for p := 1; p <= 4; p++ {
		v := []int16{1, 1, 1, 1, 1}
		if p == 3 {
			v[4] = 60
		}
		plain, err := EncodeVec16(loose, v)
		if err != nil {
			t.Fatal(err)
		}
		cs = append(cs, newRaw(a, p, plain, r))
	}
	sum, set, releases := rawSum(t, a, cs)
	o, err := sum.Open(set, releases)
	var invalid *InvalidError
	if !errors.As(err, &invalid) || invalid.Reason != ReasonRange || o != nil {
		t.Fatalf("got %v, %v", o, err)
	}
	if !strings.Contains(err.Error(), `tensor "x"`) || strings.Contains(err.Error(), "63") {
		t.Errorf("the error must name the tensor and no number: %v", err)
	}
	if invalid.Code() != "SS3011" || invalid.Remedy() == "" {
		t.Error("the error has no code or remedy")
	}
}

func TestBytesAreCanonical(t *testing.T) {
	sum, set, releases, _ := rawRound(t, oneTensor(CodecVec16, 2, 15), 4, []int16{-1, 300})
	o, err := sum.Open(set, releases)
	if err != nil {
		t.Fatal(err)
	}
	want := []byte{0xfc, 0xff, 0xff, 0xff, 0xb0, 0x04, 0, 0}
	if !slices.Equal(o.Bytes(), want) || o.Digest() != DigestOf(want) {
		t.Errorf("got %x", o.Bytes())
	}
}

// TestCanaryTolerance: a contributor whose canary is off by just less than the
// tolerance passes, by just more voids the attempt.
func TestCanaryTolerance(t *testing.T) {
	s := oneTensor(CodecVec16, 1, 15)
	for _, c := range []struct {
		block int
		off   int64
		opens bool
	}{
		{0, CanaryTolerance - 4*42, true}, {1, -(CanaryTolerance - 4*42), true},
		{0, CanaryTolerance + 4*42 + 1, false}, {1, -(CanaryTolerance + 4*42 + 1), false},
	} {
		sum, set, releases, _ := rawRound(t, s, 4, []int16{5})
		var off Poly
		if c.off < 0 {
			off[N-1] = subMod(0, uint64(-c.off))
		} else {
			off[N-1] = uint64(c.off)
		}
		off.Forward()
		for i, w := range off {
			at := &sum.words[c.block*N+i]
			*at = addMod(*at, w)
		}
		o, err := sum.Open(set, releases)
		if (err == nil) != c.opens {
			t.Errorf("block %d off by %d: %v", c.block, c.off, err)
		}
		if err == nil && o.CanaryMax < CanaryTolerance-8*42 {
			t.Errorf("the canary maximum is %d", o.CanaryMax)
		}
	}
}
