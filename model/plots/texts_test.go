package plots

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// Both languages say everything, with the same blanks, in the project's words.
func TestTexts(t *testing.T) {
	en, nl := reflect.ValueOf(*languages["en"]), reflect.ValueOf(*languages["nl"])
	forbidden := regexp.MustCompile(`(?i)\b(flag|safe|anonym|anoniem|veilig|proven|bewezen|drop-?out|uitval|consent)`)
	for i := range en.NumField() {
		name := en.Type().Field(i).Name
		a, b := en.Field(i).String(), nl.Field(i).String()
		if a == "" || b == "" {
			t.Errorf("%s is empty in a language", name)
		}
		if strings.Count(a, "%s") != strings.Count(b, "%s") {
			t.Errorf("%s has other blanks in Dutch: %q and %q", name, a, b)
		}
		if forbidden.MatchString(a) || forbidden.MatchString(b) {
			t.Errorf("%s uses a word that screens must not: %q, %q", name, a, b)
		}
	}
	for text, found := range map[string]bool{"a flagged child": true, "veilige data": true, "selected": false} {
		if forbidden.MatchString(text) != found {
			t.Errorf("the check of words says %v of %q", !found, text)
		}
	}
}

func TestUnknownLanguage(t *testing.T) {
	files, err := Write(t.TempDir(), logisticResult(), nil, "fr")
	if err == nil || len(files) > 0 || !strings.Contains(err.Error(), "use en or nl") {
		t.Errorf("%v, %v", files, err)
	}
}

func TestNumbers(t *testing.T) {
	en, nl := languages["en"], languages["nl"]
	for _, c := range []struct{ got, want string }{
		{en.whole(0), "0"}, {en.whole(999), "999"}, {en.whole(3449), "3,449"}, {nl.whole(1234567), "1.234.567"}, {en.whole(-1000), "-1,000"},
		{en.number(-0.004, 2), "0.00"}, {en.number(-0.04, 2), "-0.04"}, {nl.number(0.85, 2), "0,85"}, {nl.number(2.5e7, 1), "2,50e+07"},
		{en.percent(0.174), "17%"}, {nl.percent(1), "100%"},
		{en.within(0.995, 0.01, 3), "0.985 to 1.000"}, {nl.within(0.5, 0.02, 2), "0,48 tot 0,52"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	for _, c := range []struct {
		v, low, high float64
		want         string
	}{
		{0.5238, 0.4126, 0.6652, "0.52 (0.41 to 0.67)"},
		{1.0002, 1.00005, 1.0004, "1.00020 (1.00005 to 1.00040)"},
		{-12.34, -45.6, 20.1, "-12 (-46 to 20)"},
		{7.389, 0.0029, 18767, "7.4 (0.0029 to 18767)"},
		{1, 1, 1, "1.00 (1.00 to 1.00)"},
	} {
		value, interval := en.estimate(c.v, c.low, c.high)
		if got := value + " (" + interval + ")"; got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

func TestClean(t *testing.T) {
	for s, want := range map[string]string{
		"lang_pre": "lang_pre", "école & <b>": "école & <b>", "a\x00b": "a?b", "\x1b[31m": "?[31m",
		"a\u202eb": "a?b", "a\nb": "a?b", "\xff": "?", "\ufffe": "?",
	} {
		if got := clean(s); got != want {
			t.Errorf("%q became %q, want %q", s, got, want)
		}
	}
}
