package verifier

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// history is one log that follows from its seed.
type history struct {
	f       *audittest.Federation
	rnd     *rand.Rand
	signers map[string]*audittest.Signer // newest key of every name
	names   []string                     // of signers, in the order in which they came
}

// stories are whole histories in which nothing is wrong. Together they have
// every type of statement.
var stories = []func(h *history){(*history).complete, (*history).retries, (*history).comingAndGoing, (*history).beside}

// newHistory is a federation of five whose log is empty. Its second institution
// has two approvers and an officer; whether one may forget, numbers have a cap and
// it is a rehearsal follows from the seed.
func newHistory(t testing.TB, seed uint64) *history {
	rnd := rand.New(rand.NewPCG(seed, 11))
	h := &history{f: audittest.Plan(t, 5), rnd: rnd, signers: map[string]*audittest.Signer{}}
	f := h.f
	h.know(f.Coordinator, f.Researcher)
	for _, name := range f.Institutions {
		h.know(f.Approvers[name], f.Nodes[name])
	}
	second, officer, auditor := audittest.NewSigner("board02.approver2", ""), audittest.NewSigner("board02.fg", ""), audittest.NewSigner("auditor", "")
	h.know(second, officer, auditor)
	c := f.CharterBody
	c.Founders[1].Second, c.Founders[1].Officer, c.Auditors = second.Party, officer.Party, []audit.Party{auditor.Party}
	c.Forgetful, c.Numbers = rnd.IntN(2), int64(rnd.IntN(2)*40)
	if rnd.IntN(3) == 0 {
		c.Rehearsal, c.DPIA, c.Review = false, audittest.Digest("assessment"), audittest.Digest("review")
	}
	return h
}

// know remembers the keys of signers.
func (h *history) know(list ...*audittest.Signer) {
	for _, s := range list {
		if h.signers[s.Name()] == nil {
			h.names = append(h.names, s.Name())
		}
		h.signers[s.Name()] = s
	}
}

// found begins the log.
func (h *history) found() {
	h.f.Charter()
	for _, name := range h.f.Institutions {
		h.f.Enrol(name)
	}
}

// approve lets institutions approve; where there are two approvers, both.
func (h *history) approve(study string, accept bool, names ...string) {
	f := h.f
	for _, name := range names {
		b := f.DecisionBody(study, name, "approve")
		b.AcceptAlone = accept
		if !f.State.Studies[study].Charter.Body.(*audit.Charter).Rehearsal {
			b.Ground, b.DPIA = audit.GroundPublicTask, audittest.Digest("assessment")
		}
		f.Say(f.Approvers[name], audit.Header{Study: study}, b)
		if i, _ := f.State.Institution(name); !i.Second.IsZero() {
			f.Say(h.signers[i.Second.Name], audit.Header{Study: study}, b)
		}
	}
}

// move lets the first institution move a change of membership, and others agree
// until it is in force.
func (h *history) move(m *audit.Member) {
	m.Charter = h.f.State.Charter.Hash
	h.agree(h.f.Say(h.f.Approvers["board01"], audit.Header{}, m), "board02", "board03", "board04", "board05")
}

// agree endorses a motion until it is in force.
func (h *history) agree(s *audit.Statement, names ...string) {
	for _, name := range names {
		if h.f.State.Motions[s.Hash].InForce == nil {
			h.f.Say(h.f.Approvers[name], audit.Header{Study: s.Study}, &audit.Endorse{Motion: s.Hash})
		}
	}
}

// rest ends an attempt that has its updates.
func (h *history) rest(study string) {
	h.f.Set(study)
	h.f.Vote(study)
	h.f.Release(study)
	h.f.Result(study)
}

