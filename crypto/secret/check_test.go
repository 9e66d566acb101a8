package secret

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/smartstart-federation/smartstart/crypto"
)

func provedWrong(err error) bool {
	var w *crypto.WrongError
	return errors.As(err, &w)
}

// TestHonestAlwaysPasses draws rosters, absent institutions and thresholds:
// both halves pass for everybody, at every holder, and no opening of a right
// share is evidence.
func TestHonestAlwaysPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 9).Draw(t, "approved")
		th, err := crypto.ThresholdsFor(n, rapid.IntRange(0, 1).Draw(t, "forgetful"), 0, true)
		if err != nil {
			t.Skip("no such thresholds")
		}
		ready := draw(t, all(n), max(th.T, th.MinInstitutions), "ready")
		s := shapeOf(crypto.CodecStat, 1, 20)
		f := openFederation(t, "honest", s, th, ready...)
		contributor := rapid.SampledFrom(ready).Draw(t, "contributor")
		f.contribute(contributor, stat(t, s, 1))
		p, err := f.publicHalf(contributor)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.sealed[contributor].Projection) != crypto.ProjectionSize(th.T) {
			t.Fatal("a projection has another size")
		}
		for _, holder := range ready {
			f.must(f.acceptBy(f.holders[holder], holder, contributor))
			f.must(f.acceptBy(f.holders[holder], holder, contributor)) // again: the same
			if proved, why := p.CheckOpening(holder, f.plainShare(contributor, holder)); proved {
				t.Fatal(why)
			}
		}
	})
}

// TestShortMasks: mean, deviation and bound of the masks, of all coins and
// none, and the largest that an honest projection can open to.
func TestShortMasks(t *testing.T) {
	stream, err := new(seed).stream("short mask", shortSize)
	if err != nil {
		t.Fatal(err)
	}
	const n = 400 * crypto.KeyProjections
	dst := make([]uint64, crypto.KeyProjections)
	signed := func(w uint64) float64 {
		if w > crypto.Q/2 {
			return -float64(crypto.Q - w)
		}
		return float64(w)
	}
	var mean, square, fourth float64
	for r := range 400 {
		shortMasks(dst, stream.Region(r))
		for _, w := range dst {
			v := signed(w)
			if math.Abs(v) > maskMean {
				t.Fatalf("a mask of %v", v)
			}
			mean += v / n
			square += v * v / n
			fourth += v * v * v * v / n
		}
	}
	const sigma = 1 << 14
	if math.Abs(mean) > 5*sigma/math.Sqrt(n) || math.Abs(square/sigma/sigma-1) > 5*math.Sqrt(2.0/n) {
		t.Errorf("mean %v and deviation %v, want 0 and 16384", mean, math.Sqrt(square))
	}
	if kurtosis := fourth / square / square; math.Abs(kurtosis-2.9) > 5*math.Sqrt(24.0/n) {
		t.Errorf("kurtosis %v, want 2.9: twelve numbers", kurtosis)
	}
	shortMasks(dst, make([]byte, shortSize))
	if signed(dst[0]) != -maskMean || maskMean != 98298 {
		t.Errorf("no coins give %v", signed(dst[0]))
	}
	shortMasks(dst, bytes.Repeat([]byte{0xff}, shortSize))
	if signed(dst[127]) != maskMean {
		t.Errorf("all coins give %v", signed(dst[127]))
	}
	if room := crypto.KeyTolerance - maskMean; room < 100*293 {
		t.Errorf("%d are left for the errors, less than 100 standard deviations", room)
	}
}

// TestWeightsAreFresh: every check has weights of its own, each a residue.
func TestWeightsAreFresh(t *testing.T) {
	seen := map[uint64]bool{}
	for range 20 {
		var w crypto.Projected
		if err := drawWeights(&w); err != nil {
			t.Fatal(err)
		}
		for _, x := range w {
			if x >= crypto.Q || seen[x] {
				t.Fatal("a weight is none, or comes again")
			}
			seen[x] = true
		}
	}
}

