package audit

import (
	"maps"
	"slices"
)

// institution is one legal body of the federation: a founder, or admitted
// later by a quorum.
type institution struct {
	Founder
	expelled bool
	epoch    string          // its newest; "" before it declared one
	epochs   map[string]bool // every one so far
}

// Institutions returns the institutions in force, sorted: named by the charter
// or admitted since, and not expelled.
func (st *State) Institutions() []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(st.institutions)) {
		if !st.institutions[name].expelled {
			names = append(names, name)
		}
	}
	return names
}

// Enrolled returns the institutions in force that have enrolled a node, sorted.
func (st *State) Enrolled() []string { return slices.Sorted(maps.Keys(st.Members)) }

// Institution returns the keys of the mandated people of an institution in
// force.
func (st *State) Institution(name string) (Founder, bool) {
	i := st.institutions[name]
	if i == nil || i.expelled {
		return Founder{}, false
	}
	return i.Founder, true
}

// EpochOf returns the newest epoch that an institution declared; "" before the
// first.
func (st *State) EpochOf(name string) string {
	if i := st.institutions[name]; i != nil {
		return i.epoch
	}
	return ""
}

// Granted returns the parties that may act as "researcher" or "auditor" now,
// sorted by name.
func (st *State) Granted(role string) []Party {
	want := roleResearcher
	if role == "auditor" {
		want = roleAuditor
	}
	var list []Party
	for _, name := range slices.Sorted(maps.Keys(st.parties)) {
		if p := st.parties[name]; p.role == want && !p.revoked {
			list = append(list, Party{Name: p.name, Key: p.key})
		}
	}
	return list
}

// Key returns the verifier key that a party signs with; false for a stranger
// and for one whose key was revoked.
func (st *State) Key(name string) (string, bool) {
	p := st.parties[name]
	if p == nil || p.revoked {
		return "", false
	}
	return p.key, true
}

// Revoked reports whether the key that a name signed with has ended.
func (st *State) Revoked(name string) bool {
	p := st.parties[name]
	return p != nil && p.revoked
}

// judgeEpoch: a node begins an epoch that its institution has not had.
func (st *State) judgeEpoch(s *Statement, b *Epoch) *Refusal {
	j := &judge{off: st.off}
	who := st.institution(s)
	j.refuse(!ValidName(b.Epoch), CodeBody, "an epoch has a name of 1 to 64 letters, digits, dots, underscores and hyphens")
	j.refuse(st.institutions[who].epochs[b.Epoch], CodeEpoch, who, b.Epoch)
	return j.r
}
