package text

import (
	"slices"
	"strings"
)

func triggers(lower string) bool {
	return negating[lower] || contracted[lower] || trailing[lower] || terminators[lower]
}

// scope is how many words a negation reaches at most.
const scope = 8

// clause is the words between two signs that end a scope: all but the comma,
// which may stand in a list.
type clause struct {
	words    []string
	commas   []bool // by word: a comma goes before it
	end      string // the sign after it
	denied   bool   // the clause after it answers "no": from word lastPart on
	lastPart int
}

func clauses(pieces []piece) (all []clause) {
	c, comma := clause{}, false
	end := func(sign string) {
		if len(c.words) > 0 {
			c.end = sign
			all = append(all, c)
		}
		c, comma = clause{}, false
	}
	add := func(w string) {
		c.words, c.commas = append(c.words, w), append(c.commas, comma)
		comma = false
	}
	for i, p := range pieces {
		switch {
		case p.kind == word:
			add(p.text)
		case p.kind == gone: // somebody: a word that is nobody's
			add("")
		case p.text == ",":
			comma = true
		case p.text == "-" && len(c.words) == 0 && dashed(pieces, i):
			add("nvt")
		case p.text == "\n" || p.kind == sign && strings.Contains(".;:!?()•|=", p.text):
			end(p.text)
		}
	}
	end("")
	answers(all)
	return all
}

// negated says for each word of a clause whether it is negated.
func (c clause) negated() []bool {
	out := make([]bool, len(c.words))
	if c.denied {
		for i := c.lastPart; i < len(out); i++ {
			out[i] = true
		}
	}
	masked := c.masked()
	for i, w := range c.words {
		if masked[i] {
			continue
		}
		if negating[w] || contracted[w] || trailing[w] {
			c.forward(i, out)
			if c.nothingAfter(i) && !c.ofVerb(i) {
				c.backward(i-1, "", out)
			}
		}
		if n := c.phrase(i, excluding); n > 0 && !masked[i+n-1] {
			c.forward(i+n-1, out)
		}
		if n := c.phrase(i, excluded); n > 0 && !masked[i+n-1] {
			c.backward(i-1, "door", out) // wordt door moeder ontkend
		}
		if w == "sluit" || w == "sluiten" { // sluit geweld uit
			if n := slices.Index(c.words[i:min(len(c.words), i+scope)], "uit"); n > 0 {
				for j := i + 1; j < i+n; j++ {
					out[j] = true
				}
			}
		}
	}
	return out
}

// masked marks the words that negate nothing: those of pseudo-negations, two
// negations of which one turns the other round (niet zonder ruzie), and "niet"
// after what is done about a thing (het geweld stopt niet).
func (c clause) masked() []bool {
	out := make([]bool, len(c.words))
	mask := func(from, n int) {
		for k := range n {
			out[from+k] = true
		}
	}
	for i, w := range c.words {
		mask(i, c.phrase(i, pseudo))
		switch {
		case denial[w]:
			if k := c.turned(i); k > 0 {
				out[i], out[k] = true, true
			}
		case negating[w] || contracted[w] || trailing[w]:
			for j := i + 1; j < min(len(c.words), i+5) && !c.commas[j]; j++ {
				if n := c.phrase(j, inverted); n > 0 {
					out[i] = true
					mask(j, n)
				}
				if v := c.words[j]; terminators[v] || !unit[v] && content(v) {
					break
				}
			}
			out[i] = out[i] || c.undoneBefore(i)
		}
	}
	return out
}

// turned returns the index of the "niet" that turns the verb of denial at i
// round: ontkent niet dat, ontkent de schulden niet; 0 if there is none.
func (c clause) turned(i int) int {
	for k := i + 1; k < min(len(c.words), i+5) && !c.commas[k] && !terminators[c.words[k]] && c.words[k] != "en"; k++ {
		if c.words[k] == "niet" && (c.nothingAfter(k) || c.words[k+1] == "dat") {
			return k
		}
	}
	return 0
}

// undoneBefore tells whether the word at i belongs to a verb before it that says
// what is done about a thing: stopt niet, weet niets.
func (c clause) undoneBefore(i int) bool {
	if !trailing[c.words[i]] && c.words[i] != "niets" {
		return false
	}
	for j := i - 1; j >= 0 && !c.commas[j+1]; j-- {
		if !still[c.words[j]] {
			return undoing[c.words[j]]
		}
	}
	return false
}

