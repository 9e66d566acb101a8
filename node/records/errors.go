package records

import "fmt"

// The error codes of this package.
const (
	CodeFile    = "SS4101" // the file cannot be read as CSV
	CodeHeader  = "SS4102" // the header is missing, doubled or unreadable
	CodeColumn  = "SS4103" // a column that is asked for is not there
	CodeValue   = "SS4104" // a cell is not of its column's kind
	CodeRange   = "SS4105" // a cell lies outside the codebook's range
	CodeLevels  = "SS4106" // too many cells hold an unknown level
	CodeLimit   = "SS4107" // more rows, columns or bytes a row than are read
	CodeName    = "SS4108" // an institution's name cannot be used
	CodeOptions = "SS4109" // the caller asked for something that cannot be
)

// Error says where the records do not fit and what to do. It names file, line
// and column, never a value.
type Error struct {
	code, message, remedy string
}

// Error returns one sentence.
func (e *Error) Error() string { return e.message }

// Code returns the stable code, such as "SS4104".
func (e *Error) Code() string { return e.code }

// Remedy says what to do; it may be empty.
func (e *Error) Remedy() string { return e.remedy }

func fail(code, remedy, format string, args ...any) *Error {
	return &Error{code: code, message: fmt.Sprintf(format, args...), remedy: remedy}
}
