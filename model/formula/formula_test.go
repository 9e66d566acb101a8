package formula

import (
	"errors"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

func labels(terms []Term) []string {
	out := make([]string, len(terms))
	for i, t := range terms {
		out[i] = t.String()
	}
	return out
}

// TestTermsEqualR compares with terms() of R 4.2.2: testdata/terms.R.
func TestTermsEqualR(t *testing.T) {
	text, err := os.ReadFile("testdata/terms.txt")
	if err != nil {
		t.Fatal(err)
	}
	whole := 0
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, line := range lines {
		fields := strings.Split(line, "\t")
		formula, want := fields[0], strings.Split(fields[2], "|")
		p, failed := newParser(formula)
		if failed != nil {
			t.Fatalf("%s: %v", formula, failed)
		}
		p.next = 2 // after y ~
		right, failed := p.right()
		if failed != nil {
			t.Fatalf("%s: %v", formula, failed)
		}
		if diff := cmp.Diff(want, labels(p.termsOf(right.terms))); diff != "" {
			t.Errorf("%s: other terms than R (-R +here):\n%s", formula, diff)
		}
		f, err := Parse(formula)
		if (err == nil) != (fields[1] == "whole") {
			t.Errorf("%s: margins in R: %s, here: %v", formula, fields[1], err)
		}
		if err == nil {
			whole++
			if hasOffset := strings.Contains(formula, "offset(w)"); hasOffset != slices.Equal(f.Offsets, []string{"w"}) {
				t.Errorf("%s: offsets %q", formula, f.Offsets)
			}
		}
	}
	if len(lines) < 200 || whole < 50 || whole == len(lines) {
		t.Errorf("%d formulas of which %d have their margins: too few of either", len(lines), whole)
	}
}

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text    string
		terms   []string
		offsets []string
	}{
		{"lang_delay ~ iq_verbal * girl + ns(lang_pre, 3) + offset(log_years)",
			[]string{"iq_verbal", "girl", "ns(lang_pre, 3)", "iq_verbal:girl"}, []string{"log_years"}},
		{"y~1+a", []string{"a"}, nil},
		{"y ~ (a + offset(w)) + offset(w) + offset(`v v`) - b", []string{"a"}, []string{"w", "v v"}},
		{"y ~ ns(x, df = 4)", []string{"ns(x, 4)"}, nil},
		{"y ~ b:a + a + b", []string{"a", "b", "b:a"}, nil},
		{"y ~ + a + + b", []string{"a", "b"}, nil},
		{"y ~ ns + offset", []string{"ns", "offset"}, nil},
		{"y ~ `if` + `\\\\x\\`` + é + .a", []string{"`if`", "`\\\\x\\``", "é", ".a"}, nil},
		{"y ~ a*b*c*d*e - a:b:c:d:e - a:b:c:d - a:b:c:e - a:b:d:e - a:c:d:e - b:c:d:e - (a+b+c+d+e)^3 + a + e", []string{"a", "e"}, nil},
		{"`my outcome` ~ `a (b)`", []string{"`a (b)`"}, nil},
	} {
		f, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if diff := cmp.Diff(c.terms, labels(f.Terms)); diff != "" {
			t.Errorf("%s: terms (-want +got):\n%s", c.text, diff)
		}
		if !slices.Equal(f.Offsets, c.offsets) {
			t.Errorf("%s: offsets %q", c.text, f.Offsets)
		}
	}
}

