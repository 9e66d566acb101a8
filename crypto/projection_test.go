package crypto

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// dealt is a raw contributor with masks and everything it signs.
type dealt struct {
	*raw
	masks      []Projected // terms in X+1
	frameBytes []byte
	plain      [][]byte // of each holder
	commitment Commitment
	challenge  *Challenge
	answer     []byte
}

// newDealt deals from the definition. spoil may change the shares before they
// are signed.
func newDealt(t testing.TB, a Attempt, point int, seed uint64, spoil func(holder int, s *Share)) *dealt {
	t.Helper()
	r := testRand(seed)
	plain, err := EncodeVec16(a.Shape, []int16{7})
	if err != nil {
		t.Fatal(err)
	}
	d := &dealt{raw: newRaw(a, point, plain, r), masks: make([]Projected, a.Thresholds.T)}
	for l := range d.masks {
		for k := range d.masks[l] {
			d.masks[l][k] = r.Uint64N(Q)
		}
	}
	for k := LowDegree; k < MaskWords; k++ {
		d.masks[0][k] = uint64(r.Int64N(1<<15)-1<<14+int64(Q)) % Q
	}
	d.frameBytes = d.frames().Bytes()
	d.commitment = Commitment{Point: point, Frames: DigestOf(d.frameBytes)}
	for _, h := range a.Holders {
		s := &Share{Words: d.share(h.Point), Masks: d.mask(h.Point)}
		if spoil != nil {
			spoil(h.Point, s)
		}
		b := make([]byte, ShareSize)
		b[0] = byte(h.Point)
		EncodeShare(b, b, s)
		d.plain = append(d.plain, b)
		d.commitment.Shares = append(d.commitment.Shares, DigestOf(b))
	}
	if d.challenge, err = NewChallenge(a, d.commitment); err != nil {
		t.Fatal(err)
	}
	var at []Projected
	for x := 1; x <= a.Thresholds.T; x++ {
		var p Projected
		share, mask := d.share(x), d.mask(x)
		d.challenge.Project(&p, &share)
		p.Add(&mask)
		at = append(at, p)
	}
	d.answer = EncodeProjection(a, point, at)
	d.commitment.Projection = DigestOf(d.answer)
	return d
}

func (d *dealt) mask(point int) (p Projected) {
	for l := len(d.masks) - 1; l >= 0; l-- {
		p.Horner(uint64(point)+1, &d.masks[l])
	}
	return p
}

func (d *dealt) parse(t testing.TB) *Projection {
	t.Helper()
	p, err := ParseProjection(d.a, d.commitment, d.answer)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (d *dealt) shareOf(t testing.TB, holder int) *Share {
	t.Helper()
	s := new(Share)
	if !ParseShare(d.plain[d.a.Index(holder)], s) {
		t.Fatal("a share is malformed")
	}
	return s
}

func randomWeights(seed uint64) *Projected {
	r := testRand(seed)
	w := new(Projected)
	for k := range w {
		w[k] = r.Uint64N(Q)
	}
	return w
}

func provedWrong(err error) bool {
	var w *WrongError
	return errors.As(err, &w)
}

func TestHonestProjection(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 7)
	d := newDealt(t, a, 3, 1, nil)
	p := d.parse(t)
	if p.Fits() {
		t.Error("a projection fits before it was checked")
	}
	if err := p.CheckCanaries(bytes.NewReader(d.frameBytes)); err != nil || !p.Fits() {
		t.Fatal(err)
	}
	for _, h := range a.Holders {
		if !p.Agrees(h.Point, d.shareOf(t, h.Point), randomWeights(uint64(h.Point))) {
			t.Errorf("the share of %d does not agree", h.Point)
		}
		if proved, why := p.CheckOpening(h.Point, d.plain[h.Point-1]); proved {
			t.Error(why)
		}
	}
}

