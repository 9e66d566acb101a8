package text

import (
	"slices"
	"strings"
)

// Words that negate what follows, as in NegEx, and those that negate what went
// before as well.
var (
	negating = set(`geen geenszins zonder ontkent ontkennen ontkende ontkend noch nergens niemand niets afwezig weerlegt
		no not without denies deny denied denying neither nor none nobody nothing cannot lacks absent`)
	contracted = set(`isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't won't wouldn't couldn't shouldn't`)
	// What may also follow the word that it negates: schulden zijn er niet.
	trailing = set(`niet nooit never`)
	// What may stand between such a word, or "geen", and the end of what is said
	// of the words before: van ruzie is geen sprake; violence was not seen. They
	// say that something is so, and nothing of their own.
	evidence = set(`sprake aanwijzing aanwijzingen signaal signalen bewijs bewijzen teken tekenen melding meldingen aanleiding vermoeden vermoedens
		gebleken gezien gemeld bekend genoemd geconstateerd gevonden vastgesteld waargenomen gehoord gesignaleerd opgemerkt aangetroffen bevestigd aangetoond gebruikt voorgekomen
		iets gezegd verteld zij hij ze besproken gerapporteerd geuit vermeld herkend ervaren zichtbaar aanwezig merkbaar geobserveerd beschreven ontdekt speelt speelde voorkomt voor gebeurd plaatsgevonden
		meer is zijn was waren geweest heeft had hebben er te zien langer hier thuis nu vandaag ooit werd wordt worden kunnen kon volgens moeder vader ouders haar hem ook
		sign signs evidence indication indications seen observed reported found noted noticed mentioned present evident confirmed described raised disclosed
		said told been be being any anymore longer now here today by mother father parents at home so far either`)
	// Two words that negate what follows.
	excluding = phrased("rules out", "rule out", "ruled out", "ruling out", "free of", "vrij van")
	// Two or three words after what they negate.
	excluded = phrased("is uitgesloten", "zijn uitgesloten", "uitgesloten", "niet aan de orde", "ruled out", "was ruled out", "is absent", "are absent", "is afwezig", "zijn afwezig", "niet van toepassing", "not present", "not an issue", "not apply")
	// Not negations, though they hold such a word.
	pseudo = phrased("niet alleen", "niet enkel", "niet uitgesloten", "niet uit te sluiten", "geen twijfel", "zonder twijfel", "geen toename", "geen afname", "geen verandering", "geen verbetering", "nog niet duidelijk of", "niet bekend of", "niet duidelijk of",
		"niet zeker of", "niet voor niets", "not only", "not just", "not ruled out", "cannot be ruled out", "not be ruled out", "no doubt", "without doubt", "without a doubt", "no change", "no increase", "no decrease", "no improvement", "not certain if", "not certain whether", "not sure if", "not sure whether", "not to mention", "geen verschil", "niet te missen")
)

// beyond are words that end the scope of "zonder" and "without", which reaches
// only what it stands before: zonder schroom over de scheiding.
var beyond = set(`over tegen met bij door naar uit op in tijdens about with at by during into on to from in for`)

// phrases are runs of words by their first.
type phrases map[string][][]string

func phrased(list ...string) phrases {
	p := phrases{}
	for _, text := range list {
		words := strings.Fields(text)
		p[words[0]] = append(p[words[0]], words)
	}
	return p
}

// terminators end the scope of a negation.
var terminators = set(`maar echter wel hoewel alhoewel ondanks omdat want doordat terwijl behalve tenzij daarentegen toch waardoor zodat aangezien daarnaast sinds nadat voordat door vanwege wegens dankzij
	but however although though except because due since yet while whereas despite apart still which who unless whilst besides`)

// opens are words with which a new clause begins after "en" or "and".
var opens = set(`er is zijn was waren heeft hebben had hadden wordt worden hij zij ze we wij ik het moeder vader ouders kind de een deze dit dat die wel ook veel vaak nu hun haar zijn
	there is are was were has have had he she they we it i the a an this that mother father parents child also often now his her their`)

func triggers(lower string) bool {
	return negating[lower] || contracted[lower] || trailing[lower] || terminators[lower]
}

// scope is how many words a negation reaches at most.
const scope = 8

// clause is the words between two signs that end a scope: all but the comma,
// which may stand in a list.
type clause struct {
	words  []string
	commas []bool // by word: a comma goes before it
}

func clauses(pieces []piece) (all []clause) {
	c, comma := clause{}, false
	end := func() {
		if len(c.words) > 0 {
			all = append(all, c)
		}
		c, comma = clause{}, false
	}
	for _, p := range pieces {
		switch {
		case p.kind == word:
			c.words, c.commas = append(c.words, p.text), append(c.commas, comma)
			comma = false
		case p.kind == gone: // somebody: a word that is nobody's
			c.words, c.commas = append(c.words, ""), append(c.commas, comma)
			comma = false
		case p.text == ",":
			comma = true
		case p.text == "\n" || p.kind == sign && strings.Contains(".;:!?()•|", p.text):
			end()
		}
	}
	end()
	return all
}

// negated says for each word of a clause whether it is negated.
func (c clause) negated() []bool {
	out := make([]bool, len(c.words))
	masked := c.masked()
	for i, w := range c.words {
		switch {
		case masked[i]:
		case negating[w] || contracted[w] || trailing[w]:
			c.forward(i, out)
			if c.nothingAfter(i) {
				c.backward(i-1, out)
			}
		}
		if masked[i] {
			continue
		}
		if n := c.phrase(i, excluding); n > 0 {
			c.forward(i+n-1, out)
		}
		if c.phrase(i, excluded) > 0 {
			c.backward(i-1, out)
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

// masked marks the words of pseudo-negations.
func (c clause) masked() []bool {
	out := make([]bool, len(c.words))
	for i := range c.words {
		for k := range c.phrase(i, pseudo) {
			out[i+k] = true
		}
	}
	return out
}

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
// list, or scope words.
func (c clause) forward(i int, out []bool) {
	for j := i + 1; j < len(c.words) && j <= i+scope; j++ {
		w := c.words[j]
		without := c.words[i] == "zonder" || c.words[i] == "without"
		if without && j > i+1 && beyond[w] {
			return
		}
		if terminators[w] || c.commas[j] && !c.lists(j) || (w == "en" || w == "and") && !c.goesOn(j) {
			return
		}
		out[j] = true
	}
}

// backward negates what went before.
func (c clause) backward(i int, out []bool) {
	for j := i; j >= 0 && j > i-scope; j-- {
		w := c.words[j]
		if terminators[w] || (w == "en" || w == "and") && !c.goesOn(j) {
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
		case terminators[w] || negating[w] || opens[w] && n == 0:
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
		if w := c.words[k]; opens[w] || w == "" || terminators[w] || negating[w] {
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
