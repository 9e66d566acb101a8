package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

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

// cosigned is the line of audit follow --json that says who co-signed.
type cosigned struct {
	Size         int64    `json:"cosigned_size"` // of the log, with that many entries
	Institutions []string `json:"institutions"`
	Auditors     []string `json:"auditors"`
	Needed       int      `json:"needed"`
}

func newAuditFollow(o *output) *cobra.Command {
	var path string
	var once, cosign bool
	c := &cobra.Command{
		Use:   "follow [--config party.toml] [--cosign]",
		Short: "Watch the log as it grows, each entry checked by the rules that every party follows",
		Long: `follow prints one line an entry, after its signature, its place and the rules
were checked. It goes on until stopped. An entry that breaks a rule is printed as
a finding, and the command then ends with exit code 5 when it is stopped. A log
that does not extend what was shown before ends it at once, with exit code 5, and
leaves both checkpoints in a file beside the party file. Of the same size, they
are a proof that whoever has the coordinator's key can check with audit compare;
of different sizes they prove nothing alone: keep your own bundle (audit fetch)
and compare it with the other side's. Lines in between say which
institutions have co-signed the log up to where. With --cosign the auditor
co-signs too: only what extends all that it co-signed before. That is kept in a
file beside the party file; do not run it in two places.

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
			if once && cosign {
				return usage("a co-signer keeps running", "leave out --once or --cosign")
			}
			seat.Trouble = o.trouble
			return follow(c.Context(), o, seat, once, cosign)
		},
	}
	c.Flags().StringVar(&path, "config", "party.toml", "the party file that enrol wrote")
	c.Flags().BoolVar(&once, "once", false, "stop at the end of the log as it is now")
	c.Flags().BoolVar(&cosign, "cosign", false, "co-sign what extends all that was co-signed before")
	return c
}

func follow(ctx context.Context, o *output, seat *party.Seat, once, cosign bool) error {
	client, err := seat.Dial()
	if err != nil {
		return err
	}
	defer client.Close()
	findings := 0
	var p *loop.Party
	var printing sync.Mutex // entries and co-signatures come by two ways
	quorum := int64(0)
	config := loop.Config{
		Name: seat.Party.Name, Signer: seat.Signer, Origin: seat.Origin, CoordinatorKey: seat.CoordinatorKey, Log: client, Trouble: seat.Trouble,
		Fork: seat.KeepFork,
		Cosigned: func(c *audit.Cosigned) {
			needed := 0
			p.View(func(st *audit.State) { needed = st.Quorum() })
			printing.Lock()
			defer printing.Unlock()
			if size := p.Cosigned(); size > quorum || o.json {
				quorum = size
				o.cosigned(c, needed)
			}
		},
		Applied: func(a loop.Applied) {
			printing.Lock()
			defer printing.Unlock()
			if a.Finding != nil {
				findings++
			}
			o.entry(a)
		},
	}
	if cosign {
		config.Cosign = seat.Cosigned()
	}
	p, err = loop.New(config)
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

// cosigned prints who co-signed a checkpoint.
func (o *output) cosigned(c *audit.Cosigned, needed int) {
	line := cosigned{Size: c.Size, Institutions: append([]string{}, c.Institutions()...), Auditors: []string{}, Needed: needed}
	for _, s := range c.By {
		if s.Institution == "" {
			line.Auditors = append(line.Auditors, s.Name)
		}
	}
	if len(c.By) == 0 {
		return
	}
	if o.json {
		_ = json.NewEncoder(o.out).Encode(line) // as for entries
		return
	}
	o.print("        co-signed up to entry %d by %s; %d institutions are needed", c.Size-1, strings.Join(append(line.Institutions, line.Auditors...), ", "), needed)
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
