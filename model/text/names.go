package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// names takes names out of pieces, from left to right.
type names struct {
	pieces []piece
	known  func(lower string) bool // words that a study asks for; may be nil

	start  bool // of a sentence
	titled bool // a title or a word such as "called" went before
	named  bool // a name went before
}

func (n *names) walk() {
	n.start = true
	for i := 0; i < len(n.pieces); i++ {
		switch p := n.pieces[i]; p.kind {
		case space:
			if p.text == "\n" {
				n.start, n.titled, n.named = true, false, false
			}
		case number:
			n.start, n.named = false, false
		case gone:
			n.start, n.titled, n.named = false, false, p.why == placeName
		case sign:
			n.sign(p.text)
		case word:
			i = n.word(i)
		}
	}
}

func (n *names) sign(s string) {
	switch s {
	case ".":
		if !n.titled { // "dhr." ends no sentence
			n.start, n.named = true, false
		}
	case "!", "?", ";":
		n.start, n.titled, n.named = true, false, false
	case "•", "*":
		n.start = true
	case ",":
		n.titled, n.named = false, false
	}
}

// word decides on the word at i and returns the index of the last piece that it
// dealt with.
func (n *names) word(i int) int {
	p := n.pieces[i]
	lower := strings.ToLower(p.text)
	if last := n.linked(i); last >= 0 {
		take(n.pieces, i, last, placeName)
		n.start, n.titled, n.named = false, false, true
		return last
	}
	switch {
	case titles[lower] || naming[lower]:
		n.start, n.titled, n.named = false, true, false
		return i
	case n.initial(i):
		n.start, n.titled, n.named = false, false, true
		take(n.pieces, i, i, placeName)
		if i+1 < len(n.pieces) && n.pieces[i+1].kind == sign && n.pieces[i+1].text == "." {
			take(n.pieces, i+1, i+1, placeName)
			i++
		}
		return i
	case n.isName(p.text, n.start, n.titled, n.named), n.bare(i), n.start && n.acts(i):
		take(n.pieces, i, i, placeName)
		n.start, n.titled, n.named = false, false, true
		return i
	}
	n.start, n.titled, n.named = false, false, false
	return i
}

// linked returns the index of the name to which the small word at i leads, as
// in "mevrouw van der Berg" or "de Vries", or -1. It cannot tell the "van" of
// "van Dijk" from that of "moeder van Jan", so both go; but not one with a
// capital that begins a sentence, unless nothing but a name can follow.
func (n *names) linked(i int) int {
	upper, lower := hasUpper(n.pieces[i].text), strings.ToLower(n.pieces[i].text)
	if !linking[lower] || upper && n.start && !n.named && !firm[lower] && !linking[lowerAt(n.pieces, after(n.pieces, i))] {
		return -1
	}
	for j, turns := i, 0; turns < 4; turns++ {
		next := after(n.pieces, j)
		if next < len(n.pieces) && n.pieces[next].text == "'" {
			next++
		}
		switch {
		case next >= len(n.pieces):
			return -1
		case n.pieces[next].kind == gone && n.pieces[next].why == placeName:
			return next
		case n.pieces[next].kind != word:
			return -1
		case linking[strings.ToLower(n.pieces[next].text)]:
			j = next
		case n.isName(n.pieces[next].text, false, n.titled && !upper, n.named) && (hasUpper(n.pieces[next].text) || n.titled):
			return next
		default:
			return -1
		}
	}
	return -1
}

// initial tells whether the word at i is one capital that stands for a name.
func (n *names) initial(i int) bool {
	s := n.pieces[i].text
	if utf8.RuneCountInString(s) != 1 || !hasUpper(s) {
		return false
	}
	dot := i+1 < len(n.pieces) && n.pieces[i+1].kind == sign && n.pieces[i+1].text == "."
	if !dot {
		return n.isName(s, n.start, n.titled, n.named)
	}
	next := after(n.pieces, i+1)
	if next < len(n.pieces) && (n.pieces[next].kind == word && hasUpper(n.pieces[next].text) || linking[lowerAt(n.pieces, next)] || n.pieces[next].kind == gone) {
		return true
	}
	return !capitals[strings.ToLower(s)]
}

