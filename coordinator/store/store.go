package store

import (
	"context"
	"errors"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Entry is one leaf of the log and what is looked up about it.
type Entry struct {
	Index  int64
	Leaf   []byte
	Hash   crypto.Digest // the leaf's hash in the Merkle tree
	Signer string
	Seq    int64 // the signer's own count, from 1
}

// Cosignature is one party's line under the checkpoint of a size.
type Cosignature struct {
	Size   int64
	Signer string
	Line   []byte
}

// Store is the coordinator's log on disk. Implementations MUST be safe for one
// caller of Append and any number of concurrent callers of the rest.
type Store interface {
	// Append keeps entries, all or none, and MUST return nil only when they
	// survive a loss of power. The first index MUST be Size(), the others
	// follow without a gap; a hash or a (signer, seq) that is already there
	// is refused with ErrConflict. After any other error the caller cannot
	// know what is kept, and MUST open the store anew before it goes on.
	Append(ctx context.Context, entries []Entry) error
	// Size returns the number of entries kept.
	Size(ctx context.Context) (int64, error)
	// Leaves returns leaves from index `from` on: at most limit of them, at
	// most maxBytes together but always at least one if there is one.
	Leaves(ctx context.Context, from int64, limit, maxBytes int) ([][]byte, error)
	// Find returns the index of the leaf with this hash; ok is false when
	// there is none.
	Find(ctx context.Context, hash crypto.Digest) (index int64, ok bool, err error)
	// Receipt returns the index of the signer's statement with this seq; ok is
	// false when there is none.
	Receipt(ctx context.Context, signer string, seq int64) (index int64, ok bool, err error)
	// Cosign keeps a co-signature and MUST return nil only when it survives a
	// loss of power. A second one of one signer for one size changes nothing.
	// After an error the caller MUST open the store anew, as for Append.
	Cosign(ctx context.Context, c Cosignature) error
	// Cosignatures returns the newest co-signature of every signer: that of its
	// largest size.
	Cosignatures(ctx context.Context) ([]Cosignature, error)
	// Close releases the store; entries kept stay.
	Close() error
}

var (
	// ErrUnsure: a write failed before, so nobody knows what is on the disk.
	ErrUnsure = errors.New("an earlier write of this store failed; open it anew")
	// ErrConflict: an entry does not continue the log, or is in it already.
	ErrConflict = errors.New("the entry does not continue the log or is in it already")
	// ErrInUse: another process has this store open.
	ErrInUse = errors.New("another coordinator has this folder open; stop it first")
	// ErrOther: the store belongs to another log, or to a newer version.
	ErrOther = errors.New("the folder holds the log of another federation or of a newer version; choose another folder or upgrade")
)
