package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/smartstart-federation/smartstart/cmd/federation"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node/records"
)

// data is a rehearsal's records, already cut into institutions.
type data struct {
	parts []records.Part
	name  string // of the file or folder
	by    string // of a pooled file: the column whose values are the institutions
	text  []byte // of the pooled file; nil for a folder
	rows  int
}

// openData reads a pooled CSV file, cut by the values of a column, or a folder
// with one CSV file per institution.
func openData(path, by string) (*data, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{"SS1002", "there is no file or folder " + path, "check the path given with --data"}
	case err != nil:
		return nil, &Error{"SS1003", fmt.Sprintf("the data cannot be read: %v", err), ""}
	case info.IsDir() && by != "":
		return nil, usage("--by is for one pooled file; in a folder each file is an institution", "leave out --by, or give a file")
	case info.IsDir():
		parts, err := records.ReadFolder(path)
		if err != nil {
			return nil, err
		}
		return newData(path, parts), nil
	case by == "":
		return nil, usage("a pooled file needs --by: the column whose values are the institutions", "add --by COLUMN, or give a folder with one file per institution")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{"SS1003", fmt.Sprintf("the data cannot be read: %v", err), ""}
	}
	return pooled(path, text, by)
}

// pooled cuts one CSV text into institutions.
func pooled(name string, text []byte, by string) (*data, error) {
	parts, err := records.SplitCSV(bytes.NewReader(text), name, by)
	if err != nil {
		return nil, err
	}
	d := newData(name, parts)
	d.text, d.by = text, by
	return d, nil
}

// table reads the pooled rows as they stand in the file, so that an error
// names the line a person will look for. A folder has no such table.
func (d *data) table(codebook *configs.Codebook, columns []string, outOfRange string, texts []configs.TextColumn) (*model.Table, error) {
	if d.text == nil {
		return nil, nil
	}
	return records.ReadCSV(bytes.NewReader(d.text), d.name, codebook, columns, records.OutOfRange(outOfRange), records.Texts(texts...))
}

func newData(name string, parts []records.Part) *data {
	d := &data{parts: parts, name: name}
	for _, p := range parts {
		d.rows += p.Rows
	}
	return d
}

// draft makes a codebook from the data themselves, with the columns that the
// study takes as sites or splits by as what they are.
func (d *data) draft(study *configs.Study) ([]byte, error) {
	units := records.Units{By: d.by}
	for _, name := range []string{study.Model.Cluster, study.Model.Site, study.Evaluate.Curve} {
		if name != "" {
			units.Sites = append(units.Sites, name)
		}
	}
	if study.Evaluate.By != "" {
		units.Splits = []string{study.Evaluate.By}
	}
	for _, t := range study.Texts {
		units.Texts = append(units.Texts, t.Column)
	}
	var codebook *configs.Codebook
	var err error
	if d.text != nil { // an error then names the line a person will look for
		codebook, err = records.DraftCodebook(bytes.NewReader(d.text), d.name, units)
	} else {
		codebook, err = records.DraftFromParts(d.parts, units)
	}
	if err != nil {
		return nil, err
	}
	return codebook.TOML(), nil
}

// institutions gives each part its own records.
func (d *data) institutions(codebook *configs.Codebook) []federation.Institution {
	return federation.Institutions(d.parts, codebook)
}