// TestProjectionIsMasked: every term of every polynomial that a projection
// shows has a mask of its own under it; without, the projection would be linear
// equations of the key and of the shares.
func TestProjectionIsMasked(t *testing.T) {
	f := smallRound(t, "masked")
	plain := stat(t, f.a.Shape, 1000)
	fresh := &[32]byte{5}
	var w bytes.Buffer
	sealed, err := encrypt(f.a, 1, plain, f.key, fresh, &w)
	f.must(err)
	s := newSeed(fresh, f.key, f.a, 1, plain)
	key, err := newPolynomial(s, 3)
	f.must(err)
	masks, err := newMasking(s, 3)
	f.must(err)
	bare, err := project(f.a, sealed.Commitment(1), key, &masking{terms: make([]crypto.Projected, 3)})
	f.must(err)
	read := func(b []byte, i int) (v uint64) {
		for k := range 8 {
			v |= uint64(b[crypto.HeaderSize+8*i+k]) << (8 * k)
		}
		return v
	}
	seen := map[uint64]bool{}
	for x := 1; x <= 3; x++ {
		var at crypto.Projected
		masks.at(x, &at)
		for k, m := range at {
			i := (x-1)*crypto.MaskWords + k
			if sub(read(sealed.Projection, i), read(bare, i)) != m {
				t.Fatalf("value %d at %d is not masked by the mask in the share", k, x)
			}
			if m == 0 || seen[m] {
				t.Fatalf("mask %d at %d is none, or comes again", k, x)
			}
			seen[m] = true
		}
	}
	// At the secret: uniform masks for the uniform projections, short ones for
	// the others; beside it all terms are uniform.
	large := 0
	for l, term := range masks.terms {
		for k, m := range term {
			isLarge := m > maskMean && m < crypto.Q-maskMean
			if isLarge == (l == 0 && k >= crypto.LowDegree) {
				t.Errorf("term %d of mask %d is %d", l, k, m)
			}
			if m > crypto.Q/2 {
				large++
			}
		}
	}
	if n := 3 * crypto.MaskWords; large < n/2-60 || large > n/2+60 {
		t.Errorf("%d of %d mask terms are in the upper half", large, n)
	}
}

// TestHolderChecks: the order of things, and what is never checked or opened.
func TestHolderChecks(t *testing.T) {
	f := smallRound(t, "checks")
	h := f.holders[1]
	p, err := f.projection(2)
	f.must(err)
	if code(h.Check(p)) != codeCheck {
		t.Error("checks without a box")
	}
	box, boxDigest, share := f.box(2, 1)
	f.must(h.Accept(2, box, boxDigest, share))
	s, frames := f.sealed[2], f.frames[2]
	unseen, err := crypto.ParseProjection(f.a, s.Commitment(2), s.Projection)
	f.must(err)
	if code(h.Check(unseen)) != codeCheck || code(h.Check(nil)) != codeCheck {
		t.Error("checks against what was not held against its canaries")
	}
	elsewhere := smallRound(t, "checks elsewhere")
	foreign, err := elsewhere.projection(2)
	f.must(err)
	if code(h.Check(foreign)) != codeCheck {
		t.Error("checks against a projection of another attempt")
	}
	// Another update of the same contributor names another share for this
	// holder: no check, and above all no contradiction.
	f.contribute(2, stat(t, f.a.Shape, 2000))
	other, err := f.projection(2)
	f.must(err)
	if code(h.Check(other)) != codeCheck {
		t.Error("checks a share against another update")
	}
	if _, err := h.Disclose(2, 0); code(err) != codeDisclose {
		t.Error("opens a share that was not checked")
	}
	// The same bytes, read for an attempt on which others agreed.
	larger := f.a
	larger.Thresholds.MinInstitutions++
	misread, err := crypto.ParseProjection(larger, s.Commitment(2), s.Projection)
	f.must(err)
	f.must(misread.CheckCanaries(bytes.NewReader(frames)))
	if code(h.Check(misread)) != codeCheck {
		t.Error("checks against a projection that was read for other thresholds")
	}
	f.must(h.Check(p))
	f.must(h.Check(p))
	if _, err := h.Disclose(2, 0); code(err) != codeDisclose {
		t.Error("opens a share that agrees")
	}
	// Another projection beside the same frames and shares changes no verdict.
	moved := bytes.Clone(s.Projection)
	for row := range f.a.Thresholds.T {
		addToWord(moved, row*crypto.MaskWords, 1)
	}
	c := s.Commitment(2)
	c.Projection = crypto.DigestOf(moved)
	second, err := crypto.ParseProjection(f.a, c, moved)
	f.must(err)
	f.must(second.CheckCanaries(bytes.NewReader(frames)))
	if code(h.Check(second)) != codeCheck {
		t.Error("checks a share against two projections")
	}
	got := h.h.held[2]
	if got.plain != nil || got.share.Masks != (crypto.Projected{}) {
		t.Error("masks and salt are kept after the check")
	}
	f.must(h.Abort())
	if code(h.Check(p)) != codeCheck {
		t.Error("checks after an abort")
	}
	if _, err := h.Disclose(2, 0); code(err) != codeDisclose {
		t.Error("opens after an abort")
	}
}

