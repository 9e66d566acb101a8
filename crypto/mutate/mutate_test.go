package mutate

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

// spy is a test that may fail without this one failing.
type spy struct {
	testing.TB
	name   string
	said   strings.Builder
	failed bool
}

func (s *spy) Name() string                 { return s.name }
func (s *spy) Failed() bool                 { return s.failed }
func (s *spy) Logf(f string, args ...any)   { fmt.Fprintf(&s.said, f+"\n", args...) }
func (s *spy) Errorf(f string, args ...any) { s.failed = true; s.Logf(f, args...) }
func (s *spy) Fatalf(f string, args ...any) {
	s.Errorf(f, args...)
	runtime.Goexit()
}

// watch runs a decoder on a spy, in a folder of its own.
func watch(t *testing.T, d Decoder) *spy {
	t.Helper()
	t.Chdir(t.TempDir())
	before := *mutations
	*mutations = 100_000 // also under -short
	defer func() { *mutations = before }()
	s := &spy{TB: t, name: "TestMutateSpy"}
	done := make(chan struct{})
	go func() {
		defer close(done)
		d.Run(s)
	}()
	<-done
	return s
}

// saved returns the one input that a run saved.
func saved(t *testing.T) []byte {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "fuzz", "FuzzSpy", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("saved %v, %v", files, err)
	}
	all := corpus(t, "FuzzSpy")
	return all[0]
}

// A format of a magic number, a length and as many bytes.
var good = append([]byte("SSXX\x08\x00\x00\x00"), "01234567"...)

func header(b []byte) (length int, rest []byte, ok bool) {
	if len(b) < 8 || string(b[:4]) != "SSXX" {
		return 0, nil, false
	}
	return int(binary.LittleEndian.Uint32(b[4:])), b[8:], true
}

// TestFindsPanic: a decoder that believes its length by one byte too many, and
// only in inputs that are otherwise right: of random changes to the bytes of a
// length few hit it, of random inputs one in 2^56.
func TestFindsPanic(t *testing.T) {
	decode := func(_ testing.TB, b []byte) bool {
		n, rest, ok := header(b)
		if !ok || n > len(rest)+1 {
			return false
		}
		return len(rest) == 0 || rest[:n:n] != nil
	}
	s := watch(t, Decoder{Seeds: [][]byte{good}, Check: decode})
	if !s.failed || !strings.Contains(s.said.String(), "slice bounds out of range") {
		t.Fatalf("not found:\n%s", s.said.String())
	}
	n, rest, ok := header(saved(t))
	if !ok || n != len(rest)+1 {
		t.Errorf("saved %q", saved(t))
	}
	if !strings.Contains(s.said.String(), "mutate_test.go") {
		t.Error("the report does not say where the panic was")
	}
}

// TestFindsRarePanic: two changes that are each one in a thousand must come
// together, and nothing else change.
func TestFindsRarePanic(t *testing.T) {
	decode := func(_ testing.TB, b []byte) bool {
		n, rest, ok := header(b)
		if !ok || n != len(rest) {
			return false
		}
		if len(rest) >= 8 && rest[0] >= 0xf0 && rest[7] >= 0xf0 {
			panic("a combination")
		}
		return true
	}
	s := watch(t, Decoder{Seeds: [][]byte{good}, Check: decode})
	if !s.failed || !strings.Contains(s.said.String(), "a combination") {
		t.Fatalf("not found:\n%s", s.said.String())
	}
}

var sink []byte

// TestFindsForgedLength: memory is taken for a length that is only announced.
func TestFindsForgedLength(t *testing.T) {
	decode := func(bound int) func(testing.TB, []byte) bool {
		return func(_ testing.TB, b []byte) bool {
			n, rest, ok := header(b)
			if !ok || n > bound {
				return false
			}
			sink = make([]byte, n)
			return copy(sink, rest) == n
		}
	}
	s := watch(t, Decoder{Seeds: [][]byte{good}, Check: decode(1 << 26)})
	if !s.failed || !strings.Contains(s.said.String(), "a call allocates") {
		t.Fatalf("not found:\n%s", s.said.String())
	}
	if n, rest, ok := header(saved(t)); !ok || n < 1<<20 || len(rest) > 100 {
		t.Errorf("saved an input of %d bytes that announces %d", len(rest), n)
	}
	if s := watch(t, Decoder{Seeds: [][]byte{good}, Check: decode(1 << 16)}); s.failed {
		t.Errorf("a bounded decoder was refused:\n%s", s.said.String())
	}
}

// TestFindsFailure: what Check itself finds wrong is saved too, whether it ends
// the test or not.
func TestFindsFailure(t *testing.T) {
	for name, fail := range map[string]func(testing.TB){
		"Fatalf": func(t testing.TB) { t.Fatalf("wrong") },
		"Errorf": func(t testing.TB) { t.Errorf("wrong") },
	} {
		t.Run(name, func(t *testing.T) {
			s := watch(t, Decoder{Seeds: [][]byte{good}, Check: func(t testing.TB, b []byte) bool {
				if len(b) == 11 {
					fail(t)
				}
				return true
			}})
			if !s.failed || len(saved(t)) != 11 {
				t.Errorf("not found:\n%s", s.said.String())
			}
		})
	}
}

