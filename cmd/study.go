package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/cmd/party"
)

func newStudy(o *output) *cobra.Command {
	c := &cobra.Command{
		Use:   "study",
		Short: "Propose a study as a researcher, follow it, and read its result",
		Long: `study is the researcher's tool. A study is one TOML file; each institution
approves it or not; results are computed here, from totals that this machine has
added again itself.

` + exitCodes,
		Args: group,
		RunE: help,
	}
	c.AddCommand(newEnrol(o, "study", "researcher"), newStudyNew(o), newStudyCheck(o), newStudySubmit(o), newStudyWatch(o),
		newStudyLs(o), newStudyShow(o), newStudyResults(o), newStudyProceed(o), newStudyClose(o), newStudyPublish(o))
	return c
}

// partyFlags are --config and --timeout of a command that connects as a party.
type partyFlags struct {
	path   string
	within wait
}

func (f *partyFlags) register(c *cobra.Command) {
	c.Flags().StringVar(&f.path, "config", "party.toml", "the party file that enrol wrote")
	f.within.register(c)
}

// act connects, reads the log to its end and does one act; the charter is
// there when act is called.
func (f *partyFlags) act(ctx context.Context, act func(context.Context, *party.Session) error) error {
	seat, _, err := party.Open(f.path)
	if err != nil {
		return err
	}
	ctx, cancel := f.within.context(ctx)
	defer cancel()
	return seat.Act(ctx, func(ctx context.Context, s *party.Session) error {
		if _, err := s.Charter(ctx); err != nil {
			return err
		}
		return act(ctx, s)
	})
}
