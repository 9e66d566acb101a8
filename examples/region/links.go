package region

import (
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
)

// Loading is one term of a linear predictor: By times the value of On, which is
// a latent or a column as recorded, in its own units.
type Loading struct {
	On string  `json:"on"`
	By float64 `json:"by"`
}

// Gap is when a value is missing: a logistic model whose linear predictor is
// Intercept plus Loadings.
type Gap struct {
	Intercept float64   `json:"intercept"`
	Loadings  []Loading `json:"loadings,omitempty"`
}

// How a value is drawn from its linear predictor eta.
const (
	Normal    = "normal"    // eta + Noise * N(0,1), rounded, held within the range
	Count     = "count"     // Poisson with mean e^eta, at most the range's end
	Bernoulli = "bernoulli" // 1 with probability 1/(1+e^-eta)
	Ordered   = "ordered"   // the level between the Cuts where eta + Noise * N(0,1) lies
	Given     = "given"     // as Rule says
)

// Link says how one latent or one column comes about. The list of them is the
// only description: the generator draws from it and truth.json prints it.
type Link struct {
	Name      string    `json:"name"`             // unique; what loadings call it
	Column    string    `json:"column,omitempty"` // in the files, when it stands in any
	Holders   []string  `json:"holders,omitempty"`
	Level     string    `json:"level"` // household | child
	Draw      string    `json:"draw"`
	Intercept float64   `json:"intercept"`
	Loadings  []Loading `json:"loadings,omitempty"`
	Noise     float64   `json:"noise,omitempty"`
	Cuts      []float64 `json:"cuts,omitempty"`
	Rule      string    `json:"rule,omitempty"`
	Missing   *Gap      `json:"missing,omitempty"`

	Kind        string   `json:"kind,omitempty"` // in the codebook
	Min         float64  `json:"min,omitempty"`
	Max         float64  `json:"max,omitempty"`
	Digits      int      `json:"digits,omitempty"` // decimals that are recorded
	Levels      []string `json:"levels,omitempty"`
	Sensitivity string   `json:"sensitivity,omitempty"`
	AuditOnly   bool     `json:"audit_only,omitempty"`
	Label       string   `json:"label,omitempty"`
	KnownAt     *float64 `json:"known_at,omitempty"` // age in months, where a landmark needs it
}

// The levels at which things are drawn.
const (
	ofHousehold = "household"
	ofChild     = "child"
)

// Links returns the whole table: what is drawn a household, then what is drawn
// a child, each after what it depends on.
func Links() []Link { return slices.Concat(householdLinks(), childLinks(), outcomeLinks()) }

// Short forms for the table.

func on(name string, by float64) Loading { return Loading{name, by} }

func sum(loadings ...Loading) []Loading { return loadings }

func gap(intercept float64, loadings ...Loading) *Gap { return &Gap{intercept, loadings} }

// latent is what nobody records.
func latent(level, name, draw string, intercept float64, loadings []Loading, noise float64) Link {
	return Link{Name: name, Level: level, Draw: draw, Intercept: intercept, Loadings: loadings, Noise: noise}
}

// number is a column with decimals or without, drawn about its linear predictor.
func number(level, name, label string, low, high float64, intercept float64, loadings []Loading, noise float64, holders ...string) Link {
	return Link{Name: name, Column: name, Holders: holders, Level: level, Draw: Normal, Intercept: intercept, Loadings: loadings, Noise: noise,
		Kind: configs.Integer, Min: low, Max: high, Label: label}
}

func count(level, name, label string, top float64, intercept float64, loadings []Loading, holders ...string) Link {
	return Link{Name: name, Column: name, Holders: holders, Level: level, Draw: Count, Intercept: intercept, Loadings: loadings,
		Kind: configs.Integer, Max: top, Label: label}
}

func yesNo(level, name, label string, intercept float64, loadings []Loading, holders ...string) Link {
	return Link{Name: name, Column: name, Holders: holders, Level: level, Draw: Bernoulli, Intercept: intercept, Loadings: loadings,
		Kind: configs.YesNo, Label: label}
}

func ordered(level, name, label string, levels []string, cuts []float64, intercept float64, loadings []Loading, noise float64, holders ...string) Link {
	return Link{Name: name, Column: name, Holders: holders, Level: level, Draw: Ordered, Intercept: intercept, Loadings: loadings, Noise: noise,
		Cuts: cuts, Kind: configs.Category, Levels: levels, Label: label}
}

func given(level, name, kind, label, rule string, holders ...string) Link {
	return Link{Name: name, Column: name, Holders: holders, Level: level, Draw: Given, Rule: rule, Kind: kind, Label: label}
}

// with marks a column.
func (l Link) with(sensitivity string) Link { l.Sensitivity = sensitivity; return l }

func (l Link) lacking(g *Gap) Link { l.Missing = g; return l }

func (l Link) within(low, high float64) Link { l.Min, l.Max = low, high; return l }

func (l Link) decimals(n int) Link { l.Digits, l.Kind = n, configs.Number; return l }

func (l Link) known(months float64) Link { l.KnownAt = &months; return l }

func (l Link) audit() Link { l.AuditOnly = true; return l }
