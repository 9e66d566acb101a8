package secret

import (
	"bytes"
	"hash/crc32"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// patched returns good with patch written at an offset and cut or extended to
// a length: an input that is near what a decoder takes.
func patched(good []byte, at int, patch []byte, cut int) []byte {
	b := bytes.Clone(good)
	copy(b[at:], patch)
	if n := len(b) + cut; n <= len(b) {
		return b[:max(0, n)]
	}
	return append(b, make([]byte, cut)...)
}

// shareDecoder: what is taken has exactly one encoding, and no truncation is.
func shareDecoder(t testing.TB) mutate.Decoder {
	var s, back crypto.Share
	r := testRand(1)
	for i := range s.Words {
		s.Words[i] = r.Uint64N(crypto.Q)
	}
	for i := range s.Masks {
		s.Masks[i] = r.Uint64N(crypto.Q)
	}
	good := make([]byte, crypto.ShareSize)
	crypto.EncodeShare(good, bytes.Repeat([]byte{9}, crypto.SaltSize), &s)
	if !crypto.ParseShare(good, &back) || back != s {
		t.Fatal("a share does not come back")
	}
	again := make([]byte, crypto.ShareSize)
	const wordsFrom = crypto.SaltSize + 8*crypto.MaskWords
	modulus := []byte{1, 0xc0, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f}
	return mutate.Decoder{
		Seeds: [][]byte{
			good,
			patched(good, 0, []byte{1}, 0),
			patched(good, crypto.SaltSize, bytes.Repeat([]byte{0xff}, 8), 0),
			patched(good, wordsFrom-8, modulus, 0),
			patched(good, wordsFrom, bytes.Repeat([]byte{0xff}, 8), 0),
			patched(good, crypto.ShareSize-8, modulus, 0),
			patched(good, 0, nil, -8),
			patched(good, 0, nil, 8),
		},
		Check: func(t testing.TB, b []byte) bool {
			share := &back
			if !crypto.ParseShare(b, share) {
				if *share != (crypto.Share{}) {
					t.Fatal("something is left of a refused share")
				}
				return false
			}
			for _, words := range [][]uint64{share.Masks[:], share.Words[:]} {
				for _, w := range words {
					if w >= crypto.Q {
						t.Fatal("a word is not below the modulus")
					}
				}
			}
			crypto.EncodeShare(again, b[:crypto.SaltSize], share)
			if !bytes.Equal(again, b) {
				t.Fatal("encoding what was decoded gives other bytes")
			}
			if crypto.ParseShare(b[:int(crc32.ChecksumIEEE(b))%len(b)], share) {
				t.Fatal("a truncation is taken")
			}
			return true
		},
	}
}

func FuzzShare(f *testing.F)       { shareDecoder(f).Fuzz(f) }
func TestMutateShare(t *testing.T) { shareDecoder(t).Run(t) }

// boxDecoder: a box that its contributor made wrong, with a digest that fits, is
// refused without a panic, and the holder still accepts the right one.
func boxDecoder(t testing.TB) mutate.Decoder {
	fed := smallRound(t, "fuzz")
	good, boxDigest, share := fed.box(2, 1)
	return mutate.Decoder{
		Slow: true, // two exchanges of keys
		Seeds: [][]byte{
			good,
			patched(good, 0, []byte{1}, 0),
			patched(good, 1088, make([]byte, 32), 0), // the Curve25519 half of the encapsulated key
			patched(good, crypto.BoxSize-1, []byte{1}, 0),
			patched(good, 0, nil, -1),
			patched(good, 0, nil, 1),
		},
		Check: func(t testing.TB, b []byte) bool {
			h := holderOf(fed.holders[1].h.key)
			h.h.attempt, h.h.point, h.state = fed.a, 1, bound
			h.h.held = map[int]*held{}
			err := h.Accept(2, b, crypto.DigestOf(b), share)
			if (err == nil) != bytes.Equal(b, good) {
				t.Fatalf("a changed box gives %v", err)
			}
			if crc32.ChecksumIEEE(b)%8 == 0 {
				if err := h.Accept(2, good, boxDigest, share); err != nil {
					t.Fatal(err)
				}
			}
			return err == nil
		},
	}
}

func FuzzBox(f *testing.F)       { boxDecoder(f).Fuzz(f) }
func TestMutateBox(t *testing.T) { boxDecoder(t).Run(t) }
