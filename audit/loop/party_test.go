package loop

import (
	"context"
	"crypto/hpke"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// twisted is a log whose pages a test may change on their way.
type twisted struct {
	line
	twist func(from int64, leaves [][]byte, checkpoint []byte) (int64, [][]byte, []byte)
}

func (l twisted) Follow(ctx context.Context, from int64, page func(int64, [][]byte, []byte) error) error {
	return l.stream(ctx, "twisted", from, func(at int64, leaves [][]byte, checkpoint []byte) error {
		return page(l.twist(at, leaves, checkpoint))
	})
}

// held returns the entries the sequencer has.
func (s *sim) held() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.leaves)
}

// TestTwistedLogStopsTheParty shows a party pages that are not the log: it must
// stop, with an InconsistentError, whatever was changed.
func TestTwistedLogStopsTheParty(t *testing.T) {
	flip := func(b []byte) []byte { b = slices.Clone(b); b[len(b)/2] ^= 1; return b }
	for name, twist := range map[string]func(int64, [][]byte, []byte) (int64, [][]byte, []byte){
		"a flipped bit in an entry": func(f int64, l [][]byte, c []byte) (int64, [][]byte, []byte) {
			return f, append([][]byte{flip(l[0])}, l[1:]...), c
		},
		"a flipped bit in the checkpoint": func(f int64, l [][]byte, c []byte) (int64, [][]byte, []byte) {
			return f, l, flip(c)
		},
		"an entry missing": func(f int64, l [][]byte, c []byte) (int64, [][]byte, []byte) { return f, l[1:], c },
		"an entry doubled": func(f int64, l [][]byte, c []byte) (int64, [][]byte, []byte) {
			return f, append([][]byte{l[0]}, l...), c
		},
		"a page from elsewhere": func(f int64, l [][]byte, c []byte) (int64, [][]byte, []byte) { return f + 1, l, c },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newSim(t, 1)
				s.calm = true
				s.found()
				p, err := New(Config{
					Name: "board01", Signer: s.signers["board01"], Origin: simOrigin, CoordinatorKey: s.keys["coordinator"],
					Log: twisted{line{s, "board01"}, twist},
				})
				if err != nil {
					t.Fatal(err)
				}
				var bad *InconsistentError
				if err := p.Run(t.Context()); !errors.As(err, &bad) {
					t.Errorf("the party ended with %v", err)
				}
			})
		})
	}
}

// failing is a journal whose first writes fail.
type failing struct {
	memJournal
	left int
}

func (j *failing) Extend(from int64, leaves [][]byte) error {
	if j.left--; j.left >= 0 {
		return errors.New("the disk is full")
	}
	return j.memJournal.Extend(from, leaves)
}

// TestFailingJournalLosesNothing: a page that could not be kept is neither
// folded nor skipped.
func TestFailingJournalLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		s.calm = true
		s.found()
		journal := &failing{left: 5}
		p, err := New(Config{
			Name: "board01", Signer: s.signers["board01"], Origin: simOrigin, CoordinatorKey: s.keys["coordinator"],
			Log: line{s, "board01"}, Journal: journal,
		})
		if err != nil {
			t.Fatal(err)
		}
		life, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- p.Run(life) }()
		time.Sleep(time.Hour)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if held := s.held(); !slices.EqualFunc(held, journal.leaves, slices.Equal[[]byte]) {
			t.Errorf("the journal keeps %d of %d entries, or others", len(journal.leaves), len(held))
		}
	})
}

// mute is a log that takes no statement and gives no answer.
type mute struct{ line }

func (mute) Append(ctx context.Context, _ []byte) (int64, error) {
	<-ctx.Done()
	return 0, ctx.Err()
}

// TestOutboxIsResentByteForByte crashes a party between keeping a statement and
// hearing the answer: the next start sends the same bytes and no others.
func TestOutboxIsResentByteForByte(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		s.calm = true
		s.found()
		journal := new(memJournal)
		cfg := Config{
			Name: "board01.approver", Signer: s.signers["board01.approver"], Origin: simOrigin,
			CoordinatorKey: s.keys["coordinator"], Log: mute{line{s, "board01.approver"}}, Journal: journal,
		}
		first, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		life, crash := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- first.Run(life) }()
		time.Sleep(time.Minute)
		decision := func(p *Party) *audit.Decision {
			d := &audit.Decision{Institution: "board01", Verdict: "withdraw", Ground: audit.GroundRehearsal, Purpose: "a test", Expires: "2100-01-01"}
			p.View(func(st *audit.State) { d.Proposal = st.Studies["s"].Proposal.Hash })
			return d
		}
		var kept []byte
		_, err = first.Say(life, audit.Header{Study: "s"}, decision(first), func(st *audit.Statement) error {
			kept = st.Leaf
			time.AfterFunc(time.Second, crash) // after the outbox, before any answer
			return nil
		})
		if err == nil {
			t.Fatal("the statement was answered before the crash")
		}
		<-ended
		if out, _ := journal.Outbox(); string(out) != string(kept) {
			t.Fatal("the outbox does not hold the statement that was being sent")
		}
		size := len(s.held())
		cfg.Log = line{s, "board01.approver"}
		second, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		life, stop := context.WithCancel(t.Context())
		go func() { ended <- second.Run(life) }()
		time.Sleep(time.Minute)
		if held := s.held(); len(held) != size+1 || string(held[len(held)-1]) != string(kept) {
			t.Errorf("the log has %d entries and does not end with the kept statement", len(held))
		}
		if out, _ := journal.Outbox(); out != nil {
			t.Error("the outbox still holds an answered statement")
		}
		stop()
		<-ended
	})
}