func TestRefused(t *testing.T) {
	names := func(n int, sep string) string {
		var out []string
		for i := range n {
			out = append(out, "v"+strconv.Itoa(i))
		}
		return strings.Join(out, sep)
	}
	for _, c := range []struct{ text, code, at, says string }{
		{"", CodeSyntax, "1", "outcome"},
		{"~ a", CodeSyntax, "1", "outcome"},
		{"y", CodeSyntax, "2", `"~"`},
		{"y a", CodeSyntax, "3", `"~"`},
		{"y ~", CodeSyntax, "4", "empty"},
		{"y ~ 1", CodeSyntax, "5", "no terms"},
		{"y ~ a - a", CodeSyntax, "5", "no terms"},
		{"y ~ offset(a)", CodeSyntax, "5", "no terms"},
		{"y ~ a ~ b", CodeSyntax, "7", "operator"},
		{"y ~ a b", CodeSyntax, "7", "operator"},
		{"y ~ a `(`", CodeSyntax, "7", "operator"},
		{"y ~ (a", CodeSyntax, "7", `")"`},
		{"y ~ a)", CodeSyntax, "6", "operator"},
		{"y ~ a +", CodeSyntax, "8", "the end"},
		{"y ~ a * -b", CodeSyntax, "9", "column"},
		{"y ~ a == b", CodeSyntax, "7", "operator"},
		{"y ~ a # b", CodeSyntax, "7", "cannot stand"},
		{"y ~ 2x", CodeSyntax, "5", "plain name"},
		{"y ~ if", CodeSyntax, "5", "plain name"},
		{"y ~ ...", CodeSyntax, "5", "plain name"},
		{"y ~ 5", CodeSyntax, "5", "number"},
		{"y ~ `a", CodeSyntax, "5", "not closed"},
		{"y ~ `a\\", CodeSyntax, "7", "backslash"},
		{"y ~ ``", CodeSyntax, "5", "0 bytes"},
		{"y ~ `" + strings.Repeat("n", MaxName+1) + "`", CodeSyntax, "5", "129 bytes"},
		{"y ~ `a\nb`", CodeSyntax, "7", "printed"},
		{"y ~ a\xff", CodeSyntax, "1", "UTF-8"},
		{"y ~ " + strings.Repeat("n", MaxName+1), CodeSyntax, "5", "129 bytes"},
		{"y ~ a:1", CodeSyntax, "7", "intercept"},
		{"y ~ a*offset(b)", CodeSyntax, "7", "offset"},
		{"y ~ a - offset(b)", CodeSyntax, "9", "offset"},
		{"y ~ b:(a - a)", CodeSyntax, "8", "no term is left"},
		{"y ~ (a - a)*b", CodeSyntax, "6", "no term is left"},
		{"y ~ (a + b)^1", CodeSyntax, "13", "exponent"},
		{"y ~ (a + b)^5", CodeSyntax, "13", "exponent"},
		{"y ~ (a + b)^c", CodeSyntax, "13", "exponent"},
		{"y ~ (a + b)^99999999999999999999", CodeSyntax, "13", "exponent"},
		{"y ~ ns(x)", CodeSyntax, "9", "degrees"},
		{"y ~ ns(x, 1)", CodeSyntax, "11", "2 to 8"},
		{"y ~ ns(x, 9)", CodeSyntax, "11", "2 to 8"},
		{"y ~ ns(x, 3, 4)", CodeUnsupported, "12", "only"},
		{"y ~ ns(x, knots = 3)", CodeUnsupported, "11", "only"},
		{"y ~ -a + b", CodeSyntax, "5", "take terms away"},
		{"y ~ " + strings.Repeat("(", MaxDepth+1) + "a" + strings.Repeat(")", MaxDepth+1), CodeSyntax, "37", "nested"},
		{"y ~ " + strings.Repeat("a", MaxText), CodeSyntax, "1", "bytes"},

		{"y ~ 0 + a", CodeUnsupported, "5", "intercept"},
		{"y ~ a - 1", CodeUnsupported, "7", "intercept"},
		{"y ~ a - (1)", CodeUnsupported, "10", "intercept"},
		{"y ~ a - (b + 1)", CodeUnsupported, "10", "intercept"},
		{"y ~ -1 + a", CodeUnsupported, "5", "intercept"},
		{"y ~ a + 00", CodeUnsupported, "9", "intercept"},
		{"y ~ .", CodeUnsupported, "5", `"."`},
		{"y ~ I(a^2)", CodeUnsupported, "5", "I()"},
		{"y ~ poly(a, 2)", CodeUnsupported, "5", "poly()"},
		{"y ~ log(a)", CodeUnsupported, "5", "log()"},
		{"log(y) ~ a", CodeUnsupported, "1", "log()"},
		{"y ~ ns(log(a), 3)", CodeUnsupported, "8", "log()"},
		{"y ~ offset(log(a))", CodeUnsupported, "12", "log()"},
		{"y ~ a / b", CodeUnsupported, "7", "operator"},
		{"y ~ a %in% b", CodeUnsupported, "7", "operator"},
		{"y ~ (1 | school)", CodeUnsupported, "8", "operator"},
		{"y ~ a + y", CodeUnsupported, "9", "outcome y"},
		{"y ~ a + ns(y, 3)", CodeUnsupported, "9", "outcome y"},
		{"y ~ a + offset(y)", CodeUnsupported, "5", "outcome y"},
		{"y ~ a + a:b", CodeUnsupported, "5", "a:b stands without b"},
		{"y ~ x + ns(x, 3):b", CodeUnsupported, "9", "without ns(x, 3), b"},
		{"y ~ a + b + c + a:b:c", CodeUnsupported, "5", "a:b:c stands without a:b, a:c, b:c"},
		{"y ~ a*b*c*d*e", CodeUnsupported, "5", "5 columns"},
		{"y ~ " + names(MaxTerms+1, "+"), CodeUnsupported, "", "200 terms"},
		{"y ~ (" + names(20, "+") + ")^2", CodeUnsupported, "", "200 terms"},
	} {
		_, err := Parse(c.text)
		if err == nil {
			t.Errorf("%.60s: accepted", c.text)
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Code() != c.code || e.Remedy() == "" {
			t.Errorf("%.60s: code %s, want %s: %v", c.text, e.Code(), c.code, err)
		}
		if !strings.Contains(err.Error(), "character "+c.at) || c.at != "" && !strings.Contains(err.Error(), "character "+c.at+":") || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%.60s: want character %s and %q in: %v", c.text, c.at, c.says, err)
		}
	}
	for _, text := range []string{"y ~ " + names(MaxTerms, "+"), "y ~ (" + names(19, "+") + ")^2", "y ~ " + strings.Repeat("(", MaxDepth) + "a" + strings.Repeat(")", MaxDepth)} {
		if _, err := Parse(text); err != nil {
			t.Errorf("%.60s: refused at its limit: %v", text, err)
		}
	}
}

