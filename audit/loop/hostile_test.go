package loop

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/hpke"
	"errors"
	"flag"
	"fmt"
	"maps"
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
	seeds     = flag.Int("seeds", 60, "federations under a hostile sequencer to simulate")
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
	t.Logf("%d federations; in %d an attempt was left open by nodes that stopped, and everybody says so", *seeds, stuck)
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
	rng *rand.Rand

	mu      sync.Mutex
	state   *audit.State // the sequencer's
	leaves  [][]byte
	index   map[crypto.Digest]int64
	grown   chan struct{}
	signers map[string]note.Signer
	keys    map[string]string
	secrets map[string]ed25519.PrivateKey
	calm    bool
	slow    bool // some messages take minutes, so that nodes miss the set
	nodes   int
	rounds  int

	careless bool                 // a mutant: nodes do not keep what they encrypted
	late     string               // on_late of the study
	crashes  []string             // who stops now and then
	cut      map[string]time.Time // who is parted from the rest, until when
	acked    map[int64]crypto.Digest

	encrypted map[string]crypto.Digest // frames by "node attempt"
}

func newSim(t *testing.T, seed int64) *sim {
	s := &sim{
		t: t, rng: rand.New(rand.NewSource(seed)), nodes: 4, rounds: 2, cut: map[string]time.Time{}, index: map[crypto.Digest]int64{}, grown: make(chan struct{}),
		signers: map[string]note.Signer{}, keys: map[string]string{}, secrets: map[string]ed25519.PrivateKey{},
		acked: map[int64]crypto.Digest{}, encrypted: map[string]crypto.Digest{}, slow: seed%2 == 0,
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

// chance reports true once in n, and never once the hostility has ended.
func (s *sim) chance(n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.calm && s.rng.Intn(n) == 0
}

func (s *sim) delay() {
	s.mu.Lock()
	d := time.Duration(s.rng.Intn(200)) * time.Millisecond
	if !s.calm && s.slow && s.rng.Intn(40) == 0 {
		d = time.Duration(s.rng.Intn(400)) * time.Second
	}
	s.mu.Unlock()
	time.Sleep(d)
}

var errLost = errors.New("the connection broke")

// Append implements Log.
func (s *sim) Append(ctx context.Context, leaf []byte) (int64, error) {
	s.delay()
	if s.chance(12) {
		return 0, errLost
	}
	index, err := s.sequence(leaf)
	s.again()
	s.delay()
	if s.chance(12) {
		return 0, errLost // taken or not: the sender cannot know
	}
	if err == nil {
		s.mu.Lock()
		s.acked[index] = crypto.DigestOf(leaf)
		s.mu.Unlock()
	}
	return index, err
}

// again delivers a message of before a second time.
func (s *sim) again() {
	if !s.chance(20) {
		return
	}
	s.mu.Lock()
	leaf := s.leaves[s.rng.Intn(len(s.leaves))]
	size := len(s.leaves)
	s.mu.Unlock()
	if i, err := s.sequence(bytes.Clone(leaf)); err != nil || i >= int64(size) {
		s.t.Errorf("a doubled message became entry %d, %v", i, err)
	}
}

// line is one party's connection, which the network may cut.
type line struct {
	*sim
	name string
}

// cut reports whether this party is parted from the rest now; now and then it
// begins to be, for up to a quarter of an hour.
func (l line) isCut() bool {
	begins := l.chance(300)
	l.mu.Lock()
	defer l.mu.Unlock()
	if begins {
		l.sim.cut[l.name] = time.Now().Add(time.Duration(l.rng.Intn(900)) * time.Second)
	}
	return !l.calm && time.Now().Before(l.sim.cut[l.name])
}

// Append implements Log.
func (l line) Append(ctx context.Context, leaf []byte) (int64, error) {
	if l.isCut() {
		return 0, errLost
	}
	index, err := l.sim.Append(ctx, leaf)
	if l.isCut() {
		return 0, errLost
	}
	return index, err
}

// Follow implements Log.
func (l line) Follow(ctx context.Context, from int64, page func(int64, [][]byte, []byte) error) error {
	return l.sim.Follow(ctx, from, func(from int64, leaves [][]byte, checkpoint []byte) error {
		if l.isCut() {
			return errLost
		}
		return page(from, leaves, checkpoint)
	})
}

// Checkpoint is the newest one.
func (l line) Checkpoint(context.Context) ([]byte, error) {
	l.delay()
	if l.isCut() || l.chance(12) {
		return nil, errLost
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return audit.MakeCheckpoint(simOrigin, l.state.Head(), l.signers["coordinator"])
}

type refusedError struct{ error }

func (refusedError) Refused() bool   { return true }
func (e refusedError) Unwrap() error { return e.error }

func (s *sim) sequence(leaf []byte) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := crypto.DigestOf(leaf)
	if i, ok := s.index[d]; ok {
		return i, nil
	}
	if _, err := s.state.Check(leaf); err != nil {
		return 0, refusedError{err}
	}
	s.state.Apply(leaf)
	i := int64(len(s.leaves))
	s.leaves = append(s.leaves, leaf)
	s.index[d] = i
	close(s.grown)
	s.grown = make(chan struct{})
	return i, nil
}

// Follow implements Log.
func (s *sim) Follow(ctx context.Context, from int64, page func(int64, [][]byte, []byte) error) error {
	for {
		s.delay()
		s.mu.Lock()
		size := int64(len(s.leaves))
		grown := s.grown
		to := min(size, from+1+int64(s.rng.Intn(8)))
		var leaves [][]byte
		var checkpoint []byte
		if to > from {
			leaves = slices.Clone(s.leaves[from:to])
			root, _ := s.state.RootAt(to)
			checkpoint, _ = audit.MakeCheckpoint(simOrigin, audit.Head{Size: to, Root: root}, s.signers["coordinator"])
		}
		s.mu.Unlock()
		if s.chance(30) {
			return errLost
		}
		if to > from {
			if err := page(from, leaves, checkpoint); err != nil {
				return err
			}
			from = to
			continue
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-grown:
		}
	}
}

// memJournal is a disk that survives restarts of its party.
type memJournal struct {
	mu     sync.Mutex
	leaves [][]byte
	outbox []byte
}

func (j *memJournal) Entries(yield func([]byte) error) error {
	j.mu.Lock()
	leaves := slices.Clone(j.leaves)
	j.mu.Unlock()
	for _, l := range leaves {
		if err := yield(l); err != nil {
			return err
		}
	}
	return nil
}

func (j *memJournal) Extend(from int64, leaves [][]byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.leaves = append(j.leaves[:from], leaves...)
	return nil
}

func (j *memJournal) Outbox() ([]byte, error) { j.mu.Lock(); defer j.mu.Unlock(); return j.outbox, nil }

func (j *memJournal) SetOutbox(leaf []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.outbox = leaf
	return nil
}

// actor is a party over its restarts: disk survives, memory does not.
type actor struct {
	s       *sim
	name    string
	journal memJournal
	log     Log
	updates map[crypto.Digest]*audit.Update // disk: finished uploads
	kept    map[crypto.Digest]bool          // disk: journalled releases
	voted   map[crypto.Digest]bool          // disk

	mu     sync.Mutex // memory, lost at a restart
	old    disk       // a copy of the disk that will be put back; none while its updates are nil
	party  *Party
	holds  map[crypto.Digest]bool
	models map[string]audit.ModelState
}

func (s *sim) actor(name string) *actor {
	return &actor{s: s, name: name, log: line{s, name}, updates: map[crypto.Digest]*audit.Update{}, kept: map[crypto.Digest]bool{}, voted: map[crypto.Digest]bool{}}
}

// start runs the party until ctx ends or the seed says that it crashes.
func (a *actor) start(ctx context.Context, crashes bool) {
	for ctx.Err() == nil {
		life, cancel := context.WithCancel(ctx)
		a.mu.Lock()
		a.holds, a.models = map[crypto.Digest]bool{}, map[string]audit.ModelState{}
		p, err := New(Config{
			Name: a.name, Signer: a.s.signers[a.name], Origin: simOrigin, CoordinatorKey: a.s.keys["coordinator"],
			Log: a.log, Journal: &a.journal, Local: a.local, Foreign: func(*audit.Statement) { a.forget() },
			Handlers: map[string]Handler{
				audit.TaskReady: a.ready, audit.TaskUpdate: a.update, audit.TaskVote: a.vote,
				audit.TaskRelease: a.release, audit.TaskAbort: a.abort, audit.TaskAdvance: a.advance,
				audit.TaskOpen: a.open, audit.TaskSet: a.set, audit.TaskResult: a.result, audit.TaskClose: a.close,
			},
			Failed: func(task audit.Task, err error) {
				var r *audit.Refusal
				if !errors.As(err, &r) && !errors.Is(err, errLost) && life.Err() == nil {
					a.s.t.Errorf("%s: %s: %v", a.name, task.Key, err)
				}
			},
		})
		a.party = p
		a.mu.Unlock()
		if err != nil {
			a.s.t.Error(err)
			cancel()
			return
		}
		a.old = disk{}
		if crashes && a.s.chance(1) && !a.s.chance(4) {
			a.s.mu.Lock()
			// A round takes seconds or, with slow messages, minutes: stops
			// come after both.
			copied := time.Duration(a.s.rng.Intn(900_000)>>a.s.rng.Intn(9)) * time.Millisecond
			after := copied + time.Duration(a.s.rng.Intn(300_000)>>a.s.rng.Intn(9))*time.Millisecond
			restore := a.s.rng.Intn(3) == 0
			a.s.mu.Unlock()
			if restore {
				time.AfterFunc(copied, a.copy)
			}
			time.AfterFunc(after, cancel)
		}
		if err := p.Run(life); err != nil {
			a.s.t.Errorf("%s: %v", a.name, err)
		}
		a.restore()
		cancel()
	}
}

// disk is what survives a stop of a party; a copy of it may come back.
type disk struct {
	leaves  [][]byte
	outbox  []byte
	updates map[crypto.Digest]*audit.Update
	kept    map[crypto.Digest]bool
	voted   map[crypto.Digest]bool
}

func (a *actor) copy() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.journal.mu.Lock()
	defer a.journal.mu.Unlock()
	a.old = disk{slices.Clone(a.journal.leaves), a.journal.outbox, maps.Clone(a.updates), maps.Clone(a.kept), maps.Clone(a.voted)}
}

// restore puts the copy back, if one was made.
func (a *actor) restore() {
	a.mu.Lock()
	defer a.mu.Unlock()
	d := a.old
	if d.updates == nil {
		return
	}
	a.journal.mu.Lock()
	defer a.journal.mu.Unlock()
	a.journal.leaves, a.journal.outbox = d.leaves, d.outbox
	a.updates, a.kept, a.voted = d.updates, d.kept, d.voted
}

// forget drops what is held in memory for attempts under way.
func (a *actor) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.holds)
}

