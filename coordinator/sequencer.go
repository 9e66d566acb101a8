package coordinator

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
	"github.com/smartstart-federation/smartstart/coordinator/store"
	"github.com/smartstart-federation/smartstart/crypto"
)

// batch is how many statements one commit may hold.
const batch = 256

// sequencer gives statements their places: one goroutine (run), one commit for
// everything that waits, an answer only after the commit.
type sequencer struct {
	origin string
	signer note.Signer
	store  store.Store
	blobs  blobs.Blobs
	log    hclog.Logger

	queue  chan *request
	checks chan struct{} // slots of statements whose blobs are being read
	turns  turns         // of reading them
	off    defences
	judge  func(*audit.State, []byte) (*audit.Statement, error) // audit.State.Check but in tests
	done   chan struct{}                                        // closed when run has ended
	failed error                                                // why, if it was not asked to; read after done

	mu     sync.RWMutex
	state  *audit.State // ahead of the store by the entries of flight
	flight *flight      // nil when everything applied is durable
	size   int64        // entries that are durable: what others may see
	grown  chan struct{}
	signed checkpoint // the newest one made
	tail   tail       // ends at size

	cosigned cosignatures
}

type request struct {
	leaf   []byte
	answer chan answer // room for one
	judged func()      // called when it has its place or none; may be nil
}

type answer struct {
	index int64
	err   error
}

// flight is one commit under way.
type flight struct {
	done chan struct{}
	err  error // read after done
}

type checkpoint struct {
	size  int64
	bytes []byte
}

