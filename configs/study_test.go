package configs

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func sample(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const least = "[study]\nid = \"s\"\n[model]\nkind = \"linear\"\noutcome = \"y\"\nfeatures = [\"x\"]\n"

// refused checks that err is an *Error with this code that says these words.
func refused(t *testing.T, what string, err error, code string, says ...string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Errorf("%s: got %v, want a refusal", what, err)
		return
	}
	if e.Code() != code {
		t.Errorf("%s: code %s, want %s (%s)", what, e.Code(), code, e)
	}
	for _, w := range says {
		if !strings.Contains(e.Error()+" | "+e.Remedy(), w) {
			t.Errorf("%s: %q | %q does not say %q", what, e.Error(), e.Remedy(), w)
		}
	}
}

func TestSampleStudy(t *testing.T) {
	s, err := ParseStudy([]byte(sample(t, "study.sample.toml")))
	if err != nil {
		t.Fatal(err)
	}
	want := DefaultStudy()
	want.About = About{ID: "language-delay", Question: s.About.Question, Purpose: s.About.Purpose, Expires: "2027-07-31"}
	want.Model.Kind, want.Model.Outcome = "logistic", "lang_delay"
	want.Model.Features = []string{"iq_verbal", "girl", "ses", "lang_pre"}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("the sample does not show the defaults:\n got %+v\nwant %+v", s, want)
	}
	if day, ok := s.About.Expires.Time(); !ok || day.Format(time.DateOnly) != "2027-07-31" {
		t.Errorf("expires %v %v", day, ok)
	}
}

// TestSampleShowsEveryKey: every key that a study can have stands in the sample,
// used or after a #, and no key that it cannot have.
func TestSampleShowsEveryKey(t *testing.T) {
	text := sample(t, "study.sample.toml")
	shown := map[string]bool{}
	table := ""
	for line := range strings.Lines(text) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "# ")
		if name, ok := strings.CutPrefix(line, "["); ok {
			table = strings.Trim(strings.TrimSpace(strings.Split(name, "#")[0]), "[]")
			continue
		}
		if key, value, ok := strings.Cut(line, " = "); ok && !strings.Contains(key, " ") {
			shown[table+"."+key] = true
			alone := "[" + table + "]\n" + key + " = " + value + "\n"
			if slices.Contains([]string{"derive", "prior", "statement", "text"}, table) {
				alone = "[[" + table + "]]\n" + key + " = " + value + "\n"
			}
			_, err := ParseStudy([]byte(alone))
			if wrong := new(Error); errors.As(err, &wrong) && (wrong.Code() == CodeUnknownKey || wrong.Code() == CodeSyntax) {
				t.Errorf("%s: %v", alone, err)
			}
		}
	}
	var walk func(table string, v reflect.Type)
	walk = func(table string, v reflect.Type) {
		for i := range v.NumField() {
			f := v.Field(i)
			key := strings.Trim(table+"."+f.Tag.Get("toml"), ".")
			switch {
			case f.Type.Kind() == reflect.Struct:
				walk(key, f.Type)
			case f.Type.Kind() == reflect.Slice && f.Type.Elem().Kind() == reflect.Struct:
				walk(key, f.Type.Elem())
			case key == "model.reference":
				key += ".denomination"
				fallthrough
			default:
				if !shown[key] && !slices.Contains(never(), key) {
					t.Errorf("the sample does not show %s", key)
				}
			}
		}
	}
	walk("", reflect.TypeFor[Study]())
}

// never are keys that the format names and every version of this line refuses.
func never() []string {
	return []string{"model.penalty.lasso", "model.ties", "model.baseline", "model.depth", "model.rounds",
		"model.learning_rate", "model.min_child", "model.bins", "model.monotone"}
}

