package crypto

import (
	"bytes"
	"io"
	"testing"
)

// patched returns good with patch written at an offset and cut or extended to
// a length: mutations that stay near what a decoder takes.
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

// FuzzFrames: what is taken has exactly one encoding, CheckFrames and Sum.Add
// agree, one byte less or more is refused, and no more than one byte beyond
// the agreed length is ever read, whatever the sender sends.
func FuzzFrames(f *testing.F) {
	a := testAttempt(f, oneTensor(CodecVec16, 1, 15), 4)
	good := testFrames(f, a)
	f.Add(uint32(0), []byte{}, int16(0))
	f.Add(uint32(0), []byte("SSRL"), int16(0))
	f.Add(uint32(44), []byte{3}, int16(0))
	f.Add(uint32(HeaderSize), bytes.Repeat([]byte{0xff}, 15), int16(0))
	f.Add(uint32(HeaderSize+BlockSize), make([]byte, 64), int16(1))
	f.Add(uint32(9), []byte{}, int16(-1))
	buf := make([]byte, framePiece*BlockSize)
	check := func(r io.Reader) error { return checkFrames(a, 2, r, buf) }
	f.Fuzz(func(t *testing.T, at uint32, patch []byte, cut int16) {
		b := patched(good, at, patch, cut)
		checked := check(bytes.NewReader(b))
		sum := newSum(a)
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
			return
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
		for _, n := range []int{0, 1, HeaderSize, int(at) % len(b), len(b) - 1} {
			if check(bytes.NewReader(b[:n])) == nil {
				t.Fatalf("%d of %d bytes are taken", n, len(b))
			}
		}
		if check(io.MultiReader(bytes.NewReader(b), bytes.NewReader([]byte{0}))) == nil {
			t.Fatal("a byte too many is taken")
		}
	})
}

// FuzzRelease: what is taken has exactly one encoding, and no truncation is.
func FuzzRelease(f *testing.F) {
	a := testAttempt(f, oneTensor(CodecVec16, 1, 15), 7)
	p := randomPoly(testRand(1))
	good := EncodeRelease(a, 3, Set{1, 2, 3, 4}, &p)
	f.Add(uint32(0), []byte{}, int16(0))
	f.Add(uint32(44), []byte{7, 0, 0, 0}, int16(0))
	f.Add(uint32(HeaderSize), []byte{0x7f}, int16(0))
	f.Add(uint32(HeaderSize+8), bytes.Repeat([]byte{0xff}, 15), int16(0))
	f.Add(uint32(0), []byte{}, int16(-1))
	f.Fuzz(func(t *testing.T, at uint32, patch []byte, cut int16) {
		b := patched(good, at, patch, cut)
		r, err := ParseRelease(a, b)
		if err != nil {
			return
		}
		var set Set
		for k := range 64 {
			if r.set>>k&1 == 1 {
				set = append(set, k+1)
			}
		}
		if !bytes.Equal(EncodeRelease(a, r.point, set, r.sum), b) {
			t.Fatal("encoding what was decoded gives other bytes")
		}
		if _, err := ParseRelease(a, b[:int(at)%len(b)]); err == nil {
			t.Fatal("a truncation is taken")
		}
	})
}

// FuzzKey: a key that is taken is KeySize bytes long, nothing shorter is
// taken, and no bytes make it panic.
func FuzzKey(f *testing.F) {
	good := testKeys()[0]
	f.Add(uint32(0), []byte{}, int16(0))
	f.Add(uint32(KeySize-32), make([]byte, 32), int16(0))
	f.Add(uint32(0), bytes.Repeat([]byte{0xff}, 3), int16(0))
	f.Add(uint32(0), []byte{}, int16(-1))
	f.Fuzz(func(t *testing.T, at uint32, patch []byte, cut int16) {
		b := patched(good, at, patch, cut)
		if CheckKey(b) != nil {
			return
		}
		if len(b) != KeySize {
			t.Fatalf("a key of %d bytes is taken", len(b))
		}
		if CheckKey(b[:int(at)%len(b)]) == nil {
			t.Fatal("a truncation is taken")
		}
	})
}

// FuzzDigest: a digest has one spelling.
func FuzzDigest(f *testing.F) {
	f.Add(DigestOf(nil).String())
	f.Add("AB" + DigestOf(nil).String()[2:])
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		var d Digest
		if d.UnmarshalText([]byte(s)) == nil && d.String() != s {
			t.Fatalf("%q is spelled %v", s, d)
		}
	})
}
