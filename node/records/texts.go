package records

import (
	"io"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/text"
)

// Texts makes yes_no columns of columns of kind text, after those that are
// asked for as they are. A note is read, turned into yes and no and forgotten,
// row by row; an empty one leaves all its columns missing. Of a column that is
// not asked for, nothing is made.
func Texts(list ...configs.TextColumn) Option {
	return func(rd *reader) { rd.asked = append(rd.asked, list...) }
}

// notes is one column of notes and what is made of it.
type notes struct {
	column string // of kind text
	how    configs.TextColumn
	terms  []string
	field  int
	reader *text.Reader
	made   []made
}

// made is one column of the table.
type made struct {
	column int // of the table
	term   int // or bucket
	denied bool
}

// covers says whether columns are made of a column of kind text.
func (rd *reader) covers(name string) bool {
	return slices.ContainsFunc(rd.asked, func(t configs.TextColumn) bool { return t.Column == name })
}

// bindTexts adds the columns that are made of notes; asked are the columns that
// were asked for, and fields where they stand in a row.
func (rd *reader) bindTexts(cb *configs.Codebook, asked []string, fields []int) error {
	for _, t := range rd.asked {
		at := slices.Index(asked, t.Column)
		if at < 0 {
			continue
		}
		if c, ok := cb.Column(t.Column); !ok || c.Kind != configs.Text {
			return fail(CodeColumn, "make it kind = \"text\" in the codebook", "column %q is not of kind text, and the study reads it as text", t.Column)
		}
		i := slices.IndexFunc(rd.notes, func(n *notes) bool {
			return n.column == t.Column && n.how.Language == t.Language && n.how.Buckets == t.Buckets
		})
		if i < 0 {
			i = len(rd.notes)
			rd.notes = append(rd.notes, &notes{column: t.Column, how: t, field: fields[at]})
		}
		n := rd.notes[i]
		m := made{column: len(rd.columns), term: t.Bucket, denied: t.Negated}
		if t.Buckets == 0 {
			if m.term = slices.Index(n.terms, t.Term); m.term < 0 {
				m.term = len(n.terms)
				n.terms = append(n.terms, t.Term)
			}
		}
		n.made = append(n.made, m)
		rd.columns = append(rd.columns, model.Column{Name: t.Name, Kind: configs.YesNo})
	}
	for _, n := range rd.notes {
		n.reader = text.NewReader(n.terms, n.how.Buckets, n.how.Language)
	}
	return nil
}

// addTexts reads the notes of a row.
func (rd *reader) addTexts(record []string) error {
	for _, n := range rd.notes {
		note := record[n.field]
		if len(note) > text.MaxNote {
			return fail(CodeLimit, "shorten the note, or look for a quote that is not closed",
				"%s: the text has more than %d bytes", rd.rows.place(n.field), text.MaxNote)
		}
		none := strings.TrimSpace(note) == ""
		var said, denied []bool
		if !none {
			said, denied = n.reader.Note(note)
		}
		for _, m := range n.made {
			c := &rd.columns[m.column]
			v := 0.0
			if !none && (m.denied && denied[m.term] || !m.denied && said[m.term]) {
				v = 1
			}
			c.Values, c.Missing = append(c.Values, v), append(c.Missing, none)
		}
	}
	return nil
}

// ShowNotes calls show for at most most rows of a CSV file, from the row from
// (1 is the first), with the number of the row and its note in the column, which
// may be empty. It is for an institution's own eyes.
func ShowNotes(r io.Reader, name, column string, from, most int, show func(row int, note string)) error {
	f, err := newRows(r, name)
	if err != nil {
		return err
	}
	fields, err := f.columns([]string{column})
	if err != nil {
		return err
	}
	for f.count < from-1+most {
		record, err := f.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if note := record[fields[0]]; len(note) > text.MaxNote {
			return fail(CodeLimit, "shorten the note, or look for a quote that is not closed",
				"%s: the text has more than %d bytes", f.place(fields[0]), text.MaxNote)
		} else if f.count >= from {
			show(f.count, note)
		}
	}
	return nil
}
