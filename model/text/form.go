package text

import (
	"regexp"
	"slices"
	"strings"
)

// Forms are filled in as "Schulden: geen", "Pesten (nee)", "Roken: n.v.t.",
// "Geweld: -", and a question is answered by "Nee.": the answer negates what it
// answers.

// answers marks the clauses whose answer is no.
func answers(all []clause) {
	for k := range len(all) - 1 {
		c := &all[k]
		if !strings.Contains(":?(=", c.end) || c.end == "" || !all[k+1].saysNo() || slices.ContainsFunc(c.words, func(w string) bool { return undone[w] || undoing[w] }) {
			continue
		}
		c.denied = true
		if c.end != "?" { // "ja, deurwaarder: nee" answers one of two
			c.lastPart = max(0, lastTrue(c.commas))
		}
	}
}

func lastTrue(list []bool) int {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] {
			return i
		}
	}
	return -1
}

// saysNo tells whether a clause, up to its first comma, is the answer no and
// nothing else. "Niet bekend" is none.
func (c clause) saysNo() (no bool) {
	for i, w := range c.words {
		switch {
		case i > 0 && c.commas[i]:
			return no
		case noAnswer[w]:
			no = true
		case unknown[w] && (c.words[0] == "niet" || c.words[0] == "not"):
			return false
		case w != "" && !evidence[w] && !filling[w]:
			return false
		}
	}
	return no
}

// dashed tells whether the dash at i stands for an answer: nothing follows it.
func dashed(pieces []piece, i int) bool {
	next := after(pieces, i)
	return next >= len(pieces) || pieces[next].kind == space || pieces[next].kind == sign && strings.Contains(",;.)|", pieces[next].text)
}

var notApplicable = regexp.MustCompile(`(?i)(^|[^\pL\pN.])(n\.v\.t|n/a)($|[^\pL\pN])`)

// withoutDots writes "n.v.t." and "n/a" as one word, which no sign cuts and no
// rule takes for initials.
func withoutDots(s string) string {
	if !strings.Contains(s, ".v.") && !strings.Contains(s, ".V.") && !strings.Contains(s, "/") {
		return s
	}
	return notApplicable.ReplaceAllString(s, "${1}nvt$3")
}
