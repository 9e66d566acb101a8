package coordinator

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(victimDir); dir != "" {
		victim(dir)
	}
	goleak.VerifyTestMain(m)
}

const (
	origin   = "log.test"
	patience = 20 * time.Second // after which a wait in a test has failed
)

// keys are what a party signs with.
type keys struct {
	name, public, private string
	signer                note.Signer
}

func newKeys(t testing.TB, name string) keys {
	t.Helper()
	private, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	return keys{name, public, private, signer}
}

func (k keys) party() audit.Party { return audit.Party{Name: k.name, Key: k.public} }

// world is a federation of n boards around one coordinator under test, before
// or after its charter. Boards are driven by the test.
type world struct {
	t         testing.TB
	cfg       Config
	authority *ca.Authority
	self      keys
	people    map[string]keys // boards, approvers, researcher
	boards    []string
	boot      map[string]crypto.Digest

	c       *Coordinator
	address string
	stop    func() error // ends Serve

	mu      sync.Mutex // a test may ask for a client in several goroutines
	clients map[string]*api.Client
}

func newWorld(t testing.TB, n int, edit func(*Config)) *world {
	t.Helper()
	a, err := ca.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{
		t: t, authority: a, self: newKeys(t, "coordinator"), people: map[string]keys{},
		boot: map[string]crypto.Digest{}, clients: map[string]*api.Client{},
	}
	w.people["researcher"] = newKeys(t, "researcher")
	for i := range n {
		name := fmt.Sprintf("board%02d", i+1)
		w.boards = append(w.boards, name)
		w.people[name], w.people[name+".approver"] = newKeys(t, name), newKeys(t, name+".approver")
	}
	cert, err := a.IssueServer("localhost")
	if err != nil {
		t.Fatal(err)
	}
	w.cfg = Config{
		Origin: origin, Signer: w.self.signer, Key: w.self.public, TLS: ca.TLSServer(a.Pool(), cert),
		Allow: []string{"operator"}, Grace: time.Second,
	}
	if edit != nil {
		edit(&w.cfg)
	}
	t.Cleanup(func() {
		for _, c := range w.clients {
			_ = c.Close()
		}
	})
	w.open()
	return w
}

