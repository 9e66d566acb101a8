package configs

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"github.com/BurntSushi/toml"
)

// The kinds of column.
const (
	Number   = "number"   // a decimal number within Min and Max
	Integer  = "integer"  // a whole number within Min and Max
	YesNo    = "yes_no"   // 0 or 1
	Category = "category" // one of Levels; the first is the reference
	DateKind = "date"     // 2027-07-31
	Text     = "text"     // a note; a study sees only the yes_no columns that its [[text]] makes of it
	Site     = "site"     // the name of a school, household or other unit that rows belong to
)

// Sensitivities that a column can be marked with.
const (
	Ordinary        = "ordinary"
	Health          = "health"
	Origin          = "origin"
	Criminal        = "criminal"
	ChildProtection = "child_protection"
)

// Codebook says what each column means. Ranges and levels come from it and
// never from the data, because a minimum is one child's value.
type Codebook struct {
	Note    string   `toml:"note,omitempty"` // a remark for the reader, such as that it is a draft
	Columns []Column `toml:"column"`
}

// Column is one [[column]] of the codebook.
type Column struct {
	Name        string    `toml:"name"`
	Kind        string    `toml:"kind"`
	Label       string    `toml:"label,omitempty"`       // in plain language
	Sensitivity string    `toml:"sensitivity,omitempty"` // ordinary (default) | health | origin | criminal | child_protection
	AuditOnly   bool      `toml:"audit_only,omitempty"`  // for fairness tables only, refused as predictor
	KnownAt     *float64  `toml:"known_at,omitempty"`    // the age, in months, at which its value is known; not given: nobody said
	Min         *float64  `toml:"min,omitempty"`         // number and integer only, and required there
	Max         *float64  `toml:"max,omitempty"`
	Levels      []string  `toml:"levels,omitempty"` // category only, and required there; the first is the reference
	Knots       []float64 `toml:"knots,omitempty"`  // number and integer only: where ns() bends, inside the range

	// Sites lists, for a column of kind site, which institution holds which.
	// Methods that work site by site need it: no site may span institutions.
	Sites map[string][]string `toml:"sites,omitempty"`
}

// Limits of a codebook.
const (
	MaxCodebookSize = 256 << 10 // bytes
	MaxColumns      = 2000
	MaxLevels       = 500 // of one column
	MaxSites        = 20_000
	MaxKnots        = 7
)

// ParseCodebook decodes and validates a codebook of at most MaxCodebookSize
// bytes.
func ParseCodebook(text []byte) (*Codebook, error) {
	c := &Codebook{}
	if err := decode(text, "codebook", MaxCodebookSize, c); err != nil {
		return nil, err
	}
	for i := range c.Columns {
		col := &c.Columns[i]
		if col.Sensitivity == "" {
			col.Sensitivity = Ordinary
		}
		if len(col.Levels) == 0 { // an empty list says nothing
			col.Levels = nil
		}
		if len(col.Knots) == 0 {
			col.Knots = nil
		}
		if len(col.Sites) == 0 {
			col.Sites = nil
		}
	}
	if err := c.Validate(); err != nil {
		return nil, err
	}
	return c, nil
}

// TOML writes the codebook back. The same codebook gives the same bytes, and
// ParseCodebook of them gives the same codebook.
func (c *Codebook) TOML() []byte {
	var out bytes.Buffer
	e := toml.NewEncoder(&out)
	e.Indent = ""
	// The struct holds only strings, booleans, floats and lists of them, which
	// always encode; a buffer always takes them.
	if err := e.Encode(c); err != nil {
		return nil
	}
	return out.Bytes()
}

// Column returns the column with this name.
func (c *Codebook) Column(name string) (*Column, bool) {
	for i := range c.Columns {
		if c.Columns[i].Name == name {
			return &c.Columns[i], true
		}
	}
	return nil, false
}

// Names lists the columns in the codebook's order.
func (c *Codebook) Names() []string {
	names := make([]string, len(c.Columns))
	for i := range c.Columns {
		names[i] = c.Columns[i].Name
	}
	return names
}

// Range returns the smallest and largest value that a numeric view of the
// column can take: the declared range, 0 and 1 for yes_no, the level's index
// for a category. Dates and texts have none.
func (c *Column) Range() (low, high float64) {
	switch c.Kind {
	case Number, Integer:
		return *c.Min, *c.Max
	case YesNo:
		return 0, 1
	case Category:
		return 0, float64(len(c.Levels) - 1)
	}
	return 0, 0
}

