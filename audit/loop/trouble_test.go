package loop

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
)

// sick is a log whose server is away, or serves an old copy, or whose reader's
// disk is full, until it is well again.
type sick struct {
	line
	mu     sync.Mutex
	notify func(string, error)
	with   string
}

func (l *sick) Notify(f func(string, error)) { l.notify = f }

func (l *sick) illness() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.with
}

func (l *sick) Follow(ctx context.Context, from int64, page func(int64, [][]byte, []byte) error) error {
	for l.illness() == "away" && ctx.Err() == nil {
		l.notify("follow", errLost)
		time.Sleep(time.Second)
	}
	if l.illness() == "old" {
		return audit.Refuse(audit.CodeStale, 1, from)
	}
	l.notify("follow", nil)
	for l.illness() == "silent" && ctx.Err() == nil { // an old copy that says nothing
		time.Sleep(time.Second)
	}
	return l.line.Follow(ctx, from, page)
}

func (l *sick) Checkpoint(ctx context.Context) ([]byte, error) {
	for l.illness() == "away" && ctx.Err() == nil {
		l.notify("checkpoint", errLost)
		time.Sleep(time.Second)
	}
	l.notify("checkpoint", nil)
	if i := l.illness(); i == "old" || i == "silent" {
		l.sim.mu.Lock()
		defer l.sim.mu.Unlock()
		root, _ := l.state.RootAt(1)
		return audit.MakeCheckpoint(simOrigin, audit.Head{Size: 1, Root: root}, l.signers["coordinator"])
	}
	return l.line.Checkpoint(ctx)
}

// full is a journal on a full disk.
type full struct {
	memJournal
	sick *sick
}

func (j *full) Extend(from int64, leaves [][]byte) error {
	if j.sick.illness() == "full" {
		return errors.New("no space left on device")
	}
	return j.memJournal.Extend(from, leaves)
}

// TestTroubleIsToldUntilItIsOver: what keeps a party from following the log is
// told to whoever runs it, again each minute, and stands in Waiting; so does its
// end. A break of a moment is no news.
func TestTroubleIsToldUntilItIsOver(t *testing.T) {
	for illness, words := range map[string]string{
		"away": "the connection broke", "old": "an earlier one that you hold covers",
		"silent": "an earlier one that you hold covers", "full": "no space left",
	} {
		t.Run(illness, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSim(t, 1)
				s.calm = true
				s.found()
				l := &sick{line: line{s, "board01"}}
				journal := &full{sick: l}
				var mu sync.Mutex
				var all []error
				said := func() []error {
					mu.Lock()
					defer mu.Unlock()
					return slices.Clone(all)
				}
				if illness == "old" || illness == "silent" { // it had verified more than it is shown now
					if err := journal.Extend(0, s.held()); err != nil {
						t.Fatal(err)
					}
				}
				l.with = illness
				p, err := New(Config{
					Name: "board01", Signer: s.signers["board01"], Origin: simOrigin, CoordinatorKey: s.keys["coordinator"],
					Log: l, Journal: journal, Trouble: func(err error) {
						mu.Lock()
						defer mu.Unlock()
						all = append(all, err)
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(t.Context())
				ended := make(chan error)
				go func() { ended <- p.Run(ctx) }()
				time.Sleep(time.Second)
				if told := said(); len(told) > 0 {
					t.Errorf("told at once: %v", told)
				}
				time.Sleep(5*time.Minute + 30*time.Second)
				if told := said(); len(told) < 4 || len(told) > 14 || told[0] == nil || !strings.Contains(told[0].Error(), words) {
					t.Errorf("told in five minutes: %v", told)
				}
				if w := p.Waiting(); !slices.ContainsFunc(w, func(w audit.Wait) bool { return strings.Contains(w.What, words) && !w.Since.IsZero() }) {
					t.Errorf("it waits for %+v", w)
				}
				l.mu.Lock()
				l.with = ""
				l.mu.Unlock()
				time.Sleep(time.Minute)
				if told := said(); len(told) == 0 || told[len(told)-1] != nil {
					t.Errorf("its end was not told: %v", told)
				}
				if w := p.Waiting(); slices.ContainsFunc(w, func(w audit.Wait) bool { return strings.Contains(w.What, "own way") }) {
					t.Errorf("well again, it waits for %+v", w)
				}
				p.View(func(st *audit.State) {
					if st.Head() != s.state.Head() {
						t.Error("well again, it does not hold the log")
					}
				})
				cancel()
				if err := <-ended; err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// TestFailingTaskIsSaid: a task that fails again and again stands in Waiting
// with its reason, as long as it is expected.
func TestFailingTaskIsSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		s.calm = true
		s.found()
		p, err := New(Config{
			Name: "board01", Signer: s.signers["board01"], Origin: simOrigin, CoordinatorKey: s.keys["coordinator"],
			Log: line{s, "board01"}, Journal: new(memJournal),
			Handlers: map[string]Handler{audit.TaskAdvance: func(context.Context, audit.Task) error {
				return audit.Refuse(audit.CodeSums)
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- p.Run(ctx) }()
		time.Sleep(time.Minute)
		if w := p.Waiting(); !slices.ContainsFunc(w, func(w audit.Wait) bool {
			return w.Study == "s" && strings.Contains(w.What, "other sums than the result says") && w.Remedy != "" && !w.Since.IsZero()
		}) {
			t.Errorf("it waits for %+v", w)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
