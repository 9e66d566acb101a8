package federationtest

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/examples/language"
)

var faults = flag.Int("faults", 0, "points at which each kind of fault strikes, spread over the calls of one study; at least as many as there are calls is every one of them; 0 is a few")

// What can happen to one call of a node over the network.
const (
	sendWell   = ""
	sendLost   = "lost"               // it fails and never arrived
	answerLost = "answer lost"        // it arrived, and fails all the same
	stopBefore = "stops before it"    // the node's machine stops
	stopAfter  = "stops after it"     // the same, and the call has arrived
	sendHalf   = "stops in the midst" // the same, with half of an upload arrived
)

// sends are the calls of a node to the coordinator: they are counted, and a test
// says what becomes of the k-th.
type sends struct {
	calls  atomic.Int64
	happen func(k int) string
}

var errLine = errors.New("the line broke")

// over counts the node's calls from now on and lets happen decide about each.
func (m *rigNode) over(happen func(k int) string) *sends {
	l := &sends{happen: happen}
	m.sends.Store(l)
	return l
}

// call does one call over the node's line. half, when not nil, does part of it.
func (m *rigNode) call(ctx context.Context, do func(context.Context) error, half func(context.Context)) error {
	how := sendWell
	if l := m.sends.Load(); l != nil {
		how = l.happen(int(l.calls.Add(1)))
	}
	switch how {
	case sendLost:
		return errLine
	case sendHalf:
		if half != nil {
			half(ctx)
		}
		fallthrough
	case stopBefore:
		m.rig.wg.Go(m.restart)
		<-ctx.Done()
		return errGone
	}
	err := do(ctx)
	switch how {
	case answerLost:
		return errors.Join(errLine, err)
	case stopAfter:
		m.rig.wg.Go(m.restart)
		<-ctx.Done()
		return errGone
	}
	return err
}

// PutBlob implements node.Coordinator over the node's line.
func (w *wire) PutBlob(ctx context.Context, digest [32]byte, size int64, r io.ReaderAt) error {
	return w.m.call(ctx, func(ctx context.Context) error {
		return w.Client.PutBlob(ctx, digest, size, r)
	}, func(ctx context.Context) {
		_ = w.Client.PutBlob(ctx, digest, size, upTo{r, size / 2}) // it has to fail
	})
}

// upTo reads like a file whose disk fails in the middle.
type upTo struct {
	io.ReaderAt
	end int64
}

func (u upTo) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > u.end {
		return 0, errLine
	}
	return u.ReaderAt.ReadAt(p, at)
}

// lossy is a rig whose nodes' calls are lost as a test says.
type lossy struct {
	*rig
	studies int
}

func newLossy(t *testing.T) *lossy { return &lossy{rig: newRig(t, 4, 6*time.Second)} }

// study runs one study, in which happen decides about the k-th call of each
// node, to its right end. It returns how many calls the first node made.
func (r *lossy) study(happen func(node, k int) string) int {
	r.t.Helper()
	var first *sends
	for i, name := range r.names {
		l := r.nodes[name].over(func(k int) string { return happen(i, k) })
		if i == 0 {
			first = l
		}
	}
	r.studies++
	id := fmt.Sprint("study", r.studies)
	text := bytes.Replace(language.Study, []byte(languageStudy), []byte(id), 1)
	r.submit(text)
	r.finished(text, id, 2*time.Minute)
	return int(first.calls.Load())
}

// TestFaultAtEverySend lets each call of a node fail: the statement or upload
// never arrives, or it does and the node is not told. In the short share every
// node loses other calls, so that together they lose each one; with -faults
// each call is lost alone, in a study of its own, and the node stops there too.
// Every study ends in the state that the rows give in the clear, and no node
// says two different things where it may say one.
func TestFaultAtEverySend(t *testing.T) {
	r := newLossy(t)
	calls := r.study(func(int, int) string { return sendWell })
	if calls == 0 {
		t.Fatal("no call was seen")
	}
	for _, how := range []string{sendLost, answerLost} {
		var hit atomic.Int64
		r.study(func(node, k int) string {
			if k > calls || k%len(r.names) != node {
				return sendWell
			}
			hit.Add(1)
			return how
		})
		t.Logf("%s: %d calls, shared out over the nodes", how, hit.Load())
	}
	if *faults == 0 {
		return
	}
	for _, how := range []string{sendLost, answerLost, stopBefore, stopAfter, sendHalf} {
		t.Run(how, func(t *testing.T) {
			r := newLossy(t)
			hits := 0
			for _, k := range spread(calls, *faults) {
				var hit atomic.Bool
				r.study(func(node, at int) string {
					if node != k%len(r.names) || at != k {
						return sendWell
					}
					hit.Store(true)
					return how
				})
				if hit.Load() {
					hits++
				}
			}
			t.Logf("%d of %d calls, each alone in a study", hits, calls)
		})
	}
}

// spread returns n of the numbers from 1 to k, or all of them.
func spread(k, n int) (some []int) {
	n = min(k, n)
	for j := range n {
		some = append(some, 1+j*k/n)
	}
	return some
}

// TestOnceHasTeeth: the check that a node says one thing only sees a second
// one. (The other check, that a study ends with the same bits, is shown to see
// one changed number by TestHarnessHasTeeth.)
func TestOnceHasTeeth(t *testing.T) {
	var seen []string
	r := &rig{t: t, disclosed: map[string]string{}, complain: func(what string) { seen = append(seen, what) }}
	say := func(body audit.Body) {
		r.once(&audit.Statement{Header: audit.Header{Signer: "inst01", Study: languageStudy, Round: 2, Attempt: 1, Type: body.Type()}, Body: body})
	}
	update := func(s string) audit.Body {
		return &audit.Update{Frames: audit.BlobRef{Digest: crypto.DigestOf([]byte(s))}}
	}
	say(update("frames"))
	say(update("frames"))
	if len(seen) > 0 {
		t.Fatalf("the same update again was found: %v", seen)
	}
	say(update("other frames"))
	if len(seen) != 1 || !strings.Contains(seen[0], "inst01") {
		t.Fatalf("another update in the same attempt was not found: %v", seen)
	}
}
