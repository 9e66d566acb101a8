package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// theirs and ours are a whole answer of each side, as their programs write it.
const theirs = `{"case": "d/c", "institutions": 6, "r": "lmer, REML", "rows_used": 100, "df_residual": 98,
 "terms": [{"term": "(Intercept)", "estimate": 2.5, "std_error": 0.5, "robust_std_error": 0.625},
           {"term": "ses", "estimate": -0.25, "std_error": 0.125, "robust_std_error": 0.25}],
 "fit": {"deviance": 1920.5}, "variances": {"variance_site": 0.5},
 "tests": {"ses + girl": {"df": 1, "statistic": 4.5, "p_value": 0.03125}}}`

const ours = `{"model": "mixed", "institutions": 6, "rows_used": 100, "df_residual": 98, "converged": true, "deviance": 1920.5, "variance_site": 0.5,
 "coefficients": [{"term": "(Intercept)", "estimate": 2.5, "std_error": 0.5, "robust_std_error": 0.625, "p_value": 0.5},
                  {"term": "ses", "estimate": -0.25, "std_error": 0.125, "robust_std_error": 0.25, "p_value": 0.5}],
 "tests": [{"terms": ["ses", "girl"], "df": 1, "statistic": 4.5, "p_value": 0.03125}], "audit": {"verified": true, "findings": []}}`

// judged writes both answers as a run does and compares them.
func judged(t *testing.T, r, smartstart string) row {
	t.Helper()
	work := t.TempDir()
	for file, text := range map[string]string{"d/c.r.json": r, "d/c.json": smartstart} {
		path := filepath.Join(work, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return judge(work, "d/c")
}

// TestTeeth spoils one thing at a time on either side; only what stays below
// its limit may pass.
func TestTeeth(t *testing.T) {
	if r := judged(t, theirs, ours); !r.equal() || len(r.groups) != len(order) || r.worst().largest != 0 {
		t.Fatalf("the same answer: %s, %d groups of %d", r.verdict(), len(r.groups), len(order))
	}
	for _, c := range []struct {
		what, in, from, to, says string // in: the document that is altered; says "" means equal
	}{
		{"an estimate by 2e-6", theirs, `"estimate": -0.25`, `"estimate": -0.250002`, "estimate of ses"},
		{"an estimate by 5e-7", theirs, `"estimate": -0.25`, `"estimate": -0.2500005`, ""},
		{"a standard error by 2e-6", theirs, `"std_error": 0.125`, `"std_error": 0.125002`, "std_error of ses"},
		{"a robust standard error", ours, `"robust_std_error": 0.25,`, `"robust_std_error": 0.250002,`, "robust_std_error of ses"},
		{"a deviance by 2e-6 of itself", theirs, `1920.5`, `1920.503841`, "fit of deviance"},
		{"a deviance by 5e-7 of itself", theirs, `1920.5`, `1920.50096`, ""},
		{"a variance by 5e-6", theirs, `"variance_site": 0.5`, `"variance_site": 0.500005`, ""},
		{"a variance by 2e-5", theirs, `"variance_site": 0.5`, `"variance_site": 0.50002`, "variances of variance_site"},
		{"a test", ours, `"statistic": 4.5`, `"statistic": 4.6`, "tests of statistic without ses + girl"},
		{"degrees of freedom", ours, `"df_residual": 98`, `"df_residual": 99`, "fit of df_residual"},
		{"a term that we lack", theirs, `"terms": [`, `"terms": [{"term": "girl", "estimate": 0}, `, "no estimate of girl"},
		{"a term that R lacks", ours, `"coefficients": [`, `"coefficients": [{"term": "girl", "estimate": 0}, `, "a term girl"},
		{"a term of another name", ours, `"term": "ses"`, `"term": "SES"`, "no estimate of ses"},
		{"a term twice", ours, `"term": "(Intercept)"`, `"term": "ses"`, "twice"},
		{"no standard error", ours, `"std_error": 0.125,`, ``, "no std_error of ses"},
		{"no robust standard error", ours, `"robust_std_error": 0.25,`, ``, "no robust_std_error of ses"},
		{"no variance", ours, `"variance_site": 0.5,`, ``, "no variances of variance_site"},
		{"no test", ours, `["ses", "girl"]`, `["girl"]`, "no tests of"},
		{"a test that failed", ours, `["ses", "girl"]`, `["ses", "girl"], "failed": "separated"`, "no tests of"},
		{"a null", ours, `"estimate": -0.25`, `"estimate": null`, "no estimate of ses"},
		{"other rows", ours, `"rows_used": 100`, `"rows_used": 99`, "uses 99 rows, R 100"},
		{"other institutions", ours, `"institutions": 6`, `"institutions": 5`, "ran with 5 institutions of 6"},
		{"not verified", ours, `"verified": true`, `"verified": false`, "not verified"},
		{"not converged", ours, `"converged": true`, `"converged": false`, "not converge"},
		{"not JSON", ours, `{"model"`, `{model`, "cannot be read"},
		{"nothing", ours, ours, ``, "did not run"},
		{"R failed", theirs, `"case": "d/c"`, `"error": "singular"`, "R: singular"},
		{"R has no number", theirs, `-0.25`, `NaN`, "cannot be read"},
	} {
		r, smartstart := theirs, ours
		if c.in == theirs {
			r = strings.Replace(r, c.from, c.to, 1)
		} else {
			smartstart = strings.Replace(smartstart, c.from, c.to, 1)
		}
		if r == theirs && smartstart == ours {
			t.Fatalf("%s: nothing was altered", c.what)
		}
		got := judged(t, r, smartstart)
		if got.equal() != (c.says == "") || !strings.Contains(got.verdict(), c.says) {
			t.Errorf("%s: %q, wanted %q", c.what, got.verdict(), c.says)
		}
		if line := table([]row{got}); c.says != "" && (!strings.Contains(line, "0 of 1 cases equal R") || !strings.Contains(line, c.says)) {
			t.Errorf("%s: the table hides it:\n%s", c.what, line)
		}
	}
}

// TestDifference: any number beyond its limit is told, at any size.
func TestDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.Float64Range(-1e9, 1e9).Draw(t, "R")
		relative := rapid.Float64Range(1.5e-6, 10).Draw(t, "off")
		off := relative * math.Max(1, math.Abs(b))
		a := &answer{groups: map[string]map[string]float64{"estimate": {"x": b + off}}}
		r := &answer{groups: map[string]map[string]float64{"estimate": {"x": b}}}
		groups, faults := compare(a, r)
		if got := (&row{groups: groups, faults: faults}); got.equal() {
			t.Fatalf("%g against %g is not told", b+off, b)
		}
		if groups, faults = compare(r, r); !(&row{groups: groups, faults: faults}).equal() {
			t.Fatalf("%g differs from itself", b)
		}
	})
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if difference(bad, 1) <= limit || difference(1, bad) <= limit {
			t.Errorf("%g counts as equal", bad)
		}
	}
	if groups, faults := compare(&answer{}, &answer{}); (&row{groups: groups, faults: faults}).equal() {
		t.Error("two empty answers count as equal")
	}
}

