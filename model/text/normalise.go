package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Normalise writes a text in one way: Unicode form NFKC (full-width and
// superscript digits become plain ones), lower case, one space where there was
// white space, and no invisible characters. It is idempotent.
func Normalise(s string) string {
	s = clean(s)
	// A lower-case letter may compose otherwise; one letter in a million needs
	// the second turn.
	for range 3 {
		next := clean(strings.ToLower(s))
		if next == s {
			break
		}
		s = next
	}
	return strings.Join(strings.Fields(s), " ")
}

// clean is Normalise that keeps capitals and ends of lines. It is idempotent.
func clean(s string) string {
	s = strings.ToValidUTF8(s, " ")
	for range 3 {
		next := norm.NFKC.String(strings.Map(visible, s))
		if next == s {
			break
		}
		s = next
	}
	return s
}

// visible drops what a reader does not see, such as a soft hyphen within a
// number, and makes every white space a space or a newline.
func visible(r rune) rune {
	switch {
	case r == '\n':
		return '\n'
	case r == '\r' || unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Cf, r) || unicode.IsControl(r) || unicode.Is(unicode.Co, r) || r == unicode.ReplacementChar:
		return -1
	case r == '’' || r == '‘' || r == '`' || r == '´':
		return '\''
	case r == '‐' || r == '‑' || r == '–' || r == '—' || r == '−':
		return '-'
	}
	return r
}
