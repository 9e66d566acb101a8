package loop

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"flag"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

var (
	seeds     = flag.Int("seeds", 20, "federations under a hostile sequencer to simulate")
	firstSeed = flag.Int("first", 0, "the first of them")
)

const simOrigin = "sim.example/log"

// TestHostileSequencer runs whole federations of real loops on a mock clock.
// The network delays, loses, doubles and reorders requests and answers, cuts
// streams and parts nodes from the rest for a while; any party stops at any
// time, up to n-t nodes among them, and comes back with its disk, or with an
// older copy of it. Whatever happens: nothing acknowledged is lost, no entry is
// void, no node encrypts, votes or releases twice in an attempt, no round has
// certificates for two sets, and once the hostility ends the study closes with
// everybody holding the same log. Only when nodes were stopped and others late
// may an attempt stay open for good; then every party says so.
func TestHostileSequencer(t *testing.T) {
	stuck := 0
	if testing.Short() {
		*seeds = min(*seeds, 15)
	}
	for seed := *firstSeed; seed < *firstSeed+*seeds; seed++ {
		synctest.Test(t, func(t *testing.T) {
			s := newSim(t, int64(seed))
			s.run()
			if s.state.Studies["s"].Close == nil {
				stuck++
			}
		})
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	if stuck > 1+*seeds/50 {
		t.Errorf("in %d of %d federations an attempt was left open", stuck, *seeds)
	}
	t.Logf("%d federations; in %d an attempt was left open by nodes that stopped, and everybody says so", *seeds, stuck)
}

// TestSimulationIsDeterministic runs seeds twice: who said what, and when to
// the nanosecond, is the same, so that a seed that fails fails again.
func TestSimulationIsDeterministic(t *testing.T) {
	for seed := range int64(*seeds / 5) {
		var runs [2]string
		for i := range runs {
			synctest.Test(t, func(t *testing.T) {
				s := newSim(t, seed)
				s.run()
				runs[i] = strings.Join(s.trace, "\n")
			})
		}
		if runs[0] != runs[1] {
			t.Fatalf("seed %d ran twice, differently:\n%s\n\n%s", seed, runs[0], runs[1])
		}
	}
}

// witness keeps what would fail a test.
type witness struct {
	testing.TB
	mu   sync.Mutex
	said []string
}

func (w *witness) Errorf(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said = append(w.said, fmt.Sprintf(format, args...))
}

// TestSimulationHasTeeth runs nodes that encrypt anew whenever they are asked:
// the simulation must see two ciphertexts under one attempt.
func TestSimulationHasTeeth(t *testing.T) {
	for seed := range int64(40) {
		w := &witness{TB: t}
		synctest.Test(t, func(t *testing.T) {
			s := newSim(t, seed)
			s.t, s.careless = w, true
			s.run()
		})
		if slices.ContainsFunc(w.said, func(e string) bool { return strings.Contains(e, "two ciphertexts") }) {
			return
		}
	}
	t.Error("nodes that encrypt twice were not found")
}

// sim is one federation: parties as goroutines, a sequencer that misbehaves.
type sim struct {
	t   testing.TB
	rng *rand.Rand // of the test itself

	seed    int64
	began   time.Time
	mu      sync.Mutex
	rolled  map[string]*rand.Rand
	state   *audit.State // the sequencer's
	leaves  [][]byte
	index   map[crypto.Digest]int64
	grown   chan struct{}
	signers map[string]note.Signer
	keys    map[string]string
	secrets map[string]ed25519.PrivateKey
	calm    bool
	trace   []string // who said what, when
	slow    bool     // some messages take minutes, so that nodes miss the set
	nodes   int
	rounds  int

	careless bool                 // a mutant: nodes do not keep what they encrypted
	late     string               // on_late of the study
	crashes  []string             // who stops now and then
	cut      map[string]time.Time // who is parted from the rest, until when
	acked    map[int64]crypto.Digest

	encrypted map[string]crypto.Digest // frames by "node attempt"

	cosigned map[int64][]audit.Cosignature // by size
	changes  []int64                       // sizes, in the order in which co-signatures came
	hears    map[string]func([]byte)       // who is told of them, by line
}

func newSim(t *testing.T, seed int64) *sim {
	s := &sim{
		t: t, seed: seed, began: time.Now(), rolled: map[string]*rand.Rand{}, rng: rand.New(rand.NewSource(seed)), nodes: 4, rounds: 2, cut: map[string]time.Time{}, index: map[crypto.Digest]int64{}, grown: make(chan struct{}),
		signers: map[string]note.Signer{}, keys: map[string]string{}, secrets: map[string]ed25519.PrivateKey{},
		acked: map[int64]crypto.Digest{}, encrypted: map[string]crypto.Digest{}, slow: seed%2 == 0,
		cosigned: map[int64][]audit.Cosignature{}, hears: map[string]func([]byte){},
	}
	if seed%3 == 0 {
		s.late = audit.OnLateProceed
	}
	s.crashes = []string{"coordinator", "researcher"}
	if seed%4 >= 2 {
		s.nodes = 7 // of which five must stay
	}
	for _, i := range s.rng.Perm(s.nodes)[:s.rng.Intn(s.nodes/3+1)] {
		s.crashes = append(s.crashes, simNode(i))
	}
	s.keygen()
	return s
}

// keygen makes everybody's keys.
func (s *sim) keygen() {
	names := []string{"coordinator", "researcher"}
	for i := range s.nodes {
		names = append(names, simNode(i), simNode(i)+".approver")
	}
	for _, name := range names {
		skey, vkey, err := note.GenerateKey(s.rng, name)
		if err != nil {
			s.t.Fatal(err)
		}
		if s.signers[name], err = note.NewSigner(skey); err != nil {
			s.t.Fatal(err)
		}
		s.keys[name] = vkey
		if s.secrets[name], err = audit.PrivateKey(skey); err != nil {
			s.t.Fatal(err)
		}
	}
	s.state = audit.NewState(simOrigin, s.keys["coordinator"])
}

func simNode(i int) string { return fmt.Sprintf("board%02d", i+1) }

func (s *sim) proposal() *audit.Proposal {
	p := &audit.Proposal{Study: "a study", OnLate: s.late, Numbers: 100}
	if s.late != "" {
		p.Wait = 600
	}
	return p
}

// found writes what people write: charter, members, proposal, decisions.
func (s *sim) found() {
	boot := s.random()
	sign := func(name string, h audit.Header, b audit.Body) {
		h = s.state.Next(name, boot, h)
		h.Time = time.Now().UTC().Format(time.RFC3339)
		leaf, err := audit.Sign(h, b, s.signers[name])
		if err == nil {
			_, err = s.sequence(leaf)
		}
		if err != nil {
			s.t.Fatal(err)
		}
	}
	charter := &audit.Charter{
		Protocol: audit.Protocol, Name: "sim", Coordinator: audit.Party{Name: "coordinator", Key: s.keys["coordinator"]}, Founders: []audit.Founder{},
		Researchers: []audit.Party{{Name: "researcher", Key: s.keys["researcher"]}}, Auditors: []audit.Party{},
		Parameters: crypto.Parameters, MinInstitutions: 3, Codebook: s.random(), Rehearsal: true, Retention: "a test",
	}
	for i := range s.nodes {
		name := simNode(i)
		charter.Founders = append(charter.Founders, audit.Founder{Institution: name, Approver: audit.Party{Name: name + ".approver", Key: s.keys[name+".approver"]}})
	}
	sign("coordinator", audit.Header{}, charter)
	for i := range s.nodes {
		name := simNode(i)
		m := &audit.Member{Act: audit.ActEnrol, Charter: s.state.Charter.Hash, Institution: name, Node: audit.Party{Name: name, Key: s.keys[name]}}
		m.Proof = ed25519.Sign(s.secrets[name], audit.ProofText(simOrigin, m))
		sign(name+".approver", audit.Header{}, m)
	}
	sign("researcher", audit.Header{Study: "s"}, s.proposal())
	for i := range s.nodes {
		name := simNode(i)
		sign(name+".approver", audit.Header{Study: "s"}, &audit.Decision{
			Proposal: s.state.Studies["s"].Proposal.Hash, Institution: name, Verdict: "approve",
			Ground: audit.GroundRehearsal, Purpose: "a test", Expires: "2100-01-01",
		})
	}
}

// everybody returns the parties whose loops run.
func (s *sim) everybody() []*actor {
	list := []*actor{s.actor("coordinator"), s.actor("researcher")}
	for i := range s.nodes {
		list = append(list, s.actor(simNode(i)))
	}
	return list
}

func (s *sim) run() {
	s.found()
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	actors := s.everybody()
	for _, a := range actors {
		wg.Go(func() { a.start(ctx, slices.Contains(s.crashes, a.name)) })
	}
	time.Sleep(2 * time.Hour)
	s.mu.Lock()
	s.calm = true
	s.mu.Unlock()
	time.Sleep(12 * time.Hour)
	s.compare(actors)
	s.ended(actors, len(s.crashes) > 2)
	cancel()
	wg.Wait()
	s.judge()
}

// compare holds every party's log against the sequencer's.
func (s *sim) compare(actors []*actor) {
	for _, a := range actors {
		a.mu.Lock()
		a.party.View(func(st *audit.State) {
			if st.Head() != s.state.Head() {
				s.t.Errorf("%s holds %v, the log is %v", a.name, st.Head(), s.state.Head())
			}
			if len(st.Findings) > 0 {
				s.t.Errorf("%s: %v", a.name, st.Findings[0])
			}
		})
		a.mu.Unlock()
	}
}

// ended holds that the study was closed; or, where that may be, that everybody
// says which attempt stays open, who could abort it, and what is left to do.
func (s *sim) ended(actors []*actor, mayStick bool) {
	study := s.state.Studies["s"]
	if study.Close != nil {
		return
	}
	stuck := mayStick
	for _, a := range actors {
		says := slices.ContainsFunc(a.party.Waiting(), func(w audit.Wait) bool {
			return strings.Contains(w.What, "to abort attempt") && len(w.Who) > 0 && !w.Since.IsZero() && strings.Contains(w.Remedy, "closed")
		})
		if stuck = stuck && says; !says {
			for _, w := range a.party.Waiting() {
				s.t.Logf("%s waits for %v: %s since %v until %v; now %v", a.name, w.Who, w.What, w.Since, w.Until, time.Now())
			}
		}
	}
	if stuck {
		return
	}
	s.t.Errorf("the study was not closed; it is in round %d, attempt %d; may stick: %v; stopped: %v", study.Round, study.NextAttempt()-1, mayStick, s.crashes)
	for _, at := range study.Rounds[study.Round-1] {
		s.t.Logf("attempt %d: seats %v, updates %d, set %v, votes %d, aborts %d, releases %d", at.Number, at.Seats(), len(at.Updates), at.Set != nil, len(at.Votes), len(at.Aborts), len(at.Releases))
	}
}

// judge holds what must be true of every log.
func (s *sim) judge() {
	study := s.state.Studies["s"]
	for i, d := range s.acked {
		if crypto.DigestOf(s.leaves[i]) != d {
			s.t.Errorf("acknowledged entry %d was lost", i)
		}
	}
	for _, round := range study.Rounds {
		var certified []int
		for _, at := range round {
			if !at.Certified() || at.Closed() {
				continue
			}
			points := at.Set.Body.(*audit.Set).Points
			if certified != nil && !slices.Equal(points, certified) {
				s.t.Errorf("round %d has certificates for %v and %v", at.Round, certified, points)
			}
			certified = points
		}
	}
	again := audit.NewState(simOrigin, s.keys["coordinator"])
	for i, leaf := range s.leaves {
		if _, f := again.Apply(bytes.Clone(leaf)); f != nil {
			s.t.Errorf("entry %d is void: %v", i, f)
		}
	}
}
