package node

import (
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
)

// TestWrittenStudies: the rules see through a formula, a derived column and a
// cohort to the columns of the records.
func TestWrittenStudies(t *testing.T) {
	model := func(formula string) string {
		return "[model]\nkind = \"logistic\"\nformula = \"" + formula + "\"\n"
	}
	derive := func(name, value string) string {
		return "[[derive]]\nname = \"" + name + "\"\nvalue = \"" + value + "\"\n"
	}
	everyMethod := func(q *question) { q.policy.AllowMethods = nil }
	for _, c := range []struct {
		what, code, says string // code "" passes
		tables           string
		change           func(*question)
	}{
		{"a formula", "", "", model("delay ~ iq_verbal * girl"), nil},
		{"a derived outcome called theft", CodeOffendingAsked, `"note_diefstal"`, derive("note_diefstal", "iq_verbal > 2.0") + model("note_diefstal ~ girl"), nil},
		{"a column of a product", CodeColumnDenied, `"girl"`, model("delay ~ iq_verbal * girl"),
			func(q *question) { q.policy.DenyColumns = []string{"girl"} }},
		{"the outcome of a formula", CodeColumnDenied, `"delay"`, model("delay ~ girl"),
			func(q *question) { q.policy.DenyColumns = []string{"delay"} }},
		{"a column of the cohort", CodeColumnDenied, `"minority"`, "[cohort]\nwhere = \"!minority\"\n" + model("delay ~ girl"),
			func(q *question) { q.policy.DenyColumns = []string{"minority"} }},
		{"a protected column in the cohort only", "", "", "[cohort]\nwhere = \"!minority\"\n" + model("delay ~ girl"), nil},
		{"a protected column for fairness only", "", "", model("delay ~ girl") + "[evaluate]\nwhere = \"iq_verbal > 3.0\"\ngroups = [\"minority\"]\n", nil},
		{"a column behind two derived ones", CodeColumnDenied, `"asthma"`,
			derive("ill", "asthma") + derive("both", "ill && girl") + model("delay ~ both"), func(q *question) { q.policy.DenyColumns = []string{"asthma"} }},
		{"social media behind a derived column", CodeSocialMedia, `"social_media_hours"`, derive("busy", "social_media_hours > 3.0") + model("delay ~ busy"), nil},
		{"a sensitive column behind a derived one, in a rehearsal", CodeRehearsal, `"asthma"`, derive("ill", "asthma") + model("delay ~ ill"),
			func(q *question) { q.charter.Rehearsal, q.policy.Openness = true, configs.OpenPublic }},
		{"institutions as levels in the cohort", CodeSiteColumn, `"board"`, "[cohort]\nwhere = \"board == 'board02'\"\n" + model("delay ~ girl"), nil},
		{"a fold of two institutions", CodeIsolated, "a fold of 2", model("delay ~ girl") + "[evaluate]\nleave_out = \"folds\"\nfolds = [[\"board01\", \"board02\"], [\"board03\", \"board04\", \"board05\"]]\n", nil},
		{"a fold of two institutions, accepted", "", "", model("delay ~ girl") + "[evaluate]\nleave_out = \"folds\"\nfolds = [[\"board01\", \"board02\"], [\"board03\", \"board04\", \"board05\"]]\n",
			func(q *question) { q.decision.AcceptAlone = true }},
		{"folds of three institutions", "", "", model("delay ~ girl") + "[evaluate]\nleave_out = \"folds\"\nfolds = [[\"board01\", \"board02\", \"board06\"], [\"board03\", \"board04\", \"board05\"]]\n", nil},
		{"an institution in no fold", CodeIsolated, "leaves 1 institutions", model("delay ~ girl") + "[evaluate]\nleave_out = \"folds\"\nfolds = [[\"board01\", \"board02\", \"board06\"], [\"board03\", \"board04\", \"board05\"]]\n",
			func(q *question) {
				q.institutions = append(q.institutions, "board07")
			}},
		{"an institution in no fold, accepted", "", "", model("delay ~ girl") + "[evaluate]\nleave_out = \"folds\"\nfolds = [[\"board01\", \"board02\", \"board06\"], [\"board03\", \"board04\", \"board05\"]]\n",
			func(q *question) {
				q.institutions = append(q.institutions, "board07")
				q.decision.AcceptAlone = true
			}},
		{"three institutions in no fold", "", "", model("delay ~ girl") + "[evaluate]\nleave_out = \"folds\"\nfolds = [[\"board01\", \"board02\", \"board06\"], [\"board03\", \"board04\", \"board05\"]]\n",
			func(q *question) {
				q.institutions = append(q.institutions, "board07", "board08", "board09")
			}},
		{"an outcome derived from offending", CodeOffendingAsked, `"jeugdcriminaliteit"`, derive("trouble", "jeugdcriminaliteit || delay") + model("trouble ~ girl"), nil},
		{"an outcome derived from a label", CodeOffendingAsked, `"contact"`, derive("x", "contact") + derive("y", "!x") + model("y ~ girl"), nil},
		{"an indicator by area about offending", CodeOffendingAsked, `"jeugdcriminaliteit"`, "[model]\nkind = \"areas\"\narea = \"denomination\"\nindicators = [\"delay\", \"jeugdcriminaliteit\"]\n", everyMethod},
		{"a cohort by area about offending", CodeOffendingAsked, `"jeugdcriminaliteit"`, "[cohort]\nwhere = \"jeugdcriminaliteit\"\n[model]\nkind = \"areas\"\narea = \"denomination\"\nindicators = [\"delay\"]\n", everyMethod},
		{"an indicator derived from a label", CodeOffendingAsked, `"contact"`, derive("x", "contact || delay") + "[model]\nkind = \"areas\"\narea = \"denomination\"\nindicators = [\"x\"]\n", everyMethod},
		{"a derived outcome called so", CodeOffendingAsked, `"arrested"`, derive("arrested", "iq_verbal > 2.0") + model("arrested ~ girl"), nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			m := written(t, c.tables)
			judge := func(off ...string) *judgement {
				q := honest(t)
				q.policy.AllowColumns = nil
				q.study, q.codebook, q.uses = m.Study, m.Codebook, usesOf(m.Plan)
				q.study.About.Expires = ""
				if c.change != nil {
					c.change(q)
				}
				p := q.policy.Off(off...)
				q.policy = &p
				j := &judgement{off: p.off}
				q.judge(j)
				return j
			}
			if c.code == "" {
				if err := judge().first(); err != nil {
					t.Error(err)
				}
				return
			}
			err := judge().first()
			coded(t, c.what, err, c.code)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v does not say %s", err, c.says)
			}
			if err := judge(c.code).first(); err != nil {
				t.Errorf("with the rule off: %v", err)
			}
		})
	}
}

