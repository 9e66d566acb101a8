package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"modernc.org/sqlite" // also registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/smartstart-federation/smartstart/crypto"
)

// version of the tables. A newer one than this is refused.
const version = 1

const tables = `
CREATE TABLE IF NOT EXISTS about (
  one     INTEGER PRIMARY KEY CHECK (one = 1),
  version INTEGER NOT NULL,
  origin  TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS leaf (
  idx    INTEGER PRIMARY KEY,
  bytes  BLOB NOT NULL,
  hash   BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  signer TEXT NOT NULL,
  seq    INTEGER NOT NULL,
  UNIQUE (signer, seq)
);
CREATE TABLE IF NOT EXISTS cosignature (
  signer TEXT NOT NULL,
  size   INTEGER NOT NULL,
  line   BLOB NOT NULL,
  PRIMARY KEY (signer, size)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS leaf_is_final BEFORE UPDATE ON leaf BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER IF NOT EXISTS leaf_stays BEFORE DELETE ON leaf BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
`

// SQLite is a Store in one file, with one connection that writes and a few
// that read.
type SQLite struct {
	lock  *sql.DB // holds an exclusive lock for as long as the process lives
	write *sql.DB
	read  *sql.DB

	writing sync.Mutex
	unsure  bool // a write failed: what comes after it in the write-ahead log may be lost with it
}

// OpenSQLite opens or creates the store of the log `origin` in the folder dir.
//
// Errors: ErrInUse, ErrOther, or what the operating system says.
func OpenSQLite(ctx context.Context, dir, origin string) (s *SQLite, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s = new(SQLite)
	defer func() {
		if err != nil {
			_ = s.Close()
		}
	}()
	// Two coordinators over one folder would sign two logs. The lock is a
	// database of its own because an exclusive lock on the log itself would
	// keep our own readers out; the system drops it when the process dies.
	if s.lock, err = open(filepath.Join(dir, "lock.db"), 1, "locking_mode(EXCLUSIVE)", "journal_mode(DELETE)"); err != nil {
		return s, err
	}
	if _, err = s.lock.ExecContext(ctx, `PRAGMA user_version = 1`); err != nil {
		if busy(err) {
			err = ErrInUse
		}
		return s, err
	}
	path := filepath.Join(dir, "log.db")
	// FULL: in WAL mode each commit is synced before it returns. That commit
	// is the moment the coordinator's word begins to count.
	if s.write, err = open(path, 1, "journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)"); err != nil {
		return s, err
	}
	if _, err = s.write.ExecContext(ctx, tables); err != nil {
		return s, fmt.Errorf("preparing the log's tables: %w", err)
	}
	if _, err = s.write.ExecContext(ctx, `INSERT OR IGNORE INTO about VALUES (1, ?, ?)`, version, origin); err != nil {
		return s, err
	}
	var v int
	var o string
	if err = s.write.QueryRowContext(ctx, `SELECT version, origin FROM about`).Scan(&v, &o); err != nil {
		return s, err
	}
	if v > version || o != origin {
		return s, ErrOther
	}
	if err = settle(ctx, s.write); err != nil {
		return s, fmt.Errorf("making what an earlier start left durable: %w", err)
	}
	if s.read, err = open(path, 4, "query_only(1)", "busy_timeout(5000)"); err != nil {
		return s, err
	}
	return s, syncDir(dir)
}

func open(path string, connections int, pragmas ...string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+url.Values{"_pragma": pragmas}.Encode())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// settle writes what the write-ahead log holds to the database itself, and
// syncs that. A start may find there what an earlier one could not sync: it is
// read like everything else and may be gone after a loss of power, whatever a
// second sync of the same bytes says.
func settle(ctx context.Context, db *sql.DB) error {
	var blocked, frames, moved int
	if err := db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&blocked, &frames, &moved); err != nil {
		return err
	}
	if blocked != 0 {
		return ErrInUse
	}
	return nil
}

func busy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

func constraint(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_CONSTRAINT
}

// syncDir makes the names of new files durable. Windows has no such call and
// needs none: NTFS journals names.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// once makes one write at a time, and none after one that failed: whether its
// bytes are on the disk is unknown then, and with them whatever lies behind.
func (s *SQLite) once(write func() error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.unsure {
		return ErrUnsure
	}
	err := write()
	s.unsure = err != nil && !errors.Is(err, ErrConflict)
	return err
}

// Append implements Store.
func (s *SQLite) Append(ctx context.Context, entries []Entry) error {
	return s.once(func() error { return s.append(ctx, entries) })
}

func (s *SQLite) append(ctx context.Context, entries []Entry) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // after Commit a no-op
	var size int64
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(idx) + 1, 0) FROM leaf`).Scan(&size); err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO leaf (idx, bytes, hash, signer, seq) VALUES (?, ?, ?, ?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for i, e := range entries {
		if e.Index != size+int64(i) {
			return ErrConflict
		}
		if _, err := insert.ExecContext(ctx, e.Index, e.Leaf, e.Hash[:], e.Signer, e.Seq); err != nil {
			if constraint(err) {
				return ErrConflict
			}
			return err
		}
	}
	return tx.Commit()
}

// Size implements Store.
func (s *SQLite) Size(ctx context.Context) (size int64, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT coalesce(max(idx) + 1, 0) FROM leaf`).Scan(&size)
	return size, err
}

// Leaves implements Store.
func (s *SQLite) Leaves(ctx context.Context, from int64, limit, maxBytes int) ([][]byte, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT bytes FROM leaf WHERE idx >= ? ORDER BY idx LIMIT ?`, from, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out [][]byte
	total := 0
	for rows.Next() {
		var leaf []byte
		if err := rows.Scan(&leaf); err != nil {
			return nil, err
		}
		total += len(leaf)
		if len(out) > 0 && total > maxBytes {
			break
		}
		out = append(out, leaf)
	}
	return out, rows.Err()
}

// Find implements Store.
func (s *SQLite) Find(ctx context.Context, hash crypto.Digest) (int64, bool, error) {
	return s.index(ctx, `SELECT idx FROM leaf WHERE hash = ?`, hash[:])
}

// Receipt implements Store.
func (s *SQLite) Receipt(ctx context.Context, signer string, seq int64) (int64, bool, error) {
	return s.index(ctx, `SELECT idx FROM leaf WHERE signer = ? AND seq = ?`, signer, seq)
}

func (s *SQLite) index(ctx context.Context, query string, args ...any) (int64, bool, error) {
	var i int64
	err := s.read.QueryRowContext(ctx, query, args...).Scan(&i)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return i, err == nil, err
}

// Cosign implements Store.
func (s *SQLite) Cosign(ctx context.Context, c Cosignature) error {
	return s.once(func() error {
		_, err := s.write.ExecContext(ctx, `INSERT INTO cosignature (signer, size, line) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, c.Signer, c.Size, c.Line)
		return err
	})
}

// Cosignatures implements Store.
func (s *SQLite) Cosignatures(ctx context.Context) ([]Cosignature, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT signer, max(size), line FROM cosignature GROUP BY signer ORDER BY signer`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Cosignature
	for rows.Next() {
		var c Cosignature
		if err := rows.Scan(&c.Signer, &c.Size, &c.Line); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Close implements Store.
func (s *SQLite) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write, s.lock} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}
