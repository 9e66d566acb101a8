package node

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// The codes of a node's refusals that keep two sums of one round from telling
// a difference.
const (
	CodeOtherNumbers = "SS3201" // a repeat would encrypt other numbers than the attempt it repeats
	CodeForgotten    = "SS3202" // the journal lacks what the log says this node did
	CodeOtherVote    = "SS3203" // a vote for another set while the first may still be opened
)

// given is what the journal keeps of the numbers that this node encrypted in
// an attempt: a keyed digest, so that an identical retry can be told from
// another one and a stolen disk tells nothing.
type given struct {
	Study   string        `json:"study"`
	Round   int           `json:"round"`
	Attempt int           `json:"attempt"`
	State   crypto.Digest `json:"state"`
	Plain   crypto.Digest `json:"plain"`
}

// earlier is what this node did in the attempts of a round that t aborts did
// not close. Each of them may have been opened, or may still be.
type earlier struct {
	given     []given
	votes     map[int][]int // attempt number to the set voted for
	forgotten int           // the last attempt with an act in the log that the journal lacks; 0 for none
}

// earlier gathers, for the round of t, what this node encrypted and voted for
// in attempts other than id. The journal counts whether or not the log that is
// shown now holds the attempt: an attempt that vanished was part of another
// history, and may have been opened there.
func (n *Node) earlier(t audit.Task, id crypto.Digest) (*earlier, error) {
	e := &earlier{votes: map[int][]int{}}
	closed, known := map[crypto.Digest]bool{}, n.store.Subjects("encrypt")
	n.party.View(func(st *audit.State) {
		s := st.Studies[t.Study]
		if s == nil || t.Round > len(s.Rounds) {
			return
		}
		for _, at := range s.Rounds[t.Round-1] {
			closed[at.ID] = at.Closed()
			if at.ID == id || at.Closed() {
				continue
			}
			if v := at.Votes[n.cfg.Name]; v != nil {
				e.votes[at.Number] = v.Body.(*audit.Vote).Points
			}
			if at.Updates[n.cfg.Name] != nil && !known[at.ID] {
				e.forgotten = at.Number
			}
		}
	})
	other := func(attempt crypto.Digest) bool { return attempt != id && !closed[attempt] }
	err := n.store.Each("encrypt", func(attempt crypto.Digest, content []byte) error {
		var g given
		if err := json.Unmarshal(content, &g); err != nil {
			return fmt.Errorf("the journal's note of what was encrypted in attempt %s cannot be read: %w", attempt, err)
		}
		if other(attempt) && g.Study == t.Study && g.Round == t.Round {
			e.given = append(e.given, g)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return e, n.store.Each("vote", func(attempt crypto.Digest, content []byte) error {
		s, err := audit.Parse(content)
		if err != nil {
			return fmt.Errorf("the journalled vote in attempt %s cannot be read: %w", attempt, err)
		}
		if v, ok := s.Body.(*audit.Vote); ok && other(attempt) && s.Study == t.Study && s.Round == t.Round {
			e.votes[s.Attempt] = v.Points
		}
		return nil
	})
}

// empty reports whether nothing of the round's earlier attempts counts.
func (e *earlier) empty() bool { return len(e.given) == 0 && e.forgotten == 0 }

// mayGive refuses numbers that differ from those this node gave before in an
// attempt of the round that may have been opened: the difference of the two
// sums would be the difference of the rows.
func (e *earlier) mayGive(j *judgement, t audit.Task, state, plain crypto.Digest) {
	j.refuse(e.forgotten > 0, CodeForgotten,
		"restore the newest copy of the node's folder; without it, ask the researcher to close the study",
		"study %s round %d: the log says that this node gave numbers in attempt %d, and its journal does not hold which; it cannot show that it would give the same again",
		t.Study, t.Round, e.forgotten)
	for _, g := range e.given {
		j.refuse(g.State != state || g.Plain != plain, CodeOtherNumbers,
			"put the records back as they were then; if that cannot be, ask the researcher to close the study",
			"study %s round %d: attempt %d may have been opened, so only the same numbers may be given again; the records have changed since then",
			t.Study, t.Round, g.Attempt)
	}
}

// mayVoteFor refuses a second set in a round while the first may be opened.
func (e *earlier) mayVoteFor(j *judgement, t audit.Task, set []int) {
	for number, before := range e.votes {
		j.refuse(!slices.Equal(before, set), CodeOtherVote,
			"wait until enough nodes have aborted that attempt",
			"study %s round %d: this node voted in attempt %d for another set of institutions, and that attempt is not closed",
			t.Study, t.Round, number)
	}
}

// mayRepeat judges, before `ready` and before anything is encrypted, whether
// this node would give what it gave before. id is that of the attempt, zero
// before its `open`.
func (n *Node) mayRepeat(t audit.Task, id, state crypto.Digest, plain func() (crypto.Digest, error)) error {
	e, err := n.earlier(t, id)
	if err != nil || e.empty() {
		return err
	}
	now, err := plain()
	if err != nil {
		return err
	}
	j := &judgement{off: n.cfg.Policy.off}
	e.mayGive(j, t, state, now)
	return j.first()
}

// sameVote judges the vote of an attempt against those this node gave before
// in its round.
func (n *Node) sameVote(s *seat) error {
	e, err := n.earlier(s.task, s.attempt.ID)
	if err != nil {
		return err
	}
	j := &judgement{off: n.cfg.Policy.off}
	e.mayVoteFor(j, s.task, s.set.Points)
	return j.first()
}