// TestVoteNeedsChecks: no vote for a set with a contributor that was not
// checked, or found wrong; the others of the set do not matter.
func TestVoteNeedsChecks(t *testing.T) {
	f := smallRound(t, "vote needs checks")
	f.forge(4, stat(t, f.a.Shape, 4000), forger{share: offPolynomial(3)})
	set, with, root := crypto.Set{1, 2, 3}, crypto.Set{1, 2, 4}, crypto.DigestOf([]byte("root"))
	h := f.holders[3]
	for _, p := range []int{1, 2, 3, 4} {
		box, boxDigest, share := f.box(p, 3)
		f.must(h.Accept(p, box, boxDigest, share))
	}
	f.accept(3, crypto.Set{1, 2})
	if err := h.Vote(set, root, nothing); code(err) != codeVote {
		t.Errorf("votes with an unchecked contributor: %v", err)
	}
	p, err := f.projection(4)
	f.must(err)
	for range 2 {
		if err := h.Check(p); code(err) != codeContradiction {
			t.Errorf("a wrong share: %v", err)
		}
	}
	if err := h.Vote(with, root, nothing); code(err) != codeVote {
		t.Errorf("votes with a contributor found wrong: %v", err)
	}
	_, err = h.Disclose(4, 0)
	f.must(err)
	if err := h.Vote(with, root, nothing); code(err) != codeVote {
		t.Errorf("votes with a contributor whose share it opened: %v", err)
	}
	f.accept(3, crypto.Set{3})
	f.must(h.Vote(set, root, nothing))
	if h.h.held != nil {
		t.Error("shares are kept after the vote")
	}
	if _, err := h.Disclose(4, 0); code(err) != codeDisclose {
		t.Error("opens after its vote")
	}
}

// TestNothingAfterAVote: once a vote may be in the journal nothing is checked
// and nothing is opened any more.
func TestNothingAfterAVote(t *testing.T) {
	f := smallRound(t, "nothing after a vote")
	f.forge(4, stat(t, f.a.Shape, 4000), forger{share: offPolynomial(1)})
	h := f.holders[1]
	f.accept(1, crypto.Set{1, 2})
	box, boxDigest, share := f.box(3, 1)
	f.must(h.Accept(3, box, boxDigest, share))
	if err := f.acceptBy(h, 1, 4); code(err) != codeContradiction {
		t.Fatalf("a wrong share: %v", err)
	}
	p, err := f.projection(3)
	f.must(err)
	h.h.held[3].verdict = agrees // for the vote; then as if it had not been checked
	full := errors.New("disk full")
	if err := h.Vote(crypto.Set{1, 2, 3}, crypto.DigestOf([]byte("root")), func() error { return full }); !errors.Is(err, full) {
		t.Fatal(err)
	}
	h.h.held[3].verdict = unchecked
	if err := h.Check(p); code(err) != codeCheck {
		t.Errorf("checks after a vote: %v", err)
	}
	if _, err := h.Disclose(4, 0); code(err) != codeDisclose {
		t.Errorf("opens after a vote: %v", err)
	}
}

// offPolynomial moves one word of one holder's share.
func offPolynomial(holder int) func(int, *crypto.Share) {
	return func(h int, s *crypto.Share) {
		if h == holder {
			s.Words[17] = (s.Words[17] + 1) % crypto.Q
		}
	}
}

