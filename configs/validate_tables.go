package configs

import "slices"

// MaxIndicators bounds the indicators of a study by area.
const MaxIndicators = 40

// MaxCompared bounds the columns in which rows are compared with all others.
const MaxCompared = 30

// validateAreas checks what a table by area is made of.
func (m *Model) validateAreas() error {
	switch {
	case m.Formula != "" || m.Outcome != "" || len(m.Features) > 0:
		return fail(CodeValue, "list the columns in indicators, and the column of the areas in area",
			"study file: [model] kind = \"areas\" explains nothing and takes no outcome, features or formula")
	case m.Area == "":
		return missingKey("model", "area", "name the category whose levels are the areas")
	case len(m.Indicators) == 0:
		return missingKey("model", "indicators", "name the yes_no columns that are counted by area")
	case len(m.Indicators) > MaxIndicators:
		return fail(CodeValue, "choose fewer", "study file: [model] indicators names %d columns, at most %d", len(m.Indicators), MaxIndicators)
	}
	if m.Children != "" && !slices.Contains(m.Indicators, m.Children) {
		return fail(CodeValue, "list it among the indicators", "study file: [model] children = %q is no indicator of the study", m.Children)
	}
	for i, name := range m.Indicators {
		if name == "" || name == m.Area || slices.Contains(m.Indicators[:i], name) {
			return fail(CodeValue, "name each yes_no column once", "study file: [model] indicators names %q twice, or it is no indicator", name)
		}
	}
	return nil
}

// validateAnomaly checks what rows are compared in.
func (m *Model) validateAnomaly() error {
	switch {
	case m.Formula != "" || m.Outcome != "":
		return fail(CodeValue, "list the columns in features", "study file: [model] kind = \"anomaly\" explains nothing and takes no outcome or formula")
	case len(m.Features) < 2:
		return fail(CodeValue, "name at least two columns of numbers", "study file: [model] kind = \"anomaly\" compares rows in two columns or more, and features names %d", len(m.Features))
	case len(m.Features) > MaxCompared:
		return fail(CodeValue, "choose fewer", "study file: [model] features names %d columns, at most %d are compared", len(m.Features), MaxCompared)
	}
	return nil
}
