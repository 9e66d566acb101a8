package coordinator

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
	"github.com/smartstart-federation/smartstart/coordinator/store"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Coordinator is one federation's coordinator. Its log works from Open to
// Close; Serve adds the network and its own part of every round.
type Coordinator struct {
	cfg   Config
	store store.Store
	blobs blobs.Blobs
	seq   *sequencer
	stop  context.CancelFunc // of the sequencer
	once  sync.Once
	shut  error
}

// Open opens or creates the log and blobs in cfg.Dir, folds the log, and
// begins to sequence. The caller must Close it.
//
// Errors: an unusable Config, store.ErrInUse, store.ErrOther, or what the
// operating system says.
func Open(cfg Config) (*Coordinator, error) {
	return openOver(cfg, func(s store.Store) store.Store { return s })
}

// openOver lets a test put something between the sequencer and its store.
func openOver(cfg Config, over func(store.Store) store.Store) (*Coordinator, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	c := &Coordinator{cfg: cfg}
	ctx := context.Background()
	if err := c.openStores(ctx); err != nil {
		return nil, err
	}
	c.store = over(c.store)
	if c.seq, err = newSequencer(ctx, cfg, c.store, c.blobs); err != nil {
		return nil, errors.Join(err, c.store.Close())
	}
	ctx, c.stop = context.WithCancel(ctx)
	go c.seq.run(ctx)
	cfg.Logger.Info("the log is open", "origin", cfg.Origin, "entries", c.seq.size)
	return c, nil
}

func (c *Coordinator) openStores(ctx context.Context) error {
	if c.cfg.Dir == "" {
		c.store, c.blobs = store.NewMemory(), blobs.NewMemory(c.cfg.limits())
		return nil
	}
	b, err := blobs.OpenFiles(filepath.Join(c.cfg.Dir, "blobs"), c.cfg.limits())
	if err != nil {
		return fmt.Errorf("opening the blobs of the coordinator: %w", err)
	}
	s, err := store.OpenSQLite(ctx, filepath.Join(c.cfg.Dir, "log"), c.cfg.Origin)
	if err != nil {
		return fmt.Errorf("opening the log of the coordinator: %w", err)
	}
	c.store, c.blobs = s, b
	return nil
}

// Close ends the sequencer and closes the store. Serve must have returned.
func (c *Coordinator) Close() error {
	c.once.Do(func() {
		c.stop()
		<-c.seq.done
		c.shut = c.store.Close()
	})
	return c.shut
}

// Log returns the coordinator's own way to its log.
func (c *Coordinator) Log() loop.Log { return localLog{c.seq} }

// Blobs returns the blobs, as the file system holds them.
func (c *Coordinator) Blobs() blobs.Blobs { return c.blobs }

// Checkpoint returns the newest signed checkpoint.
func (c *Coordinator) Checkpoint(context.Context) ([]byte, error) { return c.seq.Checkpoint() }

// Found signs the charter as entry 0. Its codebook must have been put before.
// The same charter again does nothing; another one is an error.
func (c *Coordinator) Found(ctx context.Context, charter *audit.Charter) error {
	var h audit.Header
	var old *audit.Statement
	var boot crypto.Digest
	if _, err := rand.Read(boot[:]); err != nil {
		return err
	}
	c.seq.View(func(st *audit.State) {
		old, h = st.Charter, st.Next(c.cfg.Signer.Name(), boot, audit.Header{})
	})
	if old != nil {
		return sameCharter(old.Body.(*audit.Charter), charter)
	}
	h.Time = c.cfg.Now().UTC().Format(time.RFC3339)
	leaf, err := audit.Sign(h, charter, c.cfg.Signer)
	if err != nil {
		return err
	}
	_, err = c.Log().Append(ctx, leaf)
	return err
}

func sameCharter(a, b *audit.Charter) error {
	x, err := json.Marshal(a)
	if err != nil {
		return err
	}
	y, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if string(x) != string(y) {
		return audit.Refuse(audit.CodeCharterTwice)
	}
	return nil
}

// Serve answers on l and does the coordinator's part of every round until ctx
// ends; it then lets the calls under way finish for a moment and returns nil.
// It returns an error when the log can no longer be made durable or l fails.
// Either way l is closed.
func (c *Coordinator) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s, err := newServer(ctx, c)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := s.serve(l); err != nil && ctx.Err() == nil {
			cancel(fmt.Errorf("serving the federation: %w", err))
		}
	})
	wg.Go(func() {
		if err := c.work(ctx); err != nil {
			cancel(err)
		}
	})
	select {
	case <-ctx.Done():
	case <-c.seq.done:
		cancel(c.seq.ended())
	}
	s.close(c.cfg.Grace)
	wg.Wait()
	if err := context.Cause(ctx); err != ctx.Err() {
		return err
	}
	return nil
}

// work runs the coordinator's own loop over its own log.
func (c *Coordinator) work(ctx context.Context) error {
	k := &tasks{blobs: c, adder: &adder{blobs: c.blobs}, timeout: c.cfg.Timeout, now: c.cfg.Now}
	p, err := loop.New(loop.Config{
		Name: c.cfg.Signer.Name(), Signer: c.cfg.Signer, Origin: c.cfg.Origin, CoordinatorKey: c.cfg.Key,
		Log: c.Log(), Journal: journal{c.store}, Handlers: k.handlers(), Now: c.cfg.Now,
		Local: func() audit.Local { return audit.Local{Timeout: c.cfg.Timeout} },
		Failed: func(t audit.Task, err error) {
			c.cfg.Logger.Warn("a step of a round has to be tried again", "step", t.Kind, "study", t.Study, "round", t.Round, "attempt", t.Attempt, "error", err)
		},
	})
	if err != nil {
		return fmt.Errorf("starting the coordinator's own loop: %w", err)
	}
	k.party = p
	return p.Run(ctx)
}
