package loop

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// renew adds a decision of board01 that only its purpose tells from others.
func (s *sim) renew(purpose string) {
	s.t.Helper()
	s.mu.Lock()
	h := s.state.Next("board01.approver", s.diceDigest("renew "+purpose), audit.Header{Study: "s"})
	d := &audit.Decision{
		Proposal: s.state.Studies["s"].Proposal.Hash, Institution: "board01", Verdict: "approve",
		Ground: audit.GroundRehearsal, Purpose: purpose, Expires: "2100-01-01",
	}
	s.mu.Unlock()
	h.Time = time.Now().UTC().Format(time.RFC3339)
	leaf, err := audit.Sign(h, d, s.signers["board01.approver"])
	if err == nil {
		_, err = s.sequence(leaf)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// founded is a calm federation whose log ends with this decision. With one seed
// all have the same keys and the same history before it.
func founded(t *testing.T, purpose string) *sim {
	s := newSim(t, 1)
	s.calm = true
	s.found()
	s.renew(purpose)
	return s
}

// cosigner is a node over its starts: its disk and its evidence.
type cosigner struct {
	CosignJournal
	mu    sync.Mutex
	forks [][2][]byte
}

// life runs board01 over a log for a minute of the clock.
func (c *cosigner) life(t *testing.T, log Log, s *sim) (*Party, error) {
	t.Helper()
	p, err := New(Config{
		Name: "board01", Signer: s.signers["board01"], Origin: simOrigin, CoordinatorKey: s.keys["coordinator"],
		Log: log, Cosign: c.CosignJournal, Fork: func(held, shown []byte) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.forks = append(c.forks, [2][]byte{held, shown})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	life, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	return p, p.Run(life)
}

// forgetful is a mutant: a co-signer that does not remember what it co-signed.
type forgetful struct{ memJournal }

func (*forgetful) Cosigned() ([]byte, error) { return nil, nil }

// TestCosignerNeverSignsTwoHistories: after a restart, with nothing of the log
// kept, a co-signer refuses another history of the same length, says so to its
// end, and shows both checkpoints, which prove it to whoever has the key. One
// that forgets what it co-signed signs both: the proof is against itself.
func TestCosignerNeverSignsTwoHistories(t *testing.T) {
	for name, journal := range map[string]CosignJournal{"kept": new(memJournal), "forgotten": new(forgetful)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := founded(t, "one"), founded(t, "two")
				if a.state.Head().Size != b.state.Head().Size || a.state.Head() == b.state.Head() {
					t.Fatal("not two histories of one length")
				}
				size := a.state.Head().Size
				c := &cosigner{CosignJournal: journal}
				if _, err := c.life(t, line{a, "board01"}, a); err != nil {
					t.Fatal(err)
				}
				if len(a.cosigned[size]) != 1 {
					t.Fatalf("%d co-signatures of the first history", len(a.cosigned[size]))
				}
				_, err := c.life(t, line{b, "board01"}, b)
				if name == "forgotten" {
					if err != nil || len(b.cosigned[size]) != 1 {
						t.Errorf("the mutant ended with %v and %d co-signatures: this test has no teeth", err, len(b.cosigned[size]))
					}
					return
				}
				var bad *InconsistentError
				if !errors.As(err, &bad) || len(b.changes) != 0 {
					t.Fatalf("ended with %v and %d co-signatures of another history", err, len(b.changes))
				}
				if len(c.forks) != 1 {
					t.Fatalf("%d pieces of evidence", len(c.forks))
				}
				fork, err := audit.CheckFork(a.keys["coordinator"], c.forks[0][0], c.forks[0][1])
				if err != nil || fork.Size != size {
					t.Errorf("the evidence proves nothing: %v", err)
				}
			})
		})
	}
}

// switched is a connection that leads to another log from some moment on.
type switched struct {
	line
	mu sync.Mutex
	to *sim
}

func (l *switched) Follow(ctx context.Context, from int64, page func(int64, [][]byte, []byte) error) error {
	l.mu.Lock()
	s := l.sim
	if l.to != nil {
		s = l.to
	}
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return line{s, l.name}.Follow(ctx, from, page)
}

// TestForkShownWhileFollowingIsEvidence: the same while it runs, with the other
// history one entry longer.
func TestForkShownWhileFollowingIsEvidence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := founded(t, "one"), founded(t, "two")
		b.renew("three")
		l := &switched{line: line{a, "board01"}}
		time.AfterFunc(30*time.Second, func() { l.mu.Lock(); defer l.mu.Unlock(); l.to = b })
		c := &cosigner{CosignJournal: new(memJournal)}
		_, err := c.life(t, l, a)
		if bad := new(InconsistentError); !errors.As(err, &bad) || len(c.forks) != 1 {
			t.Fatalf("ended with %v, %d pieces of evidence", err, len(c.forks))
		}
		held, err := audit.ReadCheckpoint(c.forks[0][0], simOrigin, a.keys["coordinator"])
		shown, err2 := audit.ReadCheckpoint(c.forks[0][1], simOrigin, a.keys["coordinator"])
		if err != nil || err2 != nil || held != a.state.Head() || shown != b.state.Head() {
			t.Errorf("held %v %v, shown %v %v", held, err, shown, err2)
		}
	})
}

