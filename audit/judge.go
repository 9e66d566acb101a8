package audit

import (
	"fmt"

	"github.com/smartstart-federation/smartstart/crypto"
)

// judgeBody holds the rules of who may say what and when. Nothing that it
// needs changes: a statement is judged by the entries before it alone.
func (st *State) judgeBody(s *Statement) *Refusal {
	j := &judge{off: st.off}
	if c, ok := s.Body.(*Charter); ok && st.Charter == nil {
		return st.judgeCharter(s, c)
	}
	if st.Charter == nil {
		return Refuse(CodeNoCharter)
	}
	p := st.parties[s.Signer]
	j.refuse(s.Type == TypeCharter && p.role == roleCoordinator, CodeCharterTwice)
	j.refuse(!st.maySign(p.role, s), CodeRole, s.Signer, s.Type)
	if j.r != nil {
		return j.r
	}
	switch b := s.Body.(type) {
	case *Charter:
		j.refuse(st.Members[p.institution] == nil, CodeNotEnrolled, p.institution)
		if j.r != nil {
			return j.r
		}
		return st.judgeAmendment(b)
	case *Member:
		return st.judgeMember(s, b)
	case *Endorse:
		return st.judgeEndorse(s, b)
	case *Epoch:
		return st.judgeEpoch(s, b)
	case *Proposal:
		return st.judgeProposal(s, b)
	case *Publish:
		return st.judgePublish(s, b)
	case *Dispute:
		if s.Study == "" {
			return st.judgeFork(j, s, b)
		}
	}
	study := st.Studies[s.Study]
	if study == nil {
		return Refuse(CodeNoStudy, s.Study)
	}
	j.refuse(study.Close != nil && s.Type != TypeAbort, CodeStudyClosed, s.Study) // what is given up stands in nobody's way
	if j.r != nil {
		return j.r
	}
	switch b := s.Body.(type) {
	case *Decision:
		return st.judgeDecision(study, s, b)
	case *Advice:
		return st.judgeAdvice(study, s, b)
	case *Proceed:
		return st.judgeProceed(study, s, b)
	case *Close:
		return st.judgeClose(study, s, b)
	case *Ready:
		return st.judgeReady(study, s, b)
	case *Open:
		return st.judgeOpen(study, s, b)
	}
	at := st.attempt(s.Study, s.Round, s.Attempt)
	if at == nil || at.ID != openOf(s.Body) {
		return Refuse(CodeNoAttempt, s.Study, s.Attempt, s.Round)
	}
	j.refuse(s.Round != study.Round, CodeRound, s.Study, study.Round, s.Round)
	_, aborts := s.Body.(*Abort)
	j.refuse(at.Closed() && !aborts, CodeClosed, at.Number, at.Round)
	seated := p.role != roleNode || at.Point(p.institution) > 0
	if !seated {
		return Refuse(CodeNoSeat, s.Signer)
	}
	j.refuse(at.said(p.institution, s.Type), CodeTwice, s.Signer, s.Type)
	if j.r != nil {
		return j.r
	}
	switch b := s.Body.(type) {
	case *Update:
		return st.judgeUpdate(study, at, s, b)
	case *Set:
		return st.judgeSet(study, at, b)
	case *Vote:
		return st.judgeVote(study, at, s, b)
	case *Abort:
		return st.judgeAbort(at, s, b)
	case *Release:
		return st.judgeRelease(at, s, b)
	case *Result:
		return st.judgeResult(at, b)
	case *Dispute:
		return st.judgeDispute(at, s, b)
	}
	return Refuse(CodeBody, fmt.Sprintf("type %s has no rule", s.Type))
}

// maySign reports whether keys of a role sign statements of this type.
func (st *State) maySign(r role, s *Statement) bool {
	switch s.Type {
	case TypeOpen, TypeSet, TypeResult:
		return r == roleCoordinator
	case TypeCharter, TypeMember, TypeEndorse: // entry 0 is judged apart
		return r == roleApprover
	case TypeDecision:
		return r == roleApprover || r == roleSecond
	case TypeAdvice:
		return r == roleOfficer
	case TypeProposal, TypeProceed, TypeClose, TypePublish:
		return r == roleResearcher
	case TypeDispute:
		return r == roleNode || s.Study == "" && r != roleCoordinator
	}
	return r == roleNode
}

// openOf returns the attempt that a statement inside one names.
func openOf(b Body) (id crypto.Digest) {
	switch b := b.(type) {
	case *Update:
		return b.Open
	case *Set:
		return b.Open
	case *Vote:
		return b.Open
	case *Abort:
		return b.Open
	case *Release:
		return b.Open
	case *Result:
		return b.Open
	case *Dispute:
		return b.Open
	}
	return id
}

// said reports whether the attempt holds a statement of this type by this
// institution, or by the coordinator, already.
func (at *Attempt) said(institution, typ string) bool {
	switch typ {
	case TypeUpdate:
		return at.Updates[institution] != nil
	case TypeSet:
		return at.Set != nil
	case TypeVote:
		return at.Votes[institution] != nil
	case TypeAbort:
		return at.Aborts[institution] != nil
	case TypeRelease:
		return at.Releases[institution] != nil
	case TypeResult:
		return at.Result != nil
	}
	return false
}

// institution returns the institution of a statement's signer; "" for the
// coordinator and the researchers.
func (st *State) institution(s *Statement) string { return st.parties[s.Signer].institution }
