package crypto

import (
	"errors"
	"io"
)

// FrameHeader returns the HeaderSize bytes with which the frames of the
// contributor at point start; Shape.Blocks() packed blocks follow, the
// canaries first.
func (a Attempt) FrameHeader(point int) []byte {
	return a.header(magicFrames, point, a.Shape.Blocks())
}

// framePiece is how many blocks are read at a time: 240 KiB.
const framePiece = 8

// frameReader yields the blocks of one contributor and insists on exactly the
// bytes that the attempt implies.
type frameReader struct {
	r      io.Reader
	point  int
	blocks int // still to come
	buf    []byte
}

// newFrameReader reads and compares the header. buf is framePiece blocks.
func newFrameReader(a Attempt, point int, r io.Reader, buf []byte) (*frameReader, error) {
	if a.Index(point) < 0 {
		return nil, failure(codeFrame, "", "point %d takes no part in the attempt", point)
	}
	f := &frameReader{r: r, point: point, blocks: a.Shape.Blocks(), buf: buf}
	head := buf[:HeaderSize]
	if err := f.fill(head); err != nil {
		return nil, err
	}
	if field := headerMismatch(a.FrameHeader(point), head); field != "" {
		return nil, failure(codeFrame, "", "frames of point %d were made for another %s", point, field)
	}
	return f, nil
}

// next returns whole blocks, at most framePiece, or nil at the end.
func (f *frameReader) next() ([]byte, error) {
	if f.blocks == 0 {
		return nil, f.end()
	}
	n := min(f.blocks, framePiece)
	piece := f.buf[:n*BlockSize]
	if err := f.fill(piece); err != nil {
		return nil, err
	}
	f.blocks -= n
	return piece, nil
}

func (f *frameReader) fill(b []byte) error {
	_, err := io.ReadFull(f.r, b)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return failure(codeFrame, "upload the frames again", "frames of point %d end too early", f.point)
	}
	e := failure(codeFrame, "", "frames of point %d could not be read", f.point)
	e.cause = err
	return e
}

// end insists that nothing follows the last block.
func (f *frameReader) end() error {
	var one [1]byte
	switch _, err := io.ReadFull(f.r, one[:]); {
	case errors.Is(err, io.EOF):
		return nil
	case err == nil:
		return failure(codeFrame, "", "frames of point %d go on after their last block", f.point)
	default:
		e := failure(codeFrame, "", "frames of point %d could not be read", f.point)
		e.cause = err
		return e
	}
}

func (f *frameReader) badWord() error {
	return failure(codeFrame, "", "frames of point %d hold a word that is not below the modulus", f.point)
}

// CheckFrames reads the frames of the contributor at point to their end and
// refuses them unless header, length and every word are as the attempt says.
// It holds 240 KiB whatever the length.
func CheckFrames(a Attempt, point int, r io.Reader) error {
	if err := a.Check(); err != nil {
		return err
	}
	return checkFrames(a, point, r, make([]byte, framePiece*BlockSize))
}

func checkFrames(a Attempt, point int, r io.Reader, buf []byte) error {
	f, err := newFrameReader(a, point, r, buf)
	if err != nil {
		return err
	}
	for {
		piece, err := f.next()
		if piece == nil {
			return err
		}
		if !checkPacked(piece) {
			return f.badWord()
		}
	}
}
