package report_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/report"
	"github.com/smartstart-federation/smartstart/audit/verify"
)

var update = flag.Bool("update", false, "write the golden reports anew")

// kept is the sealed bundle that every later version must verify.
const kept = "../verify/testdata/bundle"

// TestGolden: the reports of a kept bundle and of a log in which a lot happens,
// in both languages and both forms.
func TestGolden(t *testing.T) {
	f := told(t)
	story := bundled(t, f, f.Checkpoint())
	pinned := verify.Pinned(audittest.Origin, f.Coordinator.Party.Key)
	for name, c := range map[string]struct {
		dir, study string
	}{"kept": {kept, ""}, "story": {story, "study"}, "all": {story, ""}} {
		for _, lang := range report.Languages() {
			d, r := made(t, c.dir, report.Options{Lang: lang, Study: c.study}, pinned)
			if !r.Verified {
				t.Errorf("%s does not verify:\n%s", name, r)
			}
			html, err := d.HTML()
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name+"."+lang+".md", d.Markdown())
			golden(t, name+"."+lang+".html", html)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(path, got, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run with -update and read what changed\n%s", name, firstDifference(string(got), string(want)))
	}
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n got: %s\nwant: %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines instead of %d", len(a), len(b))
}

// TestSame: one bundle has one report, whenever it is made.
func TestSame(t *testing.T) {
	f := told(t)
	dir := bundled(t, f, f.Checkpoint())
	a, _ := made(t, dir, report.Options{Lang: "nl"})
	b, _ := made(t, dir, report.Options{Lang: "nl"})
	if !bytes.Equal(a.Markdown(), b.Markdown()) {
		t.Error(firstDifference(text(a), text(b)))
	}
}

// TestSaysAll: what a data protection officer asks for is in it.
func TestSaysAll(t *testing.T) {
	f := told(t)
	d, _ := made(t, bundled(t, f, f.Checkpoint()), report.Options{Lang: "en"})
	says := text(d)
	for _, want := range []string{
		"Which children speak later than others?", "to help them sooner", "age > 4 && age < 7", "a logistic regression", "Language delay",
		"predictor, predictor (in \"young\")", "health", "name`, `address", "researcher, on 1 September 2026",
		"task in the public interest", "31 July 2027", audittest.Digest("dpia of", "board01").String(), "earlier help with language",
		"board05 | denied", "withdrew its approval", "agrees on a condition. “inform the parents' council before the first round”",
		"To open a total, 3 of the 4 must release it together", "Even if up to 1 institution worked together with the coordinator",
		"1 attempt was closed before anything could be opened", "closed attempt: nothing can be opened",
		"2 totals were opened, 6 numbers in all", "at most 6 opened numbers in all; 6 were opened", "x` (3)",
		"the share it got from board03 is wrong", "make chamber a auditor", "most numbers in a study: 0 → 5000", "in force since 1 September 2026",
		"not in force; board04", "school-year-2026", "There are no findings", "public bundle has no encrypted lists",
		"the coordinator's signature alone", "after a study is closed", "lets the encrypted lists be deleted from 1 September 2027",
	} {
		if !strings.Contains(strings.ReplaceAll(strings.ReplaceAll(says, "&gt;", ">"), "&amp;", "&"), want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if t.Failed() {
		t.Log(says)
	}
}

// TestHalf: an approval that one of two mandated people signed is not in force.
func TestHalf(t *testing.T) {
	f := told(t)
	f.Propose("third", 1)
	b := f.DecisionBody("third", "board02", "approve")
	b.Ground, b.DPIA = audit.GroundPublicTask, audittest.Digest("dpia")
	f.Say(f.Approvers["board02"], audit.Header{Study: "third"}, b)
	d, _ := made(t, bundled(t, f, f.Checkpoint()), report.Options{Lang: "en", Study: "third"})
	if says := text(d); !strings.Contains(says, "not in force: the institution's second approver has not signed the same") || !strings.Contains(says, "Approved by nobody") {
		t.Error(says)
	}
}

// TestForbidden: no report promises what nobody can promise.
func TestForbidden(t *testing.T) {
	never := regexp.MustCompile(`(?i)\b(safe|safely|anonymous|anonymi[sz]ed|proven|proved|veilig|anoniem|bewezen|consent|toestemming|drop-?out|uitval|witness|getuige|dead|killed|dealer)\b`)
	f := told(t)
	dir := bundled(t, f, f.Checkpoint())
	for _, lang := range report.Languages() {
		d, _ := made(t, dir, report.Options{Lang: lang})
		if bad := never.FindString(text(d)); bad != "" {
			t.Errorf("%s: the report says %q", lang, bad)
		}
	}
	if !never.MatchString("all data are Anonymous") {
		t.Error("the search finds nothing")
	}
}

// TestLinks: every entry that the text names is in the last list, and the other
// way round.
func TestLinks(t *testing.T) {
	f := told(t)
	d, r := made(t, bundled(t, f, f.Checkpoint()), report.Options{Lang: "en"})
	html, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	named, listed := map[string]bool{}, map[string]bool{}
	for _, m := range regexp.MustCompile(`href="#entry-(\d+)"`).FindAllSubmatch(html, -1) {
		named[string(m[1])] = true
		if n, _ := strconv.ParseInt(string(m[1]), 10, 64); n < 0 || n >= r.Size {
			t.Errorf("entry %s is not in the log", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`id="entry-(\d+)"`).FindAllSubmatch(html, -1) {
		if listed[string(m[1])] {
			t.Errorf("entry %s is listed twice", m[1])
		}
		listed[string(m[1])] = true
	}
	if len(named) < 30 {
		t.Errorf("only %d entries are named", len(named))
	}
	for n := range named {
		if !listed[n] {
			t.Errorf("entry %s leads nowhere", n)
		}
	}
	for n := range listed {
		if !named[n] {
			t.Errorf("entry %s is listed and not named", n)
		}
	}
	if strings.Contains(string(html), "http") || strings.Contains(string(html), "<script") {
		t.Error("the file needs others")
	}
}

// TestFailed: a failed verification is the first thing that a report says.
func TestFailed(t *testing.T) {
	f := told(t)
	bad := f.DecisionBody("second", "board02", "approve")
	bad.Proposal = audittest.Digest("another")
	f.Append(f.Leaf(f.Approvers["board02"], audit.Header{Study: "second"}, bad)) // void
	dir := bundled(t, f, f.Checkpoint())
	for lang, want := range map[string]string{"en": "NOT VERIFIED: 1 check failed", "nl": "NIET IN ORDE: 1 controle is mislukt"} {
		d, r := made(t, dir, report.Options{Lang: lang})
		if r.Verified {
			t.Fatal("it verifies")
		}
		first, _, _ := strings.Cut(string(d.Markdown()), "\n")
		if !strings.Contains(first, want) {
			t.Errorf("the first line is %q", first)
		}
		html, err := d.HTML()
		if err != nil {
			t.Fatal(err)
		}
		body := string(html[bytes.Index(html, []byte("<body>")):])
		if !strings.Contains(body, want) || strings.Index(body, want) > strings.Index(body, "<h1>") {
			t.Error("the HTML does not begin with it")
		}
		if says := text(d); !strings.Contains(says, "SS2213") || !strings.Contains(says, "board02.approver") || !strings.Contains(says, fmt.Sprintf("(#entry-%d)", len(f.Leaves)-1)) {
			t.Errorf("the finding lacks its code, party or entry:\n%s", says)
		}
	}
}

// TestHostile: text of a log is never taken for markup, and a study file that
// nobody can read is said to be one.
func TestHostile(t *testing.T) {
	f := told(t)
	evil := &report.Question{Question: "<script>alert(1)</script> | **x** [y](http://z)\n# head \x01 12\x03 \u202e", Kind: "<b>", Purpose: "`"}
	dir := bundled(t, f, f.Checkpoint())
	d, _ := made(t, dir, report.Options{Lang: "en", Read: func(string, []byte) (*report.Question, error) { return evil, nil }})
	html, err := d.HTML()
	if err != nil {
		t.Fatal(err)
	}
	for form, bad := range map[string]*regexp.Regexp{
		string(html):         regexp.MustCompile("<script|<b>|\x01|\u202e"),
		string(d.Markdown()): regexp.MustCompile("<script|[^\\\\]\\*x|[^\\\\]\\]\\(http|\n# head|<b>|\x01|\u202e"),
	} {
		if found := bad.FindString(form); found != "" {
			t.Errorf("%q got through", found)
		}
		if !strings.Contains(form, "alert(1)") {
			t.Error("the question is not there")
		}
	}
	d, _ = made(t, dir, report.Options{Lang: "en", Read: func(string, []byte) (*report.Question, error) { return nil, errors.New("line 3: unknown key") }})
	if !strings.Contains(text(d), "it cannot be read by this program (line 3: unknown key)") {
		t.Error(text(d))
	}
}

// TestUnknown: a study or language that is not there is said to be so.
func TestUnknown(t *testing.T) {
	f := told(t)
	log := new(report.Log)
	r, err := verify.Bundle(t.Context(), os.DirFS(bundled(t, f, f.Checkpoint())), audittest.Counters{}, verify.Watching(log.Add))
	if err != nil {
		t.Fatal(err)
	}
	var unknown *report.UnknownStudy
	if _, err := report.New(r, log, report.Options{Lang: "en", Study: "x", Read: question}); !errors.As(err, &unknown) || len(unknown.Has) != 2 {
		t.Errorf("%v", err)
	}
	if _, err := report.New(r, log, report.Options{Lang: "fr", Read: question}); err == nil {
		t.Error("there is a report in French")
	}
}

// TestGaps: everything that a verifier does not show has words in both
// languages.
func TestGaps(t *testing.T) {
	for _, gap := range verify.Gaps() {
		if !report.HasGap(gap) {
			t.Errorf("no words for %q", gap)
		}
	}
}
