package federation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/crypto"
)

// found writes the charter: entry 0 of the log.
func (f *Federation) found() error {
	codebook, err := f.coordinator.PutBlob(f.ctx, f.cfg.Codebook)
	if err != nil {
		return fmt.Errorf("keeping the codebook: %w", err)
	}
	charter := &audit.Charter{
		Protocol: audit.Protocol, Name: f.cfg.Name, Coordinator: f.sequencer.Party,
		Founders: []audit.Founder{}, Researchers: []audit.Party{f.researcher.Party}, Auditors: []audit.Party{},
		Parameters: crypto.Parameters, Forgetful: f.cfg.Forgetful,
		MinInstitutions: f.cfg.MinInstitutions, AllowPair: f.cfg.AllowPair,
		Codebook: codebook, Rehearsal: true, Retention: "until the folder is removed",
	}
	for _, in := range f.cfg.Institutions {
		charter.Founders = append(charter.Founders, audit.Founder{Institution: in.Name, Approver: f.approvers[in.Name].Party})
	}
	return f.coordinator.Found(f.ctx, charter)
}

// enrol has an institution's approver accept the charter and name its node's key.
func (f *Federation) enrol(institution string, nodeSeat *party.Seat) error {
	return f.approvers[institution].Act(f.ctx, func(ctx context.Context, s *party.Session) error {
		_, err := s.Join(ctx, institution, nodeSeat.Party, nodeSeat.Secret)
		return err
	})
}

// decide has every institution's approver decide on each study: approve where
// the institution is invited, else deny.
func (f *Federation) decide(all []Invitation, expires time.Time) error {
	var g errgroup.Group
	g.SetLimit(4)
	for _, in := range f.cfg.Institutions {
		g.Go(func() error {
			err := f.approvers[in.Name].Act(f.ctx, func(ctx context.Context, s *party.Session) error {
				for _, i := range all {
					d := audit.Decision{Institution: in.Name, Verdict: "deny", Ground: audit.GroundRehearsal, Purpose: i.study.About.Purpose, Expires: expires.Format(time.DateOnly)}
					if slices.Contains(i.Institutions, in.Name) {
						d.Verdict, d.AcceptAlone = "approve", i.AcceptIsolated
					}
					if _, err := s.Decide(ctx, i.study.About.ID, d); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return fmt.Errorf("the approver of %s: %w", in.Name, err)
			}
			return nil
		})
	}
	return g.Wait()
}