// watching is a connection that looks at the disk when a co-signature leaves.
type watching struct {
	line
	journal *memJournal
	left    int
}

func (l *watching) Cosign(ctx context.Context, signed []byte) error {
	if kept, _ := l.journal.Cosigned(); !bytes.Equal(kept, signed) {
		l.t.Error("a co-signature left before it was kept")
	}
	l.left++
	return l.line.Cosign(ctx, signed)
}

// broken is a disk that takes no co-signature.
type broken struct{ *memJournal }

func (broken) SetCosigned([]byte) error { return errors.New("the disk is full") }

// TestCosignatureIsKeptBeforeItLeaves, and when it cannot be, it does not leave;
// one that was kept and had not left is handed in by the next start.
func TestCosignatureIsKeptBeforeItLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := founded(t, "one")
		journal := new(memJournal)
		l := &watching{line: line{s, "board01"}, journal: journal}
		c := &cosigner{CosignJournal: broken{journal}}
		if _, err := c.life(t, l, s); err != nil || l.left > 0 {
			t.Fatalf("%v, %d left", err, l.left)
		}
		c.CosignJournal = journal
		if _, err := c.life(t, l, s); err != nil || l.left != 1 {
			t.Fatalf("%v, %d left", err, l.left)
		}
		s.cosigned, s.changes = map[int64][]audit.Cosignature{}, nil // as if it had been lost
		if _, err := c.life(t, l, s); err != nil || l.left != 2 || len(s.changes) != 1 {
			t.Errorf("%v, %d left, %d taken", err, l.left, len(s.changes))
		}
	})
}

// TestCosignsOnlyWhatIsDue: a `ready` brings no traffic, a decision does.
func TestCosignsOnlyWhatIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := founded(t, "one")
		journal := new(memJournal)
		c := &cosigner{CosignJournal: journal}
		run := func() int {
			t.Helper()
			if _, err := c.life(t, line{s, "board01"}, s); err != nil {
				t.Fatal(err)
			}
			return len(s.changes)
		}
		first := run()
		h := s.state.Next("researcher", s.diceDigest("proceed"), audit.Header{Study: "s"})
		h.Time = time.Now().UTC().Format(time.RFC3339)
		leaf, err := audit.Sign(h, &audit.Proceed{Without: []string{"board02"}}, s.signers["researcher"])
		if err == nil {
			_, err = s.sequence(leaf)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := run(); got != first {
			t.Errorf("a `proceed` was co-signed")
		}
		s.renew("two")
		if got := run(); got != first+1 {
			t.Errorf("a decision was not co-signed: %d, %d", first, got)
		}
	})
}

// TestOnlyVerifiedCosignaturesCount: what the other side only says is nothing,
// and what is said early counts once the entries are there.
func TestOnlyVerifiedCosignaturesCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := founded(t, "one")
		size := s.state.Head().Size
		plain, err := audit.MakeCheckpoint(simOrigin, s.state.Head(), s.signers["coordinator"])
		if err != nil {
			t.Fatal(err)
		}
		var lines []audit.Cosignature
		for i := range s.nodes {
			one, err := s.state.Cosign(plain, s.signers[simNode(i)], time.Now())
			if err != nil {
				t.Fatal(err)
			}
			c, err := s.state.ReadCosigned(one)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, c.By...)
		}
		q := s.state.Quorum()
		forged := audit.WithCosignatures(plain, lines[:q])
		at := bytes.LastIndexByte(forged[:len(forged)-1], '\n') + 60
		forged[at] = map[bool]byte{true: 'B', false: 'A'}[forged[at] == 'A']
		for _, c := range []struct {
			what string
			says [][]byte
			want int64
		}{
			{"one too few", [][]byte{audit.WithCosignatures(plain, lines[:q-1])}, 0},
			{"one again", [][]byte{audit.WithCosignatures(plain, lines[:q-1]), slices.Concat(plain, lines[0].Line, lines[0].Line)}, 0},
			{"one forged", [][]byte{forged}, 0},
			{"no checkpoint", [][]byte{[]byte("x"), nil}, 0},
			{"enough", [][]byte{audit.WithCosignatures(plain, lines[:q])}, size},
			{"enough, by two ways", [][]byte{audit.WithCosignatures(plain, lines[:q-1]), audit.WithCosignatures(plain, lines[q-1:]), plain}, size},
		} {
			p, err := New(Config{Name: "researcher", Signer: s.signers["researcher"], Origin: simOrigin, CoordinatorKey: s.keys["coordinator"], Log: line{s, "researcher"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, signed := range c.says {
				p.heard(signed) // before any entry
			}
			life, stop := context.WithTimeout(t.Context(), time.Minute)
			if err := p.Run(life); err != nil {
				t.Fatal(err)
			}
			stop()
			if got := p.Cosigned(); got != c.want {
				t.Errorf("%s: a quorum for %d, want %d", c.what, got, c.want)
			}
		}
	})
}

// diceDigest draws a digest that follows from the seed and a name.
func (s *sim) diceDigest(of string) (d crypto.Digest) {
	s.dice(of).Read(d[:])
	return d
}