func TestDefaults(t *testing.T) {
	s, err := ParseStudy([]byte(least))
	if err != nil {
		t.Fatal(err)
	}
	if s.Rounds.Max != 25 || time.Duration(s.Rounds.Wait) != 10*time.Minute || s.Privacy.MinInstitutions != 3 || s.Privacy.MinRows != 30 ||
		s.Privacy.MinCell != 10 || s.Privacy.NumbersPerRow != 0.15 || s.Privacy.OutOfRange != "error" || s.Privacy.OnLate != "ask" {
		t.Errorf("defaults: %+v %+v", s.Rounds, s.Privacy)
	}
	if _, ok := s.About.Expires.Time(); ok {
		t.Error("a date that was not given")
	}
}

func TestUnknownKeys(t *testing.T) {
	for _, c := range []struct{ what, text, line, near string }{
		{"in a table", least + "[privacy]\nmin_instutions = 3\n", "line 8", `"min_institutions"`},
		{"in model", strings.Replace(least, "features", "feature", 1), "line 6", `"features"`},
		{"a table", least + "\n[privcy]\nmin_rows = 3\n", "line 8", `"privacy"`},
		{"at the top", "modle = 1\n" + least, "line 1", `"model"`},
		{"other capitals", "[study]\nid = \"s\"\n[model]\nkind = \"linear\"\nKind = \"logistic\"\noutcome = \"y\"\nfeatures = [\"x\"]\n", "line 5", `"kind"`},
		{"a table in other capitals", least + "[Privacy]\nmin_rows = 40\n", "line 7", `"privacy"`},
		{"dotted", least + "privacy.min_cel = 3\n", "", ""},
		{"inline", least + "penalty = { ridgee = 1.0 }\n", "", `"ridge"`},
		{"after a long text", "[study]\nid = \"s\"\nquestion = \"\"\"\n[model]\nidd = 3\n\"\"\"\nidd = 4\n[model]\nkind=\"linear\"\noutcome=\"y\"\nfeatures=[\"x\"]\n", "line 7", `"id"`},
	} {
		_, err := ParseStudy([]byte(c.text))
		refused(t, c.what, err, CodeUnknownKey, "unknown key", c.line, c.near)
	}
	_, err := ParseStudy([]byte(least + "[privacy]\nqqqqqqqqqqqqqqqqqq = 3\n"))
	refused(t, "nothing near", err, CodeUnknownKey, "known here: min_institutions")
}

// TestLaterFeaturesAreRefusedByName: what the format names and no version of
// this line fits is refused by its name, never left out silently.
func TestLaterFeaturesAreRefusedByName(t *testing.T) {
	for text, name := range map[string]string{
		"[model.penalty]\nlasso = 0.01\n":   "[model.penalty] lasso",
		"ties = \"efron\"\n":                "[model] ties",
		"baseline = \"common\"\n":           "[model] baseline",
		"depth = 3\n":                       "[model] depth",
		"rounds = 100\n":                    "[model] rounds",
		"learning_rate = 0.1\n":             "[model] learning_rate",
		"min_child = 20\n":                  "[model] min_child",
		"bins = 20\n":                       "[model] bins",
		"[model.monotone]\niq_verbal = 1\n": "[model] monotone",
	} {
		_, err := ParseStudy([]byte(least + text))
		refused(t, name, err, CodeLater, name, "is not in this version", onlyThis)
	}
	for _, kind := range []string{"cox", "trees"} {
		_, err := ParseStudy([]byte(strings.Replace(least, "linear", kind, 1)))
		refused(t, kind, err, CodeLater, kind, onlyThis)
	}
	if _, err := ParseStudy([]byte(least + "[evaluate]\nleave_out = \"none\"\n")); err != nil {
		t.Errorf("an evaluation of nothing: %v", err)
	}
}

