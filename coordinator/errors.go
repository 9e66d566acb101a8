package coordinator

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
)

// What callers are told. The cause stays in the operator's log.
func errStopping() *api.Error {
	return api.Errorf(api.Unavailable, "SS6201", "try again in a moment", "the coordinator is stopping")
}

func errBroken(cause error) *api.Error {
	return api.Errorf(api.Internal, "SS6202", "tell the coordinator's operator; sending the same bytes again later is safe",
		"the coordinator could not make the log durable and has stopped").Because(cause)
}

func errBeyond(have, from int64) *api.Error {
	return api.Errorf(api.Refused, "SS6203", "keep your copy of the log as evidence and tell the other institutions: the coordinator may run from an old backup",
		"the log here has %d entries, and the ones from %d on were asked for", have, from)
}

func errNobody() *api.Error {
	return api.Errorf(api.Denied, "SS6301", "connect with the client certificate that was issued to you", "the connection shows no client certificate with a name")
}

func errStranger() *api.Error {
	return api.Errorf(api.Denied, "SS6302", "enrol first; who joins after the founding waits until the institutions have admitted or granted it, and a key that was revoked stays out", "this name is not a party in force of the federation's log")
}

func errOldCertificate() *api.Error {
	return api.Errorf(api.Denied, "SS6318", "connect with the certificate of the newest enrolment", "this certificate is of a key that has been replaced since")
}

func errMayNotPut() *api.Error {
	return api.Errorf(api.Denied, "SS6303", "enrol the institution's node first", "only parties whose key is in force put blobs")
}

func errMayNotCosign() *api.Error {
	return api.Errorf(api.Denied, "SS6306", "enrol the institution's node first", "only enrolled nodes and auditors co-sign, each in its own name")
}

func errNotCosigned() *api.Error {
	return api.Errorf(api.Invalid, "SS6108", "upgrade the older side", "the checkpoint carries no co-signature of the caller")
}

func errTooMany() *api.Error {
	return api.Errorf(api.Exhausted, "SS6304", "end some calls, or run one client only", "too many calls of this party at once")
}

func errTooMuchLog() *api.Error {
	return api.Errorf(api.Exhausted, "SS6305", "wait some hours, and look what writes so much in this party's name", "this party has written more into the log within a day than one may")
}

func errUnreadable() *api.Error {
	return api.Errorf(api.Invalid, "SS6206", "upgrade the older side", "the request cannot be read: it is not the message that this call takes")
}

func errRequestSize(n, most int) *api.Error {
	return api.Errorf(api.Invalid, "SS6207", "put anything large in a blob", "the request has %d bytes where this call takes at most %d", n, most)
}

func errHalfRequest() *api.Error {
	return api.Errorf(api.Late, "SS6208", "check the connection and try again", "the request did not arrive in full in time")
}

func errMissing() *api.Error {
	return api.Errorf(api.Missing, "SS6405", "ask the party whose statement names it to upload it", "no blob with this digest is here")
}

func errUploadOrder(what string) *api.Error {
	return api.Errorf(api.Invalid, "SS6407", "upgrade the older side", "the upload does not follow the protocol: %s", what)
}

func errOffset(want, got int64) *api.Error {
	return api.Errorf(api.Conflict, "SS6406", "begin the upload again and go on where the answer says", "a piece begins at %d where %d is next", got, want)
}

func errSilent() *api.Error {
	return api.Errorf(api.Late, "SS6409", "begin the upload again; what arrived is kept", "the upload was silent for too long")
}

// outward turns any error into what a caller is told: this is the one place
// where the errors of the rooms behind the server become wire errors.
func outward(err error) *api.Error {
	var e *api.Error
	var refusal *audit.Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return e
	case errors.As(err, &refusal):
		return &api.Error{Class: api.Refused, Number: refusal.Code(), Sentence: refusal.Error(), Action: refusal.Remedy()}
	case errors.Is(err, blobs.ErrMissing):
		return errMissing()
	case errors.Is(err, blobs.ErrSize):
		return api.Errorf(api.Invalid, "SS6402", "check the file; the operator sets the largest size", "the blob's size is out of bounds, or not the one announced for its digest")
	case errors.Is(err, blobs.ErrQuota):
		return api.Errorf(api.Exhausted, "SS6403", "finish or wait out earlier uploads", "too many bytes of this party are unfinished or named by no statement")
	case errors.Is(err, blobs.ErrDigest):
		return api.Errorf(api.Invalid, "SS6404", "check the file and upload it again", "the bytes do not have the digest they were announced with")
	case errors.Is(err, blobs.ErrTaken):
		return api.Errorf(api.Conflict, "SS6408", "", "the same upload was begun again on another connection")
	case errors.Is(err, blobs.ErrShort):
		return errUploadOrder("it ended before the announced size")
	case errors.Is(err, errGone):
		return api.Errorf(api.Unavailable, "SS6205", "try again", "the call was ended before it was answered")
	case errors.Is(err, context.DeadlineExceeded):
		return api.Errorf(api.Late, "SS6204", "try again", "the coordinator did not get to it in time")
	case errors.Is(err, context.Canceled):
		return api.Errorf(api.Unavailable, "SS6205", "try again", "the call was ended before it was answered")
	}
	switch status.Code(err) { // of the stream's own Send and Recv, and of health and reflection
	case codes.Canceled, codes.Unavailable, codes.DeadlineExceeded:
		return api.Errorf(api.Unavailable, "SS6205", "try again", "the call was ended before it was answered")
	case codes.NotFound:
		return api.Errorf(api.Missing, "SS6209", "ask for a service that reflection lists", "there is no such service here").Because(err)
	case codes.InvalidArgument:
		return errUnreadable().Because(err)
	}
	return api.Errorf(api.Internal, "SS6900", "tell the coordinator's operator", "the coordinator failed").Because(err)
}
