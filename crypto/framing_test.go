package crypto

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// lie is what colluders put before everybody about one contributor: bytes of a
// projection, bytes of frames, and an opening of a share.
type lie struct {
	projection, frames []byte
	holder             int
	opening            []byte
}

// without says which comparison with a signed digest is off.
type without struct{ projection, frames, share bool }

// convicted is what everybody does with a lie about what d signed.
func (l lie) convicted(d *dealt, off without) bool {
	c := d.commitment
	if off.projection {
		c.Projection = DigestOf(l.projection)
	}
	p, err := ParseProjection(d.a, c, l.projection)
	if err != nil {
		return provedWrong(err)
	}
	// The challenge stays what it was: only the comparison goes.
	if off.frames {
		p.challenge.commitment.Frames = DigestOf(l.frames)
	}
	if i := d.a.Index(l.holder); off.share && i >= 0 {
		p.challenge.commitment.Shares = append([]Digest(nil), c.Shares...)
		p.challenge.commitment.Shares[i] = DigestOf(l.opening)
	}
	if provedWrong(p.CheckCanaries(bytes.NewReader(l.frames))) {
		return true
	}
	proved, _ := p.CheckOpening(l.holder, l.opening)
	return proved
}

// TestFramingConvictsNobodyHonest: of seven institutions (c=2, t=5) 6 and 7
// collude with the coordinator and choose, a hundred times, what they show
// about an honest contributor: changed, swapped, replayed and invented
// projections, frames and openings, up to three of them together, in the name
// of any holder. Nobody is convicted; with the comparison of any one digest
// off, somebody is.
func TestFramingConvictsNobodyHonest(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 7)
	earlier := a
	earlier.ID[0] ^= 1
	before := newDealt(t, earlier, 1, 99, nil)
	var all []*dealt
	for p := 1; p <= 7; p++ {
		// What the colluders contribute themselves is as wrong as they like.
		all = append(all, newDealt(t, a, p, uint64(p), func(holder int, s *Share) {
			if p > 5 {
				s.Words[holder] = addMod(s.Words[holder], 1)
			}
		}))
	}
	r := testRand(1)
	mutants := map[string]without{"projection": {projection: true}, "frames": {frames: true}, "share": {share: true}}
	convicted := map[string]int{}
	for try := range 100 {
		d := all[r.IntN(5)]
		l := lie{projection: d.answer, frames: d.frameBytes, holder: 6 + r.IntN(2)}
		l.opening = d.plain[l.holder-1]
		for n := 1 + r.IntN(3); n > 0; n-- {
			l.spoil(r, d, all, before)
		}
		if l.convicted(d, without{}) {
			t.Fatalf("try %d convicts the honest contributor %d", try, d.point)
		}
		for name, off := range mutants {
			if l.convicted(d, off) {
				convicted[name]++
			}
		}
	}
	for name := range mutants {
		t.Logf("with the digest of the %s not compared, %d of 100 lies convict", name, convicted[name])
		if convicted[name] < 5 {
			t.Errorf("the lies are too tame: without the digest of the %s %d of 100 convict", name, convicted[name])
		}
	}
}

func (l *lie) spoil(r *rand.Rand, d *dealt, all []*dealt, before *dealt) {
	somebody := all[r.IntN(len(all))]
	switch r.IntN(11) {
	case 0:
		l.opening = flip(r, l.opening, 0)
	case 1:
		l.opening = flip(r, l.opening, ShareSize-8)
	case 2:
		l.opening = somebody.plain[5+r.IntN(2)]
	case 3:
		l.holder = 1 + r.IntN(8)
	case 4:
		l.opening = make([]byte, ShareSize)
	case 5:
		l.opening = l.opening[:r.IntN(len(l.opening)+1)]
	case 6:
		l.projection = flip(r, l.projection, HeaderSize)
	case 7:
		l.projection = append(bytes.Clone(d.answer[:HeaderSize]), somebody.answer[HeaderSize:]...)
	case 8:
		l.projection = before.answer
	case 9:
		l.frames = flip(r, l.frames, HeaderSize)
	case 10:
		l.frames = append(d.a.FrameHeader(d.point), somebody.frameBytes[HeaderSize:]...)
	}
}

// flip changes one bit at or after a place.
func flip(r *rand.Rand, b []byte, from int) []byte {
	b = bytes.Clone(b)
	if n := len(b) - from; n > 0 {
		b[from+r.IntN(n)] ^= 1 << r.IntN(8)
	}
	return b
}
