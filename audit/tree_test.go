package audit_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// rfc6962 is the Merkle tree hash as RFC 6962 section 2.1 writes it down.
func rfc6962(leaves [][]byte) [32]byte {
	switch n := len(leaves); n {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	default:
		k := 1
		for k*2 < n {
			k *= 2
		}
		l, r := rfc6962(leaves[:k]), rfc6962(leaves[k:])
		return sha256.Sum256(append(append([]byte{1}, l[:]...), r[:]...))
	}
}

// TestTree: roots are those of RFC 6962 at every size, proofs verify, and
// proofs of something else do not.
func TestTree(t *testing.T) {
	var tree audit.Tree
	var leaves [][]byte
	for i := range 70 {
		leaf := fmt.Appendf(nil, "leaf %d", i)
		leaves = append(leaves, leaf)
		if h := tree.Append(leaf); h != sha256.Sum256(append([]byte{0}, leaf...)) {
			t.Fatal("leaf hash")
		}
	}
	for size := range int64(71) {
		root, ok := tree.RootAt(size)
		if !ok || root != rfc6962(leaves[:size]) {
			t.Fatalf("root at %d", size)
		}
		for i := range size {
			p, err := tree.ProveLeaf(size, i)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckRecord(p, size, tlog.Hash(root), i, tlog.RecordHash(leaves[i])); err != nil {
				t.Fatal(err)
			}
			if tlog.CheckRecord(p, size, tlog.Hash(root), i, tlog.RecordHash([]byte("other"))) == nil {
				t.Fatal("a proof of another leaf verifies")
			}
		}
		for old := int64(1); old <= size; old++ {
			p, err := tree.ProvePrefix(size, old)
			if err != nil {
				t.Fatal(err)
			}
			if err := tlog.CheckTree(p, size, tlog.Hash(root), old, tlog.Hash(rfc6962(leaves[:old]))); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, ok := tree.RootAt(71); ok {
		t.Error("a root beyond the end")
	}
	for _, err := range []error{
		second(tree.ProveLeaf(71, 0)), second(tree.ProveLeaf(5, 5)), second(tree.ProveLeaf(5, -1)),
		second(tree.ProvePrefix(5, 0)), second(tree.ProvePrefix(5, 6)), second(tree.ProvePrefix(71, 1)),
	} {
		if err == nil {
			t.Error("a proof of nothing")
		}
	}
}

func second[T any](_ T, err error) error { return err }

// TestTiles: paths are those of C2SP tlog-tiles and the tiles verify as a
// stock client reads them.
func TestTiles(t *testing.T) {
	for path, tile := range map[string]tlog.Tile{
		"tile/0/000.p/5":         {H: 8, L: 0, N: 0, W: 5},
		"tile/1/000":             {H: 8, L: 1, N: 0, W: 256},
		"tile/0/x001/x234/067":   {H: 8, L: 0, N: 1234067, W: 256},
		"tile/entries/000.p/255": {H: 8, L: -1, N: 0, W: 255},
		"tile/entries/x001/002":  {H: 8, L: -1, N: 1002, W: 256},
		"tile/2/x001/002.p/3":    {H: 8, L: 2, N: 1002, W: 3},
		"tile/entries/999.p/1":   {H: 8, L: -1, N: 999, W: 1},
		"tile/0/x001/000":        {H: 8, L: 0, N: 1000, W: 256},
	} {
		if got := audit.TilePath(tile); got != path {
			t.Errorf("path %s, want %s", got, path)
		}
	}
	var tree audit.Tree
	for i := range 600 {
		tree.Append(fmt.Appendf(nil, "leaf %d", i))
	}
	if got := len(audit.Tiles(600)); got != 4 { // 256, 256, 88 leaves, and 2 above
		t.Errorf("%d tiles", got)
	}
	if got := audit.Bundles(600); len(got) != 3 || got[2].W != 88 {
		t.Errorf("bundles %v", got)
	}
	if audit.Tiles(0) != nil || audit.Bundles(0) != nil {
		t.Error("an empty log has tiles")
	}
	head := tree.Head()
	reader := tlog.TileHashReader(tlog.Tree{N: head.Size, Hash: tlog.Hash(head.Root)}, stock{t, &tree})
	for i := range int64(600) {
		h, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, i)})
		if err != nil || h[0] != tlog.RecordHash(fmt.Appendf(nil, "leaf %d", i)) {
			t.Fatalf("leaf %d: %v", i, err)
		}
	}
}

// stock reads tiles as a client of x/mod does.
type stock struct {
	t    *testing.T
	tree *audit.Tree
}

func (s stock) Height() int { return audit.TileHeight }
func (s stock) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range tiles {
		b, err := s.tree.ReadTile(tile)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}
func (s stock) SaveTiles([]tlog.Tile, [][]byte) {}

// FuzzBundle: an entry bundle that decodes encodes to the same bytes.
func FuzzBundle(f *testing.F) {
	one, err := audit.EncodeBundle([][]byte{[]byte("a"), nil, []byte("longer")})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(one, 3)
	f.Add([]byte{0, 9, 1}, 1)
	f.Add([]byte{}, 0)
	f.Fuzz(func(t *testing.T, b []byte, width int) {
		leaves, err := audit.DecodeBundle(b, width)
		if err != nil {
			return
		}
		again, err := audit.EncodeBundle(leaves)
		if err != nil || !bytes.Equal(again, b) || len(leaves) != width {
			t.Fatal("it encodes to other bytes")
		}
		if len(b) > 0 {
			if _, err := audit.DecodeBundle(b[:len(b)-1], width); err == nil {
				t.Fatal("accepted without its last byte")
			}
		}
	})
}

// TestCheckpoint: C2SP's form, and what is refused.
func TestCheckpoint(t *testing.T) {
	f := audittest.New(t, 3)
	signed := f.Checkpoint()
	if want := audittest.Origin + "\n4\n"; !strings.HasPrefix(string(signed), want) {
		t.Errorf("it begins %q", signed[:40])
	}
	h, err := f.State.VerifyCheckpoint(signed)
	if err != nil || h != f.State.Head() {
		t.Fatalf("%v, %v", h, err)
	}
	sign := func(origin string, h audit.Head, s *audittest.Signer) []byte {
		c, err := audit.MakeCheckpoint(origin, h, s)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	fork := f.State.Head()
	fork.Root[0] ^= 1
	old := audit.Head{Size: 2, Root: audittest.Digest("fork")}
	text := func(s string) []byte {
		c, err := note.Sign(&note.Note{Text: s}, f.Coordinator)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for name, c := range map[string]struct {
		signed []byte
		code   audit.Code
	}{
		"fork":          {sign(audittest.Origin, fork, f.Coordinator), audit.CodeFork},
		"older fork":    {sign(audittest.Origin, old, f.Coordinator), audit.CodeFork},
		"other log":     {sign("other", f.State.Head(), f.Coordinator), audit.CodeCheckpointOrigin},
		"forged":        {sign(audittest.Origin, f.State.Head(), audittest.NewSigner(audittest.Origin, "x")), audit.CodeCheckpointSignature},
		"other signer":  {sign(audittest.Origin, f.State.Head(), f.Researcher), audit.CodeCheckpointSignature},
		"flipped bit":   {bytes.Replace(signed, []byte("\n4\n"), []byte("\n5\n"), 1), audit.CodeCheckpointSignature},
		"not a note":    {[]byte("nothing"), audit.CodeCheckpointMalformed},
		"empty":         {nil, audit.CodeCheckpointMalformed},
		"no root":       {text(audittest.Origin + "\n4\n"), audit.CodeCheckpointMalformed},
		"bad size":      {text(audittest.Origin + "\n04\n" + strings.Repeat("A", 43) + "=\n"), audit.CodeCheckpointMalformed},
		"negative size": {text(audittest.Origin + "\n-4\n" + strings.Repeat("A", 43) + "=\n"), audit.CodeCheckpointMalformed},
		"short root":    {text(audittest.Origin + "\n4\nAAAA\n"), audit.CodeCheckpointMalformed},
		"enormous":      {bytes.Repeat([]byte("x"), 1<<20), audit.CodeCheckpointMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := f.State.VerifyCheckpoint(c.signed)
			var r *audit.Refusal
			if !errors.As(err, &r) || r.Rule != c.code {
				t.Fatalf("got %v, want %s", err, c.code)
			}
		})
	}
	// One that is ahead of what is applied is believed for now and held against
	// the entries later.
	ahead := audit.Head{Size: 9, Root: audittest.Digest("ahead")}
	if h, err := f.State.VerifyCheckpoint(sign(audittest.Origin, ahead, f.Coordinator)); err != nil || h != ahead {
		t.Errorf("%v, %v", h, err)
	}
	// C2SP allows further lines and signatures of others.
	extended := text(audittest.Origin + "\n4\n" + strings.SplitN(string(signed), "\n", 4)[2] + "\nextension\n")
	if _, err := f.State.VerifyCheckpoint(extended); err != nil {
		t.Errorf("an extension line: %v", err)
	}
	if _, ok := f.State.RootAt(-1); ok {
		t.Error("a root at -1")
	}
	if root, ok := f.State.RootAt(0); !ok || root != crypto.DigestOf(nil) {
		t.Error("the empty root")
	}
}

// FuzzCheckpoint: what is read from a checkpoint is what its first three lines
// say, in the only spelling.
func FuzzCheckpoint(f *testing.F) {
	s := audittest.NewSigner("log", "")
	c, err := audit.MakeCheckpoint("log", audit.Head{Size: 9, Root: audittest.Digest("r")}, s)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(c)
	f.Add([]byte("log\n0\n\n"))
	f.Add([]byte("log\n9\nRUNJ5CLwUpcZHq0T4h09tSDlq+9SBV5JZLgvshP1k6E=\r\n")) // base64 skips line breaks
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := audit.ReadUnverified(b)
		if err != nil {
			return
		}
		origin, _, _ := strings.Cut(string(b), "\n")
		text := fmt.Sprintf("%s\n%d\n%s\n", origin, h.Size, tlog.Hash(h.Root))
		if !strings.HasPrefix(string(b), text) {
			t.Fatal("it has another spelling")
		}
	})
}
