package tamper

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/peer"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
)

// crooked is a coordinator with its own key, address and certificate that does
// what the test says: it sequences what nobody may, keeps things back, and
// shows one caller another log or other bytes than the rest. What it does on
// its own is honest.
type crooked struct {
	api.UnimplementedFederationServer
	born time.Time

	mu       sync.Mutex
	f        *audittest.Federation
	blobs    map[crypto.Digest][]byte
	cosigned []cosigned
	grown    chan struct{} // closed and made anew whenever there is something new

	// Its lies; set them before they matter.
	drop  func(caller string, s *audit.Statement) bool // a statement that it keeps back
	serve func(caller string, d crypto.Digest, b []byte) []byte
	forks map[string]*fork // by caller
}

// cosigned is a co-signed checkpoint and who is to hear of it; all if empty.
type cosigned struct {
	to     string
	signed []byte
}

// fork is the log that one caller is shown: the first entries of the true one,
// and then others.
type fork struct {
	from int64
	rest [][]byte
}

func (c *crooked) listen(authority *ca.Authority) (address string, stop func(), err error) {
	cert, err := authority.IssueServer("localhost", "127.0.0.1")
	if err != nil {
		return "", nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	pings := keepalive.EnforcementPolicy{MinTime: api.PingAfter / 2, PermitWithoutStream: true}
	s := grpc.NewServer(grpc.KeepaliveEnforcementPolicy(pings), grpc.Creds(credentials.NewTLS(ca.TLSServer(authority.Pool(), cert))))
	api.RegisterFederationServer(s, c)
	go func() { _ = s.Serve(l) }()
	return l.Addr().String(), s.Stop, nil
}

// caller is the name in the client certificate.
func caller(ctx context.Context) string {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return ""
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.PeerCertificates) == 0 {
		return ""
	}
	return info.State.PeerCertificates[0].Subject.CommonName
}

// does lets the test act as the coordinator, or as anybody whose keys it has.
func (c *crooked) does(f func(*audittest.Federation)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f(c.f)
	c.tell()
}

func (c *crooked) tell() {
	close(c.grown)
	c.grown = make(chan struct{})
}

// now is everybody's clock. It runs, or nothing would be tried again.
func (c *crooked) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.f.Clock.Add(time.Since(c.born))
}

func (c *crooked) put(b []byte) audit.BlobRef {
	d := crypto.DigestOf(b)
	c.blobs[d] = bytes.Clone(b)
	return audit.BlobRef{Digest: d, Size: int64(len(b))}
}

// GetBlob is how the test itself reads blobs.
func (c *crooked) getBlob(_ context.Context, digest [32]byte, offset, length int64, w io.Writer) error {
	c.mu.Lock()
	b, ok := c.blobs[digest]
	c.mu.Unlock()
	if !ok {
		return errors.New("no such blob")
	}
	if length < 0 {
		length = int64(len(b)) - offset
	}
	_, err := w.Write(b[offset : offset+length])
	return err
}

// Append implements the service. It asks the rules, as an honest one does:
// whatever else gets into the log, the test puts there.
func (c *crooked) Append(ctx context.Context, r *api.AppendRequest) (*api.AppendResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	leaf := r.GetLeaf()
	if i := slices.IndexFunc(c.f.Leaves, func(l []byte) bool { return bytes.Equal(l, leaf) }); i >= 0 {
		return &api.AppendResponse{Index: int64(i)}, nil
	}
	s, err := audit.Parse(leaf)
	if err != nil {
		return nil, refusedBy(err)
	}
	if c.drop != nil && c.drop(caller(ctx), s) {
		return nil, api.Errorf(api.Unavailable, "SS6001", "", "not now")
	}
	if _, err := c.f.State.Check(leaf); err != nil {
		return nil, refusedBy(err)
	}
	c.f.Append(leaf)
	c.tell()
	return &api.AppendResponse{Index: int64(len(c.f.Leaves) - 1)}, nil
}

func refusedBy(err error) error {
	var r *audit.Refusal
	if errors.As(err, &r) {
		return api.Errorf(api.Refused, r.Code(), r.Remedy(), "%s", r.Error())
	}
	return api.Errorf(api.Internal, "SS6199", "", "%v", err)
}

