package configs

// Study is a study file: the question, the model and the conditions under
// which institutions are asked. It is decoded by ParseStudy, which fills in
// the defaults named here.
type Study struct {
	About    About    `toml:"study"`
	Cohort   Cohort   `toml:"cohort"`
	Model    Model    `toml:"model"`
	Evaluate Evaluate `toml:"evaluate"`
	Rounds   Rounds   `toml:"rounds"`
	Privacy  Privacy  `toml:"privacy"`
}

// About is the [study] table: what every approver reads first.
type About struct {
	ID       string `toml:"id"`       // letters, digits, - _ . ; at most 64; required
	Question string `toml:"question"` // the question in plain language
	Purpose  string `toml:"purpose"`  // what the answer is for, in plain language
	Expires  Date   `toml:"expires"`  // last day on which a round may start; empty means none is stated
}

// Cohort is the [cohort] table: which rows are in the study.
type Cohort struct {
	Where string `toml:"where"` // an expression over codebook columns; a later version
}

// Model is the [model] table.
type Model struct {
	Kind     string   `toml:"kind"`     // linear | logistic
	Outcome  string   `toml:"outcome"`  // a column of the codebook
	Features []string `toml:"features"` // columns of the codebook, in the order of the result
	Missing  string   `toml:"missing"`  // complete (default): rows with every column of the study

	// What follows is known by name so that it is refused by name.
	Formula      string            `toml:"formula"`
	Reference    map[string]string `toml:"reference"`
	Penalty      Penalty           `toml:"penalty"`
	Weights      string            `toml:"weights"`
	Offset       string            `toml:"offset"`
	Time         string            `toml:"time"`
	Event        string            `toml:"event"`
	Ties         string            `toml:"ties"`
	Baseline     string            `toml:"baseline"`
	Site         string            `toml:"site"`
	Method       string            `toml:"method"`
	Depth        int               `toml:"depth"`
	Rounds       int               `toml:"rounds"`
	LearningRate float64           `toml:"learning_rate"`
	MinChild     int               `toml:"min_child"`
	Bins         int               `toml:"bins"`
	Monotone     map[string]int    `toml:"monotone"`
}

// Penalty is the [model.penalty] table.
type Penalty struct {
	Ridge float64 `toml:"ridge"`
	Lasso float64 `toml:"lasso"`
}

// Evaluate is the [evaluate] table: how the model is judged.
type Evaluate struct {
	Where    string   `toml:"where"`
	Groups   []string `toml:"groups"`
	LeaveOut string   `toml:"leave_out"` // none (default in this version)
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
	KindLinear   = "linear"
	KindLogistic = "logistic"
)

// MaxStudySize is the largest study file in bytes: a proposal carries it whole.
const MaxStudySize = 32 << 10

// DefaultStudy returns a study with every default and nothing asked.
func DefaultStudy() *Study {
	return &Study{
		Model:    Model{Missing: "complete"},
		Evaluate: Evaluate{LeaveOut: "none"},
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
	if err := s.Validate(); err != nil {
		return nil, err
	}
	return s, nil
}
