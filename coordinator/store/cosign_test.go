package store

import (
	"context"
	"errors"
	"testing"
)

// TestCosignatures: the newest of each signer, the first of a size, over
// restarts.
func TestCosignatures(t *testing.T) {
	each(t, func(t *testing.T, s Store, reopen func() Store) {
		for _, c := range []Cosignature{{4, "b", []byte("b4")}, {9, "a", []byte("a9")}, {4, "b", []byte("again")}, {7, "a", []byte("a7")}} {
			if err := s.Cosign(t.Context(), c); err != nil {
				t.Fatal(err)
			}
		}
		s = reopen()
		got, err := s.Cosignatures(t.Context())
		if err != nil || len(got) != 2 || got[0].Size != 9 || string(got[0].Line) != "a9" || got[1].Signer != "b" || string(got[1].Line) != "b4" {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

// TestNothingIsWrittenAfterAFailure: whether a write that failed is on the disk
// is unknown, and what was acknowledged behind it could be lost with it. That
// holds of co-signatures and entries alike, since both share one file.
func TestNothingIsWrittenAfterAFailure(t *testing.T) {
	s, err := OpenSQLite(t.Context(), t.TempDir(), "log.test")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Cosign(ended, Cosignature{4, "b", []byte("b4")}); err == nil {
		t.Fatal("a write that was cut off is acknowledged")
	}
	if err := s.Append(t.Context(), entries(0, 1)); !errors.Is(err, ErrUnsure) {
		t.Errorf("an entry after it: %v", err)
	}
}
