package configs

import (
	"slices"
	"strings"
)

// kinds are the models of this version.
func kinds() []string {
	return []string{KindLinear, KindLogistic, KindPoisson, KindMixed, KindDescriptives, KindDiscreteTime, KindAreas, KindAnomaly}
}

// laterKinds are models that the file format names and this version lacks.
func laterKinds() []string { return []string{"cox", "trees"} }

const onlyThis = "this version fits linear, logistic, poisson, mixed and discrete-time models, describes columns, counts by area and looks for rows unlike the others"

// refuseLater names the first thing in the file that is part of the format but
// not of this version. Silently leaving it out would answer another question.
func (s *Study) refuseLater() error {
	m := &s.Model
	remedy := "write one of: kind = " + quote(strings.Join(kinds(), `", "`))
	switch {
	case m.Kind == "":
		return missingKey("model", "kind", remedy)
	case slices.Contains(laterKinds(), m.Kind):
		return later(remedy, "[model] kind = "+quote(m.Kind))
	case !slices.Contains(kinds(), m.Kind):
		if near := nearest(m.Kind, kinds()); near != "" {
			remedy = "did you mean " + quote(near) + "?"
		}
		return fail(CodeValue, remedy, "study file: [model] kind = %q is not known", m.Kind)
	}
	for _, f := range []struct {
		used   bool
		name   string
		remedy string
	}{
		{m.Penalty.Lasso != 0, "[model.penalty] lasso", "use ridge, or remove it for an unpenalised model"},
		{m.Ties != "", "[model] ties", "remove it"},
		{m.Baseline != "", "[model] baseline", "remove it"},
		{m.Depth != 0, "[model] depth", "remove it"},
		{m.Rounds != 0, "[model] rounds", "remove it; [rounds] max bounds the rounds of a study"},
		{m.LearningRate != 0, "[model] learning_rate", "remove it"},
		{m.MinChild != 0, "[model] min_child", "remove it"},
		{m.Bins != 0, "[model] bins", "remove it"},
		{len(m.Monotone) > 0, "[model] monotone", "remove it"},
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
