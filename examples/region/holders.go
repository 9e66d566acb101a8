package region

import (
	"fmt"
	"slices"
)

// Groups of holders: their institutions have the same columns.
const (
	Boards       = "board"
	JGZ          = "jgz"
	Municipality = "municipality"
	YouthCare    = "youthcare"
	Welfare      = "welfare"
	Treatment    = "treatment"
	Housing      = "housing"
	Police       = "police"
	VeiligThuis  = "veiligthuis"
)

const (
	boards    = 6
	districts = 6 // one youth health team each
)

// Everybody are all groups, in the order of their files.
var Everybody = []string{Boards, JGZ, Municipality, YouthCare, Welfare, Treatment, Housing, Police, VeiligThuis}

// Institutions lists the 19 institutions, group by group.
func Institutions() []string {
	var all []string
	for _, g := range Everybody {
		all = append(all, Members(g)...)
	}
	return all
}

// Members lists the institutions of a group: board1 to board6, jgz1 to jgz6, and
// each other one itself.
func Members(group string) []string {
	n := 1
	switch group {
	case Boards:
		n = boards
	case JGZ:
		n = districts
	default:
		return []string{group}
	}
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s%d", group, i+1)
	}
	return names
}

// Coverage is whether a holder has a file of a child: a logistic model. Who is
// not in it has no line, which says nothing about the child.
type Coverage struct {
	Holder    string    `json:"holder"`
	Level     string    `json:"level"` // household: of all its children or none
	Intercept float64   `json:"intercept"`
	Loadings  []Loading `json:"loadings,omitempty"`
	Rule      string    `json:"rule,omitempty"` // when it is no logistic model
}

// Coverages is the coverage of every group of holders.
func Coverages() []Coverage {
	return []Coverage{
		{Holder: Boards, Level: ofChild, Intercept: 3.2},
		{Holder: JGZ, Level: ofChild, Intercept: 3.9},
		{Holder: Municipality, Level: ofHousehold, Rule: "every child"},
		{Holder: YouthCare, Level: ofChild, Intercept: -3, Loadings: sum(on("adversity", 1.2), on("development", 0.7))},
		{Holder: Welfare, Level: ofHousehold, Intercept: -1.5, Loadings: sum(on("adversity", 0.9))},
		{Holder: Treatment, Level: ofHousehold, Intercept: -3.4, Loadings: sum(on("parent_illness", 4), on("adversity", 0.4))},
		{Holder: Housing, Level: ofHousehold, Intercept: 0.1, Loadings: sum(on("adversity", 0.8))},
		{Holder: Police, Level: ofHousehold, Rule: "addresses with at least one call"},
		{Holder: VeiligThuis, Level: ofChild, Rule: "a report before 144 months, or a request for advice"},
	}
}

// Shift is a difference between institutions in how a column is recorded: it is
// added to the linear predictor.
type Shift struct {
	Column      string  `json:"column"`
	Institution string  `json:"institution"`
	By          float64 `json:"by"`
}

// Shifts are the planted differences between sites.
func Shifts() []Shift {
	return []Shift{
		{"language_5", "board2", 2}, {"language_5", "board5", -3},
		{"absence_6", "board3", 0.25}, {"teacher_concern", "board6", 0.4},
		{"sdq_4", "jgz3", 0.8}, {"sdq_6", "jgz3", 0.8}, {"sdq_8", "jgz3", 0.8}, {"sdq_10", "jgz3", 0.8},
		{"noshow_4", "jgz6", 0.35}, {"noshow_6", "jgz6", 0.35}, {"noshow_8", "jgz6", 0.35}, {"noshow_10", "jgz6", 0.35},
		{"concern_4", "jgz2", -0.4}, {"concern_6", "jgz2", -0.4}, {"concern_8", "jgz2", -0.4}, {"concern_10", "jgz2", -0.4},
	}
}

// FileColumns lists the columns of a group's files after the pseudonym, in
// order, as the names of their links.
func FileColumns(group string) []string {
	var names []string
	for _, l := range Links() {
		if slices.Contains(l.Holders, group) {
			names = append(names, l.Name)
		}
	}
	return names
}

// Errors planted in files and records.
const (
	twice       = 0.005 // lines that stand twice in a file
	mistaken    = 0.003 // lines whose pseudonym is no child's
	implausible = 0.005 // children with an implausible combination of test results
)
