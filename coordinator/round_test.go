package coordinator

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/replay"
	"github.com/smartstart-federation/smartstart/crypto"
)

// viewer lets replay read a coordinator's log in a test.
type viewer struct{ *sequencer }

// opened re-adds a round from the blobs as any node would and returns its sums.
func (r *round) opened() []int64 {
	r.w.t.Helper()
	round, err := replay.Read(viewer{r.w.c.seq}, r.h.Study, r.h.Round, r.h.Attempt)
	if err != nil {
		r.w.t.Fatal(err)
	}
	o, err := round.Open(context.Background(), r.w.client(r.w.boards[0]))
	if err != nil {
		r.w.t.Fatal(err)
	}
	var out []int64
	for _, v := range o.Stat() {
		out = append(out, v.Int64())
	}
	return out
}

func TestRounds(t *testing.T) {
	w := newWorld(t, 4, func(c *Config) { c.Dir = t.TempDir() })
	w.found()
	w.propose("s")
	for n := 1; n <= 3; n++ {
		r := w.round("s", n, 1)
		r.ready()
		for i := 1; i <= 4; i++ {
			r.update(i)
		}
		r.vote(1, 2, 3)
		if n == 2 { // in the middle of a round: the sum has to be added again
			w.restart()
		}
		for _, p := range []int{1, 2, 3} {
			r.release(p, r.share(p))
		}
		res := r.result()
		if !res.Valid || !slices.Equal(res.Used, []int{1, 2, 3}) || len(res.Wrong) != 0 {
			t.Fatalf("round %d: result %+v", n, res)
		}
		if got, want := r.opened(), []int64{10, -10, 4010}; !slices.Equal(got, want) {
			t.Fatalf("round %d opened %v, want %v", n, got, want)
		}
	}
	w.c.seq.View(func(st *audit.State) {
		if len(st.Findings) != 0 {
			t.Errorf("the log has findings: %v", st.Findings)
		}
	})
}

// A seat that is late is waited for, unless the researcher goes on without it:
// then half of the time-out, and it is left out with its reason.
func TestLateSeat(t *testing.T) {
	now := &mockClock{at: time.Now()}
	w := newWorld(t, 4, func(c *Config) { c.Now = now.Now })
	w.found()
	w.propose("s")
	r := w.round("s", 1, 1)
	r.ready()
	for i := 1; i <= 3; i++ {
		r.update(i)
	}
	frames, sealed := r.seal(4)
	r.put(w.boards[3], frames)
	r.put(w.boards[3], sealed.Boxes)
	r.put(w.boards[3], sealed.Projection)
	late := w.leaf(w.boards[3], r.h, r.body(frames, sealed))
	r.read()
	if r.at.Set != nil {
		t.Fatal("the set was fixed while a seat had time left")
	}
	now.pass(audit.DefaultTimeout/2 + time.Second)
	w.say("researcher", audit.Header{Study: "other"}, &audit.Proposal{Study: "text", Numbers: 1 << 20}) // any entry wakes the loop
	time.Sleep(100 * time.Millisecond)
	if r.read(); r.at.Set != nil {
		t.Fatal("a seat was left out and nobody had said that it may be")
	}
	w.say("researcher", audit.Header{Study: "s"}, &audit.Proceed{Without: []string{w.boards[3]}})
	r.vote(1, 2, 3)
	set := r.at.Set.Body.(*audit.Set)
	if !slices.Equal(set.Points, []int{1, 2, 3}) || len(set.Absent) != 1 || set.Absent[0] != (audit.Absence{Point: 4, Reason: "no_update"}) {
		t.Fatalf("set %+v", set)
	}
	_, err := w.client(w.boards[3]).Append(w.ctx(), late)
	refused(t, "an update after the set", err, string(audit.CodeLate))
	for p := 1; p <= 3; p++ {
		r.release(p, r.share(p))
	}
	if res := r.result(); !res.Valid {
		t.Fatalf("result %+v", res)
	}
	if got, want := r.opened(), []int64{6, -6, 3006}; !slices.Equal(got, want) {
		t.Fatalf("opened %v, want %v", got, want)
	}
}

// A wrong release with exactly t answers is no result: the coordinator waits
// for one more and then names the wrong one.
func TestWrongRelease(t *testing.T) {
	w := newWorld(t, 4, nil)
	w.found()
	w.propose("s")
	r := w.round("s", 1, 1)
	r.ready()
	for i := 1; i <= 4; i++ {
		r.update(i)
	}
	r.vote(1, 2, 3, 4)
	bad := r.share(1)
	bad[crypto.HeaderSize+8]++ // one word of the share sum
	r.release(1, bad)
	r.release(2, r.share(2))
	r.release(3, r.share(3))
	time.Sleep(200 * time.Millisecond) // the result task runs and must not end in a result
	r.read()
	if r.at.Result != nil {
		t.Fatalf("a result from releases that do not fit: %+v", r.at.Result.Body)
	}
	r.release(4, r.share(4))
	res := r.result()
	if !res.Valid || !slices.Equal(res.Used, []int{2, 3, 4}) {
		t.Fatalf("result %+v", res)
	}
	if got, want := r.opened(), []int64{10, -10, 4010}; !slices.Equal(got, want) {
		t.Fatalf("opened %v, want %v", got, want)
	}
}
