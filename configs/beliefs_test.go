package configs

import (
	"math"
	"reflect"
	"strings"
	"testing"
)

func survival(change func(*Model)) error {
	return asked(KindDiscreteTime, func(s *Study) { change(&s.Model) })
}

func TestDiscreteTimeRefused(t *testing.T) {
	for _, c := range []struct {
		what, code, says string
		change           func(*Model)
	}{
		{"an outcome", CodeValue, "takes no outcome", func(m *Model) { m.Outcome = "y" }},
		{"no time", CodeMissing, "has no time", func(m *Model) { m.Time = "" }},
		{"no event", CodeMissing, "has no event", func(m *Model) { m.Event = "" }},
		{"one column", CodeValue, "one column", func(m *Model) { m.Event = m.Time }},
		{"two models", CodeValue, "both a formula and features", func(m *Model) { m.Formula = "seen ~ period" }},
		{"the event explains itself", CodeValue, "cannot explain themselves", func(m *Model) { m.Features = []string{"seen"} }},
		{"the time explains", CodeValue, "cannot explain themselves", func(m *Model) { m.Features = []string{"age"} }},
		{"one period", CodeValue, "cuts makes no periods", func(m *Model) { m.Cuts = []float64{48, 72} }},
		{"many periods", CodeValue, "cuts makes no periods", func(m *Model) { m.Cuts = make([]float64, MaxPeriods+2) }},
		{"disorder", CodeValue, "not in order", func(m *Model) { m.Cuts = []float64{48, 48, 72} }},
		{"before birth", CodeValue, "not in order", func(m *Model) { m.Cuts = []float64{-1, 48, 72} }},
		{"no number", CodeValue, "not in order", func(m *Model) { m.Cuts = []float64{0, math.NaN(), 72} }},
		{"means", CodeValue, "missing", func(m *Model) { m.Missing = MissingMean }},
		{"a landmark", CodeValue, "landmark with kind", func(m *Model) { a := 72.0; m.Landmark = &a }},
	} {
		refused(t, c.what, survival(c.change), c.code, c.says)
	}
	for what, change := range map[string]func(*Model){
		"time":  func(m *Model) { m.Time = "age" },
		"event": func(m *Model) { m.Event = "seen" },
		"cuts":  func(m *Model) { m.Cuts = []float64{1, 2, 3} },
	} {
		refused(t, what, asked(KindLogistic, func(s *Study) { change(&s.Model) }), CodeValue, "time, event or cuts with kind")
	}
	far := -1.0
	refused(t, "a landmark before birth", asked(KindLogistic, func(s *Study) { s.Model.Landmark = &far }), CodeValue, "a landmark below 0")
	if err := survival(func(m *Model) { m.Features, m.Formula = nil, "seen ~ period * x" }); err != nil {
		t.Error(err)
	}
	m := Model{Cuts: []float64{0, 48.5, 72}}
	if got := m.Periods(); !reflect.DeepEqual(got, []string{"0-48.5", "48.5-72"}) {
		t.Errorf("%q", got)
	}
}

func believing(kind string, change func(*Study)) error {
	s := DefaultStudy()
	s.About.ID = "s"
	s.Model.Kind, s.Model.Outcome, s.Model.Features = kind, "y", []string{"x"}
	s.Priors = []Prior{{"x", 0.4, 0.2}}
	s.Statements = []Statement{stated()}
	change(s)
	return s.Validate()
}

func stated() Statement {
	return Statement{ID: "missed", Who: WhoParent, Says: "It gets worse.", Rule: "x > 1", OddsRatio: 2, Low: 1.2, High: 3.5}
}

