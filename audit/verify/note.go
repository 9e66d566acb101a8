package verify

import (
	"fmt"
	"strings"
)

// NoteKind says what a Note is about.
type NoteKind string

// The kinds of note.
const (
	NoteNoCharter NoteKind = "no charter"
	NoteUnstated  NoteKind = "no result"
	NoteWrong     NoteKind = "wrong releases"
	NoteContested NoteKind = "contested"
	NoteNoise     NoteKind = "noise"
	NoteDeleted   NoteKind = "deleted"
	NoteProved    NoteKind = "proved wrong"
)

// Note is something that a reader should know and that breaks no rule.
type Note struct {
	Kind    NoteKind
	Study   string
	Round   int
	Attempt int
	Names   []string // institutions that it is about
	Date    string   // NoteDeleted: from which day the blobs could be deleted
	Entry   int64    // where in the log; -1 when it is about the log as a whole
}

// String is the note in one English sentence.
func (n Note) String() string {
	where := fmt.Sprintf("study %s round %d attempt %d: ", n.Study, n.Round, n.Attempt)
	switch n.Kind {
	case NoteNoCharter:
		return "no charter was found that names the coordinator's key"
	case NoteUnstated:
		return where + "enough releases are logged and no result; whoever holds the blobs can open the sum"
	case NoteWrong:
		return where + "the releases of " + strings.Join(n.Names, ", ") + " do not fit; the sum does not depend on them"
	case NoteContested:
		return where + "more releases agree on another key than on the one that opens the frames; the sums are right, who lied cannot be told"
	case NoteNoise:
		return where + "somebody's noise was larger than it should be"
	case NoteProved:
		return where + "a dispute proves " + strings.Join(n.Names, ", ") + " wrong by what it signed itself"
	case NoteDeleted:
		return where + "lawfully deleted (allowed since " + n.Date + "); can no longer be re-added"
	}
	return where + string(n.Kind)
}

// MarshalText is String, so that programs get the sentence.
func (n Note) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// note records one about an attempt, or about the log when place is whole().
func (v *verifier) note(n Note) { v.notes = append(v.notes, n) }