// complete is a study from its proposal to its publication, with an advice, a
// second thought and disputes.
func (h *history) complete() {
	f := h.f
	h.found()
	f.Propose("s", 2)
	f.Say(h.signers["board02.fg"], audit.Header{Study: "s"},
		&audit.Advice{Proposal: f.State.Studies["s"].Proposal.Hash, Institution: "board02", Advice: "agree_if", Text: "if it is short"})
	f.Decide("s", "board01", "deny")
	h.approve("s", false, f.Institutions...)
	f.Ready("s")
	at := f.Open("s")
	f.Update("s")
	for _, name := range []string{"board01", "board03"} {
		f.Say(f.Nodes[name], audittest.In(at), &audit.Dispute{Kind: audit.DisputeShare, Open: at.ID, Contributor: 5})
	}
	if f.At("s").MaxOpenings() > 0 { // else no share may be opened
		f.Say(f.Nodes["board01"], audittest.In(at), &audit.Dispute{Kind: audit.DisputeOpening, Open: at.ID, Contributor: 5,
			Evidence: audit.BlobRef{Digest: audittest.Digest("share"), Size: crypto.ShareSize}})
	}
	f.Say(f.Nodes["board02"], audittest.In(at), &audit.Dispute{Kind: audit.DisputeProjection, Open: at.ID, Contributor: 5})
	f.Set("s")
	for _, name := range []string{"board01", "board02", "board03"} {
		b := audittest.AbortBody(at)
		b.Reason, b.Cannot = "cannot_accept", []int{5}
		f.Say(f.Nodes[name], audittest.In(at), b)
	}
	if !f.At("s").Closed() {
		f.Abort("s", "board04")
	}
	f.Ready("s", "board01", "board02", "board03", "board04")
	f.Open("s")
	f.Update("s")
	h.rest("s")
	f.Ready("s", "board01", "board02", "board03", "board04")
	f.Open("s")
	f.Update("s")
	h.rest("s")
	done := f.Close("s")
	h.agree(f.Say(f.Researcher, audit.Header{Study: "s"},
		&audit.Publish{Close: done.Hash, Document: audit.BlobRef{Digest: audittest.Digest("document"), Size: 900}}), f.Institutions...)
}

// retries is a study that goes on without a late institution and repeats a sum
// after restarts, beside one that ends out of range.
func (h *history) retries() {
	f := h.f
	h.found()
	b := audittest.ProposalBody(2)
	b.OnLate, b.Wait = audit.OnLateProceed, 60
	f.Say(f.Researcher, audit.Header{Study: "s"}, b)
	four := f.Others("board05")
	h.approve("s", false, four...)
	f.Proceed("s", "board05")
	f.Ready("s", four...)
	f.Open("s")
	f.Update("s", "board01", "board02")
	f.Abort("s", four[:f.State.Studies["s"].Current().Closing()]...)
	f.Nodes["board03"].Restart()
	f.Ready("s", four...)
	f.Open("s")
	f.Update("s")
	f.Set("s")
	f.Vote("s")
	f.Release("s", "board01")
	f.Nodes["board02"].Restart()
	f.Ready("s", four...)
	f.Open("s")
	f.Update("s")
	f.Set("s")
	f.Vote("s")
	f.Release("s")
	at := f.At("s")
	f.Say(f.Coordinator, audittest.In(at), &audit.Result{Open: at.ID, Used: []int{}, Wrong: []int{}, Reason: "range"})
	f.Say(f.Researcher, audit.Header{Study: "s"}, &audit.Close{Reason: "failed"})
	f.Propose("t", 1)
	h.approve("t", true, f.Institutions...)
	f.Decide("t", "board05", "withdraw")
	f.Ready("t", four...)
	f.Open("t")
	f.Update("t")
	h.rest("t")
	f.Close("t")
}

