package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// ready says: I hold the update for this model state and am online.
func (n *Node) ready(ctx context.Context, t audit.Task) error {
	n.tidy()
	method, state, err := n.method(t)
	if err != nil {
		return err
	}
	part, err := n.mayTakePart(ctx, t, method, state)
	if err != nil {
		return err
	}
	if err := n.sameEpoch(); err != nil {
		return err
	}
	if err := n.mayOpen(t, method, part); err != nil {
		return err
	}
	shape, _, err := method.Shape(state)
	if err != nil {
		return err
	}
	again := func() (crypto.Digest, error) { return n.wouldGive(method, state, part, shape) }
	if err := n.mayRepeat(t, crypto.Digest{}, crypto.DigestOf(state), again); err != nil {
		return err
	}
	holder, err := secret.NewHolder()
	if err != nil {
		return err
	}
	body := &audit.Ready{State: crypto.DigestOf(state), Shape: shape, Key: holder.PublicKey()}
	// The key is remembered before the offer leaves: an `open` on it may be in
	// the log before Say returns. An offer that was refused is nobody's.
	var offered crypto.Digest
	err = n.say(ctx, t, body, func(s *audit.Statement) error {
		n.mu.Lock()
		defer n.mu.Unlock()
		offered = s.Hash
		n.seats[offered] = &held{Holder: holder, study: t.Study, round: t.Round, attempt: t.Attempt}
		return nil
	})
	if err != nil {
		n.wipe(func(ready crypto.Digest, _ *held) bool { return ready == offered })
	}
	return err
}

// update trains, encrypts, uploads and states the digests.
func (n *Node) update(ctx context.Context, t audit.Task) error {
	seat, err := n.seat(t)
	if err != nil {
		return err
	}
	if err := n.mayMake(seat); err != nil {
		return err
	}
	// Everything `ready` promised is judged again, also for an update that was
	// made before a restart: since then somebody may have objected, withdrawn,
	// or changed the policy.
	method, state, err := n.method(t)
	if err != nil {
		return err
	}
	part, err := n.mayTakePart(ctx, t, method, state)
	if err != nil {
		return err
	}
	if err := n.enter(t, method, seat, part); err != nil {
		return err
	}
	body, err := n.sealed(method, state, part, seat)
	if err != nil {
		return err
	}
	if err := n.upload(ctx, seat, body); err != nil {
		return err
	}
	return n.say(ctx, t, body, nil)
}

// vote checks that this node holds every share of the set and votes for
// exactly that set, once.
func (n *Node) vote(ctx context.Context, t audit.Task) error {
	seat, err := n.seat(t)
	if err != nil {
		return err
	}
	if seat.holder == nil {
		return fmt.Errorf("attempt %s: the key of its `ready` is gone; this node sits the attempt out", seat.attempt.ID)
	}
	if seat.set == nil {
		return fmt.Errorf("attempt %s: its set is not fixed yet", seat.attempt.ID)
	}
	set := crypto.Set(seat.set.Points)
	if err := set.Check(seat.attempt); err != nil {
		return err
	}
	if err := n.mayVote(t); err != nil {
		return err
	}
	if err := n.sameVote(seat); err != nil {
		return err
	}
	if err := n.collect(ctx, seat, set); err != nil {
		return err
	}
	disputes, err := n.checkShares(ctx, seat, set)
	if err != nil || len(disputes) > 0 {
		return errors.Join(err, n.dispute(ctx, t, disputes))
	}
	if err := seat.noneWrong(); err != nil {
		return err
	}
	body := &audit.Vote{Open: seat.attempt.ID, Points: seat.set.Points, Root: seat.set.Root}
	return n.say(ctx, t, body, func(s *audit.Statement) error {
		return seat.holder.Vote(set, body.Root, func() error {
			return n.store.Once("vote", seat.attempt.ID, s.Leaf)
		})
	})
}

