package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// town is a federation without a network: whole nodes over a log and blobs in
// memory, in which the test itself says what the coordinator and the other
// institutions say.
type town struct {
	t    *testing.T
	born time.Time

	mu    sync.Mutex
	f     *audittest.Federation
	blobs map[crypto.Digest][]byte
	full  bool           // no blob is taken
	grown chan struct{}  // closed and made anew whenever the log has grown
	hears []func([]byte) // who is told of co-signatures
}

// studies are study files by the id they have in the log.
func newTown(t *testing.T, n int, studies map[string]string) *town {
	t.Helper()
	f := audittest.Plan(t, n)
	f.CharterBody.MinInstitutions = 3
	f.CharterBody.Codebook = crypto.DigestOf([]byte(testBook))
	f.Charter()
	for _, name := range f.Institutions {
		f.Enrol(name)
	}
	w := &town{t: t, born: time.Now(), f: f, blobs: map[crypto.Digest][]byte{}, grown: make(chan struct{})}
	w.blobs[f.CharterBody.Codebook] = []byte(testBook)
	for id, text := range studies {
		w.propose(id, text)
	}
	return w
}

// propose proposes a study that everybody approves.
func (w *town) propose(id, text string) {
	w.t.Helper()
	m, err := OpenMethod(text, []byte(testBook))
	if err != nil {
		w.t.Fatal(err)
	}
	late, wait := StatedLate(m.Study)
	w.says(func(f *audittest.Federation) {
		f.Say(f.Researcher, audit.Header{Study: id}, &audit.Proposal{
			Study: text, MinInstitutions: m.Study.Privacy.MinInstitutions, OnLate: late, Wait: wait, Numbers: 1 << 20,
		})
		f.Approve(id)
	})
}

// says lets the test add statements. Followers get all of them in one page.
func (w *town) says(f func(*audittest.Federation)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f(w.f)
	close(w.grown)
	w.grown = make(chan struct{})
}

// now is everybody's clock. It runs, or nothing would be tried again; the test's
// own statements carry the log's time, which is at most the test's length behind.
func (w *town) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.f.Clock.Add(time.Since(w.born))
}

func (w *town) Append(_ context.Context, leaf []byte) (index int64, err error) {
	w.says(func(f *audittest.Federation) {
		if i := slices.IndexFunc(f.Leaves, func(l []byte) bool { return bytes.Equal(l, leaf) }); i >= 0 {
			index = int64(i)
			return
		}
		if _, err = f.State.Check(leaf); err != nil {
			err = final{err}
			return
		}
		index = int64(len(f.Leaves))
		f.Append(leaf)
	})
	return index, err
}

// final is the log's last word about a statement.
type final struct{ error }

func (final) Refused() bool { return true }

func (w *town) Checkpoint(context.Context) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.f.Checkpoint(), nil
}

// Cosign implements loop.Cosigning.
func (w *town) Cosign(context.Context, []byte) error { return nil }

// Cosigned implements loop.Cosigning: in this town everybody co-signs at once.
func (w *town) Cosigned(f func([]byte)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hears = append(w.hears, f)
}

// cosign tells everybody that all institutions co-signed the log as it is.
func (w *town) cosign() {
	w.mu.Lock()
	hears, signed := slices.Clone(w.hears), w.f.Checkpoint()
	var lines []audit.Cosignature
	for _, name := range w.f.Institutions {
		if one, err := w.f.State.Cosign(signed, w.f.Nodes[name], w.f.Clock); err == nil {
			if c, err := w.f.State.ReadCosigned(one); err == nil {
				lines = append(lines, c.By...)
			}
		}
	}
	w.mu.Unlock()
	for _, f := range hears {
		f(audit.WithCosignatures(signed, lines))
	}
}

