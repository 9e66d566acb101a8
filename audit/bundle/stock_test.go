package bundle_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	f_log "github.com/transparency-dev/formats/log"
	f_note "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
)

// stock is somebody else's program: the client of the Tessera log, which knows
// the public formats and nothing of ours.
type stock struct {
	*client.HTTPFetcher
	key       string
	cosigners []string // verifier keys
	quorum    int
}

// check verifies the checkpoint under the log's key and the co-signatures under
// the co-signers', then, from tiles alone, the inclusion of every entry of the
// entry bundles, and that every earlier size of old is a prefix.
func (s stock) check(ctx context.Context, old ...[]byte) error {
	signed, err := s.ReadCheckpoint(ctx)
	if err != nil {
		return err
	}
	log, err := note.NewVerifier(s.key)
	if err != nil {
		return err
	}
	var others []note.Verifier
	for _, key := range s.cosigners {
		v, err := f_note.NewVerifierForCosignatureV1(key)
		if err != nil {
			return err
		}
		others = append(others, v)
	}
	checkpoint, _, n, err := f_log.ParseCheckpoint(signed, audittest.Origin, log, others...)
	if err != nil {
		return err
	}
	if len(n.Sigs) < 1+s.quorum {
		return fmt.Errorf("%d co-signatures instead of %d", len(n.Sigs)-1, s.quorum)
	}
	p, err := client.NewProofBuilder(ctx, checkpoint.Size, s.ReadTile)
	if err != nil {
		return err
	}
	hasher := rfc6962.DefaultHasher
	var entries [][]byte
	for i := uint64(0); i < checkpoint.Size; i += 256 {
		b, err := client.GetEntryBundle(ctx, s.ReadEntryBundle, i/256, checkpoint.Size)
		if err != nil {
			return err
		}
		entries = append(entries, b.Entries...)
	}
	if uint64(len(entries)) != checkpoint.Size {
		return fmt.Errorf("%d entries for a log of %d", len(entries), checkpoint.Size)
	}
	for i, entry := range entries {
		path, err := p.InclusionProof(ctx, uint64(i))
		if err == nil {
			err = proof.VerifyInclusion(hasher, uint64(i), checkpoint.Size, hasher.HashLeaf(entry), path, checkpoint.Hash)
		}
		if err != nil {
			return fmt.Errorf("entry %d: %w", i, err)
		}
	}
	for _, o := range old {
		before, _, _, err := f_log.ParseCheckpoint(o, audittest.Origin, log)
		if err != nil {
			return err
		}
		path, err := p.ConsistencyProof(ctx, before.Size, checkpoint.Size)
		if err == nil {
			err = proof.VerifyConsistency(hasher, before.Size, checkpoint.Size, path, before.Hash, checkpoint.Hash)
		}
		if err != nil {
			return fmt.Errorf("size %d is no prefix: %w", before.Size, err)
		}
	}
	return nil
}

// TestStockClient: a program that was not made for it reads our log in the
// public formats, and sees when anything in it is changed.
func TestStockClient(t *testing.T) {
	f := audittest.New(t, 4)
	f.Begin("study", 99)
	var old [][]byte
	for len(f.Leaves) < 600 {
		f.Round("study")
		if len(old) < 12 || len(f.Leaves) > 560 {
			old = append(old, f.Checkpoint())
		}
	}
	signed := f.Checkpoint()
	var list []audit.Cosignature
	var keys []string
	for _, name := range f.Institutions {
		one, err := f.State.Cosign(signed, f.Nodes[name], f.Clock)
		if err != nil {
			t.Fatal(err)
		}
		c, err := f.State.ReadCosigned(one)
		if err != nil {
			t.Fatal(err)
		}
		list, keys = append(list, c.By...), append(keys, f.Nodes[name].Party.Key)
	}
	signed = audit.WithCosignatures(signed, list)
	dir := filepath.Join(t.TempDir(), "bundle")
	if err := bundle.Write(t.Context(), dir, bundle.Public, f.Leaves, signed, codebook()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServerFS(os.DirFS(dir)))
	defer server.Close()
	root, err := url.Parse(server.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	fetcher, err := client.NewHTTPFetcher(root, server.Client())
	if err != nil {
		t.Fatal(err)
	}
	s := stock{fetcher, f.Coordinator.Party.Key, keys, f.State.Quorum()}
	if err := s.check(t.Context(), old...); err != nil {
		t.Fatalf("an honest log of %d entries: %v", len(f.Leaves), err)
	}
	if err := (stock{fetcher, f.Coordinator.Party.Key, keys[:2], 3}).check(t.Context()); err == nil {
		t.Error("two co-signers are three")
	}

	t.Run("another history", func(t *testing.T) {
		other := audittest.New(t, 4)
		other.Begin("another", 1)
		if err := s.check(t.Context(), other.Checkpoint()); err == nil {
			t.Error("it is a prefix")
		}
	})
	// The co-signatures of three change in one bit each: two are left then, and
	// a quorum is three.
	t.Run("co-signatures", func(t *testing.T) {
		at := bytes.Index(signed, list[0].Line)
		bad := bytes.Clone(signed)
		bad = slices.Concat(bad[:at], flipped(list[0].Line), flipped(list[1].Line), list[2].Line, list[3].Line)
		changed(t, filepath.Join(dir, "checkpoint"), bad, func() {
			if err := s.check(t.Context()); err == nil {
				t.Error("wrong co-signatures pass")
			}
		})
	})
	var files []string
	err = fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && (path == "checkpoint" || strings.HasPrefix(path, "tile/")) {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 8 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, path := range files {
		t.Run(strings.ReplaceAll(path, "/", "-"), func(t *testing.T) {
			full := filepath.Join(dir, filepath.FromSlash(path))
			b, err := os.ReadFile(full)
			if err != nil {
				t.Fatal(err)
			}
			bad := bytes.Clone(b)
			bad[len(bad)/3] ^= 4
			changed(t, full, bad, func() {
				if err := s.check(t.Context()); err == nil {
					t.Error("a flipped bit passes")
				}
			})
		})
	}
}

// flipped changes a letter of a line's signature, well inside.
func flipped(line []byte) []byte {
	b := bytes.Clone(line)
	b[len(b)-20] = map[bool]byte{true: 'B', false: 'A'}[b[len(b)-20] == 'A']
	return b
}

// changed calls f while a file holds other bytes.
func changed(t *testing.T, path string, b []byte, f func()) {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	f()
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
}
