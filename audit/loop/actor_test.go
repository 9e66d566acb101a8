package loop

import (
	"context"
	"crypto/hpke"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// memJournal is a disk that survives restarts of its party.
type memJournal struct {
	mu     sync.Mutex
	leaves [][]byte
	outbox []byte
	signed []byte
}

func (j *memJournal) Cosigned() ([]byte, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.signed, nil
}

func (j *memJournal) SetCosigned(signed []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.signed = signed
	return nil
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
			Log: a.log, Journal: &a.journal, Cosign: &a.journal, Local: a.local, Foreign: func(*audit.Statement) { a.forget() },
			Handlers: a.handlers(),
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
		of := a.name + " life"
		if crashes && a.s.chance(of, 1) && !a.s.chance(of, 4) {
			a.s.mu.Lock()
			r := a.s.dice(of)
			// A round takes seconds or, with slow messages, minutes: stops
			// come after both.
			copied := upTo(r, 15*time.Minute) >> r.Intn(9)
			after := copied + upTo(r, 5*time.Minute)>>r.Intn(9)
			restore := r.Intn(3) == 0
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

// handlers begin after a moment of work each, so that of two tasks given at once
// the seed and not the scheduler says which one speaks first.
func (a *actor) handlers() map[string]Handler {
	all := map[string]Handler{
		audit.TaskReady: a.ready, audit.TaskUpdate: a.update, audit.TaskVote: a.vote,
		audit.TaskRelease: a.release, audit.TaskAbort: a.abort, audit.TaskAdvance: a.advance,
		audit.TaskOpen: a.open, audit.TaskSet: a.set, audit.TaskResult: a.result, audit.TaskClose: a.close,
	}
	for kind, h := range all {
		all[kind] = func(ctx context.Context, t audit.Task) error {
			a.s.mu.Lock()
			d := upTo(a.s.dice(a.name+" "+t.Key), 10*time.Millisecond)
			a.s.mu.Unlock()
			time.Sleep(d)
			return h(ctx, t)
		}
	}
	return all
}

// disk is what survives a stop of a party; a copy of it may come back.
type disk struct {
	leaves  [][]byte
	outbox  []byte
	signed  []byte
	updates map[crypto.Digest]*audit.Update
	kept    map[crypto.Digest]bool
	voted   map[crypto.Digest]bool
}

func (a *actor) copy() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.journal.mu.Lock()
	defer a.journal.mu.Unlock()
	a.old = disk{slices.Clone(a.journal.leaves), a.journal.outbox, a.journal.signed, maps.Clone(a.updates), maps.Clone(a.kept), maps.Clone(a.voted)}
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
	a.journal.leaves, a.journal.outbox, a.journal.signed = d.leaves, d.outbox, d.signed
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
	s.dice("bytes").Read(d[:])
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
	var open *audit.Open
	a.attempt(t, func(at *audit.Attempt) { id, seats, open = at.ID, len(at.Seats()), at.Open.Body.(*audit.Open) })
	a.mu.Lock()
	u := a.updates[id]
	a.mu.Unlock()
	if u == nil || a.s.careless {
		u = &audit.Update{Open: id,
			Frames:     audit.BlobRef{Digest: a.s.random(), Size: open.Shape.FrameSize()},
			Boxes:      audit.BlobRef{Digest: a.s.random(), Size: int64(seats) * int64(crypto.BoxSize)},
			Projection: audit.BlobRef{Digest: a.s.random(), Size: int64(crypto.ProjectionSize(open.T))}}
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
	of := fmt.Sprint(a.name, " upload ", t.Round, t.Attempt)
	a.s.delay(of)
	if a.s.chance(of, 3) {
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
