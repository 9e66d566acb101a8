package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
)

func newStudyNew(o *output) *cobra.Command {
	c := &cobra.Command{
		Use:     "new FILE",
		Short:   "Write a study file to change into yours",
		Long:    "new writes a small study that is complete and explains every key, to be changed\ninto yours.\n\n" + exitCodes,
		Example: "  smartstart study new study.toml",
		Args:    arguments(1, "study new needs the name of one new file"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := party.WriteNew(args[0], []byte(configs.StudySample), 0o644); err != nil {
				return err
			}
			if o.json {
				return o.document(struct {
					File string `json:"file"`
				}{args[0]})
			}
			o.print("%s is there, to be changed into your study; then: smartstart study check %s", args[0], args[0])
			return nil
		},
	}
	return c
}

func newStudyCheck(o *output) *cobra.Command {
	var f partyFlags
	var codebook string
	c := &cobra.Command{
		Use:   "check FILE [--codebook FILE | --config party.toml]",
		Short: "Check a study file against the codebook, and say what it will ask and cost",
		Long: `check reads a study file the way every institution will, against a codebook file
or the federation's own, and says what leaves each institution and how many
numbers are opened.

` + exitCodes,
		Example: "  smartstart study check study.toml --codebook codebook.toml",
		Args:    arguments(1, "study check needs one study file"),
		RunE: func(c *cobra.Command, args []string) error {
			text, err := readFile(args[0], "study")
			if err != nil {
				return err
			}
			if _, err := configs.ParseStudy(text); err != nil {
				return inFile(args[0], err)
			}
			columns, err := f.codebook(c.Context(), codebook)
			if err != nil {
				return err
			}
			a, err := explainStudy(string(text), columns)
			if err != nil {
				return inFile(args[0], err)
			}
			if o.json {
				return o.document(struct {
					*asked
					Numbers int `json:"numbers_in_first_round"`
				}{a, a.numbers()})
			}
			o.print("%s can be proposed: a %s regression of %q on %d columns", a.Study, a.Model, a.Outcome, len(a.Uses)-1)
			o.print("  opened in the first round: %d numbers; at most %d rounds", a.numbers(), a.MaxRounds)
			o.print("  an institution takes part with at least %d complete rows; a total has at least %d institutions", a.MinRows, a.MinOthers)
			if sensitive := sensitiveOf(a); sensitive != "" {
				o.print("  sensitive columns, which every approver is shown: %s", sensitive)
			}
			return nil
		},
	}
	f.register(c)
	c.Flags().StringVar(&codebook, "codebook", "", "a codebook file; the federation's when not given")
	return c
}

func sensitiveOf(a *asked) (list string) {
	for _, u := range a.Uses {
		if u.Sensitivity != configs.Ordinary {
			list += fmt.Sprintf(" %s (%s)", u.Name, u.Sensitivity)
		}
	}
	return list
}
