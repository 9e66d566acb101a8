package loop

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Config wires a Party. Name, Signer, Origin, CoordinatorKey and Log are
// required.
type Config struct {
	Name           string      // the signer's name in the log
	Signer         note.Signer // signs this party's statements
	Origin         string      // of the log
	CoordinatorKey string      // verifier key of the sequencer, pinned
	Log            Log
	Journal        Journal
	Handlers       map[string]Handler // by Task.Kind; a kind without one is not this process's work
	Local          func() audit.Local // what this process holds in memory; Boot is filled in
	Workers        int                // tasks at once; default 4
	Now            func() time.Time   // default time.Now
	Applied        func(Applied)      // called in order for every entry folded; must not block
	Failed         func(audit.Task, error)
	// Trouble is told what keeps this party from following the log or from
	// being heard, once it has lasted, then each minute; nil says that it is over.
	Trouble func(error)
	// Cosign, when set, makes this party co-sign checkpoints, and keeps the last
	// one. It needs a Log that is Cosigning too.
	Cosign CosignJournal
	// Cosigned is told of every checkpoint whose co-signatures were verified; it
	// must not block.
	Cosigned func(*audit.Cosigned)
	// Fork is told, before Run ends with an InconsistentError, of two checkpoints
	// under the coordinator's key: one of the log held here, and one that does
	// not fit it. They are evidence: keep both.
	Fork func(held, shown []byte)
	// Foreign is told of a statement under this party's own key that this
	// start did not make and did not find kept: this is a restored snapshot or
	// a second copy. Whatever is held in memory for attempts under way MUST be
	// dropped before it returns.
	Foreign func(*audit.Statement)
}

// Applied is one entry as it was folded: Statement is nil when the bytes could
// not be parsed, Finding is set when the entry is void.
type Applied struct {
	Index     int64
	Statement *audit.Statement
	Finding   *audit.Finding
}

// Party is one running loop.
type Party struct {
	cfg Config

	mu    sync.RWMutex // guards state, boot and mine
	state *audit.State
	boot  crypto.Digest
	mine  map[crypto.Digest]bool // leaf hashes of own statements that are not in the state yet
	grown *sync.Cond             // on mu's read side: state has grown, or the party has ended
	ended error

	saying   chan struct{} // one statement in flight a signer
	wake     chan struct{}
	tasks    tasks
	troubled sync.Mutex
	troubles map[string]*trouble // by where it came from

	cosigning cosigning

	fresh chan struct{} // closed once the state covers a checkpoint asked for after the start
}

