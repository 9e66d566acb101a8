package verify

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
)

// cosigned returns a checkpoint of f's log, as it is, with these co-signatures.
func cosigned(t testing.TB, f *audittest.Federation, names ...string) []byte {
	t.Helper()
	plain := f.Checkpoint()
	var list []audit.Cosignature
	for _, name := range names {
		one, err := f.State.Cosign(plain, f.Nodes[name], f.Clock)
		if err != nil {
			t.Fatal(err)
		}
		c, err := f.State.ReadCosigned(one)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, c.By...)
	}
	return audit.WithCosignatures(plain, list)
}

// codes returns the findings' codes.
func codes(r *Report) (list []string) {
	for _, f := range r.Findings {
		list = append(list, f.Code)
	}
	return list
}

// TestCosigned: who co-signed is reported; too few are said, or a finding where
// a quorum is asked for; a false line in a party's name and key is a finding,
// and so is a co-signer of two histories.
func TestCosigned(t *testing.T) {
	f, other := audittest.New(t, 4), audittest.New(t, 4) // a quorum is three
	f.Propose("study", 1)
	other.Propose("another", 1)
	held := cosigned(t, other, "board01", "board04")
	f.Propose("second", 1)
	blobs := memory{}
	blobs.put([]byte(audittest.Codebook))
	dir := filepath.Join(t.TempDir(), "bundle")
	enough := cosigned(t, f, "board01", "board02", "board03")
	if err := bundle.Write(t.Context(), dir, bundle.Public, f.Leaves, enough, blobs); err != nil {
		t.Fatal(err)
	}
	first := enough[len(f.Checkpoint()):]
	first = first[:bytes.IndexByte(first, '\n')+1]
	forged := bytes.Clone(enough)
	at := bytes.Index(forged, first) + len(first) - 20
	forged[at] = map[bool]byte{true: 'B', false: 'A'}[forged[at] == 'A']
	for _, c := range []struct {
		what     string
		signed   []byte
		options  []Option
		by       int
		findings []audit.Code
	}{
		{"a quorum", enough, []Option{RequireCosigned()}, 3, nil},
		{"two", cosigned(t, f, "board01", "board02"), nil, 2, nil},
		{"two where a quorum is asked for", cosigned(t, f, "board01", "board02"), []Option{RequireCosigned()}, 2, []audit.Code{audit.CodeFewCosigned}},
		{"one three times", slices.Concat(cosigned(t, f, "board01"), first, first), []Option{RequireCosigned()}, 1, []audit.Code{audit.CodeFewCosigned}},
		{"a false line", forged, nil, 2, []audit.Code{audit.CodeCosignature}},
		{"a co-signer of two histories", enough, []Option{Held(held)}, 3, []audit.Code{audit.CodeFork, audit.CodeCosigner}},
	} {
		if err := os.WriteFile(filepath.Join(dir, "checkpoint"), c.signed, 0o600); err != nil {
			t.Fatal(err)
		}
		r := check(t, dir, nil, c.options...)
		var want []string
		for _, code := range c.findings {
			want = append(want, string(code))
		}
		if got := codes(r); !slices.Equal(got, want) {
			t.Errorf("%s: findings %v, want %v", c.what, got, want)
		}
		if len(r.Cosigned.Institutions) != c.by || r.Cosigned.Needed != 3 || r.Cosigned.Quorum() == slices.Contains(r.NotProved, GapCosigned) {
			t.Errorf("%s: co-signed %+v, not proved %v", c.what, r.Cosigned, r.NotProved)
		}
		if !strings.Contains(r.String(), "3 are needed: board0") {
			t.Errorf("%s: the report does not say who co-signed:\n%s", c.what, r)
		}
		if len(want) > 0 { // each check has teeth
			if r := check(t, dir, c.findings, c.options...); len(r.Findings) != 0 {
				t.Errorf("%s, with the checks off: %v", c.what, codes(r))
			}
		}
	}
}
