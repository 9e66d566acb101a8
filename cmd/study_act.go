package cmd

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
)

func newStudyProceed(o *output) *cobra.Command {
	var f partyFlags
	var without []string
	c := &cobra.Command{
		Use:   "proceed STUDY --without NAMES",
		Short: "Go on without absent institutions",
		Long: `proceed signs that the study goes on without the named institutions, which have
not decided or are not there. It can be said until the first total may have been
opened; after that every total has exactly the same institutions, because the
difference of two would show one of them alone. The newest list counts.

` + exitCodes,
		Example: "  smartstart study proceed language-delay --without board3,board5 --config researcher/party.toml",
		Args:    arguments(1, "study proceed needs the name of one study"),
		RunE: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("without") {
				return usage("study proceed needs --without", "name the absent institutions: --without board3,board5")
			}
			slices.Sort(without)
			without = slices.Compact(without) // a name given twice is the same wish
			return f.act(c.Context(), func(ctx context.Context, s *party.Session) error {
				signed, err := s.Say(ctx, audit.Header{Study: args[0]}, &audit.Proceed{Without: append([]string{}, without...)}, nil)
				if err != nil {
					return err
				}
				if o.json {
					return o.document(struct {
						Study   string   `json:"study"`
						Without []string `json:"without"`
						Entry   int64    `json:"entry"`
					}{args[0], append([]string{}, without...), signed.Index})
				}
				o.print("%s goes on without %s, in entry %d of the log", args[0], strings.Join(without, ", "), signed.Index)
				return nil
			})
		},
	}
	f.register(c)
	c.Flags().StringSliceVar(&without, "without", nil, "names of the institutions to go on without")
	return c
}

func newStudyClose(o *output) *cobra.Command {
	var f partyFlags
	c := &cobra.Command{
		Use:   "close STUDY",
		Short: "End a study before its model is done",
		Long: `close signs that a study has stopped. Nothing more is asked of any institution;
totals that were opened stay in the log. A study whose model is done is closed
by study watch.

` + exitCodes,
		Example: "  smartstart study close language-delay --config researcher/party.toml",
		Args:    arguments(1, "study close needs the name of one study"),
		RunE: func(c *cobra.Command, args []string) error {
			return f.act(c.Context(), func(ctx context.Context, s *party.Session) error {
				signed, err := s.Say(ctx, audit.Header{Study: args[0]}, &audit.Close{Reason: "stopped"}, nil)
				if err != nil {
					return err
				}
				if o.json {
					return o.document(struct {
						Study  string `json:"study"`
						Reason string `json:"reason"`
						Entry  int64  `json:"entry"`
					}{args[0], "stopped", signed.Index})
				}
				o.print("%s is stopped, in entry %d of the log", args[0], signed.Index)
				return nil
			})
		},
	}
	f.register(c)
	return c
}