// release hands over this node's share sum for the certified set. The bytes
// are journalled before the first of them leaves; a restarted node sends the
// journalled ones again and never makes others.
func (n *Node) release(ctx context.Context, t audit.Task) error {
	seat, err := n.seat(t)
	if err != nil {
		return err
	}
	release, err := n.store.Done("release", seat.attempt.ID)
	if err != nil {
		return err
	}
	if release == nil {
		if seat.holder == nil {
			return fmt.Errorf("attempt %s: the shares are gone; this node does not release", seat.attempt.ID)
		}
		release, err = seat.holder.Release(seat.certificate, func(b []byte) error {
			err := n.store.Once("release", seat.attempt.ID, b)
			if n.cfg.Policy.off[ruleJournal] {
				return nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if _, err := n.account(); err != nil { // charged at the certificate, before the sum can be opened with this release
		return err
	}
	digest := crypto.DigestOf(release)
	if err := n.cfg.Coordinator.PutBlob(ctx, digest, int64(len(release)), bytes.NewReader(release)); err != nil {
		return err
	}
	body := &audit.Release{Open: seat.attempt.ID, Sum: audit.BlobRef{Digest: digest, Size: int64(len(release))}}
	if err := n.say(ctx, t, body, nil); err != nil {
		return err
	}
	n.forget(seat)
	return nil
}

// abort promises never to release in this attempt.
func (n *Node) abort(ctx context.Context, t audit.Task) error {
	seat, err := n.seat(t)
	if err != nil {
		return err
	}
	if seat.holder == nil {
		return fmt.Errorf("attempt %s: only the start that offered its key may abort it", seat.attempt.ID)
	}
	body := &audit.Abort{Open: seat.attempt.ID, Reason: "no_certificate", Cannot: n.unacceptable(seat)}
	if n.cfg.Policy.off[codeWrongShare] {
		body.Cannot = []int{}
	}
	if len(body.Cannot) > 0 {
		body.Reason = "cannot_accept"
	}
	err = n.say(ctx, t, body, func(*audit.Statement) error { return seat.holder.Abort() })
	if err != nil {
		return err
	}
	n.forget(seat)
	return nil
}

// advance adds the round's frames again, opens the sum with the logged
// releases, and takes the model's next step with it.
func (n *Node) advance(ctx context.Context, t audit.Task) error {
	if err := n.chain.Follow(ctx, n.party, t, n.cfg.Coordinator); err != nil {
		return err
	}
	n.forgetUpTo(t.Study, t.Round)
	n.tidy()
	n.party.Wake()
	return nil
}

// codeWrongShare is the code by which package secret says that a box is as its
// contributor signed it and holds no valid share. Any other failure may be the
// way here, and a box that is fetched again may do.
const codeWrongShare = "SS3104"

// collect accepts the box of every contributor of set that is for this node.
// It goes on after a wrong one, so that an `abort` names all of them.
func (n *Node) collect(ctx context.Context, seat *seat, set crypto.Set) error {
	for _, point := range set {
		if seat.holder.has(point) || slices.Contains(seat.holder.unusable(), point) {
			continue
		}
		u := seat.updates[point]
		if u == nil {
			return fmt.Errorf("the set names point %d, which has no update", point)
		}
		var box bytes.Buffer
		offset := int64(seat.place) * crypto.BoxSize
		if err := n.cfg.Coordinator.GetBlob(ctx, u.Boxes.Digest, offset, crypto.BoxSize, &box); err != nil {
			return fmt.Errorf("fetching the share that point %d sealed for this node: %w", point, err)
		}
		err := seat.holder.Accept(point, box.Bytes(), u.BoxDigests[seat.place], u.Shares[seat.place])
		if wrong := new(secret.Error); errors.As(err, &wrong) && wrong.Code() == codeWrongShare {
			seat.holder.cannot(point, wrong)
			continue
		}
		if err != nil {
			return fmt.Errorf("the share that point %d sealed for this node: %w", point, err)
		}
		seat.holder.note(point)
	}
	return nil
}

// noneWrong refuses to vote when somebody's share cannot be used.
func (s *seat) noneWrong() error {
	points := s.holder.unusable()
	if len(points) == 0 {
		return nil
	}
	var names []string
	for _, p := range points {
		names = append(names, s.roster[p-1])
	}
	who := strings.Join(names, ", ")
	return &RefusalError{codeWrongShare,
		fmt.Sprintf("study %s round %d attempt %d: what %s sealed for this node is as signed and holds no valid share (%v); this node does not vote, and says so when it gives the attempt up",
			s.task.Study, s.task.Round, s.task.Attempt, who, s.holder.why(points[0])),
		"ask " + who + " to look at its node; when enough institutions say the same, and no sum of the study was opened before, the next attempt leaves it out"}
}

// sealed returns the update of this attempt: from the journal when this node
// made it before, and otherwise trained and encrypted now, once.
func (n *Node) sealed(method *Method, state []byte, part *part, seat *seat) (*audit.Update, error) {
	kept, err := n.store.Done("update", seat.attempt.ID)
	if err != nil {
		return nil, err
	}
	if kept == nil {
		return n.encrypt(method, state, part, seat)
	}
	body := new(audit.Update)
	if err := json.Unmarshal(kept, body); err != nil {
		return nil, errors.Join(errors.New("the node's journal holds an update that cannot be read"), err)
	}
	return body, nil
}
