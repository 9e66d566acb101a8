package cmd

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit/report"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/node"
)

// Codes of the commands that read a record.
const (
	codeNotWritten  = "SS1015" // a report or evidence that cannot be written
	codeNotCompared = "SS1016" // two views of which it cannot be said how they lie to each other
	codeNoEntry     = "SS1017" // an entry that the log does not have
)

func newAuditReport(o *output) *cobra.Command {
	var config, lang, format, out, study string
	c := &cobra.Command{
		Use:   "report DIR [--lang nl|en] [--format md|html] [--out FILE] [--study ID] [--config party.toml]",
		Short: "Write what the record says as a report that a data protection officer can file",
		Long: `report verifies a bundle as audit verify does and writes a report in plain Dutch
or English: what was asked and by whom, who approved on which legal ground, who
took part and when, what was opened, what was checked, and what the record
cannot show. Each statement names the log entries it rests on. One bundle has
one report: dates come from the log. When the verification fails, the first line
says so and the exit code is 5.

` + exitCodes,
		Example: "  smartstart audit report out --lang nl --format html --out verslag.html",
		Args:    arguments(1, "audit report needs one folder"),
		RunE: func(c *cobra.Command, args []string) error {
			if o.json {
				return usage("audit report has no JSON form: a report is for people", "leave out --json, or use audit verify --json")
			}
			_, lang, err := textsIn(lang)
			if err != nil {
				return err
			}
			if format == "" {
				format = "md"
				if strings.HasSuffix(strings.ToLower(out), ".html") {
					format = "html"
				}
			}
			if format != "md" && format != "html" {
				return usage("there is no report in the format "+format, "give --format md or --format html")
			}
			log := new(report.Log)
			r, err := verifyFolder(c.Context(), args[0], config, verify.Watching(log.Add))
			if err != nil {
				return err
			}
			d, err := report.New(r, log, report.Options{Lang: lang, Study: study, Version: version(), Read: readQuestion})
			if unknown, ok := err.(*report.UnknownStudy); ok {
				return usage(args[0]+": "+unknown.Error(), "choose one of: "+joinOr([]string{strings.Join(unknown.Has, ", ")}, "(none)"))
			}
			if err != nil {
				return err
			}
			text := d.Markdown()
			if format == "html" {
				if text, err = d.HTML(); err != nil {
					return err
				}
			}
			if err := o.report(out, text); err != nil {
				return err
			}
			where := "above"
			if out != "" {
				where = "in " + out
			}
			return verified(args[0], r, where)
		},
	}
	c.Flags().StringVar(&config, "config", "", "your party file: pins the federation's log and coordinator")
	c.Flags().StringVar(&lang, "lang", "", "nl or en; the language of your system when not given")
	c.Flags().StringVar(&format, "format", "", "md (Markdown) or html; by the name of --out when not given, else md")
	c.Flags().StringVar(&out, "out", "", "the file to write; standard output when not given")
	c.Flags().StringVar(&study, "study", "", "only this study")
	return c
}

// report writes a report to a new file or to standard output.
func (o *output) report(path string, text []byte) error {
	if path == "" {
		_, err := o.out.Write(text)
		return err
	}
	if err := newFile(path, text); err != nil {
		return err
	}
	o.event(false, "the report is in %s", path)
	return nil
}

// newFile writes a file that is not there yet, for whoever asked for it.
func newFile(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.Write(b)
		if closed := f.Close(); err == nil {
			err = closed
		}
	}
	if err != nil {
		return &Error{codeNotWritten, "the file " + path + " cannot be written: " + fileCause(err), "name a new file in a folder where you may write"}
	}
	return nil
}

// fileCause is why a file cannot be used, without its path.
func fileCause(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return err.Error()
}

// verifyFolder verifies the bundle in or below a folder, under the key of a
// party file when one is named.
func verifyFolder(ctx context.Context, path, config string, options ...verify.Option) (*verify.Report, error) {
	dir, err := bundleFolder(path)
	if err != nil {
		return nil, err
	}
	if config != "" {
		seat, _, err := party.Open(config)
		if err != nil {
			return nil, err
		}
		options = append(options, verify.Pinned(seat.Origin, seat.CoordinatorKey))
	}
	r, err := verify.Bundle(ctx, os.DirFS(dir), node.Methods{}, options...)
	return r, inFile(path, err)
}

// verified is the error of a verification with findings, nil without any. where
// is where the findings can be read.
func verified(path string, r *verify.Report, where string) error {
	if n := len(r.Findings); n > 0 {
		return &Error{codeFailedVerification, plural(n, "finding") + " in " + path, "the entries and parties are named " + where + "; keep the bundle as evidence"}
	}
	return nil
}

// version is the program's own.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "devel"
}

// readQuestion tells a report what a study file asks.
func readQuestion(text string, codebook []byte) (*report.Question, error) {
	a, method, err := explainStudy(text, codebook)
	if err != nil {
		return nil, err
	}
	s := method.Study
	q := &report.Question{
		Question: s.About.Question, Purpose: s.About.Purpose, Kind: s.Model.Kind, Outcome: a.Outcome, Rows: s.Cohort.Where,
		Never: a.NeverUses, Until: string(s.About.Expires), MinRows: s.Privacy.MinRows, MinCell: s.Privacy.MinCell, Groups: s.Evaluate.Groups,
	}
	for _, d := range s.Derive {
		q.Derived = append(q.Derived, d.Name+" = "+d.Value)
	}
	for _, t := range s.Statements {
		q.Derived = append(q.Derived, t.ID+" = "+t.Rule)
	}
	for i := range s.Texts {
		name, value := s.Texts[i].InWords()
		q.Derived = append(q.Derived, name+" = "+value)
	}
	for _, c := range a.Uses {
		q.Columns = append(q.Columns, report.Column{Name: c.Name, Label: c.Label, Role: c.Role, Sensitivity: c.Sensitivity})
	}
	q.Aside, q.HeldOut, q.By, q.Folds = s.Evaluate.Where, s.Evaluate.HeldOut, s.Evaluate.By, s.Evaluate.Folds
	return q, nil
}
