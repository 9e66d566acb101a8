package configs

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// asked is a study that this version may or may not fit yet: the rules below
// are about what goes together, whatever later.go still refuses.
func asked(kind string, change func(*Study)) error {
	s := DefaultStudy()
	s.About.ID = "s"
	s.Model.Kind, s.Model.Outcome, s.Model.Features = kind, "y", []string{"x"}
	switch kind {
	case KindMixed:
		s.Model.Site = "school"
	case KindDescriptives:
		s.Model.Outcome = ""
	case KindAreas:
		s.Model.Outcome, s.Model.Features, s.Model.Area, s.Model.Indicators = "", nil, "area", []string{"arrears"}
	case KindAnomaly:
		s.Model.Outcome, s.Model.Features = "", []string{"x", "y"}
	case KindDiscreteTime:
		s.Model.Outcome, s.Model.Time, s.Model.Event, s.Model.Cuts = "", "age", "seen", []float64{48, 72, 96}
	}
	change(s)
	if err := s.validateDerived(); err != nil {
		return err
	}
	if err := s.Model.validate(); err != nil {
		return err
	}
	return s.Evaluate.validate(s.Privacy.MinInstitutions)
}

func derived(d ...Derive) func(*Study) { return func(s *Study) { s.Derive = d } }

func TestDerivedRefused(t *testing.T) {
	zero, one := 0.0, 1.0
	for _, c := range []struct {
		what, code, says string
		change           func(*Study)
	}{
		{"no value", CodeMissing, `[[derive]] "a" has no value`, derived(Derive{Name: "a"})},
		{"kind", CodeValue, `[[derive]] "a" is of kind "category"`, derived(Derive{Name: "a", Kind: Category, Value: "x"})},
		{"twice", CodeValue, `two [[derive]] tables are named "a"`, derived(Derive{Name: "a", Value: "x > 1"}, Derive{Name: "a", Value: "x > 2"})},
		{"no name", CodeValue, "[[derive]] number 1 has no usable name", derived(Derive{Value: "x > 1"})},
		{"no range", CodeValue, `column "a" needs min and max`, derived(Derive{Name: "a", Kind: Number, Value: "x + 1"})},
		{"a range of yes_no", CodeValue, "takes no min or max", derived(Derive{Name: "a", Value: "x > 1", Min: &zero, Max: &one})},
		{"too many", CodeValue, fmt.Sprintf("%d [[derive]] tables, at most %d", MaxDerived+1, MaxDerived), derived(make([]Derive, MaxDerived+1)...)},
	} {
		refused(t, c.what, asked(KindLinear, c.change), c.code, c.says)
	}
	if err := asked(KindLinear, derived(Derive{Name: "a", Value: "x > 1"}, Derive{Name: "b", Kind: Number, Value: "x / 2", Min: &zero, Max: &one})); err != nil {
		t.Error(err)
	}
	d := Derive{Name: "a", Kind: YesNo, Value: "x > 1", Label: "Above one"}
	if got, want := d.Column(), (Column{Name: "a", Kind: YesNo, Label: "Above one", Sensitivity: Ordinary}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestModelRefused(t *testing.T) {
	for _, c := range []struct {
		what, kind, code, says string
		change                 func(*Model)
	}{
		{"an outcome of descriptives", KindDescriptives, CodeValue, "takes no outcome or formula", func(m *Model) { m.Outcome = "y" }},
		{"a formula of descriptives", KindDescriptives, CodeValue, "takes no outcome or formula", func(m *Model) { m.Formula = "y ~ x" }},
		{"formula and outcome", KindLinear, CodeValue, "both a formula and outcome or features", func(m *Model) { m.Formula = "y ~ x" }},
		{"no outcome", KindLinear, CodeMissing, "[model] has no outcome", func(m *Model) { m.Outcome = "" }},
		{"no features", KindLinear, CodeMissing, "[model] has no features", func(m *Model) { m.Features = nil }},
		{"many features", KindLinear, CodeValue, "at most 200", func(m *Model) { m.Features = make([]string, MaxFeatures+1) }},
		{"missing", KindLinear, CodeValue, "complete, mean", func(m *Model) { m.Missing = "median" }},
		{"intercepts", KindLinear, CodeValue, "common, institution", func(m *Model) { m.Intercepts = "school" }},
		{"method", KindMixed, CodeValue, "reml, ml", func(m *Model) { m.Method = "bayes" }},
		{"a negative penalty", KindLogistic, CodeValue, "ridge must be from 0", func(m *Model) { m.Penalty.Ridge = -1 }},
		{"indicators alone", KindLinear, CodeValue, "indicators without missing", func(m *Model) { m.Indicators = []string{"x"} }},
		{"weights", KindMixed, CodeValue, `weights with kind = "mixed"`, func(m *Model) { m.Weights = "w" }},
		{"offset", KindDescriptives, CodeValue, `offset with kind = "descriptives"`, func(m *Model) { m.Offset = "o" }},
		{"cluster", KindMixed, CodeValue, `cluster with kind = "mixed"`, func(m *Model) { m.Cluster = "school" }},
		{"own intercepts", KindMixed, CodeValue, `intercepts with kind = "mixed"`, func(m *Model) { m.Intercepts = InterceptInstitution }},
		{"ridge", KindMixed, CodeValue, `a ridge penalty with kind = "mixed"`, func(m *Model) { m.Penalty.Ridge = 1 }},
		{"drop", KindMixed, CodeValue, `drop with kind = "mixed"`, func(m *Model) { m.Drop = []string{"x"} }},
		{"own intercepts and cluster", KindLinear, CodeValue, "with cluster does not go together", func(m *Model) { m.Intercepts, m.Cluster = InterceptInstitution, "school" }},
		{"own intercepts and ridge", KindLinear, CodeValue, "with a ridge penalty does not", func(m *Model) { m.Intercepts, m.Penalty.Ridge = InterceptInstitution, 1 }},
		{"ridge and cluster", KindLinear, CodeValue, "a ridge penalty with cluster", func(m *Model) { m.Cluster, m.Penalty.Ridge = "school", 1 }},
		{"ridge and drop", KindLinear, CodeValue, "a ridge penalty with drop", func(m *Model) { m.Drop, m.Penalty.Ridge = []string{"x"}, 1 }},
		{"mixed without a site", KindMixed, CodeValue, `kind = "mixed" without site`, func(m *Model) { m.Site = "" }},
		{"a site without mixed", KindLinear, CodeValue, `site without kind = "mixed"`, func(m *Model) { m.Site = "school" }},
		{"a group without descriptives", KindLinear, CodeValue, `group without kind = "descriptives"`, func(m *Model) { m.Group = "girl" }},
		{"means of descriptives", KindDescriptives, CodeValue, `missing = "mean" with kind`, func(m *Model) { m.Missing = MissingMean }},
		{"a table by area without areas", KindAreas, CodeMissing, "[model] has no area", func(m *Model) { m.Area = "" }},
		{"a table by area of nothing", KindAreas, CodeMissing, "[model] has no indicators", func(m *Model) { m.Indicators = nil }},
		{"an outcome of areas", KindAreas, CodeValue, "takes no outcome, features or formula", func(m *Model) { m.Outcome = "y" }},
		{"features of areas", KindAreas, CodeValue, "takes no outcome, features or formula", func(m *Model) { m.Features = []string{"x"} }},
		{"an indicator twice", KindAreas, CodeValue, `names "a" twice`, func(m *Model) { m.Indicators = []string{"a", "a"} }},
		{"the area as indicator", KindAreas, CodeValue, `"area" twice, or it is no indicator`, func(m *Model) { m.Indicators = []string{"area"} }},
		{"many indicators", KindAreas, CodeValue, "at most 40", func(m *Model) { m.Indicators = make([]string, MaxIndicators+1) }},
		{"children that nobody counts", KindAreas, CodeValue, `children = "resident" is no indicator`, func(m *Model) { m.Children = "resident" }},
		{"means of areas", KindAreas, CodeValue, `with kind = "areas"`, func(m *Model) { m.Missing = MissingMean }},
		{"an area without areas", KindLinear, CodeValue, `area or children with kind = "linear"`, func(m *Model) { m.Area = "area" }},
		{"one column of anomalies", KindAnomaly, CodeValue, "two columns or more", func(m *Model) { m.Features = []string{"x"} }},
		{"many columns of anomalies", KindAnomaly, CodeValue, "at most 30", func(m *Model) { m.Features = make([]string, MaxCompared+1) }},
		{"an outcome of anomalies", KindAnomaly, CodeValue, "takes no outcome or formula", func(m *Model) { m.Outcome = "y" }},
		{"reweigh alone", KindLinear, CodeValue, "reweigh with kind", func(m *Model) { m.Reweigh = true }},
		{"many tests", KindLinear, CodeValue, fmt.Sprintf("more than %d groups in drop", MaxDrop), func(m *Model) { m.Drop = make([]string, MaxDrop+1) }},
	} {
		refused(t, c.what, asked(c.kind, func(s *Study) { c.change(&s.Model) }), c.code, c.says)
	}
	for _, kind := range []string{KindLinear, KindLogistic, KindPoisson, KindMixed, KindDescriptives, KindDiscreteTime, KindAreas, KindAnomaly} {
		if err := asked(kind, func(*Study) {}); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		if says := KindInWords(kind); !strings.HasPrefix(says, "a ") {
			t.Errorf("%s: %s", kind, says)
		}
	}
	if err := asked(KindPoisson, func(s *Study) {
		s.Model.Outcome, s.Model.Features, s.Model.Formula = "", nil, "visits ~ age * girl + offset(log_years)"
		s.Model.Weights, s.Model.Cluster, s.Model.Drop = "w", "school", []string{"age:girl"}
		s.Model.Missing, s.Model.Indicators = MissingMean, []string{"age"}
	}); err != nil {
		t.Errorf("a formula with everything that goes with it: %v", err)
	}
}

func TestEvaluateRefused(t *testing.T) {
	folds := [][]string{{"a", "b", "c"}, {"d", "e", "f"}}
	for _, c := range []struct {
		what, says string
		change     func(*Evaluate)
	}{
		{"leave_out", "choose one of: none, folds", func(e *Evaluate) { e.LeaveOut = "school" }},
		{"a share above all", "held_out must be from 0 to 0.9", func(e *Evaluate) { e.HeldOut, e.By = 1.5, "school" }},
		{"both", "gives both where and held_out", func(e *Evaluate) { e.HeldOut, e.By, e.Where = 0.2, "school", "x > 1" }},
		{"no unit", "held_out needs the column whose values stay together", func(e *Evaluate) { e.HeldOut = 0.2 }},
		{"a unit of nothing", "by has no held_out", func(e *Evaluate) { e.By = "school" }},
		{"select", "select must be from 0.01 to 0.5", func(e *Evaluate) { e.Select = 0.9 }},
		{"many groups", "groups names 11 columns", func(e *Evaluate) { e.Groups = make([]string, 11) }},
		{"one fold", "at least two folds", func(e *Evaluate) { e.LeaveOut, e.Folds = LeaveOutFolds, folds[:1] }},
		{"folds of nothing", "folds are listed and not used", func(e *Evaluate) { e.Folds = folds }},
		{"many folds", fmt.Sprintf("17 folds, at most %d", MaxFolds), func(e *Evaluate) { e.LeaveOut, e.Folds = LeaveOutFolds, make([][]string, MaxFolds+1) }},
		{"twice in folds", "names an institution twice", func(e *Evaluate) { e.LeaveOut, e.Folds = LeaveOutFolds, [][]string{{"a", "b"}, {"c", "a"}} }},
		{"no name", "without a usable name", func(e *Evaluate) { e.LeaveOut, e.Folds = LeaveOutFolds, [][]string{{"a b"}, {"c"}} }},
		{"an empty fold", "an empty fold", func(e *Evaluate) { e.LeaveOut, e.Folds = LeaveOutFolds, [][]string{{"a"}, {}} }},
	} {
		refused(t, c.what, asked(KindLogistic, func(s *Study) { c.change(&s.Evaluate) }), CodeValue, c.says)
	}
	for what, change := range map[string]func(*Evaluate){
		"a share": func(e *Evaluate) { e.HeldOut, e.By = 0.25, "school" },
		"rows":    func(e *Evaluate) { e.Where = "x > 1" },
		"folds":   func(e *Evaluate) { e.LeaveOut, e.Folds = LeaveOutFolds, folds },
		"groups":  func(e *Evaluate) { e.Groups = []string{"minority"} },
	} {
		if err := asked(KindLogistic, func(s *Study) { change(&s.Evaluate) }); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}
