package secret

import (
	"bytes"
	"errors"
	"io"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/smartstart-federation/smartstart/crypto"
)

// TestSumsAreExact draws rosters, absent institutions, sets, lengths around
// the block borders, codecs and extreme values, and any lawful holders.
func TestSumsAreExact(t *testing.T) {
	summed := 0
	defer func() { t.Logf("%d integers were summed and compared", summed) }()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 7).Draw(t, "approved")
		th, err := crypto.ThresholdsFor(n, 0, 0, true)
		if err != nil {
			t.Fatal(err)
		}
		ready := draw(t, all(n), max(th.T, th.MinInstitutions), "ready")
		set := crypto.Set(draw(t, ready, th.MinInstitutions, "set"))
		who := draw(t, ready, th.T, "releasing")
		if rapid.Bool().Draw(t, "stat") {
			summed += exactStat(t, n, ready, set, who)
		} else {
			summed += exactVec16(t, n, ready, set, who)
		}
	})
}

// draw returns at least atLeast of the points, in order.
func draw(t *rapid.T, points []int, atLeast int, label string) []int {
	k := rapid.IntRange(atLeast, len(points)).Draw(t, "how many "+label)
	chosen := slices.Clone(rapid.Permutation(points).Draw(t, label)[:k])
	slices.Sort(chosen)
	return chosen
}

func exactVec16(t *rapid.T, n int, ready []int, set crypto.Set, who []int) (integers int) {
	length := rapid.SampledFrom([]int{1, 2, 3, 8190, 8191, 8192, 8193, 16383}).Draw(t, "length")
	bits := rapid.IntRange(1, 15).Draw(t, "bits")
	s := shapeOf(crypto.CodecVec16, length, bits)
	f := newFederation(t, "vec16", s, n, ready...)
	limit := 1<<bits - 1
	want := make([]int32, length)
	for _, p := range set {
		values := make([]int16, length)
		r := testRand(rapid.Uint64().Draw(t, "seed"))
		for i := range values {
			switch r.IntN(3) {
			case 0:
				values[i] = int16(limit)
			case 1:
				values[i] = int16(-limit)
			default:
				values[i] = int16(r.IntN(2*limit+1) - limit)
			}
			want[i] += int32(values[i])
		}
		plain, err := crypto.EncodeVec16(s, values)
		if err != nil {
			t.Fatal(err)
		}
		f.contribute(p, plain)
	}
	sum := f.sum(set)
	o, err := sum.Open(set, f.release(set, sum.Root(), who...))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(o.Vec16(), want) {
		t.Fatal("the sums are not exact")
	}
	checkOpening(t, o, who, len(set))
	return length
}

func exactStat(t *rapid.T, n int, ready []int, set crypto.Set, who []int) (integers int) {
	length := rapid.SampledFrom([]int{1, 2, 1364, 1365, 1366}).Draw(t, "length")
	bits := rapid.IntRange(1, 118).Draw(t, "bits")
	s := shapeOf(crypto.CodecStat, length, bits)
	f := newFederation(t, "stat", s, n, ready...)
	top := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	top.Sub(top, big.NewInt(1))
	want := make([]*big.Int, length)
	for i := range want {
		want[i] = new(big.Int)
	}
	for _, p := range set {
		values := make([]*big.Int, length)
		r := testRand(rapid.Uint64().Draw(t, "seed"))
		for i := range values {
			v := new(big.Int).Set(top)
			if r.IntN(3) == 0 {
				v.Rsh(v, uint(r.IntN(bits+1)))
			}
			if r.IntN(2) == 0 {
				v.Neg(v)
			}
			values[i] = v
			want[i].Add(want[i], v)
		}
		plain, err := crypto.EncodeStat(s, values)
		if err != nil {
			t.Fatal(err)
		}
		f.contribute(p, plain)
	}
	sum := f.sum(set)
	o, err := sum.Open(set, f.release(set, sum.Root(), who...))
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range o.Stat() {
		if v.Cmp(want[i]) != 0 {
			t.Fatalf("sum %d is not exact", i)
		}
	}
	checkOpening(t, o, who, len(set))
	return length
}

func checkOpening(t *rapid.T, o *crypto.Opening, who []int, n int) {
	if !slices.Equal(o.Used, who) || len(o.Wrong) != 0 || o.Contested {
		t.Fatalf("used %v and wrong %v of %v", o.Used, o.Wrong, who)
	}
	if o.CanaryMax > int64(n*eta) || o.CanaryMax == 0 || o.LowBits > int64(n*eta) || o.LowBits == 0 {
		t.Fatalf("errors of %d and %d for %d institutions", o.CanaryMax, o.LowBits, n)
	}
}

