package factsheet

import (
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/smartstart-federation/smartstart/model/decide"
)

// fixed are findings that no run gave: every part has something to say.
func fixed() *Findings {
	f := &Findings{Preset: "demo", Seed: 7, Children: 12345,
		Holders: []Holder{{"board", 6, 11000}, {"jgz", 6, 11800}, {"veiligthuis", 1, 527}},
		Log:     Log{Entries: 4321, Root: "ab12", Seconds: 200},
		Early: []Landmark{
			{48, 11700, 220, 0.07, Interval{0.081, 0.02, 0.1}, Interval{0.33, 0.25, 0.5}, Interval{0.70, 0.66, 0.74}, 55.4, 101, 110}, {72, 11600, 160, 0.07, Interval{0.064, 0.02, 0.1}, Interval{0.35, 0.25, 0.5}, Interval{0.72, 0.67, 0.77}, 37, 102, 110},
			{96, 11500, 100, 0.07, Interval{0.046, 0.02, 0.1}, Interval{0.4, 0.25, 0.5}, Interval{0.74, 0.68, 0.8}, 24, 103, 110}, {120, 11450, 45, 0.07, Interval{0.027, 0.02, 0.1}, Interval{0.46, 0.25, 0.5}, Interval{0.76, 0.68, 0.84}, 12, 104, 110},
		},
		Capacity:   &Capacity{72, 12, 1950, 9, 135, 0.65, 102},
		Decision:   &Decision{72, curve(), decide.Range{From: 28, To: 147}, decide.Range{From: 40, To: 66}, 102},
		Delay:      &Delay{2500, Interval{0.71, 0.67, 0.75}, Interval{0.62, 0.58, 0.66}, Interval{0.73, 0.69, 0.77}, 0.01, 0.0004, [3]int64{105, 106, 107}, [2]float64{200, 2500}},
		Statements: []Statement{{"boys_more", "specialist", "Boys more.", Interval{2, 1.3, 3}, Interval{0.9, 0.7, 1.2}, &Interval{1, 0.8, 1.3}, "contradicted", 108}},
		Effects:    []Effect{{"did", Interval{1.4, 0.8, 2}, 1.5, 111}, {"wedge", Interval{1.6, 1.1, 2.1}, 1.5, 112}},
		Unlike:     &Unlike{9000, 80, 0.009, 113},
		Periods:    []Ratio{{"period72-96", Interval{1.1, 0.8, 1.5}, 116}},
		Notes:      []Ratio{{"money", Interval{1.8, 1.2, 2.7}, 114}},
		Areas:      &Areas{60, 14, 500, 840, 9, 2, 8, 115},
		Groups:     &Groups{72, 0.1, [2]Interval{{0.09, 0.08, 0.1}, {0.12, 0.1, 0.14}}, 102},
		Truth: Truth{Compared: []Compared{{"delay-both", "girl", -0.4, 0.1, -0.35, -0.5, 107}, {"effect-wedge", "programme", 1.6, 0.25, 1.5, 0.4, 112}}, LargestZ: 0.5,
			Ladder: &Ladder{Interval{0.74, 0.70, 0.78}, "jgz", Interval{0.79, 0.75, 0.83}, Interval{0.83, 0.79, 0.87}, [3]float64{0.74, 0.80, 0.81}, 12000, 300}, Unlike: &Recall{55, 50, 9000, nil}, Areas: &Recall{2, 1, 60, nil},
			Bias: &Bias{[2]int{300, 100}, [2]Interval{{0.71, 0.65, 0.76}, {0.9, 0.82, 0.95}}, [2]float64{0.7, 0.9}}},
	}
	for i, id := range []string{"landmark-48", "landmark-72", "landmark-96", "landmark-120", "delay-child", "delay-situation", "delay-both", "statements", "", "lead-time", "effect-did", "effect-wedge", "unlike", "notes", "areas"} {
		if id != "" {
			f.Studies = append(f.Studies, Study{ID: id, Entry: int64(101 + i), Institutions: 6, Rows: 9000})
		}
	}
	f.Studies = append(f.Studies, Study{ID: "by-period", Entry: 116, Institutions: 6, Rows: 9000}, Study{ID: "another", Entry: -1, None: "too few"})
	return f
}

// curve is that of a model that is worth something between the thresholds .005
// and .035.
func curve() (points []decide.Point) {
	for i := range 60 {
		at := float64(i+1) * 0.001
		middle := 0.003 - 0.0857*at
		points = append(points, decide.Point{Threshold: at, Everybody: 0.0137 - at, Model: decide.Figure{Estimate: middle, Least: middle - 0.004, Most: middle + 0.004}})
	}
	return points
}

