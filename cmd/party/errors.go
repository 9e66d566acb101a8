package party

import (
	"errors"
	"fmt"
	"io/fs"
)

// Error is a problem with this party's own files.
type Error struct{ code, sentence, remedy string }

func (e *Error) Error() string { return e.sentence }

// Code returns the stable code.
func (e *Error) Code() string { return e.code }

// Remedy says what to do.
func (e *Error) Remedy() string { return e.remedy }

func fail(code, remedy, format string, args ...any) *Error {
	return &Error{code, fmt.Sprintf(format, args...), remedy}
}

// The codes of this package.
const (
	codeNoFile     = "SS1201"
	codeUnreadable = "SS1202"
	codeOpenKey    = "SS1203" // a private key that others can read
	codeKey        = "SS1204" // keys and certificate that do not belong together
	codeToken      = "SS1205"
	codeExists     = "SS1206"
	codeWrite      = "SS1207"
	codeExpired    = "SS6612"
)

// reason drops the path from a file system error: it is named already.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
