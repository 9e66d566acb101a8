package node

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
	"github.com/smartstart-federation/smartstart/model"
)

// marks are keyed digests of a set of rows, sorted and laid end to end, one
// for each row. Without the node's key nobody can tell whether a pseudonym is
// among them.
type marks []byte

// markSize is the bytes kept of each row. Among 2^24 rows, two different ones
// share a mark with a probability of 2^-81.
const markSize = 16

// cohort are the rows that an institution puts into a sum: those that are
// counted, and among them the complete ones, over which the model sums.
type cohort struct {
	read, used marks
	values     crypto.Digest // keyed, of the rows with their values in the study's columns
}

// id names the cohort in the ledger, whatever the values. It is a digest of
// keyed digests.
func (c cohort) id() crypto.Digest {
	var size [8]byte
	binary.LittleEndian.PutUint64(size[:], uint64(len(c.read)))
	return crypto.DigestOf(slices.Concat(size[:], c.read, c.used))
}

// cohortOf digests the rows of p. When the records cannot name a row, its
// content in the study's own columns stands for it, which can be held only
// against the same study.
func cohortOf(key secret.NodeKey, study string, p *part) (cohort, error) {
	kept := key.Bytes()
	if len(kept) == 0 {
		return cohort{}, errors.New("the node has no key to keep its ledger of cohorts under")
	}
	h := hmac.New(sha256.New, kept)
	scope := "row"
	switch {
	case p.who == nil:
		scope = "study " + study
	case p.named:
		scope = "pseudonym"
	}
	fmt.Fprintf(h, "smartstart/ledger/v1\n%s\n", scope)
	h = hmac.New(sha256.New, h.Sum(nil)) // a key of its own for every scope
	var read, used, values [][markSize]byte
	columns := p.table.Columns()
	for i := range p.table.Rows() {
		h.Reset()
		if p.who != nil {
			h.Write([]byte(p.who[i]))
		} else {
			h.Write(content(columns, i))
		}
		mark := [markSize]byte(h.Sum(nil))
		read = append(read, mark)
		h.Reset()
		h.Write([]byte("values"))
		h.Write(mark[:])
		h.Write(content(columns, i))
		values = append(values, [markSize]byte(h.Sum(nil)))
		if complete(columns, i) {
			used = append(used, mark)
		}
	}
	return cohort{sortMarks(read), sortMarks(used), crypto.DigestOf(sortMarks(values))}, nil
}

// content is a row's values in the columns of a study.
func content(columns []model.Column, row int) []byte {
	b := make([]byte, 0, 9*len(columns))
	for _, c := range columns {
		if c.Missing[row] {
			b = append(b, 0)
			continue
		}
		b = binary.LittleEndian.AppendUint64(append(b, 1), math.Float64bits(c.Values[row]))
	}
	return b
}

func complete(columns []model.Column, row int) bool {
	for _, c := range columns {
		if c.Missing[row] {
			return false
		}
	}
	return true
}

func sortMarks(list [][markSize]byte) marks {
	slices.SortFunc(list, func(a, b [markSize]byte) int { return bytes.Compare(a[:], b[:]) })
	m := make(marks, 0, markSize*len(list))
	for _, mark := range list {
		m = append(m, mark[:]...)
	}
	return m
}

// differs counts the persons (or, without pseudonyms, rows) that are not
// equally often in both sets. It takes one pass over both.
func (m marks) differs(other marks) int {
	n := 0
	for len(m) > 0 || len(other) > 0 {
		var order int
		switch {
		case len(m) == 0:
			order = 1
		case len(other) == 0:
			order = -1
		default:
			order = bytes.Compare(m[:markSize], other[:markSize])
		}
		if order != 0 {
			n++
		}
		a, b := 0, 0
		if order <= 0 {
			a, m = m.run()
		}
		if order >= 0 {
			b, other = other.run()
		}
		if order == 0 && a != b {
			n++
		}
	}
	return n
}

// run cuts off the first mark with its repeats and says how many there were.
func (m marks) run() (times int, rest marks) {
	first := m[:markSize]
	for len(m) > 0 && bytes.Equal(first, m[:markSize]) {
		times, m = times+1, m[markSize:]
	}
	return times, m
}

// near returns by how few persons the cohort differs from an earlier one: the
// smallest figure from 1 to least-1 of what is counted and what is complete,
// 0 when it is equal or far enough.
func (c cohort) near(earlier cohort, least int) int {
	smallest := 0
	for _, n := range []int{c.read.differs(earlier.read), c.used.differs(earlier.used)} {
		if n > 0 && n < least && (smallest == 0 || n < smallest) {
			smallest = n
		}
	}
	return smallest
}

const ledgerSchema = `
CREATE TABLE IF NOT EXISTS cohort  (id TEXT PRIMARY KEY, counted BLOB NOT NULL, complete BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS opening (attempt TEXT PRIMARY KEY, study TEXT NOT NULL, round INTEGER NOT NULL, epoch TEXT NOT NULL,
	cohort TEXT NOT NULL, content TEXT NOT NULL, numbers INTEGER NOT NULL, rows INTEGER NOT NULL, charged INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
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
	charged bool // a certificate was seen
}

// offer keeps an opening and its cohort, durably. Offering an attempt again
// changes nothing.
func (s *Store) offer(o opening, c cohort) error {
	tx, err := s.sure.Begin()
	if err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	if _, err := tx.Exec(`INSERT INTO cohort VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		o.cohort.String(), append([]byte{}, c.read...), append([]byte{}, c.used...)); err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	if _, err := tx.Exec(`INSERT INTO opening VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT DO NOTHING`,
		o.attempt.String(), o.study, o.round, o.epoch, o.cohort.String(), o.content.String(), o.numbers, o.rows); err != nil {
		return fmt.Errorf("writing the ledger: %w", err)
	}
	return tx.Commit()
}

// charge notes, durably, that a certificate for the attempt was seen.
func (s *Store) charge(attempt crypto.Digest) error {
	if _, err := s.sure.Exec(`UPDATE opening SET charged = 1 WHERE attempt = ? AND charged = 0`, attempt.String()); err != nil {
		return fmt.Errorf("charging the budget: %w", err)
	}
	return nil
}

// openings lists everything offered, oldest rounds first.
func (s *Store) openings() (list []opening, err error) {
	rows, err := s.sure.Query(`SELECT attempt, study, round, epoch, cohort, content, numbers, rows, charged FROM opening ORDER BY study, round, attempt`)
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var o opening
		var attempt, cohort, content string
		if err := rows.Scan(&attempt, &o.study, &o.round, &o.epoch, &cohort, &content, &o.numbers, &o.rows, &o.charged); err != nil {
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
	return c, err
}
