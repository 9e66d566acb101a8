package bundle

import (
	"bytes"
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
	f, _, err := openFile(r.fsys, blobPath(d))
	if e := new(Error); errors.As(err, &e) && e.code == codeMissing {
		return nil, failure(codeMissingBlob, "ask for a complete bundle", "the blob %s is not in the bundle", d)
	}
	if err != nil {
		return nil, err
	}
	return &blobReader{file: f, want: d, hash: sha256.New()}, nil
}

// Sized is Blob for one whose size is known: a file of another size cannot be
// it, and is not read at all.
func (r *Reader) Sized(ref audit.BlobRef) (io.ReadCloser, error) {
	b, err := r.Blob(ref.Digest)
	if err != nil {
		return nil, err
	}
	info, err := b.(*blobReader).file.Stat()
	if err != nil || info.Size() != ref.Size {
		b.Close()
		return nil, failure(codeBlobDigest, "fetch the bundle again", "the blob %s has another size than the %d bytes of its statement", ref.Digest, ref.Size)
	}
	return b, nil
}

// Small reads a whole blob of at most limit bytes, whose size the log does not
// say, and checks its digest. A larger file is refused by its size.
func (r *Reader) Small(d crypto.Digest, limit int64) ([]byte, error) {
	b, err := r.Blob(d)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	info, err := b.(*blobReader).file.Stat()
	if err != nil || info.Size() > limit {
		return nil, failure(codeBlobDigest, "fetch the bundle again", "the blob %s is larger than the %d bytes that it can have", d, limit)
	}
	return io.ReadAll(b)
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

// openFile opens a plain file below the folder. A bundle comes from somebody
// else: a link in it could lead to any file of this machine, and a device or a
// pipe could give bytes for ever or never.
func openFile(fsys fs.FS, path string) (fs.File, int64, error) {
	if links, ok := fsys.(fs.ReadLinkFS); ok {
		for i := range len(path) + 1 {
			if i < len(path) && path[i] != '/' {
				continue
			}
			info, err := links.Lstat(path[:i])
			if err == nil && info.Mode()&fs.ModeSymlink != 0 {
				return nil, 0, failure(codeMalformed, "fetch the bundle again; copy it with the files that its links lead to", "%s is a symbolic link, and a bundle holds plain files", path[:i])
			}
			if err == nil && i == len(path) && !info.Mode().IsRegular() {
				return nil, 0, notPlain(path, info)
			}
		}
	}
	f, err := fsys.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, failure(codeMissing, "fetch the bundle again", "%s is missing", path)
	}
	if err != nil {
		return nil, 0, unreadable(path, err)
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		return f, info.Size(), nil
	}
	f.Close()
	if err != nil {
		return nil, 0, unreadable(path, err)
	}
	return nil, 0, notPlain(path, info)
}

func notPlain(path string, info fs.FileInfo) *Error {
	what := "a device or pipe"
	if info.IsDir() {
		what = "a folder"
	}
	return failure(codeMalformed, "fetch the bundle again", "%s is %s where a file should be", path, what)
}

// readFile reads a whole file of at most limit bytes. A larger one is refused
// by its size, before anything of it is in memory.
func readFile(fsys fs.FS, path string, limit int64) ([]byte, error) {
	f, size, err := openFile(fsys, path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	large := failure(codeMalformed, "fetch the bundle again", "%s is larger than the %d bytes that it can have", path, limit)
	if size > limit {
		return nil, large
	}
	b := bytes.NewBuffer(make([]byte, 0, size+bytes.MinRead))
	_, err = b.ReadFrom(io.LimitReader(f, limit+1)) // it may grow meanwhile
	if err != nil {
		return nil, unreadable(path, err)
	}
	if int64(b.Len()) > limit {
		return nil, large
	}
	return b.Bytes(), nil
}

// unreadable drops the machine's own path from a file system error.
func unreadable(path string, err error) *Error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return failure(codeUnreadable, "check the folder's permissions", "%s cannot be read: %s", path, fmt.Sprint(err))
}
