package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/mutate"
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

// bundleDecoder: an entry bundle that decodes encodes to the same bytes. The
// last two bytes of an input say how many entries are expected.
func bundleDecoder(t testing.TB) mutate.Decoder {
	one, err := audit.EncodeBundle([][]byte{[]byte("a"), nil, []byte("longer")})
	if err != nil {
		t.Fatal(err)
	}
	return mutate.Decoder{
		Seeds: [][]byte{append(one, 0, 3), {0, 9, 1, 0, 1}, {0, 0}, {0, 0, 0, 0, 0, 2}},
		Check: func(t testing.TB, b []byte) bool {
			if len(b) < 2 {
				return false
			}
			b, width := b[:len(b)-2], int(int16(binary.BigEndian.Uint16(b[len(b)-2:])))
			leaves, err := audit.DecodeBundle(b, width)
			if err != nil {
				return false
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
			return true
		},
	}
}

func FuzzBundle(f *testing.F)       { bundleDecoder(f).Fuzz(f) }
func TestMutateBundle(t *testing.T) { bundleDecoder(t).Run(t) }

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
	// One that is ahead of what is applied is believed until the entries come, and
	// held against them then.
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

// checkpointDecoder: what is read from a checkpoint is what its first three
// lines say, in the only spelling.
func checkpointDecoder(t testing.TB) mutate.Decoder {
	s := audittest.NewSigner("log", "")
	c, err := audit.MakeCheckpoint("log", audit.Head{Size: 9, Root: audittest.Digest("r")}, s)
	if err != nil {
		t.Fatal(err)
	}
	return mutate.Decoder{
		Seeds: [][]byte{
			c,
			[]byte("log\n0\n\n"),
			[]byte("log\n9\nRUNJ5CLwUpcZHq0T4h09tSDlq+9SBV5JZLgvshP1k6E=\r\n"), // base64 skips line breaks
		},
		Check: func(t testing.TB, b []byte) bool {
			h, err := audit.ReadUnverified(b)
			if err != nil {
				return false
			}
			origin, _, _ := strings.Cut(string(b), "\n")
			text := fmt.Sprintf("%s\n%d\n%s\n", origin, h.Size, tlog.Hash(h.Root))
			if !strings.HasPrefix(string(b), text) {
				t.Fatal("it has another spelling")
			}
			return true
		},
	}
}

func FuzzCheckpoint(f *testing.F)       { checkpointDecoder(f).Fuzz(f) }
func TestMutateCheckpoint(t *testing.T) { checkpointDecoder(t).Run(t) }

// signedCheckpointDecoder: what passes under a pinned key is the text that was
// signed, and what is read from it unverified is the same.
func signedCheckpointDecoder(t testing.TB) mutate.Decoder {
	s := audittest.NewSigner("log", "")
	head := audit.Head{Size: 9, Root: audittest.Digest("r")}
	c, err := audit.MakeCheckpoint("log", head, s)
	if err != nil {
		t.Fatal(err)
	}
	two, err := note.Sign(&note.Note{Text: strings.SplitAfter(string(c), "\n\n")[0][:len("log\n9\n")+45]}, s, audittest.NewSigner("witness", ""))
	if err != nil {
		t.Fatal(err)
	}
	return mutate.Decoder{Slow: true, Seeds: [][]byte{c, two}, Check: func(t testing.TB, b []byte) bool {
		h, err := audit.ReadCheckpoint(b, "log", s.Party.Key)
		if err != nil {
			if !errors.As(err, new(*audit.Refusal)) {
				t.Fatalf("untyped error %T: %v", err, err)
			}
			return false
		}
		if again, err := audit.ReadUnverified(b); h != head || err != nil || again != h {
			t.Fatalf("%+v passes as signed, and reads as %+v, %v", h, again, err)
		}
		return true
	}}
}

func FuzzSignedCheckpoint(f *testing.F)       { signedCheckpointDecoder(f).Fuzz(f) }
func TestMutateSignedCheckpoint(t *testing.T) { signedCheckpointDecoder(t).Run(t) }

// publicKeyDecoder: a verifier key that is taken names its holder and signs.
func publicKeyDecoder(testing.TB) mutate.Decoder {
	return mutate.Decoder{
		Seeds: [][]byte{[]byte(audittest.NewSigner("board01", "").Party.Key), []byte("a+00000000+AQ=="), {}},
		Check: func(t testing.TB, b []byte) bool {
			k, err := audit.PublicKey(string(b))
			if err == nil && len(k) != ed25519.PublicKeySize {
				t.Fatalf("a key of %d bytes is taken", len(k))
			}
			return err == nil
		},
	}
}

func FuzzPublicKey(f *testing.F)       { publicKeyDecoder(f).Fuzz(f) }
func TestMutatePublicKey(t *testing.T) { publicKeyDecoder(t).Run(t) }
