package configs

import "strings"

// Study is a study file: the question, the model and the conditions under
// which institutions are asked. It is decoded by ParseStudy, which fills in
// the defaults named here.
type Study struct {
	About    About    `toml:"study"`
	Cohort   Cohort   `toml:"cohort"`
	Derive   []Derive `toml:"derive"`
	Model    Model    `toml:"model"`
	Evaluate Evaluate `toml:"evaluate"`
	Rounds   Rounds   `toml:"rounds"`
	Privacy  Privacy  `toml:"privacy"`

	Priors     []Prior     `toml:"prior"`     // what is believed of coefficients before the data are seen
	Statements []Statement `toml:"statement"` // what people who know say, each a yes_no column with a prior
	Texts      []FreeText  `toml:"text"`      // yes_no columns that institutions make of notes
}

// About is the [study] table: what every approver reads first.
type About struct {
	ID       string `toml:"id"`       // letters, digits, - _ . ; at most 64; required
	Question string `toml:"question"` // the question in plain language; like the purpose read as one line, because it is shown among lines that bind
	Purpose  string `toml:"purpose"`  // what the answer is for, in plain language
	Expires  Date   `toml:"expires"`  // last day on which a round may start; empty means none is stated
}

// Cohort is the [cohort] table: which rows are in the study.
type Cohort struct {
	Where string `toml:"where"` // a CEL expression over codebook and derived columns; empty means all rows
}

// Derive is one [[derive]] table: a column that each institution computes from
// others, row by row. It is missing where any column that it reads is.
type Derive struct {
	Name  string   `toml:"name"`
	Kind  string   `toml:"kind"`  // yes_no (default) | number | integer
	Value string   `toml:"value"` // a CEL expression over codebook columns and columns derived before
	Min   *float64 `toml:"min"`   // number and integer only, and required there
	Max   *float64 `toml:"max"`
	Label string   `toml:"label"` // in plain language
}

// Model is the [model] table.
type Model struct {
	Kind     string   `toml:"kind"`     // linear | logistic | poisson | mixed | descriptives | discrete_time | areas | anomaly
	Outcome  string   `toml:"outcome"`  // a column of the codebook
	Features []string `toml:"features"` // columns of the codebook, in the order of the result
	Formula  string   `toml:"formula"`  // as in R, in place of outcome and features: "y ~ a * b + ns(c, 3)"

	Missing    string            `toml:"missing"`    // complete (default): rows with every column of the study; mean: gaps get the mean or the most frequent level of all institutions
	Indicators []string          `toml:"indicators"` // with mean: features that get a term <column>_missing too, 1 where there was a gap
	Reference  map[string]string `toml:"reference"`  // reference level of a category, where it is not the codebook's first
	Weights    string            `toml:"weights"`    // a column of prior weights, as in R
	Offset     string            `toml:"offset"`     // a column that is added to the linear predictor as it is
	Intercepts string            `toml:"intercepts"` // common (default); institution: one for each, which never leaves it
	Cluster    string            `toml:"cluster"`    // a column of kind site: adds standard errors that hold when its rows resemble each other
	Drop       []string          `toml:"drop"`       // groups of terms, each a right-hand side: tests of the model without them
	Penalty    Penalty           `toml:"penalty"`
	Site       string            `toml:"site"`                       // mixed: the column of kind site with a random intercept
	Method     string            `toml:"method"`                     // mixed: reml (default) | ml
	Group      string            `toml:"group"`                      // descriptives: a table for each level of this column too
	Area       string            `toml:"area" json:",omitempty"`     // areas: the category whose levels are the areas; indicators are then yes_no columns, each held by some institutions
	Children   string            `toml:"children" json:",omitempty"` // areas: the indicator whose yes are all children of an area, such as being in the municipality's register; rates are then of these, not of the children whose record has the indicator
	Reweigh    bool              `toml:"reweigh" json:",omitempty"`  // anomaly: estimate again without the rows that lie farthest out

	Landmark *float64 `toml:"landmark" json:",omitempty"` // the age at which is predicted: columns known later are refused (codebook: known_at)

	// Of kind discrete_time, in place of outcome.
	Time  string    `toml:"time"`                   // the age at the event, or until which a child was followed
	Event string    `toml:"event"`                  // a yes_no column: whether the event was seen at that age
	Cuts  []float64 `toml:"cuts" json:",omitempty"` // where risk begins, and where each period ends: (48, 72], (72, 96] ...

	// What follows is known by name so that it is refused by name.
	Ties         string         `toml:"ties"`
	Baseline     string         `toml:"baseline"`
	Depth        int            `toml:"depth"`
	Rounds       int            `toml:"rounds"`
	LearningRate float64        `toml:"learning_rate"`
	MinChild     int            `toml:"min_child"`
	Bins         int            `toml:"bins"`
	Monotone     map[string]int `toml:"monotone"`
}

