package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The codes of what may be wrong with the node's folder itself.
const (
	CodeDamaged = "SS3204" // what was kept cannot be read back
	CodeExposed = "SS3205" // others on this machine can read the folder, and that cannot be changed
)

// makeFolder makes the node's folder, or takes one that is there, so that its
// owner alone can read it: a folder made by hand mostly lets everybody. The
// database is made here too, or SQLite would make it readable by all.
func makeFolder(dir string) error {
	if err := os.MkdirAll(filepath.Join(dir, "uploads"), 0o700); err != nil {
		return fmt.Errorf("making the node's folder: %w", err)
	}
	db, err := os.OpenFile(filepath.Join(dir, "node.db"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("making the node's folder: %w", err)
	}
	if err := db.Close(); err != nil {
		return err
	}
	for name, mode := range map[string]fs.FileMode{
		".": 0o700, "uploads": 0o700, "node.db": 0o600, "node.db-wal": 0o600, "node.db-shm": 0o600,
	} {
		if err := keepPrivate(filepath.Join(dir, name), mode); err != nil {
			return err
		}
	}
	return nil
}

func keepPrivate(path string, mode fs.FileMode) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || info.Mode().Perm()&^mode == 0 {
		return err
	}
	if err := os.Chmod(path, mode); err != nil {
		return &RefusalError{CodeExposed, fmt.Sprintf("others on this machine can read %s, and that cannot be changed: %v", path, err),
			"give the folder to the user that the node runs as, on a disk that keeps permissions"}
	}
	return nil
}

// damaged says that something kept cannot be read back. The log alone would
// come again from the coordinator; the ledger beside it would not.
func damaged(format string, args ...any) error {
	return &RefusalError{CodeDamaged, "the node's folder is damaged: " + fmt.Sprintf(format, args...),
		"restore the folder from its newest copy; without one, move it aside and start again: then the ledger of cohorts and budgets is gone, and a new epoch must begin (docs/policy.md)"}
}
