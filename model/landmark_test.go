package model_test

import (
	"os"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// landmark reads the study at the age of 6 that is shipped as an example, with
// another landmark if one is given.
func landmark(t testing.TB, months string) *configs.Study {
	t.Helper()
	text, err := os.ReadFile("testdata/landmark.toml")
	if err != nil {
		t.Fatal(err)
	}
	if months != "" {
		text = []byte(strings.Replace(string(text), "landmark = 72.0", "landmark = "+months, 1))
	}
	s, err := configs.ParseStudy(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestLandmarkEqualsR: a landmark model needs a cohort, a derived outcome, and
// nothing else.
func TestLandmarkEqualsR(t *testing.T) {
	p := plan(t, landmark(t, ""), invented())
	tables := childrenOf(t, append(p.Columns(), "reported"))
	for _, table := range tables {
		age, _ := table.Column("report_age")
		reported, _ := table.Column("reported")
		for i := range age.Values {
			if reported.Values[i] == 0 { // the study's way of saying that there is no report
				age.Values[i], age.Missing[i] = 0, false
			}
		}
	}
	r, err := p.Result(run(t, p, prepared(t, p, tables...)).last())
	if err != nil {
		t.Fatal(err)
	}
	want := survivalAnswers(t)["landmark"]
	t.Logf("%d rows, largest difference from R %.2g", r.RowsUsed, want.away(t, r))
}

// TestLandmarkRefused: a model that knows the future, by the column itself, by
// one that is made of it, and by what the outcome is made of.
func TestLandmarkRefused(t *testing.T) {
	for _, c := range []struct {
		what, months, says string
		change             func(*configs.Study)
	}{
		{"measured later", "48.0", `"sdq_6" is known at 72 months, and the landmark is 48: a model that knows the future`, nil},
		{"made of what is measured later", "48.0", `"rising" is known at 72 months`, func(s *configs.Study) { s.Model.Features = []string{"girl", "rising"} }},
		{"derived twice", "48.0", `"steep" is known at 72 months`, func(s *configs.Study) {
			s.Derive = append(s.Derive, configs.Derive{Name: "steep", Kind: configs.YesNo, Value: "rising > 3"})
			s.Model.Features = []string{"girl", "steep"}
		}},
		{"in a product", "48.0", `"sdq_6" is known at 72 months`, func(s *configs.Study) {
			s.Model.Outcome, s.Model.Features, s.Model.Formula = "", nil, "reported_by_12 ~ girl * sdq_6"
		}},
		{"as an offset", "48.0", `"sdq_6" is known at 72 months`, func(s *configs.Study) { s.Model.Features, s.Model.Offset = []string{"girl"}, "sdq_6" }},
		{"as weights", "48.0", `"sdq_6" is known at 72 months`, func(s *configs.Study) { s.Model.Features, s.Model.Weights = []string{"girl"}, "sdq_6" }},
		{"the outcome in other words", "72.0", `"report_age" is made of "report_age", of which the outcome is made too`, func(s *configs.Study) { s.Model.Features = []string{"girl", "report_age"} }},
	} {
		s := landmark(t, c.months)
		if c.change != nil {
			c.change(s)
		}
		refusedPlan(t, c.what, s, invented(), model.CodeFuture, c.says)
	}
	// The cohort may read what decides who has not been reported yet, and a
	// column of which nobody said when it is known is not judged.
	s := landmark(t, "48.0")
	s.Model.Features = []string{"girl", "sdq_4"}
	if _, err := model.New(s, invented()); err != nil {
		t.Error(err)
	}
	s.Model.Landmark, s.Model.Features = nil, []string{"sdq_6"}
	if _, err := model.New(s, invented()); err != nil {
		t.Errorf("without a landmark: %v", err)
	}
}
