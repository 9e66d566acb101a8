package node

import (
	"errors"
	"slices"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// forward does what comes next in a study, or fails to.
func (h *history) forward(a *asked) {
	s := h.st.Studies[a.id]
	at := s.Current()
	switch {
	case s.Close != nil:
	case s.Roster == nil && h.answers(a, s):
	case s.Round > len(a.lengths) && h.chance(70):
		b := &audit.Close{State: h.fresh(), Reason: "finished"}
		h.say(h.researcher, audit.Header{Study: a.id}, b, nil)
	case at == nil || at.Closed():
		h.begin(a, s)
	case at.Set == nil && (len(at.Updates) == 0 || h.chance(70)):
		h.upload(a, s, at)
	case at.Set == nil || h.chance(20):
		h.abort(at, h.chance(70))
	case h.chance(25) && s.MayFollow():
		h.begin(a, s)
	default:
		h.finish(a, at)
	}
}

// answers lets those decide who have not; false when nobody was left.
func (h *history) answers(a *asked, s *audit.Study) bool {
	var left []string
	for _, name := range s.Institutions {
		if d := h.desk(name); s.Decisions[name] == nil && d.in && !slices.Contains(s.Without(), name) {
			left = append(left, name)
		}
	}
	if len(left) == 0 {
		return false
	}
	mood, accepts := h.rnd.IntN(5), h.chance(25)
	for _, name := range left {
		verdict := "approve"
		if mood == 0 && h.chance(25) || mood == 1 && h.chance(45) {
			verdict = "deny"
		}
		if h.chance(95) {
			h.decide(a, h.desk(name), verdict, accepts && h.chance(80))
		}
	}
	if h.chance(30) {
		left = slices.DeleteFunc(left, func(name string) bool { return s.Decisions[name] != nil })
		if len(left) > 0 {
			h.goOnWithout(a, left...)
		}
	}
	return true
}

func (h *history) next(a *asked) audit.Header {
	s := h.st.Studies[a.id]
	return audit.Header{Study: a.id, Round: s.Round, Attempt: s.NextAttempt()}
}

// asks is the question of a round: the model's state and how many numbers.
func (h *history) asks(a *asked) (crypto.Digest, crypto.Shape) {
	round := h.st.Studies[a.id].Round
	n := a.lengths[min(round, len(a.lengths))-1] + a.odd
	return audittest.StateDigest(round*10 + a.odd), crypto.Shape{Codec: crypto.CodecStat, Tensors: []crypto.Tensor{{Name: "x", Len: n, Bits: 20}}}
}

// begin lets the institutions be ready whose ledger allows it, and opens.
func (h *history) begin(a *asked, s *audit.Study) {
	a.odd = 0
	if h.chance(4) { // everybody computed another model than before
		a.odd = 1
	}
	state, shape := h.asks(a)
	if _, r := h.st.NextOpen(s); r != nil && h.chance(90) {
		h.count.refused[r.Code()]++
		if h.chance(30) {
			h.say(h.researcher, audit.Header{Study: a.id}, &audit.Close{State: state, Reason: "stopped"}, nil)
		}
		return
	}
	var come, late []string
	frozen := s.Frozen()
	for _, name := range s.Institutions {
		i := slices.Index(s.Roster, name)
		if !s.Approved(name) || s.Roster != nil && (i < 0 || frozen != nil && !slices.Contains(frozen, i+1)) {
			continue
		}
		d := h.desk(name)
		_, _, err := d.mayOpen(h.t, h.st, &a.asking)
		h.refusedBy(err)
		if err != nil || h.chance(5) {
			late = append(late, name)
			continue
		}
		come = append(come, name)
	}
	if len(late) > 0 && frozen != nil && h.chance(80) {
		return // they are waited for
	}
	for _, name := range come {
		if a.readys[name] != (crypto.Digest{}) && a.odd == 0 && h.chance(90) {
			continue
		}
		d := h.desk(name)
		m := h.say(d.people.node, h.next(a), &audit.Ready{State: state, Shape: shape, Key: h.key()}, nil)
		if m != nil {
			a.readys[name], a.ever[name] = m.Hash, m.Hash
		}
	}
	if len(late) > 0 && frozen == nil && h.chance(60) {
		h.goOnWithout(a, append(late, s.Without()...)...)
	}
	if h.chance(12) && h.hostileOpen(a) {
		return
	}
	if s.Proposal.Body.(*audit.Proposal).OnLate != "" {
		h.clock = h.clock.Add(time.Duration(h.rnd.IntN(90)) * time.Second)
	}
	b, r := h.st.NextOpenAt(s, h.clock)
	if r != nil {
		h.count.refused[r.Code()]++
		return
	}
	waits := slices.ContainsFunc(b.Seats, func(seat audit.OpenSeat) bool { return seat.Ready == crypto.Digest{} })
	if waits && h.chance(85) {
		return
	}
	b.Repeat = append([]int{}, b.Repeat...)
	if h.open(a, b) && h.chance(60) {
		h.upload(a, s, s.Current())
	}
}

// open signs an `open`.
func (h *history) open(a *asked, b *audit.Open) bool {
	if b.Roster == nil || b.Seats == nil || b.Shape.Tensors == nil {
		return false
	}
	if len(b.Repeat) == 0 {
		b.Repeat = nil
	}
	if h.say(h.coordinator, h.next(a), b, nil) == nil {
		return false
	}
	h.count.attempts++
	if b.Repeat != nil {
		h.count.repeats++
	}
	a.readys = map[string]crypto.Digest{}
	return true
}

// upload lets the seats give their numbers, if their ledger allows it and they
// were not started again, and fixes the set.
func (h *history) upload(a *asked, s *audit.Study, at *audit.Attempt) {
	missing := h.rnd.IntN(3) * 8
	for _, name := range at.Seats() {
		d := h.desk(name)
		if at.Updates[name] != nil || !d.in || d.people.node.Boot != at.Readys[name].Boot || h.chance(missing) {
			continue
		}
		if s.Withdrawn(name) || !s.Approved(name) {
			continue
		}
		g, err := d.enter(h.t, h.st, &a.asking, at)
		if h.refusedBy(err); err != nil {
			continue
		}
		body := &audit.Update{Open: at.ID, BoxDigests: []crypto.Digest{}, Shares: []crypto.Digest{}}
		for _, blob := range []*audit.BlobRef{&body.Frames, &body.Boxes, &body.Projection} {
			*blob = audit.BlobRef{Digest: h.fresh(), Size: 1}
		}
		h.say(d.people.node, audittest.In(at), body, g)
	}
	if h.chance(12) {
		h.hostileSet(at)
	}
	points, absent := h.st.NextSet(a.id, at.Round, at.Number)
	if len(absent) > 0 && s.Frozen() == nil && h.chance(40) {
		var names []string
		for _, x := range absent {
			names = append(names, at.Name(x.Point))
		}
		h.goOnWithout(a, append(names, s.Without()...)...)
	}
	h.set(at, points, absent)
}

func (h *history) set(at *audit.Attempt, points []int, absent []audit.Absence) {
	if h.say(h.coordinator, audittest.In(at), &audit.Set{Open: at.ID, Points: points, Absent: absent, Root: h.fresh()}, nil) != nil {
		h.count.sets++
	}
}

// holders are the seats that hold their shares still, in random order.
func (h *history) holders(at *audit.Attempt) (list []*desk) {
	for _, name := range at.Seats() {
		if d := h.desk(name); d.in && d.people.node.Boot == at.Readys[name].Boot && at.Aborts[name] == nil {
			list = append(list, d)
		}
	}
	h.rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// abort lets as many holders abort as close the attempt, or fewer.
func (h *history) abort(at *audit.Attempt, enough bool) {
	most := len(at.Seats())
	if !enough {
		most = h.rnd.IntN(most)
	}
	for _, d := range h.holders(at) {
		if most--; most < 0 || at.Closed() {
			break
		}
		h.say(d.people.node, audittest.In(at), &audit.Abort{Open: at.ID, Reason: "no_certificate", Cannot: []int{}}, nil)
	}
	if at.Closed() {
		h.count.closed++
	}
}

// finish lets t holders vote and release, and states a result, which is
// unusable now and then.
func (h *history) finish(a *asked, at *audit.Attempt) {
	set, need := at.Set.Body.(*audit.Set), at.Open.Body.(*audit.Open).T
	vote := &audit.Vote{Open: at.ID, Points: set.Points, Root: set.Root}
	if h.chance(10) {
		need-- // the last vote is lost
	}
	for _, d := range h.holders(at) {
		if len(at.Votes) >= need {
			break
		}
		if at.Votes[d.name] == nil {
			h.say(d.people.node, audittest.In(at), vote, nil)
		}
	}
	if !at.Certified() {
		return
	}
	result := &audit.Result{Open: at.ID, Used: []int{}, Wrong: []int{}, Valid: true, Sums: h.fresh()}
	for _, d := range h.holders(at) {
		if at.Votes[d.name] != nil && at.Releases[d.name] == nil {
			h.say(d.people.node, audittest.In(at), &audit.Release{Open: at.ID, Sum: audit.BlobRef{Digest: h.fresh(), Size: crypto.ReleaseSize}}, nil)
		}
	}
	for _, name := range at.Seats() {
		if at.Releases[name] != nil {
			result.Used = append(result.Used, at.Point(name))
		}
	}
	switch h.rnd.IntN(20) {
	case 0, 1:
		result.Valid, result.Reason, result.Sums = false, "canary", crypto.Digest{}
	case 2:
		result.Valid, result.Reason, result.Sums = false, "range", crypto.Digest{}
	case 3:
		return // lost: the attempt is repeated
	}
	if h.say(h.coordinator, audittest.In(at), result, nil) != nil && result.Valid {
		h.count.opened++
		a.readys = map[string]crypto.Digest{}
	}
}

// refusedBy counts what a ledger refused.
func (h *history) refusedBy(err error) {
	if r := new(RefusalError); errors.As(err, &r) {
		h.count.ledger[r.Code()]++
	}
}