// comingAndGoing is a federation whose charter and members change around a guest's study.
func (h *history) comingAndGoing() {
	f := h.f
	h.found()
	guest, newcomer, person := audittest.NewSigner("guest", ""), audittest.NewSigner("board06", ""), audittest.NewSigner("board06.approver", "")
	h.know(guest, newcomer, person)
	f.Nodes["board06"], f.Approvers["board06"] = newcomer, person
	h.move(&audit.Member{Act: audit.ActGrant, Grant: &audit.Grant{Role: "researcher", Party: guest.Party, Expires: f.Clock.AddDate(0, 0, 2).Format(time.DateOnly)}})
	h.move(&audit.Member{Act: audit.ActGrant, Grant: &audit.Grant{Role: "auditor", Party: audittest.NewSigner("watcher", "").Party}})
	c := *f.State.Charter.Body.(*audit.Charter)
	c.Amends, c.MinInstitutions = f.State.Charter.Hash, 3
	h.agree(f.Say(f.Approvers["board01"], audit.Header{}, &c), "board02", "board03", "board04", "board05")
	h.move(&audit.Member{Act: audit.ActAdmit, Admit: &audit.Founder{Institution: "board06", Approver: person.Party}})
	f.Enrol("board06")
	f.Institutions = append(slices.Clone(f.Institutions), "board06")
	f.Say(f.Nodes["board03"], audit.Header{}, &audit.Epoch{Epoch: "year-2026"})
	f.Say(f.Nodes["board04"], audit.Header{}, &audit.Dispute{Kind: audit.DisputeFork, Evidence: audit.BlobRef{Digest: audittest.Digest("fork"), Size: 500}})
	h.move(&audit.Member{Act: audit.ActGrant, Grant: &audit.Grant{Role: "researcher", Party: guest.Party, Expires: f.Clock.AddDate(0, 1, 0).Format(time.DateOnly)}})
	f.Say(guest, audit.Header{Study: "g"}, audittest.ProposalBody(1))
	h.approve("g", false, f.Institutions...)
	f.Say(f.Approvers["board04"], audit.Header{}, &audit.Member{Charter: f.State.Charter.Hash, Act: audit.ActRevoke, Revoke: "board04"})
	f.Nodes["board04"] = audittest.NewSigner("board04", "new")
	h.know(f.Nodes["board04"])
	f.Enrol("board04")
	h.move(&audit.Member{Act: audit.ActExpel, Institution: "board05"})
	person = audittest.NewSigner("board03.approver", "new")
	h.move(&audit.Member{Act: audit.ActAdmit, Admit: &audit.Founder{Institution: "board03", Approver: person.Party}})
	f.Approvers["board03"] = person
	h.know(person)
	left := f.Others("board05")
	f.Ready("g", left...)
	f.Open("g")
	f.Update("g")
	h.rest("g")
	f.Say(guest, audit.Header{Study: "g"}, &audit.Close{State: audittest.StateDigest(2), Reason: "finished"})
	h.move(&audit.Member{Act: audit.ActRevoke, Revoke: "guest"})
	h.move(&audit.Member{Act: audit.ActRevoke, Revoke: "board06"})
}

// beside is three studies whose sums stand beside each other: over all, over all
// but one that accepts it, and again over all in a new epoch.
func (h *history) beside() {
	f := h.f
	h.found()
	f.Propose("a", 1)
	h.approve("a", false, f.Institutions...)
	f.Round("a")
	f.Propose("b", 2)
	four := f.Others("board05")
	f.Decide("b", "board05", "deny")
	h.approve("b", false, four...)
	f.Ready("b", four...)
	h.open("b") // void: it would tell what board05 gave
	for _, name := range f.Institutions[:4] {
		f.Say(f.Nodes[name], audit.Header{}, &audit.Epoch{Epoch: "next"})
	}
	f.Propose("c", 1)
	h.approve("c", true, four...)
	f.Proceed("c", "board05")
	f.Ready("c", four...)
	f.Open("c")
	f.Update("c")
	h.rest("c")
	f.Ready("b", four...)
	f.Open("b")
	f.Update("b")
	f.Decide("b", "board04", "withdraw")
	f.Say(f.Researcher, audit.Header{Study: "b"}, &audit.Close{Reason: "stopped"})
	f.Abort("b", "board01", "board02")
	f.Close("a")
	f.Close("c")
}

// open says what the log prescribes for an `open`, also when it would be refused.
func (h *history) open(study string) {
	b := &audit.Open{}
	if next, r := h.f.State.NextOpen(h.f.State.Studies[study]); r == nil {
		b = next
	}
	h.f.Append(h.f.Leaf(h.f.Coordinator, h.f.Next(study), b))
}

// tell tells a story up to its end, or until what is said before a statement ends it.
func (h *history) tell(story int, before func(s *audittest.Signer, head audit.Header, b audit.Body)) {
	h.f.Before = before
	defer func() {
		if r := recover(); r != nil && r != any(ending{}) {
			panic(r)
		}
	}()
	stories[story](h)
}

// ending is the panic that cuts a story short.
type ending struct{}
