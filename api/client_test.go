package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/smartstart-federation/smartstart/coordinator/ca"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a server that does what a test wants. fail counts down: while it is
// positive, calls break off with `how`.
type fake struct {
	UnimplementedFederationServer
	fail atomic.Int32
	how  error

	leaves [][]byte
	blob   []byte
	tamper func([]byte) []byte

	mu     sync.Mutex
	have   []byte  // of an upload
	starts []int64 // where uploads and followers began
}

var errDown = status.Error(codes.Unavailable, "down")

func (f *fake) broken() error {
	if f.fail.Add(-1) >= 0 {
		return f.how
	}
	return nil
}

func (f *fake) note(at int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.starts = append(f.starts, at)
}

func (f *fake) Append(_ context.Context, r *AppendRequest) (*AppendResponse, error) {
	if err := f.broken(); err != nil {
		return nil, err
	}
	return &AppendResponse{Index: int64(len(r.Leaf))}, nil
}

func (f *fake) Checkpoint(context.Context, *CheckpointRequest) (*CheckpointResponse, error) {
	if err := f.broken(); err != nil {
		return nil, err
	}
	return &CheckpointResponse{Checkpoint: []byte("signed")}, nil
}

func (f *fake) Follow(r *FollowRequest, s Federation_FollowServer) error {
	f.note(r.From)
	for i := r.From; i < int64(len(f.leaves)); i++ {
		if err := s.Send(&Page{From: i, Leaves: f.leaves[i : i+1], Checkpoint: []byte{byte(i)}}); err != nil {
			return err
		}
		if err := f.broken(); err != nil {
			return err
		}
	}
	<-s.Context().Done()
	return s.Context().Err()
}

func (f *fake) PutBlob(s Federation_PutBlobServer) error {
	m, err := s.Recv()
	if err != nil {
		return err
	}
	size := m.GetHeader().GetSize()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.starts = append(f.starts, int64(len(f.have)))
	if err := s.Send(&PutBlobResponse{Step: &PutBlobResponse_Offset{Offset: &BlobOffset{Offset: int64(len(f.have))}}}); err != nil {
		return err
	}
	for int64(len(f.have)) < size {
		m, err := s.Recv()
		if err != nil {
			return err
		}
		if m.GetPiece().GetOffset() != int64(len(f.have)) || len(m.GetPiece().GetData()) > MaxPiece {
			return status.Error(codes.InvalidArgument, "wrong piece")
		}
		f.have = append(f.have, m.GetPiece().GetData()...)
		if err := f.broken(); err != nil {
			return err
		}
	}
	return s.Send(&PutBlobResponse{Step: &PutBlobResponse_Done{Done: &BlobDone{}}})
}

func (f *fake) GetBlob(r *GetBlobRequest, s Federation_GetBlobServer) error {
	f.note(r.Offset)
	end := r.Offset + r.Length
	if r.Length < 0 {
		end = int64(len(f.blob))
	}
	for at := r.Offset; at < end; {
		piece := f.blob[at:min(at+100, end)]
		if f.tamper != nil {
			piece = f.tamper(bytes.Clone(piece))
		}
		if err := s.Send(&GetBlobResponse{Piece: &BlobPiece{Offset: at, Data: piece}, Size: int64(len(f.blob))}); err != nil {
			return err
		}
		at += 100
		if err := f.broken(); err != nil {
			return err
		}
	}
	return nil
}

// serve runs f on loopback and returns a client of it.
func serve(t *testing.T, f *fake) *Client {
	t.Helper()
	a, err := ca.NewAuthority("test")
	if err != nil {
		t.Fatal(err)
	}
	sc, err := a.IssueServer("localhost")
	if err != nil {
		t.Fatal(err)
	}
	cc, err := a.IssueClient("board1")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer(grpc.Creds(credentials.NewTLS(ca.TLSServer(a.Pool(), sc))), grpc.MaxRecvMsgSize(MaxMessage))
	RegisterFederationServer(s, f)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() { s.Stop(); <-done })
	c, err := Dial(l.Addr().String(), ca.TLSClient(a.Pool(), cc, "localhost"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func blob(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7)
	}
	return b
}

func TestCallsAreRetried(t *testing.T) {
	f := &fake{how: errDown}
	c := serve(t, f)
	f.fail.Store(2)
	if i, err := c.Append(soon(t), []byte("leaf")); err != nil || i != 4 {
		t.Fatalf("append: %d, %v", i, err)
	}
	f.fail.Store(2)
	if b, err := c.Checkpoint(soon(t)); err != nil || string(b) != "signed" {
		t.Fatalf("checkpoint: %q, %v", b, err)
	}
}

func TestRefusalsAreNotRetried(t *testing.T) {
	f := &fake{how: Errorf(Refused, "SS2109", "sign again", "no")}
	c := serve(t, f)
	f.fail.Store(1)
	_, err := c.Append(soon(t), []byte("leaf"))
	var e *Error
	if !errors.As(err, &e) || !e.Refused() || e.Code() != "SS2109" || e.Remedy() != "sign again" || e.Error() != "no" {
		t.Fatalf("got %#v", err)
	}
	if f.fail.Load() != 0 {
		t.Error("a refused statement was sent again")
	}
}

