package records

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// File is a CSV file as an institution's records. It is read anew at every
// call, so that a correction acts before the next round.
type File struct {
	Path     string
	Codebook *configs.Codebook
}

// Book returns the codebook that the file is read by.
func (f *File) Book() *configs.Codebook { return f.Codebook }

// Table reads the named columns; outOfRange is the study's rule.
func (f *File) Table(_ context.Context, columns []string, outOfRange string) (t *model.Table, err error) {
	r, err := f.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return ReadCSV(r, filepath.Base(f.Path), f.Codebook, columns, OutOfRange(outOfRange))
}

// Select reads the named columns and, for every row, the text of the column
// pseudonym, which need not be in the codebook; or of the whole row when
// pseudonym is "".
func (f *File) Select(_ context.Context, columns []string, outOfRange, pseudonym string) (t *model.Table, who []string, err error) {
	r, err := f.open()
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return SelectCSV(r, filepath.Base(f.Path), f.Codebook, columns, pseudonym, OutOfRange(outOfRange))
}

func (f *File) open() (*os.File, error) {
	r, err := os.Open(f.Path)
	if err != nil {
		return nil, fail(CodeFile, "check [data] path in node.toml and who may read the file", "%s: %s", f.Path, reason(err))
	}
	return r, nil
}

// SelectCSV is ReadCSV that also returns, for every row, the text of its column
// pseudonym, or of the whole row when pseudonym is "".
func SelectCSV(r io.Reader, name string, cb *configs.Codebook, columns []string, pseudonym string, options ...Option) (*model.Table, []string, error) {
	n := &namer{pseudonym: pseudonym}
	table, err := ReadCSV(r, name, cb, columns, append(options, func(rd *reader) { rd.each = n.add })...)
	return table, n.who, err
}

// namer collects whose row each row is.
type namer struct {
	pseudonym string
	who       []string
	field     int
	text      strings.Builder
	csv       *csv.Writer
}

func (n *namer) add(f *rows, record []string) error {
	if n.who == nil && n.pseudonym != "" {
		fields, err := f.columns([]string{n.pseudonym})
		if err != nil {
			return err
		}
		n.field = fields[0]
	}
	if n.pseudonym != "" {
		n.who = append(n.who, strings.Clone(record[n.field]))
		return nil
	}
	// Written as CSV again, so that no two different rows have one text.
	if n.csv == nil {
		n.csv = csv.NewWriter(&n.text)
	}
	n.text.Reset()
	if err := n.csv.Write(record); err != nil {
		return fail(CodeFile, "", "%s: a row cannot be read back", f.name)
	}
	n.csv.Flush()
	n.who = append(n.who, n.text.String())
	return nil
}
