package node

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// codeContradiction is the code by which package secret says that a share
// contradicts its contributor's own projection.
const codeContradiction = "SS3110"

// codeProvedWrong is the code by which package crypto says that a contributor
// is proved wrong by its projection.
const codeProvedWrong = "SS3013"

// commitment is what the signed update of a contributor says of its key.
func commitment(point int, u *audit.Update) crypto.Commitment {
	return crypto.Commitment{Point: point, Frames: u.Frames.Digest, Shares: u.Shares, Projection: u.Projection.Digest}
}

// checkShares makes the share check of every contributor of set, before the vote. It returns what this node has to say against some
// of them; an error when a check could not be made.
func (n *Node) checkShares(ctx context.Context, seat *seat, set crypto.Set) (disputes []audit.Dispute, err error) {
	for _, point := range set {
		kind, err := n.checkShare(ctx, seat, point)
		if err != nil && !seat.holder.has(point) {
			continue // its box is of no use already, and `abort` says so
		}
		if err != nil {
			return nil, err
		}
		if kind != "" && point != seat.point {
			disputes = append(disputes, audit.Dispute{Kind: kind, Open: seat.attempt.ID, Contributor: point})
		}
	}
	return disputes, nil
}

// checkShare returns the kind of dispute that the check of one contributor
// gives; "" when it passes.
func (n *Node) checkShare(ctx context.Context, seat *seat, point int) (kind string, err error) {
	if kind, known := seat.holder.checked(point); known {
		return kind, nil
	}
	p, err := n.projection(ctx, seat, point)
	wrong := new(crypto.WrongError)
	switch {
	case errors.As(err, &wrong) && n.cfg.Policy.off[codeProvedWrong]:
		return "", nil
	case errors.As(err, &wrong):
		seat.holder.check(point, audit.DisputeProjection, err)
		return audit.DisputeProjection, nil
	case err != nil:
		return "", err
	}
	err = seat.holder.Check(p)
	switch coded := new(secret.Error); {
	case errors.As(err, &coded) && coded.Code() == codeContradiction && n.cfg.Policy.off[codeContradiction]:
		return "", nil
	case errors.As(err, &coded) && coded.Code() == codeContradiction:
		seat.holder.check(point, audit.DisputeShare, err)
		return audit.DisputeShare, nil
	case err != nil && !seat.holder.has(point):
		return "", nil // its box does not open; nobody else can see that, and `abort` says it
	case err != nil:
		return "", err
	}
	seat.holder.check(point, "", nil)
	return "", nil
}

// projection fetches the projection of one contributor and holds it against its
// canary blocks. A *crypto.WrongError proves the contributor wrong.
func (n *Node) projection(ctx context.Context, seat *seat, point int) (*crypto.Projection, error) {
	u := seat.updates[point]
	if u == nil {
		return nil, fmt.Errorf("point %d has no update in attempt %s", point, seat.attempt.ID)
	}
	var b bytes.Buffer
	if err := n.cfg.Coordinator.GetBlob(ctx, u.Projection.Digest, 0, u.Projection.Size, &b); err != nil {
		return nil, fmt.Errorf("fetching the projection of point %d: %w", point, err)
	}
	p, err := crypto.ParseProjection(seat.attempt, commitment(point, u), b.Bytes())
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	var fetch error
	var done sync.WaitGroup
	done.Go(func() {
		fetch = n.cfg.Coordinator.GetBlob(ctx, u.Frames.Digest, 0, u.Frames.Size, w)
		_ = w.CloseWithError(fetch) // nil ends the stream
	})
	err = p.CheckCanaries(r)
	_ = r.Close()
	done.Wait()
	if wrong := new(crypto.WrongError); err != nil && !errors.As(err, &wrong) {
		return nil, fmt.Errorf("the frames of point %d: %w", point, errors.Join(err, fetch))
	}
	return p, err
}

// dispute says in the log what the share check found. It says each thing once.
func (n *Node) dispute(ctx context.Context, t audit.Task, list []audit.Dispute) error {
	for _, d := range list {
		if n.disputed(t, d) {
			continue
		}
		n.log.Warn("the share check of a contributor failed; this node does not vote for a sum with it",
			"study", t.Study, "round", t.Round, "attempt", t.Attempt, "contributor", d.Contributor, "kind", d.Kind)
		if err := n.say(ctx, t, &d, nil); err != nil {
			return err
		}
	}
	return nil
}

// disputed reports whether the log has this dispute of this node already.
func (n *Node) disputed(t audit.Task, d audit.Dispute) (is bool) {
	n.party.View(func(st *audit.State) {
		at := st.Attempt(t.Study, t.Round, t.Attempt)
		is = at != nil && slices.ContainsFunc(at.Disputes, func(m *audit.Statement) bool {
			b := m.Body.(*audit.Dispute)
			return m.Signer == n.cfg.Name && b.Kind == d.Kind && b.Contributor == d.Contributor
		})
	})
	return is
}

