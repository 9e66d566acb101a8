package crypto

import (
	"crypto/sha256"
	"encoding/binary"
	"io"
)

// Sum adds the frames of an attempt's contributors. It holds one vector of
// words whatever the number of contributors. It is not safe for concurrent
// use.
type Sum struct {
	attempt Attempt
	words   []uint64
	added   uint64 // bit p-1: point p is in
	buf     []byte
	err     error
}

// NewSum returns an empty sum for the attempt.
func NewSum(a Attempt) (*Sum, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	return newSum(a), nil
}

func newSum(a Attempt) *Sum {
	return &Sum{
		attempt: a,
		words:   make([]uint64, a.Shape.Blocks()*N),
		buf:     make([]byte, framePiece*BlockSize),
	}
}

// Add reads the frames of the contributor at point to their end, checks them
// like CheckFrames and adds them. After an error the sum may hold part of the
// frames, so it is of no use any more: every later call returns that error.
func (s *Sum) Add(point int, r io.Reader) error {
	if s.err == nil {
		s.err = s.add(point, r)
	}
	return s.err
}

func (s *Sum) add(point int, r io.Reader) error {
	f, err := newFrameReader(s.attempt, point, r, s.buf)
	if err != nil {
		return err
	}
	bit := Set{point}.bits()
	if s.added&bit != 0 {
		return failure(codeSum, "", "point %d was added before", point)
	}
	rest := s.words
	for {
		piece, err := f.next()
		if piece == nil {
			if err == nil {
				s.added |= bit
			}
			return err
		}
		for ; len(piece) > 0; piece, rest = piece[BlockSize:], rest[N:] {
			if !addPacked(rest, piece[:BlockSize]) {
				return f.badWord()
			}
		}
	}
}

// Root returns the digest of the sum as it is: SHA-256 over a header with
// magic SSSU and point 0, the set as 64 bits, and the packed blocks. It is
// zero after an error and for an empty sum.
func (s *Sum) Root() Digest {
	if s.err != nil || s.added == 0 {
		return Digest{}
	}
	h := sha256.New()
	h.Write(s.attempt.header(magicSum, 0, s.attempt.Shape.Blocks()))
	h.Write(binary.LittleEndian.AppendUint64(nil, s.added))
	block := s.buf[:BlockSize]
	for b := 0; b < len(s.words); b += N {
		(*Poly)(s.words[b:]).Pack(block)
		h.Write(block)
	}
	return Digest(h.Sum(nil))
}
