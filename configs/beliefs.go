package configs

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// Prior is one [[prior]] table: what is believed of one coefficient before the
// data are seen, as a normal distribution on the scale of the result.
type Prior struct {
	Term string  `toml:"term"` // as the result names it, such as "girl" or "denominationpublic"
	Mean float64 `toml:"mean"` // on the scale of the linear predictor: a log odds ratio
	SD   float64 `toml:"sd"`   // 95% of the belief lies within 1.96 sd of the mean
}

// Statement is one [[statement]] table: what somebody who knows says makes the
// outcome more or less likely, so that the data can say whether it is so. It
// becomes a yes_no column named by its id, a predictor, and a prior of it.
type Statement struct {
	ID        string  `toml:"id"`
	Who       string  `toml:"who"`        // specialist | parent | young_person
	Says      string  `toml:"says"`       // in their own plain words
	Rule      string  `toml:"rule"`       // a CEL expression that is true for whom the statement is about
	OddsRatio float64 `toml:"odds_ratio"` // how many times the odds of the outcome are, for them, all else equal
	Low       float64 `toml:"low"`        // they are 95% sure that it lies from low
	High      float64 `toml:"high"`       // to high
}

// Who makes a statement.
const (
	WhoSpecialist  = "specialist"
	WhoParent      = "parent"
	WhoYoungPerson = "young_person"
)

// Limits of beliefs.
const (
	MaxStatements = 30
	MaxPriors     = 200
	MostOdds      = 1e4 // an odds ratio, and one over it
)

// Column is the derived column that a statement becomes.
func (s *Statement) Column() Derive {
	return Derive{Name: s.ID, Kind: YesNo, Value: s.Rule, Label: s.Says}
}

// validateBeliefs checks priors and statements without a codebook.
func (s *Study) validateBeliefs() error {
	if len(s.Priors)+len(s.Statements) == 0 {
		return nil
	}
	m := &s.Model
	allowed, what := []string{KindLogistic, KindPoisson, KindDiscreteTime}, "[[prior]]"
	if len(s.Statements) > 0 {
		allowed, what = []string{KindLogistic, KindDiscreteTime}, "[[statement]]"
	}
	switch {
	case !slices.Contains(allowed, m.Kind):
		return fail(CodeValue, "use kind = \""+strings.Join(allowed, "\", \"")+"\"", "study file: %s does not go together with kind = %q", what, m.Kind)
	case m.Penalty.Ridge > 0:
		return fail(CodeValue, "choose one of the two: a ridge penalty is a prior of every coefficient", "study file: %s does not go together with a ridge penalty", what)
	case m.Intercepts == InterceptInstitution:
		return fail(CodeValue, "choose one of the two", "study file: %s does not go together with intercepts = \"institution\"", what)
	case len(s.Priors) > MaxPriors || len(s.Statements) > MaxStatements:
		return fail(CodeValue, "keep those that matter most", "study file: more than %d [[prior]] or %d [[statement]] tables", MaxPriors, MaxStatements)
	}
	terms := map[string]bool{}
	for i := range s.Priors {
		p := &s.Priors[i]
		bad := func(remedy, format string) error {
			return fail(CodeValue, remedy, "study file: [[prior]] of %q "+format, p.Term)
		}
		switch {
		case p.Term == "":
			return fail(CodeMissing, `write term = "girl"`, "study file: [[prior]] number %d names no term", i+1)
		case terms[p.Term]:
			return bad("keep one", "is given twice")
		case !(math.Abs(p.Mean) <= 1e6):
			return bad("give a number such as 0.4, a log odds ratio", "has no usable mean")
		case !(p.SD >= 1e-6 && p.SD <= 1e6):
			return bad("give a number such as 0.2; a wider one says less", "has no usable sd")
		}
		terms[p.Term] = true
	}
	for i := range s.Statements {
		if err := s.validateStatement(i); err != nil {
			return err
		}
		if terms[s.Statements[i].ID] {
			return fail(CodeValue, "keep one", "study file: %q is both a [[prior]] and a [[statement]]", s.Statements[i].ID)
		}
	}
	return nil
}

func (s *Study) validateStatement(i int) error {
	t := &s.Statements[i]
	bad := func(remedy, format string, args ...any) error {
		return fail(CodeValue, remedy, "study file: [[statement]] %q "+format, append([]any{t.ID}, args...)...)
	}
	odds := func(x float64) bool { return x >= 1/MostOdds && x <= MostOdds }
	switch {
	case !plainID(t.ID):
		return fail(CodeValue, "use lower-case letters, digits and _, at most 40 of them, the first a letter", "study file: [[statement]] number %d has no usable id", i+1)
	case slices.ContainsFunc(s.Statements[:i], func(o Statement) bool { return o.ID == t.ID }):
		return bad("give each an id of its own", "stands there twice")
	case slices.ContainsFunc(s.Derive, func(d Derive) bool { return d.Name == t.ID }):
		return bad("give it another id", "has the name of a [[derive]] table")
	case t.ID == s.Model.Outcome:
		return bad("give it another id", "has the name of the outcome")
	case !slices.Contains([]string{WhoSpecialist, WhoParent, WhoYoungPerson}, t.Who):
		return bad("choose one of: specialist, parent, young_person", "is said by %q", t.Who)
	case strings.TrimSpace(t.Says) == "" || len(t.Says) > 500 || strings.ContainsFunc(t.Says, func(r rune) bool { return !unicode.IsPrint(r) }):
		return bad("write it in one sentence, in their words", "has no usable says")
	case t.Rule == "":
		return fail(CodeMissing, `write the expression that is true for whom it is about: rule = "noshow >= 2"`, "study file: [[statement]] %q has no rule", t.ID)
	case !odds(t.OddsRatio) || !odds(t.Low) || !odds(t.High):
		return bad("give odds_ratio = 2.0, low = 1.2, high = 3.5", "needs odds_ratio, low and high, each from 1/%g to %g", MostOdds, MostOdds)
	case t.OddsRatio == 1:
		return bad("ask whether it makes the outcome more or less likely", "says that it makes no difference, which no data can support: an odds_ratio of 1 has no side")
	case !(t.Low < t.High) || t.OddsRatio < t.Low || t.OddsRatio > t.High:
		return bad("give low below odds_ratio below high", "has an odds_ratio outside low to high")
	case t.High/t.Low < 1.001:
		return bad("ask what they would still believe, on either side", "leaves no doubt at all, so that no data could change it")
	}
	return nil
}

// plainID: it becomes the name of a column, of a term, and a word in formulas.
func plainID(s string) bool {
	if s == "" || len(s) > 40 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_') })
}
