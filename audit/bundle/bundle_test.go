package bundle_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto"
)

// store is a blob store in memory.
type store map[crypto.Digest][]byte

func (s store) GetBlob(_ context.Context, d [32]byte, _, _ int64, w io.Writer) error {
	b, ok := s[d]
	if !ok {
		return errors.New("it was removed")
	}
	_, err := w.Write(b)
	return err
}

// codebook is a store with the codebook only.
func codebook() store {
	return store{crypto.DigestOf([]byte(audittest.Codebook)): []byte(audittest.Codebook)}
}

// TestRoundTrip: what is written is read back, over more than one entry
// bundle, and the folder is the one that C2SP tlog-tiles describes.
func TestRoundTrip(t *testing.T) {
	f := audittest.New(t, 4)
	f.Begin("study", 99)
	for len(f.Leaves) < 600 {
		f.Round("study")
	}
	dir := filepath.Join(t.TempDir(), "out", "bundle")
	if err := bundle.Write(t.Context(), dir, bundle.Public, f.Leaves, f.Checkpoint(), codebook()); err != nil {
		t.Fatal(err)
	}
	r, err := bundle.Open(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if r.Kind() != bundle.Public {
		t.Errorf("kind %s", r.Kind())
	}
	if c, err := r.Checkpoint(); err != nil || !bytes.Equal(c, f.Checkpoint()) {
		t.Errorf("checkpoint: %v", err)
	}
	var got [][]byte
	err = r.Entries(int64(len(f.Leaves)), func(i int64, leaf []byte) error {
		if i != int64(len(got)) {
			t.Fatalf("entry %d after %d", i, len(got)-1)
		}
		got = append(got, bytes.Clone(leaf))
		return nil
	})
	if err != nil || len(got) != len(f.Leaves) {
		t.Fatalf("%d entries, %v", len(got), err)
	}
	for i := range got {
		if !bytes.Equal(got[i], f.Leaves[i]) {
			t.Fatalf("entry %d differs", i)
		}
	}
	// A stock client rebuilds every leaf hash from the tiles.
	head := f.State.Head()
	reader := tlog.TileHashReader(tlog.Tree{N: head.Size, Hash: tlog.Hash(head.Root)}, tiles{r})
	for i, leaf := range f.Leaves {
		h, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, int64(i))})
		if err != nil || h[0] != tlog.RecordHash(leaf) {
			t.Fatalf("entry %d from tiles: %v", i, err)
		}
	}
	for _, name := range []string{"bundle.json", "checkpoint", "tile/0/000", "tile/0/001", "tile/entries/000", "blobs"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Errorf("%s is missing", name)
		}
	}
	b, err := r.Blob(crypto.DigestOf([]byte(audittest.Codebook)))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(b); err != nil || string(text) != audittest.Codebook {
		t.Errorf("codebook %q, %v", text, err)
	}
}

// tiles reads tiles as a client of x/mod does.
type tiles struct{ r *bundle.Reader }

