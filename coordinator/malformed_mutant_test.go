package coordinator

import (
	"bytes"
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/mem"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/store"
)

// TestMalformedHasTeeth: what figure 8 says is not true of a coordinator that
// decodes as grpc does.
func TestMalformedHasTeeth(t *testing.T) {
	w := newOpenWorld(t, 3, func(c *Config) { c.off.strict = true })
	refused, _, faults := w.bombard(200, 5)
	if len(faults) == 0 {
		t.Errorf("%d malformed requests, and every answer was typed although nothing made it so", refused)
	}
	before := heap()
	held := make([][]byte, 11)
	for i := range held {
		held[i] = make([]byte, 1<<20)
	}
	if growth := heap() - before; growth <= most {
		t.Errorf("11 MiB that are held were measured as %d bytes", growth)
	}
	runtime.KeepAlive(held)
}

const moment = 700 * time.Millisecond // in which a mutant has to stay silent

// silent begins a call by name, sends nothing, and returns the code of what
// came back in time; "" for nothing.
func (w *world) silent(name, method string, wait time.Duration) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	s, err := w.raw(name).NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/"+method, grpc.ForceCodec(asIs{}))
	if err == nil {
		var b []byte
		err = s.RecvMsg(&b)
	}
	if code := api.FromStatus(err).Code(); err != nil && code != "SS6002" { // that is our own deadline
		return code
	}
	return ""
}

// A stranger is told so before it has sent anything, so it can send as little
// and as slowly as it likes and uses up nothing.
func TestStrangersAreNotListenedTo(t *testing.T) {
	w := newOpenWorld(t, 3, nil)
	for _, m := range w.methods() {
		if strings.HasPrefix(m, "grpc.health.") {
			continue // for whoever has a certificate
		}
		if got := w.silent("mallory", m, patience); got != "SS6302" {
			t.Errorf("%s by a stranger who sends nothing is answered %q", m, got)
		}
	}
	t.Run("mutant", func(t *testing.T) {
		w := newOpenWorld(t, 3, func(c *Config) { c.off.early = true })
		if got := w.silent("mallory", "smartstart.v1.Federation/Append", moment); got != "" {
			t.Errorf("without the defence the answer is %q: the test above sees nothing", got)
		}
	})
}

// A request that does not arrive in full ends the call in time.
func TestHalfRequests(t *testing.T) {
	quick := func(c *Config) { c.within, c.Idle = 200*time.Millisecond, 200*time.Millisecond }
	w := newOpenWorld(t, 3, quick)
	for method, want := range map[string]string{"Append": "SS6208", "Checkpoint": "SS6208", "Follow": "SS6208", "GetBlob": "SS6208", "PutBlob": "SS6409"} {
		if got := w.silent("board01", "smartstart.v1.Federation/"+method, patience); got != want {
			t.Errorf("%s without a request is answered %q, want %q", method, got, want)
		}
	}
	t.Run("mutant", func(t *testing.T) {
		w := newOpenWorld(t, 3, func(c *Config) { quick(c); c.off.early, c.off.strict = true, true })
		for _, method := range []string{"Append", "Follow"} {
			if got := w.silent("board01", "smartstart.v1.Federation/"+method, moment); got != "" {
				t.Errorf("without the defence %s is answered %q: the test above sees nothing", method, got)
			}
		}
	})
}

// A request of many small parts is refused before it is decoded into fifty
// times its size.
func TestManySmallParts(t *testing.T) {
	data := mem.BufferSlice{mem.SliceBuffer(strings.Repeat("\x12\x00", 150_000))}
	took := func(into any) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := (strict{}).Unmarshal(data, into); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	e := &envelope{message: new(api.JoinRequest)}
	if n := took(e); n > 1<<20 || e.err == nil || outward(e.err).Class != api.Invalid {
		t.Errorf("decoding took %d bytes and ended with %v", n, e.err)
	}
	if n := took(new(api.JoinRequest)); n < 10<<20 {
		t.Errorf("without the defence it takes %d bytes: the test above sees nothing", n)
	}
}

// A panic in a rule ends the call that met it. Everything else goes on: the lock
// is free, and the sequencer takes the next statement.
func TestPanicInARule(t *testing.T) {
	bad := []byte("this one panics")
	start := func(off bool) (*script, *sequencer) {
		s := newScript(t, 2)
		q, _ := s.sequencer(t, store.NewMemory())
		q.off.calm = off
		q.judge = func(st *audit.State, leaf []byte) (*audit.Statement, error) {
			if bytes.Equal(leaf, bad) {
				panic("a defect")
			}
			return st.Check(leaf)
		}
		return s, q
	}
	look := func(q *sequencer) (free bool) {
		defer func() {
			if recover() == nil {
				t.Error("the rule did not panic")
			}
			if free = q.mu.TryLock(); free {
				q.mu.Unlock()
			}
		}()
		_, _, _ = q.look(bad)
		return false
	}
	sequence := func(q *sequencer) {
		r := &request{leaf: bad, answer: make(chan answer, 1)}
		q.queue <- r
		if a := <-r.answer; a.err == nil {
			t.Error("a statement that panics has a place")
		}
	}

	s, q := start(false)
	if !look(q) {
		t.Error("the lock is held for ever after a panic")
	}
	sequence(q)
	if _, err := q.Append(t.Context(), s.leaves[0]); err != nil {
		t.Errorf("an honest statement after it: %v", err)
	}
	t.Run("mutant", func(t *testing.T) {
		s, q := start(true)
		sequence(q)
		if _, err := q.Append(t.Context(), s.leaves[0]); err == nil {
			t.Error("without the defence an honest statement gets through: the test above sees nothing")
		}
		if look(q) {
			t.Error("without the defence the lock is free: the test above sees nothing")
		}
		q.mu.RUnlock()
	})
}
