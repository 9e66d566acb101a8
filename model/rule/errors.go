package rule

import (
	"fmt"
	"strings"
)

// The codes of this package.
const (
	CodeCompile    = "SS5140" // not an expression, or an unknown column or level
	CodeNotAllowed = "SS5141" // an operator, function or size that is not allowed
	CodeType       = "SS5142" // numbers, yes/no and categories mixed up
)

// Error says what is wrong in an expression and what to do. It never holds a
// value of a record.
type Error struct {
	code, message, remedy string
}

// Error returns one sentence, with the position in characters from 1.
func (e *Error) Error() string { return e.message }

// Code returns CodeCompile, CodeNotAllowed or CodeType.
func (e *Error) Code() string { return e.code }

// Remedy says what to do.
func (e *Error) Remedy() string { return e.remedy }

func fail(code, remedy, format string, args ...any) *Error {
	return &Error{code: code, remedy: remedy, message: "expression: " + fmt.Sprintf(format, args...)}
}

// nearest returns the known name with the smallest edit distance (Levenshtein,
// in bytes, upper and lower case alike) if at most half of the name differs, or
// "". Ties go to the earlier one.
func nearest(name string, known []string) string {
	best, distance := "", len(name)/2+2
	for _, k := range known {
		a, b := strings.ToLower(name), strings.ToLower(k)
		row := make([]int, len(b)+1)
		for j := range row {
			row[j] = j
		}
		for i := 1; i <= len(a); i++ {
			diagonal := row[0]
			row[0] = i
			for j := 1; j <= len(b); j++ {
				cost := 1
				if a[i-1] == b[j-1] {
					cost = 0
				}
				diagonal, row[j] = row[j], min(row[j]+1, row[j-1]+1, diagonal+cost)
			}
		}
		if d := row[len(b)]; d < distance {
			best, distance = k, d
		}
	}
	return best
}
