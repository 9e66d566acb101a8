package coordinator

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
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
	"github.com/smartstart-federation/smartstart/crypto/secret"
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
	if c := w.clients[name]; c != nil {
		return c
	}
	cert, err := w.authority.IssueClient(name)
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := api.Dial(w.address, ca.TLSClient(w.authority.Pool(), cert, "localhost"))
	if err != nil {
		w.t.Fatal(err)
	}
	w.clients[name] = c
	return c
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
	m := &audit.Member{Institution: board, Node: w.people[board].party()}
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
	w.say("researcher", audit.Header{Study: study}, &audit.Proposal{Study: "text", MinInstitutions: 2})
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

// round is one attempt as the boards live it.
type round struct {
	w       *world
	h       audit.Header
	shape   crypto.Shape
	holders map[string]*secret.Holder
	at      *audit.Attempt
	a       crypto.Attempt
}

func (w *world) round(study string, number, attempt int) *round {
	return &round{
		w: w, h: audit.Header{Study: study, Round: number, Attempt: attempt}, holders: map[string]*secret.Holder{},
		shape: crypto.Shape{Codec: crypto.CodecStat, Tensors: []crypto.Tensor{{Name: "x", Len: 3, Bits: 40}}},
	}
}

func (r *round) read() {
	r.w.c.seq.View(func(st *audit.State) {
		if r.at = st.Attempt(r.h.Study, r.h.Round, r.h.Attempt); r.at != nil {
			r.a = r.at.Crypto(st)
		}
	})
}

// ready has every board ready and waits for the coordinator's `open`.
func (r *round) ready() {
	r.w.t.Helper()
	for _, b := range r.w.boards {
		h, err := secret.NewHolder()
		if err != nil {
			r.w.t.Fatal(err)
		}
		r.w.t.Cleanup(h.Close)
		r.holders[b] = h
		r.w.say(b, r.h, &audit.Ready{State: crypto.DigestOf(fmt.Append(nil, r.h.Round)), Shape: r.shape, Key: h.PublicKey()})
	}
	r.w.until("open", func(st *audit.State) bool { return st.Attempt(r.h.Study, r.h.Round, r.h.Attempt) != nil })
	r.read()
	for i, b := range r.w.boards {
		if err := r.holders[b].Bind(r.a, i+1); err != nil {
			r.w.t.Fatal(err)
		}
	}
}

// seal encrypts what board i gives: (i, -i, 1000+i) with i from 1.
func (r *round) seal(i int) (frames []byte, sealed *secret.Sealed) {
	r.w.t.Helper()
	plain, err := crypto.EncodeStat(r.shape, []*big.Int{big.NewInt(int64(i)), big.NewInt(-int64(i)), big.NewInt(int64(1000 + i))})
	if err != nil {
		r.w.t.Fatal(err)
	}
	var b bytes.Buffer
	sealed, err = secret.Encrypt(r.a, i, plain, secret.NewNodeKey(), &b)
	if err != nil {
		r.w.t.Fatal(err)
	}
	return b.Bytes(), sealed
}

func (r *round) body(frames []byte, sealed *secret.Sealed) *audit.Update {
	return &audit.Update{
		Open:   r.at.ID,
		Frames: audit.BlobRef{Digest: crypto.DigestOf(frames), Size: int64(len(frames))},
		Boxes:  audit.BlobRef{Digest: crypto.DigestOf(sealed.Boxes), Size: int64(len(sealed.Boxes))}, BoxDigests: sealed.BoxDigests, Shares: sealed.Shares,
	}
}

func (r *round) put(board string, content []byte) {
	r.w.t.Helper()
	if err := r.w.client(board).PutBlob(r.w.ctx(), crypto.DigestOf(content), int64(len(content)), bytes.NewReader(content)); err != nil {
		r.w.t.Fatal(err)
	}
}

// update uploads and says what board i gives.
func (r *round) update(i int) {
	r.w.t.Helper()
	board := r.w.boards[i-1]
	frames, sealed := r.seal(i)
	r.put(board, frames)
	r.put(board, sealed.Boxes)
	r.w.say(board, r.h, r.body(frames, sealed))
}

// vote has the boards with these points open their boxes and vote.
func (r *round) vote(points ...int) {
	r.w.t.Helper()
	r.w.until("set", func(st *audit.State) bool {
		at := st.Attempt(r.h.Study, r.h.Round, r.h.Attempt)
		return at != nil && at.Set != nil
	})
	r.read()
	set := r.at.Set.Body.(*audit.Set)
	for _, p := range points {
		board := r.w.boards[p-1]
		for _, from := range set.Points {
			u := r.at.Updates[r.at.Name(from)].Body.(*audit.Update)
			var box bytes.Buffer
			slot := r.a.Index(p)
			if err := r.w.client(board).GetBlob(r.w.ctx(), u.Boxes.Digest, int64(slot)*crypto.BoxSize, crypto.BoxSize, &box); err != nil {
				r.w.t.Fatal(err)
			}
			if err := r.holders[board].Accept(from, box.Bytes(), u.BoxDigests[slot], u.Shares[slot]); err != nil {
				r.w.t.Fatal(err)
			}
		}
		if err := r.holders[board].Vote(set.Points, set.Root, func() error { return nil }); err != nil {
			r.w.t.Fatal(err)
		}
		r.w.say(board, r.h, &audit.Vote{Open: r.at.ID, Points: set.Points, Root: set.Root})
	}
}

// share returns the release of the board at point p.
func (r *round) share(p int) []byte {
	r.w.t.Helper()
	r.read()
	c, ok := r.at.Certificate()
	if !ok {
		r.w.t.Fatal("there is no certificate")
	}
	b, err := r.holders[r.w.boards[p-1]].Release(c, func([]byte) error { return nil })
	if err != nil {
		r.w.t.Fatal(err)
	}
	return b
}

func (r *round) release(p int, content []byte) {
	r.w.t.Helper()
	r.put(r.w.boards[p-1], content)
	r.w.say(r.w.boards[p-1], r.h, r.releaseBody(content))
}

func (r *round) releaseBody(content []byte) *audit.Release {
	return &audit.Release{Open: r.at.ID, Sum: audit.BlobRef{Digest: crypto.DigestOf(content), Size: int64(len(content))}}
}

func (r *round) result() *audit.Result {
	r.w.t.Helper()
	r.w.until("result", func(st *audit.State) bool {
		at := st.Attempt(r.h.Study, r.h.Round, r.h.Attempt)
		return at != nil && at.Result != nil
	})
	r.read()
	return r.at.Result.Body.(*audit.Result)
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
