package federation

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/crypto"
)

// found writes the charter: entry 0 of the log.
func (f *Federation) found() error {
	codebook, err := f.coordinator.PutBlob(f.ctx, f.cfg.Codebook)
	if err != nil {
		return fmt.Errorf("keeping the codebook: %w", err)
	}
	charter := &audit.Charter{
		Protocol: 1, Name: f.cfg.Name, Coordinator: f.sequencer.party,
		Founders: []audit.Founder{}, Researchers: []audit.Party{f.researcher.id.party}, Auditors: []audit.Party{},
		Parameters: crypto.Parameters, Forgetful: f.cfg.Forgetful,
		MinInstitutions: f.cfg.MinInstitutions, AllowPair: f.cfg.AllowPair,
		Codebook: codebook, Rehearsal: true, Retention: "until the folder is removed",
	}
	for _, in := range f.cfg.Institutions {
		charter.Founders = append(charter.Founders, audit.Founder{Institution: in.Name, Approver: f.approvers[in.Name].party})
	}
	return f.coordinator.Found(f.ctx, charter)
}

// enrol has an institution's approver accept the charter and name its node's key.
func (f *Federation) enrol(institution string, nodeID *identity) error {
	return f.as(institution, func(ctx context.Context, p *loop.Party) error {
		var charter crypto.Digest
		p.View(func(st *audit.State) { charter = st.Charter.Hash })
		body := &audit.Member{Charter: charter, Institution: institution, Node: nodeID.party}
		key, err := audit.PrivateKey(nodeID.secret)
		if err != nil {
			return err
		}
		body.Proof = ed25519.Sign(key, audit.ProofText(f.cfg.Name, body))
		_, err = p.Say(ctx, audit.Header{}, body, nil)
		return err
	})
}

// approve has every institution's approver decide on the study.
func (f *Federation) approve(study string, purpose string, expires time.Time) error {
	var g errgroup.Group
	g.SetLimit(4)
	for _, in := range f.cfg.Institutions {
		g.Go(func() error {
			err := f.as(in.Name, func(ctx context.Context, p *loop.Party) error {
				var proposal crypto.Digest
				p.View(func(st *audit.State) {
					if s := st.Studies[study]; s != nil {
						proposal = s.Proposal.Hash
					}
				})
				_, err := p.Say(ctx, audit.Header{Study: study}, &audit.Decision{
					Proposal: proposal, Institution: in.Name, Verdict: "approve",
					Ground: audit.GroundRehearsal, Purpose: purpose, Expires: expires.Format(time.DateOnly),
				}, nil)
				return err
			})
			if err != nil {
				return fmt.Errorf("the approver of %s: %w", in.Name, err)
			}
			return nil
		})
	}
	return g.Wait()
}

// as connects as an institution's approver, reads the log to its end, and does
// one act.
func (f *Federation) as(institution string, act func(context.Context, *loop.Party) error) error {
	id := f.approvers[institution]
	client, err := api.Dial(f.address, id.tls)
	if err != nil {
		return err
	}
	defer client.Close()
	p, err := loop.New(loop.Config{
		Name: id.party.Name, Signer: id.signer, Origin: f.cfg.Name, CoordinatorKey: f.sequencer.party.Key, Log: client,
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(f.ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	checkpoint, err := client.Checkpoint(ctx)
	if err == nil {
		err = p.Reach(ctx, checkpoint)
	}
	if err == nil {
		err = act(ctx, p)
	}
	cancel()
	if e := <-ended; err == nil {
		err = e
	}
	return err
}
