package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/smartstart-federation/smartstart/crypto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// each runs the conformance suite's part f on every implementation. reopen
// gives the same store as a new process would find it.
func each(t *testing.T, f func(t *testing.T, s Store, reopen func() Store)) {
	t.Run("memory", func(t *testing.T) {
		m := NewMemory()
		f(t, m, func() Store { return m })
	})
	t.Run("sqlite", func(t *testing.T) {
		dir := t.TempDir()
		var now *SQLite
		reopen := func() Store {
			if now != nil {
				if err := now.Close(); err != nil {
					t.Fatal(err)
				}
			}
			var err error
			if now, err = OpenSQLite(t.Context(), dir, "log.test"); err != nil {
				t.Fatal(err)
			}
			return now
		}
		f(t, reopen(), reopen)
		if err := now.Close(); err != nil {
			t.Error(err)
		}
	})
}

func entry(i int64) Entry {
	leaf := bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 50)
	return Entry{Index: i, Leaf: leaf, Hash: crypto.DigestOf(fmt.Append(nil, i)), Signer: fmt.Sprintf("board%d", i%3), Seq: i/3 + 1}
}

func entries(from, to int64) (out []Entry) {
	for i := from; i < to; i++ {
		out = append(out, entry(i))
	}
	return out
}

func size(t *testing.T, s Store) int64 {
	t.Helper()
	n, err := s.Size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestKeepsInOrder(t *testing.T) {
	each(t, func(t *testing.T, s Store, reopen func() Store) {
		ctx := t.Context()
		if n := size(t, s); n != 0 {
			t.Fatalf("a new store has %d entries", n)
		}
		if l, err := s.Leaves(ctx, 0, 10, 1000); err != nil || len(l) != 0 {
			t.Fatalf("a new store has leaves %v, %v", l, err)
		}
		for i := int64(0); i < 40; i += 8 {
			if err := s.Append(ctx, entries(i, i+8)); err != nil {
				t.Fatal(err)
			}
			s = reopen()
		}
		if n := size(t, s); n != 40 {
			t.Fatalf("size %d, want 40", n)
		}
		for i := range int64(40) {
			l, err := s.Leaves(ctx, i, 1, 1)
			if err != nil || len(l) != 1 || !bytes.Equal(l[0], entry(i).Leaf) {
				t.Fatalf("leaf %d: %v, %v", i, l, err)
			}
			if at, ok, err := s.Find(ctx, entry(i).Hash); err != nil || !ok || at != i {
				t.Fatalf("find %d: %d %v %v", i, at, ok, err)
			}
			if at, ok, err := s.Receipt(ctx, entry(i).Signer, entry(i).Seq); err != nil || !ok || at != i {
				t.Fatalf("receipt %d: %d %v %v", i, at, ok, err)
			}
		}
		if _, ok, err := s.Find(ctx, crypto.Digest{1}); ok || err != nil {
			t.Fatalf("an unknown hash was found: %v", err)
		}
		if _, ok, err := s.Receipt(ctx, "board1", 99); ok || err != nil {
			t.Fatalf("an unknown receipt was found: %v", err)
		}
	})
}

func TestPages(t *testing.T) {
	each(t, func(t *testing.T, s Store, _ func() Store) {
		ctx := t.Context()
		if err := s.Append(ctx, entries(0, 20)); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			from            int64
			limit, maxBytes int
			want            int
		}{{0, 5, 1 << 20, 5}, {18, 5, 1 << 20, 2}, {20, 5, 1 << 20, 0}, {0, 20, 1, 1}, {0, 20, 250, 2}, {0, 20, 300, 3}} {
			l, err := s.Leaves(ctx, c.from, c.limit, c.maxBytes)
			if err != nil || len(l) != c.want {
				t.Errorf("%+v: %d leaves, %v", c, len(l), err)
			}
		}
	})
}

func TestConflictsLeaveNothing(t *testing.T) {
	each(t, func(t *testing.T, s Store, reopen func() Store) {
		ctx := t.Context()
		if err := s.Append(ctx, entries(0, 3)); err != nil {
			t.Fatal(err)
		}
		edit := func(f func(*Entry)) []Entry {
			e := entries(3, 6)
			f(&e[2])
			return e
		}
		for what, batch := range map[string][]Entry{
			"gap":                    entries(4, 6),
			"back":                   entries(2, 4),
			"gap within":             edit(func(e *Entry) { e.Index = 6 }),
			"known hash":             edit(func(e *Entry) { e.Hash = entry(0).Hash }),
			"known receipt":          edit(func(e *Entry) { e.Signer, e.Seq = entry(1).Signer, entry(1).Seq }),
			"hash twice in batch":    edit(func(e *Entry) { e.Hash = entry(3).Hash }),
			"receipt twice in batch": edit(func(e *Entry) { e.Signer, e.Seq = entry(4).Signer, entry(4).Seq }),
		} {
			if err := s.Append(ctx, batch); !errors.Is(err, ErrConflict) {
				t.Errorf("%s: %v, want ErrConflict", what, err)
			}
			if n := size(t, s); n != 3 {
				t.Fatalf("%s: part of a refused batch was kept (%d entries)", what, n)
			}
		}
		s = reopen()
		if err := s.Append(ctx, entries(3, 6)); err != nil || size(t, s) != 6 {
			t.Fatalf("after refusals: %v, size %d", err, size(t, s))
		}
	})
}

