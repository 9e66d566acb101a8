package text

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// No number is ever read for a column, so none has to stay: not an age either,
// which with a few words more tells who somebody is.

func digits(p piece) int {
	if p.kind != number {
		return 0
	}
	return utf8.RuneCountInString(p.text)
}

// after returns the index of the next piece that is not spaces on the same
// line, or len(pieces).
func after(pieces []piece, i int) int {
	for i++; i < len(pieces) && pieces[i].kind == space && pieces[i].text != "\n"; i++ {
	}
	return i
}

// before returns the index of the previous such piece, or -1.
func before(pieces []piece, i int) int {
	for i--; i >= 0 && pieces[i].kind == space && pieces[i].text != "\n"; i-- {
	}
	return i
}

func lowerAt(pieces []piece, i int) string {
	if i < 0 || i >= len(pieces) || pieces[i].kind != word {
		return ""
	}
	return strings.ToLower(pieces[i].text)
}

// postcodes are four digits and two letters.
func postcodes(pieces []piece) {
	for i, p := range pieces {
		j := after(pieces, i)
		if digits(p) != 4 || j >= len(pieces) || pieces[j].kind != word || utf8.RuneCountInString(pieces[j].text) != 2 {
			continue
		}
		if text := pieces[j].text; j == i+1 || strings.ToUpper(text) == text || !small[text] {
			take(pieces, i, j, placeNumber)
		}
	}
}

// dates are a month by name beside a number, with all numbers around it.
func dates(pieces []piece) {
	for i := range pieces {
		if !months[lowerAt(pieces, i)] {
			continue
		}
		from := i
		for b := i; ; {
			b = before(pieces, b)
			if b < 0 || i-b > 8 {
				break
			}
			if pieces[b].kind == number {
				from = b
				break
			}
			// 3. maart, 3e van maart, 3rd of March
			if !(pieces[b].kind == sign && pieces[b].text == ".") && !slices.Contains([]string{"e", "de", "ste", "st", "nd", "rd", "th", "of", "van"}, lowerAt(pieces, b)) {
				break
			}
		}
		to := i
		for a := i; ; {
			a = after(pieces, a)
			if a >= len(pieces) || a-i > 8 {
				break
			}
			if pieces[a].kind == number {
				if to = a; a+1 < len(pieces) && pieces[a+1].kind == word && len(pieces[a+1].text) <= 3 { // March 3rd
					to = a + 1
				}
				break
			}
			if pieces[a].kind != sign || !strings.Contains(".',", pieces[a].text) { // jan. 2015, maart '15
				break
			}
		}
		if from < to {
			take(pieces, from, to, placeDate)
		}
	}
}

// marks takes out what letters and digits make together, such as 3a, K2391 or
// the number plate AB-12-CD.
func marks(pieces []piece) {
	part := func(p piece) bool { return p.kind == word || p.kind == number }
	for i := 0; i < len(pieces); i++ {
		if !part(pieces[i]) {
			continue
		}
		last, figures, capital, touch := i, pieces[i].kind == number, hasUpper(pieces[i].text), false
		for {
			next := last + 1
			if next+1 < len(pieces) && pieces[next].kind == sign && strings.Contains("-/_", pieces[next].text) {
				next++
			}
			if next >= len(pieces) || !part(pieces[next]) {
				break
			}
			touch = touch || next == last+1
			figures = figures || pieces[next].kind == number
			capital = capital || hasUpper(pieces[next].text)
			last = next
		}
		if last > i && figures && (touch || capital) {
			take(pieces, i, last, placeNumber)
		}
		i = last
	}
}

// numbers takes out every number, with the signs and spaces that hold its parts
// together.
func numbers(pieces []piece) {
	for i := 0; i < len(pieces); i++ {
		if pieces[i].kind != number {
			continue
		}
		last, parts := i, 1
		tight := "" // the sign that stands between all parts without spaces
		for next := joined(pieces, last); next >= 0; next = joined(pieces, last) {
			between := ""
			for _, p := range pieces[last+1 : next] {
				between += p.text
			}
			if parts == 1 {
				tight = between
			} else if tight != between {
				tight = ""
			}
			last, parts = next, parts+1
		}
		place := placeNumber
		if parts == 3 && (tight == "-" || tight == "/" || tight == ".") {
			place = placeDate
		}
		take(pieces, i, last, place)
		i = last
	}
}

// joined returns the number that goes on after at most four signs and spaces,
// or -1.
func joined(pieces []piece, i int) int {
	for n := 1; n <= 5 && i+n < len(pieces); n++ {
		switch p := pieces[i+n]; {
		case p.kind == number:
			return i + n
		case p.kind == space && p.text == " ", p.kind == sign && strings.Contains(".,-/:()+_'", p.text):
		default:
			return -1
		}
	}
	return -1
}

// houses takes out the street before a number that was taken out, and what
// stands behind it: dorpsstraat 12 bis.
func houses(pieces []piece) {
	for i, p := range pieces {
		if p.kind != gone || p.why != placeNumber {
			continue
		}
		b := before(pieces, i)
		street := lowerAt(pieces, b)
		if isStreet(street) {
			take(pieces, b, i, placeNumber)
		}
		if a := after(pieces, i); slices.Contains([]string{"bis", "hs"}, lowerAt(pieces, a)) {
			take(pieces, i, a, placeNumber)
		}
	}
}

// isStreet tells whether a word has the form of a street's name; not the bare
// words, so that "op straat" stays.
func isStreet(lower string) bool {
	return slices.ContainsFunc(streets, func(end string) bool { return len(lower) > len(end)+2 && strings.HasSuffix(lower, end) })
}

func hasUpper(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsUpper(r) || unicode.IsTitle(r) })
}