// ofVerb tells whether the word at i, the last of its part, negates the verb and
// not the thing that the verb is about: a thing with an article after a word of
// its own (betaalt de schulden niet).
func (c clause) ofVerb(i int) bool {
	if i+1 < len(c.words) && !c.commas[i+1] && c.words[i+1] != "meer" {
		return false
	}
	for j := i - 1; j > 0 && j > i-scope && !c.commas[j] && !terminators[c.words[j]]; j-- {
		if article[c.words[j]] && content(c.words[j-1]) {
			return true
		}
	}
	return false
}

// content tells whether a word says something of its own.
func content(w string) bool { return w != "" && !stop(w) && !evidence[w] && !neutral[w] }

// phrase returns how many words the longest phrase at word i has, 0 if none is
// there.
func (c clause) phrase(i int, in phrases) (longest int) {
	for _, words := range in[c.words[i]] {
		if len(words) > longest && len(c.words)-i >= len(words) && slices.Equal(c.words[i:i+len(words)], words) {
			longest = len(words)
		}
	}
	return longest
}

// forward negates what follows, up to a terminator, a comma that is not of a
// list, what is taken to be there, or scope words.
func (c clause) forward(i int, out []bool) {
	first := c.words[i]
	of := first == "geen" || first == "no" // negates a noun
	without := first == "zonder" || first == "without" || c.phrase(max(0, i-2), instead) == 3 || c.phrase(max(0, i-1), instead) == 2
	said := false // a word that the negation is of
	if i > 0 && i+1 < len(c.words) && trailing[first] && !c.commas[i] {
		// luistert niet naar de ruzie; but "zit niet in de schulden" denies them
		said = content(c.words[i-1]) && !state[c.words[i+1]]
	}
	for j := i + 1; j < len(c.words) && j <= i+scope; j++ {
		w := c.words[j]
		if without && j > i+1 && (beyond[w] || auxiliary[w]) {
			return
		}
		if terminators[w] || c.commas[j] && !c.lists(j) || (w == "en" || w == "and") && !c.goesOn(j) {
			return
		}
		if said && (of && (w == "om" || w == "to") || prepositions[w] && c.presupposed(j+1)) {
			return
		}
		out[j] = true
		if (undone[w] || undoing[w]) && !c.joined(j+1) {
			return
		}
		said = said || content(w)
	}
}

// presupposed tells whether at word i begins a thing that the writer takes to be
// there: geen einde aan het geweld, wil niet praten over zijn verslaving.
func (c clause) presupposed(i int) bool {
	return i < len(c.words) && definite[c.words[i]] && !(i+1 < len(c.words) && neutral[c.words[i+1]])
}

// joined tells whether word i goes on with a list.
func (c clause) joined(i int) bool {
	if i >= len(c.words) {
		return false
	}
	switch c.words[i] {
	case "of", "en", "or", "and", "noch", "nor":
		return true
	}
	return c.commas[i]
}

// backward negates what went before, also beyond the word over.
func (c clause) backward(i int, over string, out []bool) {
	for j := i; j >= 0 && j > i-scope; j-- {
		w := c.words[j]
		if terminators[w] && w != over || (w == "en" || w == "and") && !c.goesOn(j) {
			return
		}
		out[j] = true
		if c.commas[j] {
			return
		}
	}
}

// lists tells whether the comma before word j is one of a list: one or two words
// to the next comma, and at the end of such parts "of", "noch" or "or".
func (c clause) lists(j int) bool {
	n := 0
	for k := j; k < min(len(c.words), j+4*scope); k++ {
		switch w := c.words[k]; {
		case k > j && c.commas[k]:
			n = 0
			if terminators[w] {
				return false
			}
		case w == "of" && n > 0, w == "noch" || w == "or" || w == "nor":
			return true
		case terminators[w] || negating[w] || trailing[w] || opens[w] && n == 0:
			return false
		}
		if n++; n > 3 {
			return false
		}
	}
	return false
}

// goesOn tells whether after "en" or "and" the same part of the sentence goes
// on: no new subject or verb, and only a few words.
func (c clause) goesOn(j int) bool {
	n := 0
	for k := j + 1; k < len(c.words) && !c.commas[k]; k++ {
		if w := c.words[k]; opens[w] || w == "" || terminators[w] || negating[w] || trailing[w] {
			return false
		}
		if n++; n > 3 {
			return false
		}
	}
	return n > 0
}

// nothingAfter tells whether after word i the clause says nothing that could be
// negated: then what went before is.
func (c clause) nothingAfter(i int) bool {
	for j := i + 1; j < len(c.words); j++ {
		if terminators[c.words[j]] || c.commas[j] {
			return true
		}
		if w := c.words[j]; w != "" && !evidence[w] {
			return false
		}
	}
	return true
}
