package node

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// encrypt does the round's own work: the local step on the records, the only
// place where an institution's plain sums exist, and their encryption under a
// key made for this attempt.
//
// Nothing of it can happen twice: the act is journalled before the key is
// drawn. A node that stops between that and the finished files has lost the
// key and sits the attempt out.
func (n *Node) encrypt(method *Method, state []byte, part *part, seat *seat) (*audit.Update, error) {
	values, err := method.Plan.Local(state, part.table)
	if err != nil {
		return nil, err
	}
	plain, err := crypto.EncodeStat(seat.attempt.Shape, values)
	if err != nil {
		return nil, err
	}
	subject := seat.attempt.ID.String()
	defer plain.Wipe()
	give := given{
		Study: seat.task.Study, Round: seat.task.Round, Attempt: seat.task.Attempt,
		State: crypto.DigestOf(state), Plain: n.cfg.Key.PlainDigest(plain, seat.attempt),
	}
	same := func() (crypto.Digest, error) { return give.Plain, nil }
	if err := n.mayRepeat(seat.task, seat.attempt.ID, give.State, same); err != nil {
		return nil, err
	}
	if err := n.mayMake(seat); err != nil { // again: the records were read meanwhile
		return nil, err
	}
	note, err := json.Marshal(give)
	if err != nil {
		return nil, err
	}
	if err := n.store.Once("encrypt", seat.attempt.ID, note); err != nil {
		return nil, err
	}
	if n.cfg.Summed != nil {
		n.cfg.Summed(RoundInput{Node: n.cfg.Name, Attempt: seat.attempt.ID, Values: values})
	}
	body := &audit.Update{Open: seat.attempt.ID}
	var sealed *secret.Sealed
	body.Frames, err = n.spool(subject+".frames", func(w io.Writer) error {
		sealed, err = secret.Encrypt(seat.attempt, seat.point, plain, n.cfg.Key, w)
		return err
	})
	if err != nil {
		return nil, err
	}
	body.Boxes, err = n.spool(subject+".boxes", func(w io.Writer) error {
		_, err := w.Write(sealed.Boxes)
		return err
	})
	if err != nil {
		return nil, err
	}
	body.Projection, err = n.spool(subject+".projection", func(w io.Writer) error {
		_, err := w.Write(sealed.Projection)
		return err
	})
	if err != nil {
		return nil, err
	}
	body.BoxDigests, body.Shares = sealed.BoxDigests, sealed.Shares
	kept, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return body, n.store.Once("update", seat.attempt.ID, kept)
}

// mayMake refuses to begin what only the start that offered the attempt's key
// may do: a start that dropped it may be a restored copy of one that did it
// already. What is kept of an update may be sent in any start.
func (n *Node) mayMake(s *seat) error {
	kept, err := n.store.Done("update", s.attempt.ID)
	if err != nil || kept != nil || n.cfg.Policy.off[ruleHolder] {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.seats[s.ready] == nil {
		return fmt.Errorf("attempt %s: the key of its `ready` is gone; this node sits the attempt out", s.attempt.ID)
	}
	return nil
}

// wouldGive returns the keyed digest of the numbers that the local step gives
// now.
func (n *Node) wouldGive(method *Method, state []byte, part *part, shape crypto.Shape) (d crypto.Digest, err error) {
	values, err := method.Plan.Local(state, part.table)
	if err != nil {
		return d, err
	}
	plain, err := crypto.EncodeStat(shape, values)
	if err != nil {
		return d, err
	}
	defer plain.Wipe()
	return n.cfg.Key.PlainDigest(plain, crypto.Attempt{Shape: shape}), nil
}

// spool writes one blob to the uploads folder, durably, and names it.
func (n *Node) spool(name string, write func(io.Writer) error) (ref audit.BlobRef, err error) {
	f, err := os.OpenFile(n.store.Upload(name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return ref, fmt.Errorf("keeping an upload: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	h := sha256.New()
	c := &counter{w: io.MultiWriter(f, h)}
	if err := write(c); err != nil {
		return ref, err
	}
	if err := f.Sync(); err != nil {
		return ref, err
	}
	if err := syncFolder(filepath.Dir(f.Name())); err != nil {
		return ref, err
	}
	h.Sum(ref.Digest[:0])
	ref.Size = c.n
	return ref, nil
}

// upload sends the blobs of an update; an interrupted one goes on where it
// stopped.
func (n *Node) upload(ctx context.Context, seat *seat, u *audit.Update) error {
	subject := seat.attempt.ID.String()
	for _, b := range []struct {
		ref  audit.BlobRef
		name string
	}{{u.Frames, subject + ".frames"}, {u.Boxes, subject + ".boxes"}, {u.Projection, subject + ".projection"}} {
		if err := n.uploadFile(ctx, b.ref, n.store.Upload(b.name)); err != nil {
			return err
		}
	}
	return nil
}

func (n *Node) uploadFile(ctx context.Context, ref audit.BlobRef, path string) (err error) {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading a kept upload: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return n.cfg.Coordinator.PutBlob(ctx, ref.Digest, ref.Size, f)
}

type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

func syncFolder(path string) (err error) {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return d.Sync()
}
