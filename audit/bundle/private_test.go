package bundle_test

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
)

// TestSealedBundleIsPrivate: whoever has a sealed bundle can open every total,
// so others on the machine cannot read it. A public one, as the mutant without
// that, they can.
func TestSealedBundleIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("files have no such modes")
	}
	f := audittest.New(t, 4)
	f.Begin("study", 3)
	for _, c := range []struct {
		kind bundle.Kind
		open bool
	}{{bundle.Sealed, false}, {bundle.Public, true}} {
		dir := filepath.Join(t.TempDir(), "out", "bundle")
		if err := bundle.Write(t.Context(), dir, c.kind, f.Leaves, f.Checkpoint(), codebook()); err != nil {
			t.Fatal(err)
		}
		files, open := 0, 0
		err := filepath.WalkDir(filepath.Dir(dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			files++
			if info.Mode().Perm()&0o077 != 0 {
				open++
				if !c.open {
					t.Errorf("%s of a sealed bundle has the mode %v", path, info.Mode())
				}
			}
			return nil
		})
		if err != nil || files < 8 || (open == files) != c.open {
			t.Errorf("%s: %d of %d files and folders are open to others, %v", c.kind, open, files, err)
		}
	}
}

// flood is a coordinator that never ends a blob.
type flood struct{ sent int64 }

func (f *flood) GetBlob(_ context.Context, _ [32]byte, _, _ int64, w io.Writer) error {
	piece := make([]byte, 64<<10)
	for f.sent < 64<<20 {
		n, err := w.Write(piece)
		if f.sent += int64(n); err != nil {
			return err
		}
	}
	return nil
}

// TestCodebookDoesNotFillTheDisk: the log does not say how large the codebook is,
// and it is no larger than a codebook can be.
func TestCodebookDoesNotFillTheDisk(t *testing.T) {
	f := audittest.New(t, 4)
	dir := t.TempDir()
	from := new(flood)
	err := bundle.Write(t.Context(), dir, bundle.Public, f.Leaves, f.Checkpoint(), from)
	if err == nil || from.sent > 1<<20 {
		t.Errorf("%d bytes were taken, %v", from.sent, err)
	}
	list, err := os.ReadDir(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		if info, err := d.Info(); err != nil || info.Size() > 1<<20 {
			t.Errorf("a blob of %d bytes lies there, %v", info.Size(), err)
		}
	}
}
