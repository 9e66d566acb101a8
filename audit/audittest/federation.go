package audittest

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Origin is the name of a test log.
const Origin = "log.example/smartstart"

// Federation is a log under construction and everybody's keys.
type Federation struct {
	T            testing.TB
	State        *audit.State
	Leaves       [][]byte
	Clock        time.Time // moves one second a statement
	Institutions []string
	Coordinator  *Signer
	Researcher   *Signer
	Approvers    map[string]*Signer
	Nodes        map[string]*Signer
	CharterBody  *audit.Charter

	// Before, if it is not nil, is called by Say with what is about to be said,
	// so that a test can say something else first.
	Before func(s *Signer, h audit.Header, b audit.Body)

	keys int
}

// Plan returns a federation of n institutions whose log is still empty.
func Plan(t testing.TB, n int) *Federation {
	f := &Federation{
		T: t, Clock: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC),
		Coordinator: NewSigner(Origin, ""), Researcher: NewSigner("researcher", ""),
		Approvers: map[string]*Signer{}, Nodes: map[string]*Signer{},
	}
	f.State = audit.NewState(Origin, f.Coordinator.Party.Key)
	f.CharterBody = &audit.Charter{
		Protocol: audit.Protocol, Name: "Test federation", Coordinator: f.Coordinator.Party,
		Researchers: []audit.Party{f.Researcher.Party}, Parameters: crypto.Parameters,
		MinInstitutions: 2, Codebook: crypto.DigestOf([]byte(Codebook)), Rehearsal: true, Retention: "one year",
	}
	for i := range n {
		name := fmt.Sprintf("board%02d", i+1)
		f.Institutions = append(f.Institutions, name)
		f.Approvers[name] = NewSigner(name+".approver", "")
		f.Nodes[name] = NewSigner(name, "")
		f.CharterBody.Founders = append(f.CharterBody.Founders, audit.Founder{Institution: name, Approver: f.Approvers[name].Party})
	}
	return f
}

// New returns a federation of n institutions that have all enrolled.
func New(t testing.TB, n int) *Federation {
	f := Plan(t, n)
	f.Charter()
	for _, name := range f.Institutions {
		f.Enrol(name)
	}
	return f
}

// Leaf signs a statement as the next one of its signer, without adding it.
func (f *Federation) Leaf(s *Signer, h audit.Header, b audit.Body) []byte {
	f.T.Helper()
	h = f.State.Next(s.Name(), s.Boot, h)
	if h.Time == "" {
		h.Time = f.Clock.UTC().Format(time.RFC3339)
	}
	leaf, err := audit.Sign(h, b, s)
	if err != nil {
		f.T.Fatalf("signing %s: %v", b.Type(), err)
	}
	return leaf
}

// Append adds a leaf, void or not.
func (f *Federation) Append(leaf []byte) (*audit.Statement, *audit.Finding) {
	f.Leaves = append(f.Leaves, leaf)
	f.Clock = f.Clock.Add(time.Second)
	return f.State.Apply(leaf)
}

// Say signs and adds a statement, which must be accepted.
func (f *Federation) Say(s *Signer, h audit.Header, b audit.Body) *audit.Statement {
	f.T.Helper()
	if f.Before != nil {
		f.Before(s, h, b)
	}
	m, finding := f.Append(f.Leaf(s, h, b))
	if finding != nil {
		f.T.Fatalf("%s of %s was refused: %v", b.Type(), s.Name(), finding)
	}
	return m
}

// Charter signs entry 0.
func (f *Federation) Charter() *audit.Statement {
	f.T.Helper()
	return f.Say(f.Coordinator, audit.Header{}, f.CharterBody)
}

// MemberBody is an institution's enrolment.
func (f *Federation) MemberBody(name string) *audit.Member {
	m := &audit.Member{Charter: f.State.Charter.Hash, Act: audit.ActEnrol, Institution: name, Node: f.Nodes[name].Party}
	m.Proof = Prove(f.Nodes[name], m)
	return m
}

// Prove is the proof that the holder of s wants to be the node of m.
func Prove(s *Signer, m *audit.Member) []byte { return ed25519.Sign(s.Key, audit.ProofText(Origin, m)) }

// Enrol lets an institution join.
func (f *Federation) Enrol(name string) *audit.Statement {
	f.T.Helper()
	return f.Say(f.Approvers[name], audit.Header{}, f.MemberBody(name))
}

// ProposalBody is a Counter study of so many rounds.
func ProposalBody(rounds int) *audit.Proposal {
	return &audit.Proposal{Study: fmt.Sprintf("rounds = %d", rounds), Numbers: int64(rounds * CounterShape().Values())}
}

// Propose proposes a Counter study of so many rounds.
func (f *Federation) Propose(study string, rounds int) *audit.Statement {
	f.T.Helper()
	return f.Say(f.Researcher, audit.Header{Study: study}, ProposalBody(rounds))
}

// Proceed lets a study go on without these institutions.
func (f *Federation) Proceed(study string, without ...string) {
	f.T.Helper()
	f.Say(f.Researcher, audit.Header{Study: study}, &audit.Proceed{Without: without})
}

// DecisionBody is an answer to a study.
func (f *Federation) DecisionBody(study, name, verdict string) *audit.Decision {
	d := &audit.Decision{Proposal: f.State.Studies[study].Proposal.Hash, Institution: name, Verdict: verdict}
	if verdict == "approve" {
		d.Ground, d.Purpose, d.Expires = audit.GroundRehearsal, "a test", "2027-07-31"
	}
	return d
}

// Decide signs an institution's answer.
func (f *Federation) Decide(study, name, verdict string) *audit.Statement {
	f.T.Helper()
	return f.Say(f.Approvers[name], audit.Header{Study: study}, f.DecisionBody(study, name, verdict))
}

// Approve lets every institution approve.
func (f *Federation) Approve(study string) {
	f.T.Helper()
	for _, name := range f.Institutions {
		f.Decide(study, name, "approve")
	}
}

// Begin proposes a study that everybody approves.
func (f *Federation) Begin(study string, rounds int) {
	f.T.Helper()
	f.Propose(study, rounds)
	f.Approve(study)
}

// Next is the header of the attempt that comes next in a study.
func (f *Federation) Next(study string) audit.Header {
	s := f.State.Studies[study]
	return audit.Header{Study: study, Round: s.Round, Attempt: s.NextAttempt()}
}

// In is the header of statements inside an attempt.
func In(at *audit.Attempt) audit.Header {
	return audit.Header{Study: at.Study, Round: at.Round, Attempt: at.Number}
}

// At returns the newest attempt of a study's current round.
func (f *Federation) At(study string) *audit.Attempt {
	f.T.Helper()
	s := f.State.Studies[study]
	at := f.State.Attempt(study, s.Round, s.NextAttempt()-1)
	if at == nil {
		f.T.Fatalf("study %s has no attempt in round %d", study, s.Round)
	}
	return at
}

// Checkpoint signs the log as it is.
func (f *Federation) Checkpoint() []byte {
	f.T.Helper()
	c, err := audit.MakeCheckpoint(Origin, f.State.Head(), f.Coordinator)
	if err != nil {
		f.T.Fatal(err)
	}
	return c
}

// Others returns all institutions but these.
func (f *Federation) Others(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(f.Institutions), func(s string) bool { return slices.Contains(names, s) })
}
