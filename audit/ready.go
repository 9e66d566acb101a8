package audit

import (
	"slices"
	"time"

	"github.com/smartstart-federation/smartstart/crypto"
)

// judgeReady: a node of an institution whose approval is alive is online for
// exactly the next attempt of the current round, with a key nobody has used.
func (st *State) judgeReady(study *Study, s *Statement, b *Ready) *Refusal {
	j := &judge{off: st.off}
	who := st.institution(s)
	j.refuse(s.Round != study.Round, CodeRound, s.Study, study.Round, s.Round)
	j.refuse(s.Attempt != study.NextAttempt(), CodeAttemptNumber, s.Study, study.Round, study.NextAttempt(), s.Attempt)
	j.refuse(!study.MayFollow(), CodeNotClosed, study.NextAttempt()-1, study.Round)
	j.refuse(!study.Approved(who), CodeNotApproved, who, s.Study)
	if j.r != nil {
		return j.r
	}
	if d, ok := study.Decisions[who]; ok {
		expires := d.Body.(*Decision).Expires
		j.refuse(s.Time[:len(time.DateOnly)] > expires, CodeExpired, who, s.Study, expires)
	}
	j.refuse(study.Roster != nil && !study.takesPart(who), CodeNotInRoster, who, s.Study)
	if err := crypto.CheckKey(b.Key); err != nil {
		j.refuse(true, CodeAttemptKey, who, err.Error())
	}
	j.refuse(st.used[keyDigest(b.Key)], CodeAttemptKey, who, "it was used before")
	j.refuse(b.State.IsZero(), CodeBody, "a `ready` names the model state")
	n := len(study.Roster)
	if n == 0 {
		n = len(study.approved())
	}
	if err := b.Shape.Check(n); err != nil {
		j.refuse(true, CodeShape, err.Error())
	}
	return j.r
}

// takesPart reports whether an institution can still have a seat, once the
// roster is fixed.
func (s *Study) takesPart(institution string) bool {
	i, ok := slices.BinarySearch(s.Roster, institution)
	if !ok {
		return false
	}
	frozen := s.Frozen()
	return frozen == nil || slices.Contains(frozen, i+1)
}
