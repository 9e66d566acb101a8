package crypto

import (
	"bytes"
	"hash/crc32"
	"io"
	"testing"

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

// somewhere returns a place in b, another for other bytes.
func somewhere(b []byte) int { return int(crc32.ChecksumIEEE(b)) % len(b) }

// endless gives data and then zeros for ever, counting.
type endless struct {
	data []byte
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	n := copy(p, e.data)
	e.data = e.data[n:]
	clear(p[n:])
	e.read += len(p)
	return len(p), nil
}

// framesDecoder: what is taken has exactly one encoding, CheckFrames and
// Sum.Add agree, one byte less or more is refused, and no more than one byte
// beyond the agreed length is ever read, whatever the sender sends.
func framesDecoder(t testing.TB) mutate.Decoder {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	good := testFrames(t, a)
	buf := make([]byte, framePiece*BlockSize)
	sum := newSum(a)
	check := func(r io.Reader) error { return checkFrames(a, 2, r, buf) }
	return mutate.Decoder{
		Slow: true,
		Seeds: [][]byte{
			good,
			patched(good, 0, []byte(magicRelease), 0),
			patched(good, 44, []byte{3}, 0),
			patched(good, HeaderSize, bytes.Repeat([]byte{0xff}, 15), 0),
			patched(good, HeaderSize+BlockSize, make([]byte, 64), 1),
			patched(good, 9, nil, -1),
		},
		Check: func(t testing.TB, b []byte) bool {
			checked := check(bytes.NewReader(b))
			clear(sum.words)
			sum.added, sum.err = 0, nil
			added := sum.Add(2, bytes.NewReader(b))
			if (checked == nil) != (added == nil) {
				t.Fatalf("CheckFrames says %v, Add says %v", checked, added)
			}
			e := &endless{data: b}
			if check(e) == nil {
				t.Fatal("endless frames are taken")
			}
			if int64(e.read) > a.Shape.FrameSize()+1 {
				t.Fatalf("%d bytes were read", e.read)
			}
			if checked != nil {
				return false
			}
			again := a.FrameHeader(2)
			out := make([]byte, BlockSize)
			for i := range a.Shape.Blocks() {
				(*Poly)(sum.words[i*N:]).Pack(out)
				again = append(again, out...)
			}
			if !bytes.Equal(again, b) {
				t.Fatal("encoding what was decoded gives other bytes")
			}
			for _, n := range []int{0, 1, HeaderSize, somewhere(b), len(b) - 1} {
				if check(bytes.NewReader(b[:n])) == nil {
					t.Fatalf("%d of %d bytes are taken", n, len(b))
				}
			}
			if check(io.MultiReader(bytes.NewReader(b), bytes.NewReader([]byte{0}))) == nil {
				t.Fatal("a byte too many is taken")
			}
			return true
		},
	}
}

func FuzzFrames(f *testing.F)       { framesDecoder(f).Fuzz(f) }
func TestMutateFrames(t *testing.T) { framesDecoder(t).Run(t) }

// releaseDecoder: what is taken has exactly one encoding, and no truncation is.
func releaseDecoder(t testing.TB) mutate.Decoder {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 7)
	p := randomPoly(testRand(1))
	good := EncodeRelease(a, 3, Set{1, 2, 3, 4}, &p)
	return mutate.Decoder{
		Seeds: [][]byte{
			good,
			patched(good, 44, []byte{7, 0, 0, 0}, 0),
			patched(good, HeaderSize, []byte{0x7f}, 0),
			patched(good, HeaderSize+8, bytes.Repeat([]byte{0xff}, 15), 0),
			patched(good, 0, nil, -1),
		},
		Check: func(t testing.TB, b []byte) bool {
			r, err := ParseRelease(a, b)
			if err != nil {
				return false
			}
			if !bytes.Equal(EncodeRelease(a, r.Point(), r.Set(), r.sum), b) {
				t.Fatal("encoding what was decoded gives other bytes")
			}
			if _, err := ParseRelease(a, b[:somewhere(b)]); err == nil {
				t.Fatal("a truncation is taken")
			}
			return true
		},
	}
}

func FuzzRelease(f *testing.F)       { releaseDecoder(f).Fuzz(f) }
func TestMutateRelease(t *testing.T) { releaseDecoder(t).Run(t) }

// keyDecoder: a key that is taken is KeySize bytes long, nothing shorter is
// taken, and no bytes make it panic.
func keyDecoder(testing.TB) mutate.Decoder {
	good := testKeys()[0]
	return mutate.Decoder{
		Seeds: [][]byte{
			good,
			patched(good, KeySize-32, make([]byte, 32), 0),
			patched(good, 0, bytes.Repeat([]byte{0xff}, 3), 0),
			patched(good, 0, nil, -1),
		},
		Check: func(t testing.TB, b []byte) bool {
			if CheckKey(b) != nil {
				return false
			}
			if len(b) != KeySize {
				t.Fatalf("a key of %d bytes is taken", len(b))
			}
			if CheckKey(b[:somewhere(b)]) == nil {
				t.Fatal("a truncation is taken")
			}
			return true
		},
	}
}

func FuzzKey(f *testing.F)       { keyDecoder(f).Fuzz(f) }
func TestMutateKey(t *testing.T) { keyDecoder(t).Run(t) }

// digestDecoder: a digest has one spelling.
func digestDecoder(testing.TB) mutate.Decoder {
	good := DigestOf(nil).String()
	return mutate.Decoder{
		Seeds: [][]byte{[]byte(good), []byte("AB" + good[2:]), {}},
		Check: func(t testing.TB, b []byte) bool {
			var d Digest
			err := d.UnmarshalText(b)
			if err == nil && d.String() != string(b) {
				t.Fatalf("%q is spelled %v", b, d)
			}
			return err == nil
		},
	}
}

func FuzzDigest(f *testing.F)       { digestDecoder(f).Fuzz(f) }
func TestMutateDigest(t *testing.T) { digestDecoder(t).Run(t) }
