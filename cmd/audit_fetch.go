package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/cmd/party"
)

func newAuditFetch(o *output) *cobra.Command {
	var f partyFlags
	var out string
	var public bool
	c := &cobra.Command{
		Use:   "fetch --out DIR [--public] [--config party.toml]",
		Short: "Fetch an audit bundle of the whole log",
		Long: `fetch writes a bundle that audit verify checks without any network. A sealed
bundle, the default, has the encrypted lists and the releases: whoever has it can
open every total that was opened, also those that tell of one institution because
it accepted that, and no other numbers of one. Hand it on under agreement only. A public bundle has the statements, proofs and digests, and opens nothing.

` + exitCodes,
		Example: "  smartstart audit fetch --config auditor/party.toml --out bundle",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			if out == "" {
				return usage("audit fetch needs a folder for the bundle", "add --out DIR")
			}
			if err := emptyFolder(out); err != nil {
				return err
			}
			kind := bundle.Sealed
			if public {
				kind = bundle.Public
			}
			return f.act(c.Context(), func(ctx context.Context, s *party.Session) error {
				head, err := s.Seat.FetchBundle(ctx, s.Client, kind, out)
				if err != nil {
					return err
				}
				if o.json {
					return o.document(struct {
						Kind   bundle.Kind `json:"kind"`
						Folder string      `json:"folder"`
						Log    LogHead     `json:"log"`
					}{kind, out, LogHead{s.Seat.Origin, head.Size, head.Root.String()}})
				}
				o.print("%s bundle of %s: %s entries, root %s", kind, s.Seat.Origin, thousands(int(head.Size)), head.Root)
				o.print("next: smartstart audit verify %s --config %s", out, f.path)
				return nil
			})
		},
	}
	c.Flags().StringVar(&f.path, "config", "party.toml", "the party file that enrol wrote")
	f.within.registerFor(c, 10*time.Minute)
	c.Flags().StringVar(&out, "out", "", "a new folder for the bundle")
	c.Flags().BoolVar(&public, "public", false, "only what may be shown to anybody")
	return c
}
