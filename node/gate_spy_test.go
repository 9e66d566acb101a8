package node

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// spy is the coordinator as one start of one node meets it. What the node sends
// is seen before anything becomes of it.
type spy struct {
	*town
	g     *gate
	name  string
	start int
	spoil atomic.Bool // every blob comes with wrong bytes

	mu    sync.Mutex
	now   *town
	moved chan struct{} // closed when another history is shown
	hears func([]byte)
	alter atomic.Pointer[func(*page)]
}

// page is what a node is shown of the log at once.
type page struct {
	from       int64
	leaves     [][]byte
	checkpoint []byte
	origin     string
	size       int64 // that the checkpoint claims beyond the entries
}

// resign signs a checkpoint over the page as it is.
func (p *page) resign(g *gate, s note.Signer) {
	st := audit.NewState(audittest.Origin, g.f.Coordinator.Party.Key)
	g.says(func(f *audittest.Federation) {
		for _, leaf := range slices.Concat(f.Leaves[:p.from], p.leaves) {
			st.Apply(leaf)
		}
	})
	head := st.Head()
	head.Size += p.size
	if p.origin == "" {
		p.origin = audittest.Origin
	}
	var err error
	if p.checkpoint, err = audit.MakeCheckpoint(p.origin, head, s); err != nil {
		g.t.Fatal(err)
	}
}

func (s *spy) shown() (*town, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now, s.moved
}

// show lets the node follow another history from here on.
func (s *spy) show(w *town) {
	s.mu.Lock()
	s.now = w
	close(s.moved)
	s.moved = make(chan struct{})
	s.mu.Unlock()
	time.Sleep(time.Second) // until it does
}

func (s *spy) Append(ctx context.Context, leaf []byte) (int64, error) {
	m, err := audit.Parse(leaf)
	if err != nil {
		return 0, err
	}
	s.g.said(s, m)
	s.g.watch.Lock()
	mood := s.g.mood[s.name+" "+m.Type]
	s.g.watch.Unlock()
	switch mood {
	case hold:
		return 0, errors.New("the line is dead")
	case refuse:
		return 0, final{errors.New("this is not wanted")}
	}
	w, _ := s.shown()
	return w.Append(ctx, leaf)
}

func (s *spy) Checkpoint(ctx context.Context) ([]byte, error) {
	w, _ := s.shown()
	return w.Checkpoint(ctx)
}

func (s *spy) Follow(ctx context.Context, from int64, take func(int64, [][]byte, []byte) error) error {
	w, moved := s.shown()
	if from > int64(w.size()) { // what the node holds is more than there is
		checkpoint, err := w.Checkpoint(ctx)
		if err == nil {
			err = take(from, nil, checkpoint)
		}
		return err
	}
	if from > 0 { // it knew these before it started
		s.vouch(w)
	}
	for {
		w.mu.Lock()
		p, grown := page{from: from, leaves: slices.Clone(w.f.Leaves[from:]), checkpoint: w.f.Checkpoint()}, w.grown
		w.mu.Unlock()
		if change := s.alter.Load(); change != nil && len(p.leaves) > 0 {
			(*change)(&p)
		}
		if len(p.leaves) > 0 {
			if err := take(p.from, p.leaves, p.checkpoint); err != nil {
				return err
			}
			from += int64(len(p.leaves))
			if ofPeople(p.leaves) {
				s.vouch(w)
			}
			continue
		}
		select {
		case <-grown:
		case <-moved:
			return errors.New("another history is shown")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (s *spy) GetBlob(ctx context.Context, digest [32]byte, offset, length int64, to io.Writer) error {
	w, _ := s.shown()
	if !s.spoil.Load() {
		return w.GetBlob(ctx, digest, offset, length, to)
	}
	var b bytes.Buffer
	if err := w.GetBlob(ctx, digest, offset, length, &b); err != nil {
		return err
	}
	b.Bytes()[b.Len()/2] ^= 1
	_, err := b.WriteTo(to)
	return err
}

// Cosigned implements loop.Cosigning. Everybody co-signs every history, which is
// more than a coordinator can get.
func (s *spy) Cosigned(f func([]byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hears = f
}

// vouch tells the node that everybody co-signed what it was shown of people's
// acts. The rest needs no co-signature before a release, and making one for
// every page would be most of this test's work.
func (s *spy) vouch(w *town) {
	s.mu.Lock()
	hears := s.hears
	s.mu.Unlock()
	if hears != nil {
		hears(s.g.cosigned(w))
	}
}

// ofPeople reports whether entries hold an act that has to be co-signed before
// a node goes on.
func ofPeople(leaves [][]byte) bool {
	return slices.ContainsFunc(leaves, func(leaf []byte) bool {
		m, err := audit.Parse(leaf)
		return err == nil && (m.Type == audit.TypeDecision || m.Type == audit.TypeMember)
	})
}

// cosigned is the newest checkpoint of a history with everybody's co-signature.
func (g *gate) cosigned(w *town) []byte {
	size := w.size()
	g.vouching.Lock()
	defer g.vouching.Unlock()
	h := g.vouched[w]
	if h == nil {
		h = new(heard)
		g.vouched[w] = h
		w.Cosigned(func(checkpoint []byte) { h.checkpoint = checkpoint })
	}
	if h.size < size {
		h.size = size
		w.cosign()
	}
	return h.checkpoint
}

// heard is the newest co-signed checkpoint of a history.
type heard struct {
	size       int
	checkpoint []byte
}

// PutBlob keeps the bytes for every history: a coordinator that shows two has
// one disk.
func (s *spy) PutBlob(ctx context.Context, digest [32]byte, size int64, r io.ReaderAt) error {
	b := make([]byte, size)
	if _, err := r.ReadAt(b, 0); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	s.g.sent(s, b)
	for _, w := range s.g.all() {
		if err := w.PutBlob(ctx, digest, size, bytes.NewReader(b)); err != nil {
			return err
		}
	}
	return nil
}
