package coordinator

import (
	"context"
	"errors"
	"net"
	"time"

	"golang.org/x/net/netutil"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/reflection"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
)

// server is the coordinator on the network. Who calls and how often is the
// guard's business; what is said is the sequencer's.
type server struct {
	api.UnimplementedFederationServer
	c      *Coordinator
	ctx    context.Context // ends when the coordinator is to stop
	grpc   *grpc.Server
	health *health.Server
	people *people
	turns  turns // of beginning an upload
}

func newServer(ctx context.Context, c *Coordinator) (*server, error) {
	if c.cfg.TLS == nil {
		return nil, errors.New("serving needs a TLS configuration; issue a server certificate first")
	}
	s := &server{c: c, ctx: ctx, health: health.NewServer(), people: newPeople(c.cfg)}
	g := newGuard(c, s.people)
	options := []grpc.ServerOption{
		grpc.Creds(newCallers(credentials.NewTLS(c.cfg.TLS.Clone()), s.people)),
		grpc.ForceServerCodecV2(strict{}),
		grpc.MaxRecvMsgSize(maxRequest),
		grpc.MaxSendMsgSize(api.MaxMessage),
		grpc.MaxHeaderListSize(16 << 10),
		grpc.MaxConcurrentStreams(uint32(c.cfg.Calls)),
		grpc.ConnectionTimeout(handshakeWithin),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: api.PingAfter, Timeout: api.PingTimeout}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: api.PingAfter / 2, PermitWithoutStream: true}),
		grpc.StreamInterceptor(g.stream),
		grpc.WaitForHandlers(true),
	}
	if !c.cfg.off.windows {
		// What a stream may send unread. Left to itself grpc lets it grow to 16
		// MiB for each stream of a fast caller.
		options = append(options, grpc.StaticStreamWindowSize(256<<10), grpc.StaticConnWindowSize(1<<20))
	}
	s.grpc = grpc.NewServer(options...)
	r := registrar{s.grpc, g}
	api.RegisterFederationServer(r, s)
	if c.cfg.Enrol != nil {
		api.RegisterEnrolmentServer(r, &enrolment{c: c, Enrolment: c.cfg.Enrol})
	}
	healthpb.RegisterHealthServer(r, s.health)
	s.health.SetServingStatus(api.Federation_ServiceDesc.ServiceName, healthpb.HealthCheckResponse_SERVING)
	reflection.Register(r)
	return s, nil
}

func (s *server) serve(l net.Listener) error {
	s.c.cfg.Logger.Info("serving", "address", l.Addr().String())
	return s.grpc.Serve(newDoor(netutil.LimitListener(l, s.c.cfg.Connections), s.c.cfg.off))
}

// close lets the calls under way end for the time of grace. Followers and
// uploads have ended with s.ctx; both go on elsewhere where they stopped.
func (s *server) close(grace time.Duration) {
	s.health.Shutdown()
	hard := time.AfterFunc(grace, s.grpc.Stop)
	defer hard.Stop()
	s.grpc.GracefulStop()
}

// Append implements the service.
func (s *server) Append(ctx context.Context, r *api.AppendRequest) (*api.AppendResponse, error) {
	if n := len(r.GetLeaf()); n == 0 || n > api.MaxLeaf {
		return nil, api.Errorf(api.Invalid, "SS6101", "put anything large in a blob", "a statement has 1 to %d bytes, not %d", api.MaxLeaf, n)
	}
	budget := &s.people.get(caller(ctx)).leaves
	if !budget.has() && !s.c.cfg.off.daily {
		return nil, errTooMuchLog()
	}
	index, err := s.c.seq.Append(ctx, r.GetLeaf())
	if err != nil {
		return nil, err // what was refused takes no room
	}
	budget.take(float64(len(r.GetLeaf())))
	return &api.AppendResponse{Index: index}, nil
}

// Follow implements the service.
func (s *server) Follow(r *api.FollowRequest, stream api.Federation_FollowServer) error {
	ctx, cancel := s.while(stream.Context())
	defer cancel()
	// The follower learns that it is heard, also while the log is silent; but
	// not that all is well when it holds more than there is.
	if err := s.c.seq.covers(r.GetFrom()); err != nil {
		return s.ending(err)
	}
	if err := stream.SendHeader(nil); err != nil {
		return err
	}
	send := func(p *api.Page) error {
		if !s.c.admits(caller(ctx)) { // its key has ended meanwhile
			return errStranger()
		}
		return stream.Send(p)
	}
	err := s.c.seq.follow(ctx, r.GetFrom(), func(from int64, leaves [][]byte, checkpoint []byte) error {
		return send(&api.Page{From: from, Leaves: leaves, Checkpoint: checkpoint})
	}, func(checkpoint []byte) error {
		return send(&api.Page{Cosigned: checkpoint})
	})
	return s.ending(err)
}

// Checkpoint implements the service.
func (s *server) Checkpoint(context.Context, *api.CheckpointRequest) (*api.CheckpointResponse, error) {
	signed, err := s.c.seq.Checkpoint()
	if err != nil {
		return nil, err
	}
	return &api.CheckpointResponse{Checkpoint: signed}, nil
}

// while returns a context that ends with the call and with the server.
func (s *server) while(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.ctx, cancel)
	return ctx, func() { stop(); cancel() }
}

// ending prefers to say that the server stops.
func (s *server) ending(err error) error {
	if err != nil && s.ctx.Err() != nil {
		return errStopping()
	}
	return err
}

// mayPut reports whether a caller may upload: whoever has a key in force, since
// each may sign a statement that names a blob. Uploads count against their
// uploader until a statement names them.
func mayPut(st *audit.State, name string) bool {
	_, ok := st.Key(name)
	return st.Charter != nil && ok
}

// isParty reports whether the log knows the name, as anything. Its key must be
// in force; the node of an institution in force may look before it enrols.
func isParty(st *audit.State, name string) bool {
	if mayPut(st, name) {
		return true
	}
	_, ok := st.Institution(name)
	return ok && !st.Revoked(name)
}
