package party

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// TestReplaceIsDurable: the new name of a file is made durable after it has its
// whole content, in the folder where it stands; a folder that cannot be is said.
func TestReplaceIsDurable(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "party.checkpoint")
	if err := Replace(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	var synced []string
	err := replace(path, []byte("new"), 0o640, func(dir string) error {
		b, err := os.ReadFile(path)
		synced = append(synced, dir+" with "+string(b))
		return err
	})
	if err != nil || len(synced) != 1 || synced[0] != dir+" with new" {
		t.Errorf("made durable: %q, %v", synced, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	full := errors.New("no space")
	var e *Error
	if err := replace(path, []byte("newer"), 0o600, func(string) error { return full }); !errors.As(err, &e) || e.Code() != codeWrite {
		t.Errorf("a folder that cannot be made durable: %v", err)
	}
	if err := syncFolder(filepath.Join(dir, "nothing")); err == nil {
		t.Error("a folder that is not there was made durable")
	}
	if err := Replace(filepath.Join(dir, "nothing", "x"), nil, 0o600); !errors.As(err, &e) || e.Code() != codeWrite {
		t.Errorf("a folder that is not there: %v", err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*.new-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// TestReplaceTogether: commands of one party run at once, and what stands there
// in the end is what one of them wrote, whole.
func TestReplaceTogether(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "party.checkpoint")
	const size = 64 << 10
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 5 {
				if err := Replace(path, fmt.Appendf(nil, "%0*d", size, i), 0o600); err != nil {
					t.Error(err)
				}
				if b, err := os.ReadFile(path); err != nil || len(b) != size || b[0] != '0' {
					t.Errorf("%d bytes are there, %v", len(b), err)
				}
			}
		})
	}
	all.Wait()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
