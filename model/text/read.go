package text

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"
)

// Mention is a stem in a note.
type Mention struct {
	Stem    string
	Negated bool
}

// Read returns the stems that a note mentions, in its order, each negated or
// not, after de-identification. language is Dutch, English or "" for a guess.
func Read(note, language string) []Mention { return read(note, language, nil) }

func read(note, language string, known func(string) bool) (list []Mention) {
	if language == "" {
		language = Guess(note)
	}
	for _, c := range clauses(cut(lowered(deidentify(note, known)))) {
		negated := c.negated()
		for i, w := range c.words {
			if w = strings.TrimSuffix(w, "'s"); w != "" && !stop(w) {
				list = append(list, Mention{Stem(w, language), negated[i]})
			}
		}
	}
	return list
}

// lowered is Normalise that keeps the ends of lines, which end sentences.
func lowered(s string) string {
	lines := strings.Split(clean(s), "\n")
	for i := range lines {
		lines[i] = Normalise(lines[i])
	}
	return strings.Join(lines, "\n")
}

// Reader turns notes into yes and no. It is immutable and safe for concurrent
// use.
type Reader struct {
	language string
	terms    map[string]map[string][]int // by language, the terms of a stem
	n        int
	buckets  int
}

// NewReader reads notes for terms, each one normalised word, or, with buckets
// above 0 and no terms, for stems hashed into that many buckets. language is
// Dutch, English or "" for a guess note by note.
func NewReader(terms []string, buckets int, language string) *Reader {
	r := &Reader{language: language, terms: map[string]map[string][]int{Dutch: {}, English: {}}, n: len(terms), buckets: buckets}
	for l, stems := range r.terms {
		for i, t := range terms {
			s := Stem(t, l)
			stems[s] = append(stems[s], i)
		}
	}
	return r
}

// Note reads one note. said[i] tells that it mentions term i, or a stem of
// bucket i, at least once without a negation; denied[i] that it mentions term i
// negated. Both can hold.
func (r *Reader) Note(note string) (said, denied []bool) {
	language := r.language
	if language == "" {
		language = Guess(note)
	}
	n := r.n + r.buckets
	said, denied = make([]bool, n), make([]bool, n)
	stems := r.terms[language]
	known := func(lower string) bool { return len(stems[Stem(lower, language)]) > 0 }
	for _, m := range read(note, language, known) {
		for _, i := range stems[m.Stem] {
			said[i], denied[i] = said[i] || !m.Negated, denied[i] || m.Negated
		}
		if r.buckets > 0 {
			i := r.n + Bucket(m.Stem, r.buckets)
			said[i], denied[i] = said[i] || !m.Negated, denied[i] || m.Negated
		}
	}
	return said, denied
}

// Bucket returns the bucket of a stem, from 0 to buckets-1: the first eight
// bytes of its SHA-256, big-endian, modulo buckets (feature hashing: Weinberger
// et al. 2009, ICML; without its sign, as a column is yes or no).
func Bucket(stem string, buckets int) int {
	sum := sha256.Sum256([]byte("smartstart/text/v1 " + stem))
	return int(binary.BigEndian.Uint64(sum[:8]) % uint64(buckets))
}

// Usable tells whether a word can be a term: one normalised word that no
// negation, stop word or listed name is.
func Usable(term string) bool {
	pieces := cut(term)
	return len(term) <= longest && len(pieces) == 1 && pieces[0].kind == word && Normalise(term) == term &&
		!stop(term) && !triggers(term) && !(listed(term) && !alsoWords[term]) && !foreign(term)
}