func TestParseTerms(t *testing.T) {
	terms, err := ParseTerms("iq_verbal + a:b")
	if err != nil {
		t.Fatal(err)
	}
	want := []Term{{[]Factor{{"iq_verbal", 0}}}, {[]Factor{{"a", 0}, {"b", 0}}}}
	if diff := cmp.Diff(want, terms); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"", "1", "a + offset(b)", "y ~ a", "a - 1"} {
		if _, err := ParseTerms(text); err == nil {
			t.Errorf("%q accepted", text)
		}
	}
}

func TestFromFeatures(t *testing.T) {
	f := FromFeatures("y", []string{"b", "a b", "b"})
	parsed, err := Parse("y ~ b + `a b`")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(parsed, f); diff != "" {
		t.Error(diff)
	}
}

// TestWorkIsBounded holds products that stay below MaxTerms but would be
// multiplied over and over: the work is counted and refused.
func TestWorkIsBounded(t *testing.T) {
	seven := "(a+b+c+d+e+f+g+a*b*c*d*e*f*g)"
	text := "y ~ " + strings.TrimSuffix(strings.Repeat(seven+"^4:", (MaxText-4)/(len(seven)+3)), ":")
	p, failed := newParser(text)
	if failed != nil {
		t.Fatal(failed)
	}
	p.next = 2
	_, err := p.right()
	if err == nil || !strings.Contains(err.Error(), "too much work") {
		t.Errorf("%v", err)
	}
	if p.work > maxExpansion+2*MaxText {
		t.Errorf("%d bytes were read, the bound is %d", p.work, maxExpansion)
	}
}

// textDecoder: a formula that is read is the same when it is written and read
// again, and an error says where and what to do.
func textDecoder(testing.TB) mutate.Decoder {
	var seeds [][]byte
	for _, s := range []string{"y ~ a*b + ns(c, 3) + offset(d)", "y ~ (a+b+`c d`)^2 - a:b", "y ~ 1 + a", "y ~ ns(x, df = 2):b", "`a\\`` ~ .", "y~b:a+a+b"} {
		seeds = append(seeds, []byte(s))
	}
	check := func(t testing.TB, in []byte) bool {
		text := string(in)
		_, _ = ParseTerms(text)
		a, err := Parse(text)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Code() == "" || e.Remedy() == "" || !strings.Contains(err.Error(), "character ") {
				t.Fatalf("an error without code, remedy or place: %v", err)
			}
			return false
		}
		if len(a.String()) > MaxText {
			return true
		}
		b, err := Parse(a.String())
		if err != nil {
			t.Fatalf("%q is not read back: %v", a, err)
		}
		// The order of factors follows the main effects in b, so that b is
		// written and read as it is.
		if b.Outcome != a.Outcome || !slices.Equal(b.Offsets, a.Offsets) || len(b.Terms) != len(a.Terms) {
			t.Fatalf("%q became %q", a, b)
		}
		for i := range a.Terms {
			if !slices.Equal(sortedFactors(a.Terms[i]), sortedFactors(b.Terms[i])) {
				t.Fatalf("%q became %q", a, b)
			}
		}
		c, err := Parse(b.String())
		if err != nil || !reflect.DeepEqual(b, c) {
			t.Fatalf("%q became %q: %v", b, c, err)
		}
		return true
	}
	// Products are written out, up to a bound on the work.
	return mutate.Decoder{Seeds: seeds, Check: check, Memory: mutate.Memory{PerByte: 64, Fixed: 16 << 20}}
}

func FuzzParse(f *testing.F)       { textDecoder(f).Fuzz(f) }
func TestMutateParse(t *testing.T) { textDecoder(t).Run(t) }

func sortedFactors(t Term) []string {
	var out []string
	for _, f := range t.Factors {
		out = append(out, f.String())
	}
	slices.Sort(out)
	return out
}