// shown is the log as a caller sees it, with its checkpoint.
func (c *crooked) shown(who string) ([][]byte, []byte) {
	leaves := c.f.Leaves
	if f := c.forks[who]; f != nil {
		leaves = slices.Concat(leaves[:f.from], f.rest)
	}
	return leaves, c.signed(leaves)
}

func (c *crooked) signed(leaves [][]byte) []byte {
	var tree audit.Tree
	for _, l := range leaves {
		tree.Append(l)
	}
	signed, err := audit.MakeCheckpoint(audittest.Origin, tree.Head(), c.f.Coordinator)
	if err != nil {
		panic(err) // the test's own key
	}
	return signed
}

// Follow implements the service.
func (c *crooked) Follow(r *api.FollowRequest, stream api.Federation_FollowServer) error {
	if err := stream.SendHeader(nil); err != nil {
		return err
	}
	from, heard := int(r.GetFrom()), 0
	for {
		c.mu.Lock()
		leaves, signed := c.shown(caller(stream.Context()))
		news, grown := slices.Clone(c.cosigned[heard:]), c.grown
		heard += len(news)
		c.mu.Unlock()
		for _, n := range news {
			if n.to != "" && n.to != caller(stream.Context()) {
				continue
			}
			if err := stream.Send(&api.Page{Cosigned: n.signed}); err != nil {
				return err
			}
		}
		if len(leaves) > from {
			if err := stream.Send(&api.Page{From: int64(from), Leaves: leaves[from:], Checkpoint: signed}); err != nil {
				return err
			}
			from = len(leaves)
			continue
		}
		select {
		case <-grown:
		case <-stream.Context().Done():
			return stream.Context().Err()
		}
	}
}

// Checkpoint implements the service.
func (c *crooked) Checkpoint(ctx context.Context, _ *api.CheckpointRequest) (*api.CheckpointResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, signed := c.shown(caller(ctx))
	return &api.CheckpointResponse{Checkpoint: signed}, nil
}

// Cosign implements the service: it passes every co-signature on to everybody.
func (c *crooked) Cosign(_ context.Context, r *api.CosignRequest) (*api.CosignResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cosigned = append(c.cosigned, cosigned{signed: r.GetCheckpoint()})
	c.tell()
	return &api.CosignResponse{}, nil
}

// PutBlob implements the service.
func (c *crooked) PutBlob(stream api.Federation_PutBlobServer) error {
	m, err := stream.Recv()
	if err != nil {
		return err
	}
	d, size := crypto.Digest(m.GetHeader().GetDigest()), m.GetHeader().GetSize()
	done := &api.PutBlobResponse{Step: &api.PutBlobResponse_Done{Done: &api.BlobDone{}}}
	c.mu.Lock()
	_, here := c.blobs[d]
	c.mu.Unlock()
	if here {
		return stream.Send(done)
	}
	if err := stream.Send(&api.PutBlobResponse{Step: &api.PutBlobResponse_Offset{Offset: &api.BlobOffset{}}}); err != nil {
		return err
	}
	var b []byte
	for int64(len(b)) < size {
		m, err := stream.Recv()
		if err != nil {
			return err
		}
		b = append(b, m.GetPiece().GetData()...)
	}
	c.mu.Lock()
	c.blobs[d] = b
	c.tell()
	c.mu.Unlock()
	return stream.Send(done)
}

// GetBlob implements the service.
func (c *crooked) GetBlob(r *api.GetBlobRequest, stream api.Federation_GetBlobServer) error {
	d := crypto.Digest(r.GetDigest())
	c.mu.Lock()
	b, ok := c.blobs[d]
	if c.serve != nil && ok {
		b = c.serve(caller(stream.Context()), d, b)
	}
	c.mu.Unlock()
	if !ok {
		return api.Errorf(api.Missing, "SS6107", "", "no such blob")
	}
	size, at := int64(len(b)), r.GetOffset()
	end := size
	if r.GetLength() >= 0 {
		end = min(size, at+r.GetLength())
	}
	for at < end {
		n := min(api.MaxPiece, end-at)
		if err := stream.Send(&api.GetBlobResponse{Size: size, Piece: &api.BlobPiece{Offset: at, Data: b[at : at+n]}}); err != nil {
			return err
		}
		at += n
	}
	return nil
}
