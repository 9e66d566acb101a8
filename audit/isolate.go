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
// they gave themselves. A study that has opened a sum was held against the others
// then, and later sums of theirs are held against it: nobody that takes no part in
// it stops it by taking back what it accepted in another.
func (st *State) isolated(study *Study, names []string, tried trial) *Refusal {
	opened := study.Round > 1
	mine := study.members(st, names)
	for _, id := range slices.Sorted(maps.Keys(st.Studies)) {
		other := st.Studies[id]
		if other == study {
			continue
		}
		need := max(tried.least, other.Thresholds.MinInstitutions)
		for _, sum := range other.sums() {
			far := need
			switch {
			case sum.at == nil: // a set
			case opened: // and so a set
				if sum.at.Set != nil {
					continue
				}
			case !tried.meets(study, other, sum.at): // the votes for a smaller one may be in another history
				far += tried.spare + sum.at.spare()
			case sum.at.Set != nil:
				continue
			}
			alone := apart(mine, other.members(st, sum.names))
			if far == need && len(alone) == 0 || len(alone) >= far {
				continue
			}
			refused := far > need || slices.ContainsFunc(alone, func(name string) bool {
				if _, ok := mine[name]; ok {
					return !study.acceptsAlone(name)
				}
				return !opened && !other.acceptsAlone(name)
			})
			if refused {
				return Refuse(CodeIsolates, study.ID, other.ID, strings.Join(alone, ", "), far)
			}
		}
	}
	return nil
}

// trial is what the rule needs to know of the attempt whose sum is judged.
type trial struct {
	seats []string
	t     int // votes that certify a set
	c     int // who may collude, of the study's roster: seats may be fewer
	least int
	spare int // seats that the set may yet lose
}

// meets reports whether the certificates of this attempt and of another study's
// share an honest holder that remembers. Its votes stand in one history, where
// the later of the two sets was held against the earlier. Where they share none,
// each set can be fixed in a history that does not show the other.
func (a trial) meets(study, other *Study, at *Attempt) bool {
	all := len(a.seats)
	for _, name := range at.Seats() {
		if !slices.Contains(a.seats, name) {
			all++
		}
	}
	forget := max(study.charter().Forgetful, other.charter().Forgetful)
	return a.t+at.thresholds.T > all+min(a.c, other.Thresholds.C)+forget
}

// spare is how many seats of the attempt a set may leave out.
func (at *Attempt) spare() int {
	return max(0, len(at.open().Seats)-max(at.thresholds.T, at.thresholds.MinInstitutions))
}

// sum is one sum that was opened or may yet be.
type sum struct {
	names []string
	at    *Attempt // whose seats they are, while no set of it has its votes; nil of a set
}

// sums returns the institutions of each sum of the study that was opened or may
// yet be: the frozen set, and while no set has its certificate the seats of every
// attempt that aborts did not close. An attempt counts from its `open`: whoever
// shows two histories of the log could else let two studies fix sets that neither
// history has together, and the votes of each would be in order.
func (s *Study) sums() (sums []sum) {
	if frozen := s.Frozen(); frozen != nil {
		var names []string
		for _, p := range frozen {
			names = append(names, s.Roster[p-1])
		}
		sums = append(sums, sum{names, nil})
	}
	for _, attempts := range s.Rounds {
		for _, at := range attempts {
			if at.Certified() && !at.Closed() {
				return sums
			}
		}
	}
	for _, at := range s.Rounds[s.Round-1] {
		if !at.Closed() {
			sums = append(sums, sum{at.Seats(), at})
		}
	}
	return sums
}

// WouldIsolate says, before a study is proposed, why a sum of it over these
// institutions would be refused beside an earlier study's; nil when it would not.
// What each accepts when it approves is not known yet and counts as nothing.
func (st *State) WouldIsolate(id string, minInstitutions int, names []string) *Refusal {
	c := st.charter()
	a := trial{seats: names, least: max(c.MinInstitutions, minInstitutions)}
	if t, err := crypto.ThresholdsFor(len(names), c.Forgetful, a.least, c.AllowPair); err == nil {
		a.least, a.t, a.c = t.MinInstitutions, t.T, t.C
	}
	return st.isolated(&Study{ID: id, Charter: st.Charter}, names, a)
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
