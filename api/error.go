package api

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Class says what kind of answer an Error is, and so what a caller can do.
type Class string

// The classes. Invalid, Refused, Denied and Missing are final for the same
// request; the others say nothing about the next try.
const (
	Invalid     Class = "invalid"     // the request itself is malformed or too large
	Refused     Class = "refused"     // a rule of the protocol or the policy says no
	Denied      Class = "denied"      // this caller may not do this
	Missing     Class = "missing"     // what was asked for is not here
	Conflict    Class = "conflict"    // two transfers got in each other's way; start the call again
	Exhausted   Class = "exhausted"   // a quota or a limit on concurrent calls; later
	Unavailable Class = "unavailable" // the server cannot be reached or is stopping; later
	Late        Class = "late"        // a deadline passed
	Corrupt     Class = "corrupt"     // bytes do not have the digest they were asked by
	Internal    Class = "internal"    // the server failed; its operator's log knows more
)

// Error is the one error type of this package and of the service. What it
// shows is meant for outsiders: a sentence and an action, never a path, a
// query or a value from a record.
type Error struct {
	Class    Class
	Number   string // stable, "SS6104"
	Sentence string // what happened and why, lower case
	Action   string // what to do; may be empty
	Cause    error  // for the operator's log; never crosses the wire
}

// Errorf makes an Error; number is its stable code.
func Errorf(class Class, number, action, format string, args ...any) *Error {
	return &Error{Class: class, Number: number, Sentence: fmt.Sprintf(format, args...), Action: action}
}

// Because returns a copy of e that carries cause for the operator's log.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.Cause = cause
	return &c
}

func (e *Error) Error() string { return e.Sentence }

// Code is the stable code of this error, such as "SS6104".
func (e *Error) Code() string { return e.Number }

// Remedy says what to do; it may be empty.
func (e *Error) Remedy() string { return e.Action }

// Unwrap returns the cause, on the side where it happened.
func (e *Error) Unwrap() error { return e.Cause }

// Refused reports whether the answer is final for the same request.
func (e *Error) Refused() bool {
	switch e.Class {
	case Invalid, Refused, Denied, Missing:
		return true
	}
	return false
}

// grpcCode is the one place where classes and gRPC codes meet.
func (c Class) grpcCode() (code codes.Code, known bool) {
	switch c {
	case Invalid:
		return codes.InvalidArgument, true
	case Refused:
		return codes.FailedPrecondition, true
	case Denied:
		return codes.PermissionDenied, true
	case Missing:
		return codes.NotFound, true
	case Conflict:
		return codes.Aborted, true
	case Exhausted:
		return codes.ResourceExhausted, true
	case Unavailable:
		return codes.Unavailable, true
	case Late:
		return codes.DeadlineExceeded, true
	case Corrupt:
		return codes.DataLoss, true
	case Internal:
		return codes.Internal, true
	}
	return codes.Internal, false
}

// GRPCStatus lets grpc send e as a status with a Problem in its details.
func (e *Error) GRPCStatus() *status.Status {
	code, _ := e.Class.grpcCode()
	s := status.New(code, e.Sentence)
	d, err := s.WithDetails(&Problem{Class: string(e.Class), Code: e.Number, Sentence: e.Sentence, Remedy: e.Action})
	if err != nil {
		return s
	}
	return d
}

// FromStatus turns what a grpc call returned into an *Error, or nil for nil.
// An answer without a Problem did not come from the service itself: it is
// classed by its gRPC code and, unless that is clearly about the request, as
// something that may be tried again.
func FromStatus(err error) *Error {
	if err == nil {
		return nil
	}
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	s, ok := status.FromError(err)
	if !ok {
		s = status.FromContextError(err)
	}
	for _, d := range s.Details() {
		p, ok := d.(*Problem)
		if !ok {
			continue
		}
		class := Class(p.GetClass())
		// A class must agree with the code it travels with: otherwise the
		// peer is not one of ours and its word on finality is not taken.
		if code, known := class.grpcCode(); known && code == s.Code() {
			return &Error{Class: class, Number: p.GetCode(), Sentence: p.GetSentence(), Action: p.GetRemedy(), Cause: err}
		}
	}
	switch s.Code() {
	case codes.DeadlineExceeded, codes.Canceled:
		return Errorf(Late, "SS6002", "check the connection and try again", "the coordinator did not answer in time").Because(err)
	case codes.Unimplemented:
		return Errorf(Invalid, "SS6003", "upgrade the older side", "the server at this address does not offer this call").Because(err)
	case codes.ResourceExhausted:
		return Errorf(Exhausted, "SS6004", "try again later; if it stays so, tell the coordinator's operator", "the coordinator or the transport refused a message for its size or number").Because(err)
	}
	return Errorf(Unavailable, "SS6001", "check the address, the certificate and the network, then try again",
		"the coordinator cannot be reached: %s", s.Message()).Because(err)
}

// again reports whether a call that failed with e may be made again while ctx
// lives.
func again(ctx context.Context, e *Error) bool {
	return ctx.Err() == nil && !e.Refused() && e.Class != Corrupt
}
