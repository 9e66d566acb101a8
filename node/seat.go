package node

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// seat is this node's place in one attempt: what the log says of the attempt,
// and the holder of its secrets while this start still has it.
type seat struct {
	task        audit.Task
	attempt     crypto.Attempt
	point       int // on the sharing polynomials
	place       int // index among the open's seats: where this node's box lies in every boxes blob
	roster      []string
	ready       crypto.Digest
	holder      *held                 // nil after a restart
	updates     map[int]*audit.Update // by point
	set         *audit.Set            // nil until it is logged
	certificate crypto.Certificate    // meaningful once the log holds t votes
}

// held is a holder in this process's memory, the attempt that its key was
// offered for, whose boxes it has accepted, and whose it cannot.
type held struct {
	*secret.Holder
	study          string
	round, attempt int

	mu       sync.Mutex
	bound    bool
	accepted map[int]bool  // by contributor
	wrong    map[int]error // by contributor

	found map[int]finding // of the share check, by contributor
	shown map[int][]byte  // shares that were opened as evidence, to be sent again
}

// finding is what the share check of a contributor gave: the kind of dispute,
// "" when it passed.
type finding struct {
	kind string
	why  error
}

// bind ties the holder to its attempt the first time.
func (h *held) bind(a crypto.Attempt, point int) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.bound {
		return nil
	}
	if err := h.Bind(a, point); err != nil {
		return err
	}
	h.bound, h.accepted, h.wrong = true, map[int]bool{}, map[int]error{}
	h.found, h.shown = map[int]finding{}, map[int][]byte{}
	return nil
}

// has reports whether the contributor's box was accepted.
func (h *held) has(contributor int) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.accepted[contributor]
}

// note remembers an accepted box.
func (h *held) note(contributor int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.accepted[contributor] = true
}

// cannot remembers a box that is as its contributor signed it and of no use.
func (h *held) cannot(contributor int, why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wrong[contributor] = why
}

// checked returns what the share check of a contributor gave, if it was made.
func (h *held) checked(contributor int) (kind string, known bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f, known := h.found[contributor]
	return f.kind, known
}

func (h *held) check(contributor int, kind string, why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.found[contributor] = finding{kind, why}
}

// contradicted returns the contributors whose share check failed, in order.
func (h *held) contradicted() (points []int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, p := range slices.Sorted(maps.Keys(h.found)) {
		if h.found[p].kind != "" {
			points = append(points, p)
		}
	}
	return points
}

// disclose opens a share that contradicts, and gives the same bytes again when
// they could not be sent.
func (h *held) disclose(contributor, logged int) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if b := h.shown[contributor]; b != nil {
		return b, nil
	}
	b, err := h.Disclose(contributor, logged)
	if err == nil {
		h.shown[contributor] = b
	}
	return b, err
}

// unusable returns whose boxes cannot be accepted, in order.
func (h *held) unusable() []int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]int{}, slices.Sorted(maps.Keys(h.wrong))...)
}

func (h *held) why(contributor int) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wrong[contributor]
}

// seat looks up this node's place in the attempt of t and binds its holder.
func (n *Node) seat(t audit.Task) (*seat, error) {
	s := &seat{task: t, updates: map[int]*audit.Update{}}
	var err error
	n.party.View(func(st *audit.State) {
		at := st.Attempt(t.Study, t.Round, t.Attempt)
		if at == nil || at.Open == nil {
			err = fmt.Errorf("study %s round %d attempt %d is not open", t.Study, t.Round, t.Attempt)
			return
		}
		s.attempt = at.Crypto(st)
		open := at.Open.Body.(*audit.Open)
		s.roster = open.Roster
		s.place = -1
		for i, o := range open.Seats {
			if open.Roster[o.Point-1] == n.cfg.Name {
				s.place, s.point, s.ready = i, o.Point, o.Ready
			}
			if u := at.Updates[open.Roster[o.Point-1]]; u != nil {
				s.updates[o.Point] = u.Body.(*audit.Update)
			}
		}
		if s.place < 0 {
			err = fmt.Errorf("study %s round %d attempt %d has no seat for %s", t.Study, t.Round, t.Attempt, n.cfg.Name)
		}
		if at.Set != nil {
			s.set = at.Set.Body.(*audit.Set)
		}
		s.certificate, _ = at.Certificate()
	})
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	s.holder = n.seats[s.ready]
	n.mu.Unlock()
	if s.holder != nil {
		if err := s.holder.bind(s.attempt, s.point); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// method returns the study's method and the model state that is the input of
// the task's round.
func (n *Node) method(t audit.Task) (*Method, []byte, error) {
	m, state, round, ok := n.chain.State(t.Study)
	if !ok || round != t.Round {
		return nil, nil, fmt.Errorf("study %s: the model state for round %d is not computed yet", t.Study, t.Round)
	}
	return m.(*Method), state, nil
}

// say signs a statement about the task's round and attempt.
func (n *Node) say(ctx context.Context, t audit.Task, body audit.Body, before func(*audit.Statement) error) error {
	_, err := n.party.Say(ctx, audit.Header{Study: t.Study, Round: t.Round, Attempt: t.Attempt}, body, before)
	return err
}
