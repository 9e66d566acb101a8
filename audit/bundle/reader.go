package bundle

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// maxBundle is the largest entry bundle: 256 entries of the largest size.
const maxBundle = (1 << audit.TileHeight) * (2 + audit.MaxLeaf)

// Reader reads a bundle folder.
type Reader struct {
	fsys     fs.FS
	manifest Manifest
}

// Open reads the manifest of a bundle folder. Everything else is read, and can
// fail, piece by piece.
func Open(fsys fs.FS) (*Reader, error) {
	m, err := readManifest(fsys)
	if err != nil {
		return nil, err
	}
	return &Reader{fsys, m}, nil
}

// Kind says whether the bundle is public or sealed.
func (r *Reader) Kind() Kind { return r.manifest.Kind }

// Checkpoint returns the signed checkpoint, not verified.
func (r *Reader) Checkpoint() ([]byte, error) { return readFile(r.fsys, checkpointFile, audit.MaxLeaf) }

// Entries calls yield with every leaf of a log of the given size, in order,
// holding one entry bundle (at most 17 MB) in memory.
func (r *Reader) Entries(size int64, yield func(index int64, leaf []byte) error) error {
	// The size may be anybody's word: one entry bundle is looked for after the
	// other, and the first that is missing ends it. A list of them all, as
	// audit.Bundles gives it, would take all memory there is.
	for at := int64(0); at < size; {
		t := tlog.Tile{H: audit.TileHeight, L: -1, N: at >> audit.TileHeight, W: int(min(size-at, 1<<audit.TileHeight))}
		at += int64(t.W)
		b, err := readFile(r.fsys, audit.TilePath(t), maxBundle)
		if err != nil {
			return err
		}
		leaves, err := audit.DecodeBundle(b, t.W)
		if err != nil {
			return failure(codeMalformed, "fetch the bundle again", "%s: %v", audit.TilePath(t), err)
		}
		for i, leaf := range leaves {
			if err := yield(t.N<<audit.TileHeight+int64(i), leaf); err != nil {
				return err
			}
		}
	}
	return nil
}

// Tile returns the hashes of one tile, not verified.
func (r *Reader) Tile(t tlog.Tile) ([]byte, error) {
	want := t.W * tlog.HashSize
	b, err := readFile(r.fsys, audit.TilePath(t), int64(want))
	if err == nil && len(b) != want {
		err = failure(codeMalformed, "fetch the bundle again", "%s has %d bytes instead of %d", audit.TilePath(t), len(b), want)
	}
	return b, err
}

// Blob opens a blob. What is read is hashed: at its end Read returns an error
// instead of io.EOF when it does not hash to the digest.
func (r *Reader) Blob(d crypto.Digest) (io.ReadCloser, error) {
	f, err := r.fsys.Open(blobPath(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, failure(codeMissingBlob, "ask for a complete bundle", "the blob %s is not in the bundle", d)
	}
	if err != nil {
		return nil, unreadable(blobPath(d), err)
	}
	return &blobReader{file: f, want: d, hash: sha256.New()}, nil
}

// blobReader checks the digest of a blob while it is read.
type blobReader struct {
	file fs.File
	want crypto.Digest
	hash hash.Hash
}

func (b *blobReader) Read(p []byte) (int, error) {
	n, err := b.file.Read(p)
	b.hash.Write(p[:n])
	if err == io.EOF && crypto.Digest(b.hash.Sum(nil)) != b.want {
		return n, failure(codeBlobDigest, "fetch the bundle again", "the blob %s holds other bytes than its name says", b.want)
	}
	if err != nil && err != io.EOF {
		err = unreadable(blobPath(b.want), err)
	}
	return n, err
}

func (b *blobReader) Close() error { return b.file.Close() }

// readFile reads a whole file of at most limit bytes.
func readFile(fsys fs.FS, path string, limit int64) ([]byte, error) {
	f, err := fsys.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, failure(codeMissing, "fetch the bundle again", "%s is missing", path)
	}
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if int64(len(b)) > limit {
		return nil, failure(codeMalformed, "fetch the bundle again", "%s is larger than %d bytes", path, limit)
	}
	return b, nil
}

// unreadable drops the machine's own path from a file system error.
func unreadable(path string, err error) *Error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return failure(codeMissing, "check the folder's permissions", "%s cannot be read: %s", path, fmt.Sprint(err))
}
