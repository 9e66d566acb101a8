package coordinator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/store"
)

// gate is a Store whose commits a test holds up, counts and breaks.
type gate struct {
	*store.Memory
	enter chan int // gets each commit's size when it begins
	leave chan error
}

func newGate() *gate {
	return &gate{store.NewMemory(), make(chan int), make(chan error)}
}

func (g *gate) Append(ctx context.Context, e []store.Entry) error {
	g.enter <- len(e)
	if err := <-g.leave; err != nil {
		return err
	}
	return g.Memory.Append(ctx, e)
}

type outcome struct {
	index int64
	err   error
}

func appendAsync(q *sequencer, leaf []byte) chan outcome {
	done := make(chan outcome, 1)
	go func() {
		i, err := q.Append(context.Background(), leaf)
		done <- outcome{i, err}
	}()
	return done
}

func TestSameBytesSameIndex(t *testing.T) {
	s := newScript(t, 6)
	mem := store.NewMemory()
	q, end := s.sequencer(t, mem)
	for restart := range 2 {
		for i, leaf := range s.leaves {
			for range 2 {
				if at, err := q.Append(t.Context(), leaf); err != nil || at != int64(i) {
					t.Fatalf("start %d, leaf %d: %d, %v", restart, i, at, err)
				}
			}
		}
		if n, _ := mem.Size(t.Context()); n != 6 {
			t.Fatalf("%d entries", n)
		}
		end()
		q, end = s.sequencer(t, mem)
	}
}

// Nothing is acknowledged, shown to a follower, or refused because of an entry
// before that entry is durable; what waits goes into one commit.
func TestNothingBeforeTheCommit(t *testing.T) {
	s := newScript(t, 4)
	g := newGate()
	q, _ := s.sequencer(t, g)
	charter := appendAsync(q, s.leaves[0])
	if n := <-g.enter; n != 1 {
		t.Fatalf("first commit of %d", n)
	}
	// While the charter is under way: the same again, and one that does not fit.
	again := appendAsync(q, s.leaves[0])
	wrong := appendAsync(q, s.leaves[2])
	shown := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		_ = q.Follow(ctx, 0, func(int64, [][]byte, []byte) error { close(shown); return errors.New("enough") })
	}()
	select {
	case o := <-charter:
		t.Fatalf("acknowledged before the commit: %+v", o)
	case o := <-again:
		t.Fatalf("the same bytes acknowledged before the commit: %+v", o)
	case o := <-wrong:
		t.Fatalf("refused before the commit: %+v", o)
	case <-shown:
		t.Fatal("shown before the commit")
	case <-time.After(100 * time.Millisecond):
	}
	g.leave <- nil
	if o := <-charter; o.err != nil || o.index != 0 {
		t.Fatalf("%+v", o)
	}
	if o := <-again; o.err != nil || o.index != 0 {
		t.Fatalf("the same bytes: %+v", o)
	}
	var r *audit.Refusal
	if o := <-wrong; !errors.As(o.err, &r) {
		t.Fatalf("a statement out of order: %+v", o)
	}
	<-shown
}

func TestGroupCommit(t *testing.T) {
	s := newScript(t, 2)
	g := newGate()
	q, _ := s.sequencer(t, g)
	first := appendAsync(q, s.leaves[0])
	<-g.enter
	// Requests of one batch are judged one after the other, against each other.
	var waiting []chan outcome
	for range 5 {
		r := &request{leaf: s.leaves[1], answer: make(chan answer, 1)}
		done := make(chan outcome, 1)
		waiting = append(waiting, done)
		go func() {
			q.queue <- r
			a := <-r.answer
			done <- outcome(a)
		}()
	}
	time.Sleep(50 * time.Millisecond) // let all five wait
	g.leave <- nil
	<-first
	if n := <-g.enter; n != 1 {
		t.Fatalf("five times the same bytes became %d entries", n)
	}
	g.leave <- nil
	for _, w := range waiting {
		if o := <-w; o.err != nil || o.index != 1 {
			t.Fatalf("%+v", o)
		}
	}
}