func TestRetriesEndWithContext(t *testing.T) {
	f := &fake{how: errDown}
	c := serve(t, f)
	f.fail.Store(1 << 20)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := c.Append(ctx, []byte("leaf"))
	var e *Error
	if !errors.As(err, &e) || e.Refused() {
		t.Fatalf("got %v", err)
	}
	if n := 1<<20 - f.fail.Load(); n < 2 || n > 10 {
		t.Errorf("%d tries in 300 ms with growing pauses", n)
	}
}

func TestLeafBounds(t *testing.T) {
	c := serve(t, &fake{})
	for _, n := range []int{0, MaxLeaf + 1} {
		_, err := c.Append(soon(t), make([]byte, n))
		var e *Error
		if !errors.As(err, &e) || e.Class != Invalid {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestFollowGoesOnWhereItStopped(t *testing.T) {
	f := &fake{how: errDown, leaves: [][]byte{{0}, {1}, {2}, {3}, {4}}}
	c := serve(t, f)
	f.fail.Store(3)
	enough := errors.New("enough")
	var got []byte
	err := c.Follow(soon(t), 1, func(from int64, leaves [][]byte, checkpoint []byte) error {
		if from != int64(len(got))+1 || len(checkpoint) != 1 {
			t.Errorf("page from %d after %v", from, got)
		}
		got = append(got, leaves[0]...)
		if len(got) == 4 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || !bytes.Equal(got, []byte{1, 2, 3, 4}) {
		t.Fatalf("got %v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = c.Follow(ctx, 0, func(int64, [][]byte, []byte) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("after its context: %v", err)
	}
}

func TestPutBlobResumes(t *testing.T) {
	want := blob(3*MaxPiece + 17)
	f := &fake{how: errDown}
	c := serve(t, f)
	f.fail.Store(3)
	if err := c.PutBlob(soon(t), sha256.Sum256(want), int64(len(want)), bytes.NewReader(want)); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !bytes.Equal(f.have, want) {
		t.Fatal("other bytes arrived")
	}
	if len(f.starts) != 4 || f.starts[3] != 3*MaxPiece {
		t.Errorf("uploads began at %v", f.starts)
	}
}

type brokenReader struct{}

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, io.ErrClosedPipe }

func TestPutBlobReaderFails(t *testing.T) {
	c := serve(t, &fake{})
	if err := c.PutBlob(soon(t), [32]byte{}, 10, brokenReader{}); !errors.Is(err, io.ErrClosedPipe) {
		t.Fatalf("got %v", err)
	}
	if err := c.PutBlob(soon(t), [32]byte{}, 10, bytes.NewReader(make([]byte, 9))); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("a short reader: %v", err)
	}
}

func TestGetBlob(t *testing.T) {
	want := blob(950)
	f := &fake{how: errDown, blob: want}
	c := serve(t, f)
	for _, r := range []struct{ offset, length int64 }{{0, -1}, {0, 950}, {100, 20}, {0, 10}, {940, -1}, {50, 0}} {
		f.fail.Store(2)
		var got bytes.Buffer
		if err := c.GetBlob(soon(t), sha256.Sum256(want), r.offset, r.length, &got); err != nil {
			t.Fatalf("%+v: %v", r, err)
		}
		end := r.offset + r.length
		if r.length < 0 {
			end = 950
		}
		if !bytes.Equal(got.Bytes(), want[r.offset:end]) {
			t.Errorf("%+v: other bytes", r)
		}
	}
	if err := c.GetBlob(soon(t), [32]byte{}, -1, 5, io.Discard); err == nil {
		t.Error("a range before the start was taken")
	}
}

// A server that lies about a blob is found out, whole or in part.
func TestGetBlobFromLiars(t *testing.T) {
	want := blob(950)
	for what, tamper := range map[string]func([]byte) []byte{
		"flipped bit": func(b []byte) []byte { b[0] ^= 1; return b },
		"longer":      func(b []byte) []byte { return append(b, 0) },
		"shorter":     func(b []byte) []byte { return b[:len(b)-1] },
		"nothing":     func([]byte) []byte { return nil },
	} {
		c := serve(t, &fake{blob: want, tamper: tamper})
		err := c.GetBlob(soon(t), sha256.Sum256(want), 0, -1, io.Discard)
		var e *Error
		if !errors.As(err, &e) || e.Class != Corrupt {
			t.Errorf("%s: %v", what, err)
		}
	}
	c := serve(t, &fake{blob: nil})
	if err := c.GetBlob(soon(t), sha256.Sum256(want), 0, -1, io.Discard); err == nil {
		t.Error("an empty answer passed for a blob")
	}
}

func TestDialNeedsACertificate(t *testing.T) {
	if _, err := Dial("localhost:1", nil); err == nil {
		t.Error("no TLS at all was accepted")
	}
}
