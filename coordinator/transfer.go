package coordinator

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// PutBlob implements the service: header, offset, pieces, done.
func (s *server) PutBlob(stream api.Federation_PutBlobServer) error {
	name := caller(stream.Context())
	may := false
	s.c.seq.View(func(st *audit.State) { may = mayPut(st, name) })
	if !may {
		return errMayNotPut()
	}
	ctx, cancel := s.while(stream.Context())
	defer cancel()
	in := receive(ctx, stream, s.c.cfg.Idle)
	err := s.putBlob(name, in, stream)
	return s.ending(err)
}

func (s *server) putBlob(name string, in *incoming, stream api.Federation_PutBlobServer) error {
	m, err := in.next()
	if errors.Is(err, io.EOF) {
		return errUploadOrder("it ends without a header")
	}
	if err != nil {
		return err
	}
	h := m.GetHeader()
	if h == nil {
		return errUploadOrder("it begins without a header")
	}
	digest, err := digestOf(h.GetDigest())
	if err != nil {
		return err
	}
	u, err := s.begin(in.ctx, name, digest, h.GetSize())
	if err != nil {
		return err
	}
	defer u.Close()
	start := u.Offset()
	if start < h.GetSize() {
		if err := stream.Send(&api.PutBlobResponse{Step: &api.PutBlobResponse_Offset{Offset: &api.BlobOffset{Offset: start}}}); err != nil {
			return err
		}
		if err := takePieces(u, h.GetSize(), in); err != nil {
			return err
		}
	}
	err = u.Commit()
	if errors.Is(err, blobs.ErrDigest) && start > 0 {
		// The first part came earlier, perhaps torn by a crash of ours. It is
		// gone now; only an upload in one go shows whose fault it is.
		return api.Errorf(api.Conflict, "SS6412", "begin the upload again", "what was kept of an earlier upload did not fit and was dropped")
	}
	if err != nil {
		return err
	}
	return stream.Send(&api.PutBlobResponse{Step: &api.PutBlobResponse_Done{Done: &api.BlobDone{}}})
}

// begin begins or resumes an upload. What came earlier is read again then, so a
// caller does this once at a time.
func (s *server) begin(ctx context.Context, name string, digest crypto.Digest, size int64) (blobs.Upload, error) {
	if !s.c.cfg.off.turns {
		leave, err := s.turns.take(ctx, name)
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	return s.c.blobs.Begin(name, digest, size)
}

// takePieces writes what comes until the blob has its size.
func takePieces(u blobs.Upload, size int64, in *incoming) error {
	for u.Offset() < size {
		m, err := in.next()
		if errors.Is(err, io.EOF) {
			return blobs.ErrShort
		}
		if err != nil {
			return err
		}
		p := m.GetPiece()
		switch {
		case p == nil:
			return errUploadOrder("something else than a piece follows the header")
		case len(p.GetData()) == 0 || len(p.GetData()) > api.MaxPiece:
			return api.Errorf(api.Invalid, "SS6410", "send pieces of 1 to 262144 bytes", "a piece has %d bytes", len(p.GetData()))
		case p.GetOffset() != u.Offset():
			return errOffset(u.Offset(), p.GetOffset())
		}
		if _, err := u.Write(p.GetData()); err != nil {
			return err
		}
	}
	return nil
}

// incoming reads an upload's messages in a goroutine of its own, because a
// stream cannot be asked to wait only so long. That goroutine ends when the
// call does.
type incoming struct {
	ctx      context.Context
	idle     time.Duration
	messages chan received
}

type received struct {
	m   *api.PutBlobRequest
	err error
}

func receive(ctx context.Context, stream api.Federation_PutBlobServer, idle time.Duration) *incoming {
	in := &incoming{ctx: ctx, idle: idle, messages: make(chan received)}
	go func() {
		for {
			m, err := stream.Recv()
			select {
			case in.messages <- received{m, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return in
}

// next returns the next message; errSilent after too long a silence.
func (in *incoming) next() (*api.PutBlobRequest, error) {
	timer := time.NewTimer(in.idle)
	defer timer.Stop()
	select {
	case r := <-in.messages:
		return r.m, r.err
	case <-timer.C:
		return nil, errSilent()
	case <-in.ctx.Done():
		return nil, in.ctx.Err()
	}
}

// GetBlob implements the service.
func (s *server) GetBlob(r *api.GetBlobRequest, stream api.Federation_GetBlobServer) error {
	digest, err := digestOf(r.GetDigest())
	if err != nil {
		return err
	}
	b, err := s.c.blobs.Open(digest)
	if err != nil {
		return err
	}
	defer b.Close()
	at, length := r.GetOffset(), r.GetLength()
	if at < 0 || at > b.Size() || length < -1 || length > b.Size()-at {
		return errRange()
	}
	if length < 0 {
		length = b.Size() - at
	}
	ctx, cancel := s.while(stream.Context())
	defer cancel()
	for end := at + length; at < end; {
		if ctx.Err() != nil {
			return s.ending(ctx.Err())
		}
		piece := make([]byte, min(end-at, api.MaxPiece))
		if _, err := b.ReadAt(piece, at); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		m := &api.GetBlobResponse{Piece: &api.BlobPiece{Offset: at, Data: piece}, Size: b.Size()}
		if err := stream.Send(m); err != nil {
			return err
		}
		at += int64(len(piece))
	}
	return nil
}

func digestOf(b []byte) (crypto.Digest, error) {
	if len(b) != len(crypto.Digest{}) {
		return crypto.Digest{}, api.Errorf(api.Invalid, "SS6401", "", "a digest has %d bytes, not %d", len(crypto.Digest{}), len(b))
	}
	return crypto.Digest(b), nil
}
