package bundle_test

import (
	"bytes"
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto/mutate"
)

// cut separates the files of a bundle in an input.
var cut = []byte("\x00\xff")

// readerDecoder takes a folder from somebody else: manifest, checkpoint, first
// entry bundle and first tile. The checkpoint says how large the log is, and may
// say anything; what is read of it follows from what is there.
func readerDecoder(t testing.TB) mutate.Decoder {
	f := audittest.New(t, 3)
	entries, err := audit.EncodeBundle(f.Leaves)
	if err != nil {
		t.Fatal(err)
	}
	width := len(f.Leaves)
	tile, err := f.State.Tree().ReadTile(tlog.Tile{H: audit.TileHeight, W: width})
	if err != nil {
		t.Fatal(err)
	}
	manifest := []byte(`{"format":"smartstart-bundle","version":1,"kind":"sealed"}`)
	names := []string{"bundle.json", "checkpoint", audit.TilePath(audit.Bundles(int64(width))[0]), audit.TilePath(audit.Tiles(int64(width))[0])}
	small, err := audit.EncodeBundle([][]byte{[]byte("a"), []byte("b"), nil, []byte("d")})
	if err != nil {
		t.Fatal(err)
	}
	if width != 4 {
		t.Fatalf("%d entries", width)
	}
	files := make([]fstest.MapFile, len(names))
	folder := fstest.MapFS{}
	return mutate.Decoder{
		Seeds: [][]byte{
			bytes.Join([][]byte{manifest, f.Checkpoint(), entries, tile}, cut),
			bytes.Join([][]byte{manifest, f.Checkpoint(), small, tile}, cut),
			bytes.Join([][]byte{manifest, []byte("log\n268435456\nRUNJ5CLwUpcZHq0T4h09tSDlq+9SBV5JZLgvshP1k6E=\n"), small, tile}, cut),
			bytes.Join([][]byte{manifest, []byte("log\n4611686018427387904\nRUNJ5CLwUpcZHq0T4h09tSDlq+9SBV5JZLgvshP1k6E=\n"), small, tile}, cut),
			manifest,
		},
		Check: func(t testing.TB, b []byte) bool {
			clear(folder)
			for i, part := range bytes.SplitN(b, cut, len(names)) {
				files[i] = fstest.MapFile{Data: part}
				folder[names[i]] = &files[i]
			}
			typed := func(err error) {
				if err != nil && !errors.As(err, new(*bundle.Error)) {
					t.Fatalf("untyped error %T: %v", err, err)
				}
			}
			r, err := bundle.Open(fs.FS(folder))
			if err != nil {
				typed(err)
				return false
			}
			c, err := r.Checkpoint()
			typed(err)
			h, err := audit.ReadUnverified(c)
			if err != nil {
				return false
			}
			var leaves [][]byte
			err = r.Entries(h.Size, func(i int64, leaf []byte) error {
				if i != int64(len(leaves)) {
					t.Fatalf("entry %d after %d", i, len(leaves)-1)
				}
				leaves = append(leaves, leaf)
				return nil
			})
			typed(err)
			if err == nil && int64(len(leaves)) != h.Size {
				t.Fatalf("%d entries of a log of %d", len(leaves), h.Size)
			}
			_, tileErr := r.Tile(tlog.Tile{H: audit.TileHeight, W: width})
			typed(tileErr)
			return err == nil && tileErr == nil
		},
	}
}

func FuzzReader(f *testing.F)       { readerDecoder(f).Fuzz(f) }
func TestMutateReader(t *testing.T) { readerDecoder(t).Run(t) }
