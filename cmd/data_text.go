package cmd

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/model/text"
	"github.com/smartstart-federation/smartstart/node/records"
)

func newDataText(o *output) *cobra.Command {
	s := &noteShow{}
	c := &cobra.Command{
		Use:   "text FILE.csv --column COLUMN [--lang nl|en] [--from ROW] [--rows N]",
		Short: "Show what is left of notes when names and numbers are taken out",
		Long: `text shows, on the screen of the institution that holds them, what is left of
its notes after names and numbers are taken out, and which word stems a study
could count in them: said, or denied (-). It is for the privacy officer, before
a study may read the column. Nothing is sent or kept.

What is left is still personal data. Look for names without a capital, nicknames,
and descriptions by which somebody who knows the family recognises it: no list
takes those out. Because of that it is shown on a screen only, and not written to
a file or as --json.

` + exitCodes,
		Example: "  smartstart data text records.csv --column note --rows 20",
		Args:    arguments(1, "data text needs one CSV file"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := s.check(o); err != nil {
				return err
			}
			if err := readable(args[0]); err != nil {
				return err
			}
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer func() { _ = f.Close() }() // it was only read
			return s.print(o, f, filepath.Base(args[0]))
		},
	}
	f := c.Flags()
	f.StringVar(&s.column, "column", "", "the column of notes")
	f.StringVar(&s.language, "lang", "", "nl or en; guessed note by note when not given")
	f.IntVar(&s.from, "from", 1, "the first row to show")
	f.IntVar(&s.rows, "rows", 10, "how many rows to show, at most 100")
	return c
}

// noteShow is a data text as it was typed.
type noteShow struct {
	column, language string
	from, rows       int
}

func (s *noteShow) check(o *output) error {
	switch {
	case s.column == "":
		return usage("data text needs --column", "add --column and the name of the column of notes")
	case s.language != "" && s.language != text.Dutch && s.language != text.English:
		return usage("--lang is nl or en", "leave it out to have it guessed")
	case s.from < 1 || s.rows < 1 || s.rows > 100:
		return usage("--from begins at 1, and --rows is 1 to 100", "look at a hundred rows at a time")
	case o.json || !isTerminal(o.out):
		return usage("what is left of notes is personal data, and is shown on a screen only", "run it in a terminal, without --json or a file to write to")
	}
	return nil
}

func (s *noteShow) print(o *output, r io.Reader, name string) error {
	o.print("%s, column %s: still personal data, for your own eyes", name, s.column)
	return records.ShowNotes(r, name, s.column, s.from, s.rows, func(row int, note string) {
		if strings.TrimSpace(note) == "" {
			o.print("\nrow %d: no note (missing)", row)
			return
		}
		o.print("\nrow %d: %s", row, text.Deidentify(note))
		var stems []string
		for _, m := range text.Read(note, s.language) {
			if m.Negated {
				m.Stem = "-" + m.Stem
			}
			stems = append(stems, m.Stem)
		}
		o.print("  stems: %s", strings.Join(stems, " "))
	})
}
