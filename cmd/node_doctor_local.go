package cmd

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/node"
	"github.com/smartstart-federation/smartstart/node/records"
)

// doctor is what the checks have found so far; a nil field is what a failed
// check did not give.
type doctor struct {
	ctx    context.Context
	path   string
	config *configs.Node
	seat   *party.Seat
	book   *configs.Codebook
	digest crypto.Digest // of the codebook
	header []string      // of the data
	client *api.Client
	state  *audit.State
	around around // this node's newest statement
}

func (d *doctor) close() {
	if d.client != nil {
		_ = d.client.Close() // nothing was being sent
	}
}

// file: 1, the file can be read and every key is known.
func (d *doctor) file() (sentence string, err error) {
	if d.config, err = nodeConfig(d.path); err != nil {
		return "", err
	}
	policy := policyOf(d.config)
	if err := policy.Check(); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s is the file of %s", d.path, d.config.About.Name), nil
}

// keys: 2, the institution has joined, and its keys are here and private.
func (d *doctor) keys() (sentence string, err error) {
	if d.config == nil {
		return "", errSkip
	}
	if d.seat, err = nodeSeat(d.config, d.config.About.Party, configs.RoleNode); err != nil {
		return "", err
	}
	keys, err := nodeKeysBeside(d.config)
	if err != nil {
		return "", err
	}
	if _, err := party.NodeKey(keys); err != nil {
		return "", err
	}
	if _, err := approverSeat(d.config); err != nil {
		return "the node's keys are here; the approver's are not (they may be with the mandated person)", nil
	}
	return "the keys of the node and of the approver are here", nil
}

func (d *doctor) codebook() (string, error) {
	if d.config == nil {
		return "", errSkip
	}
	text, book, err := nodeCodebook(d.config)
	if err != nil {
		return "", err
	}
	d.book, d.digest = book, crypto.DigestOf(text)
	return plural(len(book.Columns), "column"), nil
}

// data: 3, the records are there, have the codebook's columns, and hold to it.
func (d *doctor) data() (string, error) {
	if d.config == nil || d.book == nil {
		return "", errSkip
	}
	path := d.config.Data.Path
	if err := readable(path); err != nil {
		return "", err
	}
	header, err := firstLineOf(path)
	if err != nil {
		return "", err
	}
	d.header = header
	var columns, missing []string
	for _, c := range d.book.Columns {
		switch {
		case !slices.Contains(header, c.Name):
			missing = append(missing, c.Name)
		case c.Kind != configs.DateKind && c.Kind != configs.Text:
			columns = append(columns, c.Name)
		}
	}
	if len(missing) > 0 {
		return "", &Error{records.CodeColumn, fmt.Sprintf("%s lacks columns of the codebook: %s", filepath.Base(path), strings.Join(missing, ", ")),
			"add them; leave the cells empty where there is no value. A study that uses one of them cannot run here"}
	}
	f := records.File{Path: path, Codebook: d.book}
	table, err := f.Table(d.ctx, columns, configs.OutOfRangeError)
	if err != nil {
		return "", err
	}
	if least := d.config.Policy.MinRows; table.Rows() < least {
		return "", &Error{node.CodeMinRows, fmt.Sprintf("%s has fewer than the %d rows that [policy] min_rows asks for", filepath.Base(path), least), "check the file; with so few rows the node never takes part"}
	}
	return fmt.Sprintf("%s holds to the codebook in every row", filepath.Base(path)), nil
}

// firstLineOf reads the header of a CSV file.
func firstLineOf(path string) (header []string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, &Error{"SS1003", "the file cannot be read", "check who may read it"}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	header, err = csv.NewReader(io.LimitReader(f, 1<<20)).Read()
	if err != nil {
		return nil, &Error{records.CodeHeader, filepath.Base(path) + " has no first line with the names of its columns", "save it as CSV with commas and a header"}
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	return header, nil
}

// objections: 4, the list is there and names a column of the records.
func (d *doctor) objections() (string, error) {
	if d.config == nil {
		return "", errSkip
	}
	path := d.config.Data.Objections
	if path == "" {
		if d.config.Data.Openness == configs.OpenConfidential {
			return "", &Error{node.CodeNoObjections, "no list of objections is named: no list, no run", `add objections = "objections.csv" to [data], a file whose first line is the column of pseudonyms`}
		}
		return "no list is named, and " + d.config.Data.Openness + " data need none", nil
	}
	if err := readable(path); err != nil {
		return "", &Error{node.CodeObjections, "the list of objections cannot be read: no list, no run", "when nobody objects, keep " + path + " with only its first line, the column of pseudonyms"}
	}
	header, err := firstLineOf(path)
	if err != nil || len(header) != 1 || d.header != nil && !slices.Contains(d.header, strings.TrimSpace(header[0])) {
		return "", &Error{node.CodeObjections, "the first line of the list of objections is not the name of one column of the data", "write the name of the column of pseudonyms there"}
	}
	return "the list is read before every round", nil
}

// disk: 5, the state folder can be written and is not full.
func (d *doctor) disk() (sentence string, err error) {
	if d.config == nil {
		return "", errSkip
	}
	dir := d.config.About.State
	bad := func(err error) error {
		return &Error{"SS1207", fmt.Sprintf("the folder %s cannot be written: %s", dir, cause(err)),
			"make room, or give the node's user the folder; a node that cannot keep its journal does not take part"}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", bad(err)
	}
	f, err := os.CreateTemp(dir, "doctor-")
	if err != nil {
		return "", bad(err)
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.Write(make([]byte, roomNeeded))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", bad(err)
	}
	return fmt.Sprintf("%s can be written and has room", dir), nil
}

// roomNeeded is what must still fit on the disk: some rounds of uploads.
const roomNeeded = 32 << 20
