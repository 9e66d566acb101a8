package node

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// Selector is Records that can also say whose row each row is. Without it the
// objection list cannot be applied, nor can cohorts of two studies be held
// against each other.
type Selector interface {
	Records
	// Select returns the table and, for each of its rows, the text in the
	// column called pseudonym, or of the whole row when pseudonym is "". The
	// column need not be in the codebook. One call reads the source once.
	Select(ctx context.Context, columns []string, outOfRange, pseudonym string, texts ...configs.TextColumn) (*model.Table, []string, error)
}

// Holder is Records that can say which columns it has. Without it, records have
// every column of a study.
type Holder interface {
	Records
	// Held returns the names of the columns that the source has.
	Held(ctx context.Context) ([]string, error)
}

// Columns returns the columns of a study to read from a source: all, but for
// those that it lacks and may lack.
func Columns(ctx context.Context, source Records, m *Method) ([]string, error) {
	return columnsHeld(ctx, source, m.Plan.Columns(), m.Plan.Optional())
}

// columnsHeld leaves out the columns that a study lets an institution lack and that
// this one's records do not have.
func columnsHeld(ctx context.Context, source Records, columns, optional []string) ([]string, error) {
	h, ok := source.(Holder)
	if !ok || len(optional) == 0 {
		return columns, nil
	}
	own, err := h.Held(ctx)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(columns), func(name string) bool {
		return slices.Contains(optional, name) && !slices.Contains(own, name)
	}), nil
}

// objections are the pseudonyms of those whose rows stay out, and the column
// of the records that holds pseudonyms. The zero value objects to nothing.
type objections struct {
	column string
	who    map[string]bool
}

// maxObjections bounds the list.
const maxObjections = 1 << 24

// readObjections reads the list: a CSV file of one column, whose header is the
// name of the pseudonym column of the records. It is read anew for every
// judgement, so that an objection acts before the next upload.
func readObjections(path string) (o objections, err error) {
	if path == "" {
		return o, nil
	}
	bad := func(remedy, format string, args ...any) error {
		return &RefusalError{CodeObjections, "the objection list: " + fmt.Sprintf(format, args...), remedy}
	}
	f, err := os.Open(path)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return o, bad("without a list nothing runs; when nobody objects, keep a file with only its header", "it cannot be read: %v", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := csv.NewReader(f)
	r.FieldsPerRecord = 1
	form := "write the name of the pseudonym column in the first line, and one pseudonym on each next line"
	header, err := r.Read()
	if err != nil {
		return o, bad(form, "the first line does not name exactly one column")
	}
	o = objections{strings.TrimSpace(strings.TrimPrefix(header[0], "\ufeff")), map[string]bool{}}
	if o.column == "" {
		return o, bad(form, "the first line is empty")
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return o, nil
		}
		if err != nil || len(o.who) >= maxObjections {
			return o, bad(form, "it cannot be read after %d pseudonyms", len(o.who))
		}
		if who := strings.TrimSpace(row[0]); who != "" {
			o.who[who] = true
		}
	}
}

// part is what this institution would put into a sum.
type part struct {
	table    *model.Table // as Plan.Prepare made it
	who      []string     // for each row; nil when the records cannot say it
	named    bool         // who are pseudonyms, not rows
	objected int          // rows left out by objection
	outside  int          // rows left out by the study's cohort
	cohort   cohort
	numbers  int // that the round would open
	rows     int // that the sum is over at least, all institutions together
}

// part reads the columns of a study, and no others, and leaves out the rows of
// those who object and then those outside the study's cohort.
func (n *Node) part(ctx context.Context, m *Method) (*part, error) {
	return selectRows(ctx, &n.cfg.Policy, n.cfg.Records, n.cfg.Name, m)
}

// selectRows is part without the node.
func selectRows(ctx context.Context, policy *Policy, source Records, institution string, m *Method) (*part, error) {
	p, err := readRows(ctx, policy, source, m)
	if err != nil {
		return nil, err
	}
	return p, p.prepare(institution, m.Plan)
}

// readRows is selectRows before anything is derived or held to the cohort: no
// expression of a study sees the row of somebody who objects.
func readRows(ctx context.Context, policy *Policy, source Records, m *Method) (*part, error) {
	columns, rule := m.Plan.Columns(), m.Study.Privacy.OutOfRange
	j := &judgement{off: policy.off}
	j.refuse(policy.confidential() && policy.Objections == "", CodeNoObjections,
		"name the list in node.toml: objections = \"objections.csv\"; when nobody objects, keep a file with only its header",
		"the records are confidential and no objection list is named: no list, no run")
	list, err := readObjections(policy.Objections)
	if err != nil && !j.off[CodeObjections] {
		return nil, err
	}
	s, selects := source.(Selector)
	j.refuse(!selects && (policy.confidential() || policy.Objections != ""), CodeUnnamedRows,
		"use a source with a column of pseudonyms",
		"the records cannot say whose row a row is, so objections cannot be applied")
	if err := j.first(); err != nil {
		return nil, err
	}
	if columns, err = columnsHeld(ctx, source, columns, m.Plan.Optional()); err != nil {
		return nil, err
	}
	p := &part{named: list.column != ""}
	if !selects {
		p.table, err = source.Table(ctx, columns, rule, m.Plan.Texts()...)
		return p, err
	}
	if p.table, p.who, err = s.Select(ctx, columns, rule, list.column, m.Plan.Texts()...); err != nil {
		return nil, err
	}
	if len(p.who) != p.table.Rows() {
		return nil, fmt.Errorf("the records have %d rows and name %d", p.table.Rows(), len(p.who))
	}
	if !p.named || j.off[CodeObjections] {
		return p, nil
	}
	return p, p.leaveOut(list)
}

// prepare derives columns, keeps the rows of the cohort and marks those that
// judge the model.
func (p *part) prepare(institution string, plan *model.Plan) error {
	own := *p.table // the source may keep its table for others
	own.Institution = institution
	table, kept, err := plan.Prepare(&own)
	if err != nil {
		return err
	}
	p.outside = p.table.Rows() - table.Children()
	if p.who != nil {
		who := make([]string, len(kept))
		for i, row := range kept {
			who[i] = p.who[row]
		}
		p.who = who
	}
	p.table = table
	return nil
}

// leaveOut drops the rows of those who object. A row without a pseudonym might
// be an objector's, so it stops everything.
func (p *part) leaveOut(list objections) error {
	keep := make([]int, 0, len(p.who))
	who := make([]string, 0, len(p.who))
	for i, w := range p.who {
		w = strings.TrimSpace(w)
		if w == "" {
			return &RefusalError{CodeObjections, fmt.Sprintf("row %d of the records has no pseudonym in the column %q, so objections cannot be applied to it", i+1, list.column),
				"give every row a pseudonym"}
		}
		if !list.who[w] {
			keep, who = append(keep, i), append(who, w)
		}
	}
	p.objected = len(p.who) - len(keep)
	if p.objected == 0 {
		p.who = who
		return nil
	}
	table, err := p.table.Take(keep)
	if err != nil {
		return err
	}
	p.table, p.who = table, who
	return nil
}

// openness says what the policy calls the records, in words.
func (p *Policy) openness() string {
	if p.Openness == "" {
		return configs.OpenPublic
	}
	return p.Openness
}
