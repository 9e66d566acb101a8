package configs

import (
	"fmt"
	"math"
	"slices"
)

// MaxDerived bounds the derived columns of one study.
const MaxDerived = 50

// validateDerived checks what can be said of derived columns without a
// codebook; their expressions are read by package model.
func (s *Study) validateDerived() error {
	if len(s.Derive) > MaxDerived {
		return fail(CodeValue, "derive fewer", "study file: %d [[derive]] tables, at most %d", len(s.Derive), MaxDerived)
	}
	for i := range s.Derive {
		d := &s.Derive[i]
		if d.Kind == "" {
			d.Kind = YesNo
		}
		if d.Value == "" {
			return fail(CodeMissing, `write an expression such as value = "age < 8"`, "study file: [[derive]] %q has no value", d.Name)
		}
		if !slices.Contains([]string{YesNo, Number, Integer}, d.Kind) {
			return fail(CodeValue, "choose one of: yes_no, number, integer", "study file: [[derive]] %q is of kind %q", d.Name, d.Kind)
		}
		if slices.ContainsFunc(s.Derive[:i], func(o Derive) bool { return o.Name == d.Name }) {
			return fail(CodeValue, "name it once", "study file: two [[derive]] tables are named %q", d.Name)
		}
		c := d.Column()
		if !validColumnName(d.Name) {
			return fail(CodeValue, "give it a name as a column has", "study file: [[derive]] number %d has no usable name", i+1)
		}
		if err := c.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// Column describes the derived column as a codebook does.
func (d *Derive) Column() Column {
	return Column{Name: d.Name, Kind: d.Kind, Label: d.Label, Sensitivity: Ordinary, Min: d.Min, Max: d.Max}
}

func (m *Model) validate() error {
	switch {
	case m.Kind == KindDescriptives:
		if m.Formula != "" || m.Outcome != "" {
			return fail(CodeValue, "list the columns in features, and the column to compare in group",
				"study file: [model] kind = \"descriptives\" explains nothing and takes no outcome or formula")
		}
	case m.Kind == KindAreas:
		if err := m.validateAreas(); err != nil {
			return err
		}
	case m.Kind == KindAnomaly:
		if err := m.validateAnomaly(); err != nil {
			return err
		}
	case m.Kind == KindDiscreteTime:
		if err := m.validateSurvival(); err != nil {
			return err
		}
	case m.Formula != "" && (m.Outcome != "" || len(m.Features) > 0):
		return fail(CodeValue, "keep one of the two", "study file: [model] gives both a formula and outcome or features")
	case m.Formula == "" && m.Outcome == "":
		return missingKey("model", "outcome", "name the column that is to be explained, or write a formula")
	}
	if m.Formula == "" && len(m.Features) == 0 && m.Kind != KindAreas {
		return missingKey("model", "features", "name the columns that explain the outcome, in a list")
	}
	if len(m.Features) > MaxFeatures {
		return fail(CodeValue, "choose fewer", "study file: [model] features names %d columns, at most %d are fitted", len(m.Features), MaxFeatures)
	}
	for i, f := range m.Features {
		switch {
		case f == "":
			return fail(CodeValue, "remove it", "study file: [model] features holds an empty name")
		case f == m.Outcome:
			return fail(CodeValue, "remove it from features", "study file: [model] %q is the outcome and cannot explain itself", f)
		case slices.Contains(m.Features[:i], f):
			return fail(CodeValue, "name it once", "study file: [model] features names %q twice", f)
		}
	}
	if err := oneOf("model", "missing", m.Missing, MissingComplete, MissingMean); err != nil {
		return err
	}
	if err := oneOf("model", "intercepts", m.Intercepts, InterceptCommon, InterceptInstitution); err != nil {
		return err
	}
	if err := oneOf("model", "method", m.Method, MethodREML, MethodML); err != nil {
		return err
	}
	if r := m.Penalty.Ridge; !(r >= 0 && r <= 1e6) {
		return fail(CodeValue, "give a number such as 0.01", "study file: [model.penalty] ridge must be from 0 to a million")
	}
	return m.together()
}

// together refuses keys that do not go together in this version.
func (m *Model) together() error {
	institution, ridge := m.Intercepts == InterceptInstitution, m.Penalty.Ridge > 0
	glm := slices.Contains([]string{KindLinear, KindLogistic, KindPoisson, KindDiscreteTime}, m.Kind)
	survival := m.Kind == KindDiscreteTime
	for _, c := range []struct {
		bad          bool
		what, remedy string
	}{
		{len(m.Indicators) > 0 && m.Missing != MissingMean && m.Kind != KindAreas, "indicators without missing = \"mean\"", "add missing = \"mean\", or remove indicators"},
		{!glm && m.Weights != "", "weights with kind = " + quote(m.Kind), "remove weights"},
		{!glm && m.Offset != "", "offset with kind = " + quote(m.Kind), "remove offset"},
		{!glm && m.Cluster != "", "cluster with kind = " + quote(m.Kind), "remove cluster; a mixed model already has a term for its site"},
		{!glm && institution, "intercepts with kind = " + quote(m.Kind), "remove intercepts"},
		{!glm && ridge, "a ridge penalty with kind = " + quote(m.Kind), "remove [model.penalty]"},
		{!glm && len(m.Drop) > 0, "drop with kind = " + quote(m.Kind), "remove drop, and fit the smaller model as a study of its own"},
		{institution && m.Cluster != "", "intercepts = \"institution\" with cluster", "choose one of the two"},
		{institution && ridge, "intercepts = \"institution\" with a ridge penalty", "choose one of the two"},
		{ridge && m.Cluster != "", "a ridge penalty with cluster", "choose one of the two"},
		{ridge && len(m.Drop) > 0, "a ridge penalty with drop", "choose one of the two: a penalised model has no likelihood-ratio test"},
		{survival && m.Missing == MissingMean, "missing = \"mean\" with kind = \"discrete_time\"", "remove missing: a mean over person-periods counts a child as often as it was followed"},
		{m.Landmark != nil && !slices.Contains([]string{KindLinear, KindLogistic, KindPoisson, KindMixed}, m.Kind), "landmark with kind = " + quote(m.Kind), "remove landmark: nothing is predicted from one age"},
		{!survival && (m.Time != "" || m.Event != "" || len(m.Cuts) > 0), "time, event or cuts with kind = " + quote(m.Kind), "write kind = \"discrete_time\", or remove them"},
		{m.Kind == KindMixed && m.Site == "", "kind = \"mixed\" without site", "name the column of the random intercept: site = \"school\""},
		{m.Kind != KindMixed && m.Site != "", "site without kind = \"mixed\"", "write kind = \"mixed\", or remove site"},
		{m.Kind != KindDescriptives && m.Group != "", "group without kind = \"descriptives\"", "remove group; fairness tables stand in [evaluate] groups"},
		{m.Kind == KindDescriptives && m.Missing == MissingMean, "missing = \"mean\" with kind = \"descriptives\"", "remove missing: a table counts what is missing"},
		{m.Landmark != nil && !(*m.Landmark >= 0 && *m.Landmark <= MaxCut), "a landmark below 0 or above " + fmt.Sprint(MaxCut), "give the age in months, such as 72.0"},
		{m.Kind != KindAreas && (m.Area != "" || m.Children != ""), "area or children with kind = " + quote(m.Kind), "write kind = \"areas\", or remove them"},
		{m.Kind != KindAnomaly && m.Reweigh, "reweigh with kind = " + quote(m.Kind), "remove reweigh"},
		{(m.Kind == KindAreas || m.Kind == KindAnomaly) && (m.Missing == MissingMean || m.Landmark != nil || len(m.Reference) > 0), "missing = \"mean\", reference or a landmark with kind = " + quote(m.Kind), "remove them: nothing is predicted"},
		{len(m.Drop) > MaxDrop, "more than " + fmt.Sprint(MaxDrop) + " groups in drop", "test fewer"},
	} {
		if c.bad {
			return fail(CodeValue, c.remedy, "study file: [model] %s does not go together", c.what)
		}
	}
	return nil
}

// MaxDrop bounds the tests of one study, and MaxFolds the models that judge
// institutions they never saw: each is a model of its own.
const (
	MaxDrop  = 20
	MaxFolds = 16
)

func (e *Evaluate) validate(least int) error {
	if err := oneOf("evaluate", "leave_out", e.LeaveOut, LeaveOutNone, LeaveOutFolds); err != nil {
		return err
	}
	bad := func(remedy, format string, args ...any) error {
		return fail(CodeValue, remedy, "study file: [evaluate] "+format, args...)
	}
	switch {
	case math.IsNaN(e.HeldOut) || e.HeldOut < 0 || e.HeldOut > 0.9:
		return bad("give a share such as 0.25", "held_out must be from 0 to 0.9")
	case e.HeldOut > 0 && e.Where != "":
		return bad("keep one of the two", "gives both where and held_out")
	case e.HeldOut > 0 && e.By == "":
		return bad(`write by = "school", so that a school's rows stay on one side`, "held_out needs the column whose values stay together")
	case e.By != "" && e.HeldOut == 0:
		return bad("add held_out, or remove by", "by has no held_out")
	case !(e.Select >= 0.01 && e.Select <= 0.5):
		return bad("0.15 is usual", "select must be from 0.01 to 0.5")
	case len(e.Groups) > 10:
		return bad("choose fewer", "groups names %d columns, at most 10", len(e.Groups))
	case e.LeaveOut == LeaveOutFolds && len(e.Folds) < 2:
		return bad(`list them: folds = [["board1", "board2", "board3"], ["board4", "board5", "board6"]]`,
			"leave_out = \"folds\" needs at least two folds of %d institutions or more", least)
	case e.LeaveOut == LeaveOutNone && len(e.Folds) > 0:
		return bad(`write leave_out = "folds", or remove folds`, "folds are listed and not used")
	case len(e.Folds) > MaxFolds:
		return bad("make larger folds", "%d folds, at most %d", len(e.Folds), MaxFolds)
	}
	seen := map[string]bool{}
	for _, fold := range e.Folds {
		for _, name := range fold {
			if !ValidName(name) || seen[name] {
				return bad("name each institution in one fold", "folds names an institution twice, or one without a usable name")
			}
			seen[name] = true
		}
		if len(fold) == 0 {
			return bad("remove it", "folds holds an empty fold")
		}
	}
	return nil
}
