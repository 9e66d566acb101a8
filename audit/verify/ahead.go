package verify

import "io"

// aheadPiece is how much is read at a time, and aheadPieces how many such
// pieces lie between the two cores.
const (
	aheadPiece  = 256 << 10
	aheadPieces = 4
)

// buffers are the pieces of one verification, made once.
type buffers [][]byte

// read returns a reader of r that runs ahead on its own core: reading and
// hashing a blob costs about as much as adding it.
func (b *buffers) read(r io.Reader) *ahead {
	for len(*b) < aheadPieces {
		*b = append(*b, make([]byte, aheadPiece))
	}
	a := &ahead{full: make(chan piece, aheadPieces), empty: make(chan []byte, aheadPieces), ended: make(chan struct{})}
	for _, p := range *b {
		a.empty <- p
	}
	go a.run(r)
	return a
}

// piece is what was read at once, and the error that ended it.
type piece struct {
	b   []byte
	err error
}

type ahead struct {
	full  chan piece
	empty chan []byte
	ended chan struct{} // closed when run has returned

	now  piece  // being given out
	rest []byte // of now.b
}

func (a *ahead) run(r io.Reader) {
	defer close(a.ended)
	defer close(a.full)
	for buffer := range a.empty {
		n, err := io.ReadFull(r, buffer)
		if err == io.ErrUnexpectedEOF {
			err = io.EOF
		}
		a.full <- piece{buffer[:n], err} // never waits: there are no more pieces than places
		if err != nil {
			return
		}
	}
}

// Read gives what was read ahead, in order, and its error after it.
func (a *ahead) Read(p []byte) (int, error) {
	for len(a.rest) == 0 {
		if a.now.err != nil {
			return 0, a.now.err
		}
		if a.now.b != nil {
			a.empty <- a.now.b[:cap(a.now.b)]
		}
		next, ok := <-a.full
		if !ok {
			return 0, io.ErrUnexpectedEOF
		}
		a.now, a.rest = next, next.b
	}
	n := copy(p, a.rest)
	a.rest = a.rest[n:]
	return n, nil
}

// stop ends the reading; the buffers are free for the next blob after it.
func (a *ahead) stop() {
	close(a.empty)
	<-a.ended
}
