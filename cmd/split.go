package cmd

import (
	"bytes"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/node/records"
)

func newDataGroup(o *output) *cobra.Command {
	c := &cobra.Command{
		Use:   "data",
		Short: "Prepare files for a rehearsal, look at notes before they are read",
		Long:  "data prepares files for a rehearsal, and shows an institution its own notes as a study would read them.\n\n" + exitCodes,
		Args:  group,
		RunE:  help,
	}
	c.AddCommand(newDataSplit(o), newDataText(o))
	return c
}

func newDataSplit(o *output) *cobra.Command {
	var by, out string
	c := &cobra.Command{
		Use:   "split FILE.csv --by COLUMN --out DIR",
		Short: "Cut a pooled file into one file an institution",
		Long: `split cuts a pooled CSV file by the values of a column, for a rehearsal with
nodes of their own. Real records are never pooled to begin with.

` + exitCodes,
		Example: "  smartstart data split examples/language/pupils.csv --by node --out data",
		Args:    arguments(1, "data split needs one CSV file"),
		RunE: func(_ *cobra.Command, args []string) error {
			if by == "" || out == "" {
				return usage("data split needs --by and --out", "add --by COLUMN --out DIR")
			}
			text, err := readLarge(args[0])
			if err != nil {
				return err
			}
			parts, err := records.SplitCSV(bytes.NewReader(text), filepath.Base(args[0]), by)
			if err != nil {
				return err
			}
			if err := emptyFolder(out); err != nil {
				return err
			}
			type file struct {
				Institution string `json:"institution"`
				File        string `json:"file"`
				Rows        int    `json:"rows"`
			}
			files := []file{}
			for _, p := range parts {
				path := filepath.Join(out, p.Institution+".csv")
				if err := party.WriteNew(path, p.CSV, 0o600); err != nil {
					return err
				}
				files = append(files, file{p.Institution, path, p.Rows})
			}
			if o.json {
				return o.document(files)
			}
			for _, f := range files {
				o.print("%s  %s rows", f.File, thousands(f.Rows))
			}
			return nil
		},
	}
	c.Flags().StringVar(&by, "by", "", "the column whose values are the institutions")
	c.Flags().StringVar(&out, "out", "", "a new folder for the files")
	return c
}
