package coordinator

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// force puts a leaf past the checks of blobs: what would happen without them.
func (w *world) force(leaf []byte) {
	w.t.Helper()
	r := &request{leaf: leaf, answer: make(chan answer, 1)}
	w.c.seq.queue <- r
	if a := <-r.answer; a.err != nil {
		w.t.Fatal(a.err)
	}
}

// restamp gives frames or a release the header of another point.
func restamp(b []byte, point byte) []byte {
	b = bytes.Clone(b)
	b[44] = point
	return b
}

func TestUpdatesNeedTheirBlobs(t *testing.T) {
	w := newWorld(t, 4, nil)
	w.found()
	w.propose("s")
	r := w.round("s", 1, 1)
	r.ready()
	frames, sealed := r.seal(1)
	board := w.boards[0]
	try := func(what, code string, body *audit.Update) {
		t.Helper()
		_, err := w.client(board).Append(w.ctx(), w.leaf(board, r.h, body))
		refused(t, what, err, code)
	}
	try("without blobs", "SS6501", r.body(frames, sealed))
	r.put(board, frames)
	try("without boxes", "SS6501", r.body(frames, sealed))
	r.put(board, sealed.Boxes)
	r.put(board, sealed.Projection)

	word := bytes.Clone(frames)
	for i := range 8 { // a word that is not below q
		word[crypto.HeaderSize+i] = 0xff
	}
	copied := restamp(frames, 2)
	for what, bad := range map[string][]byte{"a word above q": word, "frames of another point": copied} {
		r.put(board, bad)
		try(what, "SS6503", r.body(bad, sealed))
	}
	small := frames[:len(frames)-1]
	r.put(board, small)
	lying := r.body(small, sealed)
	lying.Frames.Size++
	try("another size than said", "SS6502", lying)

	swapped := r.body(frames, sealed)
	swapped.BoxDigests = slices.Clone(swapped.BoxDigests)
	swapped.BoxDigests[0], swapped.BoxDigests[1] = swapped.BoxDigests[1], swapped.BoxDigests[0]
	try("boxes in another order", "SS6504", swapped)

	w.say(board, r.h, r.body(frames, sealed)) // and the honest one is taken
}

// Only one update of a seat gets its place, and only its blobs leave the quota:
// what is sent beside it counts on, or one member could fill the disk.
func TestOnlyPlacedBlobsAreFree(t *testing.T) {
	const quota = 4 << 20
	w := newWorld(t, 4, func(c *Config) { c.Quota, c.MaxBlob = quota, quota })
	w.found()
	w.propose("s")
	r := w.round("s", 1, 1)
	r.ready()
	board := w.boards[0]
	const many = 6
	var bodies []*audit.Update
	each := int64(0) // what frames, boxes and projection count for
	for range many {
		frames, sealed := r.seal(1)
		r.put(board, frames)
		r.put(board, sealed.Boxes)
		r.put(board, sealed.Projection)
		bodies = append(bodies, r.body(frames, sealed))
		each = max(leastBlob, int64(len(frames))) + max(leastBlob, int64(len(sealed.Boxes))) + max(leastBlob, int64(len(sealed.Projection)))
	}
	var taken atomic.Int32
	var wg sync.WaitGroup
	for _, body := range bodies {
		leaf := w.leaf(board, r.h, body)
		client := w.client(board)
		wg.Go(func() {
			if _, err := client.Append(w.ctx(), leaf); err == nil {
				taken.Add(1)
			}
		})
	}
	wg.Wait()
	if taken.Load() != 1 {
		t.Fatalf("%d of %d updates of one seat were taken", taken.Load(), many)
	}
	// Those without a place still count: so many more fit, and not one beyond.
	fit := int((quota - (many-1)*each) / leastBlob)
	for i := range fit + 1 {
		_, err := blobs.Put(w.c.blobs, board, fmt.Append(nil, "filling ", i))
		if over := errors.Is(err, blobs.ErrQuota); over != (i == fit) {
			t.Fatalf("blob %d of %d beside those that have no place: %v", i, fit, err)
		}
	}
}

// Without the check, frames that cannot be added stop a whole round.
func TestUnaddableFramesWouldStopARound(t *testing.T) {
	for _, checked := range []bool{true, false} {
		w := newWorld(t, 4, nil)
		w.found()
		w.propose("s")
		r := w.round("s", 1, 1)
		r.ready()
		frames, sealed := r.seal(1)
		for i := range 8 {
			frames[crypto.HeaderSize+i] = 0xff
		}
		r.put(w.boards[0], frames)
		r.put(w.boards[0], sealed.Boxes)
		r.put(w.boards[0], sealed.Projection)
		leaf := w.leaf(w.boards[0], r.h, r.body(frames, sealed))
		if checked {
			_, err := w.client(w.boards[0]).Append(w.ctx(), leaf)
			refused(t, "a word above q", err, "SS6503")
			r.update(1)
		} else {
			w.force(leaf)
		}
		for i := 2; i <= 4; i++ {
			r.update(i)
		}
		if checked {
			r.vote(1)
			continue
		}
		time.Sleep(300 * time.Millisecond)
		if r.read(); r.at.Set != nil {
			t.Error("the attack does not work without the check: the test has no teeth")
		}
	}
}

func TestReleasesNeedTheirBlob(t *testing.T) {
	w := newWorld(t, 4, nil)
	w.found()
	w.propose("s")
	r := w.round("s", 1, 1)
	r.ready()
	for i := 1; i <= 4; i++ {
		r.update(i)
	}
	r.vote(1, 2, 3)
	good := r.share(1)
	board := w.boards[0]
	try := func(what, code string, content []byte, put bool) {
		t.Helper()
		if put {
			r.put(board, content)
		}
		_, err := w.client(board).Append(w.ctx(), w.leaf(board, r.h, r.releaseBody(content)))
		refused(t, what, err, code)
	}
	try("without the blob", "SS6501", good, false)
	try("of another point", "SS6505", restamp(good, 2), true)
	word := bytes.Clone(good)
	for i := range 8 {
		word[crypto.HeaderSize+8+i] = 0xff
	}
	try("with a word above q", "SS6505", word, true)
	other := bytes.Clone(good)
	other[crypto.HeaderSize] ^= 8
	try("for another set", "SS6505", other, true)

	// Without the check the last one stands in everybody's way.
	r.put(board, other)
	w.force(w.leaf(board, r.h, r.releaseBody(other)))
	r.release(2, r.share(2))
	r.release(3, r.share(3))
	time.Sleep(300 * time.Millisecond)
	if r.read(); r.at.Result != nil {
		t.Error("the attack does not work without the check: the test has no teeth")
	}
}