// TestRun: a case that did not run fails the whole, and says what stands in
// its way; the table goes between the marks and nowhere else.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	list, page := filepath.Join(dir, "cases.txt"), filepath.Join(dir, "methods.md")
	put := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(list, "# case study\nd/c s.toml\nd/other s.toml\n")
	put(page, "above\n"+begin+"\nold\n"+end+"\nbelow\n")
	for _, name := range []string{"d/c", "d/other"} {
		put(filepath.Join(dir, name+".r.json"), theirs)
		put(filepath.Join(dir, name+".json"), ours)
	}
	ask := func(more ...string) error {
		return run(append([]string{"--cases", list, "--work", dir, "--docs", page}, more...), io.Discard)
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(page)
	if s := string(text); !strings.HasPrefix(s, "above\n"+begin+"\n2 of 2 cases") || !strings.HasSuffix(s, end+"\nbelow\n") || strings.Contains(s, "old") {
		t.Errorf("the page is now\n%s", s)
	}
	put(filepath.Join(dir, "d/other.json"), "")
	put(filepath.Join(dir, "d/other.err"), "starting\nerror: SS1 "+dir+"/x | is missing\n")
	if err := ask(); err == nil || !strings.Contains(err.Error(), "1 of 2") {
		t.Errorf("a case that did not run: %v", err)
	}
	text, _ = os.ReadFile(page)
	if !strings.Contains(string(text), `did not run: error: SS1 WORK/x \| is missing`) {
		t.Errorf("the page does not say why:\n%s", text)
	}
	if err := ask("d/c"); err != nil {
		t.Errorf("the other case alone: %v", err)
	}
	if err := ask("d/nothing"); err == nil {
		t.Error("a case that is not in the list counts as success")
	}
	for _, marks := range []string{"", begin, end + begin} {
		put(page, marks)
		if err := ask("d/c"); err == nil || !strings.Contains(err.Error(), "marks") {
			t.Errorf("a page with %q: %v", marks, err)
		}
	}
	if got := fmt.Sprint(short(0), " ", short(2.34e-9), " ", unless0(0), unless0(31022)); got != "0 2e-09 31,022" {
		t.Error(got)
	}
}
