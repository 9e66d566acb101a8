package secret

import (
	"bytes"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Each attack here is by contributor 4 of seven (c=2, t=5), whose shares, key
// or projection are wrong. Each is made with the rule off first: the round is
// lost, and the opening names nobody. Then it shows which half of the share
// check finds it, and that the other half alone does not: it is not redundant.

// lost holds that without the share check the round ends at the canaries.
func (f *federation) lost(set crypto.Set, who ...int) bool {
	f.t.Helper()
	o, err := f.sum(set).Open(set, f.rawReleases(set, who...))
	return o == nil && code(err) == "SS3010"
}

func sevenWith(t *testing.T, g forger) *federation {
	t.Helper()
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := newFederation(t, t.Name(), s, 7)
	for p := range 7 {
		f.contribute(p+1, stat(t, s, int64(1000*p)))
	}
	f.forge(4, stat(t, s, 4000), g)
	return f
}

// TestForgerIsHonest: what spoils nothing passes everything.
func TestForgerIsHonest(t *testing.T) {
	f := sevenWith(t, forger{})
	if _, err := f.publicHalf(4); err != nil || f.privateHalf(4) != nil || f.lost(crypto.Set(all(7)), 1, 2, 3, 4, 5) {
		t.Error("the forger's honest parts do not fit")
	}
}

func TestAttackOneWrongShare(t *testing.T) {
	f := sevenWith(t, forger{share: offPolynomial(3)})
	if set := crypto.Set(all(7)); !f.lost(set, 1, 2, 3, 5, 6) || f.lost(set, 1, 2, 4, 5, 6) {
		t.Fatal("the attack fails: only openings with holder 3's release should be lost")
	}
	p, err := f.publicHalf(4)
	if err != nil {
		t.Errorf("the public half finds a share it cannot see: %v", err)
	}
	if wrong := f.privateHalf(4); !equal(wrong, 3) {
		t.Errorf("%v find their share wrong, want 3", wrong)
	}
	f.convicts(p, 4, 3)
}

// convicts goes the way of the evidence: the holder's check fails, what it
// opens is proof, and the right shares of others are none.
func (f *federation) convicts(p *crypto.Projection, contributor, holder int) {
	f.t.Helper()
	h := f.holders[holder]
	if err := f.acceptBy(h, holder, contributor); code(err) != codeContradiction {
		f.t.Fatalf("the check of holder %d: %v", holder, err)
	}
	plain, err := h.Disclose(contributor, 0)
	f.must(err)
	if proved, why := p.CheckOpening(holder, plain); !proved {
		f.t.Fatalf("the opening proves nothing: %s", why)
	}
}

// TestAttackAnotherKey: the frames hold another key than the one shared, by
// everything or by one coefficient.
func TestAttackAnotherKey(t *testing.T) {
	for name, change := range map[string]func(key *crypto.Poly){
		"another key": func(key *crypto.Poly) {
			r := testRand(5)
			for i := range key {
				key[i] = r.Uint64N(crypto.Q)
			}
		},
		"one coefficient less one": func(key *crypto.Poly) {
			var one crypto.Poly
			one[1234] = 1
			one.Forward()
			key.Sub(&one)
		},
		"one word": func(key *crypto.Poly) { key[0] = (key[0] + 1) % crypto.Q },
	} {
		f := sevenWith(t, forger{encryptWith: change})
		if !f.lost(crypto.Set(all(7)), 1, 2, 3, 4, 5) {
			t.Fatalf("%s: the attack fails", name)
		}
		if _, err := f.publicHalf(4); !provedWrong(err) {
			t.Errorf("%s: the public half says %v", name, err)
		}
		if wrong := f.privateHalf(4); wrong != nil {
			t.Errorf("%s: %v find a right share wrong", name, wrong)
		}
	}
}

// TestAttackProjectionForCanaries: with another key in the frames, the
// contributor answers so that the public half passes: it moves its polynomials
// by what the key is off at the secret's point and nothing at t-1 holders of
// its choice. All other holders find it; with the private half off nobody does.
func TestAttackProjectionForCanaries(t *testing.T) {
	var delta crypto.Poly
	f := sevenWith(t, forger{
		encryptWith: func(key *crypto.Poly) {
			delta[0], delta[9] = 5, 6
			key.Add(&delta)
		},
		answer: func(c *crypto.Challenge, b []byte) []byte {
			var off crypto.Projected
			c.Project(&off, &delta)
			// Through off at -1 and zero at 1, 2, 3, 5: its value at 4 only is not
			// zero among the points 1..5.
			weight := lagrangeAt([]uint64{crypto.Q - 1, 1, 2, 3, 5}, 4)[0]
			for k := range off {
				addToWord(b, 3*crypto.MaskWords+k, mul(off[k], weight))
			}
			return b
		},
	})
	if !f.lost(crypto.Set(all(7)), 1, 2, 3, 4, 5) {
		t.Fatal("the attack fails")
	}
	p, err := f.publicHalf(4)
	if err != nil {
		t.Errorf("the answer was made for the canaries, but: %v", err)
	}
	if wrong := f.privateHalf(4); !equal(wrong, 4, 6, 7) {
		t.Errorf("%v find their share wrong, want all but 1, 2, 3 and 5", wrong)
	}
	f.convicts(p, 4, 6)
}

// TestAttackCanaryErrors: the key is right, and the errors of a canary block
// are not: the sum opens no more.
func TestAttackCanaryErrors(t *testing.T) {
	f := sevenWith(t, forger{frames: func(b []byte) {
		block := b[crypto.HeaderSize+crypto.BlockSize:][:crypto.BlockSize]
		var p crypto.Poly
		if p.Unpack(block) != nil {
			t.Fatal("a block is malformed")
		}
		p.Inverse()
		p[4000] = (p[4000] + 1<<26) % crypto.Q
		p.Forward()
		p.Pack(block)
	}})
	if !f.lost(crypto.Set(all(7)), 1, 2, 3, 4, 5) {
		t.Fatal("the attack fails")
	}
	if _, err := f.publicHalf(4); !provedWrong(err) {
		t.Errorf("the public half says %v", err)
	}
	if wrong := f.privateHalf(4); wrong != nil {
		t.Errorf("%v find a right share wrong", wrong)
	}
}

// TestAttackWrongProjection: shares and key are right and the projection is
// not; unless it is found, the contributor could later say that honest holders
// lie.
func TestAttackWrongProjection(t *testing.T) {
	row := func(x, k int) int { return (x-1)*crypto.MaskWords + k }
	for name, c := range map[string]struct {
		answer  func(f *federation, b []byte) []byte
		public  bool  // found by everybody
		private []int // found by these holders
	}{
		"a uniform value": {func(_ *federation, b []byte) []byte {
			addToWord(b, row(2, 0), 1)
			return b
		}, false, []int{2, 6, 7}},
		"a short value": {func(_ *federation, b []byte) []byte {
			addToWord(b, row(2, 130), 1<<40)
			return b
		}, true, []int{2, 6, 7}},
		"a short value, by less than the tolerance": {func(_ *federation, b []byte) []byte {
			addToWord(b, row(2, 130), 1)
			return b
		}, false, []int{2, 6, 7}},
		"values that cancel at the secret": {func(_ *federation, b []byte) []byte {
			ws := lagrangeAt([]uint64{1, 2, 3, 4, 5}, crypto.Q-1)
			addToWord(b, row(1, 130), mul(ws[1], 1))
			addToWord(b, row(2, 130), sub(0, ws[0]))
			return b
		}, false, []int{1, 2, 6, 7}},
		"a word that is none": {func(_ *federation, b []byte) []byte {
			copy(b[len(b)-8:], bytes.Repeat([]byte{0xff}, 8))
			return b
		}, true, nil},
		"of another attempt": {func(_ *federation, b []byte) []byte {
			g := newFederation(t, "another attempt", shapeOf(crypto.CodecStat, 1, 20), 7)
			g.contribute(4, stat(t, g.a.Shape, 4000))
			return g.sealed[4].Projection
		}, true, nil},
		"of another attempt, readdressed": {func(f *federation, b []byte) []byte {
			g := newFederation(t, "another attempt", shapeOf(crypto.CodecStat, 1, 20), 7)
			g.contribute(4, stat(t, g.a.Shape, 4000))
			return append(bytes.Clone(b[:crypto.HeaderSize]), g.sealed[4].Projection[crypto.HeaderSize:]...)
		}, true, all(7)},
		"another contributor's, readdressed": {func(f *federation, b []byte) []byte {
			return append(bytes.Clone(b[:crypto.HeaderSize]), f.sealed[3].Projection[crypto.HeaderSize:]...)
		}, true, all(7)},
		"all zeros": {func(_ *federation, b []byte) []byte {
			clear(b[crypto.HeaderSize:])
			return b
		}, true, all(7)},
	} {
		f := sevenWith(t, forger{})
		f.sealed[4].Projection = c.answer(f, bytes.Clone(f.sealed[4].Projection))
		if f.lost(crypto.Set(all(7)), 1, 2, 3, 4, 5) {
			t.Fatalf("%s: a projection enters no opening", name)
		}
		p, err := f.publicHalf(4)
		if provedWrong(err) != c.public || (err == nil) == c.public {
			t.Errorf("%s: the public half says %v", name, err)
		}
		if p == nil {
			continue // it cannot be read
		}
		if wrong := f.privateHalf(4); !equal(wrong, c.private...) {
			t.Errorf("%s: %v find their share wrong, want %v", name, wrong, c.private)
		}
	}
}

// TestAttackClonedProjection: a machine that was cloned with its randomness
// encrypts the same integers again. Boxes differ, because sealing has
// randomness of its own. Were they part of the challenge, the two answers would
// have the same masks, and their difference would be equations of the key
// without any; the challenge leaves them out, and the answers are the same.
func TestAttackClonedProjection(t *testing.T) {
	f := smallRound(t, "cloned projection")
	fresh := &[32]byte{1, 2, 3}
	plain := stat(t, f.a.Shape, 4000)
	var sealed [2]*Sealed
	for i := range sealed {
		var w bytes.Buffer
		var err error
		sealed[i], err = encrypt(f.a, 1, plain, f.key, fresh, &w)
		f.must(err)
	}
	if bytes.Equal(sealed[0].Boxes, sealed[1].Boxes) {
		t.Fatal("sealing has no randomness of its own, so the test shows nothing")
	}
	s := newSeed(fresh, f.key, f.a, 1, plain)
	poly, err := newPolynomial(s, 3)
	f.must(err)
	masks, err := newMasking(s, 3)
	f.must(err)
	// With the rule off: the digest of the boxes goes into the challenge.
	var secret [2]crypto.Projected // of the key, as everybody interpolates it
	var key [2]crypto.Projected    // of the key, without masks
	for i := range sealed {
		c := sealed[i].Commitment(1)
		c.Frames = crypto.DigestOf(append(c.Frames[:], sealed[i].Boxes...))
		challenge, err := crypto.NewChallenge(f.a, c)
		f.must(err)
		challenge.Project(&key[i], poly.secret())
		secret[i] = key[i]
		secret[i].Add(&masks.terms[0])
	}
	for k := range key[0] {
		shown, truth := sub(secret[0][k], secret[1][k]), sub(key[0][k], key[1][k])
		if shown != truth || shown == 0 {
			t.Fatalf("the attack fails at projection %d", k)
		}
	}
	if !bytes.Equal(sealed[0].Projection, sealed[1].Projection) {
		t.Error("a cloned machine answers two challenges with the same masks")
	}
}
