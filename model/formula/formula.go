// Package formula reads model formulas in the notation of Wilkinson and
// Rogers (Applied Statistics 22, 1973) as R's formula and terms() do:
//
//	lang_delay ~ iq_verbal * girl + ns(lang_pre, 3) + offset(log_years)
//
// It knows columns by name only; whether a column exists and of what kind it
// is, is for the caller to check. Every formula has an intercept.
package formula

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Limits of a formula.
const (
	MaxText      = 4096 // bytes
	MaxTerms     = 200  // also of every part of the formula while it is expanded
	MaxFactors   = 4    // of one term
	MaxDepth     = 32   // of nested parentheses
	MaxName      = 128  // bytes of a column's name, as in the codebook
	MinSpline    = 2    // degrees of freedom of ns()
	MaxSpline    = 8
	maxExpansion = 16 << 20 // bytes read while products are expanded
)

// Formula is outcome ~ 1 + Terms + offset(Offsets[0]) + ...
type Formula struct {
	Outcome string
	// Terms in the order of R's terms(): main effects first, then interactions
	// of two, of three, of four, otherwise as written; none twice.
	Terms   []Term
	Offsets []string // columns added to the linear predictor as they are
}

// Term is the product of 1 to MaxFactors factors, in the order in which the
// factors first stand in the formula.
type Term struct {
	Factors []Factor
}

// Factor is a column (Spline 0) or the natural cubic spline ns(Column, Spline)
// with Spline degrees of freedom.
type Factor struct {
	Column string
	Spline int
}

// String returns the label that R gives the factor, such as "ns(x, 3)".
func (f Factor) String() string {
	if f.Spline == 0 {
		return quoted(f.Column)
	}
	return "ns(" + quoted(f.Column) + ", " + strconv.Itoa(f.Spline) + ")"
}

// String returns the label that R gives the term, such as "a:b".
func (t Term) String() string {
	labels := make([]string, len(t.Factors))
	for i, f := range t.Factors {
		labels[i] = f.String()
	}
	return strings.Join(labels, ":")
}

// String writes the formula without * and ^. Parse of it gives the same terms,
// with the factors of an interaction in the order of their main effects.
func (f *Formula) String() string {
	var parts []string
	for _, t := range f.Terms {
		parts = append(parts, t.String())
	}
	for _, c := range f.Offsets {
		parts = append(parts, "offset("+quoted(c)+")")
	}
	return quoted(f.Outcome) + " ~ " + strings.Join(parts, " + ")
}

// FromFeatures returns the formula outcome ~ features[0] + features[1] + ...;
// a feature that is listed twice counts once.
func FromFeatures(outcome string, features []string) *Formula {
	f := &Formula{Outcome: outcome}
	seen := make(map[string]bool, len(features))
	for _, name := range features {
		if !seen[name] {
			seen[name] = true
			f.Terms = append(f.Terms, Term{Factors: []Factor{{Column: name}}})
		}
	}
	return f
}

// reserved are R's reserved words, which are names only in backquotes.
var reserved = []string{
	"if", "else", "repeat", "while", "function", "for", "next", "break", "in", "TRUE", "FALSE", "NULL", "Inf", "NaN",
	"NA", "NA_integer_", "NA_real_", "NA_character_", "NA_complex_",
}

// quoted writes a name as it stands in a formula.
func quoted(name string) string {
	if plain(name) {
		return name
	}
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(name) + "`"
}

// plain tells whether the name needs no backquotes: letters, digits, _ and .,
// first a letter, or a dot that no digit or dot follows, and not reserved.
func plain(name string) bool {
	for i, r := range name {
		switch {
		case i == 0 && !unicode.IsLetter(r) && r != '.',
			i == 1 && name[0] == '.' && (digit(r) || r == '.'),
			!inName(r):
			return false
		}
	}
	return name != "" && name != "." && !slices.Contains(reserved, name)
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

func inName(r rune) bool { return unicode.IsLetter(r) || digit(r) || r == '_' || r == '.' }
