package blobs

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/smartstart-federation/smartstart/crypto"
)

// files is a medium of three kinds of file:
//
//	whole/<digest>                        a blob
//	parts/<owner>/<digest>.<size>         an upload under way, possibly from before a restart
//	parts/<owner>/<digest>.<size>.whole   empty: this owner's blob, named by no statement yet
//
// where <owner> is the name in hexadecimal, so that no name can reach out of
// the folder.
type files struct {
	whole, parts string
	syncDir      func(dir string) error
}

const wholeMark = ".whole"

// OpenFiles opens or creates a Shelf in the folder dir. Unfinished uploads of
// an earlier process are found again.
func OpenFiles(dir string, limits Limits) (*Shelf, error) {
	f := newFiles(dir)
	for _, d := range []string{f.whole, f.parts} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return nil, err
		}
	}
	// An earlier process may have ended between giving a blob its name and
	// making the name durable; from here on a blob that has a name is kept.
	if err := errors.Join(syncDir(dir), syncDir(f.whole)); err != nil {
		return nil, err
	}
	l := newLedger(limits)
	owners, err := os.ReadDir(f.parts)
	if err != nil {
		return nil, err
	}
	for _, o := range owners {
		name, err := hex.DecodeString(o.Name())
		if err != nil {
			continue // not ours
		}
		if err := f.scan(string(name), l); err != nil {
			return nil, err
		}
	}
	return newShelf(f, l), nil
}

func newFiles(dir string) *files {
	return &files{whole: filepath.Join(dir, "whole"), parts: filepath.Join(dir, "parts"), syncDir: syncDir}
}

// scan enters what an earlier process left of one owner.
func (f *files) scan(owner string, l *ledger) error {
	entries, err := os.ReadDir(f.folder(owner))
	if err != nil {
		return err
	}
	for _, e := range entries {
		name, marked := strings.CutSuffix(e.Name(), wholeMark)
		text, size, ok := strings.Cut(name, ".")
		var d crypto.Digest
		n, err := strconv.ParseInt(size, 10, 64)
		if !ok || err != nil || n <= 0 || d.UnmarshalText([]byte(text)) != nil {
			continue // not ours
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		c := claim{owner: owner, digest: d, size: n, since: info.ModTime(), whole: marked}
		if f.has(d) != marked {
			// The process ended between marking and naming, or the blob came
			// from another owner meanwhile. Either way this file says nothing
			// that is still true: a mark without a blob goes, a part of a
			// whole blob too.
			if err := os.Remove(filepath.Join(f.folder(owner), e.Name())); err != nil {
				return err
			}
			continue
		}
		l.put(c)
	}
	return nil
}

func (f *files) folder(owner string) string {
	return filepath.Join(f.parts, hex.EncodeToString([]byte(owner)))
}

func (f *files) partPath(c claim) string {
	return filepath.Join(f.folder(c.owner), fmt.Sprintf("%s.%d", c.digest, c.size))
}

func (f *files) wholePath(d crypto.Digest) string { return filepath.Join(f.whole, d.String()) }

func (f *files) has(d crypto.Digest) bool {
	_, err := os.Stat(f.wholePath(d))
	return err == nil
}

func (f *files) open(d crypto.Digest) (Blob, error) {
	file, err := os.Open(f.wholePath(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return fileBlob{file, info.Size()}, nil
}

func (f *files) part(c claim) (part, error) {
	if err := os.MkdirAll(f.folder(c.owner), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(f.partPath(c), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return filePart{file}, nil
}

// publish renames the synced part and syncs the folder that then names it. The
// mark comes first: without it a crash in between would leave a blob that
// nobody's quota knows.
func (f *files) publish(c claim) (err error) {
	defer func() {
		if err != nil {
			// A name that may not be durable must not answer the next upload.
			err = errors.Join(err, remove(f.wholePath(c.digest)), remove(f.partPath(c)+wholeMark), remove(f.partPath(c)))
		}
	}()
	mark, err := os.OpenFile(f.partPath(c)+wholeMark, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := mark.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.partPath(c), f.wholePath(c.digest)); err != nil {
		return err
	}
	return f.syncDir(f.whole)
}

func (f *files) kept(c claim) error { return remove(f.partPath(c) + wholeMark) }

func (f *files) forget(c claim) error {
	if c.whole {
		if err := remove(f.wholePath(c.digest)); err != nil {
			return err
		}
		return remove(f.partPath(c) + wholeMark)
	}
	return remove(f.partPath(c))
}

func remove(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncDir makes the names in dir durable. Windows has no such call and needs
// none: NTFS journals names.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

type filePart struct{ *os.File }

func (p filePart) size() (int64, error) {
	info, err := p.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (p filePart) sync() error { return p.Sync() }

type fileBlob struct {
	*os.File
	size int64
}

func (b fileBlob) Size() int64 { return b.size }
