package configs

import (
	"fmt"
	"strings"
)

// The error codes of this package.
const (
	CodeSyntax     = "SS1101" // the file is not TOML, or a value has another type
	CodeUnknownKey = "SS1102" // a key that no version knows
	CodeValue      = "SS1103" // a known key with a value that cannot be
	CodeMissing    = "SS1104" // a key that must be there
	CodeLater      = "SS1105" // a known feature that this version does not have
	CodeSize       = "SS1106" // the file is larger than any real one
)

// Error says what is wrong in a configuration file and what to do. It quotes
// the file, never a record.
type Error struct {
	code, message, remedy string
}

// Error returns one sentence.
func (e *Error) Error() string { return e.message }

// Code returns the stable code, such as "SS1102".
func (e *Error) Code() string { return e.code }

// Remedy says what to do; it may be empty.
func (e *Error) Remedy() string { return e.remedy }

// maxMessage keeps a sentence one that a person reads: a decoder quotes the value
// that it cannot take, however long.
const maxMessage = 2000

func fail(code, remedy, format string, args ...any) *Error {
	message := fmt.Sprintf(format, args...)
	if len(message) > maxMessage {
		message = strings.ToValidUTF8(message[:maxMessage], "") + "..."
	}
	return &Error{code: code, message: message, remedy: remedy}
}