// TestCounts: as many inputs as are asked for, fewer of a slow decoder, and
// each counted once.
func TestCounts(t *testing.T) {
	before := *mutations
	defer func() { *mutations = before }()
	usual := 100_000
	if testing.Short() {
		usual = 10_000
	}
	for _, c := range []struct {
		asked int
		slow  bool
		want  int
	}{{0, false, usual}, {0, true, usual / 10}, {5000, true, 5000}, {1, false, 1}} {
		*mutations = c.asked
		n := 0
		s := &spy{TB: t, name: "TestMutateSpy"}
		Decoder{Seeds: [][]byte{good}, Slow: c.slow, Check: func(testing.TB, []byte) bool { n++; return true }}.Run(s)
		// An input is called again when its memory is measured.
		if said := fmt.Sprintf("%d executions", 1+c.want); n < 1+c.want || !strings.HasPrefix(s.said.String(), said) {
			t.Errorf("asked for %d, slow %v: %d calls, %q", c.asked, c.slow, n, s.said.String())
		}
	}
}

// TestRunsAgain: the same seed gives the same inputs, another gives others, and
// what a run saved is checked first by the next.
func TestRunsAgain(t *testing.T) {
	inputs := func(seed uint64) (all [][]byte) {
		m := newMutator(rand.New(rand.NewPCG(seed, 0)), [][]byte{good, []byte("a = 17\n")})
		for i := range 2000 {
			b := m.next()
			all = append(all, bytes.Clone(b))
			if i%3 == 0 {
				m.accepted(b)
			}
		}
		return all
	}
	same := func(a, b [][]byte) bool { return bytes.Equal(bytes.Join(a, nil), bytes.Join(b, nil)) }
	if one := inputs(1); !same(one, inputs(1)) || same(one, inputs(2)) {
		t.Error("the inputs do not follow from the seed")
	}
	t.Chdir(t.TempDir())
	odd := []byte("\x00\xff\"`\n\u2028)")
	if s := describe("FuzzSpy", odd); !strings.Contains(s, "FuzzSpy") {
		t.Error(s)
	}
	if all := corpus(t, "FuzzSpy"); len(all) != 1 || !bytes.Equal(all[0], odd) {
		t.Errorf("%q comes back as %q", odd, all)
	}
}

// TestInputsReachFar: inputs are near a seed mostly, and sometimes large.
func TestInputsReachFar(t *testing.T) {
	m := newMutator(rand.New(rand.NewPCG(1, 1)), [][]byte{good})
	large, cut, untouched := 0, 0, 0
	for range 200_000 {
		b := m.next()
		switch {
		case len(b) == junkMost || len(b) > junkMost/2:
			large++
		case len(b) < len(good):
			cut++
		}
		if len(b) > m.most && len(b) < m.most/2 || len(b) > 2*junkMost {
			t.Fatalf("%d bytes", len(b))
		}
		if bytes.HasPrefix(b, good[:8]) {
			untouched++
		}
	}
	if large < 2 || cut < 20_000 || untouched < 40_000 {
		t.Errorf("%d large, %d cut short, %d with the seed's head", large, cut, untouched)
	}
}

// TestKeepsInput: while a call goes on its input is in a file, whole.
func TestKeepsInput(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("TMP", os.Getenv("TMPDIR"))
	n := 0
	watch(t, Decoder{Seeds: [][]byte{good, good[:3], bytes.Repeat(good, 9)}, Check: func(t testing.TB, b []byte) bool {
		if n++; n > 200 {
			return false
		}
		files, err := filepath.Glob(filepath.Join(os.TempDir(), "mutate-TestMutateSpy-*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		kept, err := os.ReadFile(files[0])
		if err != nil || len(kept) < 8+len(b) || binary.LittleEndian.Uint64(kept) != uint64(len(b)) || !bytes.Equal(kept[8:8+len(b)], b) {
			t.Fatalf("%q is not what is kept: %v", b, err)
		}
		return false
	}})
	if left, _ := filepath.Glob(filepath.Join(os.TempDir(), "mutate-*")); len(left) > 0 {
		t.Errorf("%v is left over", left)
	}
}

// recurse does not end for an input of any length but none.
func recurse(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	return 1 + recurse(b)
}

// TestMutateDeath: a stack that overflows ends the process at once, and the
// input is left in a file.
func TestMutateDeath(t *testing.T) {
	const dying = "MUTATE_TEST_DYING"
	if os.Getenv(dying) != "" {
		debug.SetMaxStack(1 << 20)
		Decoder{Seeds: [][]byte{good}, Check: func(_ testing.TB, b []byte) bool {
			return len(b) == 9 && recurse(b) > 0
		}}.Run(t)
		return
	}
	dir := t.TempDir()
	c := exec.Command(os.Args[0], "-test.run", "^TestMutateDeath$")
	c.Env = append(os.Environ(), dying+"=1", "TMPDIR="+dir, "TMP="+dir)
	if out, err := c.CombinedOutput(); err == nil || !bytes.Contains(out, []byte("stack overflow")) {
		t.Fatalf("it lives: %v\n%.2000s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(dir, "mutate-TestMutateDeath-*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	if kept, err := os.ReadFile(files[0]); err != nil || binary.LittleEndian.Uint64(kept) != 9 {
		t.Errorf("kept %v, %v", kept[:min(len(kept), 32)], err)
	}
}
