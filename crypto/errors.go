package crypto

import "fmt"

// Error codes of this package.
const (
	codeParameters = "SS3001" // thresholds or attempt do not hold together
	codeShape      = "SS3002" // a shape does not fit its codec
	codeValue      = "SS3003" // an institution's own value exceeds its bound
	codeFrame      = "SS3004" // frames are malformed
	codeRelease    = "SS3005" // a release is malformed or not for this sum
	codeSet        = "SS3006" // a set is not a lawful set of the attempt
	codeSum        = "SS3007" // a sum was used out of order
	codeKey        = "SS3008" // a public key is malformed
	codeVotes      = "SS3009" // votes do not make a certificate
	codeCanary     = "SS3010" // the opened key does not fit the frames
	codeRange      = "SS3011" // an opened sum is outside its bound
	codeProjection = "SS3012" // a projection is not the one that was signed, or of no use here
	codeWrong      = "SS3013" // a contributor is proved wrong by its projection
)

// Error says what happened, why, and what to do. It never carries a value
// from a record or a secret.
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

// Code returns the stable code, such as "SS3004".
func (e *Error) Code() string { return e.code }

// Remedy returns what to do, or "".
func (e *Error) Remedy() string { return e.remedy }

// Unwrap returns the error of the reader or writer underneath, if any.
func (e *Error) Unwrap() error { return e.cause }

// Reasons of an InvalidError.
const (
	ReasonCanary = "canary"
	ReasonRange  = "range"
)

// InvalidError says that an attempt opens to nothing usable. With reason
// "canary" more releases, or the frames again, may still open it; never a
// smaller set. With reason "range" the attempt is published as invalid.
type InvalidError struct {
	Reason string
	detail string
}

func (e *InvalidError) Error() string { return e.detail }

// Code returns the stable code of the reason.
func (e *InvalidError) Code() string {
	if e.Reason == ReasonRange {
		return codeRange
	}
	return codeCanary
}

// Remedy returns what to do.
func (e *InvalidError) Remedy() string {
	if e.Reason == ReasonRange {
		return "the round is published as invalid; it is never retried by itself"
	}
	return "fetch the frames again and wait for more releases; never leave a contributor out"
}

// WrongError says that a contributor is proved wrong by what it signed itself:
// its projection is none, or does not open its own canaries.
type WrongError struct {
	Point int
	text  string
}

func wrong(point int, format string, args ...any) *WrongError {
	return &WrongError{Point: point, text: fmt.Sprintf(format, args...)}
}

func (e *WrongError) Error() string { return e.text }

// Code returns the stable code.
func (e *WrongError) Code() string { return codeWrong }

// Remedy returns what to do.
func (e *WrongError) Remedy() string {
	return "leave this contributor out of the set, with this as the evidence; everybody can check it again"
}
