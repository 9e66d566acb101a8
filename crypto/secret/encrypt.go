package secret

import (
	"crypto/rand"
	"crypto/sha256"
	"io"
	"runtime"
	"slices"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Sealed is what a contributor publishes next to its frames.
type Sealed struct {
	Boxes      []byte          // crypto.BoxSize bytes for each holder, end to end, in order of the holders
	BoxDigests []crypto.Digest // of each box
	Shares     []crypto.Digest // of each share, salt included
	Frames     crypto.Digest   // of all that was written as frames
	Projection []byte          // crypto.ProjectionSize(t) bytes, the answer to the challenge
}

// Commitment returns what the contributor's update has to say of it.
func (s *Sealed) Commitment(point int) crypto.Commitment {
	return crypto.Commitment{Point: point, Frames: s.Frames, Shares: s.Shares, Projection: crypto.DigestOf(s.Projection)}
}

// Encrypt encrypts plain under a fresh one-time key, writes the frames
// (exactly a.Shape.FrameSize() bytes), and seals one share of the key to each
// holder, and answers the challenge that follows from both. The key is erased
// before it returns; nothing but t shares brings it back. The caller MUST call it at most once for an attempt and send the same
// bytes on every retry.
func Encrypt(a crypto.Attempt, point int, plain crypto.Plain, key NodeKey, frames io.Writer) (*Sealed, error) {
	var fresh [32]byte
	defer clear(fresh[:])
	_, _ = rand.Read(fresh[:]) // never fails: the runtime stops the process first
	return encrypt(a, point, plain, key, &fresh, frames)
}

// encrypt is Encrypt with the randomness given, boxes aside.
func encrypt(a crypto.Attempt, point int, plain crypto.Plain, key NodeKey, fresh *[32]byte, frames io.Writer) (*Sealed, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	switch shape := plain.Shape(); {
	case a.Index(point) < 0:
		return nil, failure(codeEncrypt, "", "point %d takes no part in the attempt", point)
	case key.b == nil:
		return nil, failure(codeEncrypt, "", "there is no node key")
	case shape.Codec != a.Shape.Codec || !slices.Equal(shape.Tensors, a.Shape.Tensors):
		return nil, failure(codeEncrypt, "", "the numbers were packed for another shape than the attempt's")
	}
	s := newSeed(fresh, key, a, point, plain)
	defer clear(s[:])
	polynomial, err := newPolynomial(s, a.Thresholds.T)
	if err != nil {
		return nil, err
	}
	defer polynomial.wipe()
	masking, err := newMasking(s, a.Thresholds.T)
	if err != nil {
		return nil, err
	}
	defer masking.wipe()
	digest := sha256.New()
	if err := writeFrames(a, point, plain, s, polynomial.secret(), io.MultiWriter(frames, digest)); err != nil {
		return nil, err
	}
	sealed, err := sealShares(a, point, s, polynomial, masking)
	if err != nil {
		return nil, err
	}
	digest.Sum(sealed.Frames[:0])
	// The boxes are no part of the challenge: the same seed has the same answer.
	if sealed.Projection, err = project(a, sealed.Commitment(point), polynomial, masking); err != nil {
		return nil, err
	}
	return sealed, nil
}

// pieceBlocks is how many blocks a worker makes at a time: 240 KiB.
const pieceBlocks = 8

// writeFrames writes header and blocks in order; a worker per core makes them.
func writeFrames(a crypto.Attempt, point int, plain crypto.Plain, s *seed, secret *crypto.Poly, w io.Writer) error {
	if _, err := w.Write(a.FrameHeader(point)); err != nil {
		return writeError(err)
	}
	factor := new(crypto.Poly)
	*factor = *secret
	factor.Montgomery()
	defer factor.Wipe()

	blocks := a.Shape.Blocks()
	pieces := (blocks + pieceBlocks - 1) / pieceBlocks
	workers := make([]*worker, min(runtime.GOMAXPROCS(0), pieces))
	for i := range workers {
		x, err := newWorker(a, plain, s, factor)
		if err != nil {
			return err
		}
		defer x.wipe()
		workers[i] = x
	}
	if len(workers) == 1 {
		buf := make([]byte, pieceBlocks*crypto.BlockSize)
		for p := range pieces {
			if _, err := w.Write(workers[0].piece(p, blocks, buf)); err != nil {
				return writeError(err)
			}
		}
		return nil
	}
	return writeParallel(workers, pieces, blocks, w)
}

// writeParallel lets worker i make pieces i, i+len(workers), ... Each has two
// buffers, so that it goes on while one is written.
func writeParallel(workers []*worker, pieces, blocks int, w io.Writer) error {
	type lane struct{ full, free chan []byte }
	lanes := make([]lane, len(workers))
	stop := make(chan struct{})
	finished := make(chan struct{}, len(workers))
	for i := range workers {
		lanes[i] = lane{full: make(chan []byte), free: make(chan []byte, 2)}
		lanes[i].free <- make([]byte, pieceBlocks*crypto.BlockSize)
		lanes[i].free <- make([]byte, pieceBlocks*crypto.BlockSize)
		go func() {
			defer func() { finished <- struct{}{} }()
			for p := i; p < pieces; p += len(workers) {
				select {
				case buf := <-lanes[i].free:
					select {
					case lanes[i].full <- workers[i].piece(p, blocks, buf):
					case <-stop:
						return
					}
				case <-stop:
					return
				}
			}
		}()
	}
	var failed error
	for p := 0; p < pieces && failed == nil; p++ {
		l := lanes[p%len(workers)]
		piece := <-l.full
		if _, err := w.Write(piece); err != nil {
			failed = writeError(err)
		}
		l.free <- piece[:cap(piece)]
	}
	close(stop)
	for range workers {
		<-finished // the workers' secrets are wiped only after they ended
	}
	return failed
}

func writeError(err error) error {
	e := failure(codeEncrypt, "", "the frames could not be written")
	e.cause = err
	return e
}

// worker makes blocks; it allocates nothing after its first.
type worker struct {
	plain  crypto.Plain
	factor *crypto.Poly // the secret, in Montgomery form
	public *crypto.Public
	noise  *crypto.Stream
	a, c   crypto.Poly
}

func newWorker(a crypto.Attempt, plain crypto.Plain, s *seed, factor *crypto.Poly) (*worker, error) {
	public, err := crypto.NewPublic(a.ID)
	if err != nil {
		return nil, err
	}
	noise, err := s.stream("noise", noiseSize)
	if err != nil {
		return nil, err
	}
	return &worker{plain: plain, factor: factor, public: public, noise: noise}, nil
}

// piece fills buf with piece p of the frames and returns the part it filled.
func (w *worker) piece(p, blocks int, buf []byte) []byte {
	first := p * pieceBlocks
	n := min(pieceBlocks, blocks-first)
	for i := range n {
		w.block(first+i, buf[i*crypto.BlockSize:])
	}
	return buf[:n*crypto.BlockSize]
}

// block packs c_b = a_b*s + e + 2^12*m; canary blocks have m = 0.
func (w *worker) block(b int, dst []byte) {
	w.public.Block(b, &w.a)
	blend(&w.c, w.plain, b, w.noise.Region(b))
	w.c.Forward()
	w.c.AddProduct(&w.a, w.factor)
	w.c.Pack(dst)
}

func (w *worker) wipe() {
	w.noise.Wipe()
	w.a.Wipe()
	w.c.Wipe()
}
