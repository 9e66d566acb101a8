package rule

import (
	"fmt"
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
