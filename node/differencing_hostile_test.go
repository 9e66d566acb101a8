package node

import (
	"slices"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// hostile lets the coordinator try what no log prescribes.
func (h *history) hostile(a *asked) {
	s := h.st.Studies[a.id]
	at := s.Current()
	if at != nil && at.Set == nil && !at.Closed() {
		h.hostileSet(at)
		return
	}
	h.hostileOpen(a)
}

// hostileOpen opens with other rosters, seats, thresholds, questions or repeats
// than prescribed: fewer of them, more, or others.
func (h *history) hostileOpen(a *asked) bool {
	s := h.st.Studies[a.id]
	if s.Close != nil {
		return false
	}
	b, r := h.st.NextOpenAt(s, h.clock)
	if r != nil || b.Roster == nil {
		b = &audit.Open{Roster: s.Roster, T: s.Thresholds.T, C: s.Thresholds.C, MinInstitutions: s.Thresholds.MinInstitutions, Repeat: s.Frozen()}
	}
	if s.Roster == nil && h.chance(30) {
		b.Roster = []string{}
		for _, name := range s.Institutions {
			if a.readys[name] != (crypto.Digest{}) && h.chance(80) || h.chance(10) {
				b.Roster = append(b.Roster, name)
			}
		}
		charter := s.Charter.Body.(*audit.Charter)
		least := max(charter.MinInstitutions, s.Proposal.Body.(*audit.Proposal).MinInstitutions)
		if th, err := crypto.ThresholdsFor(len(b.Roster), charter.Forgetful, least, false); err == nil {
			b.T, b.C, b.MinInstitutions = th.T, th.C, th.MinInstitutions
		}
	}
	b.Roster, b.Repeat = append([]string{}, b.Roster...), append([]int{}, b.Repeat...)
	leave := h.rnd.IntN(3) * 15
	b.Seats = []audit.OpenSeat{}
	for i, name := range b.Roster {
		ready := a.readys[name]
		if ready == (crypto.Digest{}) && h.chance(10) {
			ready = a.ever[name]
		}
		if ready != (crypto.Digest{}) && !h.chance(leave) {
			b.Seats = append(b.Seats, audit.OpenSeat{Point: i + 1, Ready: ready})
		}
	}
	b.State, b.Shape = h.asks(a)
	switch h.rnd.IntN(6) {
	case 0:
		b.T--
	case 1:
		b.MinInstitutions--
	case 2:
		b.Repeat = nil
	case 3:
		b.Repeat = nil
		for _, seat := range b.Seats {
			b.Repeat = append(b.Repeat, seat.Point)
		}
	}
	return h.open(a, b)
}

// hostileSet fixes another set than the uploads: without somebody, or with
// somebody who gave nothing.
func (h *history) hostileSet(at *audit.Attempt) {
	points, absent := []int{}, []audit.Absence{}
	for _, seat := range at.Open.Body.(*audit.Open).Seats {
		gave := at.Updates[at.Name(seat.Point)] != nil
		if gave && h.chance(80) || h.chance(10) {
			points = append(points, seat.Point)
			continue
		}
		absent = append(absent, audit.Absence{Point: seat.Point, Reason: "no_update"})
	}
	if h.chance(10) {
		slices.Reverse(points)
	}
	h.set(at, points, absent)
}