// isName decides on one word by itself and by what went before.
func (n *names) isName(text string, start, titled, named bool) bool {
	if foreign(text) {
		return true
	}
	lower := strings.ToLower(text)
	for _, end := range []string{"'s", "'"} {
		lower = strings.TrimSuffix(lower, end)
	}
	listed := listed(lower)
	if !hasUpper(text) {
		switch {
		case triggers(lower):
			return false
		case listed && !alsoWords[lower]:
			return true
		case n.asked(lower) || stop(lower):
			return false
		case titled:
			return listed || !common[lower]
		}
		return named && alsoWords[lower] && !common[lower]
	}
	switch {
	case capitals[lower] && !titled && !named:
		return false
	case !titled && !listed && shouted(text) && (stop(lower) || triggers(lower)):
		return false // in a line of capitals, "GEEN" is a word
	case start && stop(lower):
		return false
	case listed:
		return true
	case n.asked(lower):
		return false
	case titled || named && !start:
		return true
	case !start:
		return true
	}
	return !ordinaryWord(lower)
}

// bare tells whether the word at i, without a capital, is a name that is a noun
// too: a Dutch or English noun for one thing has an article or the like before
// it, at most one adjective away, and a name has none (roos huilt).
func (n *names) bare(i int) bool {
	w := n.pieces[i].text
	if !nouns[strings.TrimSuffix(w, "'s")] || n.asked(w) {
		return false
	}
	for b, left := before(n.pieces, i), 4; b >= 0 && left > 0; b, left = before(n.pieces, b), left-1 {
		last := lowerAt(n.pieces, b)
		if determiners[last] {
			return false
		}
		if !strings.HasSuffix(last, "e") {
			break
		}
	}
	return true
}

// acts tells whether the word at i, at the head of a sentence, is a name and not
// the English verb that it is too, since what follows is a verb with an ending
// or a name: "Will has", "May Brown", but "Will she come?".
func (n *names) acts(i int) bool {
	lower := lowerAt(n.pieces, i)
	next := after(n.pieces, i)
	if !alsoWords[lower] || !englishStops[lower] || dutchStops[lower] || !hasUpper(n.pieces[i].text) || next >= len(n.pieces) {
		return false
	}
	p := n.pieces[next]
	return p.kind == gone && p.why == placeName || p.kind == word && (hasUpper(p.text) || finite[p.text] || strings.HasSuffix(p.text, "ed") && !strings.HasSuffix(p.text, "eed") || strings.HasSuffix(p.text, "s") && !strings.HasSuffix(p.text, "ss"))
}

// shouted tells whether a word is in capitals.
func shouted(s string) bool { return utf8.RuneCountInString(s) > 1 && strings.ToUpper(s) == s }

func (n *names) asked(lower string) bool { return n.known != nil && n.known(lower) }

// listed tells whether a word, or a part of one with a hyphen, is on a list of
// names.
func listed(lower string) bool {
	on := func(s string) bool { return firstNames[s] || englishNames[s] || surnames[s] || alsoWords[s] }
	if on(lower) {
		return true
	}
	parts := strings.Split(lower, "-")
	if len(parts) == 1 {
		return false
	}
	for _, p := range parts {
		if !on(p) {
			return false
		}
	}
	return true
}

func stop(lower string) bool { return dutchStops[lower] || englishStops[lower] }

// ordinaryWord tells whether a word, or each part of one with a hyphen, can
// begin a sentence.
func ordinaryWord(lower string) bool {
	for _, p := range strings.FieldsFunc(lower, func(r rune) bool { return r == '-' || r == '\'' }) {
		if !stop(p) && !common[p] && !triggers(p) && !linking[p] && len(p) > 1 {
			return false
		}
	}
	return true
}

// foreign tells whether a word has letters that are not Latin, which nothing
// here can read.
func foreign(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) })
}