// TestLargestRoster sums extreme values of all 64 institutions.
func TestLargestRoster(t *testing.T) {
	const n = crypto.MaxInstitutions
	s := shapeOf(crypto.CodecVec16, 3, 15)
	f := newFederation(t, "64", s, n)
	set := crypto.Set(all(n))
	for _, p := range set {
		plain, err := crypto.EncodeVec16(s, []int16{32767, -32767, int16(p)})
		if err != nil {
			t.Fatal(err)
		}
		f.contribute(p, plain)
	}
	sum := f.sum(set)
	o, err := sum.Open(set, f.release(set, sum.Root(), all(f.a.Thresholds.T)...))
	if err != nil {
		t.Fatal(err)
	}
	if want := []int32{64 * 32767, -64 * 32767, 64 * 65 / 2}; !slices.Equal(o.Vec16(), want) {
		t.Errorf("the sums are %v", o.Vec16())
	}
	if o.LowBits > crypto.NoiseWarning/2 {
		t.Errorf("64 honest institutions have an error of %d, near the warning", o.LowBits)
	}
}

// TestWorkersAgree: the bytes do not depend on the number of cores.
func TestWorkersAgree(t *testing.T) {
	s := shapeOf(crypto.CodecVec16, 300_000, 15)
	f := newFederation(t, "cores", s, 4)
	values := make([]int16, 300_000)
	for i := range values {
		values[i] = int16(i)
		if i%65536 == 32768 {
			values[i] = 0
		}
	}
	plain, err := crypto.EncodeVec16(s, values)
	if err != nil {
		t.Fatal(err)
	}
	seed := newSeed(new([32]byte), f.key, f.a, 1, plain)
	poly, err := newPolynomial(seed, 3)
	if err != nil {
		t.Fatal(err)
	}
	factor := *poly.secret()
	factor.Montgomery()
	var first []byte
	for workers := 1; workers <= 5; workers++ {
		var ws []*worker
		for range workers {
			w, err := newWorker(f.a, plain, seed, &factor)
			if err != nil {
				t.Fatal(err)
			}
			ws = append(ws, w)
		}
		var b bytes.Buffer
		if err := writeParallel(ws, 5, s.Blocks(), &b); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = b.Bytes()
		}
		if !bytes.Equal(b.Bytes(), first) {
			t.Fatalf("%d workers write other bytes", workers)
		}
	}
	if len(first) != s.Blocks()*crypto.BlockSize {
		t.Errorf("%d bytes for %d blocks", len(first), s.Blocks())
	}
	broken := errors.New("no space left")
	ws := []*worker{}
	for range 3 {
		w, err := newWorker(f.a, plain, seed, &factor)
		if err != nil {
			t.Fatal(err)
		}
		ws = append(ws, w)
	}
	if err := writeParallel(ws, 5, s.Blocks(), failAfter{&broken}); !errors.Is(err, broken) {
		t.Errorf("the writer's error is lost: %v", err)
	}
}

type failAfter struct{ err *error }

func (f failAfter) Write([]byte) (int, error) { return 0, *f.err }

func TestBlocksAllocateNothing(t *testing.T) {
	s := shapeOf(crypto.CodecVec16, 1_000_000, 15)
	f := newFederation(t, "allocations", s, 4)
	plain, err := crypto.EncodeVec16(s, make([]int16, 1_000_000))
	if err != nil {
		t.Fatal(err)
	}
	seed := newSeed(new([32]byte), f.key, f.a, 1, plain)
	w, err := newWorker(f.a, plain, seed, new(crypto.Poly))
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, crypto.BlockSize)
	b := 0
	if n := testing.AllocsPerRun(100, func() { w.block(b, out); b++ }); n > 0.05 {
		t.Errorf("%v allocations a block", n)
	}
}

func TestEncryptRefuses(t *testing.T) {
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := newFederation(t, "refuse", s, 4)
	plain := stat(t, s, 5)
	for name, err := range map[string]error{
		"a stranger's point": second(Encrypt(f.a, 5, plain, f.key, io.Discard)),
		"no key":             second(Encrypt(f.a, 1, plain, NodeKey{}, io.Discard)),
		"no numbers":         second(Encrypt(f.a, 1, crypto.Plain{}, f.key, io.Discard)),
		"another shape":      second(Encrypt(f.a, 1, stat(t, shapeOf(crypto.CodecStat, 1, 21), 5), f.key, io.Discard)),
		"a bad attempt":      second(Encrypt(crypto.Attempt{}, 1, plain, f.key, io.Discard)),
	} {
		if err == nil {
			t.Errorf("%s: encrypted", name)
		}
	}
	broken := errors.New("no space left")
	if _, err := Encrypt(f.a, 1, plain, f.key, failAfter{&broken}); !errors.Is(err, broken) {
		t.Errorf("the writer's error is lost: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }
