package audit

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/smartstart-federation/smartstart/crypto"
)

// The legal grounds an approval can name: those of article 6 of the AVG, and
// the one for rehearsals with public or synthetic data.
const (
	GroundRehearsal          = "rehearsal"
	GroundPublicTask         = "public_task"
	GroundLegalObligation    = "legal_obligation"
	GroundVitalInterest      = "vital_interest"
	GroundLegitimateInterest = "legitimate_interest"
	GroundContract           = "contract"
	GroundConsent            = "consent" // of the person; never of an organisation
)

// Grounds returns the closed list of legal grounds.
func Grounds() []string {
	return []string{
		GroundRehearsal, GroundPublicTask, GroundLegalObligation, GroundVitalInterest,
		GroundLegitimateInterest, GroundContract, GroundConsent,
	}
}

// maxStudy is the largest study file in bytes.
const maxStudy = 32 << 10

// maxWait is the longest time, in seconds, that a study may wait for late
// institutions before it begins without them.
const maxWait = 24 * 60 * 60

// judgeProposal: a researcher of the charter proposes a study whose id is new.
func (st *State) judgeProposal(s *Statement, b *Proposal) *Refusal {
	j := &judge{off: st.off}
	j.refuse(st.Studies[s.Study] != nil, CodeStudyExists, s.Study)
	j.refuse(b.Study == "" || len(b.Study) > maxStudy, CodeBody, fmt.Sprintf("a study file has 1 to %d bytes", maxStudy))
	j.refuse(b.MinInstitutions < 0 || b.MinInstitutions > crypto.MaxInstitutions, CodeBody,
		fmt.Sprintf("min_institutions lies between 0 and %d", crypto.MaxInstitutions))
	p := st.parties[s.Signer]
	j.refuse(p.expires != "" && max(s.Time, st.dated)[:len(time.DateOnly)] > p.expires, CodeGrantExpired, s.Signer, p.expires)
	j.refuse(b.Numbers < 1, CodeNumbersMissing)
	j.refuse(st.charter().Numbers > 0 && b.Numbers > st.charter().Numbers, CodeNumbersCap, b.Numbers, st.charter().Numbers)
	late := b.OnLate == "" && b.Wait == 0 || b.OnLate == OnLateProceed && b.Wait >= 1 && b.Wait <= maxWait
	j.refuse(!late, CodeBody, fmt.Sprintf("on_late is empty, or proceed after a wait of 1 to %d seconds", maxWait))
	return j.r
}

// judgeDecision: an institution's approver answers the logged proposal. Once
// the first `open` has fixed who takes part, it can only withdraw or renew.
func (st *State) judgeDecision(study *Study, s *Statement, b *Decision) *Refusal {
	j := &judge{off: st.off}
	who := st.institution(s)
	j.refuse(b.Proposal != study.Proposal.Hash, CodeOtherProposal, s.Signer, s.Study)
	j.refuse(b.Institution != who, CodeBody, "an approver decides for its own institution")
	j.refuse(!slices.Contains(study.Institutions, who), CodeNotInRoster, who, s.Study)
	j.refuse(st.Members[who] == nil && b.Verdict != "withdraw", CodeNotEnrolled, who)
	j.refuse(!slices.Contains([]string{"approve", "deny", "withdraw"}, b.Verdict), CodeBody, "a decision is approve, deny or withdraw")
	j.refuse(!readable(b.Purpose), CodeBody, "a purpose is plain text without control characters")
	begun := study.Roster != nil
	late := begun && (b.Verdict == "deny" || !study.Approved(who))
	j.refuse(late, CodeTooLate, who, shorten(b.Verdict), s.Study)
	j.refuse(b.Verdict == "withdraw" && !study.Approved(who), CodeNotApproved, who, s.Study)
	if b.Verdict == "approve" {
		rehearsal := b.Ground == GroundRehearsal
		j.refuse(!slices.Contains(Grounds(), b.Ground), CodeApproval, "the ground is not one of "+strings.Join(Grounds(), ", "))
		j.refuse(rehearsal != study.charter().Rehearsal, CodeApproval, "a rehearsal has the ground rehearsal, and only a rehearsal has it")
		j.refuse(!rehearsal && b.DPIA.IsZero(), CodeApproval, "the digest of the DPIA is missing")
		j.refuse(strings.TrimSpace(b.Purpose) == "", CodeApproval, "the purpose is missing")
		j.refuse(!validDate(b.Expires), CodeApproval, "the end date is missing or not as 2027-07-31")
		j.refuse(validDate(b.Expires) && s.Time[:len(b.Expires)] > b.Expires, CodeApproval, "the end date has passed")
	}
	return j.r
}

