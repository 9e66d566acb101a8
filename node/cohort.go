package node

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/configs"
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

// cohort are the rows that an institution puts into a sum: those of the study's
// cohort, which are counted, and among them the ones with all that the model
// needs, which enter its sums. Where a study keeps rows aside to judge the
// model, sums are opened over each side too.
type cohort struct {
	read, used           marks
	readSides, usedSides []marks
	periods              []marks       // where sums are opened by period: who enters each after the first
	values               crypto.Digest // keyed, of the rows with their values in the study's columns
}

// id names the cohort in the ledger, whatever the values. It is a digest of
// keyed digests.
func (c cohort) id() crypto.Digest {
	size := func(n int) []byte { return binary.LittleEndian.AppendUint64(nil, uint64(n)) }
	all := slices.Concat(size(len(c.read)), c.read, c.used)
	if len(c.readSides)+len(c.usedSides) > 0 {
		all = append(all, size(len(c.used))...)
		for _, sides := range [][]marks{c.readSides, c.usedSides} {
			all = append(all, size(len(sides))...)
			for _, side := range sides {
				all = slices.Concat(all, size(len(side)), side)
			}
		}
	}
	for _, period := range c.periods {
		all = slices.Concat(all, []byte("period"), size(len(period)), period)
	}
	return crypto.DigestOf(all)
}

// cohortOf digests the rows of p in the sets over which the plan sums. When the records cannot name a row, its
// content in the study's own columns stands for it, which can be held only
// against the same study.
func cohortOf(key secret.NodeKey, study string, plan *model.Plan, p *part) (c cohort, err error) {
	kept := key.Bytes()
	if len(kept) == 0 {
		return c, errors.New("the node has no key to keep its ledger of cohorts under")
	}
	counted, summed, err := plan.Sets(p.table)
	if err != nil {
		return c, err
	}
	periods, err := plan.Periods(p.table)
	if err != nil {
		return c, err
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
	var read, values [][markSize]byte
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
	}
	c.values = crypto.DigestOf(sortMarks(values))
	c.read, c.readSides = marksOf(read, counted)
	c.used, c.usedSides = marksOf(read, summed)
	for _, period := range periods {
		widest, _ := marksOf(read, [][]bool{period})
		c.periods = append(c.periods, widest)
	}
	return c, nil
}

// marksOf are the marks of each set of rows, the widest apart.
func marksOf(rows [][markSize]byte, sets [][]bool) (widest marks, sides []marks) {
	for n, set := range sets {
		var in [][markSize]byte
		for i, mark := range rows {
			if set[i] {
				in = append(in, mark)
			}
		}
		if n == 0 {
			widest = sortMarks(in)
			continue
		}
		sides = append(sides, sortMarks(in))
	}
	return widest, sides
}

// content is a row's values in the columns of a study.
func content(columns []model.Column, row int) []byte {
	b := make([]byte, 0, 9*len(columns))
	for _, c := range columns {
		if c.Missing[row] {
			b = append(b, 0)
			continue
		}
		if c.Kind == configs.Site { // its number may go by the order of the rows
			name := c.Levels[int(c.Values[row])]
			b = append(binary.LittleEndian.AppendUint64(append(b, 2), uint64(len(name))), name...)
			continue
		}
		b = binary.LittleEndian.AppendUint64(append(b, 1), math.Float64bits(c.Values[row]))
	}
	return b
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
// smallest figure from 1 to least-1 of any two sets over which both are counted,
// or both summed; 0 when all are equal or far enough.
func (c cohort) near(earlier cohort, least int) int {
	smallest := 0
	for _, pair := range [][2][]marks{
		{append([]marks{c.read}, c.readSides...), append([]marks{earlier.read}, earlier.readSides...)},
		{append([]marks{c.used}, c.usedSides...), append([]marks{earlier.used}, earlier.usedSides...)},
	} {
		for _, own := range pair[0] {
			for _, other := range pair[1] {
				if n := own.differs(other); n > 0 && n < least && (smallest == 0 || n < smallest) {
					smallest = n
				}
			}
		}
	}
	// Sums by period are beside each other in one study, as its own rules allow:
	// what two studies may add is a pair of sets that neither has.
	mine, theirs := c.summed(), earlier.summed()
	has := func(list []marks, set marks) bool {
		return slices.ContainsFunc(list, func(m marks) bool { return bytes.Equal(m, set) })
	}
	for i, own := range mine {
		for k, other := range theirs {
			byPeriod := i >= len(mine)-len(c.periods) || k >= len(theirs)-len(earlier.periods)
			if !byPeriod || has(theirs, own) || has(mine, other) {
				continue
			}
			if n := own.differs(other); n > 0 && n < least && (smallest == 0 || n < smallest) {
				smallest = n
			}
		}
	}
	return smallest
}

// summed are the sets over which values are summed, those by period last.
func (c cohort) summed() []marks {
	return slices.Concat([]marks{c.used}, c.usedSides, c.periods)
}