// weigh checks the evidence that others logged against contributors. What it
// finds decides whom an `abort` of this node names, and whether the next holder
// opens its share.
func (n *Node) weigh(ctx context.Context, t audit.Task) error {
	seat, err := n.seat(t)
	if err != nil {
		return err
	}
	var list []*audit.Statement
	var at *audit.Attempt
	var failed error
	n.party.View(func(st *audit.State) {
		at = st.Attempt(t.Study, t.Round, t.Attempt)
		list = at.Evidence()
	})
	for _, m := range list {
		if n.weighed(m.Hash) {
			continue
		}
		proved, why, err := n.evidence(ctx, seat, at.Point(m.Signer), m.Body.(*audit.Dispute))
		if err != nil { // the next may be weighed all the same
			failed = errors.Join(failed, err)
			continue
		}
		n.log.Info("evidence against a contributor was checked", "study", t.Study, "round", t.Round, "attempt", t.Attempt,
			"contributor", at.Name(m.Body.(*audit.Dispute).Contributor), "by", m.Signer, "proved", proved, "why", why)
		n.mu.Lock()
		n.weights[m.Hash] = proved
		n.mu.Unlock()
	}
	n.party.Wake()
	return failed
}

func (n *Node) weighed(dispute crypto.Digest) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, known := n.weights[dispute]
	return known
}

// evidence reports whether logged evidence proves a contributor wrong.
func (n *Node) evidence(ctx context.Context, seat *seat, holder int, d *audit.Dispute) (proved bool, why string, err error) {
	if d.Kind == audit.DisputeProjection && seat.holder != nil {
		if kind, known := seat.holder.checked(d.Contributor); known { // its own check said so before its vote
			return kind == audit.DisputeProjection, "as this node's own check", nil
		}
	}
	p, err := n.projection(ctx, seat, d.Contributor)
	wrong := new(crypto.WrongError)
	switch {
	case errors.As(err, &wrong):
		return true, wrong.Error(), nil
	case err != nil:
		return false, "", err
	case d.Kind == audit.DisputeProjection:
		return false, "the projection opens its canaries", nil
	}
	// What is named is signed, what is fetched is not: bytes that the coordinator
	// made up must not make a proof void, nor a blob that it lacks keep us waiting.
	i := seat.attempt.Index(holder)
	if i < 0 || d.Evidence.Digest != seat.updates[d.Contributor].Shares[i] {
		return n.cfg.Policy.off[string(audit.CodeEvidenceVoid)], "what was opened is not the share that the contributor signed", nil
	}
	var b bytes.Buffer
	if err := n.cfg.Coordinator.GetBlob(ctx, d.Evidence.Digest, 0, d.Evidence.Size, &b); err != nil {
		return false, "", fmt.Errorf("fetching the share that point %d opened: %w", holder, err)
	}
	if crypto.DigestOf(b.Bytes()) != d.Evidence.Digest {
		return false, "", fmt.Errorf("the share that point %d opened came with other bytes than its digest says", holder)
	}
	proved, why = p.CheckOpening(holder, b.Bytes())
	if n.cfg.Policy.off[string(audit.CodeEvidenceVoid)] {
		proved = true
	}
	return proved, why, nil
}

// disclose opens the shares that contradict their contributors' projections,
// where it is this node's turn.
func (n *Node) disclose(ctx context.Context, t audit.Task) error {
	seat, err := n.seat(t)
	if err != nil {
		return err
	}
	if seat.holder == nil {
		return fmt.Errorf("attempt %s: the shares are gone; this node opens none", seat.attempt.ID)
	}
	logged := map[int]int{}
	local := n.local()
	n.party.View(func(st *audit.State) {
		at := st.Attempt(t.Study, t.Round, t.Attempt)
		for _, point := range st.Discloses(n.cfg.Name, local, n.now(), at) {
			logged[point] = at.Openings(point)
		}
	})
	for point, opened := range logged {
		share, err := seat.holder.disclose(point, opened)
		if err != nil {
			return err
		}
		digest := crypto.DigestOf(share)
		if err := n.cfg.Coordinator.PutBlob(ctx, digest, int64(len(share)), bytes.NewReader(share)); err != nil {
			return err
		}
		body := &audit.Dispute{Kind: audit.DisputeOpening, Open: seat.attempt.ID, Contributor: point,
			Evidence: audit.BlobRef{Digest: digest, Size: int64(len(share))}}
		if err := n.say(ctx, t, body, nil); err != nil {
			return err
		}
	}
	return nil
}

// unacceptable returns the contributors that this node's `abort` names: whose
// box or share it cannot accept, and who are proved wrong in the log.
func (n *Node) unacceptable(seat *seat) []int {
	local := n.local()
	points := append(seat.holder.unusable(), seat.holder.contradicted()...)
	n.party.View(func(st *audit.State) {
		points = append(points, st.Attempt(seat.task.Study, seat.task.Round, seat.task.Attempt).Proved(local.Weighed)...)
	})
	points = slices.DeleteFunc(points, func(p int) bool { return seat.updates[p] == nil || p == seat.point })
	slices.Sort(points)
	return slices.Compact(points)
}
