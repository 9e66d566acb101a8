package coordinator

import (
	"bytes"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
)

// enemy connects as the party called name.
func (w *world) enemy(name string, settings ...http2.Setting) *enemy {
	w.t.Helper()
	cert, err := w.authority.IssueClient(name)
	if err != nil {
		w.t.Fatal(err)
	}
	e, err := newEnemy(w.ctx(), w.address, ca.TLSClient(w.authority.Pool(), cert, "localhost"), settings...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = e.Close() })
	return e
}

// blob uploads content as board01 and returns the request for all of it.
func (w *world) blob(n int) *api.GetBlobRequest {
	w.t.Helper()
	content := random(n)
	d := crypto.DigestOf(content)
	if err := w.client("board01").PutBlob(w.ctx(), d, int64(n), bytes.NewReader(content)); err != nil {
		w.t.Fatal(err)
	}
	return &api.GetBlobRequest{Digest: d[:], Length: -1}
}

const getBlob = "smartstart.v1.Federation/GetBlob"

// A caller that asks and lets the answers lie cannot fill the memory with them:
// grpc keeps them after the calls that we count have ended.
func TestAnswersThatNobodyTakes(t *testing.T) {
	const connections, streams = 6, 32
	grows := func(off bool) int64 {
		w := newWorld(t, 3, func(c *Config) { c.off.queue = off })
		w.found()
		get := w.blob(api.MaxPiece)
		before := heap()
		for range connections {
			e := w.enemy("board01", http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
			go e.read(nil)
			for range streams {
				if err := e.ask(getBlob, get); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Millisecond) // the call ends, and makes room for the next
			}
		}
		time.Sleep(200 * time.Millisecond)
		return heap() - before
	}
	if n := grows(false); n > 24<<20 {
		t.Errorf("the memory grew by %d KiB", n>>10)
	}
	t.Run("mutant", func(t *testing.T) {
		if n := grows(true); n < 30<<20 {
			t.Errorf("without the defence the memory grew by %d KiB: the test above sees nothing", n>>10)
		}
	})
}

// A caller that reads nothing at all is cut off although it is heard from.
func TestCallerThatReadsNothing(t *testing.T) {
	stays := func(off bool) bool {
		w := newWorld(t, 3, func(c *Config) { c.Idle = 700 * time.Millisecond; c.off.queue, c.off.cut = true, off })
		w.found()
		get := w.blob(4 << 20)
		e := w.enemy("board02", http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
		if err := e.framer.WriteWindowUpdate(0, 1<<30); err != nil {
			t.Fatal(err)
		}
		var gone atomic.Bool
		go func() {
			for range 2000 {
				if e.ask(getBlob, get) != nil {
					gone.Store(true)
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		}()
		wait := patience
		if off {
			wait = 2 * time.Second // in vain
		}
		return !within(wait, gone.Load)
	}
	if stays(false) {
		t.Error("the connection is open still")
	}
	t.Run("mutant", func(t *testing.T) {
		if !stays(true) {
			t.Error("without the defence the connection is cut: the test above sees nothing")
		}
	})
}

// Whoever sends more frames than its share is read more slowly, whatever the
// frames are.
func TestPace(t *testing.T) {
	took := func(off bool) time.Duration {
		here, there := net.Pipe()
		p := &person{frames: newBucket(2000, 50)}
		w := newWire(here, p, defences{pace: off}, time.Second)
		defer w.Close()
		go func() {
			_, _ = io.WriteString(there, http2.ClientPreface)
			f := http2.NewFramer(there, nil)
			for range 60 { // each 21 and 1
				_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte("x"), EndHeaders: true})
			}
			_ = there.Close()
		}()
		began := time.Now()
		if _, err := io.Copy(io.Discard, w); err != nil {
			t.Fatal(err)
		}
		return time.Since(began)
	}
	if d := took(false); d < 500*time.Millisecond {
		t.Errorf("1,270 frames' worth at 2,000 a second took %v", d)
	}
	if d := took(true); d > 400*time.Millisecond {
		t.Errorf("without the defence it took %v: the test above sees nothing", d)
	}
}

// What a stream may send before it is read is said once and does not grow.
func TestWindows(t *testing.T) {
	announced := func(off bool) uint32 {
		w := newWorld(t, 3, func(c *Config) { c.off.windows = off })
		e := w.enemy("operator")
		got := make(chan uint32, 100)
		go e.read(func(f http2.Frame) {
			if s, ok := f.(*http2.SettingsFrame); ok && !s.IsAck() {
				v, _ := s.Value(http2.SettingInitialWindowSize)
				got <- v
			}
		})
		return <-got
	}
	if n := announced(false); n != 256<<10 {
		t.Errorf("a stream may send %d bytes unread", n)
	}
	if n := announced(true); n == 256<<10 {
		t.Error("without the defence it is the same: the test above sees nothing")
	}
}

// Frames are found wherever they are cut apart.
func TestFrames(t *testing.T) {
	var b bytes.Buffer
	f := http2.NewFramer(&b, nil)
	_ = f.WriteData(1, false, make([]byte, 300))
	_ = f.WritePing(false, [8]byte{})
	_ = f.WriteData(1, true, nil)
	_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: []byte("abc"), EndHeaders: true})
	for cut := 1; cut < b.Len(); cut++ {
		var p frames
		var got []int
		for rest := b.Bytes(); len(rest) > 0; rest = rest[min(cut, len(rest)):] {
			p.see(rest[:min(cut, len(rest))], func(kind byte, n int) { got = append(got, int(kind)*1000+n) })
		}
		if len(got) != 4 || got[0] != 300 || got[1] != 6008 || got[2] != 0 || got[3] != 1003 {
			t.Fatalf("cut at every %d bytes: %v", cut, got)
		}
	}
}

// One caller in a hurry is not held up by streams that it broke off: their
// bytes never go out, and are counted as if they were still to go.
func TestBrokenStreamsHoldNobodyUp(t *testing.T) {
	here, there := net.Pipe()
	go func() { _, _ = io.Copy(io.Discard, there) }()
	w := newWire(here, &person{frames: newBucket(1e9, 1e9)}, defences{}, 5*time.Second)
	defer w.Close()
	if err := w.queue(waitingBytes); err != nil { // and it is broken off
		t.Fatal(err)
	}
	f := http2.NewFramer(w, nil)
	began := time.Now()
	for range 50 {
		if err := w.queue(10 << 10); err != nil {
			t.Fatal(err)
		}
		if err := f.WriteData(1, false, make([]byte, 10<<10)); err != nil {
			t.Fatal(err)
		}
	}
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("50 messages took %v", d)
	}
}