// TestProtectedBehindDerived: the node does not rely on the method's own refusal
// of what is made of a protected column.
func TestProtectedBehindDerived(t *testing.T) {
	q := honest(t)
	q.policy.AllowColumns = nil
	q.uses = uses{read: []string{"minority", "girl", "delay"}, predict: []string{"girl"}, explain: []string{"delay"}}
	judge := func() error {
		j := &judgement{}
		q.judge(j)
		return j.first()
	}
	if err := judge(); err != nil {
		t.Errorf("a protected column that predicts nothing: %v", err)
	}
	q.uses.predict = []string{"girl", "minority"}
	coded(t, "a protected column that predicts", judge(), CodeProtected)
	_, err := OpenMethod("[study]\nid = \"s\"\n[[derive]]\nname = \"other\"\nvalue = \"!minority\"\n[model]\nkind = \"logistic\"\nformula = \"delay ~ other\"\n", []byte(testBook))
	if err == nil || !strings.Contains(err.Error(), "audit_only") {
		t.Errorf("the method itself: %v", err)
	}
}

// TestAloneInFormulas: what only this institution fills is seen in derived
// columns and products too.
func TestAloneInFormulas(t *testing.T) {
	for _, c := range []struct {
		what, formula, says string
		girls, public       int // of the others' 60 rows each
	}{
		{"a derived column", "delay ~ iq_verbal + g", `"g" = 1`, 0, 30},
		{"a product", "delay ~ iq_verbal + g + denomination + g:denomination", `combination "g:denominationpublic"`, 30, 0},
		{"everybody fills everything", "delay ~ iq_verbal + g * denomination", "", 40, 50},
	} {
		m := written(t, "[[derive]]\nname = \"g\"\nvalue = \"girl\"\n[model]\nkind = \"logistic\"\nformula = \""+c.formula+"\"\n")
		read := func(girls, public int) *part {
			p, err := selectRows(t.Context(), &Policy{}, board(t, 60, girls, public), "board01", m)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		own, other := read(30, 40), read(c.girls, c.public)
		state := afterFirst(t, m, own, other, other)
		judge := func(off ...string) (says []string) {
			q := honest(t)
			q.study = m.Study
			j := &judgement{off: Policy{}.Off(off...).off}
			if err := q.judgeAlone(j, m, own, state); err != nil {
				t.Fatal(err)
			}
			for _, r := range j.broken {
				says = append(says, r.Error())
			}
			return says
		}
		got := judge()
		if c.says == "" && len(got) > 0 || c.says != "" && !slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, c.says) }) {
			t.Errorf("%s: refused by %q, want %q", c.what, got, c.says)
		}
		if got := judge(CodeAlone); len(got) > 0 {
			t.Errorf("%s: with the rule off: %q", c.what, got)
		}
	}
}

// TestExplainsWhatIsComputed: the screen shows cohort, expressions and what each
// column is for.
func TestExplainsWhatIsComputed(t *testing.T) {
	a := ask(t)
	a.Proposal.Study = "[study]\nid = \"s\"\n[cohort]\nwhere = \"iq_verbal > -3.0\"\n[[derive]]\nname = \"g\"\nvalue = \"girl && !delay\"\nlabel = \"Girl in time\"\n" +
		"[model]\nkind = \"linear\"\nformula = \"iq_verbal ~ g * denomination\"\n"
	e, err := Explain(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Refusals) > 0 {
		t.Fatalf("%+v", e.Refusals)
	}
	// 200 rows, the one of P0003 left out; i%9-4.5 or -3.5 lies at or below -3 for two of nine.
	if r := e.Rows; r.Held != 200 || r.Objected != 1 || r.Outside == 0 || r.Used != 199-r.Outside || r.Aside != 0 {
		t.Errorf("rows: %+v", *r)
	}
	roles := map[string]string{}
	for _, c := range e.Columns {
		roles[c.Name] = c.Role
	}
	for name, want := range map[string]string{
		"iq_verbal": "outcome, cohort", "girl": `predictor (in "g")`, "delay": `predictor (in "g")`, "denomination": "predictor",
	} {
		if roles[name] != want {
			t.Errorf("%s is %q, want %q", name, roles[name], want)
		}
	}
	text := e.String()
	for _, says := range []string{"a linear regression", "outside the cohort", "is true: iq_verbal > -3.0", "for each row: g = girl && !delay", `predictor (in "g")`} {
		if !strings.Contains(text, says) {
			t.Errorf("the screen does not say %q:\n%s", says, text)
		}
	}
}
