package node

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// TestCosignedSurvives: the last checkpoint that was co-signed is there after a
// restart, and so is the evidence of a fork, once.
func TestCosignedSurvives(t *testing.T) {
	dir := t.TempDir()
	s := reopen(t, nil, dir)
	if b, err := s.Cosigned(); b != nil || err != nil {
		t.Fatalf("a new store holds %q, %v", b, err)
	}
	for _, signed := range []string{"one", "two"} {
		if err := s.SetCosigned([]byte(signed)); err != nil {
			t.Fatal(err)
		}
		s = reopen(t, s, dir)
		if b, err := s.Cosigned(); string(b) != signed || err != nil {
			t.Fatalf("%q, %v, want %q", b, err, signed)
		}
	}
	f, g := audittest.New(t, 3), audittest.New(t, 3)
	f.Propose("a", 1)
	g.Propose("b", 1)
	for range 2 {
		path, err := s.KeepFork(f.Coordinator.Party.Key, f.Checkpoint(), g.Checkpoint())
		if err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		held, shown, err := audit.DecodeFork(b)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := audit.CheckFork(f.Coordinator.Party.Key, held, shown); err != nil {
			t.Error(err)
		}
	}
	if files, err := filepath.Glob(filepath.Join(dir, "fork-*")); err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
}