func TestBeliefsRefused(t *testing.T) {
	statement := func(change func(*Statement)) func(*Study) {
		return func(s *Study) { change(&s.Statements[0]) }
	}
	for _, c := range []struct {
		what, kind, code, says string
		change                 func(*Study)
	}{
		{"statements about a number", KindLinear, CodeValue, "[[statement]] does not go together", func(*Study) {}},
		{"statements about a count", KindPoisson, CodeValue, "[[statement]] does not go together", func(*Study) {}},
		{"priors about a number", KindLinear, CodeValue, "[[prior]] does not go together", func(s *Study) { s.Statements = nil }},
		{"ridge", KindLogistic, CodeValue, "ridge penalty", func(s *Study) { s.Model.Penalty.Ridge = 1 }},
		{"own intercepts", KindLogistic, CodeValue, "intercepts", func(s *Study) { s.Model.Intercepts = InterceptInstitution }},
		{"many", KindLogistic, CodeValue, "more than", func(s *Study) { s.Statements = make([]Statement, MaxStatements+1) }},
		{"no term", KindLogistic, CodeMissing, "names no term", func(s *Study) { s.Priors[0].Term = "" }},
		{"a term twice", KindLogistic, CodeValue, "given twice", func(s *Study) { s.Priors = append(s.Priors, s.Priors[0]) }},
		{"no mean", KindLogistic, CodeValue, "no usable mean", func(s *Study) { s.Priors[0].Mean = math.NaN() }},
		{"no doubt", KindLogistic, CodeValue, "no usable sd", func(s *Study) { s.Priors[0].SD = 0 }},
		{"no sd", KindLogistic, CodeValue, "no usable sd", func(s *Study) { s.Priors[0].SD = math.Inf(1) }},
		{"a prior of a statement", KindLogistic, CodeValue, "both a [[prior]]", func(s *Study) { s.Priors[0].Term = "missed" }},
		{"no id", KindLogistic, CodeValue, "no usable id", statement(func(s *Statement) { s.ID = "Two words" })},
		{"a long id", KindLogistic, CodeValue, "no usable id", statement(func(s *Statement) { s.ID = strings.Repeat("a", 41) })},
		{"an id twice", KindLogistic, CodeValue, "stands there twice", func(s *Study) { s.Statements = append(s.Statements, stated()) }},
		{"a derived column's name", KindLogistic, CodeValue, "name of a [[derive]]", func(s *Study) { s.Derive = []Derive{{Name: "missed", Value: "x > 2"}} }},
		{"the outcome's name", KindLogistic, CodeValue, "name of the outcome", func(s *Study) { s.Model.Outcome = "missed" }},
		{"who", KindLogistic, CodeValue, "specialist, parent, young_person", statement(func(s *Statement) { s.Who = "neighbour" })},
		{"nothing said", KindLogistic, CodeValue, "no usable says", statement(func(s *Statement) { s.Says = " " })},
		{"a text that turns round", KindLogistic, CodeValue, "no usable says", statement(func(s *Statement) { s.Says = "a\u202eb" })},
		{"no rule", KindLogistic, CodeMissing, "has no rule", statement(func(s *Statement) { s.Rule = "" })},
		{"no odds", KindLogistic, CodeValue, "needs odds_ratio", statement(func(s *Statement) { s.OddsRatio = 0 })},
		{"odds that are no number", KindLogistic, CodeValue, "needs odds_ratio", statement(func(s *Statement) { s.High = math.NaN() })},
		{"no side", KindLogistic, CodeValue, "has no side", statement(func(s *Statement) { s.OddsRatio, s.Low = 1, 0.5 })},
		{"outside", KindLogistic, CodeValue, "outside low to high", statement(func(s *Statement) { s.OddsRatio = 5 })},
		{"certain", KindLogistic, CodeValue, "leaves no doubt", statement(func(s *Statement) { s.Low, s.High = 1.9999, 2.0001 })},
	} {
		refused(t, c.what, believing(c.kind, c.change), c.code, c.says)
	}
	if err := believing(KindLogistic, func(*Study) {}); err != nil {
		t.Error(err)
	}
	if err := believing(KindPoisson, func(s *Study) { s.Statements = nil }); err != nil {
		t.Error(err)
	}
	if got := stated(); got.Column() != (Derive{Name: "missed", Kind: YesNo, Value: "x > 1", Label: "It gets worse."}) {
		t.Errorf("%+v", got.Column())
	}
}

// TestStudyIsWrittenBack: a study that a program made is read as it was.
func TestStudyIsWrittenBack(t *testing.T) {
	age, low, high := 72.0, -3.5, 4.0
	for what, change := range map[string]func(*Study){
		"plain":         func(*Study) {},
		"a date":        func(s *Study) { s.About.Expires, s.About.Question = "2027-07-31", "Why \"so\"?" },
		"a landmark":    func(s *Study) { s.Model.Landmark = &age },
		"a derived one": func(s *Study) { s.Derive = []Derive{{Name: "z", Kind: Number, Value: "x + 1", Min: &low, Max: &high}} },
		"a reference":   func(s *Study) { s.Model.Reference = map[string]string{"a": "b c"} },
		"beliefs": func(s *Study) {
			s.Priors, s.Statements = []Prior{{"x", 0.4, 0.2}}, []Statement{stated()}
		},
		"folds": func(s *Study) {
			s.Evaluate.LeaveOut, s.Evaluate.Folds = LeaveOutFolds, [][]string{{"a", "b", "c"}, {"d"}}
		},
	} {
		s := DefaultStudy()
		s.About.ID = "s"
		s.Model.Kind, s.Model.Outcome, s.Model.Features = KindLogistic, "y", []string{"x"}
		change(s)
		again, err := ParseStudy(s.TOML())
		if err != nil {
			t.Errorf("%s: %v\n%s", what, err, s.TOML())
			continue
		}
		if !reflect.DeepEqual(s, again) {
			t.Errorf("%s: written\n%+v\nread\n%+v\n%s", what, s, again, s.TOML())
		}
	}
}

func TestKnownAt(t *testing.T) {
	for text, ok := range map[string]bool{"48.0": true, "0.0": true, "-1.0": false, "inf": false, "nan": false} {
		c, err := ParseCodebook([]byte("[[column]]\nname = \"a\"\nkind = \"yes_no\"\nknown_at = " + text + "\n"))
		switch {
		case ok && (err != nil || c.Columns[0].KnownAt == nil):
			t.Errorf("known_at %s: %v", text, err)
		case !ok:
			refused(t, text, err, CodeValue, "known_at that is no age")
		}
	}
}
