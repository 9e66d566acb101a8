package records

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
)

// Part is one institution's share of the records of a rehearsal, as CSV.
type Part struct {
	Institution string // 1 to 64 letters, digits, - _ .
	CSV         []byte // header and rows
	Rows        int
}

// maxParts bounds the institutions that one file is divided over; what a
// federation can hold is decided elsewhere.
const maxParts = 1000

// SplitCSV divides a pooled file by the values of one column, which name the
// institutions. Parts are in bytewise order of the names; rows keep their
// order. A row without a name is an error.
func SplitCSV(r io.Reader, name, by string) ([]Part, error) {
	f, err := newRows(r, name)
	if err != nil {
		return nil, err
	}
	fields, err := f.columns([]string{by})
	if err != nil {
		return nil, err
	}
	type share struct {
		text bytes.Buffer
		csv  *csv.Writer
		rows int
	}
	shares := map[string]*share{}
	for {
		record, err := f.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		who := record[fields[0]]
		s := shares[who]
		if s == nil {
			if !configs.ValidName(who) {
				return nil, fail(CodeName, "use 1 to 64 letters, digits, - _ .",
					"%s: the value cannot name an institution", f.place(fields[0]))
			}
			if len(shares) == maxParts {
				return nil, fail(CodeLimit, "choose the column that names the institution",
					"%s, column %q: more than %d different values", name, by, maxParts)
			}
			s = &share{}
			s.csv = csv.NewWriter(&s.text)
			shares[strings.Clone(who)] = s
			if err := s.csv.Write(f.header); err != nil {
				return nil, fail(CodeFile, "", "%s: the header cannot be written", name)
			}
		}
		if err := s.csv.Write(record); err != nil {
			return nil, fail(CodeFile, "", "%s: a row cannot be written", name)
		}
		s.rows++
	}
	parts := make([]Part, 0, len(shares))
	for who, s := range shares {
		s.csv.Flush()
		parts = append(parts, Part{Institution: who, CSV: s.text.Bytes(), Rows: s.rows})
	}
	slices.SortFunc(parts, func(a, b Part) int { return strings.Compare(a.Institution, b.Institution) })
	if len(parts) == 0 {
		return nil, fail(CodeFile, "check the file", "%s: no rows below the header", name)
	}
	return parts, nil
}

// ReadFolder takes every file NAME.csv of a folder as the records of the
// institution NAME, in bytewise order of the names. Other files are left alone.
func ReadFolder(dir string) ([]Part, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fail(CodeFile, "give the folder that holds one CSV file for each institution", "%s: %s", dir, reason(err))
	}
	var parts []Part
	for _, e := range entries {
		who, isCSV := strings.CutSuffix(e.Name(), ".csv")
		if e.IsDir() || !isCSV {
			continue
		}
		if !configs.ValidName(who) {
			return nil, fail(CodeName, "name the file after the institution: letters, digits, - _ .", "%s: the name of the file %q cannot name an institution", dir, e.Name())
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fail(CodeFile, "check that the file can be opened", "%s: %s", e.Name(), reason(err))
		}
		n, err := countRows(text, e.Name())
		if err != nil {
			return nil, err
		}
		parts = append(parts, Part{Institution: who, CSV: text, Rows: n})
	}
	if len(parts) == 0 {
		return nil, fail(CodeFile, "put one CSV file for each institution there", "%s: the folder holds no CSV file", dir)
	}
	return parts, nil
}

func countRows(text []byte, name string) (int, error) {
	f, err := newRows(bytes.NewReader(text), name)
	if err != nil {
		return 0, err
	}
	for {
		if _, err := f.next(); err == io.EOF {
			return f.count, nil
		} else if err != nil {
			return 0, err
		}
	}
}

// reason is an operating system's error without the path, which the message
// has already.
func reason(err error) string {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

func (f *rows) absent(name string) error {
	remedy := "the file's columns are named in its first line"
	if near := configs.Nearest(name, f.header); near != "" {
		remedy = "the nearest column of the file is \"" + near + "\""
	}
	return fail(CodeColumn, remedy, "%s: there is no column %q", f.name, name)
}