// judgeProceed: the proposer goes on without named institutions. After the
// first opening nobody can be left out any more.
func (st *State) judgeProceed(study *Study, s *Statement, b *Proceed) *Refusal {
	j := &judge{off: st.off}
	j.refuse(s.Signer != study.Proposer(), CodeNotProposer, s.Signer, s.Study)
	j.refuse(study.Frozen() != nil, CodeProceed, s.Study, "a sum may have been opened, and later sums have exactly the same institutions")
	j.refuse(!increasing(b.Without), CodeProceed, s.Study, "the names must be in strictly increasing order")
	for _, name := range b.Without {
		j.refuse(!slices.Contains(study.Institutions, name), CodeProceed, s.Study, shorten(name)+" was no institution of the federation when the study was proposed")
	}
	return j.r
}

// judgeClose: the proposer ends the study.
func (st *State) judgeClose(study *Study, s *Statement, b *Close) *Refusal {
	j := &judge{off: st.off}
	j.refuse(s.Signer != study.Proposer(), CodeNotProposer, s.Signer, s.Study)
	j.refuse(!slices.Contains([]string{"finished", "failed", "stopped"}, b.Reason), CodeBody, "a study is finished, failed or stopped")
	if b.Reason == "finished" {
		j.refuse(study.Round == 1, CodeCloseEarly, s.Study, "no sum was opened")
		j.refuse(b.State.IsZero(), CodeCloseEarly, s.Study, "the final model state is not named")
	}
	return j.r
}

// judgeAdvice: an institution's data protection officer advises on the logged
// proposal.
func (st *State) judgeAdvice(study *Study, s *Statement, b *Advice) *Refusal {
	j := &judge{off: st.off}
	j.refuse(b.Proposal != study.Proposal.Hash, CodeOtherProposal, s.Signer, s.Study)
	j.refuse(b.Institution != st.institution(s), CodeBody, "an officer advises its own institution")
	j.refuse(!slices.Contains([]string{"agree", "agree_if", "object"}, b.Advice), CodeBody, "an advice is agree, agree_if or object")
	j.refuse(!readable(b.Text), CodeBody, "an advice is plain text without control characters")
	j.refuse(len(b.Text) > maxAdvice || b.Advice != "agree" && strings.TrimSpace(b.Text) == "", CodeBody,
		fmt.Sprintf("an advice that is not plain agreement says why, in at most %d bytes", maxAdvice))
	return j.r
}

// maxAdvice is the longest text of an advice in bytes.
const maxAdvice = 1000

// decide takes an institution's answer. With a second approver, an approval is
// in force once both have signed the same; a denial or withdrawal of either is
// at once. What was signed with a key that was replaced since does not count.
func (s *Study) decide(st *State, m *Statement, b *Decision) {
	who := b.Institution
	second := st.institutions[who].Second
	if b.Verdict != "approve" || second.IsZero() || st.off[CodeSecond] {
		s.Decisions[who] = m
		delete(s.Half, who)
		return
	}
	half := s.Half[who]
	if half == nil || !st.inForce(half) || half.Signer == m.Signer || *half.Body.(*Decision) != *b {
		s.Half[who] = m
		return
	}
	s.Decisions[who] = m
	delete(s.Half, who)
}