func TestCommitFailureStops(t *testing.T) {
	s := newScript(t, 3)
	g := newGate()
	q, _ := s.sequencer(t, g)
	ok := appendAsync(q, s.leaves[0])
	<-g.enter
	g.leave <- nil
	<-ok
	lost := appendAsync(q, s.leaves[1])
	<-g.enter
	behind := appendAsync(q, s.leaves[2]) // refused only because leaf 1 is not there
	g.leave <- errors.New("no space left on device")
	for what, c := range map[string]chan outcome{"the lost one": lost, "one behind it": behind} {
		o := <-c
		e := outward(o.err)
		if e == nil || e.Class != api.Internal && e.Class != api.Refused || what == "the lost one" && e.Code() != "SS6202" {
			t.Errorf("%s: %+v", what, o)
		}
	}
	<-q.done
	if _, err := q.Append(t.Context(), s.leaves[1]); outward(err).Code() != "SS6202" {
		t.Errorf("after the failure: %v", err)
	}
	if err := q.Follow(t.Context(), 1, nil); outward(err).Code() != "SS6202" {
		t.Errorf("a follower after the failure: %v", err)
	}
	if n, _ := g.Size(t.Context()); n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestPages(t *testing.T) {
	s := newScript(t, 600)
	mem := store.NewMemory()
	if err := mem.Append(t.Context(), s.entries); err != nil {
		t.Fatal(err)
	}
	q, _ := s.sequencer(t, mem)
	st := audit.NewState(origin, s.self.public)
	enough := errors.New("enough")
	pages := 0
	for _, from := range []int64{0, 599} {
		err := q.Follow(t.Context(), from, func(at int64, leaves [][]byte, signed []byte) error {
			pages++
			if len(leaves) > api.MaxPage {
				t.Errorf("a page of %d", len(leaves))
			}
			for i, leaf := range leaves {
				if !bytes.Equal(leaf, s.leaves[at+int64(i)]) {
					t.Fatalf("entry %d differs", at+int64(i))
				}
				if at+int64(i) == st.Head().Size {
					st.Apply(leaf)
				}
			}
			head, err := st.VerifyCheckpoint(signed)
			if err != nil || head.Size != at+int64(len(leaves)) {
				t.Fatalf("the page from %d ends at %d: %v", at, head.Size, err)
			}
			if head.Size == 600 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) {
			t.Fatal(err)
		}
	}
	if pages != 4 {
		t.Errorf("%d pages for 600 entries and then 1", pages)
	}
	refused(t, "beyond the log", outward(q.Follow(t.Context(), 601, nil)), "SS6203")
	refused(t, "before the log", outward(q.Follow(t.Context(), -1, nil)), "SS6103")
}

// A follower that stands still holds nobody up.
func TestSlowFollower(t *testing.T) {
	s := newScript(t, 50)
	q, _ := s.sequencer(t, store.NewMemory())
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			_ = q.Follow(ctx, 0, func(int64, [][]byte, []byte) error { <-ctx.Done(); return ctx.Err() })
		})
	}
	start := time.Now()
	for _, leaf := range s.leaves {
		if _, err := q.Append(t.Context(), leaf); err != nil {
			t.Fatal(err)
		}
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("50 entries beside 20 stopped followers took %v", d)
	}
	cancel()
	wg.Wait()
}

// BenchmarkRestart opens a coordinator over a kept log of 10^4 entries until
// it can answer with its checkpoint.
func BenchmarkRestart(b *testing.B) {
	const n = 10_000
	s := newScript(b, n)
	cfg := s.config()
	cfg.Dir = b.TempDir()
	st, err := store.OpenSQLite(b.Context(), cfg.Dir+"/log", origin)
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(st.Append(b.Context(), s.entries), st.Close()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c, err := Open(cfg)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := c.Checkpoint(b.Context()); err != nil || c.seq.size != n {
			b.Fatal(err, c.seq.size)
		}
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAppend sequences one statement at a time, durably, beside followers
// that read every page.
func BenchmarkAppend(b *testing.B) {
	for _, followers := range []int{0, 30} {
		b.Run(fmt.Sprintf("followers%d", followers), func(b *testing.B) {
			s := newScript(b, b.N+1)
			st, err := store.OpenSQLite(b.Context(), b.TempDir(), origin)
			if err != nil {
				b.Fatal(err)
			}
			q, end := s.sequencer(b, st)
			var wg sync.WaitGroup
			for range followers {
				wg.Go(func() {
					enough := errors.New("enough")
					_ = q.Follow(b.Context(), 0, func(from int64, leaves [][]byte, _ []byte) error {
						if from+int64(len(leaves)) == int64(len(s.leaves)) {
							return enough
						}
						return nil
					})
				})
			}
			b.ResetTimer()
			for _, leaf := range s.leaves {
				if _, err := q.Append(b.Context(), leaf); err != nil {
					b.Fatal(err)
				}
			}
			wg.Wait()
			b.StopTimer()
			end()
			_ = st.Close()
		})
	}
}
