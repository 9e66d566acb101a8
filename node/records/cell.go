package records

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/smartstart-federation/smartstart/configs"
)

// What a cell turned out to be.
type cellState int

const (
	cellGood cellState = iota
	cellMissing
	cellUnknown // a level that the codebook does not know
	cellOutside // a number outside the range
	cellBad     // not of the column's kind
	cellMany    // one name more than a column may hold
)

// cell reads the text of one cell of column i.
func (rd *reader) cell(i int, text string) (float64, cellState) {
	if text == "" {
		return 0, cellMissing
	}
	c := rd.codebook[i]
	switch c.Kind {
	case configs.Site:
		return rd.units[i].number(text)
	case configs.YesNo:
		switch text {
		case "0":
			return 0, cellGood
		case "1":
			return 1, cellGood
		}
		return 0, cellBad
	case configs.Category:
		i := slices.Index(c.Levels, text)
		if i < 0 {
			return 0, cellUnknown
		}
		return float64(i), cellGood
	}
	v, ok := number(text)
	if !ok || c.Kind == configs.Integer && v != math.Trunc(v) {
		return 0, cellBad
	}
	if low, high := c.Range(); v < low || v > high {
		return v, cellOutside
	}
	return v, cellGood
}

// number reads a decimal with a point and an optional exponent: no spaces,
// thousands, hexadecimal, infinity or NaN. "-0" is 0.
func number(text string) (float64, bool) {
	if len(text) > 64 {
		return 0, false
	}
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && !strings.ContainsRune("+-.eE", rune(c)) {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return 0, false
	}
	return v + 0, true
}

func faultOf(kind string) string {
	switch kind {
	case configs.YesNo:
		return "the value is neither 0 nor 1"
	case configs.Integer:
		return "the value is not a whole number"
	case configs.Site:
		return "the value cannot name a site"
	}
	return "the value is not a number"
}

func remedyFor(kind string) string {
	switch kind {
	case configs.YesNo:
		return "write 0 or 1, and leave missing values empty (not NA)"
	case configs.Site:
		return "write at most 128 bytes of visible text, without spaces at its ends"
	}
	return "write digits with a point for decimals, and leave missing values empty (not NA)"
}
