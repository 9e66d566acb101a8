package records

import (
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/smartstart-federation/smartstart/configs"
)

// units number the names in a column of kind site.
type units struct {
	index      map[string]int
	names      []string
	registered bool // the codebook lists the names; else they come from the file
}

// Bounds of the names that a file may bring: longer or more would fill the
// memory.
const (
	maxUnits    = 1 << 20
	maxUnitName = 128 // bytes, as of a site in a codebook
)

// unitsOf takes the names that the codebook lists, in their order, so that
// every institution gives a site the same number.
func unitsOf(c *configs.Column) *units {
	u := &units{index: map[string]int{}, names: c.SiteNames()}
	u.registered = len(u.names) > 0
	for i, name := range u.names {
		u.index[name] = i
	}
	return u
}

// number returns the number of a name. Where the codebook lists none, a new
// name gets the next number: it then means nothing outside this table.
func (u *units) number(text string) (float64, cellState) {
	if i, ok := u.index[text]; ok {
		return float64(i), cellGood
	}
	switch {
	case u.registered:
		return 0, cellUnknown
	case len(u.names) == maxUnits:
		return 0, cellMany
	case !validUnit(text):
		return 0, cellBad
	}
	name := strings.Clone(text) // the reader uses the row's memory again
	u.index[name] = len(u.names)
	u.names = append(u.names, name)
	return float64(len(u.names) - 1), cellGood
}

// validUnit is the rule that a codebook has for the names of sites.
func validUnit(s string) bool {
	return len(s) <= maxUnitName && utf8.ValidString(s) && strings.TrimSpace(s) == s &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// register notes which institutions have rows of which site.
type register map[string][]string

func (r register) add(site, institution string) {
	if site == "" || institution == "" || slices.Contains(r[site], institution) {
		return
	}
	if len(r) <= configs.MaxSites { // one more is refused by the codebook
		r[strings.Clone(site)] = append(r[site], strings.Clone(institution))
	}
}

// lists turns the register round, as a codebook has it. A site of two
// institutions stands at both; the codebook refuses it by its name.
func (r register) lists() map[string][]string {
	at := map[string][]string{}
	for _, site := range slices.Sorted(maps.Keys(r)) {
		for _, institution := range r[site] {
			at[institution] = append(at[institution], site)
		}
	}
	return at
}
