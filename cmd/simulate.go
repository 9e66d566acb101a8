package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/configs"
)

func newSimulate(o *output) *cobra.Command {
	var f struct {
		study, data, by, codebook, out, plots, lang string
		verbose, isolated                           bool
		use                                         useFlags
		places                                      areaFlags
	}
	c := &cobra.Command{
		Use:   "simulate --study STUDY.toml --data FILE.csv --by COLUMN | --data DIR",
		Short: "Run a study as a real federation on this machine: a rehearsal on data you hold",
		Long: `simulate cuts a pooled CSV file into institutions by the values of a column (or
takes one file per institution from a folder), starts a coordinator and one
node per institution as separate servers and clients over loopback gRPC with
mutual TLS 1.3, fits the study's model through encrypted sums, and verifies the
record of it. Results go to standard output, progress to standard error.

It needs the pooled data in one place, so it is for public or synthetic data
and for comparing with other tools. Without --codebook it drafts one from the
file.

` + exitCodes,
		Example: "  smartstart simulate --study examples/language/study.toml --data examples/language/pupils.csv --by node",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			ask, err := f.use.ask()
			if err != nil {
				return err
			}
			r, err := rehearse(f.study, f.data, f.by, f.codebook)
			if err != nil {
				return err
			}
			if ask != nil {
				if err := judging(r.study); err != nil {
					return err
				}
			}
			if err := f.places.fits(r.study); err != nil {
				return err
			}
			_, lang, err := textsIn(f.lang)
			if err != nil {
				return err
			}
			r.out, r.verbose, r.isolated = f.out, f.verbose, f.isolated
			if err := emptyFolder(f.out); err != nil {
				return err
			}
			out, err := r.run(c.Context(), o)
			if err != nil {
				return err
			}
			unasked := errors.Join(out.document.weigh(ask), out.document.place(&f.places))
			if o.json {
				if err := out.document.write(o.out); err != nil {
					return err
				}
			} else {
				out.document.print(o)
			}
			if err := errors.Join(unasked, out.document.draw(o, f.plots, lang)); err != nil {
				return err
			}
			return out.document.verdict(out.bundle)
		},
	}
	c.Flags().StringVar(&f.study, "study", "", "the study file (TOML)")
	c.Flags().StringVar(&f.data, "data", "", "a pooled CSV file, or a folder with one CSV file per institution")
	c.Flags().StringVar(&f.by, "by", "", "the column whose values are the institutions")
	c.Flags().StringVar(&f.codebook, "codebook", "", "the codebook (TOML); drafted from the data when not given")
	c.Flags().StringVar(&f.out, "out", "", "a new folder for results.json and the audit bundle")
	c.Flags().StringVar(&f.plots, "plots", "", "a folder for pictures of the result (SVG and PNG)")
	c.Flags().StringVar(&f.lang, "lang", "", "of the pictures: nl or en; the language of your system when not given")
	c.Flags().BoolVar(&f.isolated, "accept-isolated", false, "every institution accepts that a difference between two sums may show it alone")
	f.use.registerFor(c)
	f.places.registerFor(c)
	c.Flags().BoolVar(&f.verbose, "verbose", false, "also print what every daemon logs")
	return c
}

// rehearse reads the files of simulate.
func rehearse(studyPath, dataPath, by, codebookPath string) (*rehearsal, error) {
	if studyPath == "" || dataPath == "" {
		return nil, usage("simulate needs a study and data", "give --study STUDY.toml and --data FILE.csv --by COLUMN")
	}
	text, err := readFile(studyPath, "study")
	if err != nil {
		return nil, err
	}
	study, err := configs.ParseStudy(text)
	if err != nil {
		return nil, inFile(studyPath, err)
	}
	r := &rehearsal{study: study, studyText: text}
	d, err := openData(dataPath, by)
	if err != nil {
		return nil, err
	}
	if codebookPath != "" {
		r.codebook, err = readFile(codebookPath, "codebook")
	} else {
		r.codebook, err = d.draft(study)
	}
	if err != nil {
		return nil, err
	}
	codebook, err := configs.ParseCodebook(r.codebook)
	if err != nil {
		return nil, inFile(codebookPath, err)
	}
	r.data, r.institutions = d, d.institutions(codebook)
	return r, nil
}

// readFile reads a configuration file of at most 1 MiB.
func readFile(path, what string) ([]byte, error) {
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{"SS1002", fmt.Sprintf("there is no %s file %s", what, path), "check the path; paths are relative to the folder you are in"}
	case err != nil:
		return nil, &Error{"SS1003", fmt.Sprintf("the %s file cannot be read: %v", what, err), ""}
	case len(b) > 1<<20:
		return nil, &Error{"SS1004", fmt.Sprintf("%s is larger than 1 MiB and cannot be a %s file", path, what), "check the path"}
	}
	return b, nil
}

// emptyFolder makes path, and refuses one that holds anything: results of two
// runs must not mix.
func emptyFolder(path string) error {
	if path == "" {
		return nil
	}
	entries, err := os.ReadDir(path)
	if err == nil && len(entries) > 0 {
		return &Error{"SS1005", fmt.Sprintf("the folder %s is not empty", path), "name a new folder for --out"}
	}
	if err := os.MkdirAll(path, 0o700); err != nil { // results and bundles are for whoever asked for them
		return &Error{"SS1006", fmt.Sprintf("the folder %s cannot be made: %v", filepath.Clean(path), err), "name another folder for --out"}
	}
	return nil
}

// inFile puts a file's name before an error in its content.
func inFile(path string, err error) error {
	if path == "" || err == nil {
		return err
	}
	return fmt.Errorf("%s: %w", path, err)
}
