// Package mutate holds a decoder of bytes from outside against very many
// spoilt inputs, for tests: only _test files may import it.
//
// Go's own fuzzing looks for new code paths and makes some ten thousand
// executions a second. Run looks at nothing and makes up to a million, so that
// both together reach far: the same Decoder serves `go test -fuzz` and a test.
//
//	func decoder(t testing.TB) mutate.Decoder { ... }
//	func FuzzX(f *testing.F)           { decoder(f).Fuzz(f) }
//	func TestMutateX(t *testing.T)     { decoder(t).Run(t) }
//
// The inputs follow from -mutationseed and the name of the test alone, so a run
// can be had again, and another seed is another run.
package mutate

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
)

var (
	mutations    = flag.Int("mutations", 0, "spoilt inputs for each decoder; 0: 100,000, a tenth under -short, a tenth if it is slow")
	mutationSeed = flag.Uint64("mutationseed", 1, "which spoilt inputs")
)

// Memory bounds what one call may allocate: Fixed bytes, and PerByte for each
// byte of the input.
type Memory struct{ PerByte, Fixed uint64 }

// Usual is the bound of a decoder that names none.
var Usual = Memory{PerByte: 64, Fixed: 1 << 20}

func (m Memory) of(b []byte) uint64 { return m.Fixed + m.PerByte*uint64(len(b)) }

// Decoder is what is held against spoilt inputs.
type Decoder struct {
	// Seeds are inputs to begin with, good ones among them.
	Seeds [][]byte
	// Check decodes b, fails t if anything is wrong with what comes out, and
	// reports whether b was accepted. It must not keep or change b.
	Check func(t testing.TB, b []byte) (accepted bool)
	// Memory bounds one Check; zero is Usual.
	Memory Memory
	// Slow says that a Check takes long, so that without -mutations only a tenth
	// of the inputs are made.
	Slow bool
}

// Fuzz runs Go's own fuzzing.
func (d Decoder) Fuzz(f *testing.F) {
	for _, s := range d.Seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, b []byte) { d.Check(t, b) })
}

// Run checks the seeds, what testdata/fuzz holds for the decoder, and as many
// spoilt inputs as -mutations says. The test must be called TestMutateX for a
// target FuzzX, and must not run in parallel: what others allocate would count.
//
// An input for which Check fails, panics or allocates too much is written to
// testdata/fuzz/FuzzX, so that go test repeats it, and ends the run. What
// cannot be caught (a stack that overflows, no memory left, a test that is
// ended for its time) leaves the input in a file mutate-TestMutateX-* in the
// folder for temporary files: its length as 8 bytes, little endian, and itself.
func (d Decoder) Run(t testing.TB) {
	t.Helper()
	n := *mutations
	if n == 0 {
		n = 100_000
		if testing.Short() {
			n /= 10
		}
		if d.Slow {
			n /= 10
		}
	}
	target := "Fuzz" + strings.TrimPrefix(t.Name(), "TestMutate")
	seeds := append(append([][]byte{}, d.Seeds...), corpus(t, target)...)
	name := fnv.New64a()
	name.Write([]byte(t.Name()))
	r := &run{Decoder: d, t: t, target: target}
	if r.Memory == (Memory{}) {
		r.Memory = Usual
	}
	r.keep = newKeeper(t)
	defer r.finish()
	began := time.Now()
	for _, s := range seeds {
		r.call(s)
	}
	m := newMutator(rand.New(rand.NewPCG(*mutationSeed, name.Sum64())), seeds)
	for range n {
		b := m.next()
		if r.call(b) {
			m.accepted(b)
		}
	}
	t.Logf("%d executions, %d accepted; allocated on average %d bytes, at most %d in a call (an input of %d bytes); %.0f executions/s",
		r.calls, r.accepted, r.allocated()/uint64(max(1, r.calls)), r.worst, r.worstInput, float64(r.calls)/time.Since(began).Seconds())
}

// run is one Run.
type run struct {
	Decoder
	t      testing.TB
	target string
	keep   *keeper

	input    []byte // of the call that is going on
	inside   bool   // a call is going on
	calls    int
	accepted int

	sample     [1]metrics.Sample
	before     uint64 // allocated by the process before the call
	first      uint64 // and before the first
	looked     uint64 // the largest reading that was measured again
	worst      uint64 // bytes of one call, on average over some
	worstInput int
}

// call makes one call and accounts for it.
func (r *run) call(b []byte) bool {
	if r.calls == 0 {
		r.first = r.total()
		r.before = r.first
	}
	r.calls++
	r.keep.set(b)
	ok := r.check(b)
	if ok {
		r.accepted++
	}
	now := r.total()
	took := now - r.before
	if took > r.looked || took > r.Memory.of(b) {
		r.again(b, took)
		now = r.total()
	}
	r.before = now
	return ok
}

func (r *run) check(b []byte) bool {
	r.input, r.inside = b, true
	ok := r.Check(r.t, b)
	r.inside = false
	if r.t.Failed() {
		r.report("the check failed")
	}
	return ok
}

// again measures a call that seems to have allocated more than any before. One
// reading can hold what the runtime did beside, so several calls are averaged.
func (r *run) again(b []byte, reading uint64) {
	times := uint64(4)
	if reading < 1<<16 {
		times = 64 // small memory is counted by the page
	}
	r.looked = max(r.looked, reading)
	before := r.total()
	for range times {
		r.check(b)
	}
	average := (r.total() - before) / times
	if average > r.worst {
		r.worst, r.worstInput = average, len(b)
	}
	if most := r.Memory.of(b); average > most {
		r.report(fmt.Sprintf("a call allocates %d bytes for an input of %d; at most %d are allowed", average, len(b), most))
	}
}

// total returns how many bytes the process has allocated so far.
func (r *run) total() uint64 {
	r.sample[0].Name = "/gc/heap/allocs:bytes"
	metrics.Read(r.sample[:])
	return r.sample[0].Value.Uint64()
}

func (r *run) allocated() uint64 { return r.total() - r.first }

// report ends the run over the input of the last call.
func (r *run) report(what string) {
	r.t.Helper()
	r.inside = false
	r.t.Fatalf("%s after %d executions (-mutationseed %d)\n%s", what, r.calls, *mutationSeed, describe(r.target, r.input))
}

// finish says which input it was when Check panicked or ended the test.
func (r *run) finish() {
	r.keep.close()
	if what := recover(); what != nil {
		r.report(fmt.Sprintf("panic: %v\n%s", what, debug.Stack()))
	}
	if r.inside {
		r.t.Logf("the check failed after %d executions (-mutationseed %d)\n%s", r.calls, *mutationSeed, describe(r.target, r.input))
	}
}
