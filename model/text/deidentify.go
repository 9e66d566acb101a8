package text

import (
	"regexp"
	"strings"
)

// Deidentify returns a note without what names or numbers a person: see the
// package's comment for what that is. In its place stands [name], [number],
// [date] or [address]. Where it cannot tell, it takes out: a word with a
// capital within a sentence goes unless it is known to be nobody's.
//
// It is idempotent, and its result never holds a digit or an @.
// It is no proof: a name without a capital that no list has, or a description
// of a person without a name, stays.
func Deidentify(note string) string { return deidentify(note, nil) }

// turns bounds how often a note is gone over: what was taken out can show what
// stood beside it. A note that is still changing then is taken out whole.
const turns = 12

// deidentify keeps the words that a study asks for, which known tells, though
// they have a capital; but never a listed name.
func deidentify(note string, known func(lower string) bool) string {
	s := clean(note)
	for range turns {
		next := clean(once(s, known))
		if next == s {
			return s
		}
		s = next
	}
	return placeName
}

func once(s string, known func(string) bool) string {
	pieces := cut(withoutAddresses(withoutDots(s)))
	postcodes(pieces)
	dates(pieces)
	marks(pieces)
	numbers(pieces)
	houses(pieces)
	n := names{pieces: pieces, known: known}
	n.walk()
	return paste(pieces)
}

var domain = regexp.MustCompile(`(?i)^[\pL\pN_-]+(\.[\pL\pN_-]+)*\.(nl|com|org|net|eu|info|uk|edu|gov)([/?#:].*)?$`)

// withoutAddresses takes out e-mail and web addresses: all of a stretch without
// spaces that is one.
func withoutAddresses(s string) string {
	var b strings.Builder
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		parts := strings.Split(line, " ")
		for j, part := range parts {
			if !isAddress(part) {
				continue
			}
			core := strings.Trim(part, `.,;:!?()<>"'`)
			before, after, _ := strings.Cut(part, core)
			if strings.Contains(before+after, "@") || core == "" {
				before, after = "", ""
			}
			parts[j] = before + placeWeb + after
			// "jan @ example.nl": the part before the sign belongs to it.
			if strings.HasPrefix(core, "@") {
				for k := j - 1; k >= 0; k-- {
					if parts[k] != "" {
						parts[k] = placeWeb
						break
					}
				}
			}
		}
		b.WriteString(strings.Join(parts, " "))
	}
	return b.String()
}

func isAddress(part string) bool {
	if !strings.ContainsAny(part, "@.:") {
		return false
	}
	core := strings.Trim(part, `.,;:!?()<>"'`)
	lower := strings.ToLower(core)
	return strings.Contains(part, "@") || strings.Contains(lower, "://") || strings.HasPrefix(lower, "www.") || domain.MatchString(core)
}

// take marks the pieces from..to as taken out, all in one place.
func take(pieces []piece, from, to int, place string) {
	for i := from; i <= to; i++ {
		pieces[i] = piece{kind: gone, why: place}
	}
}
