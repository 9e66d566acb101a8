package region

import (
	"slices"
	"strings"
	"testing"
)

// commonNames are among the most given and borne names of the Netherlands and
// England; no note may hold one as a word.
var commonNames = strings.Fields(`emma julia mila sophie olivia yara saar nora tess noor milou zoe sara fenna eva lotte isa anna fleur mohammed
noah liam luca lucas mees finn james milan levi sem daan bram jesse thijs sam lars tim jan piet kees willem henk maria johanna
jong jansen vries berg bakker dijk visser janssen smit meijer boer mulder groot bos vos peters hendriks leeuwen dekker brouwer wit dijkstra smits
graaf meer linden kok jacobs haan vermeulen heuvel veen broek bruijn heijden schouten beek willems smith jones taylor brown williams wilson
john mary robert michael william david oliver amelia george`)

// TestNotesTruth: every span and term stands where its truth says, in both sets.
func TestNotesTruth(t *testing.T) {
	for _, unseen := range []bool{false, true} {
		english, kinds, negated, terms, mistyped := 0, map[string]int{}, 0, 0, 0
		notes := Notes(1, 4000, unseen)
		for i := range notes {
			n := &notes[i]
			if n.Language == English {
				english++
			}
			end := 0
			for _, s := range n.Spans {
				if n.Text[s.Start:s.End] != s.Text || s.Start < end || s.Text == "" || strings.Contains(s.Text, "{") {
					t.Fatalf("span %+v in %q", s, n.Text)
				}
				kinds[s.Kind]++
				end = s.End
			}
			for _, m := range n.Terms {
				if n.Text[m.Start:m.End] != m.Text {
					t.Fatalf("term %+v in %q", m, n.Text)
				}
				at := slices.IndexFunc(topics, func(t Topic) bool { return t.Name == m.Topic })
				if !slices.Contains(slices.Concat(topics[at].Dutch, topics[at].English), strings.ToLower(m.Text)) {
					mistyped++
				}
				terms++
				if m.Negated {
					negated++
				}
			}
			if strings.ContainsAny(n.Text, "{}\"\n\r") {
				t.Fatalf("%q", n.Text)
			}
			for _, word := range strings.FieldsFunc(strings.ToLower(n.Text), func(r rune) bool { return !('a' <= r && r <= 'z') }) {
				if slices.Contains(commonNames, word) {
					t.Fatalf("%q holds the name %q", n.Text, word)
				}
			}
		}
		if share := float64(english) / 4000; share < 0.22 || share > 0.28 {
			t.Errorf("%.3f of the notes are English", share)
		}
		for _, k := range []string{SpanName, SpanPhone, SpanNumber, SpanPostcode, SpanAddress, SpanDate, SpanEmail} {
			if kinds[k] < 100 {
				t.Errorf("%d spans of kind %s", kinds[k], k)
			}
		}
		if negated < terms/3 || negated > terms*4/5 || mistyped < terms/100 || mistyped > terms/20 {
			t.Errorf("%d terms, %d denied, %d mistyped", terms, negated, mistyped)
		}
	}
}

// TestNoSentenceIsBoth: no template, syllable or street of the unseen set stands
// in the files' set.
func TestNoSentenceIsBoth(t *testing.T) {
	parts := func(s *templates) (all []string) {
		for _, l := range []*sentences{&s.dutch, &s.english} {
			all = slices.Concat(all, l.openings, l.affirmed, l.denied, l.mixed, l.endings)
		}
		return slices.Concat(all, s.firstA, s.firstB, s.lastA, s.lastB, s.street)
	}
	used := parts(&seen)
	for _, p := range parts(&unseenSet) {
		if slices.Contains(used, p) {
			t.Errorf("%q stands in both sets", p)
		}
	}
}

// TestNumbersAreNobodys: the numbers fail what real ones pass.
func TestNumbersAreNobodys(t *testing.T) {
	if !passesElevenTest(111222333) || passesElevenTest(111222334) { // the number that test systems use
		t.Fatal("the 11-test is not the one of citizen service numbers")
	}
	for _, n := range Notes(2, 3000, false) {
		for _, s := range n.Spans {
			figures, v := "", 0
			for _, r := range s.Text {
				if r >= '0' && r <= '9' {
					figures += string(r)
					v = v*10 + int(r-'0')
				}
			}
			switch s.Kind {
			case SpanNumber:
				if len(figures) != 9 || passesElevenTest(v) {
					t.Fatalf("%s could be somebody's", s.Text)
				}
			case SpanPhone:
				if !strings.HasPrefix(figures, "0600") && !strings.HasPrefix(figures, "31600") && !strings.HasPrefix(figures, "000") {
					t.Fatalf("%s could be somebody's", s.Text)
				}
			case SpanPostcode:
				if !strings.HasSuffix(s.Text, "SA") && !strings.HasSuffix(s.Text, "SD") {
					t.Fatalf("%s could be somewhere", s.Text)
				}
			case SpanEmail:
				if !strings.HasSuffix(s.Text, "@example.org") {
					t.Fatalf("%s could be somebody's", s.Text)
				}
			}
		}
	}
}

// TestNotesKnowAdversity: what notes affirm follows the planted effect.
func TestNotesKnowAdversity(t *testing.T) {
	p, err := PresetNamed("demo")
	if err != nil {
		t.Fatal(err)
	}
	w, err := New(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	var affirmed, told [2]float64
	err = w.Each(func(c *Child) error {
		n, high := c.noteOf(1, JGZ), 0
		if c.get("adversity") > 0 {
			high = 1
		}
		for _, m := range n.Terms {
			if m.Topic == "tension" {
				told[high]++
				affirmed[high] += 1 - one(m.Negated)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	low, high := affirmed[0]/told[0], affirmed[1]/told[1]
	if low > 0.25 || high < 0.38 {
		t.Errorf("tension is affirmed in %.2f of the notes about it with low adversity and %.2f with high", low, high)
	}
}
