package node

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"sync"

	_ "modernc.org/sqlite" // the "sqlite" driver

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Store is what a node keeps on its disk: the log it follows, the last
// checkpoint it co-signed, the statement it is sending, and its journal of acts that must happen once. No secret of an
// attempt and no record is ever written to it.
type Store struct {
	dir  string
	soon *sql.DB // entries of the log: what is lost in a power cut is fetched again
	sure *sql.DB // outbox and journal: on the disk before a call returns

	mu   sync.Mutex
	acts map[string]map[crypto.Digest]bool // subjects of the journal, by act

	writing  sync.Mutex // of sure
	unsure   bool       // a write failed: nobody knows what of the write-ahead log is on the disk
	trusting bool       // tests only: write on all the same
}

const storeSchema = `
CREATE TABLE IF NOT EXISTS entry   (idx INTEGER PRIMARY KEY, leaf BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS cosigned (one INTEGER PRIMARY KEY CHECK (one = 1), checkpoint BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS outbox  (one INTEGER PRIMARY KEY CHECK (one = 1), leaf BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS journal (act TEXT NOT NULL, subject TEXT NOT NULL, content BLOB NOT NULL, PRIMARY KEY (act, subject)) WITHOUT ROWID;
`

// OpenStore opens or makes the store in dir, readable by its owner only.
func OpenStore(dir string) (*Store, error) {
	if err := makeFolder(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "node.db")
	open := func(synchronous string) (*sql.DB, error) {
		db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?_pragma=journal_mode(wal)&_pragma=busy_timeout(10000)&_pragma=synchronous("+synchronous+")")
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(1)
		return db, nil
	}
	sure, err := open("full")
	if err != nil {
		return nil, err
	}
	soon, err := open("normal")
	if err != nil {
		return nil, errors.Join(err, sure.Close())
	}
	s := &Store{dir: dir, soon: soon, sure: sure, acts: map[string]map[crypto.Digest]bool{}}
	if _, err := sure.Exec(storeSchema); err != nil {
		return nil, errors.Join(fmt.Errorf("opening %s: %w", path, err), s.Close())
	}
	if err := s.settle(); err != nil {
		return nil, errors.Join(fmt.Errorf("making what an earlier start left in %s durable: %w", path, err), s.Close())
	}
	if err := s.readActs(); err != nil {
		return nil, errors.Join(fmt.Errorf("reading the journal of %s: %w", path, err), s.Close())
	}
	return s, nil
}

