package federation

import (
	"context"
	"fmt"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/model"
)

// researcher is the researcher's seat and its running loop.
type researcher struct {
	*party.Seat
	loop *party.Researcher
	*daemon
}

func (f *Federation) startResearcher() error {
	seat, err := f.newSeat(ResearcherName)
	if err != nil {
		return err
	}
	r := &researcher{Seat: seat}
	if r.loop, err = party.NewResearcher(seat, f.cfg.Timeout, f.cfg.Applied); err != nil {
		return err
	}
	f.researcher = r
	r.daemon = f.run(r.loop.Run)
	return nil
}

// Submit proposes a study, in which at most so many numbers may be opened; every
// institution's approver approves it.
func (f *Federation) Submit(ctx context.Context, study []byte, numbers int64) error {
	all := make([]string, len(f.cfg.Institutions))
	for i, in := range f.cfg.Institutions {
		all[i] = in.Name
	}
	return f.Invite(ctx, Invitation{Study: study, Numbers: numbers, Institutions: all, AcceptIsolated: f.cfg.AcceptIsolated})
}

// Invitation is a study that some of the institutions take part in.
type Invitation struct {
	Study          []byte   // TOML
	Numbers        int64    // the most that may be opened
	Institutions   []string // whose approvers approve; the others' deny
	AcceptIsolated bool     // each of them accepts that a sum may show it alone

	study *configs.Study
}

// Invite proposes studies, and every institution's approver decides on each of
// them in one sitting.
func (f *Federation) Invite(ctx context.Context, all ...Invitation) error {
	for i := range all {
		s, err := configs.ParseStudy(all[i].Study)
		if err != nil {
			return err
		}
		all[i].study = s
		if _, err := party.Propose(ctx, f.researcher.loop.Party, all[i].Study, all[i].Numbers); err != nil {
			return err
		}
	}
	return f.decide(all, time.Now().AddDate(0, 3, 0))
}

// Wait returns the study's result once it is closed in the log.
func (f *Federation) Wait(ctx context.Context, study string) (*model.Result, error) {
	r := f.researcher.loop
	for !r.Closed(study) {
		if err := r.Failure(); err != nil {
			return nil, err
		}
		select {
		case <-r.Changed():
		case <-f.ctx.Done():
			return nil, context.Cause(f.ctx)
		case <-ctx.Done():
			return nil, fmt.Errorf("study %s was still under way: %w", study, context.Cause(ctx))
		}
	}
	return r.Result(study)
}

// State returns the digest of the study's newest model state.
func (f *Federation) State(study string) crypto.Digest {
	return f.researcher.loop.Chain.Models()[study].Digest
}

// View shows the researcher's folded state of the log.
func (f *Federation) View(see func(*audit.State)) { f.researcher.loop.Party.View(see) }