func (a *actor) local() audit.Local {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := audit.Local{Models: maps.Clone(a.models), Holds: maps.Clone(a.holds), Outbox: map[crypto.Digest]bool{}, Journal: maps.Clone(a.kept)}
	for id := range a.updates {
		l.Outbox[id] = true
	}
	return l
}

func (s *sim) model(round int) audit.ModelState {
	return audit.ModelState{
		Round: round, Digest: crypto.DigestOf(fmt.Append(nil, "model", round)), Done: round > s.rounds,
		Shape: crypto.Shape{Codec: crypto.CodecStat, Tensors: []crypto.Tensor{{Name: "sum", Len: round, Bits: 40}}},
	}
}

func (a *actor) say(ctx context.Context, t audit.Task, b audit.Body, before func(*audit.Statement) error) error {
	_, err := a.party.Say(ctx, audit.Header{Study: t.Study, Round: t.Round, Attempt: t.Attempt}, b, before)
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// attempt copies what a handler needs of its attempt.
func (a *actor) attempt(t audit.Task, see func(*audit.Attempt)) {
	a.party.View(func(st *audit.State) { see(st.Attempt(t.Study, t.Round, t.Attempt)) })
}

func (s *sim) random() (d crypto.Digest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rng.Read(d[:])
	return d
}

func (a *actor) ready(ctx context.Context, t audit.Task) error {
	key, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return err
	}
	m := a.s.model(t.Round)
	return a.say(ctx, t, &audit.Ready{State: m.Digest, Shape: m.Shape, Key: key.PublicKey().Bytes()}, func(s *audit.Statement) error {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.holds[s.Hash] = true
		return nil
	})
}

