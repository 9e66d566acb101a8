package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"

	"google.golang.org/grpc"
)

// PutBlob uploads size bytes of r as the blob named digest (SHA-256) and
// returns once it is durable. It asks first how much the coordinator already
// has and sends the rest, in pieces of at most MaxPiece; after a failure of
// the transport it asks again. A blob that is already there costs one question.
//
// The error is an *Error: Invalid when the bytes do not have the digest or the
// size is out of bounds, Denied, Exhausted (quota; until ctx ends), or the
// transport's last failure when ctx ends. A failure of r is returned as it is.
func (c *Client) PutBlob(ctx context.Context, digest [32]byte, size int64, r io.ReaderAt) error {
	var broken error
	var last int64
	err := c.retry(ctx, "put blob", func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		stream, err := c.rpc.PutBlob(ctx)
		if err != nil {
			return false, err
		}
		start, done, err := putHeader(stream, digest, size)
		if err != nil || done {
			return false, err
		}
		progress := start > last
		last = start
		if broken, err = putPieces(stream, start, size, r); broken != nil || err != nil {
			return progress, err
		}
		if err := stream.CloseSend(); err != nil {
			return progress, err
		}
		answer, err := stream.Recv()
		if err != nil {
			return progress, err
		}
		if answer.GetDone() == nil {
			return false, confused()
		}
		return true, nil
	})
	if broken != nil {
		return broken
	}
	return err
}

type putStream = grpc.BidiStreamingClient[PutBlobRequest, PutBlobResponse]

// putHeader names the blob and returns where the server wants it from.
func putHeader(stream putStream, digest [32]byte, size int64) (start int64, done bool, err error) {
	err = stream.Send(&PutBlobRequest{Step: &PutBlobRequest_Header{Header: &BlobHeader{Digest: digest[:], Size: size}}})
	if err != nil && !errors.Is(err, io.EOF) { // after EOF Recv has the reason
		return 0, false, err
	}
	answer, err := stream.Recv()
	if err != nil {
		return 0, false, err
	}
	if answer.GetDone() != nil {
		return 0, true, nil
	}
	offset := answer.GetOffset()
	if offset == nil || offset.GetOffset() < 0 || offset.GetOffset() > size {
		return 0, false, confused()
	}
	return offset.GetOffset(), false, nil
}

// putPieces sends r from start on. broken is a failure of r, err one of the
// call.
func putPieces(stream putStream, start, size int64, r io.ReaderAt) (broken, err error) {
	piece := make([]byte, min(MaxPiece, size-start))
	for at := start; at < size; at += int64(len(piece)) {
		piece = piece[:min(int64(len(piece)), size-at)]
		if n, err := r.ReadAt(piece, at); n < len(piece) {
			if err == nil {
				err = io.ErrUnexpectedEOF
			}
			return err, nil
		}
		err := stream.Send(&PutBlobRequest{Step: &PutBlobRequest_Piece{Piece: &BlobPiece{Offset: at, Data: piece}}})
		if errors.Is(err, io.EOF) {
			_, err = stream.Recv()
			if err == nil {
				err = confused()
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// GetBlob writes length bytes of the blob named digest, from offset on, to w;
// length -1 means to the end. After a failure of the transport it goes on
// where it stopped. When the whole blob was asked for its digest is checked,
// but only after everything has been written: w's reader must not act on the
// bytes before GetBlob returns nil.
//
// The error is an *Error: Missing, Denied, Corrupt, or the transport's last
// failure when ctx ends. A failure of w is returned as it is.
func (c *Client) GetBlob(ctx context.Context, digest [32]byte, offset, length int64, w io.Writer) error {
	if offset < 0 || length < -1 {
		return Errorf(Invalid, "SS6102", "", "a range of a blob begins at 0 or later and is not negative")
	}
	var broken error
	size := int64(-1) // of the whole blob, as the server says
	var got int64     // bytes written
	hash := sha256.New()
	err := c.retry(ctx, "get blob", func(ctx context.Context) (bool, error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		rest := length
		if length >= 0 {
			rest = length - got
		}
		stream, err := c.rpc.GetBlob(ctx, &GetBlobRequest{Digest: digest[:], Offset: offset + got, Length: rest})
		if err != nil {
			return false, err
		}
		before := got
		for {
			m, err := stream.Recv()
			if errors.Is(err, io.EOF) {
				if want := length; want < 0 && got != size-offset || want >= 0 && got != want {
					return false, Errorf(Corrupt, "SS6104", "tell the coordinator's operator", "the coordinator sent less of the blob than was asked for")
				}
				return true, nil
			}
			if err != nil {
				return got > before, err
			}
			data := m.GetPiece().GetData()
			size = m.GetSize()
			if m.GetPiece().GetOffset() != offset+got || len(data) > MaxPiece || length >= 0 && int64(len(data)) > length-got {
				return false, Errorf(Corrupt, "SS6104", "tell the coordinator's operator", "the coordinator sent other bytes of the blob than were asked for")
			}
			if _, broken = w.Write(data); broken != nil {
				return true, nil
			}
			hash.Write(data)
			got += int64(len(data))
		}
	})
	switch {
	case broken != nil:
		return broken
	case err != nil:
		return err
	case offset == 0 && got > 0 && (length < 0 || got == size) && [32]byte(hash.Sum(nil)) != digest:
		return Errorf(Corrupt, "SS6105", "keep the bytes as evidence and tell the coordinator's operator", "the coordinator sent bytes that do not have the blob's digest")
	}
	return nil
}

func confused() *Error {
	return Errorf(Corrupt, "SS6106", "check that address and version are those of the coordinator", "the server does not follow the upload protocol")
}
