package records

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Limits of a file. A row holds at most maxRow bytes, so that a quote that is
// never closed cannot fill the memory.
const (
	maxRow     = 1 << 20
	maxColumns = 20000
	maxRows    = 1 << 24
)

// rows reads a CSV file row by row: UTF-8 with or without byte order mark,
// comma, header, every row as long as the header, LF or CRLF.
type rows struct {
	name   string
	header []string
	csv    *csv.Reader
	limit  *rowLimit
	count  int
}

func newRows(r io.Reader, name string) (*rows, error) {
	limit := &rowLimit{r: r, left: maxRow}
	buffered := bufio.NewReader(limit)
	if start, err := buffered.Peek(3); err == nil && string(start) == "\ufeff" {
		if _, err := buffered.Discard(3); err != nil {
			return nil, fail(CodeFile, "", "%s: cannot be read", name)
		}
	}
	f := &rows{name: name, csv: csv.NewReader(buffered), limit: limit}
	f.csv.ReuseRecord = true
	header, err := f.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, fail(CodeHeader, "the first line names the columns", "%s: the file is empty", name)
	}
	if err != nil {
		return nil, f.failure(err)
	}
	if len(header) > maxColumns {
		return nil, fail(CodeLimit, "keep the columns that are used", "%s: %d columns, at most %d are read", name, len(header), maxColumns)
	}
	f.header = append([]string(nil), header...)
	return f, f.checkHeader()
}

func (f *rows) checkHeader() error {
	seen := make(map[string]bool, len(f.header))
	for i, h := range f.header {
		switch {
		case h == "":
			return fail(CodeHeader, "give every column a name", "%s, line 1: column %d has no name", f.name, i+1)
		case !utf8.ValidString(h) || strings.ContainsFunc(h, func(r rune) bool { return r < ' ' || r == 0x7f }):
			return fail(CodeHeader, "save the file as CSV in UTF-8", "%s, line 1: the name of column %d is not readable text", f.name, i+1)
		case strings.TrimSpace(h) != h:
			return fail(CodeHeader, "remove the spaces", "%s, line 1: the name of column %d begins or ends with a space", f.name, i+1)
		case seen[h]:
			return fail(CodeHeader, "name each column once", "%s, line 1: two columns are named %q", f.name, h)
		}
		seen[h] = true
	}
	if len(f.header) == 1 && strings.ContainsAny(f.header[0], ";\t") {
		return fail(CodeHeader, "save the file with commas between the columns and points in the decimals",
			"%s, line 1: the columns seem to be separated by something other than a comma", f.name)
	}
	return nil
}

// next returns the next row, io.EOF after the last. The slice is reused.
func (f *rows) next() ([]string, error) {
	f.limit.left = maxRow
	record, err := f.csv.Read()
	if err == io.EOF {
		return nil, io.EOF
	}
	if err != nil {
		return nil, f.failure(err)
	}
	if f.count++; f.count > maxRows {
		return nil, fail(CodeLimit, "divide the file over more nodes", "%s: more than %d rows", f.name, maxRows)
	}
	return record, nil
}

// line returns the line on which a field of the current row starts, from 1.
func (f *rows) line(field int) int {
	line, _ := f.csv.FieldPos(field)
	return line
}

func (f *rows) place(field int) string {
	return fmt.Sprintf("%s, line %d, column %q", f.name, f.line(field), f.header[field])
}

// failure names the line; the csv package's own errors hold no values.
func (f *rows) failure(err error) error {
	if errors.Is(err, errLongRow) {
		return fail(CodeLimit, "look for a quote that is not closed", "%s: after row %d comes a row of more than %d bytes", f.name, f.count, maxRow)
	}
	var pe *csv.ParseError
	if !errors.As(err, &pe) {
		return fail(CodeFile, "check that the file can be opened", "%s: reading stopped after row %d: %v", f.name, f.count, err)
	}
	if errors.Is(pe.Err, csv.ErrFieldCount) {
		return fail(CodeFile, "quote values that hold a comma", "%s, line %d: the row does not have as many columns as the header, %d", f.name, pe.Line, len(f.header))
	}
	return fail(CodeFile, "close every quote, and double a quote inside quotes", "%s, line %d: a quote is misplaced or not closed", f.name, pe.Line)
}

// columns finds the wanted columns in the header.
func (f *rows) columns(wanted []string) ([]int, error) {
	at := make(map[string]int, len(f.header))
	for i, h := range f.header {
		at[h] = i
	}
	found := make([]int, len(wanted))
	for i, w := range wanted {
		field, ok := at[w]
		if !ok {
			return nil, f.absent(w)
		}
		found[i] = field
	}
	return found, nil
}

var errLongRow = errors.New("the row is too long")

// rowLimit fails when more than left bytes are read before left is set anew.
type rowLimit struct {
	r    io.Reader
	left int
}

func (l *rowLimit) Read(b []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLongRow
	}
	n, err := l.r.Read(b[:min(len(b), l.left)])
	l.left -= n
	return n, err
}