func pages(t *testing.T, f *Findings) map[string]*Page {
	t.Helper()
	all := map[string]*Page{}
	for _, lang := range Languages {
		s, ok := f.Sheet(lang)
		c, is := f.Council(lang)
		if !ok || !is {
			t.Fatalf("no reports in %s", lang)
		}
		all["factsheet."+lang], all["council."+lang] = s, c
	}
	return all
}

var (
	styles   = regexp.MustCompile(`(?s)<style>.*?</style>|<title>.*?</title>`)
	drawings = regexp.MustCompile(`(?s)<svg.*?</svg>`)
	links    = regexp.MustCompile(`(?s)<a href="#entry-\d+">.*?</a>`)
	tags     = regexp.MustCompile(`(?s)<[^>]*>`)
	digits   = regexp.MustCompile(`\d[\d.,]*`)
)

// shown is what a reader of the page reads, without its drawings.
func shown(html string) string {
	return strings.Join(strings.Fields(tags.ReplaceAllString(drawings.ReplaceAllString(styles.ReplaceAllString(html, ""), ""), " ")), " ")
}

// TestCouncilIsShort: at most 250 words, its list of entries counted too, and the
// words in its drawing as well.
func TestCouncilIsShort(t *testing.T) {
	for name, p := range pages(t, fixed()) {
		if !p.Council {
			continue
		}
		b, err := p.HTML()
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Fields(tags.ReplaceAllString(styles.ReplaceAllString(string(b), ""), " "))
		if len(all) > 250 || len(all) < 120 {
			t.Errorf("%s has %d words", name, len(all))
		}
		if n := strings.Count(string(b), "<svg"); n != 1 {
			t.Errorf("%s has %d drawings, not one", name, n)
		}
	}
}

// TestCouncilNumbersAreLinked: outside links and the list that they point to
// there is no figure, and each link has its entry.
func TestCouncilNumbersAreLinked(t *testing.T) {
	for name, p := range pages(t, fixed()) {
		b, err := p.HTML()
		if err != nil {
			t.Fatal(err)
		}
		page := string(b)
		for _, link := range regexp.MustCompile(`href="#(entry-\d+)"`).FindAllStringSubmatch(page, -1) {
			if !strings.Contains(page, `id="`+link[1]+`"`) {
				t.Errorf("%s: %s is cited and not listed", name, link[1])
			}
		}
		if !p.Council {
			continue
		}
		text, _, _ := strings.Cut(page, `<div class="entries">`)
		if loose := digits.FindAllString(shown(links.ReplaceAllString(text, "")), -1); len(loose) > 0 {
			t.Errorf("%s: figures without a log entry: %q", name, loose)
		}
		if n := len(links.FindAllString(text, -1)); n < 8 {
			t.Errorf("%s: only %d figures", name, n)
		}
	}
}

// TestNothingIsFetched: no page names an address, a script or a font.
func TestNothingIsFetched(t *testing.T) {
	files, err := fixed().Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		s := strings.ReplaceAll(string(content), `xmlns="http://www.w3.org/2000/svg"`, "")
		for _, bad := range []string{"http:", "https:", "//", "<script", "@import", "@font-face", "url(", "<img", "<iframe", "<link", "onload"} {
			if strings.Contains(s, bad) {
				t.Errorf("%s holds %q", name, bad)
			}
		}
		if strings.HasSuffix(name, ".svg") || strings.HasSuffix(name, ".html") {
			wellFormed(t, name, s)
		}
	}
	for _, want := range []string{"factsheet.nl.html", "factsheet.en.md", "council.nl.md", "council.en.html", "figures/early.nl.svg", "figures/selected.en.svg", "figures/planted.nl.svg", "figures/decision.nl.svg"} {
		if files[want] == nil {
			t.Errorf("%s is not made", want)
		}
	}
}

// wellFormed reads every drawing as XML.
func wellFormed(t *testing.T, name, s string) {
	t.Helper()
	for _, drawing := range drawings.FindAllString(s, -1) {
		d := xml.NewDecoder(strings.NewReader(drawing))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Errorf("%s: a drawing is no XML: %v", name, err)
				break
			}
		}
	}
}