func TestStudyValues(t *testing.T) {
	for _, c := range []struct{ what, text, code, says string }{
		{"no id", strings.Replace(least, "id = \"s\"\n", "", 1), CodeMissing, "[study] has no id"},
		{"no kind", strings.Replace(least, "kind = \"linear\"\n", "", 1), CodeMissing, "[model] has no kind"},
		{"no outcome", strings.Replace(least, "outcome = \"y\"\n", "", 1), CodeMissing, "[model] has no outcome"},
		{"no features", strings.Replace(least, "features = [\"x\"]\n", "", 1), CodeMissing, "[model] has no features"},
		{"kind", strings.Replace(least, "linear", "logistc", 1), CodeValue, `did you mean "logistic"`},
		{"id", strings.Replace(least, `"s"`, `"a b"`, 1), CodeValue, "not a valid name"},
		{"id with a path", strings.Replace(least, `"s"`, `"../s"`, 1), CodeValue, "not a valid name"},
		{"twice", strings.Replace(least, `["x"]`, `["x", "x"]`, 1), CodeValue, "twice"},
		{"circular", strings.Replace(least, `["x"]`, `["y"]`, 1), CodeValue, "cannot explain itself"},
		{"empty feature", strings.Replace(least, `["x"]`, `[""]`, 1), CodeValue, "empty name"},
		{"rounds", least + "[rounds]\nmax = 2\n", CodeValue, "outside 3 to 200"},
		{"wait", least + "[rounds]\nwait = \"0s\"\n", CodeValue, "[rounds] wait"},
		{"institutions", least + "[privacy]\nmin_institutions = 2\n", CodeValue, "min_institutions is 2"},
		{"numbers", least + "[privacy]\nnumbers_per_row = 0.0\n", CodeValue, "numbers_per_row"},
		{"nan", least + "[privacy]\nnumbers_per_row = nan\n", CodeValue, "numbers_per_row"},
		{"range", least + "[privacy]\nout_of_range = \"ignore\"\n", CodeValue, "choose one of: error, missing, clip"},
		{"late", least + "[privacy]\non_late = \"wait\"\n", CodeValue, "ask, proceed"},
		{"missing", least + "missing = \"drop\"\n", CodeValue, "choose one of: complete"},
		{"escape in a text", strings.Replace(least, "[model]", "purpose = \"a\\u001b[2Jb\"\n[model]", 1), CodeValue, "control character"},
		{"a text that turns round", strings.Replace(least, "[model]", "question = \"a\\u202eb\"\n[model]", 1), CodeValue, "control character"},
		{"id of a change", strings.Replace(least, `id = "`, `id = "0123456789ab" #`, 1), CodeValue, "looks like that of a change"},
		{"type", least + "[privacy]\nmin_rows = \"many\"\n", CodeSyntax, "line 8"},
		{"duration", least + "[rounds]\nwait = \"soon\"\n", CodeSyntax, "line 8"},
		{"date", strings.Replace(least, "[model]", "expires = \"soon\"\n[model]", 1), CodeSyntax, "not a date"},
		{"time of day", strings.Replace(least, "[model]", "expires = 2027-07-31T10:00:00\n[model]", 1), CodeSyntax, "date"},
		{"syntax", least + "[privacy\nmin_rows = 3\n", CodeSyntax, "line "},
		{"doubled", least + "kind = \"linear\"\n", CodeSyntax, "line 7"},
		{"not text", "id = \"\xff\"", CodeSyntax, "study file"},
		{"size", least + strings.Repeat("# \n", MaxStudySize/3), CodeSize, "at most"},
	} {
		_, err := ParseStudy([]byte(c.text))
		refused(t, c.what, err, c.code, c.says)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"min_rows", "min_cell", "max"}
	for name, want := range map[string]string{"min_row": "min_rows", "MIN_CELL": "min_cell", "mx": "max", "zzzzzz": "", "min_cells": "min_cell"} {
		if got := Nearest(name, known); got != want {
			t.Errorf("nearest to %q is %q, want %q", name, got, want)
		}
	}
}

// TestTextsAreOneLine: what approvers read cannot pretend to be other lines of
// the screen it is shown on.
func TestTextsAreOneLine(t *testing.T) {
	s, err := ParseStudy([]byte(strings.Replace(least, "[model]", "purpose = \"\"\"to help\n  until   2099-01-01\t\"\"\"\n[model]", 1)))
	if err != nil || s.About.Purpose != "to help until 2099-01-01" {
		t.Errorf("%q, %v", s.About.Purpose, err)
	}
}
