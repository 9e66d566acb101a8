package node

import (
	"fmt"
	"math"
	"path"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
)

// Policy is the institution's own: only its own file decides, and what a study
// says can only narrow it. The zero Policy is that of a rehearsal on one
// machine by somebody who holds all the rows anyway: every column and method
// of the codebook, no window, no list.
type Policy struct {
	MinRows         int // rows below which this institution does not take part; default 30
	MinInstitutions int // contributors below which it does not take part; default 3

	AllowColumns []string // names or patterns as in path.Match; empty admits every column of the codebook
	DenyColumns  []string // the same, whatever the case of the letters; wins over AllowColumns
	AllowMethods []string // kinds of model; empty admits every kind
	RunBetween   string   // "20:00-06:00" by this machine's clock, may cross midnight; empty is always
	Openness     string   // of the source: public, synthetic or confidential; "" only for a rehearsal on one machine
	Objections   string   // path of the objection list; empty is allowed for public and synthetic data only

	// NumbersPerRow is how many numbers may be opened for each row, over all
	// studies of an epoch; 0 leaves it to the study. For confidential data it
	// is never more than MaxNumbersPerRow.
	NumbersPerRow float64
	// Epoch names a version of the institution's records, such as "school year
	// 2026". Naming a new one is an act: it is signed, dated and kept. Cohorts
	// and budgets are held against each other within one epoch only.
	Epoch string

	off map[string]bool // rules that a test has switched off, to prove that each has teeth
}

// What the policy falls back on, and what it never goes beyond.
const (
	DefaultMinRows         = 30
	DefaultMinInstitutions = 3
	MaxNumbersPerRow       = 0.15 // without differential privacy, for confidential data
)

// Check says what is wrong with the policy itself.
func (p *Policy) Check() error {
	bad := func(remedy, format string, args ...any) error {
		return &RefusalError{CodePolicy, "the node's policy: " + fmt.Sprintf(format, args...), remedy}
	}
	for _, pattern := range slices.Concat(p.AllowColumns, p.DenyColumns) {
		if _, err := path.Match(pattern, ""); err != nil || pattern == "" {
			return bad("write a column's name, with * for any characters", "%q is not a pattern for columns", pattern)
		}
	}
	if !slices.Contains([]string{"", configs.OpenPublic, configs.OpenSynthetic, configs.OpenConfidential}, p.Openness) {
		return bad("choose one of: public, synthetic, confidential", "openness = %q is not known", p.Openness)
	}
	if p.MinRows < 0 || p.MinInstitutions < 0 {
		return bad("leave them out for 30 and 3", "min_rows and min_institutions are not negative")
	}
	if !(p.NumbersPerRow >= 0 && p.NumbersPerRow <= 1) || math.IsNaN(p.NumbersPerRow) {
		return bad("leave it out for the study's own figure", "numbers_per_row must lie between 0 and 1")
	}
	if len(p.Epoch) > 200 {
		return bad(`write something as "school year 2026"`, "the name of the epoch is longer than 200 bytes")
	}
	_, err := parseWindow(p.RunBetween)
	return err
}

// leastRows is the larger of the institution's and the study's figure.
func (p *Policy) leastRows(study *configs.Study) int {
	own := p.MinRows
	if own == 0 {
		own = DefaultMinRows
	}
	return max(own, study.Privacy.MinRows)
}

// leastApart is by how many rows the cohorts of other studies must differ from
// this one's: its min_rows, but of a study no more than the usual figure. Else one
// that asks for 500 rows would keep every other cohort out until the next epoch.
func (p *Policy) leastApart(study *configs.Study) int {
	return max(p.leastRows(&configs.Study{}), min(study.Privacy.MinRows, DefaultMinRows))
}

// leastInstitutions is never below three: of two, each can subtract its own.
func (p *Policy) leastInstitutions() int { return max(p.MinInstitutions, DefaultMinInstitutions) }

// confidential reports whether the rules for real records bind.
func (p *Policy) confidential() bool { return p.Openness == configs.OpenConfidential }

// holdsCohorts reports whether the ledger of cohorts refuses, or only reports:
// published rows need no hiding, synthetic ones rehearse what will be.
func (p *Policy) holdsCohorts() bool {
	return p.Openness == configs.OpenConfidential || p.Openness == configs.OpenSynthetic
}

// numbersPerRow is the strictest of the figures that apply.
func (p *Policy) numbersPerRow(study *configs.Study) float64 {
	figure := study.Privacy.NumbersPerRow
	if p.NumbersPerRow > 0 {
		figure = min(figure, p.NumbersPerRow)
	}
	if p.confidential() {
		figure = min(figure, MaxNumbersPerRow)
	}
	return figure
}