// TestBothLanguages: each says everything the other says, with as many blanks,
// and no sentence in both alike.
func TestBothLanguages(t *testing.T) {
	nl, en := reflect.ValueOf(dutch), reflect.ValueOf(english)
	alike := map[string]bool{}
	for i := range nl.NumField() {
		field := nl.Type().Field(i).Name
		switch a, b := nl.Field(i), en.Field(i); a.Kind() {
		case reflect.String:
			if a.String() == "" || b.String() == "" || strings.Count(a.String(), "%s") != strings.Count(b.String(), "%s") || strings.Count(a.String(), "**")%2 != 0 {
				t.Errorf("%s: %q and %q", field, a, b)
			}
			if a.String() == b.String() && !alike[field] {
				t.Errorf("%s is the same in both languages: %q", field, a)
			}
		case reflect.Slice, reflect.Array:
			if a.Len() != b.Len() || a.Len() == 0 {
				t.Errorf("%s has %d and %d", field, a.Len(), b.Len())
			}
		case reflect.Map:
			for _, k := range a.MapKeys() {
				if field != "says" && !b.MapIndex(k).IsValid() {
					t.Errorf("%s lacks %s in English", field, k)
				}
			}
			for _, k := range b.MapKeys() {
				if !a.MapIndex(k).IsValid() {
					t.Errorf("%s lacks %s in Dutch", field, k)
				}
			}
		}
	}
	for name, p := range pages(t, fixed()) {
		m, err := p.Markdown()
		if err != nil || strings.Contains(string(m), "%s") || strings.Contains(string(m), "%!") || strings.Contains(string(m), "<no value>") {
			t.Errorf("%s: %v\n%s", name, err, m)
		}
		if mark := map[string]string{"nl": "SYNTHETISCH", "en": "SYNTHETIC"}[p.Lang]; !strings.HasPrefix(string(m), "**"+mark) {
			t.Errorf("%s does not begin with %s", name, mark)
		}
		if strings.Contains(string(m), "****") {
			t.Errorf("%s: bold type ends and begins again:\n%s", name, m)
		}
		for _, line := range strings.Split(string(m), "\n") {
			if bad := notBold(line); bad != "" {
				t.Errorf("%s: no renderer takes %s for bold type in %q", name, bad, line)
			}
		}
		if p.Council {
			continue
		}
		if n := len(p.Sections); n != 11 {
			t.Errorf("%s has %d sections", name, n)
		}
	}
	if _, ok := fixed().Sheet("fr"); ok {
		t.Error("a report in French")
	}
}

// notBold returns the first ** of a line that no Markdown renderer reads as the
// begin or the end of bold type (CommonMark 0.31, section 6.2: no space on its
// inner side, and on its outer side space or punctuation, unless a letter stands
// on the inner one), and "" if all are read.
func notBold(line string) string {
	kind := func(r rune) int {
		switch {
		case unicode.IsSpace(r):
			return 0
		case unicode.IsPunct(r) || unicode.IsSymbol(r):
			return 1
		}
		return 2
	}
	pieces := strings.Split(line, "**")
	for i := range pieces[1:] {
		before, _ := utf8.DecodeLastRuneInString(" " + pieces[i])
		after, _ := utf8.DecodeRuneInString(pieces[i+1] + " ")
		inner, outer := kind(after), kind(before)
		if i%2 == 1 {
			inner, outer = outer, inner
		}
		if inner == 0 || inner == 1 && outer == 2 {
			return string(before) + "**" + string(after)
		}
	}
	if len(pieces)%2 == 0 {
		return "an odd number of **"
	}
	return ""
}

// TestNotBold: the rule itself, by examples of the specification.
func TestNotBold(t *testing.T) {
	for line, bold := range map[string]bool{
		"**a:** b": true, "x **[81](#e) of 100** y": true, "(**a**)": true, "**a.** b": true, "none": true,
		"**a: **b": false, "a** b**": false, "**a:**b": false, "** a**": false, "**a": false,
	} {
		if got := notBold(line); (got == "") != bold {
			t.Errorf("%q: %q", line, got)
		}
	}
}

// TestMarkOnEveryPage: the bar stays on a screen, because it is fixed, and repeats
// on each printed page, because it is the head of a table: a fixed one would lie
// over the last lines of every page but the last.
func TestMarkOnEveryPage(t *testing.T) {
	for name, p := range pages(t, fixed()) {
		b, err := p.HTML()
		if err != nil {
			t.Fatal(err)
		}
		screen, print, _ := strings.Cut(string(b), "@media print")
		head := regexp.MustCompile(`\.made-up \{ display: table-header-group; break-inside: avoid; position: static;`)
		if !strings.Contains(screen, ".made-up { position: fixed") || !head.MatchString(print) || !strings.Contains(print, "body { display: table;") || !strings.Contains(string(b), `<div class="made-up">`+p.Synthetic) {
			t.Errorf("%s does not say on every page that it is synthetic", name)
		}
	}
}

