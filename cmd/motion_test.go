package cmd

import (
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// TestResolve: what a person names is one thing, or they are asked which.
func TestResolve(t *testing.T) {
	f := audittest.New(t, 3)
	st := f.State
	digest := func(hex string) (d crypto.Digest) {
		if err := d.UnmarshalText([]byte(hex + strings.Repeat("0", 64-len(hex)))); err != nil {
			t.Fatal(err)
		}
		return d
	}
	st.Motions = map[crypto.Digest]*audit.Motion{}
	add := func(hex string) *audit.Motion {
		s := &audit.Statement{Hash: digest(hex), Body: &audit.Member{Act: audit.ActRevoke, Revoke: "x"}}
		s.Signer = "board01.approver"
		st.Motions[s.Hash] = &audit.Motion{Statement: s}
		return st.Motions[s.Hash]
	}
	one, two := add("aaaaaaaaaaaa1"), add("aaaaaaaaaaaa2")
	alone, shadowed := add("bbbbbbbbbbbb"), add("cccccccccccc")
	st.Studies = map[string]*audit.Study{"language": {}, "cccccccccccc": {}, "dddddddddddd": {}, digest("bbbbbbbbbbbb").String(): {}}
	for _, c := range []struct {
		name, code, says string
		want             *audit.Motion
	}{
		{"language", "", "", nil},
		{"aaaa", "", "", nil}, // too short for a change: the study of that name, or none
		{"dddddddddddd", "", "", nil},
		{"bbbbbbbbbbbb", "", "", alone},
		{"bbbbbbbbbbbb0", "", "", alone},
		{alone.Statement.Hash.String(), "", "", alone}, // also where a study is called so
		{"aaaaaaaaaaaa", "SS1001", "means 2 changes", nil},
		{"aaaaaaaaaaaa1", "", "", one},
		{"aaaaaaaaaaaa2", "", "", two},
		{"cccccccccccc", "SS1001", "means a study and a change", nil},
		{shadowed.Statement.Hash.String(), "", "", shadowed},
		{"eeeeeeeeeeee", "SS2224", "nothing in the log", nil},
	} {
		got, err := resolve(st, c.name)
		if got != c.want {
			t.Errorf("%s: another motion", c.name)
		}
		if c.code == "" {
			if err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		said := ""
		if err != nil {
			said = explain(err)
		}
		if !strings.Contains(said, c.code) || !strings.Contains(said, c.says) {
			t.Errorf("%s: %q, want %q (%s)", c.name, said, c.says, c.code)
		}
		if c.code == "SS1001" {
			for hash := range st.Motions {
				if strings.HasPrefix(hash.String(), c.name) != strings.Contains(said, hash.String()) {
					t.Errorf("%s: %q does not list the whole hashes", c.name, said)
				}
			}
		}
	}
}
