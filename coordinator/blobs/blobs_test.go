package blobs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/smartstart-federation/smartstart/crypto"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	maxBlob = 1000
	quota   = 1500
	age     = time.Hour
)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// each runs a part of the conformance suite on every implementation. reopen
// gives the same blobs as a new process would find them.
func each(t *testing.T, f func(t *testing.T, s Blobs, c *clock, reopen func() Blobs)) {
	t.Run("memory", func(t *testing.T) {
		c := &clock{now: time.Now()}
		m := NewMemory(Limits{Blob: maxBlob, Quota: quota, Age: age, Now: c.Now})
		f(t, m, c, func() Blobs { return m })
	})
	t.Run("files", func(t *testing.T) {
		c := &clock{now: time.Now()}
		dir := t.TempDir()
		reopen := func() Blobs {
			s, err := OpenFiles(dir, Limits{Blob: maxBlob, Quota: quota, Age: age, Now: c.Now})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		f(t, reopen(), c, reopen)
	})
}

func random(n int, seed uint64) []byte {
	b := make([]byte, n)
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func begin(t *testing.T, s Blobs, owner string, b []byte) Upload {
	t.Helper()
	u, err := s.Begin(owner, crypto.DigestOf(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func write(t *testing.T, u Upload, b []byte) {
	t.Helper()
	if n, err := u.Write(b); err != nil || n != len(b) {
		t.Fatalf("write: %d, %v", n, err)
	}
}

func read(t *testing.T, s Blobs, d crypto.Digest) []byte {
	t.Helper()
	b, err := s.Open(d)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	all, err := io.ReadAll(Reader(b))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPutAndRead(t *testing.T) {
	each(t, func(t *testing.T, s Blobs, _ *clock, reopen func() Blobs) {
		want := random(maxBlob, 1)
		d, err := Put(s, "board1", want)
		if err != nil {
			t.Fatal(err)
		}
		s = reopen()
		if got := read(t, s, d); !bytes.Equal(got, want) {
			t.Fatal("other bytes came back")
		}
		if _, err := Put(s, "board2", want); err != nil {
			t.Fatalf("the same blob again: %v", err)
		}
		u, err := s.Begin("board2", d, maxBlob)
		if err != nil || u.Offset() != maxBlob {
			t.Fatalf("a blob that is here: offset %d, %v", u.Offset(), err)
		}
		if _, err := u.Write([]byte{1}); !errors.Is(err, ErrSize) {
			t.Errorf("a whole blob took another byte: %v", err)
		}
		if _, err := s.Begin("board2", d, maxBlob-1); !errors.Is(err, ErrSize) {
			t.Errorf("a whole blob was announced with another size: %v", err)
		}
		if _, err := s.Open(crypto.Digest{1}); !errors.Is(err, ErrMissing) {
			t.Errorf("an unknown blob: %v", err)
		}
	})
}

func TestResume(t *testing.T) {
	each(t, func(t *testing.T, s Blobs, _ *clock, reopen func() Blobs) {
		want := random(900, 2)
		for at := 0; at < len(want); at += 100 {
			u := begin(t, s, "board1", want)
			if u.Offset() != int64(at) {
				t.Fatalf("resumed at %d, want %d", u.Offset(), at)
			}
			write(t, u, want[at:at+100])
			if err := u.Commit(); at < 800 && !errors.Is(err, ErrShort) {
				t.Fatalf("an unfinished blob was committed: %v", err)
			} else if at == 800 && err != nil {
				t.Fatal(err)
			}
			if err := u.Close(); err != nil {
				t.Fatal(err)
			}
			if at%200 == 0 {
				s = reopen()
			}
		}
		if !bytes.Equal(read(t, s, crypto.DigestOf(want)), want) {
			t.Fatal("other bytes came back")
		}
	})
}

func TestPartsAreEachOwners(t *testing.T) {
	each(t, func(t *testing.T, s Blobs, _ *clock, _ func() Blobs) {
		want := random(500, 3)
		a := begin(t, s, "board1", want)
		defer a.Close()
		write(t, a, []byte("not these bytes at all"))
		b := begin(t, s, "board2", want)
		defer b.Close()
		if b.Offset() != 0 {
			t.Fatal("one owner's bytes were offered to another")
		}
		write(t, b, want)
		if err := b.Commit(); err != nil {
			t.Fatal(err)
		}
		write(t, a, want[22:])
		if err := a.Commit(); !errors.Is(err, ErrDigest) {
			t.Fatalf("wrong bytes: %v", err)
		}
		if !bytes.Equal(read(t, s, crypto.DigestOf(want)), want) {
			t.Fatal("a wrong upload changed a blob")
		}
	})
}

func TestWrongDigestStartsAnew(t *testing.T) {
	each(t, func(t *testing.T, s Blobs, _ *clock, reopen func() Blobs) {
		want := random(300, 4)
		bad := bytes.Clone(want)
		bad[150] ^= 1
		u := begin(t, s, "board1", want)
		write(t, u, bad)
		if err := u.Commit(); !errors.Is(err, ErrDigest) {
			t.Fatalf("flipped bit: %v", err)
		}
		if err := u.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(crypto.DigestOf(want)); !errors.Is(err, ErrMissing) {
			t.Fatalf("a wrong blob has a name: %v", err)
		}
		s = reopen()
		u = begin(t, s, "board1", want)
		defer u.Close()
		if u.Offset() != 0 {
			t.Fatalf("wrong bytes were kept (offset %d)", u.Offset())
		}
		write(t, u, want)
		if err := u.Commit(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestSizes(t *testing.T) {
	each(t, func(t *testing.T, s Blobs, _ *clock, _ func() Blobs) {
		d := crypto.DigestOf([]byte("x"))
		for _, n := range []int64{-1, 0, maxBlob + 1, 1 << 62} {
			if _, err := s.Begin("board1", d, n); !errors.Is(err, ErrSize) {
				t.Errorf("size %d: %v", n, err)
			}
		}
		u := begin(t, s, "board1", []byte("abc"))
		defer u.Close()
		if _, err := u.Write([]byte("abcd")); !errors.Is(err, ErrSize) {
			t.Errorf("more than the size: %v", err)
		}
		write(t, u, []byte("ab"))
		if _, err := u.Write([]byte("cd")); !errors.Is(err, ErrSize) {
			t.Errorf("more than the rest: %v", err)
		}
		if _, err := s.Begin("board1", crypto.DigestOf([]byte("abc")), 4); !errors.Is(err, ErrSize) {
			t.Errorf("the same digest with another size: %v", err)
		}
	})
}

func TestQuota(t *testing.T) {
	each(t, func(t *testing.T, s Blobs, c *clock, reopen func() Blobs) {
		a, b, big := random(800, 5), random(600, 6), random(800, 7)
		first, err := Put(s, "board1", a)
		if err != nil {
			t.Fatal(err)
		}
		u := begin(t, s, "board1", b)
		write(t, u, b[:10])
		if _, err := s.Begin("board1", crypto.DigestOf(big), 800); !errors.Is(err, ErrQuota) {
			t.Fatalf("over the quota: %v", err)
		}
		if _, err := Put(s, "board2", big[:700]); err != nil {
			t.Fatalf("another uploader has a quota of its own: %v", err)
		}
		if err := u.Close(); err != nil {
			t.Fatal(err)
		}
		s = reopen()
		if _, err := s.Begin("board1", crypto.DigestOf(big), 800); !errors.Is(err, ErrQuota) {
			t.Fatalf("a restart forgot the quota: %v", err)
		}
		// What a statement names is free and stays, whatever its age.
		if err := s.Keep(first); err != nil {
			t.Fatal(err)
		}
		c.pass(2 * age)
		if _, err := Put(s, "board1", big); err != nil {
			t.Fatalf("after Keep: %v", err)
		}
		if err := s.Keep(crypto.DigestOf(big)); err != nil {
			t.Fatal(err)
		}
		more := random(1000, 8)
		if _, err := Put(s, "board1", more); err != nil { // b, unfinished and old, makes room
			t.Fatalf("an old part was not given up: %v", err)
		}
		for _, d := range []crypto.Digest{first, crypto.DigestOf(big), crypto.DigestOf(more)} {
			read(t, s, d)
		}
		if err := s.Keep(crypto.DigestOf(b)); !errors.Is(err, ErrMissing) {
			t.Fatalf("keeping what is not here: %v", err)
		}
	})
}

func TestUnnamedGivesWayOnlyWhenOld(t *testing.T) {
	each(t, func(t *testing.T, s Blobs, c *clock, reopen func() Blobs) {
		a, b := random(1000, 9), random(900, 10)
		if _, err := Put(s, "board1", a); err != nil {
			t.Fatal(err)
		}
		s = reopen()
		if _, err := Put(s, "board1", b); !errors.Is(err, ErrQuota) {
			t.Fatalf("a young blob gave way: %v", err)
		}
		c.pass(2 * age)
		if _, err := Put(s, "board1", b); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(crypto.DigestOf(a)); !errors.Is(err, ErrMissing) {
			t.Fatalf("bytes over the quota stayed: %v", err)
		}
	})
}

// A blob that is held stays, old as it is, and goes on counting.
func TestHeldStaysAndCounts(t *testing.T) {
	each(t, func(t *testing.T, s Blobs, c *clock, _ func() Blobs) {
		a, b := random(1000, 21), random(900, 22)
		first, err := Put(s, "board1", a)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Hold(crypto.DigestOf(b)); !errors.Is(err, ErrMissing) {
			t.Fatalf("holding what is not here: %v", err)
		}
		release, err := s.Hold(first)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.Hold(first)
		if err != nil {
			t.Fatal(err)
		}
		c.pass(2 * age)
		again()
		again()
		if _, err := Put(s, "board1", b); !errors.Is(err, ErrQuota) {
			t.Fatalf("a held blob gave way, or counted no more: %v", err)
		}
		read(t, s, first)
		release()
		if _, err := Put(s, "board1", b); err != nil {
			t.Fatalf("released, it does not give way: %v", err)
		}
	})
}

func TestTakeOver(t *testing.T) {
	each(t, func(t *testing.T, s Blobs, _ *clock, _ func() Blobs) {
		want := random(400, 11)
		old := begin(t, s, "board1", want)
		write(t, old, want[:100])
		now := begin(t, s, "board1", want)
		if now.Offset() != 100 {
			t.Fatalf("took over at %d", now.Offset())
		}
		if _, err := old.Write(want[100:200]); !errors.Is(err, ErrTaken) {
			t.Fatalf("the half-open upload wrote on: %v", err)
		}
		if err := old.Commit(); !errors.Is(err, ErrTaken) {
			t.Fatalf("the half-open upload committed: %v", err)
		}
		write(t, now, want[100:])
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}
		if err := now.Commit(); err != nil {
			t.Fatal(err)
		}
		if err := now.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	each(t, func(t *testing.T, s Blobs, _ *clock, _ func() Blobs) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				owner := fmt.Sprintf("board%d", i%4) // pairs fight for the same upload
				want := random(700, uint64(100+i%4))
				for range 50 {
					_, err := Put(s, owner, want)
					if err == nil {
						return
					}
					if !errors.Is(err, ErrTaken) && !errors.Is(err, errDone) {
						t.Errorf("%s: %v", owner, err)
						return
					}
					time.Sleep(rand.N(5 * time.Millisecond)) // as clients pause: else two can rob each other for ever
				}
				t.Errorf("%s never got through", owner)
			})
		}
		wg.Wait()
		for i := range uint64(4) {
			want := random(700, 100+i)
			if !bytes.Equal(read(t, s, crypto.DigestOf(want)), want) {
				t.Errorf("blob %d differs", i)
			}
		}
	})
}

// A crash can leave the mark without the blob, or torn bytes in a part.
func TestAfterACrash(t *testing.T) {
	dir := t.TempDir()
	limits := Limits{Blob: maxBlob, Quota: quota, Age: age, Now: time.Now}
	s, err := OpenFiles(dir, limits)
	if err != nil {
		t.Fatal(err)
	}
	want := random(500, 12)
	u := begin(t, s, "../../board1", want)
	write(t, u, want)
	if err := u.Close(); err != nil {
		t.Fatal(err)
	}
	f := newFiles(dir)
	c := claim{owner: "../../board1", digest: crypto.DigestOf(want), size: 500}
	if err := os.WriteFile(f.partPath(c)+wholeMark, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	torn := bytes.Clone(want)
	copy(torn[300:], make([]byte, 200))
	if err := os.WriteFile(f.partPath(c), torn, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(f.partPath(c)), "stranger"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err = OpenFiles(dir, limits); err != nil {
		t.Fatal(err)
	}
	u = begin(t, s, "../../board1", want)
	if err := u.Commit(); !errors.Is(err, ErrDigest) {
		t.Fatalf("torn bytes were named: %v", err)
	}
	_ = u.Close()
	if _, err := Put(s, "../../board1", want); err != nil {
		t.Fatal(err)
	}
	if s, err = OpenFiles(dir, limits); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read(t, s, crypto.DigestOf(want)), want) {
		t.Fatal("other bytes came back")
	}
}
