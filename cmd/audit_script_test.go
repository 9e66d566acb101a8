package cmd

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
)

// forkedLog is the command `forkedlog OURS THEIRS EARLY` of scripts: it writes
// the public bundles of two histories that one coordinator signed, which part at
// the decision of board03, and of the first history before anybody decided.
func forkedLog(t *testing.T) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) != 3 {
			ts.Fatalf("usage: forkedlog OURS THEIRS EARLY")
		}
		write := func(dir string, f *audittest.Federation) {
			ts.Check(bundle.Write(context.Background(), ts.MkAbs(dir), bundle.Public, f.Leaves, f.Checkpoint(), codebookOnly{}))
		}
		for i, verdict := range []string{"approve", "deny"} {
			f := audittest.New(t, 4)
			f.Propose("study", 1)
			if i == 0 {
				write(args[2], f)
			}
			for _, name := range f.Institutions {
				v := "approve"
				if name == "board03" {
					v = verdict
				}
				f.Decide("study", name, v)
			}
			write(args[i], f)
		}
	}
}

// codebookOnly holds the test federation's codebook.
type codebookOnly struct{}

func (codebookOnly) GetBlob(_ context.Context, _ [32]byte, _, _ int64, w io.Writer) error {
	_, err := io.Copy(w, bytes.NewReader([]byte(audittest.Codebook)))
	return err
}

// sparse is the program `sparse FILE`: it makes the file a gigabyte long.
func sparse() {
	f, err := os.OpenFile(os.Args[1], os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		err = errors.Join(f.Truncate(1<<30), f.Close())
	}
	if err != nil {
		panic(err)
	}
}
