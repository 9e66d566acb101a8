package configs

import (
	"math"
	"slices"
	"strconv"
)

// PeriodColumn is the category that a study of kind discrete_time adds to the
// codebook: in which period of its life a row follows a child.
const PeriodColumn = "period"

// Limits of ages and periods.
const (
	MaxCut     = 1e6
	MaxPeriods = 50
)

// Periods names the periods that the cuts make, in order: 48, 72, 96 make
// "48-72" and "72-96". A period holds its end and not its beginning.
func (m *Model) Periods() []string {
	var names []string
	for i := 1; i < len(m.Cuts); i++ {
		names = append(names, age(m.Cuts[i-1])+"-"+age(m.Cuts[i]))
	}
	return names
}

func age(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// validateSurvival checks the keys of kind discrete_time.
func (m *Model) validateSurvival() error {
	bad := func(remedy, format string, args ...any) error {
		return fail(CodeValue, remedy, "study file: [model] "+format, args...)
	}
	switch {
	case m.Outcome != "":
		return bad("remove outcome; time and event are in its place", "kind = \"discrete_time\" takes no outcome")
	case m.Time == "":
		return missingKey("model", "time", `name the column with the age at the event, or until which a child was followed: time = "report_age"`)
	case m.Event == "":
		return missingKey("model", "event", `name the yes_no column that says whether the event was seen: event = "reported"`)
	case m.Time == m.Event:
		return bad("name a column for each", "time and event are one column")
	case m.Formula != "" && len(m.Features) > 0:
		return bad("keep one of the two", "gives both a formula and features")
	case slices.Contains(m.Features, m.Event), slices.Contains(m.Features, m.Time):
		return bad("remove it from features", "features names time or event, which cannot explain themselves")
	case len(m.Cuts) < 3 || len(m.Cuts) > MaxPeriods+1:
		return bad("list where risk begins and where each period ends: cuts = [48.0, 72.0, 96.0]", "cuts makes no periods, or more than %d: it needs 3 to %d ages", MaxPeriods, MaxPeriods+1)
	}
	for i, c := range m.Cuts {
		if math.IsNaN(c) || c < 0 || c > MaxCut || i > 0 && c <= m.Cuts[i-1] {
			return bad("list ages from the smallest to the largest", "cuts are not in order, or beyond 0 to %g", MaxCut)
		}
	}
	return nil
}
