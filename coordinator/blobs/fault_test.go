package blobs

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/crypto"
)

var errDisk = errors.New("the disk failed")

// failing is a disk of which one sync fails, and after which the system counts
// the bytes as written: the next sync succeeds.
type failing struct {
	*files
	syncs int // until the failure
}

func (m *failing) part(c claim) (part, error) {
	p, err := m.files.part(c)
	return failingPart{p, m}, err
}

type failingPart struct {
	part
	m *failing
}

func (p failingPart) sync() error {
	if p.m.syncs--; p.m.syncs == 0 {
		return errDisk
	}
	return p.part.sync()
}

// acknowledgedAfter uploads a blob until it is acknowledged, as a client does,
// over a disk of which one sync fails. It reports an acknowledgement of bytes
// that were not sent again after the failure: nobody knows where those are.
func acknowledgedAfter(s *Shelf, want []byte) error {
	if _, err := Put(s, "board1", want); !errors.Is(err, errDisk) {
		return fmt.Errorf("a failed sync was answered with %v", err)
	}
	if _, err := s.Open(crypto.DigestOf(want)); !errors.Is(err, ErrMissing) {
		return fmt.Errorf("a blob whose sync failed has a name: %v", err)
	}
	u, err := s.Begin("board1", crypto.DigestOf(want), int64(len(want)))
	if err != nil {
		return err
	}
	defer u.Close()
	if u.Offset() != 0 {
		return fmt.Errorf("the upload goes on after %d bytes that the disk refused", u.Offset())
	}
	if _, err := u.Write(want); err != nil {
		return err
	}
	return u.Commit()
}

// TestFailedSyncIsNotTriedAgain: after a failed sync of a blob's bytes, or of
// its name, the uploader has to begin again. With the defence off the check
// finds bytes that are acknowledged though the disk refused them.
func TestFailedSyncIsNotTriedAgain(t *testing.T) {
	open := func(t *testing.T) (*failing, *Shelf) {
		dir := t.TempDir()
		s, err := OpenFiles(dir, Limits{Blob: maxBlob, Quota: quota, Age: age, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		m := &failing{files: s.medium.(*files)}
		s.medium = m
		return m, s
	}
	want := random(900, 13)
	t.Run("bytes", func(t *testing.T) {
		m, s := open(t)
		m.syncs = 1
		if err := acknowledgedAfter(s, want); err != nil {
			t.Fatal(err)
		}
		if got := read(t, s, crypto.DigestOf(want)); !bytes.Equal(got, want) {
			t.Error("other bytes came back")
		}
	})
	t.Run("name", func(t *testing.T) {
		m, s := open(t)
		m.syncDir = func(string) error { m.syncDir = syncDir; return errDisk }
		if err := acknowledgedAfter(s, want); err != nil {
			t.Fatal(err)
		}
		if got := read(t, s, crypto.DigestOf(want)); !bytes.Equal(got, want) {
			t.Error("other bytes came back")
		}
		// Twice 900 bytes are over the quota: the failed one must not count.
		if err := s.Keep(crypto.DigestOf(want)); err != nil {
			t.Fatal(err)
		}
		if _, err := Put(s, "board1", random(1000, 14)); err != nil {
			t.Errorf("a failed upload still counts: %v", err)
		}
	})
	t.Run("defence off", func(t *testing.T) {
		m, s := open(t)
		m.syncs, s.trusting = 1, true
		if err := acknowledgedAfter(s, want); err == nil {
			t.Error("bytes that the disk refused were acknowledged, and nothing was found")
		}
	})
}
