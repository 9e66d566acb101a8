package cmd

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node"
	"github.com/smartstart-federation/smartstart/node/records"
)

// rowsAt is what one institution has for a study, in the file that the
// researcher gave: public or made up, so it can be shown.
type rowsAt struct {
	Institution string             `json:"institution"`
	Lacks       []string           `json:"lacks"`              // columns that its file does not have
	NotHeld     []string           `json:"not_held,omitempty"` // columns that it does not have and need not: others hold them
	Missing     map[string]float64 `json:"missing"`
	Rows        int                `json:"rows"`
	Cohort      int                `json:"in_the_cohort"`
	Complete    int                `json:"complete"` // the rows the model is fitted on
	Aside       int                `json:"kept_aside,omitempty"`
	Events      int                `json:"events,omitempty"`
	TakesPart   bool               `json:"takes_part"`

	table *model.Table // prepared; nil where a column is not there
}

// rowsIn reads what each institution has. What the rules refuse is returned by
// name; anything else that is wrong with a file is one of these too.
func rowsIn(d *data, m *node.Method) (all []*rowsAt, refusals []refusal, err error) {
	for _, part := range d.parts {
		a := &rowsAt{Institution: part.Institution, Rows: part.Rows, Missing: map[string]float64{}}
		all = append(all, a)
		found, err := a.read(part, m)
		if err != nil {
			return nil, nil, err
		}
		if refusals = append(refusals, found...); len(found) > 0 || len(a.Lacks) > 0 {
			continue
		}
		if err := a.prepare(part, m); err != nil {
			if r, ok := refusalOf(err); ok {
				refusals = append(refusals, r)
				continue
			}
			return nil, nil, err
		}
	}
	return all, refusals, nil
}

// read looks at the cells of the study's columns: which are empty, and which
// hold a level or a site that the codebook does not give.
func (a *rowsAt) read(part records.Part, m *node.Method) (refusals []refusal, err error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(part.CSV, []byte("\ufeff"))))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil {
		return nil, err
	}
	var looks []*look
	for _, name := range m.Plan.Columns() {
		i := slices.Index(header, name)
		c, ok := m.Codebook.Column(name)
		if i < 0 && slices.Contains(m.Plan.Optional(), name) {
			a.NotHeld = append(a.NotHeld, name)
			continue
		}
		if i < 0 || !ok {
			a.Lacks = append(a.Lacks, name)
			continue
		}
		looks = append(looks, newLook(c, i, part.Institution))
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		for _, l := range looks {
			l.cell(record[l.field])
		}
	}
	for _, l := range looks {
		if part.Rows > 0 && l.empty > 0 {
			a.Missing[l.column.Name] = float64(l.empty) / float64(part.Rows)
		}
		refusals = append(refusals, l.refusals(part)...)
	}
	return refusals, nil
}

// look counts the cells of one column.
type look struct {
	column  *configs.Column
	field   int
	known   map[string]string // levels, or sites and where they lie; nil for other kinds
	at      string
	empty   int
	unknown int
	nearest []string // levels of the codebook that unknown ones may stand for
	strange []string // sites that the codebook gives to another institution
	seen    map[string]bool
}

func newLook(c *configs.Column, field int, institution string) *look {
	l := &look{column: c, field: field, at: institution, seen: map[string]bool{}}
	switch {
	case c.Kind == configs.Category:
		l.known = map[string]string{}
		for _, level := range c.Levels {
			l.known[level] = institution
		}
	case c.Kind == configs.Site && len(c.Sites) > 0:
		l.known = map[string]string{}
		for at, sites := range c.Sites {
			for _, site := range sites {
				l.known[site] = at
			}
		}
	}
	return l
}

func (l *look) cell(text string) {
	if text == "" {
		l.empty++
		return
	}
	if l.known == nil {
		return
	}
	at, ok := l.known[text]
	if !ok {
		l.unknown++
	}
	if ok && at == l.at || l.seen[text] || len(l.seen) > 1000 {
		return
	}
	text = strings.Clone(text)
	l.seen[text] = true
	if ok {
		l.strange = append(l.strange, text)
	} else if near := configs.Nearest(text, sortedKeys(l.known)); near != "" && !slices.Contains(l.nearest, near) {
		l.nearest = append(l.nearest, near)
	}
}

// refusals names the column, and levels and sites as the codebook has them:
// what stands in a record is not repeated.
func (l *look) refusals(part records.Part) (out []refusal) {
	name := l.column.Name
	if 100*l.unknown > part.Rows {
		remedy := "describe them in the codebook, or correct the file"
		if len(l.nearest) > 0 {
			remedy = fmt.Sprintf("the nearest that the codebook has: %s; correct the file, or describe the others there too", quoted(l.nearest))
		}
		out = append(out, refusal{records.CodeLevels, fmt.Sprintf(
			"column %q at %s: %d of %d rows hold a level that the codebook does not know; up to 1%% count as missing", name, part.Institution, l.unknown, part.Rows), remedy})
	}
	if len(l.strange) > 0 {
		out = append(out, refusal{model.CodeSite, fmt.Sprintf(
			"column %q: %s has rows of %s, which the codebook gives to %s: a %s must lie wholly at one institution",
			name, part.Institution, quoted(l.strange), l.known[l.strange[0]], name),
			"correct the rows, or list it under the right institution in the codebook"})
	}
	return out
}

// quoted lists at most five names.
func quoted(names []string) string {
	var list []string
	for _, n := range names[:min(5, len(names))] {
		list = append(list, fmt.Sprintf("%q", n))
	}
	if more := len(names) - len(list); more > 0 {
		list = append(list, fmt.Sprintf("%d more", more))
	}
	return strings.Join(list, ", ")
}

// prepare derives, selects and counts, as the institution's node will.
// reads lists the columns of a study that an institution has.
func (a *rowsAt) reads(m *node.Method) []string {
	return slices.DeleteFunc(m.Plan.Columns(), func(name string) bool { return slices.Contains(a.NotHeld, name) })
}

func (a *rowsAt) prepare(part records.Part, m *node.Method) error {
	t, err := records.ReadCSV(bytes.NewReader(part.CSV), part.Institution, m.Codebook, a.reads(m), records.OutOfRange(m.Study.Privacy.OutOfRange), records.Texts(m.Plan.Texts()...))
	if err != nil {
		return err
	}
	t.Institution = part.Institution
	if t, _, err = m.Plan.Prepare(t); err != nil {
		return err
	}
	a.table, a.Cohort, a.Complete, a.Aside = t, t.Children(), m.Plan.Rows(t), t.HeldOut()
	a.TakesPart = a.Complete >= m.Study.Privacy.MinRows
	entering, err := m.Plan.Entering(t)
	if err != nil {
		return err
	}
	if y, ok := t.Column(m.Plan.Outcome()); ok && y.Kind == configs.YesNo {
		for i, v := range y.Values {
			if entering[i] && !y.Missing[i] && v == 1 {
				a.Events++
			}
		}
	}
	return nil
}
