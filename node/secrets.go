package node

import (
	"slices"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/crypto"
)

// wipe erases the secrets of the attempts that which picks.
func (n *Node) wipe(which func(ready crypto.Digest, h *held) bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for ready, h := range n.seats {
		if which(ready, h) {
			h.Close()
			delete(n.seats, ready)
		}
	}
}

// everything picks all that this process holds.
func everything(crypto.Digest, *held) bool { return true }

// forget drops the wiped holder of a finished seat.
func (n *Node) forget(s *seat) {
	n.wipe(func(ready crypto.Digest, _ *held) bool { return ready == s.ready })
}

// forgetUpTo wipes what was held for a study's rounds up to this one: its sum
// is open, nothing of it is needed any more.
func (n *Node) forgetUpTo(study string, round int) {
	n.wipe(func(_ crypto.Digest, h *held) bool { return h.study == study && h.round <= round })
}

// applied wipes what the log has just made useless. It sees every entry in
// order, before any task that follows from it begins.
func (n *Node) applied(a loop.Applied) {
	if a.Statement != nil && a.Finding == nil && !n.cfg.Policy.off[ruleForget] {
		if useless := n.useless(a.Statement); useless != nil {
			n.wipe(useless)
		}
	}
	if n.cfg.Applied != nil {
		n.cfg.Applied(a)
	}
}

// useless picks the secrets that nothing can ask for after s; nil for none. A
// valid result is not among what does it: the node's own step over that round
// comes first, and wipes when it is done.
func (n *Node) useless(s *audit.Statement) func(crypto.Digest, *held) bool {
	offeredFor := func(h *held) bool { return h.study == s.Study && h.round == s.Round && h.attempt == s.Attempt }
	switch b := s.Body.(type) {
	case *audit.Ready: // the newest counts
		if s.Signer == n.cfg.Name {
			return func(ready crypto.Digest, h *held) bool { return offeredFor(h) && ready != s.Hash }
		}
	case *audit.Open: // the attempt counts on the keys it names
		return func(ready crypto.Digest, h *held) bool {
			named := slices.ContainsFunc(b.Seats, func(seat audit.OpenSeat) bool { return seat.Ready == ready })
			return offeredFor(h) && !named
		}
	case *audit.Abort:
		if n.closed(s) {
			return func(_ crypto.Digest, h *held) bool { return offeredFor(h) }
		}
	case *audit.Result:
		if !b.Valid {
			return func(_ crypto.Digest, h *held) bool { return offeredFor(h) }
		}
	case *audit.Close: // but for what this start has to give up yet
		needed := n.underWay(s.Study)
		return func(ready crypto.Digest, h *held) bool { return h.study == s.Study && !needed[ready] }
	}
	return nil
}

// underWay are this node's `ready` statements in attempts of the study that it can
// still give up.
func (n *Node) underWay(study string) map[crypto.Digest]bool {
	needed := map[crypto.Digest]bool{}
	if n.party == nil { // as in closed
		return needed
	}
	n.party.View(func(st *audit.State) {
		s := st.Studies[study]
		for _, at := range s.Rounds[s.Round-1] {
			if at.MayGiveUp(n.cfg.Name) {
				needed[at.Readys[n.cfg.Name].Hash] = true
			}
		}
	})
	return needed
}

// closed reports whether t aborts closed the attempt of s.
func (n *Node) closed(s *audit.Statement) (closed bool) {
	if n.party == nil { // folding the kept log: this start holds nothing yet
		return false
	}
	n.party.View(func(st *audit.State) {
		if at := st.Attempt(s.Study, s.Round, s.Attempt); at != nil {
			closed = at.Closed()
		}
	})
	return closed
}
