package configs

import (
	"slices"
	"strings"
)

// laterKinds are models that the file format names and this version lacks.
func laterKinds() []string {
	return []string{"descriptives", "poisson", "cox", "mixed", "trees"}
}

const onlyThis = "this version fits linear and logistic models on complete cases"

// refuseLater names the first thing in the file that is part of the format but
// not of this version. Silently leaving it out would answer another question.
func (s *Study) refuseLater() error {
	m := &s.Model
	switch {
	case m.Kind == "":
		return missingKey("model", "kind", `write kind = "linear" or kind = "logistic"`)
	case slices.Contains(laterKinds(), m.Kind):
		return later(`choose kind = "linear" or "logistic"`, "[model] kind = "+quote(m.Kind))
	case m.Kind != KindLinear && m.Kind != KindLogistic:
		remedy := `write kind = "linear" or kind = "logistic"`
		if near := nearest(m.Kind, []string{KindLinear, KindLogistic}); near != "" {
			remedy = "did you mean " + quote(near) + "?"
		}
		return fail(CodeValue, remedy, "study file: [model] kind = %q is not known", m.Kind)
	}
	for _, f := range []struct {
		used   bool
		name   string
		remedy string
	}{
		{s.Cohort.Where != "", "[cohort] where", "select the rows before the file is read"},
		{m.Formula != "", "[model] formula", "name the columns in features"},
		{len(m.Reference) > 0, "[model.reference]", "put the reference level first in the codebook's levels"},
		{m.Penalty != (Penalty{}), "[model.penalty]", "remove it for an unpenalised model"},
		{m.Missing == "mean", `[model] missing = "mean"`, `write missing = "complete", or leave it out`},
		{m.Weights != "", "[model] weights", "remove it"},
		{m.Offset != "", "[model] offset", "remove it"},
		{m.Time != "", "[model] time", "remove it"},
		{m.Event != "", "[model] event", "remove it"},
		{m.Ties != "", "[model] ties", "remove it"},
		{m.Baseline != "", "[model] baseline", "remove it"},
		{m.Site != "", "[model] site", "remove it"},
		{m.Method != "", "[model] method", "remove it"},
		{m.Depth != 0, "[model] depth", "remove it"},
		{m.Rounds != 0, "[model] rounds", "remove it; [rounds] max bounds the rounds of a study"},
		{m.LearningRate != 0, "[model] learning_rate", "remove it"},
		{m.MinChild != 0, "[model] min_child", "remove it"},
		{m.Bins != 0, "[model] bins", "remove it"},
		{len(m.Monotone) > 0, "[model] monotone", "remove it"},
		{s.Evaluate.Where != "", "[evaluate] where", "remove [evaluate]"},
		{len(s.Evaluate.Groups) > 0, "[evaluate] groups", "remove [evaluate]"},
		{s.Evaluate.LeaveOut != "none", "[evaluate] leave_out = " + quote(s.Evaluate.LeaveOut), "remove [evaluate]"},
	} {
		if f.used {
			return later(f.remedy, f.name)
		}
	}
	return nil
}

func later(remedy, what string) *Error {
	return fail(CodeLater, remedy, "study file: %s is not in this version; %s", what, onlyThis)
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `'`) + `"` }
