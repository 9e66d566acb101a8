package blobs

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"sync"

	"github.com/smartstart-federation/smartstart/crypto"
)

// medium is where a Shelf puts bytes. Calls for one (owner, digest) come one
// at a time.
type medium interface {
	// has reports whether the whole blob is here.
	has(d crypto.Digest) bool
	open(d crypto.Digest) (Blob, error)
	// part opens what is here of an upload, or begins it.
	part(c claim) (part, error)
	// publish gives a closed, synced part its name; durable when it returns
	// nil. After an error neither part nor name is there.
	publish(c claim) error
	// kept forgets that c was a claim on a whole blob.
	kept(c claim) error
	// forget removes the bytes of a claim.
	forget(c claim) error
}

// part is an upload's bytes so far.
type part interface {
	io.Writer
	io.ReaderAt
	size() (int64, error)
	sync() error
	io.Closer
}

// Shelf is a Blobs over files (OpenFiles) or memory (NewMemory).
type Shelf struct {
	ledger   *ledger
	medium   medium
	trusting bool // tests only: go on with bytes whose sync failed

	mu     sync.Mutex // guards active, and naming against removing
	active map[uploadKey]*upload
}

type uploadKey struct {
	owner  string
	digest crypto.Digest
}

func newShelf(m medium, l *ledger) *Shelf {
	return &Shelf{ledger: l, medium: m, active: map[uploadKey]*upload{}}
}

// Begin implements Blobs.
func (s *Shelf) Begin(owner string, digest crypto.Digest, size int64) (Upload, error) {
	if size <= 0 || size > s.ledger.limits.Blob {
		return nil, ErrSize
	}
	u := &upload{shelf: s, claim: claim{owner: owner, digest: digest, size: size}, hash: sha256.New()}
	whole, err := u.begin()
	if err != nil {
		_ = u.Close()
		return nil, err
	}
	if whole != nil {
		return whole, nil
	}
	return u, nil
}

// begin enters u and takes over from an older upload of the same blob.
func (u *upload) begin() (whole Upload, err error) {
	u.mu.Lock() // before u can be found: whoever takes it over waits for resume
	defer u.mu.Unlock()
	defer func() { u.ended = err }()
	old, whole, err := u.shelf.enter(u)
	if err != nil || whole != nil {
		return whole, err
	}
	if old != nil {
		old.end(ErrTaken)
	}
	return nil, u.resume()
}

// enter makes u the one upload of its owner and digest, unless the blob is
// whole already.
func (s *Shelf) enter(u *upload) (old *upload, whole Upload, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := u.claim
	if s.medium.has(c.digest) {
		b, err := s.medium.open(c.digest)
		if err != nil {
			return nil, nil, err
		}
		defer b.Close()
		if b.Size() != c.size {
			return nil, nil, ErrSize
		}
		return nil, here(c.size), nil
	}
	stale, err := s.ledger.begin(c.owner, c.digest, c.size)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range stale {
		if err := s.medium.forget(c); err != nil {
			return nil, nil, err
		}
	}
	old = s.active[u.key()]
	s.active[u.key()] = u
	return old, nil, nil
}

// Open implements Blobs.
func (s *Shelf) Open(digest crypto.Digest) (Blob, error) { return s.medium.open(digest) }

// Hold implements Blobs.
func (s *Shelf) Hold(digest crypto.Digest) (release func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.medium.has(digest) {
		return nil, ErrMissing
	}
	return s.ledger.hold(digest), nil
}

// Keep implements Blobs.
func (s *Shelf) Keep(digest crypto.Digest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.medium.has(digest) {
		return ErrMissing
	}
	for _, c := range s.ledger.keep(digest) {
		if err := s.medium.kept(c); err != nil {
			return err
		}
	}
	return nil
}

// upload is an Upload under way.
type upload struct {
	shelf *Shelf
	claim claim

	mu    sync.Mutex // Begin of a newer upload ends this one from outside
	part  part
	at    int64
	hash  hash.Hash
	ended error
}

func (u *upload) key() uploadKey { return uploadKey{u.claim.owner, u.claim.digest} }

// resume opens the part and hashes what is there: the hash state does not
// outlive a process, the bytes do.
func (u *upload) resume() error {
	p, err := u.shelf.medium.part(u.claim)
	if err != nil {
		return err
	}
	n, err := p.size()
	if err == nil && n > u.claim.size {
		err = ErrSize
	}
	if err == nil {
		_, err = io.Copy(u.hash, io.NewSectionReader(p, 0, n))
	}
	if err != nil {
		return errors.Join(err, p.Close())
	}
	u.part, u.at = p, n
	return nil
}

// end closes the part once; err is what later calls answer.
func (u *upload) end(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ended == nil {
		u.ended = err
		_ = u.part.Close() // a loss here shows at Commit, by the digest
	}
}

// Offset implements Upload.
func (u *upload) Offset() int64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.at
}

// Write implements Upload.
func (u *upload) Write(p []byte) (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.ended != nil {
		return 0, u.ended
	}
	if int64(len(p)) > u.claim.size-u.at {
		return 0, ErrSize
	}
	n, err := u.part.Write(p)
	u.hash.Write(p[:n])
	u.at += int64(n)
	return n, err
}

// Commit implements Upload.
func (u *upload) Commit() error {
	u.mu.Lock()
	if u.ended != nil {
		defer u.mu.Unlock()
		return u.ended
	}
	if u.at < u.claim.size {
		defer u.mu.Unlock()
		return ErrShort
	}
	right := crypto.Digest(u.hash.Sum(nil)) == u.claim.digest
	var err error
	if right {
		// The slow part; other uploads go on meanwhile.
		err = u.part.sync()
	}
	if err != nil && !u.shelf.trusting {
		// The system may count the bytes as written now, and a second sync
		// would say that all is well: only an upload from the start will do.
		// Whoever takes over waits for u.mu and finds nothing.
		u.ended = err
		_ = u.part.Close()
		err = errors.Join(err, u.shelf.medium.forget(u.claim))
	}
	u.mu.Unlock()

	s := u.shelf
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active[u.key()] != u {
		return errors.Join(ErrTaken, err)
	}
	if err != nil {
		delete(s.active, u.key())
		u.end(err)
		s.ledger.drop(u.claim.owner, u.claim.digest)
		return err
	}
	delete(s.active, u.key())
	u.end(errDone)
	if !right || s.medium.has(u.claim.digest) { // another uploader was first
		s.ledger.drop(u.claim.owner, u.claim.digest)
		if err := s.medium.forget(u.claim); err != nil {
			return err
		}
		if !right {
			return ErrDigest
		}
		return nil
	}
	if err := s.medium.publish(u.claim); err != nil {
		s.ledger.drop(u.claim.owner, u.claim.digest)
		return err
	}
	s.ledger.change(u.claim.owner, u.claim.digest, func(c *claim) { c.whole, c.open = true, false })
	return nil
}

// Close implements Upload.
func (u *upload) Close() error {
	s := u.shelf
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active[u.key()] == u {
		delete(s.active, u.key())
		s.ledger.change(u.claim.owner, u.claim.digest, func(c *claim) { c.open = false })
	}
	u.end(errDone)
	return nil
}

var errDone = errors.New("this upload has ended")

// here is the Upload of a blob that is whole already; its value is the size.
type here int64

func (h here) Offset() int64 { return int64(h) }

func (h here) Write(p []byte) (int, error) {
	if len(p) > 0 {
		return 0, ErrSize
	}
	return 0, nil
}

func (h here) Commit() error { return nil }

func (h here) Close() error { return nil }
