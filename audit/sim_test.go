package audit_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// world runs every party of a federation on one clock: each does what Expect
// says, in random order, while nodes go off line and restart.
type world struct {
	*audittest.Federation
	rnd     *rand.Rand
	local   map[string]*audit.Local
	offline map[string]time.Time // until
	hit     map[crypto.Digest]string
	rounds  int
	badLuck float64 // how often something goes wrong

	openings int // shares that were opened in disputes
}

func newWorld(t testing.TB, seed uint64, n, rounds int) *world {
	w := &world{
		Federation: audittest.New(t, n), rnd: rand.New(rand.NewPCG(seed, 1)), rounds: rounds,
		local: map[string]*audit.Local{}, offline: map[string]time.Time{}, hit: map[crypto.Digest]string{},
	}
	for _, name := range append(slices.Clone(w.Institutions), w.Coordinator.Name(), w.Researcher.Name()) {
		w.local[name] = &audit.Local{
			Models: map[string]audit.ModelState{}, Holds: map[crypto.Digest]bool{},
			Outbox: map[crypto.Digest]bool{}, Journal: map[crypto.Digest]bool{}, Weighed: map[crypto.Digest]bool{},
		}
	}
	return w
}

func (w *world) signer(name string) *audittest.Signer {
	switch name {
	case w.Coordinator.Name():
		return w.Coordinator
	case w.Researcher.Name():
		return w.Researcher
	}
	return w.Nodes[name]
}

// names returns the parties in random order.
func (w *world) names() []string {
	names := append(slices.Clone(w.Institutions), w.Coordinator.Name(), w.Researcher.Name())
	w.rnd.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	return names
}

// step lets one party do one thing; false when nobody on line has anything to
// do at this moment.
func (w *world) step() bool {
	for _, name := range w.names() {
		if w.Clock.Before(w.offline[name]) {
			continue
		}
		w.local[name].Cosigned = w.State.Head().Size // co-signing has a test of its own
		do, _ := w.State.Expect(name, *w.local[name], w.Clock)
		if len(do) == 0 {
			continue
		}
		w.do(name, do[w.rnd.IntN(len(do))])
		return true
	}
	return false
}

// do is every handler. Whatever Expect asks for must be accepted.
func (w *world) do(name string, t audit.Task) {
	w.T.Helper()
	l, s := w.local[name], w.State.Studies[t.Study]
	h := audit.Header{Study: t.Study, Round: t.Round, Attempt: t.Attempt}
	at := w.State.Attempt(t.Study, t.Round, t.Attempt)
	switch t.Kind {
	case audit.TaskAdvance:
		if t.Round > 0 && !w.State.Attempt(t.Study, t.Round, t.Attempt).Valid() {
			w.T.Fatalf("%s is to advance over an attempt without a valid result", name)
		}
		l.Models[t.Study] = audit.ModelState{
			Round: t.Round + 1, Digest: audittest.StateDigest(t.Round + 1), Shape: audittest.CounterShape(), Done: t.Round == w.rounds,
		}
	case audit.TaskReady:
		b := w.ReadyBody(t.Study)
		m := w.Say(w.signer(name), h, b)
		l.Holds[m.Hash] = true
	case audit.TaskOpen:
		w.Say(w.Coordinator, h, w.OpenBody(t.Study))
	case audit.TaskUpdate:
		l.Outbox[at.ID] = true
		if w.chance() {
			w.fail(name, at) // encrypted and kept, not yet sent
			return
		}
		w.Say(w.signer(name), h, w.UpdateBody(at, name))
	case audit.TaskSet:
		w.Say(w.Coordinator, h, w.SetBody(t.Study))
	case audit.TaskVote:
		if w.rnd.Float64() < w.badLuck/4 && len(at.Disputes) == 0 {
			set := at.Set.Body.(*audit.Set).Points
			if p := set[w.rnd.IntN(len(set))]; p != at.Point(name) {
				w.Say(w.signer(name), h, &audit.Dispute{Kind: audit.DisputeShare, Open: at.ID, Contributor: p})
				return
			}
		}
		w.Say(w.signer(name), h, audittest.VoteBody(at))
		if w.chance() {
			w.fail(name, at)
		}
	case audit.TaskWeigh:
		for _, m := range at.Evidence() {
			l.Weighed[m.Hash] = m.Body.(*audit.Dispute).Contributor%2 == 0 // as good as any
		}
	case audit.TaskDisclose:
		for _, p := range at.Disputed() {
			b := &audit.Dispute{Kind: audit.DisputeOpening, Open: at.ID, Contributor: p}
			b.Evidence = audit.BlobRef{Digest: audittest.Digest("opening", at.ID, name, p), Size: crypto.ShareSize}
			if leaf := w.Leaf(w.signer(name), h, b); !w.refuses(leaf) {
				w.Append(leaf)
				w.openings++
			}
		}
	case audit.TaskRelease:
		l.Journal[at.ID] = true
		if w.chance() {
			w.fail(name, at) // journalled, not yet sent
			return
		}
		w.Say(w.signer(name), h, audittest.ReleaseBody(at, name))
	case audit.TaskAbort:
		b := audittest.AbortBody(at)
		b.Cannot = at.Proved(l.Weighed)
		w.Say(w.signer(name), h, b)
	case audit.TaskResult:
		b := audittest.ResultBody(at)
		if w.chance() {
			*b = audit.Result{Open: at.ID, Reason: "canary"}
		}
		w.Say(w.Coordinator, h, b)
	case audit.TaskClose:
		w.Say(w.Researcher, audit.Header{Study: t.Study}, &audit.Close{State: audittest.StateDigest(s.Round), Reason: "finished"})
	default:
		w.T.Fatalf("task of unknown kind %q", t.Kind)
	}
}