func TestReadersBesideTheWriter(t *testing.T) {
	each(t, func(t *testing.T, s Store, _ func() Store) {
		ctx := t.Context()
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				for at := int64(0); at < 200; {
					l, err := s.Leaves(ctx, at, 50, 1<<20)
					if err != nil {
						t.Error(err)
						return
					}
					for i := range l {
						if !bytes.Equal(l[i], entry(at+int64(i)).Leaf) {
							t.Errorf("leaf %d differs", at+int64(i))
						}
					}
					at += int64(len(l))
				}
			})
		}
		for i := int64(0); i < 200; i += 4 {
			if err := s.Append(ctx, entries(i, i+4)); err != nil {
				t.Error(err)
			}
		}
		wg.Wait()
	})
}

func TestFolderBelongsToOneCoordinatorAndLog(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSQLite(t.Context(), dir, "log.test")
	if err != nil {
		t.Fatal(err)
	}
	if second, err := OpenSQLite(t.Context(), dir, "log.test"); !errors.Is(err, ErrInUse) {
		t.Errorf("a second coordinator opened the folder: %v %v", second, err)
	}
	if err := s.Append(context.Background(), entries(0, 1)); err != nil {
		t.Errorf("the attempt of a second one disturbed the first: %v", err)
	}
	if _, err := s.write.Exec(`UPDATE leaf SET bytes = x'00'`); err == nil {
		t.Error("a leaf was changed")
	}
	if _, err := s.write.Exec(`DELETE FROM leaf`); err == nil {
		t.Error("a leaf was deleted")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSQLite(t.Context(), dir, "other.test"); !errors.Is(err, ErrOther) {
		t.Errorf("the folder of another log was opened: %v", err)
	}
	s, err = OpenSQLite(t.Context(), dir, "log.test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.write.Exec(`UPDATE about SET version = 2`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenSQLite(t.Context(), dir, "log.test"); !errors.Is(err, ErrOther) {
		t.Errorf("a folder of a newer version was opened: %v", err)
	}
}

func TestDurabilitySettings(t *testing.T) {
	s, err := OpenSQLite(t.Context(), t.TempDir(), "log.test")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var mode string
	var sync int
	if err := s.write.QueryRow(`PRAGMA journal_mode`).Scan(&mode); err != nil || mode != "wal" {
		t.Errorf("journal_mode %q, %v", mode, err)
	}
	if err := s.write.QueryRow(`PRAGMA synchronous`).Scan(&sync); err != nil || sync != 2 {
		t.Errorf("synchronous %d, %v; 2 (FULL) is what an acknowledgement rests on", sync, err)
	}
	if _, err := s.read.Exec(`DELETE FROM about`); err == nil {
		t.Error("a reading connection wrote")
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, n := range []int64{1, 64} {
		b.Run(fmt.Sprintf("batch%d", n), func(b *testing.B) {
			s, err := OpenSQLite(b.Context(), b.TempDir(), "log.test")
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			at := int64(0)
			for b.Loop() {
				if err := s.Append(b.Context(), entries(at, at+n)); err != nil {
					b.Fatal(err)
				}
				at += n
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(at), "ns/entry")
		})
	}
}

// TestAStartMakesDurableWhatItFinds: a program that could not sync an entry
// stops, and the next start finds the entry all the same. Before anybody is
// shown it, it has to be where a loss of power cannot take it.
func TestAStartMakesDurableWhatItFinds(t *testing.T) {
	dir := t.TempDir()
	s, err := OpenSQLite(t.Context(), dir, "log.test")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Append(t.Context(), entries(0, 5)); err != nil {
		t.Fatal(err)
	}
	left := t.TempDir() // as a killed program leaves it
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	ahead := func() int64 {
		info, err := os.Stat(filepath.Join(left, "log.db-wal"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if ahead() == 0 {
		t.Fatal("the killed store left no write-ahead log: this test tests nothing")
	}
	next, err := OpenSQLite(t.Context(), left, "log.test")
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if n := size(t, next); n != 5 {
		t.Errorf("%d entries were found, want 5", n)
	}
	if n := ahead(); n != 0 {
		t.Errorf("%d bytes are in the write-ahead log only", n)
	}
}
