package secret

import (
	"bytes"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto"
)

func patched(good []byte, at uint32, patch []byte, cut int16) []byte {
	b := bytes.Clone(good)
	copy(b[int(at)%len(b):], patch)
	switch n := len(b) + int(cut); {
	case n < 0:
		return nil
	case n <= len(b):
		return b[:n]
	default:
		return append(b, make([]byte, n-len(b))...)
	}
}

// FuzzShare: what is taken has exactly one encoding, and no truncation is.
func FuzzShare(f *testing.F) {
	var p, back crypto.Poly
	r := testRand(1)
	for i := range p {
		p[i] = r.Uint64N(crypto.Q)
	}
	good := make([]byte, crypto.ShareSize)
	putShare(good, bytes.Repeat([]byte{9}, crypto.SaltSize), &p)
	if err := parseShare(good, &back); err != nil || back != p {
		f.Fatal("a share does not come back")
	}
	f.Add(uint32(0), []byte{1}, int16(0))
	f.Add(uint32(crypto.SaltSize), []byte{1}, int16(0))
	f.Add(uint32(sharesFrom), bytes.Repeat([]byte{0xff}, 8), int16(0))
	f.Add(uint32(crypto.ShareSize-8), []byte{1, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}, int16(0))
	f.Add(uint32(0), []byte{}, int16(-8))
	f.Add(uint32(0), []byte{}, int16(8))
	again := make([]byte, crypto.ShareSize)
	f.Fuzz(func(t *testing.T, at uint32, patch []byte, cut int16) {
		b := patched(good, at, patch, cut)
		var share crypto.Poly
		if parseShare(b, &share) != nil {
			return
		}
		for _, w := range share {
			if w >= crypto.Q {
				t.Fatal("a word is not below the modulus")
			}
		}
		putShare(again, b[:crypto.SaltSize], &share)
		if !bytes.Equal(again, b) {
			t.Fatal("encoding what was decoded gives other bytes")
		}
		if parseShare(b[:int(at)%len(b)], &share) == nil {
			t.Fatal("a truncation is taken")
		}
	})
}

// FuzzBox: a box that its contributor made wrong, with a digest that fits, is
// refused without a panic, and the holder still accepts the right one.
func FuzzBox(f *testing.F) {
	fed := smallRound(f, "fuzz")
	good, boxDigest, share := fed.box(2, 1)
	f.Add(uint32(0), []byte{1}, int16(0))
	f.Add(uint32(1088), make([]byte, 32), int16(0)) // the Curve25519 half of the encapsulated key
	f.Add(uint32(crypto.BoxSize-1), []byte{1}, int16(0))
	f.Add(uint32(0), []byte{}, int16(-1))
	f.Add(uint32(0), []byte{}, int16(1))
	f.Fuzz(func(t *testing.T, at uint32, patch []byte, cut int16) {
		h := holderOf(fed.holders[1].h.key)
		h.h.attempt, h.h.point, h.state = fed.a, 1, bound
		h.h.shares, h.h.accepted = map[int]*crypto.Poly{}, map[int][2]crypto.Digest{}
		b := patched(good, at, patch, cut)
		if err := h.Accept(2, b, crypto.DigestOf(b), share); (err == nil) != bytes.Equal(b, good) {
			t.Fatalf("a changed box gives %v", err)
		}
		if err := h.Accept(2, good, boxDigest, share); err != nil {
			t.Fatal(err)
		}
	})
}