// refuses reports whether the log would not take the leaf now.
func (w *world) refuses(leaf []byte) bool { _, err := w.State.Check(leaf); return err != nil }

// chance says whether something goes wrong now.
func (w *world) chance() bool { return w.rnd.Float64() < w.badLuck }

// fail restarts a node, unless another one was hit in this attempt: with more
// the attempt may be stuck for good, as the design says.
func (w *world) fail(name string, at *audit.Attempt) {
	if other, ok := w.hit[at.ID]; ok && other != name {
		return
	}
	w.hit[at.ID] = name
	w.signer(name).Restart()
	l := w.local[name]
	l.Holds = map[crypto.Digest]bool{}
	l.Models = map[string]audit.ModelState{} // recomputed from the log
	if w.chance() {
		w.offline[name] = w.Clock.Add(time.Duration(w.rnd.IntN(1200)) * time.Second)
	}
}

// invariants are what no luck may break.
func (w *world) invariants() {
	w.T.Helper()
	if len(w.State.Findings) > 0 {
		w.T.Fatalf("what Expect asked for is void: %v", w.State.Findings[0])
	}
	for _, s := range w.State.Studies {
		var opened []int
		for _, attempts := range s.Rounds {
			for _, at := range attempts {
				if len(at.Releases) > 0 && !at.Certified() {
					w.T.Fatal("a release without certificate")
				}
				for name := range at.Releases {
					if at.Aborts[name] != nil || at.Votes[name] == nil {
						w.T.Fatalf("%s released and aborted, or did not vote", name)
					}
				}
				if !at.Certified() || at.Closed() {
					continue
				}
				if len(at.Releases) >= s.Thresholds.T && at.Closed() {
					w.T.Fatal("a closed attempt was opened")
				}
				set := at.Set.Body.(*audit.Set).Points
				if opened != nil && !slices.Equal(opened, set) {
					w.T.Fatalf("two sets may be opened in one study: %v and %v", opened, set)
				}
				opened = set
			}
		}
	}
}

// TestExpectReachesTheEnd: whatever the order and the luck, everything that
// Expect asks for is accepted, no rule of the encryption is broken, and once
// everybody stays on line the study ends.
func TestExpectReachesTheEnd(t *testing.T) {
	seeds := 40
	if testing.Short() {
		seeds = 12
	}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			n := 3 + seed%5
			w := newWorld(t, uint64(seed), n, 3)
			w.Begin("study", w.rounds)
			if seed%4 == 0 && n > 4 {
				w.Decide("study", "board02", "deny")
			}
			w.badLuck = float64(seed%6) * 0.05
			for i := 0; i < 4000 && w.State.Studies["study"].Close == nil; i++ {
				if i == 1500 {
					w.badLuck = 0
				}
				if !w.step() {
					w.Clock = w.Clock.Add(time.Duration(1+w.rnd.IntN(150)) * time.Second)
				} else if w.rnd.IntN(10) == 0 {
					w.Clock = w.Clock.Add(time.Duration(w.rnd.IntN(90)) * time.Second)
				}
				w.invariants()
			}
			s := w.State.Studies["study"]
			if s.Close == nil {
				do, wait := w.State.Expect(w.Coordinator.Name(), *w.local[w.Coordinator.Name()], w.Clock)
				t.Fatalf("stuck in round %d attempt %d; the coordinator is to do %v and waits %+v", s.Round, s.NextAttempt()-1, do, wait)
			}
			if s.Round != w.rounds+1 {
				t.Fatalf("closed after %d rounds, want %d", s.Round-1, w.rounds)
			}
			if seed%5 == 0 {
				replay(t, w.Federation)
			}
		})
	}
}

// TestExpectIsCheap: the answer for a quiet study costs little, since every
// BenchmarkExpect asks in the middle of a round of thirty institutions: every
// party asks after every entry.
func BenchmarkExpect(b *testing.B) {
	w := newWorld(b, 1, 30, 1<<20)
	w.Begin("study", w.rounds)
	for range 400 {
		w.step()
	}
	for b.Loop() {
		w.State.Expect("board01", *w.local["board01"], w.Clock)
	}
}
