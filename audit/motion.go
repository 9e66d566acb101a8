package audit

import (
	"fmt"
	"slices"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Motion is a statement that takes effect when enough institutions have
// endorsed it: an amended charter, a change of membership, a publication.
type Motion struct {
	Statement *Statement
	Endorsed  map[string]*Statement // by institution; the mover's own statement when an approver moved
	InForce   *Statement            // the statement with which the quorum was there; nil before it
}

// Quorum returns how many institutions must agree before a motion is in force
// and before a checkpoint counts as co-signed: more than (n+c+r)/2 of
// the n institutions in force, so that any two quorums share an honest
// institution that remembers when at most c conspire and r forget. Those that have not enrolled count in n: else the
// first to enrol would decide for all, and two histories could each have a
// quorum of their own.
func (st *State) Quorum() int {
	return quorum(len(st.Institutions()), st.charter().Forgetful)
}

// quorum of n institutions of whom r may forget: more than (n+c+r)/2.
func quorum(n, r int) int { return (n+colluders(n, r)+r)/2 + 1 }

// colluders is the c of the threshold rule, which asks for 2t >= n+c+r+1 and
// t <= n-c (crypto.ThresholdsFor), also for the small n that cannot compute.
func colluders(n, r int) int { return max(0, (n-1-r)/3) }

// Need returns how many endorsements put a motion in force, and of whom. For a
// publication it is a quorum of the study's roster, else of all in force; only
// enrolled ones can sign.
func (st *State) Need(m *Motion) (need int, voters []string) {
	if m.Statement.Type == TypePublish {
		s := st.Studies[m.Statement.Study]
		voters = slices.DeleteFunc(slices.Clone(s.Roster), func(name string) bool { return st.institutions[name].expelled })
		return quorum(s.Thresholds.N, s.charter().Forgetful), voters
	}
	return st.Quorum(), st.Enrolled()
}

// Endorsers returns the institutions whose endorsement of a motion counts now,
// sorted.
func (st *State) Endorsers(m *Motion) []string {
	_, voters := st.Need(m)
	return slices.DeleteFunc(slices.Clone(voters), func(name string) bool {
		s := m.Endorsed[name]
		return s == nil || !st.inForce(s)
	})
}

// inForce reports whether the key that signed a statement is the signer's key
// now: what was agreed to under a key that was replaced does not count.
func (st *State) inForce(s *Statement) bool {
	p := st.parties[s.Signer]
	return st.off[CodeEndorsed] || st.off[CodeSignature] || !p.revoked && p.verifier.KeyHash() == s.keyHash
}

// move takes a judged motion: its mover's institution, if it has one, agrees.
func (st *State) move(s *Statement) {
	m := &Motion{Statement: s, Endorsed: map[string]*Statement{}}
	st.Motions[s.Hash] = m
	if who := st.institution(s); who != "" {
		m.Endorsed[who] = s
	}
	st.settle(m, s)
}

// judgeEndorse: an enrolled institution agrees, once, with a motion that could
// still take effect.
func (st *State) judgeEndorse(s *Statement, b *Endorse) *Refusal {
	j := &judge{off: st.off}
	who := st.institution(s)
	m := st.Motions[b.Motion]
	if m == nil || m.Statement.Study != s.Study {
		return Refuse(CodeNoMotion, s.Signer)
	}
	_, voters := st.Need(m)
	j.refuse(!slices.Contains(voters, who), CodeNotEnrolled, who)
	j.refuse(m.Endorsed[who] != nil && st.inForce(m.Endorsed[who]), CodeEndorsed, who)
	j.refuse(m.InForce != nil, CodeMotionOver, "it is in force already")
	if j.r != nil {
		return j.r
	}
	j.refuse(m.Statement.Index < st.changed[subject(m.Statement.Body)], CodeMotionOver, "what it is about was changed since")
	if r := st.judgeMotion(m.Statement); r != nil {
		j.refuse(true, CodeMotionOver, r.Sentence)
	}
	return j.r
}

func (st *State) takeEndorse(s *Statement, b *Endorse) {
	m := st.Motions[b.Motion]
	m.Endorsed[st.institution(s)] = s
	st.settle(m, s)
}

// settle puts a motion in force when its quorum is there. last is the statement
// that may have completed it.
func (st *State) settle(m *Motion, last *Statement) {
	need, _ := st.Need(m)
	if st.off[CodeQuorum] {
		need = 0
	}
	if len(st.Endorsers(m)) < need {
		return
	}
	m.InForce = last
	if s := subject(m.Statement.Body); s != "" {
		st.changed[s] = last.Index
	}
	switch b := m.Statement.Body.(type) {
	case *Charter:
		st.Charter = m.Statement
	case *Member:
		st.enforce(b)
	case *Publish:
		st.Studies[m.Statement.Study].Published = m.Statement
	}
}

// subject names what a motion is about, "" for a publication: a change of it makes older motions void,
// because those who agreed to them saw another state of affairs. A node's key is
// apart from its institution: an institution changes that alone, and would stop
// its own expulsion with it, or a thief the replacement of the approver's key.
func subject(b Body) string {
	switch b := b.(type) {
	case *Charter:
		return "charter"
	case *Member:
		switch b.Act {
		case ActAdmit:
			return "membership of " + b.Admit.Institution
		case ActExpel:
			return "membership of " + b.Institution
		case ActEnrol:
			return "institution " + b.Institution
		case ActGrant:
			return "party " + b.Grant.Party.Name
		default: // revoke: of a node, whose name is its institution's, or of another party
			return "institution " + b.Revoke
		}
	}
	return ""
}

// judgeMotion holds the rules of what is moved. It is asked again at every
// endorsement, because the log has gone on since.
func (st *State) judgeMotion(s *Statement) *Refusal {
	switch b := s.Body.(type) {
	case *Charter:
		return st.judgeAmendment(b)
	case *Member:
		if b.Charter != st.Charter.Hash && !st.off[CodeOtherCharter] {
			return Refuse(CodeOtherCharter, s.Signer)
		}
		return st.judgeChange(b)
	case *Publish:
		return st.judgePublish(s, b)
	}
	return Refuse(CodeNoMotion, s.Signer)
}

// judgePublish: the proposer of a finished study names a document, once.
func (st *State) judgePublish(s *Statement, b *Publish) *Refusal {
	j := &judge{off: st.off}
	study := st.Studies[s.Study]
	if study == nil {
		return Refuse(CodeNoStudy, s.Study)
	}
	j.refuse(s.Signer != study.Proposer(), CodeNotProposer, s.Signer, s.Study)
	finished := study.Close != nil && study.Close.Body.(*Close).Reason == "finished"
	j.refuse(!finished, CodePublish, s.Study, "it is not closed as finished")
	j.refuse(finished && b.Close != study.Close.Hash, CodePublish, s.Study, "it names another `close`")
	j.refuse(study.Published != nil, CodePublish, s.Study, "its results are public already")
	open := 0
	for _, m := range st.Motions {
		if m.Statement.Type == TypePublish && m.Statement.Study == s.Study && m.Statement.Hash != s.Hash {
			open++
		}
	}
	j.refuse(open >= maxPublish, CodePublish, s.Study, fmt.Sprintf("%d documents were put forward already", maxPublish))
	j.refuse(b.Document.Digest == crypto.Digest{} || b.Document.Size < 1 || b.Document.Size > maxDocument, CodePublish, s.Study, "a document has 1 byte to 1 MiB")
	return j.r
}

// maxPublish is how many documents of one study may be put forward: each is kept.
const maxPublish = 10

// maxDocument is the largest published document in bytes.
const maxDocument = 1 << 20
