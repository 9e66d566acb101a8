package party

import (
	"context"
	"errors"
	"fmt"
	"strings"
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

// Researcher proposes, follows and reads results. It computes every model
// state itself, from re-added sums.
type Researcher struct {
	Client *api.Client
	Party  *loop.Party
	Chain  *replay.Chain

	mu      sync.Mutex
	failure error // a refusal that needs a person
	changed chan struct{}
}

// NewResearcher prepares a researcher; applied, if not nil, sees the log as it
// grows. timeout is that of an attempt; 0 means the default.
func NewResearcher(s *Seat, timeout time.Duration, applied func(loop.Applied)) (*Researcher, error) {
	r := &Researcher{Chain: replay.NewChain(node.Methods{}), changed: make(chan struct{}, 1)}
	var err error
	if r.Client, err = s.Dial(); err != nil {
		return nil, err
	}
	r.Party, err = loop.New(loop.Config{
		Name: s.Party.Name, Signer: s.Signer, Origin: s.Origin, CoordinatorKey: s.CoordinatorKey,
		Log: r.Client,
		Applied: func(a loop.Applied) {
			if applied != nil {
				applied(a)
			}
			r.notify()
		},
		Local: func() audit.Local { return audit.Local{Models: r.Chain.Models(), Timeout: timeout} },
		Handlers: map[string]loop.Handler{
			audit.TaskAdvance: r.advance,
			audit.TaskClose:   r.close,
		},
		Failed:  func(_ audit.Task, err error) { r.Refused(err) },
		Trouble: s.Trouble, Fork: s.KeepFork,
	})
	if err != nil {
		return nil, errors.Join(err, r.Client.Close())
	}
	return r, nil
}

// Run follows the log and works until ctx ends; it then hangs up.
func (r *Researcher) Run(ctx context.Context) error {
	return errors.Join(r.Party.Run(ctx), r.Client.Close())
}

func (r *Researcher) advance(ctx context.Context, t audit.Task) error {
	err := r.Chain.Follow(ctx, r.Party, t, r.Client)
	r.Party.Wake()
	return err
}

// close ends a finished study in the log.
func (r *Researcher) close(ctx context.Context, t audit.Task) error {
	m, state, _, ok := r.Chain.State(t.Study)
	if !ok {
		return fmt.Errorf("study %s has no model state here", t.Study)
	}
	reason := "finished"
	if _, err := m.(*node.Method).Plan.Result(state); err != nil {
		reason = "failed"
	}
	_, err := r.Party.Say(ctx, audit.Header{Study: t.Study}, &audit.Close{State: crypto.DigestOf(state), Reason: reason}, nil)
	r.notify()
	return err
}

// Refused keeps the first refusal that has a code: one that a person must
// read. Anything else is tried again by the loop.
func (r *Researcher) Refused(err error) {
	var coded interface{ Code() string }
	if !errors.As(err, &coded) || coded.Code() == "" {
		return
	}
	var early *audit.Refusal
	var late *api.Error
	if errors.As(err, &early) && early.Rule != audit.CodeBoot && !early.Rule.Evidence() || errors.As(err, &late) {
		return // the log went on meanwhile: its next state decides
	}
	if c := coded.Code(); strings.HasPrefix(c, "SS30") || strings.HasPrefix(c, "SS31") {
		return // of the encryption, such as a vote that came too late: an attempt fails by itself
	}
	r.mu.Lock()
	if r.failure == nil {
		r.failure = err
	}
	r.mu.Unlock()
	r.notify()
}

func (r *Researcher) notify() {
	select {
	case r.changed <- struct{}{}:
	default:
	}
}

// Changed is sent to when the log has grown or something failed.
func (r *Researcher) Changed() <-chan struct{} { return r.changed }

// Failure returns the refusal that a person must read, if there is one.
func (r *Researcher) Failure() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failure
}

// Propose signs the proposal of a study file. numbers is the most that may be
// opened; the file's own figure counts when it has one.
func Propose(ctx context.Context, p *loop.Party, study []byte, numbers int64) (*audit.Statement, error) {
	s, err := configs.ParseStudy(study)
	if err != nil {
		return nil, err
	}
	if s.Privacy.Numbers > 0 {
		numbers = s.Privacy.Numbers
	}
	body := &audit.Proposal{Study: string(study), MinInstitutions: s.Privacy.MinInstitutions, Numbers: numbers}
	body.OnLate, body.Wait = node.StatedLate(s)
	return p.Say(ctx, audit.Header{Study: s.About.ID}, body, nil)
}

// Closed reports whether the study is closed in the log.
func (r *Researcher) Closed(study string) (closed bool) {
	r.Party.View(func(st *audit.State) {
		s := st.Studies[study]
		closed = s != nil && s.Close != nil
	})
	return closed
}

// Result returns the result in the newest model state.
func (r *Researcher) Result(study string) (*model.Result, error) {
	m, state, _, ok := r.Chain.State(study)
	if !ok {
		return nil, fmt.Errorf("study %s has no model state here", study)
	}
	return m.(*node.Method).Plan.Result(state)
}

// Replay computes the model of a study from the first opened sum to the last,
// from the blobs.
func (s *Session) Replay(ctx context.Context, study string) (*node.Method, []byte, error) {
	chain := replay.NewChain(node.Methods{})
	task := audit.Task{Study: study}
	for {
		if err := chain.Follow(ctx, s, task, s.Client); err != nil {
			return nil, nil, err
		}
		task.Round++
		opened := false
		s.View(func(st *audit.State) {
			if at := st.Studies[study].Opened(task.Round); at != nil {
				opened, task.Attempt = true, at.Number
			}
		})
		if !opened {
			m, state, _, _ := chain.State(study)
			return m.(*node.Method), state, nil
		}
	}
}
