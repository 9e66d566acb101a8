package federation

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/audit/replay"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
)

// researcher proposes, follows and reads results. It computes every model
// state itself, from re-added sums.
type researcher struct {
	id     *identity
	client *api.Client
	party  *loop.Party
	chain  *replay.Chain

	mu      sync.Mutex
	failure error // a refusal that needs a person
	changed chan struct{}
}

func (f *Federation) startResearcher() error {
	id, err := newIdentity(f.authority, ResearcherName)
	if err != nil {
		return err
	}
	r := &researcher{id: id, chain: replay.NewChain(node.Methods{}), changed: make(chan struct{}, 1)}
	if r.client, err = api.Dial(f.address, id.tls); err != nil {
		return err
	}
	r.party, err = loop.New(loop.Config{
		Name: ResearcherName, Signer: id.signer, Origin: f.cfg.Name, CoordinatorKey: f.sequencer.party.Key,
		Log: r.client, Applied: f.cfg.Applied,
		Local: func() audit.Local { return audit.Local{Models: r.chain.Models(), Timeout: f.cfg.Timeout} },
		Handlers: map[string]loop.Handler{
			audit.TaskAdvance: r.advance,
			audit.TaskClose:   r.close,
		},
		Failed: func(_ audit.Task, err error) { r.refused(err) },
	})
	if err != nil {
		return err
	}
	f.researcher = r
	f.run(func(ctx context.Context) error { return errors.Join(r.party.Run(ctx), r.client.Close()) })
	return nil
}

func (r *researcher) advance(ctx context.Context, t audit.Task) error {
	err := r.chain.Follow(ctx, r.party, t, r.client)
	r.party.Wake()
	return err
}

// close ends a finished study in the log.
func (r *researcher) close(ctx context.Context, t audit.Task) error {
	m, state, _, ok := r.chain.State(t.Study)
	if !ok {
		return fmt.Errorf("study %s has no model state here", t.Study)
	}
	reason := "finished"
	if _, err := m.(*node.Method).Plan.Result(state); err != nil {
		reason = "failed"
	}
	_, err := r.party.Say(ctx, audit.Header{Study: t.Study}, &audit.Close{State: crypto.DigestOf(state), Reason: reason}, nil)
	r.notify()
	return err
}

// refused keeps the first refusal that has a code: one that a person must
// read. Anything else is tried again by the loop.
func (r *researcher) refused(err error) {
	var coded interface{ Code() string }
	if !errors.As(err, &coded) || coded.Code() == "" {
		return
	}
	var early *audit.Refusal
	var late *api.Error
	if errors.As(err, &early) || errors.As(err, &late) {
		return // the log went on meanwhile: its next state decides
	}
	r.mu.Lock()
	if r.failure == nil {
		r.failure = err
	}
	r.mu.Unlock()
	r.notify()
}

func (r *researcher) notify() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// Submit proposes a study; every institution's approver approves it.
func (f *Federation) Submit(ctx context.Context, study []byte) error {
	s, err := configs.ParseStudy(study)
	if err != nil {
		return err
	}
	body := &audit.Proposal{Study: string(study), MinInstitutions: s.Privacy.MinInstitutions}
	if _, err := f.researcher.party.Say(ctx, audit.Header{Study: s.About.ID}, body, nil); err != nil {
		return err
	}
	return f.approve(s.About.ID, s.About.Purpose, time.Now().AddDate(0, 3, 0))
}

// Wait returns the study's result once it is closed in the log.
func (f *Federation) Wait(ctx context.Context, study string) (*model.Result, error) {
	r := f.researcher
	for {
		var closed bool
		r.party.View(func(st *audit.State) {
			s := st.Studies[study]
			closed = s != nil && s.Close != nil
		})
		if closed {
			m, state, _, _ := r.chain.State(study)
			return m.(*node.Method).Plan.Result(state)
		}
		r.mu.Lock()
		err := r.failure
		r.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-r.changed:
		case <-f.ctx.Done():
			return nil, context.Cause(f.ctx)
		case <-ctx.Done():
			return nil, fmt.Errorf("study %s was still under way: %w", study, context.Cause(ctx))
		}
	}
}

// State returns the digest of the study's newest model state.
func (f *Federation) State(study string) crypto.Digest {
	return f.researcher.chain.Models()[study].Digest
}

// View shows the researcher's folded state of the log.
func (f *Federation) View(see func(*audit.State)) { f.researcher.party.View(see) }
