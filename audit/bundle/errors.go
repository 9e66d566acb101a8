package bundle

import "fmt"

// The codes of errors about bundle folders.
const (
	codeNoBundle    = "SS1801"
	codeVersion     = "SS1802"
	codeMissing     = "SS1803"
	codeMalformed   = "SS1804"
	codeMissingBlob = "SS1805"
	codeBlobDigest  = "SS1806"
	codeWrite       = "SS1807"
	codeLog         = "SS1808"
	codeUnreadable  = "SS1809"
)

// Error is a problem with a bundle folder.
type Error struct{ code, sentence, remedy string }

func failure(code, remedy, format string, args ...any) *Error {
	return &Error{code, fmt.Sprintf(format, args...), remedy}
}

func (e *Error) Error() string { return e.sentence }

// Code returns the stable code.
func (e *Error) Code() string { return e.code }

// Remedy says what to do.
func (e *Error) Remedy() string { return e.remedy }

// Missing reports whether a file is not there at all, rather than wrong.
func (e *Error) Missing() bool { return e.code == codeMissing || e.code == codeMissingBlob }
