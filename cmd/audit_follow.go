package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/cmd/party"
)

// followed is one line of audit follow --json.
type followed struct {
	Entry   int64          `json:"entry"`
	Time    string         `json:"time,omitempty"`
	Signer  string         `json:"signer,omitempty"`
	Type    string         `json:"type,omitempty"`
	Study   string         `json:"study,omitempty"`
	Round   int            `json:"round,omitempty"`
	Attempt int            `json:"attempt,omitempty"`
	Finding *audit.Finding `json:"finding,omitempty"`
}

func newAuditFollow(o *output) *cobra.Command {
	var path string
	var once bool
	c := &cobra.Command{
		Use:   "follow [--config party.toml]",
		Short: "Watch the log as it grows, each entry checked by the rules that every party follows",
		Long: `follow prints one line an entry, after its signature, its place and the rules
were checked. It goes on until stopped. An entry that breaks a rule is printed as
a finding, and the command then ends with exit code 5 when it is stopped. A log
that does not extend what was shown before ends it at once.

` + exitCodes,
		Example: "  smartstart audit follow --config auditor/party.toml",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			seat, _, err := party.Open(path)
			if err == nil {
				err = seat.Expired()
			}
			if err != nil {
				return err
			}
			seat.Trouble = o.trouble
			return follow(c.Context(), o, seat, once)
		},
	}
	c.Flags().StringVar(&path, "config", "party.toml", "the party file that enrol wrote")
	c.Flags().BoolVar(&once, "once", false, "stop at the end of the log as it is now")
	return c
}

func follow(ctx context.Context, o *output, seat *party.Seat, once bool) error {
	client, err := seat.Dial()
	if err != nil {
		return err
	}
	defer client.Close()
	findings := 0
	p, err := loop.New(loop.Config{
		Name: seat.Party.Name, Signer: seat.Signer, Origin: seat.Origin, CoordinatorKey: seat.CoordinatorKey, Log: client, Trouble: seat.Trouble,
		Applied: func(a loop.Applied) {
			if a.Finding != nil {
				findings++
			}
			o.entry(a)
		},
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan error, 1)
	go func() {
		err := p.Run(ctx)
		cancel(err)
		ended <- err
	}()
	if err := heard(ctx, seat, p, client.Checkpoint); err != nil && ctx.Err() == nil {
		cancel(nil)
		return errors.Join(err, <-ended)
	}
	if once {
		cancel(nil)
	}
	if err := <-ended; err != nil {
		return err
	}
	if findings > 0 {
		return &Error{codeFailedVerification, plural(findings, "finding") + " in the log of " + seat.Origin, "fetch a bundle now and keep it as evidence"}
	}
	return nil
}

// entry prints one entry of the log.
func (o *output) entry(a loop.Applied) {
	line := followed{Entry: a.Index, Finding: a.Finding}
	if s := a.Statement; s != nil {
		line.Time, line.Signer, line.Type, line.Study, line.Round, line.Attempt = s.Time, s.Signer, s.Type, s.Study, s.Round, s.Attempt
	}
	if o.json {
		e := json.NewEncoder(o.out) // one document a line
		e.SetEscapeHTML(false)
		_ = e.Encode(line) // standard output that is gone ends the process by itself
		return
	}
	about := line.Study
	if line.Round > 0 {
		about += fmt.Sprintf(" round %d.%d", line.Round, line.Attempt)
	}
	o.print("%6d  %s  %-18s %-9s %s", line.Entry, line.Time, line.Signer, line.Type, about)
	if a.Finding != nil {
		o.print("        FINDING  %s", a.Finding)
	}
}
