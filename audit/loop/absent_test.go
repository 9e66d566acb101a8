package loop

import (
	"context"
	"flag"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
)

var absences = flag.Int("absences", 1, "federations of 20 nodes with absences to simulate, and as many of laptops")

// machine is a party's connection and the hours in which its machine is on.
// While it is off nothing of it runs: what it would send or read waits.
type machine struct {
	line
	mu    sync.Mutex
	onAt  func(now time.Time) time.Time // when it is on next: now while it is on
	says  func(s *audit.Statement)      // told before something leaves
	still time.Duration                 // how long an encryption takes
}

// wake sleeps until the machine is on.
func (m *machine) wake(ctx context.Context) {
	for ctx.Err() == nil {
		m.mu.Lock()
		next := m.onAt(time.Now())
		m.mu.Unlock()
		wait := time.Until(next)
		if wait <= 0 {
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

func (m *machine) Append(ctx context.Context, leaf []byte) (int64, error) {
	m.wake(ctx)
	s, err := audit.Parse(leaf)
	if err != nil {
		return 0, err
	}
	if s.Type == audit.TypeUpdate {
		time.Sleep(m.still)
	}
	m.says(s)
	m.wake(ctx)
	index, err := m.line.Append(ctx, leaf)
	m.wake(ctx) // the answer waits as well
	return index, err
}

func (m *machine) Follow(ctx context.Context, from int64, page func(int64, [][]byte, []byte) error) error {
	m.wake(ctx)
	return m.line.Follow(ctx, from, func(from int64, leaves [][]byte, checkpoint []byte) error {
		m.wake(ctx)
		return page(from, leaves, checkpoint)
	})
}

func (m *machine) Checkpoint(ctx context.Context) ([]byte, error) {
	m.wake(ctx)
	return m.line.Checkpoint(ctx)
}

// off makes the machine sleep until then.
func (m *machine) off(until time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.onAt = func(now time.Time) time.Time {
		if now.Before(until) {
			return until
		}
		return now
	}
}

// big returns a calm federation of twenty institutions.
func big(t *testing.T, seed int64, rounds int) *sim {
	s := newSim(t, seed)
	s.nodes, s.rounds, s.calm, s.late = 20, rounds, true, audit.OnLateProceed
	s.keygen()
	return s
}

// machines gives every node a machine that is always on.
func (s *sim) machines(actors []*actor) map[string]*machine {
	all := map[string]*machine{}
	for _, a := range actors {
		if strings.HasPrefix(a.name, "board") {
			m := &machine{line: line{s, a.name}, onAt: func(now time.Time) time.Time { return now }, says: func(*audit.Statement) {}}
			all[a.name], a.log = m, m
		}
	}
	return all
}

// TestAbsentNodes lets 10 to 30 percent of the nodes be away from some step of a round
// on, for one to three hours, asleep or restarted when they come back. The
// study ends; and whenever it stands still, everybody says who is missing,
// since when, and what to do.
func TestAbsentNodes(t *testing.T) {
	steps := []string{audit.TypeReady, audit.TypeUpdate, audit.TypeVote, audit.TypeRelease}
	if testing.Short() {
		steps = steps[1:2]
	}
	for seed := range *absences {
		for i, step := range steps {
			round := 1 + (seed+i/2)%2 // before anything was opened, and after
			synctest.Test(t, func(t *testing.T) { absent(t, int64(seed*len(steps)+i), step, round) })
			if t.Failed() {
				t.Fatalf("seed %d, absent at %s of round %d", seed, step, round)
			}
		}
	}
}

func absent(t *testing.T, seed int64, step string, round int) {
	s := big(t, seed, 3)
	s.found()
	ctx, cancel := context.WithCancel(t.Context())
	actors := s.everybody()
	machines := s.machines(actors)
	away := s.rng.Perm(s.nodes)[:2+s.rng.Intn(5)]
	back := time.Now().Add(time.Hour + time.Duration(s.rng.Intn(7200))*time.Second)
	restarts := s.rng.Intn(2) == 0
	var names []string
	for _, i := range away {
		m := machines[simNode(i)]
		names = append(names, m.name)
		m.says = func(st *audit.Statement) {
			if st.Type == step && st.Round == round && st.Attempt == 1 {
				m.off(back)
			}
		}
	}
	slices.Sort(names)
	var wg sync.WaitGroup
	for _, a := range actors {
		wg.Go(func() {
			if restarts && slices.Contains(names, a.name) {
				life, stop := context.WithDeadline(ctx, back)
				a.start(life, false)
				stop()
			}
			a.start(ctx, false)
		})
	}
	time.Sleep(time.Until(back) - time.Minute)
	s.saysWho(actors, names)
	time.Sleep(6 * time.Hour)
	s.compare(actors)
	s.ended(actors, false)
	cancel()
	wg.Wait()
	s.judge()
}

// saysWho holds that a study which stands still names exactly those who are
// away, since when, and what to do.
func (s *sim) saysWho(actors []*actor, away []string) {
	if s.state.Studies["s"].Close != nil {
		return
	}
	for _, a := range actors {
		if slices.Contains(away, a.name) {
			continue
		}
		waits := a.party.Waiting()
		var who []string
		for _, w := range waits {
			if len(w.Who) > 0 && !w.Since.IsZero() && w.Remedy != "" {
				who = append(who, w.Who...)
			}
		}
		slices.Sort(who)
		if who = slices.Compact(who); len(who) == 0 || slices.ContainsFunc(who, func(n string) bool { return !slices.Contains(away, n) }) {
			s.t.Errorf("%s says that it waits for %v; away are %v: %+v", a.name, who, away, waits)
		}
	}
}

// TestLaptopsThatSleep runs ten rounds over machines that share only one waking
// hour a day, a tenth of which stay away each day. The study ends within two
// such hours.
func TestLaptopsThatSleep(t *testing.T) {
	for seed := range *absences {
		synctest.Test(t, func(t *testing.T) {
			if !laptops(t, int64(seed), audit.OnLateProceed) {
				t.Errorf("not closed after two shared hours")
			}
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestLaptopsThatAreAllWaitedFor is the same without on_late: the first opening
// then waits for the tenth that stays away. It shows that the test above would
// see a study that does not get on.
func TestLaptopsThatAreAllWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if laptops(t, 0, "") {
			t.Error("a study that waits for everybody ended without some")
		}
	})
}

// laptops reports whether the study was closed after two shared hours.
func laptops(t *testing.T, seed int64, onLate string) (closed bool) {
	rounds := 10
	if testing.Short() {
		rounds = 3
	}
	s := big(t, seed, rounds)
	s.late = onLate
	s.found()
	ctx, cancel := context.WithCancel(t.Context())
	actors := s.everybody()
	machines := s.machines(actors)
	midnight := time.Now().Truncate(24 * time.Hour).Add(24 * time.Hour)
	shared := func(day int) time.Time { return midnight.Add(time.Duration(24*day+9) * time.Hour) }
	for i := range s.nodes {
		m := machines[simNode(i)]
		m.still = time.Duration(5+s.rng.Intn(55)) * time.Second
		before, after := time.Duration(s.rng.Intn(90))*time.Minute, time.Duration(s.rng.Intn(90))*time.Minute
		switch i { // two make the hour no longer than an hour
		case 0:
			before = 0
		case 1:
			after = 0
		}
		m.onAt = func(now time.Time) time.Time {
			for day := 0; ; day++ {
				from, to := shared(day).Add(-before), shared(day).Add(time.Hour+after)
				stays := slices.Contains(rand.New(rand.NewSource(seed*1000 + int64(day))).Perm(s.nodes)[:s.nodes/10], i)
				if stays || !now.Before(to) {
					continue
				}
				if now.Before(from) {
					return from
				}
				return now
			}
		}
	}
	var wg sync.WaitGroup
	for _, a := range actors {
		wg.Go(func() { a.start(ctx, false) })
	}
	end := shared(1).Add(time.Hour)
	time.Sleep(time.Until(end))
	study := s.state.Studies["s"]
	if closed = study.Close != nil; closed {
		s.t.Logf("closed at %s with %d of %d institutions", study.Close.Time, len(study.Opened(1).Set.Body.(*audit.Set).Points), s.nodes)
	} else {
		s.t.Logf("in round %d, attempt %d", study.Round, study.NextAttempt()-1)
		for _, w := range actors[0].party.Waiting() {
			s.t.Logf("waits for %v: %s since %v until %v", w.Who, w.What, w.Since, w.Until)
		}
	}
	cancel()
	wg.Wait()
	s.judge()
	return closed
}
