package records

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
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

// Table reads the named columns; outOfRange is the study's rule, and texts are
// made of columns of kind text among them.
func (f *File) Table(_ context.Context, columns []string, outOfRange string, texts ...configs.TextColumn) (t *model.Table, err error) {
	r, err := f.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return ReadCSV(r, filepath.Base(f.Path), f.Codebook, columns, OutOfRange(outOfRange), Texts(texts...))
}

// Held returns the names in the file's first line.
func (f *File) Held(context.Context) (names []string, err error) {
	r, err := f.open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return Header(r, filepath.Base(f.Path))
}

// Header returns the names of the columns of a CSV file; name is what messages
// call the file.
func Header(r io.Reader, name string) ([]string, error) {
	f, err := newRows(r, name)
	if err != nil {
		return nil, err
	}
	return f.header, nil
}

// Select reads the named columns and, for every row, the text of the column
// pseudonym, which need not be in the codebook; or of the whole row when
// pseudonym is "".
func (f *File) Select(_ context.Context, columns []string, outOfRange, pseudonym string, texts ...configs.TextColumn) (t *model.Table, who []string, err error) {
	r, err := f.open()
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return SelectCSV(r, filepath.Base(f.Path), f.Codebook, columns, pseudonym, OutOfRange(outOfRange), Texts(texts...))
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
	n := &namer{pseudonym: pseudonym, codebook: cb}
	table, err := ReadCSV(r, name, cb, columns, append(options, func(rd *reader) { rd.each = n.add })...)
	return table, n.who, err
}

// namer collects whose row each row is.
type namer struct {
	pseudonym string
	codebook  *configs.Codebook
	who       []string
	field     int
	notes     []bool // by column of the file: of kind text
	text      strings.Builder
	csv       *csv.Writer
}

// withoutTexts puts a digest in the place of every note, so that a node that
// names rows by their content keeps no notes in memory.
func (n *namer) withoutTexts(f *rows, record []string) []string {
	if n.notes == nil {
		n.notes = make([]bool, len(f.header))
		for i, name := range f.header {
			c, ok := n.codebook.Column(name)
			n.notes[i] = ok && c.Kind == configs.Text
		}
	}
	if !slices.Contains(n.notes, true) {
		return record
	}
	record = slices.Clone(record)
	for i, is := range n.notes {
		if is {
			sum := sha256.Sum256([]byte(record[i]))
			record[i] = hex.EncodeToString(sum[:])
		}
	}
	return record
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
	record = n.withoutTexts(f, record)
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
