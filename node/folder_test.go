package node

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
)

// TestFolderIsTheOwnersAlone: also a folder, and a database in it, that was made
// by hand or by an earlier version.
func TestFolderIsTheOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("permissions are another matter here")
	}
	loose := filepath.Join(t.TempDir(), "loose")
	if err := os.MkdirAll(filepath.Join(loose, "uploads"), 0o755); err != nil {
		t.Fatal(err)
	}
	// A umask could have made them private: this must not depend on it.
	err := errors.Join(os.Chmod(loose, 0o755), os.Chmod(filepath.Join(loose, "uploads"), 0o755),
		os.WriteFile(filepath.Join(loose, "node.db"), nil, 0o644), os.Chmod(filepath.Join(loose, "node.db"), 0o644))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{loose, filepath.Join(t.TempDir(), "new")} {
		s := reopen(t, nil, dir)
		if err := s.SetOutbox([]byte("under way")); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{".", "uploads", "node.db", "node.db-wal", "node.db-shm"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Error(err)
			} else if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s of %s has the permissions %v", name, filepath.Base(dir), info.Mode().Perm())
			}
		}
	}
	if _, err := os.Stat("/proc/self/status"); err == nil { // nobody may change its permissions
		hasCode(t, "a file that stays open to all", keepPrivate("/proc/self/status", 0o600), CodeExposed)
	}
}

// TestDamagedFolderSaysWhatIsLost: the way out of a damaged folder names what
// it costs.
func TestDamagedFolderSaysWhatIsLost(t *testing.T) {
	s := reopen(t, nil, t.TempDir())
	if err := s.Extend(1, [][]byte{[]byte("one")}); err != nil {
		t.Fatal(err)
	}
	hasCode(t, "a gap in the kept log", s.Entries(func([]byte) error { return nil }), CodeDamaged)
	_, err := ledger(t, t.TempDir()).kept(audit.Statement{}.Hash)
	hasCode(t, "a cohort that is gone", err, CodeDamaged)
}