func (a *actor) update(ctx context.Context, t audit.Task) error {
	var id crypto.Digest
	var seats int
	var shape crypto.Shape
	a.attempt(t, func(at *audit.Attempt) { id, seats, shape = at.ID, len(at.Seats()), at.Open.Body.(*audit.Open).Shape })
	a.mu.Lock()
	u := a.updates[id]
	a.mu.Unlock()
	if u == nil || a.s.careless {
		u = &audit.Update{Open: id,
			Frames: audit.BlobRef{Digest: a.s.random(), Size: shape.FrameSize()},
			Boxes:  audit.BlobRef{Digest: a.s.random(), Size: int64(seats) * int64(crypto.BoxSize)}}
		for range seats {
			u.BoxDigests = append(u.BoxDigests, a.s.random())
			u.Shares = append(u.Shares, a.s.random())
		}
		a.mu.Lock()
		a.updates[id] = u
		a.mu.Unlock()
		key := a.name + " " + id.String()
		a.s.mu.Lock()
		if _, ok := a.s.encrypted[key]; ok {
			a.s.t.Errorf("%s made two ciphertexts for attempt %s", a.name, id)
		}
		a.s.encrypted[key] = u.Frames.Digest
		a.s.mu.Unlock()
	}
	a.s.delay() // the upload
	if a.s.chance(3) {
		return errLost // cut off: the loop comes back to the task
	}
	return a.say(ctx, t, u, nil)
}

