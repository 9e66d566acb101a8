package coordinator

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/peer"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
)

// answerWithin bounds calls that answer once.
const answerWithin = 30 * time.Second

// guard stands before every call: who calls, whether the log or the operator
// knows the name, how many calls it has open, and what leaves in an error.
type guard struct {
	c *Coordinator

	mu   sync.Mutex
	open map[string]int // calls under way, by caller
}

func newGuard(c *Coordinator) *guard { return &guard{c: c, open: map[string]int{}} }

type callerKey struct{}

// caller returns the name of the certificate with which a call was made.
func caller(ctx context.Context) string {
	name, _ := ctx.Value(callerKey{}).(string)
	return name
}

func (g *guard) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (answer any, err error) {
	name, leave, err := g.enter(ctx, info.FullMethod)
	if err != nil {
		return nil, g.out(info.FullMethod, name, err)
	}
	defer leave()
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, callerKey{}, name), answerWithin)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			answer, err = nil, g.panicked(info.FullMethod, name, p)
		}
	}()
	if answer, err = handle(ctx, req); err != nil {
		return nil, g.out(info.FullMethod, name, err)
	}
	return answer, nil
}

func (g *guard) stream(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
	name, leave, err := g.enter(stream.Context(), info.FullMethod)
	if err != nil {
		return g.out(info.FullMethod, name, err)
	}
	defer leave()
	defer func() {
		if p := recover(); p != nil {
			err = g.panicked(info.FullMethod, name, p)
		}
	}()
	ctx := context.WithValue(stream.Context(), callerKey{}, name)
	return g.out(info.FullMethod, name, handle(srv, namedStream{stream, ctx}))
}

// enter admits a call; leave must be called at its end.
func (g *guard) enter(ctx context.Context, method string) (name string, leave func(), err error) {
	name = peerName(ctx)
	if name == "" {
		return name, nil, errNobody()
	}
	if !strings.HasPrefix(method, "/"+healthpb.Health_ServiceDesc.ServiceName+"/") && !g.admits(name) {
		return name, nil, errStranger()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open[name] >= g.c.cfg.Calls {
		return name, nil, errTooMany()
	}
	g.open[name]++
	return name, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		if g.open[name]--; g.open[name] == 0 {
			delete(g.open, name)
		}
	}, nil
}

// admits reports whether the log or the operator knows the name.
func (g *guard) admits(name string) bool {
	if slices.Contains(g.c.cfg.Allow, name) {
		return true
	}
	known := false
	g.c.seq.View(func(st *audit.State) { known = isParty(st, name) })
	return known
}

// out is what leaves: a class and an action. The cause goes to the operator.
func (g *guard) out(method, name string, err error) error {
	e := outward(err)
	if e == nil {
		return nil
	}
	fields := []any{"call", method, "caller", name, "class", string(e.Class), "code", e.Code(), "answer", e.Sentence}
	if e.Cause != nil {
		fields = append(fields, "cause", e.Cause)
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

// peerName returns the common name of the verified client certificate.
func peerName(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	return certificateName(p.AuthInfo)
}

func certificateName(info credentials.AuthInfo) string {
	t, ok := info.(credentials.TLSInfo)
	if !ok || len(t.State.VerifiedChains) == 0 || len(t.State.VerifiedChains[0]) == 0 {
		return ""
	}
	return t.State.VerifiedChains[0][0].Subject.CommonName
}

// namedStream carries the caller's name.
type namedStream struct {
	grpc.ServerStream
	ctx context.Context
}

// Context implements grpc.ServerStream.
func (s namedStream) Context() context.Context { return s.ctx }
