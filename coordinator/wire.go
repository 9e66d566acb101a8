package coordinator

import (
	"errors"
	"net"
	"sync"
	"time"
)

// Bounds of one connection.
const (
	waitingBytes = 1 << 20          // of answers that the caller has not taken yet
	writeWithin  = 30 * time.Second // a few KiB on their way into the connection
	prefaceSize  = 24               // bytes before the first HTTP/2 frame of a caller
	frameHead    = 9
	frameData    = 0x0
	frameHeaders = 0x1
	smallRead    = 512 // bytes; whoever sends less in one TLS record pays for the record
)

// wire is the connection of one caller, inside TLS. It reads along with the
// HTTP/2 frames because two things that a caller can do are bounded nowhere
// above it: asking faster than anybody is served, which costs answers to calls
// that never reach a handler, and not taking answers, which grpc keeps in
// memory after the call that they belong to has ended and is counted no more.
type wire struct {
	net.Conn
	person *person
	off    defences
	leave  func()
	done   chan struct{} // closed with the connection
	within time.Duration // of a write, and for the next answer to be taken

	in, out frames // read by one goroutine each

	turn chan struct{} // whoever sends beyond waitingBytes

	mu     sync.Mutex
	queued int64 // bytes of messages handed to grpc
	sent   int64 // bytes of DATA frames that went out
	target int64 // what sent must reach before the next message beyond waitingBytes
	moved  chan struct{}
}

func newWire(conn net.Conn, p *person, off defences, within time.Duration) *wire {
	w := &wire{
		Conn: conn, person: p, off: off, within: within,
		in: frames{skip: prefaceSize}, done: make(chan struct{}),
		turn: make(chan struct{}, 1), moved: make(chan struct{}),
	}
	w.leave = sync.OnceFunc(func() {
		close(w.done)
		p.disconnect()
	})
	return w
}

// Close implements net.Conn.
func (w *wire) Close() error {
	defer w.leave()
	return w.Conn.Close()
}

// Read implements net.Conn. A caller that sends more frames than its share is
// read no further for a while: its connections fill up, and nobody else's.
func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	cost := 0
	w.in.see(b[:n], func(kind byte, _ int) {
		if cost++; kind == frameHeaders {
			cost += callCost
		}
	})
	if n < smallRead {
		cost++
	}
	w.pay(float64(cost))
	return n, err
}

// pay takes from the caller's share, and waits for it.
func (w *wire) pay(cost float64) {
	if w.off.pace {
		return
	}
	pause(w.person.frames.take(cost), w.done)
}

// Write implements net.Conn. A caller that takes nothing is cut off: answers to
// it would pile up, and grpc itself notices only that it still hears from it.
func (w *wire) Write(b []byte) (int, error) {
	if !w.off.cut {
		if err := w.Conn.SetWriteDeadline(time.Now().Add(w.within)); err != nil {
			return 0, err
		}
	}
	n, err := w.Conn.Write(b)
	sent := 0
	w.out.see(b[:n], func(kind byte, length int) {
		if kind == frameData {
			sent += length
		}
	})
	if sent > 0 {
		w.mu.Lock()
		w.sent += int64(sent)
		close(w.moved)
		w.moved = make(chan struct{})
		w.mu.Unlock()
	}
	if err != nil {
		_ = w.Close() // grpc waits for the reading side to fail as well
	}
	return n, err
}

// queue waits until a message of n bytes may be handed to grpc for sending.
// Up to waitingBytes may wait at any time; beyond that one message after the
// other, each only when as much has gone out since the last. Streams that were
// broken off leave bytes that never go out, so the count can only be too high,
// and whoever takes its answers is never held up by that. A connection on which
// nothing moves is closed.
func (w *wire) queue(n int64) error {
	if w.off.queue {
		return nil
	}
	w.mu.Lock()
	if w.queued-w.sent+n <= waitingBytes {
		w.queued += n
		w.mu.Unlock()
		return nil
	}
	w.mu.Unlock()
	timer := time.NewTimer(w.within)
	defer timer.Stop()
	select {
	case w.turn <- struct{}{}:
		defer func() { <-w.turn }()
	case <-w.done:
		return errGone
	case <-timer.C:
		return errors.Join(errGone, w.Close())
	}
	for {
		w.mu.Lock()
		if w.sent >= w.target {
			w.target, w.queued = w.sent+n, w.queued+n
			w.mu.Unlock()
			return nil
		}
		moved := w.moved
		w.mu.Unlock()
		select {
		case <-moved:
		case <-w.done:
			return errGone
		case <-timer.C:
			return errors.Join(errGone, w.Close())
		}
	}
}

var errGone = errors.New("the caller takes no answers")

// frames finds the frames in one direction of an HTTP/2 connection.
type frames struct {
	skip int // bytes before the next frame
	head [frameHead]byte
	have int
}

// see calls begin for every frame that begins in b, which follows what was seen
// before.
func (f *frames) see(b []byte, begin func(kind byte, length int)) {
	for len(b) > 0 {
		if f.skip > 0 {
			n := min(f.skip, len(b))
			f.skip -= n
			b = b[n:]
			continue
		}
		n := copy(f.head[f.have:], b)
		f.have += n
		b = b[n:]
		if f.have == frameHead {
			f.have = 0
			f.skip = int(f.head[0])<<16 | int(f.head[1])<<8 | int(f.head[2])
			begin(f.head[3], f.skip)
		}
	}
}