// settle writes what the write-ahead log holds to the database itself, and
// syncs that. After a failed sync the system may count bytes as written that
// are not: what is synced behind them would be lost with them in a power cut,
// and a second sync of the same bytes says that all is well.
func (s *Store) settle() error {
	var blocked, frames, moved int
	if err := s.sure.QueryRow(`PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&blocked, &frames, &moved); err != nil {
		return err
	}
	if blocked != 0 {
		return errors.New("another process reads it; stop that one and start again")
	}
	return nil
}

// write changes outbox, journal or ledger; nil means that the change is on the disk.
func (s *Store) write(query string, args ...any) (r sql.Result, err error) {
	err = s.durably(func() error {
		r, err = s.sure.Exec(query, args...)
		return err
	})
	return r, err
}

// durably makes a change of sure; nil means that it is on the disk. Nothing may
// change sure but through it: after a failed sync nothing is built on what may be
// lost.
func (s *Store) durably(change func() error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.unsure && !s.trusting {
		if err := s.settle(); err != nil {
			return fmt.Errorf("the disk of %s failed before; check it: %w", s.dir, err)
		}
		s.unsure = false
	}
	err := change()
	s.unsure = s.unsure || err != nil
	return err
}

func (s *Store) readActs() error {
	rows, err := s.sure.Query(`SELECT act, subject FROM journal`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var act, subject string
		if err := rows.Scan(&act, &subject); err != nil {
			return err
		}
		if err := s.note(act, subject); err != nil {
			return err
		}
	}
	return rows.Err()
}

// note remembers a journalled act.
func (s *Store) note(act, subject string) error {
	var d crypto.Digest
	if err := d.UnmarshalText([]byte(subject)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.acts[act] == nil {
		s.acts[act] = map[crypto.Digest]bool{}
	}
	s.acts[act][d] = true
	return nil
}

// Subjects returns the attempts for which an act was journalled.
func (s *Store) Subjects(act string) map[crypto.Digest]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.acts[act])
}

// Close closes the database.
func (s *Store) Close() error { return errors.Join(s.soon.Close(), s.sure.Close()) }

// Entries implements loop.Journal.
func (s *Store) Entries(yield func(leaf []byte) error) error {
	rows, err := s.soon.Query(`SELECT idx, leaf FROM entry ORDER BY idx`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for next := int64(0); rows.Next(); next++ {
		var index int64
		var leaf []byte
		if err := rows.Scan(&index, &leaf); err != nil {
			return err
		}
		if index != next {
			return damaged("the kept log has entry %d where entry %d must be", index, next)
		}
		if err := yield(leaf); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Extend implements loop.Journal.
func (s *Store) Extend(from int64, leaves [][]byte) error {
	tx, err := s.soon.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	for i, leaf := range leaves {
		if _, err := tx.Exec(`INSERT INTO entry VALUES (?, ?)`, from+int64(i), leaf); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// Outbox implements loop.Journal.
func (s *Store) Outbox() ([]byte, error) {
	var leaf []byte
	err := s.sure.QueryRow(`SELECT leaf FROM outbox`).Scan(&leaf)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return leaf, err
}

// SetOutbox implements loop.Journal.
func (s *Store) SetOutbox(leaf []byte) error {
	if leaf == nil {
		// Not urgent: sending the same bytes again is harmless.
		_, err := s.soon.Exec(`DELETE FROM outbox`)
		return err
	}
	_, err := s.write(`INSERT OR REPLACE INTO outbox VALUES (1, ?)`, leaf)
	return err
}

// Cosigned implements loop.CosignJournal.
func (s *Store) Cosigned() ([]byte, error) {
	var signed []byte
	err := s.sure.QueryRow(`SELECT checkpoint FROM cosigned`).Scan(&signed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return signed, err
}

// SetCosigned implements loop.CosignJournal.
func (s *Store) SetCosigned(signed []byte) error {
	_, err := s.write(`INSERT OR REPLACE INTO cosigned VALUES (1, ?)`, signed)
	return err
}

// KeepFork writes evidence that the coordinator showed two histories into the
// node's folder, and returns the file.
func (s *Store) KeepFork(coordinatorKey string, held, shown []byte) (string, error) {
	evidence, err := audit.EncodeFork(coordinatorKey, held, shown)
	if err != nil {
		return "", err
	}
	path := filepath.Join(s.dir, "fork-"+crypto.DigestOf(evidence).String()[:16]+".json")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return path, nil // the same was kept before
	}
	if err != nil {
		return path, err
	}
	_, err = f.Write(evidence)
	return path, errors.Join(err, f.Sync(), f.Close())
}

// Once writes an act that may happen only once in an attempt, durably. It
// returns ErrOnce when it happened before, whatever the content.
func (s *Store) Once(act string, attempt crypto.Digest, content []byte) error {
	subject := attempt.String()
	r, err := s.write(`INSERT INTO journal VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, act, subject, append([]byte{}, content...))
	if err != nil {
		return fmt.Errorf("journalling %s: %w", act, err)
	}
	if n, err := r.RowsAffected(); err != nil || n != 1 {
		return errors.Join(fmt.Errorf("%s %s: %w", act, subject, ErrOnce), err)
	}
	return s.note(act, subject)
}

// ErrOnce says that the journal holds this act already.
var ErrOnce = errors.New("this was done before and may happen only once")

// Done returns what Once wrote, or nil.
func (s *Store) Done(act string, attempt crypto.Digest) ([]byte, error) {
	var content []byte
	err := s.sure.QueryRow(`SELECT content FROM journal WHERE act = ? AND subject = ?`, act, attempt.String()).Scan(&content)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return content, err
}

// Each calls f with everything that Once wrote under an act.
func (s *Store) Each(act string, f func(attempt crypto.Digest, content []byte) error) error {
	rows, err := s.sure.Query(`SELECT subject, content FROM journal WHERE act = ? ORDER BY subject`, act)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var subject string
		var content []byte
		var attempt crypto.Digest
		if err := rows.Scan(&subject, &content); err != nil {
			return err
		}
		if err := errors.Join(attempt.UnmarshalText([]byte(subject)), f(attempt, content)); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Upload is the path of a file that waits to be sent, or is kept to be sent again.
func (s *Store) Upload(name string) string { return filepath.Join(s.dir, "uploads", name) }
