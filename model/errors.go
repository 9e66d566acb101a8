package model

import (
	"fmt"
	"strings"
)

// The error codes of this package. SS51xx: the study, the codebook, the table
// or the state do not fit together. SS52xx: the data refuse an answer; these
// end a study and every party computes the same one.
const (
	CodeUnknownColumn = "SS5101" // a column of the study is not in the codebook
	CodeKind          = "SS5102" // a column's kind cannot play this part
	CodeAuditOnly     = "SS5103" // an audit-only column used to predict
	CodeOffending     = "SS5104" // an outcome about offending
	CodeSite          = "SS5105" // a site that spans institutions, or whose institution nobody knows
	CodeFuture        = "SS5106" // a predictor that is known after what it predicts from
	CodeState         = "SS5110" // state bytes that are not a state of this plan
	CodeSums          = "SS5111" // not the number of sums that the state asks for
	CodeFinished      = "SS5112" // nothing more is asked in this state
	CodeUnfinished    = "SS5113" // no result yet
	CodeTable         = "SS5120" // the table lacks a column or holds another kind
	CodeRange         = "SS5121" // a value outside the codebook
	CodeTooManyRows   = "SS5122" // more than MaxRows
	CodeTensor        = "SS5123" // a tensor beyond its bound

	CodeAllMissing    = "SS5201"
	CodeNoRows        = "SS5202"
	CodeOneValue      = "SS5203"
	CodeConstant      = "SS5204"
	CodeTooFewRows    = "SS5205"
	CodeSmallGroup    = "SS5206"
	CodeCollinear     = "SS5207"
	CodeSeparated     = "SS5208"
	CodeNoConvergence = "SS5209"
	CodeExact         = "SS5210"
	CodeWideRange     = "SS5211"
	CodeContradiction = "SS5212"
)

// Error says what is wrong and what to do. It names columns, never values of
// records; the counts it may give are sums that were opened anyway.
type Error struct {
	code, message, remedy string
	columns               []string
}

// Error returns one sentence.
func (e *Error) Error() string { return e.message }

// Code returns the stable code, such as "SS5207".
func (e *Error) Code() string { return e.code }

// Remedy says what to do; it may be empty.
func (e *Error) Remedy() string { return e.remedy }

// Columns returns the columns or terms concerned, most important first.
func (e *Error) Columns() []string { return e.columns }

func fail(code, remedy, format string, args ...any) *Error {
	return &Error{code: code, message: fmt.Sprintf(format, args...), remedy: remedy}
}

func (e *Error) about(columns ...string) *Error {
	e.columns = columns
	return e
}

// list writes names as people do.
func list(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "\"" + n + "\""
	}
	switch len(quoted) {
	case 0:
		return "the other columns"
	case 1:
		return quoted[0]
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " and " + quoted[len(quoted)-1]
}
