package node

import (
	"slices"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// newest waits until a node's newest `ready` is another one than before, and
// returns it.
func (w *town) newest(r *resident, before crypto.Digest) (ready crypto.Digest) {
	w.t.Helper()
	w.until("a new ready", func(st *audit.State) bool {
		b, err := st.NextOpen(st.Studies["a"])
		if err == nil {
			ready = b.Seats[0].Ready
		}
		return !ready.IsZero() && ready != before
	})
	return ready
}

// forgetful is a town with one study, and board01 in it, which erases what is over
// unless that defence is off.
func forgetful(t *testing.T, off bool) (*town, Config) {
	w := newTown(t, 4, map[string]string{"a": studyText("a", "iq_verbal")})
	cfg := w.configOf("board01", t.TempDir(), pupils(t, 60))
	if off {
		cfg.Policy = Policy{}.Off(ruleForget)
	}
	return w, cfg
}

// TestWhatIsOverIsErased: secrets go when a newer `ready` is logged, when the
// attempt is closed, and when the study ends; uploads when their attempt is
// over, and not before. With the defence off both stay.
func TestWhatIsOverIsErased(t *testing.T) {
	for _, off := range []bool{false, true} {
		w, cfg := forgetful(t, off)
		r := w.open(cfg).run()
		gone := func(what string, ready crypto.Digest) {
			t.Helper()
			for limit := time.Now().Add(20 * time.Second); !off && r.holding()[ready] && time.Now().Before(limit); {
				time.Sleep(time.Millisecond)
			}
			if r.holding()[ready] != off {
				t.Errorf("%s: held %v, with the defence off %v", what, !off, off)
			}
		}
		kept := func(what string, want int) {
			t.Helper()
			if off {
				want = max(want, 2)
			}
			if got := r.uploads(); len(got) < want || !off && len(got) > want {
				t.Errorf("%s: %v are kept, want %d files (defence off: %v)", what, got, want, off)
			}
		}
		update := func(attempt int) {
			t.Helper()
			w.says(func(f *audittest.Federation) {
				for _, name := range boards(2, 3, 4) {
					_, state, _, _ := r.chain.State("a")
					f.Say(f.Nodes[name], f.Next("a"), &audit.Ready{State: crypto.DigestOf(state), Shape: r.chain.Models()["a"].Shape, Key: f.Key()})
				}
				f.Open("a")
			})
			w.until("it gave its numbers", func(st *audit.State) bool { return st.Attempt("a", 1, attempt).Updates["board01"] != nil })
		}
		first := w.newest(r, crypto.Digest{})
		w.later(31*time.Minute, r)
		second := w.newest(r, first)
		gone("a superseded ready", first)
		update(1)
		kept("under way", 3)
		if !r.holding()[second] {
			t.Error("the secrets of an attempt under way are gone")
		}
		w.says(func(f *audittest.Federation) { f.Abort("a", boards(2, 3, 4)...) })
		gone("a closed attempt", second)
		w.later(time.Minute, r)
		third := w.newest(r, crypto.Digest{})
		kept("after a closed attempt", 0)
		update(2)
		w.says(func(f *audittest.Federation) {
			f.Say(f.Researcher, audit.Header{Study: "a"}, &audit.Close{State: audittest.StateDigest(1), Reason: "stopped"})
		})
		w.until("it gave up what the closed study left", func(st *audit.State) bool { return st.Attempt("a", 1, 2).Aborts["board01"] != nil })
		if !off { // the abort itself erases, defence or not
			gone("a closed study", third)
		}
		r.stop()
		kept("until the next start", 3)
		r = w.open(cfg)
		kept("after a closed study", 0)
		if err := r.store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestClosedStudyErasesOffers: a key that no attempt counts on goes with its study.
func TestClosedStudyErasesOffers(t *testing.T) {
	for _, off := range []bool{false, true} {
		w, cfg := forgetful(t, off)
		r := w.open(cfg).run()
		offered := w.newest(r, crypto.Digest{})
		w.says(func(f *audittest.Federation) {
			f.Say(f.Researcher, audit.Header{Study: "a"}, &audit.Close{State: audittest.StateDigest(1), Reason: "stopped"})
		})
		for limit := time.Now().Add(20 * time.Second); !off && r.holding()[offered] && time.Now().Before(limit); {
			time.Sleep(time.Millisecond)
		}
		if r.holding()[offered] != off {
			t.Errorf("held %v, with the defence off %v", !off, off)
		}
		r.stop()
	}
}

// TestFinishedAttempts: an upload is kept until nobody can ask for it again.
func TestFinishedAttempts(t *testing.T) {
	f := audittest.New(t, 4)
	f.Begin("a", 3)
	f.Ready("a")
	at := f.Open("a")
	for _, c := range []struct {
		when string
		do   func()
		over bool
	}{
		{"open", func() {}, false},
		{"update", func() { f.Update("a") }, false},
		{"set", func() { f.Set("a") }, false},
		{"certificate", func() { f.Vote("a") }, false},
		{"releases", func() { f.Release("a") }, false},
		{"result", func() { f.Result("a") }, true},
	} {
		if c.do(); finished(f.State)[at.ID] != c.over {
			t.Errorf("after %s: over %v", c.when, !c.over)
		}
	}
}

// TestKeptUploadIsSentAgain: files that were made and could not be sent are
// there at the next start, and the same bytes are sent then.
func TestKeptUploadIsSentAgain(t *testing.T) {
	w := newTown(t, 4, map[string]string{"a": studyText("a", "iq_verbal")})
	cfg := w.configOf("board01", t.TempDir(), pupils(t, 60))
	w.full = true
	r := w.open(cfg).run()
	w.ready(r, "a", boards(2, 3, 4)...)
	w.says(func(f *audittest.Federation) { f.Open("a") })
	w.until("the update is made", func(*audit.State) bool { return len(r.store.Subjects("update")) == 1 })
	before := r.uploads()
	r.stop()
	w.says(func(*audittest.Federation) { w.full = false })
	r = w.open(cfg)
	if got := r.uploads(); len(got) != 3 || !slices.Equal(got, before) {
		t.Fatalf("after a start %v are kept, before it %v", got, before)
	}
	r.run()
	w.until("the kept update is sent", func(st *audit.State) bool { return st.Attempt("a", 1, 1).Updates["board01"] != nil })
	if n := len(r.store.Subjects("encrypt")); n != 1 {
		t.Errorf("it was encrypted %d times", n)
	}
}

// TestOnlyTheOfferingStartEncrypts: a start that holds no key for the attempt,
// or drops it while it reads its records, makes no ciphertext in it. With the
// rule off it does.
func TestOnlyTheOfferingStartEncrypts(t *testing.T) {
	for _, c := range []struct {
		what    string
		off     bool
		midway  bool // the key is dropped inside the task
		encrypt int
	}{{"gone before", false, false, 0}, {"gone before, rule off", true, false, 1}, {"gone midway", false, true, 0}, {"gone midway, rule off", true, true, 1}} {
		w := newTown(t, 4, map[string]string{"a": studyText("a", "iq_verbal")})
		cfg := w.configOf("board01", t.TempDir(), pupils(t, 60))
		if c.off {
			cfg.Policy = Policy{}.Off(ruleHolder)
		}
		w.full = true // the file is enough to see
		r := w.open(cfg)
		came := make(chan bool, 100)
		r.judged = func(audit.Task) {
			r.wipe(everything) // as a restored copy does when it sees what it said before
			came <- true
		}
		r.run()
		w.ready(r, "a", boards(2, 3, 4)...)
		if !c.midway {
			r.wipe(everything)
		}
		w.says(func(f *audittest.Federation) { f.Open("a") })
		if c.midway {
			<-came
		} else {
			w.until("it sees the open", func(*audit.State) (is bool) {
				r.Party().View(func(st *audit.State) { is = st.Attempt("a", 1, 1) != nil })
				return is
			})
			if err := r.update(t.Context(), audit.Task{Kind: audit.TaskUpdate, Study: "a", Round: 1, Attempt: 1}); err == nil {
				t.Errorf("%s: no error", c.what)
			}
		}
		r.stop()
		r = w.open(cfg)
		if n := len(r.store.Subjects("encrypt")); n != c.encrypt {
			t.Errorf("%s: encrypted %d times, want %d", c.what, n, c.encrypt)
		}
		if err := r.store.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
