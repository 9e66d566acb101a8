package configs

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FreeText is one [[text]] table: yes_no columns that each institution makes of
// its notes, with the notes themselves staying where they are. Of column "note",
// the term "schuld" becomes note_schuld: the note mentions a word of that stem
// without denying it. A row without a note has none of these values: no note is
// not the same as a note that does not mention it.
type FreeText struct {
	Column   string   `toml:"column"`   // of kind text
	Terms    []string `toml:"terms"`    // words, in lower case, that specialists list
	Negated  bool     `toml:"negated"`  // also note_schuld_negated: the note denies it
	Buckets  int      `toml:"buckets"`  // in place of terms: every stem, hashed into so many columns note_h00, note_h01 ...
	Language string   `toml:"language"` // nl | en; empty: guessed note by note
}

// TextColumn is one yes_no column made of a column of kind text.
type TextColumn struct {
	Name     string // of the new column
	Column   string // of kind text
	Language string
	Term     string // empty for a bucket
	Negated  bool
	Bucket   int // from 0
	Buckets  int // 0 for a term
}

// Limits of [[text]].
const (
	MaxTexts   = 10
	MaxTerms   = 100 // of one table
	MinBuckets = 8
	MaxBuckets = 256
	maxTerm    = 64 // bytes
)

// TextColumns lists the columns that the study makes of texts, in its order.
func (s *Study) TextColumns() (list []TextColumn) {
	for _, t := range s.Texts {
		for _, term := range t.Terms {
			one := TextColumn{Name: t.Column + "_" + term, Column: t.Column, Language: t.Language, Term: term}
			list = append(list, one)
			if t.Negated {
				one.Name, one.Negated = one.Name+"_negated", true
				list = append(list, one)
			}
		}
		digits := max(2, len(fmt.Sprint(t.Buckets-1)))
		for i := range t.Buckets {
			list = append(list, TextColumn{Name: fmt.Sprintf("%s_h%0*d", t.Column, digits, i), Column: t.Column, Language: t.Language, Bucket: i, Buckets: t.Buckets})
		}
	}
	return list
}

// Describe describes the column as a codebook does.
func (c *TextColumn) Describe() Column {
	label := fmt.Sprintf("the text in %q mentions %q", c.Column, c.Term)
	switch {
	case c.Negated:
		label = fmt.Sprintf("the text in %q denies %q", c.Column, c.Term)
	case c.Buckets > 0:
		label = fmt.Sprintf("the text in %q mentions a word of bucket %d of %d", c.Column, c.Bucket, c.Buckets)
	}
	return Column{Name: c.Name, Kind: YesNo, Label: label, Sensitivity: Ordinary}
}

func (s *Study) validateTexts() error {
	bad := func(remedy, format string, args ...any) error {
		return fail(CodeValue, remedy, "study file: [[text]] "+format, args...)
	}
	if len(s.Texts) > MaxTexts {
		return bad("ask for fewer", "stands there %d times, at most %d", len(s.Texts), MaxTexts)
	}
	for i := range s.Texts {
		t := &s.Texts[i]
		switch {
		case !validColumnName(t.Column):
			return fail(CodeMissing, `name a column of kind text: column = "note"`, "study file: [[text]] number %d names no column", i+1)
		case (len(t.Terms) > 0) == (t.Buckets != 0):
			return bad(`write terms = ["schuld", "ruzie"], or buckets = 64`, "of %q needs terms or buckets, and not both", t.Column)
		case len(t.Terms) > MaxTerms:
			return bad("list fewer, or use buckets", "of %q lists %d terms, at most %d", t.Column, len(t.Terms), MaxTerms)
		case t.Buckets != 0 && (t.Buckets < MinBuckets || t.Buckets > MaxBuckets):
			return bad("64 is usual", "of %q: buckets must be from %d to %d", t.Column, MinBuckets, MaxBuckets)
		case t.Buckets != 0 && t.Negated:
			return bad("list terms, or remove negated", "of %q: negated is for terms", t.Column)
		case !slices.Contains([]string{"", "nl", "en"}, t.Language):
			return bad("write nl or en, or leave it out", "of %q: language %q is not known", t.Column, t.Language)
		}
		for _, term := range t.Terms {
			if !validTerm(term) {
				return bad("write single words in lower case, letters only, such as schuld", "of %q lists a term that is no such word: %.64q", t.Column, term)
			}
		}
	}
	seen := map[string]bool{}
	for _, d := range s.Derive {
		seen[d.Name] = true
	}
	for _, c := range s.TextColumns() {
		if seen[c.Name] || !validColumnName(c.Name) {
			return bad("list each term once, and rename a derived column of this name", "makes the column %q twice, or under a name that cannot be", c.Name)
		}
		seen[c.Name] = true
	}
	return nil
}

func validTerm(s string) bool {
	return utf8.RuneCountInString(s) >= 2 && len(s) <= maxTerm && utf8.ValidString(s) && strings.ToLower(s) == s &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })
}

// InWords says what is made of the column, for those who are asked: the names of
// the new columns and, in plain words, what they hold.
func (t *FreeText) InWords() (name, value string) {
	if t.Buckets > 0 {
		return t.Column + "_h…", fmt.Sprintf("whether the text in %q mentions, and does not deny, a word of each of %d hashed groups of words", t.Column, t.Buckets)
	}
	value = fmt.Sprintf("whether the text in %q mentions, and does not deny, each of: %s", t.Column, strings.Join(t.Terms, ", "))
	if t.Negated {
		value += "; and whether it denies it"
	}
	return t.Column + "_…", value
}
