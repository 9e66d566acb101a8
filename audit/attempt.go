package audit

import (
	"maps"
	"slices"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Attempt is one try at the encrypted sum of a round: everything that was said
// in it. The maps are by institution. Read only.
type Attempt struct {
	Study    string
	Round    int
	Number   int
	ID       crypto.Digest // leaf hash of Open
	Open     *Statement
	Readys   map[string]*Statement // the `ready` that each seat counts on
	Updates  map[string]*Statement
	Set      *Statement // nil until fixed
	Votes    map[string]*Statement
	Aborts   map[string]*Statement
	Releases map[string]*Statement
	Disputes []*Statement // in order
	Result   *Statement   // nil until stated

	thresholds  crypto.Thresholds
	closing     int   // aborts that close it
	certifiedAt int64 // index of the t-th vote; -1 before it
}

func newAttempt(m *Statement, b *Open) *Attempt {
	return &Attempt{
		Study: m.Study, Round: m.Round, Number: m.Attempt, ID: m.Hash, Open: m,
		Readys:  make(map[string]*Statement, len(b.Seats)),
		Updates: map[string]*Statement{}, Votes: map[string]*Statement{},
		Aborts: map[string]*Statement{}, Releases: map[string]*Statement{},
		certifiedAt: -1,
	}
}

// take folds a judged statement of this attempt.
func (at *Attempt) take(st *State, m *Statement) {
	who := st.institution(m)
	switch b := m.Body.(type) {
	case *Update:
		at.Updates[who] = m
		st.named[b.Frames.Digest] = true
		st.named[b.Boxes.Digest] = true
		st.named[b.Projection.Digest] = true
	case *Dispute:
		at.Disputes = append(at.Disputes, m)
	case *Set:
		at.Set = m
	case *Vote:
		at.Votes[who] = m
		if len(at.Votes) == at.thresholds.T {
			at.certifiedAt = m.Index
		}
	case *Abort:
		at.Aborts[who] = m
	case *Release:
		at.Releases[who] = m
	case *Result:
		at.Result = m
	}
}

// Certified reports whether t votes are logged: holders may release.
func (at *Attempt) Certified() bool { return at.certifiedAt >= 0 }

// Closed reports whether enough aborts are logged that the attempt can never be
// opened: of the m seats with k aborts at most m-k honest holders are left, and
// even with c colluders and r forgetful ones among those that aborted they are
// fewer than t.
func (at *Attempt) Closed() bool { return len(at.Aborts) >= at.closing }

// MayGiveUp reports whether an institution's abort would count and nobody needs
// its release: the attempt has no certificate, and aborts have not closed it.
func (at *Attempt) MayGiveUp(institution string) bool {
	return at.Point(institution) > 0 && at.Aborts[institution] == nil && !at.Certified() && !at.Closed()
}

// Closing returns how many aborts close the attempt: m - t + c + r + 1 of its m
// seats, never more than t.
func (at *Attempt) Closing() int { return at.closing }

// Valid reports whether a valid result is logged.
func (at *Attempt) Valid() bool { return at.Result != nil && at.Result.Body.(*Result).Valid }

// Seats returns the institutions that take part, in the order of the seats.
func (at *Attempt) Seats() []string {
	b := at.open()
	names := make([]string, len(b.Seats))
	for i, seat := range b.Seats {
		names[i] = b.Roster[seat.Point-1]
	}
	return names
}

// Point returns the institution's point; 0 when it has no seat.
func (at *Attempt) Point(institution string) int {
	b := at.open()
	for _, seat := range b.Seats {
		if b.Roster[seat.Point-1] == institution {
			return seat.Point
		}
	}
	return 0
}

// Name returns the institution at a point of the roster; "" when there is none.
func (at *Attempt) Name(point int) string {
	if roster := at.open().Roster; point >= 1 && point <= len(roster) {
		return roster[point-1]
	}
	return ""
}

// Crypto returns what was agreed for the encryption of this attempt.
func (at *Attempt) Crypto(*State) crypto.Attempt {
	b := at.open()
	a := crypto.Attempt{ID: at.ID, Shape: b.Shape, Thresholds: at.thresholds}
	for _, seat := range b.Seats {
		key := at.Readys[b.Roster[seat.Point-1]].Body.(*Ready).Key
		a.Holders = append(a.Holders, crypto.Holder{Point: seat.Point, Key: key})
	}
	return a
}

// Certificate returns the value that lets a holder release: t votes of
// distinct holders for exactly the logged set and root. False while there are
// fewer, or when the attempt was closed.
func (at *Attempt) Certificate() (crypto.Certificate, bool) {
	if !at.Certified() || at.Closed() {
		return crypto.Certificate{}, false
	}
	var voters []int
	for name := range at.Votes {
		voters = append(voters, at.Point(name))
	}
	slices.Sort(voters)
	set := at.set()
	c, err := crypto.Certify(at.Crypto(nil), crypto.Set(set.Points), set.Root, voters)
	return c, err == nil
}

// open and set are the bodies of the attempt's two framing statements.
func (at *Attempt) open() *Open { return at.Open.Body.(*Open) }
func (at *Attempt) set() *Set   { return at.Set.Body.(*Set) }

// copy returns an Attempt whose maps stay as they are while the log goes on.
func (at *Attempt) copy() *Attempt {
	c := *at
	c.Readys, c.Updates = maps.Clone(at.Readys), maps.Clone(at.Updates)
	c.Disputes = slices.Clone(at.Disputes)
	c.Votes, c.Aborts, c.Releases = maps.Clone(at.Votes), maps.Clone(at.Aborts), maps.Clone(at.Releases)
	return &c
}

// Attempt returns a copy of one attempt as it stands now; nil if there is none.
func (st *State) Attempt(study string, round, attempt int) *Attempt {
	if at := st.attempt(study, round, attempt); at != nil {
		return at.copy()
	}
	return nil
}

func (st *State) attempt(study string, round, attempt int) *Attempt {
	s := st.Studies[study]
	if s == nil || round < 1 || round > len(s.Rounds) || attempt < 1 || attempt > len(s.Rounds[round-1]) {
		return nil
	}
	return s.Rounds[round-1][attempt-1]
}
