package verify

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
)

var update = flag.Bool("update", false, "make the golden bundle anew; only for a new version of a format")

// golden is a sealed bundle of one round of three institutions with real
// encryption, kept as bytes: a later version that cannot verify it has broken
// every bundle that is already out there.
const golden = "testdata/bundle"

// goldenState is the digest of the model state that the bundle's sums give:
// {"round":2,"sums":["3","-6","306"]}.
const goldenState = "4152077a90a0d8715e652bd0febe86b3ff0e23f2efca567986ab8fc0dbc0e86b"

func TestGolden(t *testing.T) {
	if *update {
		f := newSealed(t, 3, 1).run()
		dir := f.bundle(bundle.Sealed)
		if err := os.RemoveAll(golden); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(filepath.FromSlash(golden), os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
	}
	r := check(t, golden, nil, Pinned(audittest.Origin, audittest.NewSigner(audittest.Origin, "").Party.Key))
	if !r.Verified || r.Studies[0].Recomputed != 1 {
		t.Fatalf("the golden bundle does not verify:\n%s", r)
	}
	if got := r.Studies[0].State.String(); got != goldenState {
		t.Errorf("its sums give the state %s, want %s", got, goldenState)
	}
}