// Validate checks the codebook; the first fault is returned.
func (c *Codebook) Validate() error {
	if len(c.Columns) == 0 {
		return fail(CodeMissing, "describe each column in a [[column]] table", "codebook: no column is described")
	}
	if len(c.Columns) > MaxColumns {
		return fail(CodeValue, "describe only what studies use", "codebook: %d columns, at most %d", len(c.Columns), MaxColumns)
	}
	seen := make(map[string]bool, len(c.Columns))
	for i := range c.Columns {
		col := &c.Columns[i]
		if !validColumnName(col.Name) {
			return fail(CodeValue, "give it the name of the column in the data", "codebook: column %d has no usable name", i+1)
		}
		if seen[col.Name] {
			return fail(CodeValue, "describe it once", "codebook: column %q is described twice", col.Name)
		}
		seen[col.Name] = true
		if err := col.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// Validate checks one column on its own.
func (c *Column) Validate() error {
	bad := func(remedy, format string, args ...any) error {
		return fail(CodeValue, remedy, "codebook: column %q %s", c.Name, fmt.Sprintf(format, args...))
	}
	kinds := []string{Number, Integer, YesNo, Category, DateKind, Text, Site}
	if !slices.Contains(kinds, c.Kind) {
		return bad("choose one of: number, integer, yes_no, category, date, text, site", "has the unknown kind %q", c.Kind)
	}
	sensitivities := []string{Ordinary, Health, Origin, Criminal, ChildProtection}
	if c.Sensitivity != "" && !slices.Contains(sensitivities, c.Sensitivity) {
		return bad("choose one of: ordinary, health, origin, criminal, child_protection", "has the unknown sensitivity %q", c.Sensitivity)
	}
	ranged := c.Kind == Number || c.Kind == Integer
	switch {
	case ranged && (c.Min == nil || c.Max == nil):
		return bad("give the plausible range, which is not the range of the data", "needs min and max")
	case !ranged && (c.Min != nil || c.Max != nil):
		return bad("remove them", "is of kind %s and takes no min or max", c.Kind)
	case c.Kind == Category && (len(c.Levels) < 2 || len(c.Levels) > MaxLevels):
		return bad("list its levels, the reference first", "needs 2 to %d levels", MaxLevels)
	case c.Kind != Category && len(c.Levels) > 0:
		return bad("remove them, or make it a category", "is of kind %s and takes no levels", c.Kind)
	case !ranged && len(c.Knots) > 0:
		return bad("remove them", "is of kind %s and takes no knots", c.Kind)
	case c.Kind != Site && len(c.Sites) > 0:
		return bad("remove them, or make it a site", "is of kind %s and takes no sites", c.Kind)
	}
	if c.Kind == Site {
		if err := c.validateSites(); err != nil {
			return err
		}
	}
	if ranged {
		if math.IsNaN(*c.Min) || math.IsInf(*c.Min, 0) || math.IsNaN(*c.Max) || math.IsInf(*c.Max, 0) || !(*c.Min < *c.Max) {
			return bad("give two finite numbers, the smaller first", "has a range that holds nothing")
		}
		if math.Abs(*c.Min) > MaxMagnitude || math.Abs(*c.Max) > MaxMagnitude || *c.Max-*c.Min < MinWidth {
			return bad("use another unit", "has a range beyond %g or narrower than %g", MaxMagnitude, MinWidth)
		}
		if c.Kind == Integer && (*c.Min != math.Trunc(*c.Min) || *c.Max != math.Trunc(*c.Max)) {
			return bad("write whole numbers", "is an integer with a broken range")
		}
	}
	if a := c.KnownAt; a != nil && !(*a >= 0 && *a <= MaxCut) {
		return bad(fmt.Sprintf("give an age in months from 0 to %g", MaxCut), "has a known_at that is no age")
	}
	for i, k := range c.Knots {
		if !(k > *c.Min && k < *c.Max) || i > 0 && !(k > c.Knots[i-1]) || len(c.Knots) > MaxKnots {
			return bad(fmt.Sprintf("list at most %d, from the smallest to the largest", MaxKnots), "needs its knots in order and inside its range")
		}
	}
	for i, level := range c.Levels {
		if !validColumnName(level) || slices.Contains(c.Levels[:i], level) {
			return bad("list each level once, as it stands in the data", "has an unusable or repeated level (number %d)", i+1)
		}
	}
	return nil
}

// A range lies within +-MaxMagnitude and is at least MinWidth wide, so that
// sums in exact integers keep every digit that matters.
const (
	MaxMagnitude = 1e15
	MinWidth     = 1e-9
)
