package audit_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

var update = flag.Bool("update", false, "write the golden logs anew; only for a new version of the protocol")

// goldens are histories whose bytes and folded states are kept. A change of
// either is a change of the protocol: old logs would fold to something else.
func goldens() map[string]func(f *audittest.Federation) {
	return map[string]func(f *audittest.Federation){
		"complete": func(f *audittest.Federation) {
			f.Begin("study", 2)
			f.Round("study")
			f.Round("study")
			f.Close("study")
		},
		"retries": func(f *audittest.Federation) {
			f.Propose("study", 1)
			for _, name := range f.Others("board05") {
				f.Decide("study", name, "approve")
			}
			f.Proceed("study", "board05")
			f.Ready("study", f.Others("board05")...)
			at := f.Open("study")
			f.Update("study")
			f.Set("study")
			f.Vote("study", "board01")
			f.Append(f.Leaf(f.Nodes["board01"], audittest.In(at), audittest.VoteBody(f.At("study")))) // void: twice
			f.Abort("study", "board01", "board02", "board03")
			f.Ready("study", f.Others("board05")...)
			at = f.Open("study")
			f.Update("study", "board01", "board02", "board03")
			f.Proceed("study", "board04", "board05")
			f.Set("study")
			f.Vote("study", "board01", "board02", "board03")
			f.Release("study", "board01", "board02")
			f.Ready("study", "board01", "board02", "board03")
			f.Open("study")
			f.Update("study")
			f.Set("study")
			f.Vote("study")
			f.Release("study")
			f.Append([]byte("not a statement")) // void: no note
			f.Result("study")
			f.Append(f.Leaf(f.Nodes["board03"], audittest.In(at), audittest.ReleaseBody(at, "board03"))) // void: the round is over
			f.Close("study")
		},
	}
}

// TestGolden folds the kept logs and compares every state on the way, and
// writes the same histories again and compares their bytes.
func TestGolden(t *testing.T) {
	for name, history := range goldens() {
		t.Run(name, func(t *testing.T) {
			n := map[string]int{"complete": 4, "retries": 5}[name]
			f := audittest.New(t, n)
			history(f)
			got := record(f)
			path := filepath.Join("testdata", name+".log")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			kept, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			foldGolden(t, f, string(kept))
			if string(kept) != got {
				t.Error("the same history is now written with other bytes")
			}
		})
	}
}

// record writes a log as text: a line for each entry with what it did and the
// digest of the state after it, then the leaf.
func record(f *audittest.Federation) string {
	var b strings.Builder
	st := audit.NewState(audittest.Origin, f.Coordinator.Party.Key)
	for i, leaf := range f.Leaves {
		verdict := "ok"
		if _, finding := st.Apply(leaf); finding != nil {
			verdict = finding.Code
		}
		fmt.Fprintf(&b, "=== %d %s %d %s\n%s\n", i, verdict, len(leaf), st.Digest(), leaf)
	}
	return b.String()
}

func foldGolden(t *testing.T, f *audittest.Federation, kept string) {
	t.Helper()
	st := audit.NewState(audittest.Origin, f.Coordinator.Party.Key)
	rest := []byte(kept)
	for len(rest) > 0 {
		var i, size int
		var verdict, digest string
		line, after, _ := bytes.Cut(rest, []byte("\n"))
		if _, err := fmt.Sscanf(string(line), "=== %d %s %d %s", &i, &verdict, &size, &digest); err != nil {
			t.Fatalf("the golden log is malformed at %q: %v", line, err)
		}
		got := "ok"
		if _, finding := st.Apply(after[:size:size]); finding != nil {
			got = finding.Code
		}
		if got != verdict || st.Digest().String() != digest {
			t.Fatalf("entry %d: %s and state %s, kept are %s and %s", i, got, st.Digest(), verdict, digest)
		}
		rest = after[size+1:]
	}
}
