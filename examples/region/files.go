package region

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Names of files and folders that Write makes. The reader of
// records takes no comments, so the name of a CSV file says SYNTHETIC.
const (
	RecordsFile  = "records.SYNTHETIC.csv" // in a folder of each institution
	CodebookFile = "codebook.toml"
	ReadmeFile   = "README.md"
	TruthFolder  = "truth"
	TruthFile    = "truth.json"             // in TruthFolder
	ChildrenFile = "children.SYNTHETIC.csv" // in TruthFolder: latents and oracle
	NotesFile    = "notes.SYNTHETIC.csv"    // in TruthFolder: what must be found in notes
)

// file is a new file that is written through a buffer.
type file struct {
	f *os.File
	*bufio.Writer
}

// create makes a file that does not exist yet, readable by its owner.
func create(path ...string) (*file, error) {
	name := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	return &file{f, bufio.NewWriterSize(f, 1<<16)}, nil
}

// close writes what is buffered and closes; the first error counts.
func (f *file) close() error {
	err := f.Flush()
	if e := f.f.Close(); err == nil {
		err = e
	}
	return err
}

// column is a column of a file with how its values are written.
type column struct {
	at, digits int
	names      []string // of categories and sites
	note       bool
}

// sink is one institution's file.
type sink struct {
	w       io.Writer
	rows    int
	doubles int
	wrong   int
	line    []byte
	held    []byte // a line that stands twice, until another has gone between
}

func header(links []drawn, at []int) string {
	names := []string{"pseudonym"}
	for _, i := range at {
		names = append(names, links[i].Column)
	}
	return strings.Join(names, ",") + "\n"
}

// write appends a child's line.
func (k *sink) write(c *Child, name string, columns []column, note string, double bool) error {
	k.line = append(k.line[:0], name...)
	for _, col := range columns {
		k.line = append(k.line, ',')
		switch {
		case col.note:
			k.line = quoted(k.line, note)
		case c.missing[col.at]:
		case col.names != nil:
			k.line = append(k.line, col.names[int(c.x[col.at])]...)
		default:
			k.line = strconv.AppendFloat(k.line, c.x[col.at], 'f', col.digits, 64)
		}
	}
	k.line = append(k.line, '\n')
	k.rows++
	if _, err := k.w.Write(k.line); err != nil {
		return err
	}
	if err := k.release(); err != nil {
		return err
	}
	if double {
		k.doubles++
		k.held = append(k.held[:0], k.line...)
	}
	return nil
}

// release writes the line that is held back, when there is one.
func (k *sink) release() error {
	if len(k.held) == 0 {
		return nil
	}
	k.rows++
	_, err := k.w.Write(k.held)
	k.held = k.held[:0]
	return err
}

// quoted appends a text as a CSV field; no note holds a quote or a line's end.
func quoted(line []byte, text string) []byte {
	if text == "" {
		return line
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(text, `"`, `""`)...)
	return append(line, '"')
}
