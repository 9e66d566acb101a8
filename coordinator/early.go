package coordinator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/smartstart-federation/smartstart/api"
)

// Left to itself grpc takes in and decodes the request of a call that answers
// once before any interceptor hears of it: from anybody with a certificate, as
// many as there are streams, for as long as the caller likes, at a hundred
// bytes of memory for two of the request. And it answers what it cannot decode
// with a code of its own that says nothing. Here the guard stands before the
// first byte.

// registrar registers services whose every method goes through the guard.
type registrar struct {
	*grpc.Server
	guard *guard
}

// RegisterService implements grpc.ServiceRegistrar. Streams meet the guard as
// an interceptor, which for them does come first.
func (r registrar) RegisterService(d *grpc.ServiceDesc, service any) {
	guarded := *d
	guarded.Methods = slices.Clone(d.Methods)
	for i, m := range guarded.Methods {
		guarded.Methods[i].Handler = r.guard.once("/"+d.ServiceName+"/"+m.MethodName, m.Handler)
	}
	r.Server.RegisterService(&guarded, service)
}

// envelope is a request on its way in: grpc hands it to strict, which fills it.
type envelope struct {
	message any
	err     error
}

// strict is the codec of the services. It decodes requests within bounds of
// their own kind, and says what is wrong with them in the envelope, because an
// error that a codec returns is sent to the caller as grpc words it. It takes
// exactly the memory that a message needs: the pool of grpc's own codec gives a
// whole MiB to whatever is larger than 32 KiB, for as long as it waits to be
// taken.
type strict struct{}

// Name implements encoding.CodecV2.
func (strict) Name() string { return "proto" }

// Marshal implements encoding.CodecV2.
func (strict) Marshal(v any) (mem.BufferSlice, error) {
	m, ok := v.(proto.Message)
	if !ok {
		return nil, fmt.Errorf("%T is no message", v)
	}
	b, err := proto.Marshal(m)
	return mem.BufferSlice{mem.SliceBuffer(b)}, err
}

// Unmarshal implements encoding.CodecV2.
func (strict) Unmarshal(data mem.BufferSlice, v any) error {
	e, ok := v.(*envelope)
	if !ok {
		e = &envelope{message: v}
	}
	m, isMessage := e.message.(proto.Message)
	if !isMessage {
		return fmt.Errorf("%T is no message", e.message)
	}
	if most := largest(m); ok && data.Len() > most {
		e.err = errRequestSize(data.Len(), most)
	} else if err := proto.Unmarshal(data.Materialize(), m); err != nil {
		e.err = errUnreadable().Because(err)
	}
	if !ok {
		return e.err
	}
	return nil
}

// largest returns how many bytes a request of this kind can have. The bound of
// grpc is one for all, and a request of many small parts takes fifty times its
// size when it is decoded.
func largest(message any) int {
	const beside = 1 << 10 // tags and lengths
	switch message.(type) {
	case *api.AppendRequest:
		return api.MaxLeaf + beside
	case *api.PutBlobRequest:
		return api.MaxPiece + beside
	case *api.JoinRequest:
		return 16 << 10
	}
	return 4 << 10
}

// maxRequest is the bound for all: what fits no kind of request is not taken
// in, but what is a little too large for its kind still gets the right answer.
const maxRequest = api.MaxPiece + 64<<10

// take receives one message. Without limit it waits as long as ctx lives: that
// is for calls whose handler has a clock of its own.
func (g *guard) take(ctx context.Context, receive func(any) error, message any) error {
	if g.c.cfg.off.strict {
		return receive(message)
	}
	e := &envelope{message: message}
	var err error
	if _, limited := ctx.Deadline(); !limited {
		err = receive(e)
	} else {
		got := make(chan error, 1)
		go func() { got <- receive(e) }() // it ends with the call at the latest
		select {
		case err = <-got:
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return errHalfRequest()
			}
			return ctx.Err()
		}
	}
	switch {
	case err == nil:
		return e.err
	case errors.Is(err, io.EOF):
		return io.EOF
	}
	// What grpc finds wrong with a request it has answered itself by now; this
	// is for the operator's log, where the caller's fault is not ours.
	switch status.Code(err) {
	case codes.Internal, codes.ResourceExhausted, codes.Unimplemented:
		return errUnreadable().Because(err)
	}
	return err
}
