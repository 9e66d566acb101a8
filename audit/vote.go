package audit

import (
	"slices"

	"github.com/smartstart-federation/smartstart/crypto"
)

// judgeVote: a holder that still holds what its `ready` promised, once, for
// exactly the logged set, which it had seen.
func (st *State) judgeVote(study *Study, at *Attempt, s *Statement, b *Vote) *Refusal {
	j := &judge{off: st.off}
	who := st.institution(s)
	if at.Set == nil {
		return Refuse(CodeNoSet)
	}
	set := at.set()
	j.refuse(!slices.Equal(b.Points, set.Points) || b.Root != set.Root, CodeOtherSet, who)
	j.refuse(s.Seen.Size <= at.Set.Index, CodeSeenSet, who, at.Set.Index)
	j.refuse(s.Boot != at.Readys[who].Boot, CodeRestarted, who)
	j.refuse(at.Aborts[who] != nil, CodeAborted, who)
	j.refuse(at.disputes(who, set.Points), CodeDisputed, who)
	for _, p := range set.Points {
		name := at.Name(p)
		j.refuse(study.Withdrawn(name), CodeWithdrawn, name)
	}
	return j.r
}

// judgeAbort: a holder in the same start as its `ready` says that it has not
// released and never will.
func (st *State) judgeAbort(at *Attempt, s *Statement, b *Abort) *Refusal {
	j := &judge{off: st.off}
	who := st.institution(s)
	j.refuse(s.Boot != at.Readys[who].Boot, CodeRestarted, who)
	j.refuse(at.Releases[who] != nil, CodeReleased, who)
	j.refuse(!slices.Contains([]string{"no_certificate", "cannot_accept", "withdrawn"}, b.Reason), CodeBody,
		"an abort has the reason no_certificate, cannot_accept or withdrawn")
	j.refuse(!increasing(b.Cannot), CodeBody, "points are out of order")
	for _, p := range b.Cannot {
		j.refuse(at.Updates[at.Name(p)] == nil, CodeBody, "an abort names a contributor without an update")
	}
	return j.r
}

// judgeRelease: a holder that voted for the certified set and has seen its
// certificate, once.
func (st *State) judgeRelease(at *Attempt, s *Statement, b *Release) *Refusal {
	j := &judge{off: st.off}
	who := st.institution(s)
	j.refuse(at.Votes[who] == nil, CodeNotVoted, who)
	j.refuse(!at.Certified(), CodeNoCertificate, len(at.Votes), at.thresholds.T)
	j.refuse(s.Seen.Size <= at.certifiedAt, CodeSeenVotes, who)
	j.refuse(at.Aborts[who] != nil, CodeAborted, who)
	j.refuse(b.Sum.Size != crypto.ReleaseSize || b.Sum.Digest.IsZero(), CodeBody, "a release has another size than its bytes must have")
	return j.r
}

// judgeResult: what the coordinator says that at least t releases open.
func (st *State) judgeResult(at *Attempt, b *Result) *Refusal {
	j := &judge{off: st.off}
	j.refuse(!at.Certified(), CodeNoCertificate, len(at.Votes), at.thresholds.T)
	j.refuse(len(at.Releases) < at.thresholds.T, CodeFewReleases, len(at.Releases), at.thresholds.T)
	j.refuse(!increasing(b.Used) || !increasing(b.Wrong), CodeUsed)
	for _, p := range b.Used {
		j.refuse(at.Releases[at.Name(p)] == nil || slices.Contains(b.Wrong, p), CodeUsed)
	}
	for _, p := range b.Wrong {
		j.refuse(at.Releases[at.Name(p)] == nil, CodeUsed)
	}
	j.refuse(b.CanaryMax < 0, CodeResult, "its canaries are a size, which is not negative")
	if b.Valid {
		j.refuse(len(b.Used) < at.thresholds.T, CodeFewReleases, len(b.Used), at.thresholds.T)
		j.refuse(b.Reason != "", CodeResult, "it is valid and has a reason why not")
		j.refuse(b.Sums.IsZero(), CodeResult, "it names no sums")
		j.refuse(b.CanaryMax > crypto.CanaryTolerance, CodeResult, "its canaries are out of bounds")
	} else {
		j.refuse(b.Reason != "canary" && b.Reason != "range", CodeResult, "it is not valid and the reason is neither canary nor range")
		j.refuse(!b.Sums.IsZero(), CodeResult, "it is not valid and names sums")
	}
	return j.r
}