// TestRefusedIsFinal: what the rules refuse is neither kept nor sent again.
func TestRefusedIsFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		s.calm = true
		s.found()
		journal := new(memJournal)
		p, err := New(Config{
			Name: "board01", Signer: s.signers["board01"], Origin: simOrigin, CoordinatorKey: s.keys["coordinator"],
			Log: line{s, "board01"}, Journal: journal,
		})
		if err != nil {
			t.Fatal(err)
		}
		life, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- p.Run(life) }()
		time.Sleep(time.Minute)
		size := len(s.held())
		_, err = p.Say(life, audit.Header{Study: "s", Round: 7, Attempt: 1}, &audit.Ready{State: crypto.DigestOf(nil)}, nil)
		var r *audit.Refusal
		if !errors.As(err, &r) {
			t.Errorf("a `ready` for round 7 gave %v", err)
		}
		if out, _ := journal.Outbox(); out != nil || len(s.held()) != size {
			t.Error("a refused statement was kept or sent")
		}
		stop()
		<-ended
	})
}

// TestForeignStatementsAreNoticed: a statement under this party's key that it
// did not make says that a snapshot was restored or a copy runs. One with the
// epoch of this very start ends the epoch.
func TestForeignStatementsAreNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		s.calm = true
		s.found()
		var mu sync.Mutex
		var foreign []*audit.Statement
		seen := func() int {
			mu.Lock()
			defer mu.Unlock()
			return len(foreign)
		}
		p, err := New(Config{
			Name: "board01.approver", Signer: s.signers["board01.approver"], Origin: simOrigin,
			CoordinatorKey: s.keys["coordinator"], Log: line{s, "board01"}, Journal: new(memJournal),
			Foreign: func(st *audit.Statement) {
				mu.Lock()
				defer mu.Unlock()
				foreign = append(foreign, st)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		life, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- p.Run(life) }()
		time.Sleep(time.Minute)
		before := seen() // what was said before this journal began
		s.mu.Lock()
		proposal := s.state.Studies["s"].Proposal.Hash
		s.mu.Unlock()
		renew := func(purpose string) *audit.Decision {
			return &audit.Decision{
				Proposal: proposal, Institution: "board01", Verdict: "approve",
				Ground: audit.GroundRehearsal, Purpose: purpose, Expires: "2100-01-01",
			}
		}
		if _, err := p.Say(life, audit.Header{Study: "s"}, renew("its own"), nil); err != nil {
			t.Fatal(err)
		}
		boot := p.Boot()
		copied := func(boot crypto.Digest, purpose string) {
			s.mu.Lock()
			h := s.state.Next("board01.approver", boot, audit.Header{Study: "s"})
			s.mu.Unlock()
			h.Time = time.Now().UTC().Format(time.RFC3339)
			leaf, err := audit.Sign(h, renew(purpose), s.signers["board01.approver"])
			if err == nil {
				_, err = s.sequence(leaf)
			}
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Minute)
		}
		if n := seen() - before; n != 0 {
			t.Errorf("its own statement counts as foreign, %d times", n)
		}
		copied(boot, "by a snapshot of this start")
		if n := seen() - before; n != 1 || p.Boot() == boot {
			t.Errorf("%d foreign statements, same epoch: %v", n, p.Boot() == boot)
		}
		boot = p.Boot()
		copied(s.random(), "by another start")
		if n := seen() - before; n != 2 || p.Boot() != boot {
			t.Errorf("%d foreign statements, same epoch: %v", n, p.Boot() == boot)
		}
		stop()
		<-ended
	})
}

// TestKeptReadyIsLetGo: the key that a kept `ready` offers is gone with the
// memory of the start that made it.
func TestKeptReadyIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSim(t, 1)
		s.calm = true
		s.found()
		m := s.model(1)
		key, err := hpke.MLKEM768X25519().GenerateKey()
		if err != nil {
			t.Fatal(err)
		}
		h := s.state.Next("board01", s.random(), audit.Header{Study: "s", Round: 1, Attempt: 1})
		h.Time = time.Now().UTC().Format(time.RFC3339)
		leaf, err := audit.Sign(h, &audit.Ready{State: m.Digest, Shape: m.Shape, Key: key.PublicKey().Bytes()}, s.signers["board01"])
		if err != nil {
			t.Fatal(err)
		}
		size := len(s.held())
		journal := &memJournal{outbox: leaf}
		p, err := New(Config{
			Name: "board01", Signer: s.signers["board01"], Origin: simOrigin,
			CoordinatorKey: s.keys["coordinator"], Log: line{s, "board01"}, Journal: journal,
		})
		if err != nil {
			t.Fatal(err)
		}
		life, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- p.Run(life) }()
		time.Sleep(time.Minute)
		if out, _ := journal.Outbox(); out != nil || len(s.held()) != size {
			t.Errorf("the `ready` of an earlier start was sent or kept; the log grew by %d", len(s.held())-size)
		}
		stop()
		<-ended
	})
}
