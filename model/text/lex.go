package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a piece of a note is.
type kind byte

const (
	space  kind = iota // spaces; a line break is a piece of its own
	word               // letters, with single hyphens and apostrophes between them
	number             // digits
	sign               // one other character
	gone               // what stands where something was taken out
)

// piece is a run of characters of one kind.
type piece struct {
	kind kind
	text string
	why  string // of gone: which of places
}

// What stands in a de-identified note where something was taken out.
const (
	placeName   = "[name]"
	placeNumber = "[number]"
	placeDate   = "[date]"
	placeWeb    = "[address]"
)

func places() []string { return []string{placeName, placeNumber, placeDate, placeWeb} }

func isDigit(r rune) bool  { return unicode.IsNumber(r) }
func isLetter(r rune) bool { return unicode.IsLetter(r) || unicode.IsMark(r) }

// cut divides a cleaned note into pieces; laid end to end they are the note.
func cut(s string) (pieces []piece) {
	for len(s) > 0 {
		n, k := pieceAt(s)
		p := piece{kind: k, text: s[:n]}
		if k == gone {
			p.why = p.text
		}
		pieces = append(pieces, p)
		s = s[n:]
	}
	return pieces
}

func pieceAt(s string) (n int, k kind) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == '[':
		for _, place := range places() {
			if strings.HasPrefix(s, place) {
				return len(place), gone
			}
		}
		return 1, sign
	case r == '\n':
		return 1, space
	case r == ' ':
		return len(s) - len(strings.TrimLeft(s, " ")), space
	case isDigit(r):
		return run(s, isDigit), number
	case !isLetter(r):
		return size, sign
	}
	n = run(s, isLetter)
	for n < len(s) && (s[n] == '-' || s[n] == '\'') {
		more := run(s[n+1:], isLetter)
		if more == 0 {
			break
		}
		n += 1 + more
	}
	return n, word
}

func run(s string, in func(rune) bool) int {
	if i := strings.IndexFunc(s, func(r rune) bool { return !in(r) }); i >= 0 {
		return i
	}
	return len(s)
}

// paste is the inverse of cut; places of one kind that only spaces, or what
// belongs between the parts of a name, keep apart become one.
func paste(pieces []piece) string {
	var b strings.Builder
	last, held := "", ""
	for _, p := range pieces {
		switch {
		case p.kind == gone && p.why == last:
			held = "" // one place for both
		case p.kind == gone:
			b.WriteString(held)
			b.WriteString(p.why)
			last, held = p.why, ""
		case last != "" && p.kind == space && p.text != "\n":
			held += p.text
		default:
			b.WriteString(held)
			b.WriteString(p.text)
			last, held = "", ""
		}
	}
	b.WriteString(held)
	return b.String()
}
