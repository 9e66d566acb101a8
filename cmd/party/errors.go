package party

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
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
	codeCheckpoint = "SS1208" // the checkpoint kept here is damaged
	codeExpired    = "SS6612"
)

// AskForToken is what to do when the token or certificate of the party called
// name has ended or is lost.
func AskForToken(name string) string {
	name = strings.TrimSuffix(name, ".approver") // an institution has one token
	return "ask the coordinator's operator for a new token of " + name + " (smartstart coordinator invite " + name + ")"
}

// reason drops the path from a file system error: it is named already.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	var le *os.LinkError
	if errors.As(err, &le) {
		return le.Err.Error()
	}
	return err.Error()
}
