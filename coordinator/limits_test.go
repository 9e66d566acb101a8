package coordinator

import (
	"bytes"
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
	"github.com/smartstart-federation/smartstart/coordinator/store"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Connections of people who show no certificate do not keep members out.
func TestSilentVisitors(t *testing.T) {
	enters := func(off bool) error {
		w := newWorld(t, 1, func(c *Config) { c.Connections = visitors + 20; c.off.door = off })
		for range visitors + 40 {
			conn, err := net.Dial("tcp", w.address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
		}
		wait := patience
		if off {
			wait = 2 * time.Second // in vain
		}
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		defer cancel()
		_, err := api.NewFederationClient(w.raw("operator")).Checkpoint(ctx, &api.CheckpointRequest{})
		return err
	}
	if err := enters(false); err != nil {
		t.Errorf("a member behind %d silent connections: %v", visitors+40, err)
	}
	t.Run("mutant", func(t *testing.T) {
		if enters(true) == nil {
			t.Error("without the defence the member gets in: the test above sees nothing")
		}
	})
}

// Whoever has the most connections without a certificate loses its oldest, so
// one address does not push out another.
func TestWhoIsSentAway(t *testing.T) {
	d := newDoor(nil, defences{})
	from := func(host string) *visitor { return &visitor{door: d, from: host} }
	honest := from("school")
	if d.enter(honest) != nil {
		t.Fatal("sent away from an empty room")
	}
	first := from("flood")
	d.enter(first)
	for range visitors - 2 {
		if d.enter(from("flood")) != nil {
			t.Fatal("sent away although there was room")
		}
	}
	if old := d.enter(from("flood")); old != first {
		t.Errorf("the one sent away is not the oldest of the flood: %+v", old)
	}
}

// A blob of one byte has a name, a file and an entry in memory.
func TestTinyBlobs(t *testing.T) {
	taken := func(off bool) (n int) {
		w := newWorld(t, 3, func(c *Config) { c.MaxBlob, c.Quota, c.off.least = 1<<20, 1<<20, off })
		w.found()
		f := api.NewFederationClient(w.raw("board01"))
		for n = 0; n < 40; n++ {
			content := random(12)
			if got := upload(t, f, head(content, 12), piece(0, content)); got != "done" {
				if got != "SS6403" {
					t.Errorf("answered %q", got)
				}
				break
			}
		}
		return n
	}
	if n := taken(false); n != 1<<20/leastBlob {
		t.Errorf("%d blobs of 12 bytes in a quota of 1 MiB, want %d", n, 1<<20/leastBlob)
	}
	if n := taken(true); n != 40 {
		t.Errorf("without the defence %d blobs were taken: the test above sees nothing", n)
	}
}

// One member cannot fill the log, and so the disks and memories of everybody.
func TestLogOfADay(t *testing.T) {
	taken := func(off bool) (n int, code string) {
		w := newWorld(t, 3, func(c *Config) { c.DailyLog, c.off.daily = 20_000, off })
		w.found()
		f := api.NewFederationClient(w.raw("researcher"))
		text := strings.Repeat("x", 4000)
		for n = 0; n < 20 && code == ""; n++ {
			leaf := w.leaf("researcher", audit.Header{Study: "s" + string(rune('a'+n))}, &audit.Proposal{Study: text, Numbers: 1 << 20})
			if _, err := f.Append(w.ctx(), &api.AppendRequest{Leaf: leaf}); err != nil {
				code = api.FromStatus(err).Code()
			}
		}
		w.say("board01.approver", audit.Header{Study: "sa"}, &audit.Decision{ // another party writes on
			Proposal: w.proposal("sa"), Institution: "board01", Verdict: "deny", Expires: time.Now().Format(time.DateOnly),
		})
		return n, code
	}
	if n, code := taken(false); n > 7 || code != "SS6305" {
		t.Errorf("%d statements of 4 KB in a budget of 20 KB, then %q", n, code)
	}
	if n, code := taken(true); n != 20 || code != "" {
		t.Errorf("without the defence %d statements were taken, then %q: the test above sees nothing", n, code)
	}
}

func (w *world) proposal(study string) (d crypto.Digest) {
	w.c.seq.View(func(st *audit.State) { d = st.Studies[study].Proposal.Hash })
	return d
}

// stuck is blobs of which one takes for ever to open.
type stuck struct {
	blobs.Blobs
	digest crypto.Digest
	free   chan struct{}
}

func (s stuck) Open(d crypto.Digest) (blobs.Blob, error) {
	if d == s.digest {
		<-s.free
	}
	return s.Blobs.Open(d)
}

// One caller's many statements with large blobs do not hold up another's one.
func TestTurns(t *testing.T) {
	waits := func(off bool) error {
		s := newScript(t, 1)
		q, _ := s.sequencer(t, store.NewMemory())
		q.off.turns = off
		slow, err := blobs.Put(q.blobs, "board01", []byte("slow"))
		if err != nil {
			t.Fatal(err)
		}
		gate := stuck{q.blobs, slow, make(chan struct{})}
		q.blobs = gate
		check := func(ctx context.Context, name string, d crypto.Digest) error {
			body := &audit.Charter{Codebook: d}
			_, err := q.checkBlobs(context.WithValue(ctx, callerKey{}, name), &audit.Statement{Header: audit.Header{Type: audit.TypeCharter}, Body: body})
			return err
		}
		var wg sync.WaitGroup
		for range 4 * checkers() {
			wg.Go(func() { _ = check(context.Background(), "board01", slow) })
		}
		time.Sleep(100 * time.Millisecond) // they all wait now
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err = check(ctx, "board02", crypto.DigestOf(s.codebook))
		close(gate.free)
		wg.Wait()
		return err
	}
	if err := waits(false); err != nil {
		t.Errorf("another caller's statement: %v", err)
	}
	if waits(true) == nil {
		t.Error("without the defence nobody waits: the test above sees nothing")
	}
}

// One caller cannot fill the operator's log with its refusals; what was left
// out is counted.
func TestLinesOfOneCaller(t *testing.T) {
	lines := func(off bool) int {
		var log bytes.Buffer
		c := &Coordinator{cfg: Config{off: defences{lines: off}, Logger: hclog.New(&hclog.LoggerOptions{Output: &log})}}
		g := newGuard(c, newPeople(c.cfg))
		for range 500 {
			_ = g.out("/a/b", "board01", errStranger())
		}
		_ = g.out("/a/b", "board02", errStranger())
		if !strings.Contains(log.String(), "board02") {
			t.Error("another caller's line is missing")
		}
		return strings.Count(log.String(), "\n")
	}
	if n := lines(false); n > 70 {
		t.Errorf("501 refusals made %d lines", n)
	}
	if n := lines(true); n != 501 {
		t.Errorf("without the defence there are %d lines: the test above sees nothing", n)
	}
}
