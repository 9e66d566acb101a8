package text

import (
	"strings"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
)

// The languages of notes.
const (
	Dutch   = "nl"
	English = "en"
)

// Guess returns the language of a note, Dutch or English, by which stop words
// it has more of; Dutch when it has as many of both.
func Guess(note string) string {
	nl, en := 0, 0
	for _, w := range Tokens(note) {
		if dutchStops[w] {
			nl++
		}
		if englishStops[w] {
			en++
		}
	}
	if en > nl {
		return English
	}
	return Dutch
}

// longest is the longest word in bytes that is stemmed; a longer one is its own
// stem.
const longest = 64

// Stem returns the stem of a normalised word by the Snowball stemmer of a
// language. Words of one stem count as one term: schuld, schulden.
func Stem(word, language string) string {
	if len(word) > longest {
		return word
	}
	env := snowballstem.NewEnv(word)
	if language == English {
		english.Stem(env)
	} else {
		dutch.Stem(env)
	}
	return env.Current()
}

// Tokens returns the words of a note, normalised, without numbers and without
// what Deidentify put in the place of something.
func Tokens(note string) (words []string) {
	for _, p := range cut(Normalise(note)) {
		if p.kind == word {
			words = append(words, strings.TrimSuffix(p.text, "'s"))
		}
	}
	return words
}
