package model_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

const notesBook = rolesBook + `
[[column]]
name = "note"
kind = "text"
sensitivity = "child_protection"
[[column]]
name = "secret"
kind = "text"
audit_only = true
[[column]]
name = "b_ruzie"
kind = "yes_no"
`

func ofNotes(t testing.TB, text string) (*model.Plan, error) {
	t.Helper()
	cb, err := configs.ParseCodebook([]byte(notesBook))
	if err != nil {
		t.Fatal(err)
	}
	s, err := configs.ParseStudy([]byte("[study]\nid = \"s\"\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	return model.New(s, cb)
}

const someTexts = `
[[text]]
column = "note"
terms = ["schuld", "ruzie", "angst"]
negated = true
`

// TestTexts: the study reads the note, its table holds only what is made of it,
// and only what something uses.
func TestTexts(t *testing.T) {
	p, err := ofNotes(t, someTexts+`
[[derive]]
name = "trouble"
value = "note_schuld || note_ruzie_negated"
[cohort]
where = "a > 0 && !note_angst"
[model]
kind = "logistic"
outcome = "y"
features = ["a", "trouble"]
`)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Columns(); !slices.Contains(got, "note") || slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, "note_") }) {
		t.Errorf("the study reads %v", got)
	}
	var made []string
	for _, c := range p.Texts() {
		made = append(made, c.Name)
	}
	if want := []string{"note_schuld", "note_ruzie_negated", "note_angst"}; !slices.Equal(made, want) {
		t.Errorf("makes %v, want %v", made, want)
	}
	if got := p.Roles()["note"]; !slices.Contains(got, `predictor (in "trouble")`) || !slices.Contains(got, `cohort (in "note_angst")`) {
		t.Errorf("the note is used as %v", got)
	}
	if got := p.Predicting(); !slices.Contains(got, "note") {
		t.Errorf("predicts with %v", got)
	}
	if c, _ := p.Codebook().Column("trouble"); c.Sensitivity != configs.ChildProtection {
		t.Errorf("what is made of a note is marked %s", c.Sensitivity)
	}
	yes := func(name string, v ...float64) model.Column {
		return model.Column{Name: name, Kind: configs.YesNo, Values: v, Missing: make([]bool, len(v))}
	}
	a := yes("a", 1, 2, 3, 4)
	a.Kind = configs.Number
	angst := yes("note_angst", 0, 0, 1, 0)
	angst.Missing[3] = true // no note
	table, err := model.NewTable([]model.Column{yes("y", 0, 1, 0, 1), a, yes("note_schuld", 1, 0, 1, 0), yes("note_ruzie_negated", 0, 0, 0, 0), angst})
	if err != nil {
		t.Fatal(err)
	}
	prepared, kept, err := p.Prepare(table)
	if err != nil || !slices.Equal(kept, []int{0, 1}) {
		t.Fatalf("keeps %v: %v; a row without a note is outside a cohort by notes", kept, err)
	}
	if c, ok := prepared.Column("trouble"); !ok || !slices.Equal(c.Values, []float64{1, 0}) {
		t.Errorf("derived %+v", c)
	}
}

func TestTextsRefused(t *testing.T) {
	const rest = "\n[model]\nkind = \"logistic\"\noutcome = \"y\"\nfeatures = [\"a\"]\n"
	with := func(feature string) string { return strings.Replace(rest, `["a"]`, `["a", "`+feature+`"]`, 1) }
	for name, c := range map[string]struct{ text, code string }{
		"not a text":      {"[[text]]\ncolumn = \"a\"\nterms = [\"schuld\"]" + rest, model.CodeKind},
		"no such column":  {"[[text]]\ncolumn = \"nota\"\nterms = [\"schuld\"]" + rest, model.CodeUnknownColumn},
		"a name":          {"[[text]]\ncolumn = \"note\"\nterms = [\"fatima\"]" + rest, model.CodeKind},
		"a negation":      {"[[text]]\ncolumn = \"note\"\nterms = [\"geen\"]" + rest, model.CodeKind},
		"religion":        {"[[text]]\ncolumn = \"note\"\nterms = [\"moskee\"]" + rest, model.CodeAuditOnly},
		"origin":          {"[[text]]\ncolumn = \"note\"\nterms = [\"marokkaans\"]" + rest, model.CodeAuditOnly},
		"one stem twice":  {"[[text]]\ncolumn = \"note\"\nterms = [\"schuld\", \"schulden\"]" + rest, model.CodeKind},
		"the note itself": {someTexts + with("note"), model.CodeKind},
		"audit only":      {"[[text]]\ncolumn = \"secret\"\nterms = [\"schuld\"]" + with("secret_schuld"), model.CodeAuditOnly},
		"split by a note": {someTexts + rest + "[evaluate]\nheld_out = 0.2\nby = \"note\"\n", model.CodeKind},
	} {
		_, err := ofNotes(t, c.text)
		if coded, ok := err.(interface{ Code() string }); !ok || coded.Code() != c.code {
			t.Errorf("%s: %v, want code %s", name, err, c.code)
		}
	}
	for _, good := range []string{someTexts + with("note_schuld"), "[[text]]\ncolumn = \"note\"\nbuckets = 16" + with("note_h00")} {
		if _, err := ofNotes(t, good); err != nil {
			t.Error(err)
		}
	}
}

// TestFrequent reads a vocabulary off a table.
func TestFrequent(t *testing.T) {
	s := configs.DefaultStudy()
	s.Texts = []configs.FreeText{{Column: "note", Terms: []string{"schuld", "ruzie", "angst", "zorg"}, Negated: true}}
	half, few := 0.5, 0.01
	r := &model.Result{Table: []model.Described{
		{Column: "note_schuld", N: 200, Merged: 40, Mean: &few},
		{Column: "note_ruzie", N: 200, Merged: 40, Mean: &half},
		{Column: "note_ruzie", Group: "x", N: 900, Mean: &half},
		{Column: "note_ruzie_negated", N: 900, Mean: &half},
		{Column: "note_angst", TooFew: true},
		{Column: "note_zorg", N: 1000, Mean: &half},
	}}
	if got, want := model.Frequent(s, r, 10), []model.TermCount{{"zorg", 500, 1000}, {"ruzie", 80, 160}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
