package crypto

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// testFrames returns well-formed frames of point 2 (random residues).
func testFrames(t testing.TB, a Attempt) []byte {
	t.Helper()
	var w bytes.Buffer
	w.Write(a.FrameHeader(2))
	block := make([]byte, BlockSize)
	r := testRand(7)
	for range a.Shape.Blocks() {
		p := randomPoly(r)
		p.Pack(block)
		w.Write(block)
	}
	if int64(w.Len()) != a.Shape.FrameSize() {
		t.Fatalf("%d bytes of frames, want %d", w.Len(), a.Shape.FrameSize())
	}
	return w.Bytes()
}

func TestFramesRefuse(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 1, 15), 4)
	good := testFrames(t, a)
	check := func(b []byte) error { return CheckFrames(a, 2, iotest.HalfReader(bytes.NewReader(b))) }
	if err := check(good); err != nil {
		t.Fatal(err)
	}
	for n := range len(good) {
		// Every length near the start, the block borders and the end.
		if n > 200 && n%BlockSize > 100 && n < len(good)-100 {
			continue
		}
		if check(good[:n]) == nil {
			t.Fatalf("%d of %d bytes are taken", n, len(good))
		}
	}
	if check(append(append([]byte(nil), good...), 0)) == nil {
		t.Error("a byte too many is taken")
	}
	for i, field := range map[int]string{
		0: "magic", 4: "version", 8: "parameter set", 12: "attempt", 43: "attempt", 44: "point", 48: "first block", 52: "block count", 55: "block count",
	} {
		b := append([]byte(nil), good...)
		b[i] ^= 1
		if err := check(b); err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("a changed %s gives %v", field, err)
		}
	}
	for _, at := range []int{0, N - 1, 2*N + 5} {
		b := append([]byte(nil), good...)
		var p Poly
		p[at%N] = Q
		p.Pack(b[HeaderSize+at/N*BlockSize:])
		if check(b) == nil {
			t.Errorf("a word that is not below the modulus is taken at %d", at)
		}
	}
	if CheckFrames(a, 3, bytes.NewReader(good)) == nil {
		t.Error("frames of point 2 are taken for point 3")
	}
	if CheckFrames(a, 9, bytes.NewReader(good)) == nil {
		t.Error("frames of a stranger are taken")
	}
	broken := errors.New("disk on fire")
	if err := CheckFrames(a, 2, io.MultiReader(bytes.NewReader(good[:1000]), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("the reader's error is lost: %v", err)
	}
	if err := CheckFrames(a, 2, io.MultiReader(bytes.NewReader(good), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("the reader's error at the end is lost: %v", err)
	}
}

// TestFailedSumIsPoisoned: frames that turn bad in their last block have
// already been added in part, so nothing may come out of that sum any more.
func TestFailedSumIsPoisoned(t *testing.T) {
	sum, set, releases, cs := rawRound(t, oneTensor(CodecVec16, 5, 15), 4, []int16{1, 2, 3, 4, 5})
	if _, err := sum.Open(set, releases); err != nil {
		t.Fatal(err)
	}
	fresh, err := NewSum(cs[0].a)
	if err != nil {
		t.Fatal(err)
	}
	frames := cs[0].frames().Bytes()
	if err := fresh.Add(1, bytes.NewReader(frames[:len(frames)-1])); err == nil {
		t.Fatal("truncated frames are added")
	}
	for _, c := range cs {
		if fresh.Add(c.point, c.frames()) == nil {
			t.Error("a poisoned sum goes on adding")
		}
	}
	if !fresh.Root().IsZero() {
		t.Error("a poisoned sum has a root")
	}
	if _, err := fresh.Open(set, releases); err == nil {
		t.Error("a poisoned sum opens")
	}
	if sum.Add(1, cs[0].frames()) == nil {
		t.Error("one contributor is added twice")
	}
}

func TestRootBindsSetAndWords(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 5, 15), 4)
	plain, err := EncodeVec16(a.Shape, make([]int16, 5))
	if err != nil {
		t.Fatal(err)
	}
	r := testRand(2)
	cs := []*raw{newRaw(a, 1, plain, r), newRaw(a, 2, plain, r), newRaw(a, 3, plain, r)}
	root := func(order ...int) Digest {
		s, err := NewSum(a)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range order {
			if err := s.Add(cs[i].point, cs[i].frames()); err != nil {
				t.Fatal(err)
			}
		}
		return s.Root()
	}
	if root(0, 1, 2) != root(2, 0, 1) {
		t.Error("the root depends on the order of adding")
	}
	if root(0, 1) == root(0, 2) || root(0, 1) == root(0, 1, 2) {
		t.Error("two sets have one root")
	}
	// The same words under another set: point 4 sends point 3's blocks.
	before := root(0, 1, 2)
	cs[2].point = 4
	if root(0, 1, 2) == before {
		t.Error("the root does not bind the set")
	}
	if !root().IsZero() {
		t.Error("an empty sum has a root")
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	a := testAttempt(t, oneTensor(CodecVec16, 300_000, 15), 64)
	s, err := NewSum(a)
	if err != nil {
		t.Fatal(err)
	}
	body := testFrames(t, a)[HeaderSize:]
	point := 0
	reader := bytes.NewReader(nil)
	n := testing.AllocsPerRun(20, func() {
		point++
		reader.Reset(body)
		if err := s.Add(point, io.MultiReader(bytes.NewReader(a.FrameHeader(point)), reader)); err != nil {
			t.Fatal(err)
		}
	})
	if n > 12 { // a handful a contributor, for 39 blocks each
		t.Errorf("%v allocations for one contributor", n)
	}
}
