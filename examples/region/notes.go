package region

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// The languages of notes.
const (
	Dutch   = "nl"
	English = "en"
)

// What must be removed from a note.
const (
	SpanName     = "name"
	SpanPhone    = "phone"
	SpanNumber   = "number" // nine figures like a citizen service number (BSN), failing its test
	SpanPostcode = "postcode"
	SpanAddress  = "address"
	SpanDate     = "date"
	SpanEmail    = "email"
)

// Span is a part of a note, in bytes.
type Span struct {
	Start, End int
	Kind       string
	Text       string
}

// Term is a mention of a topic.
type Term struct {
	Start, End int
	Topic      string // Topic.Name
	Text       string // as it stands there, perhaps with a typing error
	Negated    bool
}

// Note is a dossier note with its truth.
type Note struct {
	Text     string
	Language string
	Spans    []Span // names and numbers
	Terms    []Term
}

// Shares of what is planted in notes.
const (
	englishShare = 0.25
	typoChance   = 0.03 // a word of five letters or more, names and numbers aside
	noteShare    = 0.7  // files that hold a note
	toldShare    = 0.35 // topics that a note speaks of
	mixedShare   = 0.5  // notes that affirm and deny, and do so in one sentence
)

// Notes returns n notes with their truth, of children with all kinds of
// adversity. With unseen they come from templates, names and words that no
// generated file uses.
func Notes(seed uint64, n int, unseen bool) []Note {
	set, kind := &seen, "notes"
	if unseen {
		set, kind = &unseenSet, "unseen notes"
	}
	notes := make([]Note, n)
	for i := range notes {
		s := newStream(seed, kind, i)
		notes[i] = writeNote(s, set, s.normal(), s.normal())
	}
	return notes
}

// noteOf is the note that a group of holders has of the child, empty without one.
func (c *Child) noteOf(seed uint64, group string) Note {
	s := newStream(seed, "note "+group, c.Index)
	if !s.chance(noteShare) {
		return Note{Language: Dutch}
	}
	return writeNote(s, &seen, c.get("adversity"), c.get("development"))
}

// writeNote writes an opening, what is said of the topics, and often an ending
// with somebody to call.
func writeNote(s *stream, set *templates, adversity, development float64) Note {
	words := &set.dutch
	w := &noteWriter{s: s, set: set, language: Dutch}
	if s.chance(englishShare) {
		words, w.language = &set.english, English
	}
	w.sentence(pick(s, words.openings), nil, nil)
	var told []said
	for i := range topics {
		t := &topics[i]
		if !s.chance(toldShare) {
			continue
		}
		told = append(told, said{t, !s.chance(predictorOf(t).logistic([]float64{adversity, development}))})
	}
	affirmed := slices.IndexFunc(told, func(t said) bool { return !t.negated })
	denied := slices.IndexFunc(told, func(t said) bool { return t.negated })
	if affirmed >= 0 && denied >= 0 && s.chance(mixedShare) {
		w.sentence(pick(s, words.mixed), &told[denied], &told[affirmed])
		told = slices.Delete(told, max(affirmed, denied), max(affirmed, denied)+1)
		told = slices.Delete(told, min(affirmed, denied), min(affirmed, denied)+1)
	}
	for i := range told {
		list := words.affirmed
		if told[i].negated {
			list = words.denied
		}
		w.sentence(pick(s, list), &told[i], &told[i])
	}
	if s.chance(0.6) {
		w.sentence(pick(s, words.endings), nil, nil)
	}
	w.note.Text, w.note.Language = w.text.String(), w.language
	return w.note
}

// said is what a note says of a topic.
type said struct {
	topic   *Topic
	negated bool
}

func predictorOf(t *Topic) predictor {
	return predictor{t.Intercept, []load{{0, t.Adversity}, {1, t.Development}}}
}

// noteWriter puts a note together and keeps what stands where.
type noteWriter struct {
	s        *stream
	set      *templates
	language string
	text     strings.Builder
	note     Note
}

// sentence writes a template. {no} and {yes} stand for the topics, {..} for
// names and numbers; the rest is words, in which typing errors occur.
func (w *noteWriter) sentence(template string, no, yes *said) {
	if w.text.Len() > 0 {
		w.text.WriteByte(' ')
	}
	begin := w.text.Len()
	for template != "" {
		before, rest, found := strings.Cut(template, "{")
		w.words(before)
		if !found {
			return
		}
		field, after, _ := strings.Cut(rest, "}")
		template = after
		switch field {
		case "no":
			w.term(no, begin)
		case "yes":
			w.term(yes, begin)
		default:
			w.secret(field)
		}
	}
}

func (w *noteWriter) term(of *said, begin int) {
	words := of.topic.Dutch
	if w.language == English {
		words = of.topic.English
	}
	text := w.mistype(pick(w.s, words))
	if w.text.Len() == begin { // it begins the sentence
		text = strings.ToUpper(text[:1]) + text[1:]
	}
	start := w.text.Len()
	w.text.WriteString(text)
	w.note.Terms = append(w.note.Terms, Term{start, w.text.Len(), of.topic.Name, text, of.negated})
}

func (w *noteWriter) secret(field string) {
	text, kind := w.set.fiction(w.s, field, w.language)
	start := w.text.Len()
	w.text.WriteString(text)
	w.note.Spans = append(w.note.Spans, Span{start, w.text.Len(), kind, text})
}

// words writes plain text with typing errors.
func (w *noteWriter) words(text string) {
	for i, word := range strings.Split(text, " ") {
		if i > 0 {
			w.text.WriteByte(' ')
		}
		w.text.WriteString(w.mistype(word))
	}
}

// mistype changes a letter inside a word of five letters or more now and then,
// but no word that denies: what the note says must stay certain.
func (w *noteWriter) mistype(word string) string {
	if len(word) < 5 || len(word) != utf8.RuneCountInString(word) || strings.Contains(word, " ") || denies[strings.ToLower(strings.Trim(word, ".,:;"))] || !w.s.chance(typoChance) {
		return word
	}
	b := []byte(word)
	i := 1 + w.s.below(len(b)-3)
	switch w.s.below(3) {
	case 0:
		b[i], b[i+1] = b[i+1], b[i]
	case 1:
		b = append(b[:i], b[i+1:]...)
	default:
		b = append(b[:i+1], b[i:]...)
	}
	return string(b)
}

// denies are words that a typing error leaves alone.
var denies = map[string]bool{"geen": true, "niet": true, "nooit": true, "zonder": true, "ontkent": true, "afwezig": true, "sprake": true, "evenmin": true, "niets": true,
	"without": true, "never": true, "denies": true, "absent": true, "nothing": true, "neither": true, "echter": true, "however": true}