// Penalty is the [model.penalty] table.
type Penalty struct {
	Ridge float64 `toml:"ridge"`
	Lasso float64 `toml:"lasso"`
}

// Evaluate is the [evaluate] table: how the model is judged.
type Evaluate struct {
	Where    string     `toml:"where"`          // a CEL expression: these rows are kept aside and judge the model
	HeldOut  float64    `toml:"held_out"`       // or: this share of the units of By, chosen by a hash that is the same everywhere
	By       string     `toml:"by"`             // the column whose values stay together, such as the school or the household
	Groups   []string   `toml:"groups"`         // columns whose levels are compared for fairness
	Select   float64    `toml:"select"`         // the share of rows that a fairness table takes as selected; default 0.15
	LeaveOut string     `toml:"leave_out"`      // none (default) | folds: institutions judged by a model that never saw them
	Folds    [][]string `toml:"folds"`          // the institutions of each fold; one alone needs every institution's accept_isolated
	Curve    string     `toml:"learning_curve"` // a column of kind site: how many of its sites are enough
}

// Rounds is the [rounds] table.
type Rounds struct {
	Max  int      `toml:"max"`  // encrypted sums in the whole study, 3 to 200; default 25
	Wait Duration `toml:"wait"` // with on_late = "proceed": how long enough institutions wait for the others; default 10m
}

// Privacy is the [privacy] table. An institution's own policy can only be
// stricter.
type Privacy struct {
	MinInstitutions int     `toml:"min_institutions"` // 3 to 64; default 3
	MinRows         int     `toml:"min_rows"`         // rows an institution needs to take part; default 30
	MinCell         int     `toml:"min_cell"`         // smallest group that is published; default 10
	NumbersPerRow   float64 `toml:"numbers_per_row"`  // opened numbers for each row used; default 0.15
	Numbers         int64   `toml:"numbers"`          // the most numbers that may be opened in all; computed when not given
	OutOfRange      string  `toml:"out_of_range"`     // error (default) | missing | clip
	OnLate          string  `toml:"on_late"`          // ask (default) | proceed
}

// What a value outside the codebook's range means.
const (
	OutOfRangeError   = "error"   // the file is refused
	OutOfRangeMissing = "missing" // the value counts as missing
	OutOfRangeClip    = "clip"    // the value is moved to the nearest end of the range
)

// The kinds of model of this version.
const (
	KindLinear       = "linear"
	KindLogistic     = "logistic"
	KindPoisson      = "poisson"
	KindMixed        = "mixed"
	KindDescriptives = "descriptives"
	KindAreas        = "areas"
	KindAnomaly      = "anomaly"
	KindDiscreteTime = "discrete_time"
)

// What [model] missing, intercepts and method, and [evaluate] leave_out say.
const (
	MissingComplete      = "complete"
	MissingMean          = "mean"
	InterceptCommon      = "common"
	InterceptInstitution = "institution"
	MethodREML           = "reml"
	MethodML             = "ml"
	LeaveOutNone         = "none"
	LeaveOutFolds        = "folds"
)

// MaxStudySize is the largest study file in bytes: a proposal carries it whole.
const MaxStudySize = 32 << 10

// DefaultStudy returns a study with every default and nothing asked.
func DefaultStudy() *Study {
	return &Study{
		Model:    Model{Missing: MissingComplete, Intercepts: InterceptCommon, Method: MethodREML},
		Evaluate: Evaluate{LeaveOut: LeaveOutNone, Select: 0.15},
		Rounds:   Rounds{Max: 25, Wait: Duration(10 * 60 * 1e9)},
		Privacy: Privacy{
			MinInstitutions: 3,
			MinRows:         30,
			MinCell:         10,
			NumbersPerRow:   0.15,
			OutOfRange:      OutOfRangeError,
			OnLate:          "ask",
		},
	}
}

// ParseStudy decodes and validates a study file of at most MaxStudySize bytes.
func ParseStudy(text []byte) (*Study, error) {
	s := DefaultStudy()
	if err := decode(text, "study file", MaxStudySize, s); err != nil {
		return nil, err
	}
	for _, text := range []*string{&s.About.Question, &s.About.Purpose} {
		*text = strings.Join(strings.Fields(*text), " ")
	}
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return s, nil
}