func (tiles) Height() int                     { return audit.TileHeight }
func (tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (s tiles) ReadTiles(list []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range list {
		b, err := s.r.Tile(tile)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// TestWriteRefuses: a bundle that could not be verified is not written.
func TestWriteRefuses(t *testing.T) {
	f := audittest.New(t, 4)
	f.Begin("study", 1)
	good := f.Checkpoint()
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	f.Round("study")
	frames := f.State.Attempt("study", 1, 1).Updates["board01"].Body.(*audit.Update).Frames.Digest
	wrong := codebook()
	wrong[crypto.DigestOf([]byte(audittest.Codebook))] = []byte("other bytes")
	large := codebook()
	large[frames] = bytes.Repeat([]byte{1}, 1<<20)
	for name, c := range map[string]struct {
		code       string
		dir        string
		kind       bundle.Kind
		leaves     [][]byte
		checkpoint []byte
		blobs      bundle.Blobs
	}{
		"folder not empty":    {"SS1807", full, bundle.Public, f.Leaves, f.Checkpoint(), codebook()},
		"older checkpoint":    {"SS1808", "", bundle.Public, f.Leaves, good, codebook()},
		"empty log":           {"SS1808", "", bundle.Public, nil, good, codebook()},
		"garbage log":         {"SS1808", "", bundle.Public, [][]byte{[]byte("x")}, good, codebook()},
		"no charter":          {"SS1808", "", bundle.Public, f.Leaves[1:], good, codebook()},
		"garbage checkpoint":  {"SS2001", "", bundle.Public, f.Leaves, []byte("x"), codebook()},
		"no codebook":         {"SS1805", "", bundle.Public, f.Leaves, f.Checkpoint(), store{}},
		"wrong codebook":      {"SS1806", "", bundle.Public, f.Leaves, f.Checkpoint(), wrong},
		"sealed without blob": {"SS1805", "", bundle.Sealed, f.Leaves, f.Checkpoint(), codebook()},
		"blob too large":      {"SS1805", "", bundle.Sealed, f.Leaves, f.Checkpoint(), large},
	} {
		t.Run(name, func(t *testing.T) {
			dir := c.dir
			if dir == "" {
				dir = filepath.Join(t.TempDir(), "b")
			}
			err := bundle.Write(t.Context(), dir, c.kind, c.leaves, c.checkpoint, c.blobs)
			wantCode(t, err, c.code)
			if _, err := bundle.Open(os.DirFS(dir)); err == nil {
				t.Error("an unfinished bundle opens")
			}
		})
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var coded interface {
		error
		Code() string
		Remedy() string
	}
	if !errors.As(err, &coded) || coded.Code() != code || coded.Remedy() == "" {
		t.Fatalf("got %v, want %s with a remedy", err, code)
	}
	if strings.Contains(coded.Error(), os.TempDir()) {
		t.Errorf("the error shows the machine's own path: %v", err)
	}
}

// TestReadRefuses: missing, truncated and wrong pieces are clear errors.
func TestReadRefuses(t *testing.T) {
	f := audittest.New(t, 4)
	manifest := &fstest.MapFile{Data: []byte(`{"format":"smartstart-bundle","version":1,"kind":"sealed"}`)}
	entries, err := audit.EncodeBundle(f.Leaves)
	if err != nil {
		t.Fatal(err)
	}
	n := int64(len(f.Leaves))
	path := audit.TilePath(audit.Bundles(n)[0])
	digest := crypto.DigestOf([]byte("content"))
	fsys := fstest.MapFS{
		"bundle.json":               manifest,
		"checkpoint":                {Data: bytes.Repeat([]byte("x"), 1<<20)},
		path:                        {Data: entries[:len(entries)-1]},
		"tile/0/000.p/5":            {Data: make([]byte, 5*32-1)},
		"tile/0/001.p/5":            {Data: make([]byte, 5*32+1)},
		"blobs/" + digest.String():  {Data: []byte("other")},
		"tile/entries/000.p/1/dir/": {Mode: fs.ModeDir},
	}
	r, err := bundle.Open(fsys)
	if err != nil {
		t.Fatal(err)
	}
	none := func(int64, []byte) error { return nil }
	_, err = r.Checkpoint()
	wantCode(t, err, "SS1804")
	wantCode(t, r.Entries(n, none), "SS1804")
	wantCode(t, r.Entries(n+1, none), "SS1803")
	_, err = r.Tile(tlog.Tile{H: 8, L: 0, N: 0, W: 5})
	wantCode(t, err, "SS1804")
	_, err = r.Tile(tlog.Tile{H: 8, L: 0, N: 1, W: 5})
	wantCode(t, err, "SS1804")
	_, err = r.Tile(tlog.Tile{H: 8, L: 0, N: 2, W: 5})
	wantCode(t, err, "SS1803")
	_, err = r.Blob(crypto.DigestOf([]byte("not there")))
	wantCode(t, err, "SS1805")
	b, err := r.Blob(digest)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.ReadAll(b)
	wantCode(t, err, "SS1806")
	stop := errors.New("enough")
	fsys[path] = &fstest.MapFile{Data: entries}
	if err := r.Entries(n, func(int64, []byte) error { return stop }); err != stop {
		t.Errorf("yield's own error comes back as %v", err)
	}
}