// open opens and serves the coordinator; again after restart.
func (w *world) open() {
	w.t.Helper()
	c, err := Open(w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	at := w.address
	if at == "" {
		at = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", at)
	if err != nil {
		w.t.Fatal(err)
	}
	w.c, w.address = c, l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- c.Serve(ctx, l) }()
	w.stop = sync.OnceValue(func() error {
		cancel()
		return errors.Join(<-served, c.Close())
	})
	stop := w.stop
	w.t.Cleanup(func() { _ = stop() })
}

func (w *world) restart() {
	w.t.Helper()
	if err := w.stop(); err != nil {
		w.t.Fatalf("stopping: %v", err)
	}
	w.open()
}

// client returns the connection of the party called name, known or not.
func (w *world) client(name string) *api.Client {
	w.t.Helper()
	c, err := w.reach(name)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// reach is client for goroutines, which may not end a test.
func (w *world) reach(name string) (*api.Client, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := w.clients[name]; c != nil {
		return c, nil
	}
	cert, err := w.authority.IssueClient(name)
	if err != nil {
		return nil, err
	}
	c, err := api.Dial(w.address, ca.TLSClient(w.authority.Pool(), cert, "localhost"))
	if err == nil {
		w.clients[name] = c
	}
	return c, err
}

func (w *world) charter() *audit.Charter {
	c := &audit.Charter{
		Protocol: audit.Protocol, Name: "test", Coordinator: w.self.party(),
		Founders: []audit.Founder{}, Researchers: []audit.Party{w.people["researcher"].party()}, Auditors: []audit.Party{},
		Parameters: crypto.Parameters, MinInstitutions: 2, Rehearsal: true, Retention: "test",
	}
	for _, b := range w.boards {
		c.Founders = append(c.Founders, audit.Founder{Institution: b, Approver: w.people[b+".approver"].party()})
	}
	return c
}

// found signs the charter and enrols every board.
func (w *world) found() {
	w.t.Helper()
	charter := w.charter()
	var err error
	if charter.Codebook, err = w.c.PutBlob(w.ctx(), []byte("codebook")); err != nil {
		w.t.Fatal(err)
	}
	if err := w.c.Found(w.ctx(), charter); err != nil {
		w.t.Fatal(err)
	}
	for _, b := range w.boards {
		w.say(b+".approver", audit.Header{}, w.member(b))
	}
}

func (w *world) member(board string) *audit.Member {
	w.t.Helper()
	m := &audit.Member{Act: audit.ActEnrol, Institution: board, Node: w.people[board].party()}
	w.c.seq.View(func(st *audit.State) { m.Charter = st.Charter.Hash })
	key, err := audit.PrivateKey(w.people[board].private)
	if err != nil {
		w.t.Fatal(err)
	}
	m.Proof = ed25519.Sign(key, audit.ProofText(origin, m))
	return m
}

// propose has the study proposed and approved by every board.
func (w *world) propose(study string) {
	w.t.Helper()
	w.say("researcher", audit.Header{Study: study}, &audit.Proposal{Study: "text", MinInstitutions: 2, Numbers: 1 << 20})
	var proposal crypto.Digest
	w.c.seq.View(func(st *audit.State) { proposal = st.Studies[study].Proposal.Hash })
	for _, b := range w.boards {
		w.say(b+".approver", audit.Header{Study: study}, &audit.Decision{
			Proposal: proposal, Institution: b, Verdict: "approve", Ground: audit.GroundRehearsal,
			Purpose: "test", Expires: time.Now().AddDate(1, 0, 0).Format(time.DateOnly),
		})
	}
}

// leaf signs what name would say now.
func (w *world) leaf(name string, h audit.Header, body audit.Body) []byte {
	w.t.Helper()
	if w.boot[name].IsZero() {
		w.boot[name] = crypto.DigestOf([]byte("boot of " + name))
	}
	w.c.seq.View(func(st *audit.State) { h = st.Next(name, w.boot[name], h) })
	h.Time = time.Now().UTC().Format(time.RFC3339)
	leaf, err := audit.Sign(h, body, w.people[name].signer)
	if err != nil {
		w.t.Fatal(err)
	}
	return leaf
}

// say appends over the network.
func (w *world) say(name string, h audit.Header, body audit.Body) int64 {
	w.t.Helper()
	index, err := w.client(name).Append(w.ctx(), w.leaf(name, h, body))
	if err != nil {
		w.t.Fatalf("%s says %s: %v", name, body.Type(), err)
	}
	return index
}

func (w *world) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	w.t.Cleanup(cancel)
	return ctx
}

// until waits for the coordinator's log to satisfy seen.
func (w *world) until(what string, seen func(*audit.State) bool) {
	w.t.Helper()
	st := audit.NewState(origin, w.self.public)
	enough := errors.New("seen")
	err := w.c.Log().Follow(w.ctx(), 0, func(_ int64, leaves [][]byte, _ []byte) error {
		for _, leaf := range leaves {
			st.Apply(leaf)
			if seen(st) {
				return enough
			}
		}
		return nil
	})
	if !errors.Is(err, enough) {
		w.t.Fatalf("waiting for %s: %v", what, err)
	}
}

// refused fails the test unless err is a final answer with this code.
func refused(t testing.TB, what string, err error, code string) {
	t.Helper()
	var e *api.Error
	if !errors.As(err, &e) || e.Code() != code || !e.Refused() {
		var got string
		if e != nil {
			got = e.Code()
		}
		t.Errorf("%s: answered %v (%s), want a refusal with %s", what, err, got, code)
	}
}

var _ loop.Log = (*api.Client)(nil)