// New folds what the journal holds. It does not touch the network.
func New(cfg Config) (*Party, error) {
	if cfg.Workers <= 0 {
		cfg.Workers = 4
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Local == nil {
		cfg.Local = func() audit.Local { return audit.Local{} }
	}
	p := &Party{
		cfg:    cfg,
		state:  audit.NewState(cfg.Origin, cfg.CoordinatorKey),
		saying: make(chan struct{}, 1),
		wake:   make(chan struct{}, 1),
		mine:   map[crypto.Digest]bool{},
		fresh:  make(chan struct{}),

		troubles: map[string]*trouble{}, cosigning: newCosigning(cfg.Log),
	}
	if p.cosigning.log != nil {
		p.cosigning.log.Cosigned(p.heard)
	}
	if n, ok := cfg.Log.(interface {
		Notify(func(call string, err error))
	}); ok {
		n.Notify(p.trouble)
	}
	p.grown = sync.NewCond(p.mu.RLocker())
	p.tasks = newTasks(cfg.Workers, cfg.Now)
	p.boot = newBoot()
	if cfg.Journal != nil {
		err := cfg.Journal.Entries(func(leaf []byte) error {
			p.fold(leaf)
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("reading the kept log: %w", err)
		}
		leaf, err := cfg.Journal.Outbox()
		if err != nil {
			return nil, fmt.Errorf("reading the kept outbox: %w", err)
		}
		if s, err := audit.Parse(leaf); err == nil {
			p.mine[s.Hash] = true
		}
	}
	return p, nil
}

// newBoot draws the epoch of a start.
func newBoot() (d crypto.Digest) {
	_, _ = rand.Read(d[:]) // never fails: the runtime stops the process first
	return d
}

// Boot returns the epoch of this start, as this party's statements carry it.
func (p *Party) Boot() crypto.Digest {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.boot
}

// View calls f with the folded state, which f must neither change nor keep.
func (p *Party) View(f func(*audit.State)) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	f(p.state)
}

// Wake makes Run ask Expect again: something in Local changed.
func (p *Party) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// Run follows the log and works until ctx ends (it then returns nil) or the
// log turns out to be inconsistent. Tasks under way have ended when it returns.
func (p *Party) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	wg.Go(func() { cancel(p.follow(ctx)) })
	wg.Go(func() {
		if err := p.catchUp(ctx); err != nil {
			cancel(err)
		}
	})
	if p.cfg.Journal != nil {
		wg.Go(func() { p.resend(ctx) })
	}
	wg.Go(func() {
		if err := p.countCosigned(ctx); err != nil {
			cancel(err)
		}
	})
	if p.cfg.Cosign != nil && p.cosigning.log != nil {
		wg.Go(func() {
			if err := p.cosign(ctx); err != nil {
				cancel(err)
			}
		})
	}
	p.work(ctx)
	p.tasks.wait()
	wg.Wait()
	err := context.Cause(ctx)
	if ctx.Err() == err { // ended from outside
		err = nil
	}
	p.end(err)
	return err
}

// work starts what is expected until ctx ends.
func (p *Party) work(ctx context.Context) {
	select {
	case <-p.fresh:
	case <-ctx.Done():
	}
	for ctx.Err() == nil {
		now := p.cfg.Now()
		local := p.local()
		var do []audit.Task
		var wait []audit.Wait
		p.View(func(st *audit.State) { do, wait = st.Expect(p.cfg.Name, local, now) })
		do = slices.DeleteFunc(do, func(t audit.Task) bool { return p.cfg.Handlers[t.Kind] == nil })
		next := p.tasks.start(do, func(t audit.Task) error {
			return p.cfg.Handlers[t.Kind](ctx, t)
		}, func(t audit.Task, err error, times int) {
			// A first refusal mostly means that the log went on meanwhile and
			// the task with it.
			if err != nil && ctx.Err() == nil && p.cfg.Failed != nil && (times > 1 || !overtaken(err)) {
				p.cfg.Failed(t, err)
			}
			p.Wake()
		})
		for _, w := range wait {
			if !w.Until.IsZero() && w.Until.After(now) && (next.IsZero() || w.Until.Before(next)) {
				next = w.Until
			}
		}
		sleep := time.Minute
		if !next.IsZero() {
			sleep = max(next.Sub(now), time.Millisecond)
		}
		timer := time.NewTimer(sleep)
		select {
		case <-ctx.Done():
		case <-p.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// overtaken reports whether err is a refusal by the rules of the log.
func overtaken(err error) bool {
	var r *audit.Refusal
	return errors.As(err, &r) || refused(err)
}

// Waiting returns for whom and what this party waits now.
func (p *Party) Waiting() []audit.Wait {
	wait := p.troubledWaits()
	select {
	case <-p.fresh:
	default:
		if len(wait) > 0 {
			return wait
		}
		return []audit.Wait{{
			Who: []string{"coordinator"}, What: "its newest checkpoint",
			Remedy: "check the connection to the coordinator, and that it runs",
		}}
	}
	local := p.local()
	p.View(func(st *audit.State) {
		do, expected := st.Expect(p.cfg.Name, local, p.cfg.Now())
		wait = slices.Concat(wait, p.tasks.failing(do), expected)
	})
	return wait
}

func (p *Party) end(err error) {
	p.mu.Lock()
	if err == nil {
		err = context.Canceled
	}
	p.ended = err
	p.mu.Unlock()
	p.grown.Broadcast()
	p.untroubled()
}
