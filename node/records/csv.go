package records

import (
	"io"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// Option changes how ReadCSV reads.
type Option func(*reader)

// OutOfRange sets what a value outside the codebook's range means:
// configs.OutOfRangeError (the default), OutOfRangeMissing or OutOfRangeClip.
// A study says it in [privacy] out_of_range.
func OutOfRange(rule string) Option { return func(r *reader) { r.outOfRange = rule } }

// reader reads one file into a table.
type reader struct {
	outOfRange string
	rows       *rows
	codebook   []*configs.Column
	fields     []int
	columns    []model.Column
	units      []*units                    // of the columns of kind site; nil for others
	each       func(*rows, []string) error // told every row; nil for nobody
	asked      []configs.TextColumn
	notes      []*notes
}

// ReadCSV reads the named columns of a CSV file, in the order given, and holds
// them to the codebook. name is what messages call the file. The first fault
// ends it: errors name file, line and column, never a value.
//
// An empty cell is missing. A level or site that the codebook does not know
// counts as missing, is counted in the column, and is refused above 1% of the
// rows. The levels of a column of kind site are all sites that the codebook
// lists, in the order of their names, whoever holds them; where it lists none,
// those in the file, in the order in which they first appear.
func ReadCSV(r io.Reader, name string, cb *configs.Codebook, columns []string, options ...Option) (*model.Table, error) {
	rd := &reader{outOfRange: configs.OutOfRangeError}
	for _, o := range options {
		o(rd)
	}
	switch rd.outOfRange {
	case configs.OutOfRangeError, configs.OutOfRangeMissing, configs.OutOfRangeClip:
	default:
		return nil, fail(CodeOptions, "choose error, missing or clip", "out_of_range = %q is not known", rd.outOfRange)
	}
	var err error
	if rd.rows, err = newRows(r, name); err != nil {
		return nil, err
	}
	fields, err := rd.rows.columns(columns)
	if err != nil {
		return nil, err
	}
	if err := rd.bind(cb, columns, fields); err != nil {
		return nil, err
	}
	if err := rd.bindTexts(cb, columns, fields); err != nil {
		return nil, err
	}
	for {
		record, err := rd.rows.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := rd.add(record); err != nil {
			return nil, err
		}
		if err := rd.addTexts(record); err != nil {
			return nil, err
		}
		if rd.each != nil {
			if err := rd.each(rd.rows, record); err != nil {
				return nil, err
			}
		}
	}
	if err := rd.checkLevels(); err != nil {
		return nil, err
	}
	for i, u := range rd.units {
		if u != nil {
			rd.columns[i].Levels = u.names
		}
	}
	return model.NewTable(rd.columns)
}

func (rd *reader) bind(cb *configs.Codebook, columns []string, fields []int) error {
	for i, name := range columns {
		if rd.covers(name) {
			continue // only what is made of it enters the table
		}
		c, ok := cb.Column(name)
		if !ok {
			return fail(CodeColumn, "describe it in the codebook", "the codebook does not describe the column %q", name)
		}
		if c.Kind == configs.DateKind || c.Kind == configs.Text {
			return fail(CodeColumn, "ask for number, integer, yes_no, category or site columns, or make yes_no columns of a text with [[text]]",
				"column %q is of kind %s, which no method reads", name, c.Kind)
		}
		rd.codebook = append(rd.codebook, c)
		rd.columns = append(rd.columns, model.Column{Name: c.Name, Kind: c.Kind, Levels: c.Levels})
		var u *units
		if c.Kind == configs.Site {
			u = unitsOf(c)
		}
		rd.units = append(rd.units, u)
		rd.fields = append(rd.fields, fields[i])
	}
	return nil
}

func (rd *reader) add(record []string) error {
	for i, field := range rd.fields {
		c := &rd.columns[i]
		v, state := rd.cell(i, record[field])
		switch state {
		case cellBad:
			return fail(CodeValue, remedyFor(rd.codebook[i].Kind), "%s: %s", rd.rows.place(field), faultOf(rd.codebook[i].Kind))
		case cellMany:
			return fail(CodeLimit, "choose a column of larger units, or list the sites in the codebook",
				"%s: the column has more than %d different names", rd.rows.place(field), maxUnits)
		case cellUnknown:
			c.UnknownLevels++
		case cellOutside:
			if rd.outOfRange == configs.OutOfRangeError {
				return fail(CodeRange, "correct the record, widen the codebook's range, or set out_of_range in the study",
					"%s: the value lies outside the codebook's range", rd.rows.place(field))
			}
			c.OutOfRange++
			if rd.outOfRange == configs.OutOfRangeClip {
				low, high := rd.codebook[i].Range()
				v, state = max(low, min(high, v)), cellGood
			}
		}
		if state != cellGood {
			v = 0
		}
		c.Values = append(c.Values, v)
		c.Missing = append(c.Missing, state != cellGood)
	}
	return nil
}

// checkLevels refuses a column in which more than 1% of the rows hold a level
// that the codebook does not know: that is another coding, not a slip.
func (rd *reader) checkLevels() error {
	for i := range rd.columns {
		c := &rd.columns[i]
		if 100*c.UnknownLevels > len(c.Values) {
			return fail(CodeLevels, "compare the codebook's levels with the file",
				"%s, column %q: %d of %d rows hold a level that the codebook does not know; up to 1%% count as missing",
				rd.rows.name, c.Name, c.UnknownLevels, len(c.Values))
		}
	}
	return nil
}
