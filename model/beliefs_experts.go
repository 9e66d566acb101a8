package model

import (
	"strconv"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/statement"
)

// ExpertScore is the column that ExpertsAlone derives.
const ExpertScore = "expert_score"

// ExpertsAlone returns the study that judges what the statements of a logistic
// study predict without any data: its one predictor is the sum, over the
// statements that are true of a child, of their stated log odds ratios to six
// decimals. Cohort, outcome and evaluation are those of s, so that the AUC can
// be laid beside that of s. The fit adds an intercept and one slope; a slope
// above 0 leaves the ranking as it was stated, and one below 0 says that the
// score ranks the wrong way round, so that the AUC then is that of the reverse.
func ExpertsAlone(s *configs.Study) (*configs.Study, error) {
	switch {
	case len(s.Statements) == 0:
		return nil, fail(CodeKind, "add [[statement]] tables", "study %s has no statements, so that experts alone predict nothing", s.About.ID)
	case s.Model.Kind != configs.KindLogistic:
		return nil, fail(CodeKind, "write a logistic study with the same statements", "study %s is of kind %s; only what a logistic study predicts is judged", s.About.ID, s.Model.Kind)
	}
	outcome := s.Model.Outcome
	if s.Model.Formula != "" {
		p := &Plan{study: s}
		f, err := p.formula()
		if err != nil {
			return nil, err
		}
		outcome = f.Outcome
	}
	out := *configs.DefaultStudy()
	out.About, out.Cohort, out.Evaluate, out.Rounds, out.Privacy = s.About, s.Cohort, s.Evaluate, s.Rounds, s.Privacy
	const ending = "-experts-alone"
	out.About.ID = s.About.ID[:min(len(s.About.ID), 64-len(ending))] + ending
	out.Derive, out.Texts = append(out.Derive, s.Derive...), s.Texts
	low, high := 0.0, 0.0
	var parts []string
	for i := range s.Statements {
		t := &s.Statements[i]
		out.Derive = append(out.Derive, t.Column())
		mean, _ := statement.Prior(t.OddsRatio, t.Low, t.High)
		text := strconv.FormatFloat(mean, 'f', 6, 64)
		mean, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fail(CodeKind, "give another odds_ratio", "statement %q has no usable odds_ratio", t.ID)
		}
		parts = append(parts, "("+t.ID+" ? "+text+" : 0.0)")
		low, high = low+min(0, mean), high+max(0, mean)
	}
	low, high = low-0.001, high+0.001 // what rounding adds up to
	out.Derive = append(out.Derive, configs.Derive{Name: ExpertScore, Kind: configs.Number, Value: strings.Join(parts, " + "), Min: &low, Max: &high,
		Label: "Sum of the stated log odds ratios"})
	out.Model.Kind, out.Model.Outcome, out.Model.Features = configs.KindLogistic, outcome, []string{ExpertScore}
	out.Model.Landmark = s.Model.Landmark
	if err := out.Validate(); err != nil {
		return nil, err
	}
	return &out, nil
}
