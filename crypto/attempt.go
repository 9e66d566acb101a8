package crypto

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// Digest is a SHA-256 digest; in text and JSON it is 64 lower-case hex digits.
type Digest [sha256.Size]byte

// DigestOf returns the SHA-256 digest of b.
func DigestOf(b []byte) Digest { return sha256.Sum256(b) }

// IsZero reports whether d was never set.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns the 64 hex digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText encodes d as 64 lower-case hex digits.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText accepts exactly 64 lower-case hex digits, so that a digest
// has one spelling only.
func (d *Digest) UnmarshalText(b []byte) error {
	if len(b) != 2*len(d) {
		return fmt.Errorf("a digest is %d hex digits, not %d", 2*len(d), len(b))
	}
	for _, c := range b {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return fmt.Errorf("a digest is written in the digits 0-9 and a-f only")
		}
	}
	_, err := hex.Decode(d[:], b)
	return err
}

// Holder is one institution that takes part in an attempt: its fixed point on
// the sharing polynomials and the fresh HPKE public key from its `ready`.
type Holder struct {
	Point int
	Key   []byte
}

// Attempt is everything that all parties agreed on, in the log, before
// anything was encrypted. Its ID is the leaf hash of the `open` statement.
//
// Thresholds belong to the institutions approved for the study (points
// 1..Thresholds.N), never to the smaller set that is ready.
type Attempt struct {
	ID         Digest
	Shape      Shape
	Thresholds Thresholds
	Holders    []Holder // strictly increasing points; contributors and holders are the same institutions
}

// Check refuses an attempt that could not be opened, or not without breaking
// a rule of the scheme: thresholds that allow two certificates, a shape that
// overflows with every approved institution in it, points out of order, keys
// that are malformed or used twice.
func (a Attempt) Check() error {
	if err := tableError(); err != nil {
		return err
	}
	if a.ID.IsZero() {
		return failure(codeParameters, "", "an attempt has no id: it must be the leaf hash of its open statement")
	}
	if err := a.Thresholds.check(); err != nil {
		return err
	}
	if err := a.Shape.Check(a.Thresholds.N); err != nil {
		return err
	}
	if need := max(a.Thresholds.T, a.Thresholds.MinInstitutions); len(a.Holders) < need {
		return failure(codeParameters, "wait until more institutions are ready",
			"%d institutions are ready but %d are needed", len(a.Holders), need)
	}
	keys := make(map[string]bool, len(a.Holders))
	last := 0
	for _, h := range a.Holders {
		if h.Point <= last || h.Point > a.Thresholds.N {
			return failure(codeParameters, "", "the points of an attempt must increase strictly within 1..%d, but %d follows %d", a.Thresholds.N, h.Point, last)
		}
		last = h.Point
		if err := CheckKey(h.Key); err != nil {
			return err
		}
		if keys[string(h.Key)] {
			return failure(codeParameters, "", "two institutions of an attempt have the same attempt key")
		}
		keys[string(h.Key)] = true
	}
	return nil
}

// Index returns the position of a point among the holders, or -1.
func (a Attempt) Index(point int) int {
	for i, h := range a.Holders {
		if h.Point == point {
			return i
		}
	}
	return -1
}

// fingerprint digests all of the attempt, not only its id, so that two parties
// who disagree on a threshold or a key cannot mistake each other's values.
func (a Attempt) fingerprint() Digest {
	h := sha256.New()
	number := func(v int) {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], uint64(v))
		h.Write(b[:])
	}
	text := func(s string) {
		number(len(s))
		h.Write([]byte(s))
	}
	text("smartstart/otk1/attempt")
	h.Write(a.ID[:])
	text(a.Shape.Codec)
	number(len(a.Shape.Tensors))
	for _, t := range a.Shape.Tensors {
		text(t.Name)
		number(t.Len)
		number(t.Bits)
	}
	th := a.Thresholds
	for _, v := range []int{th.N, th.C, th.T, th.MinInstitutions, len(a.Holders)} {
		number(v)
	}
	for _, holder := range a.Holders {
		number(holder.Point)
		text(string(holder.Key))
	}
	return Digest(h.Sum(nil))
}
