package audit

import (
	"slices"
	"time"
)

// StaleReady is how long a `ready` says that its node is online. A node that
// runs renews it after RenewReady; one that sleeps does not.
const StaleReady = RenewReady + 5*time.Minute

// live reports whether the institution's newest `ready` for the next attempt
// is fresh at a moment.
func (s *Study) live(institution string, now time.Time) bool {
	m := s.ready[institution]
	return m != nil && now.Before(timeOf(m).Add(StaleReady))
}

// NextOpenAt is NextOpen for an `open` signed at a moment. It differs only
// where the approved study says on_late = "proceed": once enough institutions
// have been ready for the study's wait, the late ones have no seat. After a
// set is frozen nobody is late any more; everybody is waited for.
func (st *State) NextOpenAt(study *Study, now time.Time) (*Open, *Refusal) {
	b, r := st.NextOpen(study)
	if r != nil {
		return nil, r
	}
	if at := study.beginsAt(b, now); at.IsZero() || now.Before(at) {
		return b, nil
	}
	b.Seats = slices.DeleteFunc(b.Seats, func(seat OpenSeat) bool { return !study.live(b.Roster[seat.Point-1], now) })
	first := study.ready[b.Roster[b.Seats[0].Point-1]].Body.(*Ready)
	b.State, b.Shape = first.State, first.Shape
	return b, nil
}

// beginsAt returns when a study with on_late = "proceed" begins without those
// who are late, given who is ready now: its wait after enough of them were.
// Zero when it does not, or while too few are ready.
func (s *Study) beginsAt(b *Open, now time.Time) time.Time {
	p := s.Proposal.Body.(*Proposal)
	if p.OnLate != OnLateProceed || s.Frozen() != nil {
		return time.Time{}
	}
	var since []time.Time
	for _, seat := range b.Seats {
		if name := b.Roster[seat.Point-1]; s.live(name, now) {
			since = append(since, timeOf(s.first[name]))
		}
	}
	enough := max(b.T, b.MinInstitutions)
	if len(since) < enough {
		return time.Time{}
	}
	slices.SortFunc(since, time.Time.Compare)
	return since[enough-1].Add(time.Duration(p.Wait) * time.Second)
}