// TestNumbersOfTheFindings: what is measured is what is printed, in the form of
// each language, and another figure gives another page.
func TestNumbersOfTheFindings(t *testing.T) {
	f := fixed()
	for lang, want := range map[string][]string{
		"nl": {"12.345", "4.321", "0,74", "65 van de 100", "worden er 135 niet gemeld: vals alarm", "|z|, is 0,5", "alle houders samen: 0,79 (0,75–0,83), ingebouwd 0,80", "1,60 (1,10–2,10)", "p < 0,001"},
		"en": {"12,345", "4,321", "0.74", "65 of 100", "135 are not reported: false alarms", "|z|, is 0.5", "all holders together: 0.79 (0.75–0.83), planted 0.80", "1.60 (1.10–2.10)", "p &lt; 0.001"},
	} {
		p, _ := f.Sheet(lang)
		b, err := p.HTML()
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(shown(string(b)), " ,", ",")
		if lang == "nl" {
			text = strings.ReplaceAll(text, "&lt;", "<")
		}
		for _, w := range want {
			if !strings.Contains(strings.ReplaceAll(text, " ", ""), strings.ReplaceAll(w, " ", "")) {
				t.Errorf("%s lacks %q:\n%s", lang, w, text)
			}
		}
	}
	f.Log.Findings = 3
	p, _ := f.Sheet("en")
	if m, _ := p.Markdown(); !strings.Contains(string(m), english.howFindings) {
		t.Error("findings in the log are not told")
	}
}

// TestWorth: the price from which on selecting is worth it stands beside its entry,
// and a model that is never worth it, or not for certain, is told as that.
func TestWorth(t *testing.T) {
	f := fixed()
	page := func() string {
		p, _ := f.Sheet("en")
		m, err := p.Markdown()
		if err != nil {
			t.Fatal(err)
		}
		return string(m)
	}
	if m := page(); !strings.Contains(m, "at least **[28](#entry-102)** conversations too many; from [148](#entry-102) on") || !strings.Contains(m, "certain from [40](#entry-102) to [66](#entry-102)") ||
		!strings.Contains(m, "The price is yours to set.") {
		t.Errorf("the price is not told:\n%s", m)
	}
	f.Decision.Certain = decide.Range{}
	if m := page(); !strings.Contains(m, "it is certain at no price") {
		t.Errorf("it is not told that nothing is certain:\n%s", m)
	}
	f.Decision.Estimate = decide.Range{}
	if m := page(); !strings.Contains(m, "at no price within what was opened") || strings.Contains(m, "at least **") || !strings.Contains(m, "The price is yours to set.") {
		t.Errorf("a model that is never worth it:\n%s", m)
	}
	svg := dutch.decisionFigure(f.Decision).SVG
	for _, want := range []string{">2%<", ">49<", ">niemand<"} { // a threshold of 2% is a price of 49
		if !strings.Contains(svg, want) {
			t.Errorf("the drawing lacks %s: %s", want, svg)
		}
	}
}

// TestNothingToSay: without any answer there are still two reports, which say so.
func TestNothingToSay(t *testing.T) {
	f := &Findings{Preset: "tiny", Studies: []Study{{ID: "areas", Entry: -1}}}
	files, err := f.Files()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(files["factsheet.en.md"]), english.tooFew) || !strings.Contains(string(files["council.nl.md"]), dutch.tooFew) {
		t.Error("it is not said that there was too little")
	}
}

// TestNoMarkup: what comes from elsewhere is text, in HTML, drawings and Markdown.
func TestNoMarkup(t *testing.T) {
	f := fixed()
	const bad = `<b onload="x">|*_[x](y)`
	f.Statements[0].ID, f.Statements[0].Says, f.Preset = "other", bad, bad
	f.Truth.Compared[0].Term = bad
	files, err := f.Files()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		if strings.Contains(string(content), "<b onload") || strings.HasSuffix(name, ".md") && strings.Contains(string(content), "|*_[x](y)") {
			t.Errorf("%s holds it as markup", name)
		}
	}
}
