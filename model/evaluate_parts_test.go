package model_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
)

// TestEvaluationBesideOtherParts: an evaluation goes together with tests of
// terms, standard errors by site and imputed means, and takes four rounds after
// them; where the rounds do not suffice, it is left out and the result says so.
func TestEvaluationBesideOtherParts(t *testing.T) {
	s := demo(t)
	s.Model.Cluster, s.Model.Drop, s.Model.Missing = "school", []string{"ses"}, configs.MissingMean
	s.Evaluate.LeaveOut, s.Evaluate.Folds, s.Evaluate.Where = configs.LeaveOutNone, nil, "test == 1"
	r, tr := evaluate(t, s, same)
	if r.Clusters == nil || len(r.Tests) != 1 || r.Evaluation.HeldOut == nil || len(r.Evaluation.Notes) > 0 || r.Coefficients[1].RobustStdError == nil {
		t.Errorf("a part is missing: %+v", r)
	}
	if h := r.Evaluation.HeldOut; h.Rows < 900 || h.Slope == 0 || h.AUC < 0.8 {
		t.Errorf("%+v", h)
	}
	rounds := 0
	for _, state := range tr.states {
		if bytes.Contains(state, []byte(`"phase":"evaluate"`)) {
			rounds++
		}
	}
	if rounds > 4 {
		t.Errorf("%d rounds for the evaluation", rounds)
	}
	before := len(tr.sums) - rounds
	s.Rounds.Max = before + 2
	r, tr = evaluate(t, s, same)
	if len(tr.sums) != before || r.Evaluation.HeldOut != nil || len(r.Evaluation.Notes) == 0 || !strings.Contains(r.Evaluation.Notes[0], "rounds") {
		t.Errorf("%d rounds of %d, %+v", len(tr.sums), s.Rounds.Max, r.Evaluation)
	}
	s.Rounds.Max = before + 3
	if r, _ = evaluate(t, s, same); r.Evaluation.HeldOut == nil {
		t.Errorf("three rounds suffice for all but the calibration: %+v", r.Evaluation)
	}
}
