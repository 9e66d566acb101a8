package blobs

import (
	"errors"
	"io"
	"time"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Blobs keeps immutable bytes by their SHA-256. Implementations MUST be safe
// for concurrent use.
type Blobs interface {
	// Begin starts or resumes owner's upload of the blob with this digest and
	// size (bytes, 1 to the maximum). Another upload of the same owner and
	// digest that is still open MUST end with ErrTaken: the uploader has come
	// back on a new connection. A blob that is already here is answered by an
	// Upload whose Offset is size.
	//
	// Errors: ErrSize, ErrQuota, or a failure of the medium.
	Begin(owner string, digest crypto.Digest, size int64) (Upload, error)
	// Open returns the blob; ErrMissing when it is not here, whole.
	Open(digest crypto.Digest) (Blob, error)
	// Hold keeps the blob from being removed until release is called, without
	// freeing anybody's quota: a statement that names it is being judged.
	// ErrMissing when it is not here.
	Hold(digest crypto.Digest) (release func(), err error)
	// Keep tells that a statement names the blob: it no longer counts against
	// anybody's quota and is never removed. ErrMissing when it is not here.
	Keep(digest crypto.Digest) error
}

// Upload is one blob on its way in. It is for one goroutine.
type Upload interface {
	// Offset returns how many bytes are here.
	Offset() int64
	// Write appends p. It MUST NOT take more than the size; ErrSize says that
	// it was asked to.
	Write(p []byte) (int, error)
	// Commit checks the digest and gives the blob its name. On nil the blob
	// survives a loss of power. ErrDigest means that the bytes are wrong, and
	// all of them are forgotten; ErrShort that some are yet to come.
	Commit() error
	// Close ends this upload. What is here stays for a later Begin.
	Close() error
}

// Blob is an open blob.
type Blob interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

var (
	ErrMissing = errors.New("no blob with this digest is here")
	ErrSize    = errors.New("the blob's size is out of bounds or was exceeded")
	ErrQuota   = errors.New("too many bytes of this uploader are unfinished or named by no statement")
	ErrDigest  = errors.New("the bytes do not have the digest they were announced with")
	ErrShort   = errors.New("the blob is not whole yet")
	ErrTaken   = errors.New("the same upload was taken over by another connection")
)

// Limits bounds what uploaders may leave, in bytes.
type Limits struct {
	Blob  int64 // one blob
	Quota int64 // all of one uploader's that no statement names
	Least int64 // what one blob counts for at least: its name takes room too
	// Age is how long something unfinished or unnamed is safe from being
	// forgotten when the same uploader needs the room.
	Age time.Duration
	Now func() time.Time
}

// Reader returns all of b from the start.
func Reader(b Blob) io.Reader { return io.NewSectionReader(b, 0, b.Size()) }

// Put keeps b as owner's, whole, and returns its digest: for what this process
// makes itself.
func Put(s Blobs, owner string, b []byte) (crypto.Digest, error) {
	digest := crypto.DigestOf(b)
	u, err := s.Begin(owner, digest, int64(len(b)))
	if err != nil {
		return digest, err
	}
	defer u.Close()
	if u.Offset() < int64(len(b)) {
		if _, err := u.Write(b[u.Offset():]); err != nil {
			return digest, err
		}
	}
	return digest, u.Commit()
}
