package areas

import "slices"

// Table is the opened table of areas by indicators. Its numbers are sums of
// counts that each institution rounded to Step.
type Table struct {
	Column     string      `json:"column"` // of the codebook, whose levels are the areas
	Areas      []string    `json:"areas"`
	Children   string      `json:"children,omitempty"` // the indicator of whose yes rates are; else of the children with a value
	Indicators []Indicator `json:"indicators"`
}

// Indicator is one indicator in every area.
type Indicator struct {
	Name   string `json:"name"`
	Region Rate   `json:"region"`         // all areas, those of the rest too
	Rest   *Rate  `json:"rest,omitempty"` // areas that institutions added together, because each was too small there
	Merged int64  `json:"merged_cells"`   // areas that are in the rest, counted at each institution and rounded to Step
	Areas  []Rate `json:"areas"`          // in the order of Table.Areas
}

// Rate is how many children have a yes, of those with a value in the indicator or
// of those that Table.Children counts.
type Rate struct {
	Area         string  `json:"area,omitempty"`
	TooFew       bool    `json:"too_few,omitempty"` // no institution tells of it by itself; nothing else is said
	Count        int64   `json:"count"`
	Children     int64   `json:"children"`
	Institutions int64   `json:"institutions"` // that tell of it; of the region and the rest: cells that were rounded
	Rate         float64 `json:"rate"`
	Error        float64 `json:"rate_error"` // the rate of the unrounded counts lies within rate +- this
}

// NewRate reads rounded sums of cells, of which cells were added.
func NewRate(area string, count, children, cells int64) Rate {
	r := Rate{Area: area, Count: count, Children: children, Institutions: cells, TooFew: children <= 0}
	if r.TooFew {
		return r
	}
	r.Rate = float64(count) / float64(children)
	off := float64(reach * cells)
	most, least := min(float64(children), float64(count)+off), max(0, float64(count)-off)
	// The largest ratio has both roundings against it, and so has the smallest.
	high := min(1, most/max(1, float64(children)-off))
	low := least / (float64(children) + off)
	r.Error = max(high-r.Rate, r.Rate-low)
	return r
}

// Indicator returns the indicator with this name.
func (t *Table) Indicator(name string) (*Indicator, bool) {
	i := slices.IndexFunc(t.Indicators, func(x Indicator) bool { return x.Name == name })
	if i < 0 {
		return nil, false
	}
	return &t.Indicators[i], true
}