// TestDisclosesOnce: a wrong share is opened once, and convicts.
func TestDisclosesOnce(t *testing.T) {
	for name, spoil := range map[string]func(int, *crypto.Share){
		"a word off its polynomial": offPolynomial(2),
		"a mask off its polynomial": func(h int, s *crypto.Share) {
			if h == 2 {
				s.Masks[130] = (s.Masks[130] + 1) % crypto.Q
			}
		},
		"a word that is none": func(h int, s *crypto.Share) {
			if h == 2 {
				s.Words[0] = crypto.Q
			}
		},
	} {
		f := smallRound(t, name)
		f.forge(1, stat(t, f.a.Shape, 1000), forger{share: spoil})
		h := f.holders[2]
		box, boxDigest, share := f.box(1, 2)
		err := h.Accept(1, box, boxDigest, share)
		if malformed := name == "a word that is none"; (code(err) == codeShare) != malformed || (err == nil) == malformed {
			t.Fatalf("%s: %v", name, err)
		}
		if err2 := h.Accept(1, box, boxDigest, share); code(err2) != code(err) {
			t.Errorf("%s, accepted again: %v", name, err2)
		}
		p, err := f.projection(1)
		f.must(err)
		if err := h.Check(p); code(err) != codeContradiction {
			t.Fatalf("%s: %v", name, err)
		}
		for _, logged := range []int{-1, 1, 2} { // t-1-c is 1
			if _, err := h.Disclose(1, logged); code(err) != codeDisclose {
				t.Errorf("%s: opened after %d others", name, logged)
			}
		}
		plain, err := h.Disclose(1, 0)
		f.must(err)
		if _, err := h.Disclose(1, 0); code(err) != codeDisclose {
			t.Errorf("%s: opened twice", name)
		}
		if err := h.Check(p); code(err) != codeContradiction {
			t.Errorf("%s: after it was opened: %v", name, err)
		}
		if proved, why := p.CheckOpening(2, plain); !proved {
			t.Errorf("%s: %s", name, why)
		}
	}
}

// TestFewOpenings: of seven institutions (c=2, t=5) two collude, and a
// contributor's projection contradicts everybody's share. With the limit
// colluders and log hold four shares, which fit every key; one more is the key.
func TestFewOpenings(t *testing.T) {
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := newFederation(t, "few openings", s, 7)
	f.forge(7, stat(t, s, 7000), forger{answer: func(_ *crypto.Challenge, b []byte) []byte {
		for row := range f.a.Thresholds.T { // the first uniform projection, moved everywhere
			addToWord(b, row*crypto.MaskWords, 1)
		}
		return b
	}})
	p, err := f.projection(7)
	f.must(err)
	key := func(points ...int) int64 {
		var xs []uint64
		for _, x := range points {
			xs = append(xs, uint64(x))
		}
		var key crypto.Poly
		for j, w := range lagrangeAt(xs, crypto.Q-1) {
			share := f.rawShare(7, points[j])
			key.AddScaled(w, &share)
		}
		return f.decrypt(7, &key)
	}
	known := []int{1, 2}
	for _, holder := range []int{3, 4, 5, 6} {
		h := f.holders[holder]
		box, boxDigest, share := f.box(7, holder)
		f.must(h.Accept(7, box, boxDigest, share))
		if err := h.Check(p); code(err) != codeContradiction {
			t.Fatalf("holder %d: %v", holder, err)
		}
		plain, err := h.Disclose(7, len(known)-2)
		if err != nil {
			continue
		}
		if proved, why := p.CheckOpening(holder, plain); !proved {
			t.Error(why)
		}
		known = append(known, holder)
	}
	if !equal(known, 1, 2, 3, 4) {
		t.Fatalf("colluders and log know the shares of %v, want t-1-c = 2 more than their own", known)
	}
	if got := key(known...); got == 7000 {
		t.Error("colluders read the number from the opened shares")
	}
	if got := key(1, 2, 3, 4, 5); got != 7000 {
		t.Errorf("one more opened share yields %d, want 7000: the limit would be for nothing", got)
	}
}

func equal(a []int, b ...int) bool { return slices.Equal(a, b) }
