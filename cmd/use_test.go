package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/decide"
)

func TestUseFlags(t *testing.T) {
	if a, err := (&useFlags{}).ask(); a != nil || err != nil {
		t.Errorf("nothing asked: %v, %v", a, err)
	}
	a, err := (&useFlags{capacity: "12/month", of: 400, missedIs: 20}).ask()
	if err != nil || *a != (decide.Ask{Capacity: 12, Per: "month", Of: 400, MissedIs: 20}) {
		t.Errorf("%+v, %v", a, err)
	}
	if a, err := (&useFlags{missedIs: 5}).ask(); err != nil || a.MissedIs != 5 {
		t.Errorf("a price alone: %+v, %v", a, err)
	}
	for _, f := range []useFlags{
		{capacity: "12/month"}, {of: 400}, {of: 400, missedIs: 3}, {capacity: "12", of: 400}, {capacity: "twelve/month", of: 400}, {capacity: "12/moon", of: 400},
		{capacity: "0/month", of: 400}, {capacity: "-1/month", of: 400}, {capacity: "nan/month", of: 400}, {capacity: "inf/month", of: 400}, {capacity: "12/month", of: -1},
		{missedIs: 0.5}, {missedIs: -2}, {missedIs: 1001}, {capacity: "12/\x1b[31m", of: 1},
	} {
		a, err := f.ask()
		if err == nil {
			t.Errorf("%+v gave %+v", f, a)
			continue
		}
		if exitCode(err) != 2 {
			t.Errorf("%+v: exit code %d", f, exitCode(err))
		}
		if strings.ContainsAny(err.Error(), "\x1b") {
			t.Errorf("%q", err)
		}
	}
}

// judgedDocument is a made-up study whose bins fix every number.
func judgedDocument() *Document {
	bins := []model.Bin{{Rows: 1000, Events: 20, Expected: 20}, {Rows: 1000, Events: 80, Expected: 80}, {Rows: 1000, Events: 200, Expected: 200}, {Rows: 1000, Events: 600, Expected: 600}}
	all := model.Judged{Institutions: []string{"a", "b"}, Rows: 4000, Events: 900, Bins: bins}
	one := model.Judged{Institutions: []string{"a"}, Bins: []model.Bin{{Rows: 10, Events: 1, Expected: 1}}}
	return &Document{Result: &model.Result{Evaluation: &model.Evaluation{LeftOut: []model.Judged{one, all}}}}
}

// TestWeigh: the rows of all left-out institutions are weighed, or those kept
// aside, and what comes out is printed.
func TestWeigh(t *testing.T) {
	d := judgedDocument()
	if err := d.weigh(nil); err != nil || d.Use != nil {
		t.Errorf("nothing asked: %+v, %v", d.Use, err)
	}
	ask := &decide.Ask{Capacity: 12, Per: "month", Of: 48, MissedIs: 4}
	if err := d.weigh(ask); err != nil {
		t.Fatal(err)
	}
	if d.Use.Rows != 4000 || d.Use.Selection.Precision.Estimate != 0.6 || d.Use.Price.Threshold != 0.2 {
		t.Errorf("%+v", d.Use)
	}
	var out bytes.Buffer
	printUse(&output{out: &out}, d.Use)
	for _, s := range []string{
		"judged on 4,000 rows that the model never saw, 900 of them with the outcome", "selected for a conversation", "without it (false alarms)        4.8    4.8    4.8",
		"selected is the 25.0% with the highest predictions; 60.0% of them had the outcome (95% interval 56.9% to 63.0%)",
		"as bad as 4 false alarms: selecting from a predicted probability of 0.200", "at this price about 18.0 a month would be selected; the team can see 12",
		"no child below it is thereby without need",
	} {
		if !strings.Contains(out.String(), s) {
			t.Errorf("does not say %q:\n%s", s, out.String())
		}
	}
	text, err := json.Marshal(d.Use)
	if err != nil || !strings.Contains(string(text), `"decision_curve":[{"threshold":`) || !strings.Contains(string(text), `"missed_is":4`) {
		t.Errorf("%s, %v", text, err)
	}
	// Rows kept aside come first.
	d = judgedDocument()
	held := d.Evaluation.LeftOut[1]
	held.Bins = held.Bins[2:]
	d.Evaluation.HeldOut = &held
	if err := d.weigh(ask); err != nil || d.Use.Rows != 2000 {
		t.Errorf("%+v, %v", d.Use, err)
	}
}

// TestNotJudged: without judged rows nothing is said, and why.
func TestNotJudged(t *testing.T) {
	ask := &decide.Ask{MissedIs: 4}
	none := judgedDocument()
	none.Evaluation = nil
	empty := judgedDocument()
	empty.Evaluation.LeftOut = nil
	broken := judgedDocument()
	broken.Evaluation.LeftOut[1].Bins[0].Events = 5000
	for what, d := range map[string]*Document{"no evaluation": none, "nobody judged": empty, "bins that contradict each other": broken} {
		var e *Error
		if err := d.weigh(ask); !errors.As(err, &e) || e.Code() != codeNotJudged || d.Use != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	s := configs.DefaultStudy()
	if judging(s) == nil {
		t.Error("a study without [evaluate] passed")
	}
	s.Evaluate.HeldOut = 0.2
	if err := judging(s); err != nil {
		t.Error(err)
	}
}

// TestVerdicts: each outcome has its own sentence, and none promises anything.
func TestVerdicts(t *testing.T) {
	seen := map[string]bool{}
	for _, best := range []string{decide.Model, decide.Everybody, decide.Nobody, decide.CannotTell} {
		s := verdictOf(&decide.Price{Best: best})
		if seen[s] || strings.Contains(s, "safe") {
			t.Errorf("%s: %q", best, s)
		}
		seen[s] = true
	}
}
