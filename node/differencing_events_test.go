package node

import (
	"fmt"
	"slices"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// run plays so many events.
func (h *history) run() {
	h.propose()
	h.propose()
	most := 2 + h.rnd.IntN(5)
	for range 25 + h.rnd.IntN(25) {
		switch x := h.rnd.IntN(1000); {
		case x < 660:
			h.forward(h.alive())
		case x < 740:
			if len(h.studies) < most && h.chance(80) {
				h.propose()
			}
		case x < 752:
			a := h.studies[h.rnd.IntN(len(h.studies))]
			h.decide(a, h.some(), "withdraw", false)
		case x < 800: // renewed, or changed before the beginning
			a := h.studies[h.rnd.IntN(len(h.studies))]
			h.decide(a, h.some(), "approve", h.chance(40))
		case x < 825:
			h.goOnWithout(h.studies[h.rnd.IntN(len(h.studies))], h.some().name)
		case x < 870:
			h.newEpochs()
		case x < 890:
			h.amend()
		case x < 908:
			h.comeAndGo()
		case x < 928:
			h.correct(h.some())
		case x < 950:
			d := h.some()
			d.people.node.Boot = h.fresh()
		case x < 980:
			h.hostile(h.studies[h.rnd.IntN(len(h.studies))])
		default:
			h.clock = h.clock.Add(time.Duration(h.rnd.IntN(30)) * time.Minute)
		}
	}
}

// alive is a study, mostly one that goes on.
func (h *history) alive() (a *asked) {
	for range 4 {
		a = h.studies[h.rnd.IntN(len(h.studies))]
		if h.st.Studies[a.id].Close == nil {
			break
		}
	}
	return a
}

// propose asks for a study; most ask all children of everybody.
func (h *history) propose() {
	a := &asked{readys: map[string]crypto.Digest{}, ever: map[string]crypto.Digest{}}
	a.id, a.study, a.where = fmt.Sprintf("s%d", len(h.studies)+1), configs.DefaultStudy(), func(int) bool { return true }
	a.study.Privacy.MinRows = h.rnd.IntN(4) * 10
	k := h.rnd.IntN(children)
	switch h.rnd.IntN(20) {
	case 0:
		a.where = func(child int) bool { return child != k }
	case 1:
		a.where = func(child int) bool { return child < 150+k/4 }
	case 2:
		a.where = func(child int) bool { return child%5 != 0 }
	}
	if h.chance(15) {
		a.column = 1 + h.rnd.IntN(2)
	}
	switch h.rnd.IntN(16) {
	case 0:
		a.aside = func(child int) bool { return child%4 == 0 }
	case 1:
		a.aside = func(child int) bool { return child%4 == 0 || child == k }
	}
	var all int64
	for range 1 + h.rnd.IntN(3) {
		a.lengths = append(a.lengths, 1+h.rnd.IntN(3))
		all += int64(a.lengths[len(a.lengths)-1])
	}
	b := &audit.Proposal{Study: "a study", Numbers: all}
	switch h.rnd.IntN(8) {
	case 0:
		b.Numbers = max(1, all-1)
	case 1:
		b.Numbers = all + 4
	}
	if h.chance(20) {
		b.MinInstitutions = 2 + h.rnd.IntN(3)
	}
	if h.chance(30) {
		b.OnLate, b.Wait = audit.OnLateProceed, int64(1+h.rnd.IntN(60))
	}
	if h.say(h.researcher, audit.Header{Study: a.id}, b, nil) != nil {
		h.studies = append(h.studies, a)
	}
}

// decide lets an institution's people answer; of two, the second mostly agrees.
func (h *history) decide(a *asked, d *desk, verdict string, alone bool) {
	s := h.st.Studies[a.id]
	b := &audit.Decision{Proposal: s.Proposal.Hash, Institution: d.name, Verdict: verdict}
	if verdict == "approve" {
		b.Ground, b.Purpose, b.Expires, b.AcceptAlone = audit.GroundRehearsal, "a test", "2027-07-31", alone
	}
	hd := audit.Header{Study: a.id}
	h.say(d.people.approver, hd, b, nil)
	if d.people.second != nil && verdict == "approve" {
		other := *b
		if h.chance(15) {
			other.AcceptAlone = !alone
		}
		h.say(d.people.second, hd, &other, nil)
		if other != *b && h.chance(80) {
			h.say(d.people.second, hd, b, nil)
		}
	}
}

func (h *history) goOnWithout(a *asked, names ...string) {
	slices.Sort(names)
	h.say(h.researcher, audit.Header{Study: a.id}, &audit.Proceed{Without: slices.Compact(append([]string{}, names...))}, nil)
}

// newEpochs lets one or many institutions begin an epoch: their records are of
// another period, and their nodes were started again.
func (h *history) newEpochs() {
	everybody := h.chance(30)
	one := h.some()
	for _, d := range h.desks {
		if !d.in || d != one && !(everybody && h.chance(85)) {
			continue
		}
		name := fmt.Sprintf("year%d", h.rnd.IntN(4))
		d.people.node.Boot = h.fresh()
		if h.say(d.people.node, audit.Header{}, &audit.Epoch{Epoch: name}, nil) == nil {
			continue
		}
		h.count.epochs++
		d.policy.Epoch = name
		for range h.rnd.IntN(60) {
			d.here.flip(h.rnd.IntN(children))
		}
	}
}

// amend changes the codebook or the figures of the charter.
func (h *history) amend() {
	b := *h.st.Charter.Body.(*audit.Charter)
	b.Amends = h.st.Charter.Hash
	switch h.rnd.IntN(3) {
	case 0:
		b.Codebook = crypto.DigestOf([]byte{"AB"[h.rnd.IntN(2)]})
	case 1:
		b.MinInstitutions = 2 + h.rnd.IntN(3)
	case 2:
		b.Forgetful = h.rnd.IntN(2)
	}
	if h.carry(h.some(), &b) {
		h.count.amended++
	}
}

// comeAndGo admits an institution, new or expelled before, or expels one.
func (h *history) comeAndGo() {
	mover := h.some()
	if h.chance(50) {
		d := h.some()
		if d != mover && h.carry(mover, &audit.Member{Charter: h.st.Charter.Hash, Act: audit.ActExpel, Institution: d.name}) {
			d.in = false
			h.count.moved++
		}
		return
	}
	var d *desk
	for _, gone := range h.desks {
		if !gone.in {
			d = gone
		}
	}
	switch {
	case d != nil:
		before := *d.people
		h.rekey(d, before.second != nil)
	case len(h.desks) < 10:
		d = h.newDesk()
		d.in = false
	default:
		return
	}
	if h.carry(mover, &audit.Member{Charter: h.st.Charter.Hash, Act: audit.ActAdmit, Admit: d.founder()}) {
		d.in = true
		h.count.moved++
		h.enrol(d)
	}
}

// correct changes the records: mostly of a single child, sometimes of many.
func (h *history) correct(d *desk) {
	child := h.rnd.IntN(children)
	switch h.rnd.IntN(5) {
	case 0:
		d.here.flip(child)
	case 1:
		d.objected.flip(child)
	case 2:
		d.missing[h.rnd.IntN(2)].flip(child)
	case 3:
		d.values[child]++
	case 4:
		for range 20 + h.rnd.IntN(40) {
			d.here.flip(h.rnd.IntN(children))
		}
	}
}
