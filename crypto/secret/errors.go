package secret

import "fmt"

// Error codes of this package.
const (
	codeEncrypt  = "SS3101" // encryption was asked for something impossible
	codeBind     = "SS3102" // a holder cannot take part in this attempt
	codeTransfer = "SS3103" // a box is not the one the contributor signed
	codeShare    = "SS3104" // a box is as signed but holds no valid share
	codeVote     = "SS3105" // a vote is refused
	codeRelease  = "SS3106" // a release is refused
	codeAbort    = "SS3107" // an abort is refused
	codeJournal  = "SS3108" // the caller's journal failed

	codeCheck         = "SS3109" // a share check could not be made
	codeContradiction = "SS3110" // a share contradicts its contributor's projection
	codeDisclose      = "SS3111" // a share is not opened as evidence
)

// Error says what happened, why, and what to do; never a secret.
type Error struct {
	code, text, remedy string
	cause              error
}

func failure(code, remedy, format string, args ...any) *Error {
	return &Error{code: code, text: fmt.Sprintf(format, args...), remedy: remedy}
}

func (e *Error) Error() string {
	if e.cause != nil {
		return e.text + ": " + e.cause.Error()
	}
	return e.text
}

// Code returns the stable code, such as "SS3104". SS3103 is the transport's
// fault (fetch the box again); SS3104 is the contributor's.
func (e *Error) Code() string { return e.code }

// Remedy returns what to do, or "".
func (e *Error) Remedy() string { return e.remedy }

// Unwrap returns the error of the writer or journal underneath, if any.
func (e *Error) Unwrap() error { return e.cause }
