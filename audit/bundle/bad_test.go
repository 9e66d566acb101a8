package bundle_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto"
)

// onDisk writes a public bundle of a small log and returns its folder, the path
// of its entries and that of its codebook.
func onDisk(t *testing.T) (dir, entries, codebookPath string, size int64) {
	t.Helper()
	f := audittest.New(t, 4)
	dir = filepath.Join(t.TempDir(), "bundle")
	if err := bundle.Write(t.Context(), dir, bundle.Public, f.Leaves, f.Checkpoint(), codebook()); err != nil {
		t.Fatal(err)
	}
	size = int64(len(f.Leaves))
	return dir, audit.TilePath(audit.Bundles(size)[0]), "blobs/" + crypto.DigestOf([]byte(audittest.Codebook)).String(), size
}

// readAll reads everything that a bundle has, as a verifier does.
func readAll(dir string, size int64) error {
	r, err := bundle.Open(os.DirFS(dir))
	if err != nil {
		return err
	}
	if _, err := r.Checkpoint(); err != nil {
		return err
	}
	if err := r.Entries(size, func(int64, []byte) error { return nil }); err != nil {
		return err
	}
	if _, err := r.Tile(audit.Tiles(size)[0]); err != nil {
		return err
	}
	_, err = r.Small(crypto.DigestOf([]byte(audittest.Codebook)), 1<<20)
	return err
}

// TestBadFolders: whatever lies where a file should be gives one clear sentence
// and takes no memory to speak of, however large it says it is.
func TestBadFolders(t *testing.T) {
	_, entries, book, _ := onDisk(t)
	tile := strings.Replace(entries, "entries", "0", 1)
	const gigabyte = 1 << 30
	spoil := map[string]func(t *testing.T, path string){
		"a gigabyte of nothing": func(t *testing.T, path string) {
			if err := os.Truncate(path, gigabyte); err != nil {
				t.Fatal(err)
			}
		},
		"a folder": func(t *testing.T, path string) { replace(t, path, func() error { return os.Mkdir(path, 0o700) }) },
		"a symbolic link": func(t *testing.T, path string) {
			if err := os.Rename(path, path+".moved"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(path+".moved", path); err != nil {
				t.Skip("no symbolic links here")
			}
		},
		"a link to endless bytes": func(t *testing.T, path string) {
			replace(t, path, func() error { return os.Symlink("/dev/zero", path) })
		},
		"nothing": func(t *testing.T, path string) { replace(t, path, func() error { return nil }) },
		"half":    func(t *testing.T, path string) { halve(t, path) },
		"no bytes": func(t *testing.T, path string) {
			replace(t, path, func() error { return os.WriteFile(path, nil, 0o600) })
		},
	}
	for file, says := range map[string]string{"bundle.json": "", "checkpoint": "checkpoint", entries: entries, tile: tile, book: filepath.Base(book)} {
		for name, f := range spoil {
			if file == "checkpoint" && (name == "half" || name == "no bytes") {
				continue // for whoever reads what stands in it
			}
			t.Run(file+" is "+name, func(t *testing.T) {
				dir, _, _, size := onDisk(t)
				f(t, filepath.Join(dir, filepath.FromSlash(file)))
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				err := readAll(dir, size)
				runtime.ReadMemStats(&after)
				if err == nil {
					t.Fatal("it was read")
				}
				if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), dir) {
					t.Errorf("it says: %v", err)
				}
				if used := after.TotalAlloc - before.TotalAlloc; used > 20<<20 {
					t.Errorf("it took %d MB", used>>20)
				}
			})
		}
	}
}

// TestLinkedParent: a folder inside a bundle is no link either.
func TestLinkedParent(t *testing.T) {
	dir, _, _, size := onDisk(t)
	outside := filepath.Join(t.TempDir(), "elsewhere")
	if err := os.Rename(filepath.Join(dir, "tile"), outside); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "tile")); err != nil {
		t.Skip("no symbolic links here")
	}
	wantCode(t, readAll(dir, size), "SS1804")
}

// TestSized: a blob of another size than its statement says is not read.
func TestSized(t *testing.T) {
	dir, _, book, _ := onDisk(t)
	r, err := bundle.Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	ref := audit.BlobRef{Digest: crypto.DigestOf([]byte(audittest.Codebook)), Size: int64(len(audittest.Codebook))}
	b, err := r.Sized(ref)
	if err != nil {
		t.Fatal(err)
	}
	b.Close()
	ref.Size++
	_, err = r.Sized(ref)
	wantCode(t, err, "SS1806")
	ref.Size--
	if err := os.Truncate(filepath.Join(dir, book), 1<<40); err != nil {
		t.Skip("no sparse files here")
	}
	_, err = r.Sized(ref)
	wantCode(t, err, "SS1806")
	ref.Digest[0] ^= 1
	_, err = r.Sized(ref)
	wantCode(t, err, "SS1805")
}

// TestUnreadable: a file that is there and cannot be read is not called missing.
func TestUnreadable(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("everything can be read")
	}
	dir, _, book, _ := onDisk(t)
	if err := os.Chmod(filepath.Join(dir, book), 0); err != nil {
		t.Fatal(err)
	}
	r, err := bundle.Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Blob(crypto.DigestOf([]byte(audittest.Codebook)))
	wantCode(t, err, "SS1809")
}

func replace(t *testing.T, path string, by func() error) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	if err := by(); err != nil {
		t.Fatal(err)
	}
}

func halve(t *testing.T, path string) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()/2)
	}
	if err != nil {
		t.Fatal(err)
	}
}