// TestCanariesNeedSignedFrames: frames that are not those of the update prove
// nothing, whatever their canaries; frames that are decide.
func TestCanariesNeedSignedFrames(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	d := newDealt(t, a, 2, 1, nil)
	for name, at := range map[string]int{"first canary": HeaderSize, "second canary": HeaderSize + BlockSize + 100, "data": HeaderSize + 2*BlockSize} {
		changed := patched(d.frameBytes, at, []byte{d.frameBytes[at] ^ 1}, 0)
		p := d.parse(t)
		if p.CheckCanaries(bytes.NewReader(d.frameBytes)) != nil || !p.Fits() {
			t.Fatal("the right frames do not fit")
		}
		if err := p.CheckCanaries(bytes.NewReader(changed)); err == nil || provedWrong(err) || p.Fits() {
			t.Errorf("%s changed on the way: %v", name, err)
		}
		// With the digest off, the same bytes convict: what the comparison is for.
		if at < HeaderSize+2*BlockSize {
			p.challenge.commitment.Frames = DigestOf(changed)
			if err := p.CheckCanaries(bytes.NewReader(changed)); !provedWrong(err) {
				t.Errorf("%s changed and signed: %v", name, err)
			}
		}
	}
	other := newDealt(t, a, 3, 2, nil)
	for name, frames := range map[string][]byte{
		"another contributor's": other.frameBytes, "no frames": nil,
		"cut short": d.frameBytes[:len(d.frameBytes)-1], "one byte more": append(bytes.Clone(d.frameBytes), 0),
	} {
		if err := d.parse(t).CheckCanaries(bytes.NewReader(frames)); err == nil || provedWrong(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestTolerance: one canary coefficient beyond 2^18 is found; a small one is
// not, and need not be: the sum of 64 contributors that pass opens.
func TestTolerance(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	d := newDealt(t, a, 2, 1, nil)
	for _, c := range []struct {
		size  int64
		found bool
	}{{1 << 14, false}, {-1 << 14, false}, {1 << 19, true}, {-1 << 19, true}, {1 << 40, true}, {int64(Q / 2), true}, {-int64(Q / 2), true}} {
		for b := range CanaryBlocks {
			block := d.blocks[b]
			block.Inverse()
			block[b*77] = addMod(block[b*77], uint64(c.size+int64(Q))%Q)
			block.Forward()
			frames := bytes.Clone(d.frameBytes)
			block.Pack(frames[HeaderSize+b*BlockSize:])
			// Signed frames, with a challenge that was not known before.
			p := d.parse(t)
			p.challenge.commitment.Frames = DigestOf(frames)
			if err := p.CheckCanaries(bytes.NewReader(frames)); provedWrong(err) != c.found {
				t.Errorf("an error of %d in canary %d: %v", c.size, b, err)
			}
		}
	}
	if MaxInstitutions*2*KeyTolerance > CanaryTolerance {
		t.Error("contributors that pass the check can fail the canaries together")
	}
}

// TestAgreesNeedsFreshWeights: a contributor that knows the weights deals a
// wrong share that agrees under them; fresh weights find it. Each kind of
// projection finds it alone, and none at all finds nothing.
func TestAgreesNeedsFreshWeights(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	d := newDealt(t, a, 2, 1, nil)
	p := d.parse(t)
	known := randomWeights(9)
	var vector Poly
	p.challenge.fold(&vector, known)
	crafted := *d.shareOf(t, 3)
	crafted.Words[0] = addMod(crafted.Words[0], 1)
	crafted.Words[1] = subMod(crafted.Words[1], mulMod(vector[0], invMod(vector[1])))
	if !p.Agrees(3, &crafted, known) {
		t.Fatal("the attack fails")
	}
	if p.Agrees(3, &crafted, randomWeights(10)) {
		t.Error("fresh weights do not find the crafted share")
	}
	uniform, short := randomWeights(11), randomWeights(12)
	clear(uniform[LowDegree:])
	clear(short[:LowDegree])
	for name, w := range map[string]*Projected{"uniform": uniform, "short": short} {
		if p.Agrees(3, &crafted, w) {
			t.Errorf("the %s projections do not find the crafted share", name)
		}
		if !p.Agrees(3, d.shareOf(t, 3), w) {
			t.Errorf("the %s projections find an honest share wrong", name)
		}
	}
	if !p.Agrees(3, &crafted, new(Projected)) {
		t.Error("no projection finds something")
	}
	if p.Agrees(1, d.shareOf(t, 3), randomWeights(13)) {
		t.Error("a share agrees at another point")
	}
}

// TestOpeningNeedsSignedShare goes through every kind of void evidence about an
// honest contributor, and shows that the digest alone keeps a changed share
// from convicting.
func TestOpeningNeedsSignedShare(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	d, other := newDealt(t, a, 2, 1, nil), newDealt(t, a, 3, 2, nil)
	p := d.parse(t)
	changed := patched(d.plain[2], ShareSize-8, []byte{d.plain[2][ShareSize-8] ^ 1}, 0)
	for name, c := range map[string]struct {
		holder int
		share  []byte
	}{
		"a changed word":            {3, changed},
		"a changed mask":            {3, patched(d.plain[2], SaltSize, []byte{d.plain[2][SaltSize] ^ 1}, 0)},
		"a changed salt":            {3, patched(d.plain[2], 1, []byte{1}, 0)},
		"another holder's":          {3, d.plain[0]},
		"another contributor's":     {3, other.plain[2]},
		"a stranger's point":        {5, d.plain[2]},
		"no point":                  {0, d.plain[2]},
		"the wrong point":           {1, d.plain[2]},
		"nothing":                   {3, nil},
		"too short":                 {3, d.plain[2][:ShareSize-1]},
		"too long":                  {3, append(bytes.Clone(d.plain[2]), 0)},
		"the share, which is right": {3, d.plain[2]},
	} {
		if proved, why := p.CheckOpening(c.holder, c.share); proved || why == "" {
			t.Errorf("%s convicts an honest contributor: %s", name, why)
		}
	}
	p.challenge.commitment.Shares[2] = DigestOf(changed)
	if proved, _ := p.CheckOpening(3, changed); !proved {
		t.Error("a changed share that was signed is no evidence, so the test above shows nothing")
	}
	// What a contributor signed convicts it: a share off the polynomials in a
	// word or a mask, and one that is none.
	for name, spoil := range map[string]func(s *Share){
		"word":              func(s *Share) { s.Words[4095] = addMod(s.Words[4095], 1) },
		"mask":              func(s *Share) { s.Masks[130] = addMod(s.Masks[130], 1) },
		"word that is none": func(s *Share) { s.Words[0] = Q },
		"mask that is none": func(s *Share) { s.Masks[0] = 1 << 63 },
	} {
		bad := newDealt(t, a, 2, 1, func(holder int, s *Share) {
			if holder == 3 {
				spoil(s)
			}
		})
		p := bad.parse(t)
		for _, h := range a.Holders {
			proved, why := p.CheckOpening(h.Point, bad.plain[h.Point-1])
			if proved != (h.Point == 3) || strings.Contains(why, "not below") != (proved && strings.Contains(name, "none")) {
				t.Errorf("%s: the share of %d: %s", name, h.Point, why)
			}
		}
	}
}

func TestParseProjectionRefuses(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	d := newDealt(t, a, 2, 1, nil)
	elsewhere := a
	elsewhere.ID[0] ^= 1
	over := bytes.Repeat([]byte{0xff}, 8)
	for name, c := range map[string]struct {
		answer []byte
		signed bool // with a digest that fits
		proved bool
	}{
		"a word too large, signed":       {patched(d.answer, len(d.answer)-8, over, 0), true, true},
		"the modulus, signed":            {patched(d.answer, HeaderSize, []byte{1, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}, 0), true, true},
		"a word too large, not signed":   {patched(d.answer, len(d.answer)-8, over, 0), false, false},
		"of another attempt, signed":     {append(elsewhere.header(magicProjection, 2, 3), d.answer[HeaderSize:]...), true, true},
		"of another point, signed":       {patched(d.answer, 44, []byte{3}, 0), true, true},
		"of another point, not signed":   {patched(d.answer, 44, []byte{3}, 0), false, false},
		"too short, signed":              {d.answer[:len(d.answer)-8], true, false},
		"too long, signed":               {append(bytes.Clone(d.answer), 0), true, false},
		"nothing, signed":                {nil, true, false},
		"changed on the way, not signed": {patched(d.answer, HeaderSize, []byte{d.answer[HeaderSize] ^ 1}, 0), false, false},
	} {
		commitment := d.commitment
		if c.signed {
			commitment.Projection = DigestOf(c.answer)
		}
		p, err := ParseProjection(a, commitment, c.answer)
		if err == nil || p != nil || provedWrong(err) != c.proved {
			t.Errorf("%s: %v", name, err)
		}
	}
	if ProjectionSize(4) != 56+8*131*4 || len(d.answer) != ProjectionSize(3) {
		t.Error("the size is wrong")
	}
}

// projectionDecoder: what is taken has exactly one encoding, only signed bytes
// are taken or prove anything, and no truncation is.
func projectionDecoder(t testing.TB) mutate.Decoder {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	d := newDealt(t, a, 2, 1, nil)
	good := d.answer
	return mutate.Decoder{
		Slow: true, // a challenge for each
		Seeds: [][]byte{
			good,
			patched(good, 0, []byte(magicRelease), 0),
			patched(good, 44, []byte{3}, 0),
			patched(good, 52, []byte{4}, 0),
			patched(good, HeaderSize, bytes.Repeat([]byte{0xff}, 8), 0),
			patched(good, len(good)-8, []byte{1, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}, 0),
			patched(good, 0, nil, -8),
			patched(good, 0, nil, 8),
		},
		Check: func(t testing.TB, b []byte) bool {
			if _, err := ParseProjection(a, d.commitment, b); (err == nil) != bytes.Equal(b, good) || provedWrong(err) {
				t.Fatalf("bytes that were not signed give %v", err)
			}
			signed := d.commitment
			signed.Projection = DigestOf(b)
			p, err := ParseProjection(a, signed, b)
			if err != nil {
				if provedWrong(err) != (len(b) == len(good)) {
					t.Fatalf("%d signed bytes give %v", len(b), err)
				}
				return false
			}
			if !bytes.Equal(EncodeProjection(a, 2, p.at), b) {
				t.Fatal("encoding what was decoded gives other bytes")
			}
			if _, err := ParseProjection(a, signed, b[:somewhere(b)]); err == nil {
				t.Fatal("a truncation is taken")
			}
			return true
		},
		Memory: mutate.Memory{PerByte: 64, Fixed: 2 << 20},
	}
}

func FuzzProjection(f *testing.F)       { projectionDecoder(f).Fuzz(f) }
func TestMutateProjection(t *testing.T) { projectionDecoder(t).Run(t) }

// openingDecoder: no bytes convict an honest contributor, and the same bytes
// convict a contributor that signed them unless they are its right share.
func openingDecoder(t testing.TB) mutate.Decoder {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	d := newDealt(t, a, 2, 1, nil)
	honest, signing := d.parse(t), d.parse(t)
	signing.challenge.commitment.Shares = append([]Digest(nil), d.commitment.Shares...)
	good := d.plain[2]
	return mutate.Decoder{
		Slow: true, // 131 projections
		Seeds: [][]byte{
			good,
			d.plain[1],
			patched(good, 0, []byte{1}, 0),
			patched(good, SaltSize, bytes.Repeat([]byte{0xff}, 8), 0),
			patched(good, ShareSize-8, []byte{1, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}, 0),
			patched(good, 0, nil, -1),
			patched(good, 0, nil, 1),
		},
		Check: func(t testing.TB, b []byte) bool {
			if proved, why := honest.CheckOpening(3, b); proved || why == "" {
				t.Fatalf("an honest contributor is convicted: %s", why)
			}
			signing.challenge.commitment.Shares[2] = DigestOf(b)
			proved, why := signing.CheckOpening(3, b)
			right := len(b) == ShareSize && bytes.Equal(b[SaltSize:], good[SaltSize:])
			if proved != (len(b) == ShareSize && !right) {
				t.Fatalf("%d signed bytes: %s", len(b), why)
			}
			return right
		},
	}
}

func FuzzOpening(f *testing.F)       { openingDecoder(f).Fuzz(f) }
func TestMutateOpening(t *testing.T) { openingDecoder(t).Run(t) }