func (a *actor) vote(ctx context.Context, t audit.Task) error {
	b := new(audit.Vote)
	a.attempt(t, func(at *audit.Attempt) {
		set := at.Set.Body.(*audit.Set)
		*b = audit.Vote{Open: at.ID, Points: set.Points, Root: set.Root}
	})
	return a.say(ctx, t, b, func(*audit.Statement) error {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.voted[b.Open] = true
		return nil
	})
}

func (a *actor) release(ctx context.Context, t audit.Task) error {
	b := new(audit.Release)
	a.attempt(t, func(at *audit.Attempt) {
		b.Open = at.ID
		if _, ok := at.Certificate(); !ok {
			a.s.t.Errorf("%s was to release without a certificate", a.name)
		}
	})
	b.Sum = audit.BlobRef{Digest: crypto.DigestOf(append([]byte(a.name), b.Open[:]...)), Size: crypto.ReleaseSize}
	a.mu.Lock()
	if !a.voted[b.Open] {
		a.s.t.Errorf("%s was to release what it did not vote for", a.name)
	}
	a.kept[b.Open] = true
	a.mu.Unlock()
	return a.say(ctx, t, b, nil)
}

func (a *actor) abort(ctx context.Context, t audit.Task) error {
	b := &audit.Abort{Reason: "no_certificate", Cannot: []int{}}
	a.attempt(t, func(at *audit.Attempt) { b.Open = at.ID })
	return a.say(ctx, t, b, nil)
}

func (a *actor) advance(_ context.Context, t audit.Task) error {
	a.mu.Lock()
	a.models[t.Study] = a.s.model(t.Round + 1)
	a.mu.Unlock()
	a.party.Wake()
	return nil
}

func (a *actor) open(ctx context.Context, t audit.Task) error {
	var b *audit.Open
	a.party.View(func(st *audit.State) {
		if o, r := st.NextOpenAt(st.Studies[t.Study], time.Now()); r == nil {
			b = o
		}
	})
	if b == nil {
		return nil
	}
	return a.say(ctx, t, b, nil)
}

func (a *actor) set(ctx context.Context, t audit.Task) error {
	b := &audit.Set{}
	a.party.View(func(st *audit.State) {
		b.Open = st.Attempt(t.Study, t.Round, t.Attempt).ID
		b.Points, b.Absent = st.NextSet(t.Study, t.Round, t.Attempt)
	})
	b.Root = crypto.DigestOf(fmt.Append(nil, b.Points))
	return a.say(ctx, t, b, nil)
}

func (a *actor) result(ctx context.Context, t audit.Task) error {
	b := &audit.Result{Valid: true, Used: []int{}, Wrong: []int{}, Sums: crypto.DigestOf([]byte(t.Key))}
	a.attempt(t, func(at *audit.Attempt) {
		b.Open = at.ID
		for name := range at.Releases {
			b.Used = append(b.Used, at.Point(name))
		}
	})
	slices.Sort(b.Used)
	return a.say(ctx, t, b, nil)
}

func (a *actor) close(ctx context.Context, t audit.Task) error {
	t.Round = 0 // a close is about the whole study
	return a.say(ctx, t, &audit.Close{State: a.s.model(a.s.rounds + 1).Digest, Reason: "finished"}, nil)
}

func (s *sim) proposal() *audit.Proposal {
	p := &audit.Proposal{Study: "a study", OnLate: s.late}
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
		Protocol: 1, Name: "sim", Coordinator: audit.Party{Name: "coordinator", Key: s.keys["coordinator"]}, Founders: []audit.Founder{},
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
		m := &audit.Member{Charter: s.state.Charter.Hash, Institution: name, Node: audit.Party{Name: name, Key: s.keys[name]}}
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
	s.ended(actors, s.slow && len(s.crashes) > 2)
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
