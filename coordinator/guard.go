package coordinator

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/proto"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// answerWithin bounds calls that answer once, and how long a request may take to
// arrive.
const answerWithin = 30 * time.Second

// guard stands before every call: who calls, whether the log or the operator
// knows the name, how many calls it has open, what it sends, and what leaves in
// an error.
type guard struct {
	c      *Coordinator
	people *people
}

func newGuard(c *Coordinator, p *people) *guard { return &guard{c, p} }

type callerKey struct{}

// caller returns the name of the certificate with which a call was made.
func caller(ctx context.Context) string {
	name, _ := ctx.Value(callerKey{}).(string)
	return name
}

// once guards a method that answers once: before its request is taken in.
func (g *guard) once(method string, handle grpc.MethodHandler) grpc.MethodHandler {
	if g.c.cfg.off.early {
		return handle
	}
	return func(service any, ctx context.Context, receive func(any) error, _ grpc.UnaryServerInterceptor) (answer any, err error) {
		at, err := g.enter(ctx, method)
		if err != nil {
			return nil, g.out(method, at.name, err)
		}
		defer at.leave()
		ctx, cancel := context.WithTimeout(context.WithValue(ctx, callerKey{}, at.name), g.c.cfg.within)
		defer cancel()
		defer func() {
			if p := recover(); p != nil {
				answer, err = nil, g.panicked(method, at.name, p)
			}
		}()
		answer, err = handle(service, ctx, func(m any) error {
			err := g.take(ctx, receive, m)
			if errors.Is(err, io.EOF) {
				return errUnreadable()
			}
			return err
		}, nil)
		if err == nil {
			err = at.wire.send(answer)
		}
		if err != nil {
			return nil, g.out(method, at.name, err)
		}
		return answer, nil
	}
}

// stream guards every other method, as its interceptor.
func (g *guard) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
	at, err := g.enter(stream.Context(), info.FullMethod)
	if err != nil {
		return g.out(info.FullMethod, at.name, err)
	}
	defer at.leave()
	defer func() {
		if p := recover(); p != nil {
			err = g.panicked(info.FullMethod, at.name, p)
		}
	}()
	ctx := context.WithValue(stream.Context(), callerKey{}, at.name)
	return g.out(info.FullMethod, at.name, handle(srv, &guarded{stream, g, ctx, at.wire, !info.IsClientStream}))
}

// visit is a call that was let in.
type visit struct {
	name  string
	wire  *wire
	leave func() // must be called at its end
}

// enter admits a call.
func (g *guard) enter(ctx context.Context, method string) (visit, error) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return visit{}, errNobody()
	}
	info, _ := p.AuthInfo.(callerInfo)
	at := visit{name: certificateName(info.TLSInfo), wire: info.wire}
	if at.name == "" || at.wire == nil {
		return at, errNobody()
	}
	if !strings.HasPrefix(method, "/"+healthpb.Health_ServiceDesc.ServiceName+"/") {
		if !g.c.admits(at.name) {
			return at, errStranger()
		}
		if !g.c.ownCertificate(at.name, info.TLSInfo) {
			return at, errOldCertificate()
		}
	}
	// The certificate of a token was handed around in a file: it opens
	// enrolment, and shows nothing of the log.
	enrols := strings.HasPrefix(method, "/"+api.Enrolment_ServiceDesc.ServiceName+"/")
	if strings.HasPrefix(at.name, api.JoinPrefix) && !enrols {
		return at, errStranger()
	}
	person := g.people.get(at.name)
	if !person.call(g.c.cfg.Calls) {
		return at, errTooMany()
	}
	at.leave = person.hangUp
	return at, nil
}

// admits reports whether the operator, an invitation or the log lets the name
// call. What the log says is asked at each call: who was revoked stays out from
// then on, and who was granted is in.
func (c *Coordinator) admits(name string) bool {
	if slices.Contains(c.cfg.Allow, name) {
		return true
	}
	if invited, ok := strings.CutPrefix(name, api.JoinPrefix); ok {
		return c.cfg.Enrol.invited(invited)
	}
	known := false
	c.seq.View(func(st *audit.State) {
		known = isParty(st, name) || st.Charter == nil && c.cfg.Enrol.expects(name)
	})
	return known
}

// ownCertificate reports whether the certificate of a caller is one of the key
// that it joined with last. Older ones are worth nothing: whoever lost a key has
// lost its certificate too.
func (c *Coordinator) ownCertificate(name string, info credentials.TLSInfo) bool {
	key, joined := c.cfg.Enrol.tlsKey(name)
	return !joined || key == crypto.DigestOf(info.State.VerifiedChains[0][0].RawSubjectPublicKeyInfo)
}

// out is what leaves: a class and an action. The cause goes to the operator.
func (g *guard) out(method, name string, err error) error {
	e := outward(err)
	if e == nil {
		return nil
	}
	missed, ok := g.people.get(name).line()
	if !ok && !g.c.cfg.off.lines {
		return e
	}
	fields := []any{"call", method, "caller", name, "class", string(e.Class), "code", e.Code(), "answer", e.Sentence}
	if e.Cause != nil {
		fields = append(fields, "cause", e.Cause)
	}
	if missed > 0 {
		fields = append(fields, "unwritten", missed)
	}
	switch e.Class {
	case api.Internal:
		g.c.cfg.Logger.Error("a call failed", fields...)
	case api.Denied, api.Refused, api.Invalid, api.Exhausted:
		g.c.cfg.Logger.Warn("a call was refused", fields...)
	default:
		g.c.cfg.Logger.Debug("a call ended", fields...)
	}
	return e
}

// panicked keeps a defect in one call from ending all others.
func (g *guard) panicked(method, name string, p any) error {
	g.c.cfg.Logger.Error("a call panicked", "call", method, "caller", name, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	return outward(fmt.Errorf("panic in %s", method))
}

// certificateName returns the common name of the verified client certificate.
func certificateName(info credentials.AuthInfo) string {
	t, ok := info.(credentials.TLSInfo)
	if !ok || len(t.State.VerifiedChains) == 0 || len(t.State.VerifiedChains[0]) == 0 {
		return ""
	}
	return t.State.VerifiedChains[0][0].Subject.CommonName
}

// guarded is a stream whose messages are bounded: in size, in time where a
// request is one message, and in how many answers wait to be taken.
type guarded struct {
	grpc.ServerStream
	g    *guard
	ctx  context.Context
	wire *wire
	once bool // the request is one message
}

// Context implements grpc.ServerStream.
func (s *guarded) Context() context.Context { return s.ctx }

// RecvMsg implements grpc.ServerStream.
func (s *guarded) RecvMsg(m any) error {
	ctx := s.ctx
	if s.once {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.g.c.cfg.within)
		defer cancel()
	}
	err := s.g.take(ctx, s.ServerStream.RecvMsg, m)
	s.wire.pay(1) // many messages fit into one frame
	return err
}

// SendMsg implements grpc.ServerStream.
func (s *guarded) SendMsg(m any) error {
	if err := s.wire.send(m); err != nil {
		return err
	}
	return s.ServerStream.SendMsg(m)
}

// send counts a message that is about to be sent.
func (w *wire) send(m any) error {
	p, ok := m.(proto.Message)
	if !ok {
		return nil // the services have no others
	}
	const prefix, frame = 5, 16 << 10 // bytes that grpc puts before a message, and of a whole frame
	n := prefix + proto.Size(p)
	w.pay(float64(n / frame))
	return w.queue(int64(n))
}