func (w *town) Follow(ctx context.Context, from int64, page func(int64, [][]byte, []byte) error) error {
	if from > 0 { // a party that starts again is told what was co-signed, also when the log does not grow
		w.cosign()
	}
	for {
		w.mu.Lock()
		leaves, checkpoint, grown := slices.Clone(w.f.Leaves[from:]), w.f.Checkpoint(), w.grown
		w.mu.Unlock()
		if len(leaves) > 0 {
			if err := page(from, leaves, checkpoint); err != nil {
				return err
			}
			from += int64(len(leaves))
			w.cosign()
			continue
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (w *town) PutBlob(_ context.Context, digest [32]byte, size int64, r io.ReaderAt) error {
	b := make([]byte, size)
	if _, err := r.ReadAt(b, 0); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.full {
		return errors.New("no blob is taken now")
	}
	w.blobs[digest] = b
	return nil
}

func (w *town) GetBlob(_ context.Context, digest [32]byte, offset, length int64, to io.Writer) error {
	w.mu.Lock()
	b, ok := w.blobs[digest]
	w.mu.Unlock()
	if !ok {
		return fmt.Errorf("no blob %x", digest[:4])
	}
	if length < 0 {
		length = int64(len(b))
	}
	_, err := to.Write(b[offset : offset+length])
	return err
}

// resident is a node of the town.
type resident struct {
	*Node
	w      *town
	cancel context.CancelFunc
	ended  chan error

	mu      sync.Mutex
	refused []error
}

// configOf is the configuration of a node that lives in dir, and may be changed.
func (w *town) configOf(name, dir string, source Records) Config {
	return Config{
		Name: name, Origin: audittest.Origin, CoordinatorKey: w.f.Coordinator.Party.Key, Signer: w.f.Nodes[name],
		Key: secret.NewNodeKey(), Dir: dir, Coordinator: w, Records: source, Now: w.now,
	}
}

// open opens a node without running it.
func (w *town) open(cfg Config) *resident {
	w.t.Helper()
	r := &resident{w: w}
	cfg.Refused = func(err error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.refused = append(r.refused, err)
	}
	var err error
	if r.Node, err = Open(cfg); err != nil {
		w.t.Fatal(err)
	}
	return r
}

// run runs a node until the test, or stop, ends it.
func (r *resident) run() *resident {
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel, r.ended = cancel, make(chan error, 1)
	go func() { r.ended <- r.Run(ctx) }()
	r.w.t.Cleanup(r.stop)
	return r
}

func (r *resident) stop() {
	if r.cancel == nil {
		return
	}
	r.cancel()
	r.cancel = nil
	if err := <-r.ended; err != nil {
		r.w.t.Errorf("%s: %v", r.cfg.Name, err)
	}
}

// refusedBy reports whether the node has refused something with this code.
func (r *resident) refusedBy(code string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.ContainsFunc(r.refused, func(err error) bool {
		var c interface{ Code() string }
		return errors.As(err, &c) && c.Code() == code
	})
}

// until waits for something to become true of the log or a node.
func (w *town) until(what string, is func(*audit.State) bool) {
	w.t.Helper()
	for limit := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		w.mu.Lock()
		ok := is(w.f.State)
		w.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(limit) {
			w.t.Fatalf("it never came to this: %s", what)
		}
	}
}

// later moves the clock and lets the nodes look at it.
func (w *town) later(d time.Duration, list ...*resident) {
	w.mu.Lock()
	w.f.Clock = w.f.Clock.Add(d)
	w.mu.Unlock()
	for _, r := range list {
		r.Party().Wake()
	}
}

// ready waits until a node has offered itself for the next attempt of a study,
// and lets the others named say the same of the same state.
func (w *town) ready(r *resident, study string, others ...string) {
	w.t.Helper()
	w.until(r.cfg.Name+" is ready for "+study, func(st *audit.State) bool {
		b, refused := st.NextOpen(st.Studies[study])
		return refused == nil && slices.ContainsFunc(b.Seats, func(s audit.OpenSeat) bool {
			return b.Roster[s.Point-1] == r.cfg.Name && !s.Ready.IsZero()
		})
	})
	method, state, _, _ := r.chain.State(study)
	shape, _, err := method.Shape(state)
	if err != nil {
		w.t.Fatal(err)
	}
	w.says(func(f *audittest.Federation) {
		for _, name := range others {
			f.Say(f.Nodes[name], f.Next(study), &audit.Ready{State: crypto.DigestOf(state), Shape: shape, Key: f.Key()})
		}
	})
}

// uploads is what stands in the uploads folder.
func (r *resident) uploads() (names []string) {
	list, err := os.ReadDir(r.store.Upload(""))
	if err != nil {
		r.w.t.Fatal(err)
	}
	for _, file := range list {
		names = append(names, file.Name())
	}
	return names
}

// holding returns the readys whose attempts' secrets the node has in memory.
func (r *resident) holding() map[crypto.Digest]bool { return r.local().Holds }
