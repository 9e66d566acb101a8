package records

import (
	"bytes"
	"io"
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
)

// draftNote stands at the head of every drafted codebook.
const draftNote = "draft: only for rehearsal, because a minimum is one child's value. " +
	"Ranges are the observed ones widened by a tenth of their width on both sides, not below 0 where nothing is; give plausible ones instead"

// DraftCodebook guesses a codebook from pooled records: yes_no when every value
// is 0 or 1, then integer, then number, else a category with its levels in
// bytewise order, or text when there are more than configs.MaxLevels of them
// or fewer than two. Ranges are the observed ones widened by a tenth of their
// width on both sides, for integers outwards to whole numbers; a column with
// one value is widened by 1. Where nothing is below 0, as in a count, neither is
// the range.
//
// The draft tells what the data hold, so it serves rehearsals on data that may
// be pooled, and nothing else.
func DraftCodebook(r io.Reader, name string, u Units) (*configs.Codebook, error) {
	d := newDraft(u)
	if err := d.read(r, name, ""); err != nil {
		return nil, err
	}
	return d.codebook()
}

// DraftFromParts drafts one codebook from all parts, columns in the order in
// which they first appear.
func DraftFromParts(parts []Part, u Units) (*configs.Codebook, error) {
	d := newDraft(u)
	for _, p := range parts {
		if err := d.read(bytes.NewReader(p.CSV), p.Institution, p.Institution); err != nil {
			return nil, err
		}
	}
	return d.codebook()
}

// Units are columns whose values name the units that rows belong to, which no
// draft can tell from the values.
type Units struct {
	By     string   // of a pooled file: the column whose values are the institutions
	Sites  []string // become columns of kind site that list which institution holds which
	Texts  []string // become columns of kind text, whatever is in them
	Splits []string // become columns of kind site without a list, where they would be text
}

type draft struct {
	Units
	columns []*seen
	index   map[string]*seen
}

// seen is what a draft remembers of a column.
type seen struct {
	name      string
	any       bool
	numeric   bool
	integer   bool
	yesNo     bool
	low, high float64
	levels    map[string]bool // nil once there are too many
	sites     register        // nil unless the column is to be a site
	split     bool            // a site rather than a text
	note      bool            // a text

	numbers int    // cells that are numbers
	words   int    // cells that are not
	odd     string // where the first of those stands
}

func newDraft(u Units) *draft { return &draft{Units: u, index: map[string]*seen{}} }

// read takes the rows of one file: of one institution, or of all when it names
// none.
func (d *draft) read(r io.Reader, name, institution string) error {
	f, err := newRows(r, name)
	if err != nil {
		return err
	}
	columns := make([]*seen, len(f.header))
	by := slices.Index(f.header, d.By)
	for i, h := range f.header {
		c := d.index[h]
		if c == nil {
			c = &seen{name: h, numeric: true, integer: true, yesNo: true,
				low: math.Inf(1), high: math.Inf(-1), levels: map[string]bool{}, split: slices.Contains(d.Splits, h), note: slices.Contains(d.Texts, h)}
			if slices.Contains(d.Sites, h) {
				c.sites = register{}
			}
			d.index[h] = c
			d.columns = append(d.columns, c)
		}
		columns[i] = c
	}
	for {
		record, err := f.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for i, text := range record {
			if slices.Contains(missingWords, text) {
				return fail(CodeValue, missingRemedy, "%s: the cell holds a word for a missing value", f.place(i))
			}
			columns[i].take(text, func() string { return f.place(i) })
		}
		at := institution
		if at == "" && by >= 0 {
			at = record[by]
		}
		for i, c := range columns {
			if c.sites != nil {
				c.sites.add(record[i], at)
			}
		}
	}
}

// missingWords are how other programs write a missing value. Taken as a level
// or as text they would change the model without a word.
var missingWords = []string{"NA", "N/A", "n/a", "#N/A", "NaN", "nan", "NULL", "null"}

const missingRemedy = "leave missing values empty (in R: write.csv(..., na = \"\")), or give a codebook in which the word is a level"

func (c *seen) take(text string, place func() string) {
	if text == "" || c.note {
		return
	}
	c.any = true
	c.split = c.split && validUnit(text)
	if _, ok := number(text); ok {
		c.numbers++
	} else if c.words++; c.words == 1 {
		c.odd = place()
	}
	c.yesNo = c.yesNo && (text == "0" || text == "1")
	if c.numeric {
		v, ok := number(text)
		c.numeric = ok && math.Abs(v) <= configs.MaxMagnitude/4
		c.integer = c.integer && v == math.Trunc(v)
		c.low, c.high = min(c.low, v), max(c.high, v)
	}
	if c.levels != nil && !c.levels[text] {
		c.levels[string([]byte(text))] = true
		if len(c.levels) > configs.MaxLevels {
			c.levels = nil
		}
	}
}

func (d *draft) codebook() (*configs.Codebook, error) {
	cb := &configs.Codebook{Note: draftNote}
	for _, c := range d.columns {
		// Nearly all numbers and a few words are numbers with mistakes in
		// them, not a category with hundreds of levels.
		if c.words > 0 && c.numbers > 9*c.words && c.sites == nil && !c.split {
			return nil, fail(CodeValue, "correct the cell (a point for decimals, no spaces, empty for missing), or describe the column in a codebook",
				"%s: the value is not a number, and nearly all others in this column are", c.odd)
		}
		cb.Columns = append(cb.Columns, c.column())
	}
	if err := cb.Validate(); err != nil {
		return nil, err
	}
	return cb, nil
}

func (c *seen) column() configs.Column {
	out := configs.Column{Name: c.name, Kind: configs.Text, Sensitivity: configs.Ordinary}
	switch {
	case c.sites != nil:
		out.Kind, out.Sites = configs.Site, c.sites.lists()
		return out
	case !c.any:
	case c.yesNo:
		out.Kind = configs.YesNo
	case c.numeric:
		low, high := c.widened()
		out.Kind, out.Min, out.Max = configs.Number, &low, &high
		if c.integer {
			out.Kind = configs.Integer
		}
	case len(c.levels) >= 2:
		category := out
		category.Kind = configs.Category
		for level := range c.levels {
			category.Levels = append(category.Levels, level)
		}
		slices.Sort(category.Levels)
		if category.Validate() == nil { // else a level is not a word: text
			return category
		}
	}
	if c.split && c.any && out.Kind == configs.Text {
		out.Kind = configs.Site
	}
	return out
}

func (c *seen) widened() (low, high float64) {
	by := (c.high - c.low) / 10
	if by < configs.MinWidth {
		by = 1
	}
	low, high = c.low-by, c.high+by
	if c.integer {
		low, high = math.Floor(low), math.Ceil(high)
	}
	if c.low >= 0 {
		low = max(0, low)
	}
	return low, high
}
