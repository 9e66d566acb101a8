package node

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smartstart-federation/smartstart/crypto"
)

func reopen(t *testing.T, s *Store, dir string) *Store {
	t.Helper()
	if s != nil {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	s, err := OpenStore(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestOnceIsOnceOverRestarts: what the journal holds may not happen again,
// whatever its content and however often the node starts.
func TestOnceIsOnceOverRestarts(t *testing.T) {
	dir := t.TempDir()
	s := reopen(t, nil, dir)
	attempt, other := crypto.DigestOf([]byte("a")), crypto.DigestOf([]byte("b"))
	if err := s.Once("vote", attempt, []byte("first")); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := s.Once("vote", attempt, []byte("second")); !errors.Is(err, ErrOnce) {
			t.Fatalf("a second vote gave %v", err)
		}
		got, err := s.Done("vote", attempt)
		if err != nil || string(got) != "first" {
			t.Fatalf("the journal holds %q, %v", got, err)
		}
		if !s.Subjects("vote")[attempt] || s.Subjects("vote")[other] || s.Subjects("release")[attempt] {
			t.Fatal("the journal's subjects are wrong")
		}
		s = reopen(t, s, dir)
	}
	if err := s.Once("release", attempt, nil); err != nil {
		t.Errorf("another act in the same attempt: %v", err)
	}
	if err := s.Once("vote", other, nil); err != nil {
		t.Errorf("the same act in another attempt: %v", err)
	}
	if got, err := s.Done("abort", attempt); got != nil || err != nil {
		t.Errorf("an act that never happened: %q, %v", got, err)
	}
}

// TestLogAndOutboxSurvive keeps entries and the statement under way.
func TestLogAndOutboxSurvive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "odd # folder?name=%41") // read as part of a URL it would be another file
	s := reopen(t, nil, dir)
	if _, err := os.Stat(filepath.Join(dir, "node.db")); err != nil {
		t.Fatalf("the store is not in its own folder: %v", err)
	}
	want := [][]byte{[]byte("zero"), []byte("one"), []byte("two")}
	if err := errors.Join(s.Extend(0, want[:2]), s.Extend(2, want[2:]), s.SetOutbox([]byte("under way"))); err != nil {
		t.Fatal(err)
	}
	if err := s.Extend(2, want[2:]); err == nil {
		t.Error("an entry was written twice")
	}
	s = reopen(t, s, dir)
	var got [][]byte
	if err := s.Entries(func(leaf []byte) error { got = append(got, leaf); return nil }); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	out, err := s.Outbox()
	if err != nil || string(out) != "under way" {
		t.Errorf("the outbox holds %q, %v", out, err)
	}
	if err := s.SetOutbox(nil); err != nil {
		t.Fatal(err)
	}
	if out, err = reopen(t, s, dir).Outbox(); err != nil || out != nil {
		t.Errorf("the cleared outbox holds %q, %v", out, err)
	}
}
