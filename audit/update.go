package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/crypto"
)

// judgeUpdate: a seat names what it uploaded, before the set is fixed, in
// exactly the sizes that the attempt implies, and never bytes that were
// uploaded before.
func (st *State) judgeUpdate(study *Study, at *Attempt, s *Statement, b *Update) *Refusal {
	j := &judge{off: st.off}
	who := st.institution(s)
	shape, seats := at.open().Shape, len(at.open().Seats)
	j.refuse(at.Set != nil, CodeLate, who)
	j.refuse(study.Withdrawn(who), CodeNotApproved, who, s.Study)
	size := int64(crypto.ProjectionSize(at.thresholds.T))
	j.refuse(b.Projection.Size != size || b.Projection.Digest.IsZero(), CodeProjection, who, size)
	j.refuse(b.Frames.Size != shape.FrameSize(), CodeSizes, who,
		fmt.Sprintf("frames of %d bytes; the shape implies %d", b.Frames.Size, shape.FrameSize()))
	boxes := int64(crypto.BoxSize) * int64(seats)
	j.refuse(b.Boxes.Size != boxes, CodeSizes, who, fmt.Sprintf("boxes of %d bytes; %d seats imply %d", b.Boxes.Size, seats, boxes))
	j.refuse(len(b.BoxDigests) != seats || len(b.Shares) != seats, CodeSizes, who, fmt.Sprintf("digests for other than %d seats", seats))
	j.refuse(st.named[b.Frames.Digest] || st.named[b.Boxes.Digest] || st.named[b.Projection.Digest], CodeCopied, who)
	return j.r
}

// judgeSet: exactly the seats whose update is logged and who have not
// withdrawn, and nobody left out whom the study waits for; after the first
// opening exactly the frozen set.
func (st *State) judgeSet(study *Study, at *Attempt, b *Set) *Refusal {
	j := &judge{off: st.off}
	points, absent := study.nextSet(at)
	roster := at.open().Roster
	j.refuse(!increasing(b.Points), CodeSetMembers, "points are out of order")
	j.refuse(!slices.Equal(b.Points, points), CodeSetMembers, difference(roster, b.Points, points))
	need := max(at.thresholds.MinInstitutions, at.thresholds.T)
	j.refuse(len(b.Points) < need, CodeSetSmall, len(b.Points), need)
	if frozen := study.Frozen(); frozen != nil {
		j.refuse(!slices.Equal(b.Points, frozen), CodeSetFrozen)
	}
	if r := st.judgeBeside(study, at, points); r != nil && j.r == nil {
		return r
	}
	if late := study.waitsFor(at); len(late) > 0 {
		j.refuse(true, CodeSetWaits, strings.Join(late, ", "))
	}
	j.refuse(!slices.Equal(b.Absent, absent), CodeAbsent)
	j.refuse(b.Root.IsZero(), CodeBody, "a set names the root of the sum")
	return j.r
}

// judgeBeside holds the set of an attempt against the sums of other studies.
func (st *State) judgeBeside(study *Study, at *Attempt, points []int) *Refusal {
	if st.off[CodeIsolates] {
		return nil
	}
	names := make([]string, len(points))
	for i, p := range points {
		names[i] = at.Name(p)
	}
	return st.isolated(study, names, trial{at.Seats(), at.thresholds.T, at.thresholds.C, at.thresholds.MinInstitutions, 0})
}

// NextSet returns the points and absences that the set of an attempt must have
// if it is signed now.
func (st *State) NextSet(study string, round, attempt int) (points []int, absent []Absence) {
	at := st.attempt(study, round, attempt)
	if at == nil {
		return nil, nil
	}
	return st.Studies[study].nextSet(at)
}

// waitsFor returns the seats without an update without whom no set may be
// fixed: all of them, unless the approved study says on_late = "proceed" or the
// researcher named them in `proceed`. Coordinators are not free to leave out
// whoever was slow.
func (s *Study) waitsFor(at *Attempt) (names []string) {
	if s.Proposal.Body.(*Proposal).OnLate == OnLateProceed {
		return nil
	}
	_, absent := s.nextSet(at)
	for _, a := range absent {
		if name := at.Name(a.Point); a.Reason == "no_update" && !slices.Contains(s.Without(), name) {
			names = append(names, name)
		}
	}
	return names
}

func (s *Study) nextSet(at *Attempt) (points []int, absent []Absence) {
	points, absent = []int{}, []Absence{}
	for _, seat := range at.open().Seats {
		name := at.Name(seat.Point)
		switch {
		case s.Withdrawn(name):
			absent = append(absent, Absence{seat.Point, "withdrawn"})
		case at.Updates[name] == nil:
			absent = append(absent, Absence{seat.Point, "no_update"})
		default:
			points = append(points, seat.Point)
		}
	}
	return points, absent
}
