package audit

import (
	"maps"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/crypto"
)

// isolated refuses a sum over these institutions of a study when, beside a sum
// of another study that was or may be opened, it would tell what too few
// institutions gave: sets are equal, or differ by at least least institutions,
// or each institution in the difference accepted that when it approved. An
// institution whose records are of another epoch than in the other sum counts as
// different. Another codebook makes no records other ones. least is the study's
// min_institutions, raised to c+2 as its thresholds are: colluders subtract what
// they gave themselves.
func (st *State) isolated(study *Study, names []string, least int) *Refusal {
	mine := study.members(st, names)
	for _, id := range slices.Sorted(maps.Keys(st.Studies)) {
		other := st.Studies[id]
		if other == study {
			continue
		}
		need := max(least, other.Thresholds.MinInstitutions)
		for _, sum := range other.sums() {
			alone := apart(mine, other.members(st, sum))
			if len(alone) == 0 || len(alone) >= need {
				continue
			}
			refused := slices.ContainsFunc(alone, func(name string) bool {
				in := study
				if _, ok := mine[name]; !ok {
					in = other
				}
				return !in.acceptsAlone(name)
			})
			if refused {
				return Refuse(CodeIsolates, study.ID, other.ID, strings.Join(alone, ", "), need)
			}
		}
	}
	return nil
}

// sums returns the institutions of each sum of the study that was opened or may
// yet be: the frozen set, and before there is one the seats of every attempt
// that aborts did not close. An attempt counts from its `open`: whoever shows
// two histories of the log could else let two studies fix sets that neither
// history has together, and the votes of each would be in order.
func (s *Study) sums() (sums [][]string) {
	if frozen := s.Frozen(); frozen != nil {
		var names []string
		for _, p := range frozen {
			names = append(names, s.Roster[p-1])
		}
		return [][]string{names}
	}
	for _, at := range s.Rounds[s.Round-1] {
		if !at.Closed() {
			sums = append(sums, at.Seats())
		}
	}
	return sums
}

// WouldIsolate says, before a study is proposed, why a sum of it over these
// institutions would be refused beside an earlier study's; nil when it would not.
// What each accepts when it approves is not known yet and counts as nothing.
func (st *State) WouldIsolate(id string, minInstitutions int, names []string) *Refusal {
	c := st.charter()
	least := max(c.MinInstitutions, minInstitutions)
	if t, err := crypto.ThresholdsFor(len(names), c.Forgetful, least, c.AllowPair); err == nil {
		least = t.MinInstitutions
	}
	return st.isolated(&Study{ID: id, Charter: st.Charter}, names, least)
}

// members returns the epoch of each institution's records in this study.
func (s *Study) members(st *State, names []string) map[string]string {
	m := make(map[string]string, len(names))
	for _, name := range names {
		epoch, fixed := s.epochs[name]
		if !fixed || !s.begun() {
			epoch = st.EpochOf(name)
		}
		m[name] = epoch
	}
	return m
}

// apart returns the institutions that are in one sum only, or in both
// with records of different epochs.
func apart(a, b map[string]string) (names []string) {
	for name, epoch := range a {
		if other, ok := b[name]; !ok || other != epoch {
			names = append(names, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// acceptsAlone reports whether the institution approved this study with
// accept_isolated.
func (s *Study) acceptsAlone(institution string) bool {
	d := s.Decisions[institution]
	return d != nil && d.Body.(*Decision).Verdict == "approve" && d.Body.(*Decision).AcceptAlone
}

// Numbers returns how many numbers the study has opened or may have opened: of
// each round with a set that aborts did not close, once.
func (s *Study) Numbers() (n int64) {
	for i := range s.Rounds {
		n += s.numbersOf(i + 1)
	}
	return n
}

func (s *Study) numbersOf(round int) int64 {
	for _, at := range s.Rounds[round-1] {
		if at.Set != nil && !at.Closed() {
			return int64(at.open().Shape.Values())
		}
	}
	return 0
}
