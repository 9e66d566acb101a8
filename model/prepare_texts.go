package model

import (
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/text"
)

// aboutOrigin are how words begin that tell origin, nationality or religion. The
// codebook marks columns that do; words of notes are the study's own choice, and
// nobody marks them. No list is complete: node show prints every term.
var aboutOrigin = strings.Fields(`moskee mosque islam moslim muslim koran quran ramadan hoofddoek headscarf jood joods jewish jew synago hindoe hindu christen christian katholiek catholic gereformeerd kerk church
	gelovig religi bijbel marokk moroc turk surina antil syri somal eritre afghan irak iraq iran oekra ukrain pools polish poolse sinti asiel asylum vluchteling refugee statushouder allocht migrant migrat immigr
	nationalit herkomst etni ethni buitenland foreign`)

// addTexts adds the yes_no columns that the study makes of notes to the
// codebook. Whoever reads the records makes them (see Texts); a note itself
// enters no table.
func (r *rules) addTexts(s *configs.Study, cb *configs.Codebook) error {
	type stem struct{ column, stem string }
	terms := map[stem]string{}
	for _, t := range s.TextColumns() {
		of, err := find(cb, t.Column, "[[text]]")
		if err != nil {
			return err
		}
		if of.Kind != configs.Text {
			return fail(CodeKind, "name a column of kind text", "study file: [[text]] names the column %q, which is of kind %s", of.Name, of.Kind).about(of.Name)
		}
		if _, twice := cb.Column(t.Name); twice {
			return fail(CodeKind, "give the column another name in the codebook", "study file: [[text]] makes a column %q, and the codebook has one already", t.Name).about(t.Name)
		}
		if t.Buckets == 0 && !t.Negated {
			if !text.Usable(t.Term) {
				return fail(CodeKind, "list words that say something of a situation; names are taken out of notes before they are read",
					"study file: [[text]] lists %q, which is a name, a negation or a word without a meaning of its own", t.Term).about(t.Name)
			}
			if !of.AuditOnly && slices.ContainsFunc(aboutOrigin, func(stem string) bool { return strings.HasPrefix(t.Term, stem) }) {
				return fail(CodeAuditOnly, "leave it out; a protected column of the codebook is there for fairness",
					"study file: [[text]] lists %q, a word about origin, nationality or religion: what no column may predict, no word of a note may either", t.Term).about(t.Name)
			}
			for _, language := range []string{text.Dutch, text.English} {
				if t.Language != "" && t.Language != language {
					continue
				}
				key := stem{t.Column + "\n" + language, text.Stem(t.Term, language)}
				if other, twice := terms[key]; twice {
					return fail(CodeKind, "keep one of the two", "study file: [[text]] lists %q and %q, which have one stem and so are one column", other, t.Term).about(t.Name)
				}
				terms[key] = t.Term
			}
		}
		c := t.Describe()
		c.Sensitivity, c.AuditOnly, c.KnownAt = of.Sensitivity, of.AuditOnly, of.KnownAt
		r.texts = append(r.texts, t)
		cb.Columns = append(cb.Columns, c)
	}
	return nil
}

// textOf returns the column of notes that a column is made of by the reader of
// records; "" if it is not.
func (r *rules) textOf(name string) string {
	for i := range r.texts {
		if r.texts[i].Name == name {
			return r.texts[i].Column
		}
	}
	return ""
}

// Texts returns the columns that the reader of the records makes of notes: only
// those that something in the study uses.
func (p *Plan) Texts() (list []configs.TextColumn) {
	used := p.rules.inTable(p)
	for _, t := range p.rules.texts {
		if slices.Contains(used, t.Name) {
			list = append(list, t)
		}
	}
	return list
}

// textVersion is part of a study's fingerprint where it reads notes: nodes that
// read them otherwise answer another question.
func (p *Plan) textVersion() string {
	if len(p.rules.texts) == 0 {
		return ""
	}
	return text.Version
}
