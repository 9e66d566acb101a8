package configs

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestFreeTexts(t *testing.T) {
	parse := func(text string) (*Study, error) {
		return ParseStudy([]byte("[study]\nid = \"s\"\n[model]\nkind = \"linear\"\noutcome = \"y\"\nfeatures = [\"a\"]\n" + text))
	}
	s, err := parse("[[text]]\ncolumn = \"note\"\nterms = [\"schuld\", \"ruzie\"]\nnegated = true\n[[text]]\ncolumn = \"note\"\nbuckets = 9\nlanguage = \"en\"\n")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range s.TextColumns() {
		names = append(names, c.Name)
		d := c.Describe()
		if err := d.Validate(); err != nil || d.Kind != YesNo || d.Label == "" {
			t.Errorf("%+v: %v", d, err)
		}
	}
	if want := strings.Fields("note_schuld note_schuld_negated note_ruzie note_ruzie_negated note_h00 note_h01 note_h02 note_h03 note_h04 note_h05 note_h06 note_h07 note_h08"); !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	if name, value := s.Texts[0].InWords(); name != "note_…" || !strings.Contains(value, "schuld, ruzie") || !strings.Contains(value, "denies it") {
		t.Errorf("%s: %s", name, value)
	}
	for name, c := range map[string]struct{ text, code string }{
		"no column":      {"terms = [\"schuld\"]", CodeMissing},
		"nothing":        {"column = \"note\"", CodeValue},
		"both":           {"column = \"note\"\nterms = [\"schuld\"]\nbuckets = 64", CodeValue},
		"few buckets":    {"column = \"note\"\nbuckets = 7", CodeValue},
		"many buckets":   {"column = \"note\"\nbuckets = 257", CodeValue},
		"less than none": {"column = \"note\"\nbuckets = -1", CodeValue},
		"negated hash":   {"column = \"note\"\nbuckets = 64\nnegated = true", CodeValue},
		"language":       {"column = \"note\"\nbuckets = 64\nlanguage = \"de\"", CodeValue},
		"capital":        {"column = \"note\"\nterms = [\"Schuld\"]", CodeValue},
		"two words":      {"column = \"note\"\nterms = [\"een schuld\"]", CodeValue},
		"a number":       {"column = \"note\"\nterms = [\"06\"]", CodeValue},
		"twice":          {"column = \"note\"\nterms = [\"schuld\", \"schuld\"]", CodeValue},
		"unknown key":    {"column = \"note\"\nterms = [\"schuld\"]\nterm = \"x\"", CodeUnknownKey},
		"derived too":    {"column = \"note\"\nterms = [\"schuld\"]\n[[derive]]\nname = \"note_schuld\"\nvalue = \"a > 1\"", CodeValue},
	} {
		_, err := parse("[[text]]\n" + c.text + "\n")
		if wrong := new(Error); !errors.As(err, &wrong) || wrong.Code() != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
}
