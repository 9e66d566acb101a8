package verify

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/crypto"
)

// TestShownFork: what a dispute shows of the coordinator is judged again, in
// both kinds of bundle: two logs are a finding against the coordinator, anything
// else is one against who said so.
func TestShownFork(t *testing.T) {
	sign := func(f *sealedFederation, origin string, root byte) []byte {
		h := f.State.Head()
		h.Root[7] ^= root
		c, err := audit.MakeCheckpoint(origin, h, f.Coordinator)
		f.must(err)
		return c
	}
	for _, c := range []struct {
		what     string
		evidence func(f *sealedFederation) []byte
		code     audit.Code
		against  string
	}{
		{"a fork", func(f *sealedFederation) []byte {
			b, err := audit.EncodeFork(f.Coordinator.Party.Key, f.Checkpoint(), sign(f, audittest.Origin, 1))
			f.must(err)
			return b
		}, audit.CodeFork, audittest.Origin},
		{"the same twice", func(f *sealedFederation) []byte {
			b, err := audit.EncodeFork(f.Coordinator.Party.Key, f.Checkpoint(), f.Checkpoint())
			f.must(err)
			return b
		}, audit.CodeEvidenceVoid, "board01"},
		{"a fork of another log", func(f *sealedFederation) []byte {
			b, err := audit.EncodeFork(f.Coordinator.Party.Key, sign(f, "another", 0), sign(f, "another", 1))
			f.must(err)
			return b
		}, audit.CodeEvidenceVoid, "board01"},
		{"a false signature", func(f *sealedFederation) []byte {
			b, err := audit.EncodeFork(f.Coordinator.Party.Key, f.Checkpoint(), bytes.Replace(sign(f, audittest.Origin, 1), []byte("— "), []byte("— x"), 1))
			f.must(err)
			return b
		}, audit.CodeEvidenceVoid, "board01"},
		{"noise", func(*sealedFederation) []byte { return []byte("I saw it") }, audit.CodeEvidenceVoid, "board01"},
	} {
		f := newSealed(t, 4, 1)
		content := c.evidence(f)
		f.Say(f.Nodes["board01"], audit.Header{}, &audit.Dispute{Kind: audit.DisputeFork, Evidence: f.blobs.put(content)})
		for _, kind := range []bundle.Kind{bundle.Public, bundle.Sealed} {
			dir := f.bundle(kind)
			r := check(t, dir, nil)
			if got := codes(r); !slices.Equal(got, []string{string(c.code)}) || r.Findings[0].Party != c.against || r.Findings[0].Index != f.State.Head().Size-1 {
				t.Errorf("%s, %s: %v", c.what, kind, r.Findings)
			}
			if got := codes(check(t, dir, []audit.Code{c.code})); len(got) != 0 {
				t.Errorf("%s, with the check off: %v", c.what, got)
			}
			path := dir + "/blobs/" + crypto.DigestOf(content).String()
			if err := os.WriteFile(path, []byte(strings.Repeat("x", len(content))), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := codes(check(t, dir, nil)); !slices.Equal(got, []string{string(audit.CodeEvidenceMissing)}) {
				t.Errorf("%s, other bytes: %v", c.what, got)
			}
		}
	}
}
