package cmd

import "github.com/spf13/cobra"

func newCoordinator(o *output) *cobra.Command {
	c := &cobra.Command{
		Use:   "coordinator",
		Short: "Run the federation's sequencer, blob store and adder; it holds no key that opens anything",
		Long:  "coordinator sets up and runs the server that all others dial.\n\n" + exitCodes,
		Args:  group,
		RunE:  help,
	}
	c.AddCommand(newCoordinatorInit(o), newCoordinatorInvite(o), newCoordinatorRun(o))
	return c
}
