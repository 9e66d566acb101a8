package party

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Cosigned keeps the last checkpoint that this party co-signed, in a file beside
// the one with the newest checkpoint seen.
func (s *Seat) Cosigned() loop.CosignJournal { return cosignFile(s.beside(".cosigned")) }

func (s *Seat) beside(ending string) string {
	return strings.TrimSuffix(s.Held, ".checkpoint") + ending
}

type cosignFile string

// Cosigned implements loop.CosignJournal.
func (f cosignFile) Cosigned() ([]byte, error) {
	b, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the last checkpoint co-signed here: %w", err)
	}
	return b, nil
}

// SetCosigned implements loop.CosignJournal.
func (f cosignFile) SetCosigned(signed []byte) error { return Replace(string(f), signed, 0o600) }

// KeepFork writes evidence that the coordinator showed two histories beside the
// party file. It is told nothing: the error with which the loop ends says where
// to look, and a disk that fails must not hide that error.
func (s *Seat) KeepFork(held, shown []byte) {
	if s.Held == "" {
		return
	}
	evidence, err := audit.EncodeFork(s.CoordinatorKey, held, shown)
	if err == nil {
		err = Replace(s.beside("-fork-"+crypto.DigestOf(evidence).String()[:16]+".json"), evidence, 0o600)
	}
	if err != nil && s.Trouble != nil {
		s.Trouble(fmt.Errorf("the proof that the log was rewritten cannot be kept: %w", err))
	}
}