// newSequencer folds what the store holds. Nothing runs yet.
func newSequencer(ctx context.Context, cfg Config, s store.Store, b blobs.Blobs) (*sequencer, error) {
	q := &sequencer{
		origin: cfg.Origin, signer: cfg.Signer, store: s, blobs: b, log: cfg.Logger,
		off: cfg.off, judge: (*audit.State).Check,
		queue:  make(chan *request),
		checks: make(chan struct{}, checkers()),
		done:   make(chan struct{}),
		state:  audit.NewState(cfg.Origin, cfg.Key),
		grown:  make(chan struct{}),
	}
	err := everyLeaf(ctx, s, func(leaf []byte) error {
		statement, finding := q.state.Apply(leaf)
		if finding != nil {
			// Check comes before every commit, so this is a log of a program
			// that had other rules. The entry stays, void, for all to see.
			q.log.Error("the kept log holds a void entry", "entry", finding.Index, "code", finding.Code, "why", finding.Sentence)
			return nil
		}
		for _, ref := range named(statement.Body) {
			if err := b.Keep(ref.Digest); err != nil {
				q.log.Error("a blob that the log names cannot be kept", "entry", statement.Index, "digest", ref.Digest, "error", err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the kept log: %w", err)
	}
	q.size = q.state.Head().Size
	q.tail.from = q.size
	if err := q.loadCosignatures(ctx); err != nil {
		return nil, fmt.Errorf("reading the kept co-signatures: %w", err)
	}
	return q, nil
}

// everyLeaf calls yield with every kept leaf, in order.
func everyLeaf(ctx context.Context, s store.Store, yield func(leaf []byte) error) error {
	for at := int64(0); ; {
		leaves, err := s.Leaves(ctx, at, 4*batch, 16<<20)
		if err != nil || len(leaves) == 0 {
			return err
		}
		for _, leaf := range leaves {
			if err := yield(leaf); err != nil {
				return err
			}
		}
		at += int64(len(leaves))
	}
}

// run sequences until ctx ends or a commit fails. After a failed commit nobody
// can know what the disk holds, so nothing more is acknowledged and the
// process has to be started again.
func (q *sequencer) run(ctx context.Context) {
	defer close(q.done)
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-q.queue:
			if err := q.commit(ctx, q.collect(r)); err != nil {
				q.log.Error("the log could not be made durable; stopping", "error", err)
				q.failed = err
				return
			}
		}
	}
}

// collect takes everything that waits already.
func (q *sequencer) collect(first *request) []*request {
	waiting := []*request{first}
	for len(waiting) < batch {
		select {
		case r := <-q.queue:
			waiting = append(waiting, r)
		default:
			return waiting
		}
	}
	return waiting
}

// commit judges each request in turn, keeps the accepted ones in one
// transaction, and only then answers. Refusals wait for it too: they may rest
// on an entry of the same transaction.
func (q *sequencer) commit(ctx context.Context, requests []*request) error {
	answers := make([]answer, len(requests))
	var entries []store.Entry
	var bodies []audit.Body
	at := map[crypto.Digest]int64{}
	f := &flight{done: make(chan struct{})}
	var err error
	for i, r := range requests {
		e, body, refusal := q.place(f, r.leaf)
		var d *defectError
		if errors.As(refusal, &d) {
			err = d
			break
		}
		if e != nil {
			answers[i].index, at[e.Hash] = e.Index, e.Index
			entries, bodies = append(entries, *e), append(bodies, body)
			continue
		}
		hash := leafHash(r.leaf)
		if index, ok := at[hash]; ok { // twice in this very batch
			answers[i].index = index
		} else {
			answers[i].index, answers[i].err = q.known(ctx, hash, refusal)
		}
	}
	if err == nil && len(entries) > 0 {
		// The commit outlives ctx: half of it is worse than a late stop.
		err = q.store.Append(context.WithoutCancel(ctx), entries)
	}
	if err != nil || len(entries) > 0 {
		err = q.land(f, entries, err)
	}
	if err == nil {
		q.keep(entries, bodies)
	}
	for i, r := range requests {
		if r.judged != nil {
			r.judged()
		}
		if err != nil {
			answers[i] = answer{err: errBroken(err)}
		}
		r.answer <- answers[i]
	}
	return err
}

// place applies a leaf that passes, and returns its entry. A panic while it is
// judged, which changes nothing, is the end of this leaf only; one while it is
// applied leaves a state that nobody can know, and is a defect.
func (q *sequencer) place(f *flight, leaf []byte) (e *store.Entry, body audit.Body, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	applying := false
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		q.log.Error("a rule panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		if err = fmt.Errorf("panic while judging a statement"); applying || q.off.calm {
			err = &defectError{fmt.Sprintf("panic while applying entry %d", q.state.Head().Size)}
		}
	}()
	if _, err := q.judge(q.state, leaf); err != nil {
		return nil, nil, err
	}
	q.flight, applying = f, true
	s, finding := q.state.Apply(leaf)
	if finding != nil {
		return nil, nil, &defectError{fmt.Sprintf("entry %d passed its check and was void when applied: %s", finding.Index, finding.Code)}
	}
	return &store.Entry{Index: s.Index, Leaf: s.Leaf, Hash: s.Hash, Signer: s.Signer, Seq: s.Seq}, s.Body, nil
}

// defectError says that the state here may be ahead of what may be committed,
// as when Check and Apply, which are one function, answered differently.
type defectError struct{ what string }

func (e *defectError) Error() string { return e.what }

// land makes a commit visible, with the checkpoint that all followers will ask
// for at once, or makes its failure known.
func (q *sequencer) land(f *flight, entries []store.Entry, err error) error {
	var head audit.Head
	q.View(func(st *audit.State) { head = st.Head() })
	var signed []byte
	if err == nil {
		signed, err = audit.MakeCheckpoint(q.origin, head, q.signer)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	f.err = err
	if err == nil {
		q.flight = nil
		q.size, q.signed = head.Size, checkpoint{head.Size, signed}
		for _, e := range entries {
			q.tail.add(e.Leaf)
		}
		close(q.grown)
		q.grown = make(chan struct{})
	}
	close(f.done)
	return err
}

// known answers a leaf that was refused: with its index when it is the same
// bytes again, which an earlier answer may not have reached.
func (q *sequencer) known(ctx context.Context, hash crypto.Digest, refusal error) (int64, error) {
	index, ok, err := q.store.Find(ctx, hash)
	if err != nil {
		return 0, err
	}
	if ok {
		return index, nil
	}
	return 0, refusal
}

// Append sequences leaf and returns its index once it is durable; the same
// bytes again return the same index.
func (q *sequencer) Append(ctx context.Context, leaf []byte) (int64, error) {
	s, f, err := q.look(leaf)
	if err != nil {
		// The refusal may rest on entries that are not durable yet.
		if f != nil {
			select {
			case <-f.done:
			case <-ctx.Done():
				return 0, ctx.Err()
			}
			if f.err != nil {
				return 0, errBroken(f.err)
			}
		}
		return q.known(ctx, leafHash(leaf), err)
	}
	// Reading blobs takes its time, so it happens here and not in the one
	// goroutine that all wait for.
	release, err := q.checkBlobs(ctx, s)
	if err != nil {
		return 0, err
	}
	r := &request{leaf: leaf, answer: make(chan answer, 1), judged: release}
	select {
	case q.queue <- r: // and from now on its blobs are held for the sequencer
	case <-q.done:
		release()
		return 0, q.ended()
	case <-ctx.Done():
		release()
		return 0, ctx.Err()
	}
	select {
	case a := <-r.answer:
		return a.index, a.err
	case <-ctx.Done(): // it may still be taken: nothing is known
		return 0, ctx.Err()
	}
}

// look judges leaf as things stand, and returns the commit under way. The lock
// is given back also when a rule panics: the guard ends that call only, and
// nothing could be sequenced any more.
func (q *sequencer) look(leaf []byte) (*audit.Statement, *flight, error) {
	q.mu.RLock()
	if !q.off.calm {
		defer q.mu.RUnlock()
	}
	s, err := q.judge(q.state, leaf)
	f := q.flight
	if q.off.calm {
		q.mu.RUnlock()
	}
	return s, f, err
}

// ended says why run is over.
func (q *sequencer) ended() error {
	if q.failed != nil {
		return errBroken(q.failed)
	}
	return errStopping()
}

// View calls f with the folded state, which f must neither change nor keep.
func (q *sequencer) View(f func(*audit.State)) {
	q.mu.RLock()
	defer q.mu.RUnlock()
	f(q.state)
}
