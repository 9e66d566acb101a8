package cmd

import (
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
