package node

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/smartstart-federation/smartstart/audit/audittest"
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

// kill leaves a store as a program that ends without a word leaves it: the
// write-ahead log stays. It returns the folder that the next start finds.
func kill(t *testing.T, dir string) string {
	t.Helper()
	left := t.TempDir()
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return left
}

// ahead returns how many bytes are in the write-ahead log only.
func ahead(t *testing.T, dir string) int64 {
	t.Helper()
	info, err := os.Stat(filepath.Join(dir, "node.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// TestNothingIsBuiltOnAFailedSync: what a write that failed left in the
// write-ahead log, at this start or an earlier one, goes to the database itself
// before anything else counts as written. With the defence off it stays.
func TestNothingIsBuiltOnAFailedSync(t *testing.T) {
	attempt := crypto.DigestOf([]byte("a"))
	dir := t.TempDir()
	s := reopen(t, nil, dir)
	if err := s.Once("vote", attempt, []byte("first")); err != nil {
		t.Fatal(err)
	}
	dir = kill(t, dir)
	if ahead(t, dir) == 0 {
		t.Fatal("the killed store left nothing: this test tests nothing")
	}
	s = reopen(t, nil, dir)
	if got, err := s.Done("vote", attempt); err != nil || string(got) != "first" {
		t.Fatalf("the journal holds %q, %v", got, err)
	}
	if n := ahead(t, dir); n != 0 {
		t.Errorf("after a start %d bytes are in the write-ahead log only", n)
	}
	for _, c := range []struct {
		trusting bool
		grows    bool
	}{{false, false}, {true, true}} {
		if err := s.SetOutbox(make([]byte, 100_000)); err != nil {
			t.Fatal(err)
		}
		before := ahead(t, dir)
		s.unsure, s.trusting = true, c.trusting // as after an error of the disk
		if err := s.SetOutbox([]byte("next")); err != nil {
			t.Fatal(err)
		}
		if grows := ahead(t, dir) >= before; grows != c.grows || s.unsure != c.trusting {
			t.Errorf("trusting %v: the write-ahead log went from %d to %d bytes, unsure %v", c.trusting, before, ahead(t, dir), s.unsure)
		}
	}
}

// TestLedgerIsNotBuiltOnAFailedSync: the same of every write of the ledger, and
// one that fails is remembered as a failure of the disk.
func TestLedgerIsNotBuiltOnAFailedSync(t *testing.T) {
	dir := t.TempDir()
	s := reopen(t, nil, dir)
	o := opening{attempt: crypto.DigestOf([]byte("a")), study: "s", round: 1}
	if s.offer(o, cohort{}) == nil || !s.unsure { // there are no tables yet
		t.Fatalf("an offer that failed leaves the store sure: %v", s.unsure)
	}
	if _, err := s.write(ledgerSchema); err != nil || s.unsure {
		t.Fatal(err, s.unsure)
	}
	for what, write := range map[string]func() error{
		"offer":  func() error { return s.offer(o, cohort{}) },
		"charge": func() error { return s.charge(o.attempt) },
		"epoch": func() error {
			return s.beginEpoch("2027", epochAct{Institution: "i", Epoch: "2027"}, audittest.NewSigner("i", ""))
		},
	} {
		if err := s.SetOutbox(make([]byte, 100_000)); err != nil {
			t.Fatal(err)
		}
		before := ahead(t, dir)
		s.unsure = true
		if err := write(); err != nil {
			t.Fatal(what, err)
		}
		if after := ahead(t, dir); after >= before || s.unsure {
			t.Errorf("%s: the write-ahead log went from %d to %d bytes, unsure %v", what, before, after, s.unsure)
		}
	}
}
