package node

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/smartstart-federation/smartstart/crypto"
)

const ledgerSchema = `
CREATE TABLE IF NOT EXISTS cohort  (id TEXT PRIMARY KEY, counted BLOB NOT NULL, complete BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS side    (cohort TEXT NOT NULL, counted INTEGER NOT NULL, number INTEGER NOT NULL, rows BLOB NOT NULL,
	PRIMARY KEY (cohort, counted, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS opening (attempt TEXT PRIMARY KEY, study TEXT NOT NULL, round INTEGER NOT NULL, epoch TEXT NOT NULL,
	cohort TEXT NOT NULL, content TEXT NOT NULL, numbers INTEGER NOT NULL, rows INTEGER NOT NULL, least INTEGER NOT NULL, charged INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS epoch   (name TEXT PRIMARY KEY, act BLOB NOT NULL, entries INTEGER NOT NULL) WITHOUT ROWID;
`

// opening is one attempt in which this institution's numbers were, or may
// have been, opened. It is written before the first of them leaves.
type opening struct {
	attempt crypto.Digest
	study   string
	round   int
	epoch   string
	cohort  crypto.Digest // which rows
	content crypto.Digest // and their values in the study's columns
	numbers int
	rows    int  // that the sum is over at least
	least   int  // children by which other sums must differ from it: the min_rows it was judged with
	charged bool // a certificate was seen
}

// offer keeps an opening and its cohort, durably. Offering an attempt again
// changes nothing.
func (s *Store) offer(o opening, c cohort) error {
	return s.durably(func() error { return s.insert(o, c) })
}

func (s *Store) insert(o opening, c cohort) error {
	tx, err := s.sure.Begin()
	if err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if _, err := tx.Exec(`INSERT INTO cohort VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		o.cohort.String(), append([]byte{}, c.read...), append([]byte{}, c.used...)); err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	for counted, sides := range [][]marks{c.usedSides, c.readSides, c.periods} {
		for i, side := range sides {
			if _, err := tx.Exec(`INSERT INTO side VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, o.cohort.String(), counted, i, append([]byte{}, side...)); err != nil {
				return fmt.Errorf("writing the ledger: %w", err)
			}
		}
	}
	if _, err := tx.Exec(`INSERT INTO opening VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
		o.attempt.String(), o.study, o.round, o.epoch, o.cohort.String(), o.content.String(), o.numbers, o.rows, o.least); err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	return tx.Commit()
}

// charge notes, durably, that a certificate for the attempt was seen.
func (s *Store) charge(attempt crypto.Digest) error {
	if _, err := s.write(`UPDATE opening SET charged = 1 WHERE attempt = ? AND charged = 0`, attempt.String()); err != nil {
		return fmt.Errorf("charging the budget: %w", err)
	}
	return nil
}

// openings lists everything offered, oldest rounds first.
func (s *Store) openings() (list []opening, err error) {
	rows, err := s.sure.Query(`SELECT attempt, study, round, epoch, cohort, content, numbers, rows, least, charged FROM opening ORDER BY study, round, attempt`)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var o opening
		var attempt, cohort, content string
		if err := rows.Scan(&attempt, &o.study, &o.round, &o.epoch, &cohort, &content, &o.numbers, &o.rows, &o.least, &o.charged); err != nil {
			return nil, err
		}
		if err := errors.Join(o.attempt.UnmarshalText([]byte(attempt)), o.cohort.UnmarshalText([]byte(cohort)), o.content.UnmarshalText([]byte(content))); err != nil {
			return nil, fmt.Errorf("reading the ledger: %w", err)
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

// kept reads a cohort back.
func (s *Store) kept(id crypto.Digest) (c cohort, err error) {
	err = s.sure.QueryRow(`SELECT counted, complete FROM cohort WHERE id = ?`, id.String()).Scan((*[]byte)(&c.read), (*[]byte)(&c.used))
	if errors.Is(err, sql.ErrNoRows) || err == nil && (len(c.read)%markSize != 0 || len(c.used)%markSize != 0) {
		return c, damaged("the ledger lacks a cohort that it names")
	}
	if err != nil {
		return c, err
	}
	rows, err := s.sure.Query(`SELECT counted, rows FROM side WHERE cohort = ? ORDER BY counted, number`, id.String())
	if err != nil {
		return c, fmt.Errorf("reading the ledger: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var counted int
		var side marks
		if err := rows.Scan(&counted, (*[]byte)(&side)); err != nil {
			return c, err
		}
		if len(side)%markSize != 0 {
			return c, damaged("the ledger lacks a part of a cohort that it names")
		}
		switch counted {
		case 0:
			c.usedSides = append(c.usedSides, side)
		case 1:
			c.readSides = append(c.readSides, side)
		default:
			c.periods = append(c.periods, side)
		}
	}
	return c, rows.Err()
}
