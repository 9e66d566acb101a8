package formula

import "fmt"

// The codes of this package.
const (
	CodeSyntax      = "SS5130" // not a formula
	CodeUnsupported = "SS5131" // a formula, but not one that is fitted here
)

// Error says what is wrong in a formula, at which character, and what to do.
type Error struct {
	code, message, remedy string
}

// Error returns one sentence, with the position in characters from 1.
func (e *Error) Error() string { return e.message }

// Code returns CodeSyntax or CodeUnsupported.
func (e *Error) Code() string { return e.code }

// Remedy says what to do.
func (e *Error) Remedy() string { return e.remedy }

func failAt(code string, at int, remedy, format string, args ...any) *Error {
	return &Error{code: code, remedy: remedy, message: fmt.Sprintf("formula, character %d: ", at) + fmt.Sprintf(format, args...)}
}

func noIntercept(at int) *Error {
	return failAt(CodeUnsupported, at, "remove it; every model here has an intercept", "a model without intercept is not supported")
}
