package coordinator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
	"github.com/smartstart-federation/smartstart/coordinator/store"
	"github.com/smartstart-federation/smartstart/crypto"
)

// named returns the blobs that a statement names and that must be here before
// it gets its place. Size -1 means that the statement does not say.
func named(b audit.Body) []audit.BlobRef {
	switch b := b.(type) {
	case *audit.Charter:
		return []audit.BlobRef{{Digest: b.Codebook, Size: -1}}
	case *audit.Update:
		return []audit.BlobRef{b.Frames, b.Boxes, b.Projection}
	case *audit.Release:
		return []audit.BlobRef{b.Sum}
	case *audit.Dispute:
		if b.Evidence.Size > 0 {
			return []audit.BlobRef{b.Evidence}
		}
	case *audit.Publish:
		return []audit.BlobRef{b.Document}
	}
	return nil
}

// checkBlobs refuses a statement whose blobs are not here, whole and in the
// form that its attempt implies. What passes is held until release is called,
// and goes on counting against its uploader: only a statement that gets its
// place takes blobs out of a quota.
//
// The blobs are opened once and read from that handle; they cannot change
// because nothing ever changes a blob.
func (q *sequencer) checkBlobs(ctx context.Context, s *audit.Statement) (release func(), err error) {
	refs := named(s.Body)
	var holds []func()
	all := func() {
		for _, r := range holds {
			r()
		}
	}
	if len(refs) == 0 {
		return all, nil
	}
	defer func() {
		if err != nil {
			all()
		}
	}()
	if !q.off.turns {
		leave, err := q.turns.take(ctx, caller(ctx))
		if err != nil {
			return nil, err
		}
		defer leave()
	}
	select {
	case q.checks <- struct{}{}:
		defer func() { <-q.checks }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	open := make([]blobs.Blob, len(refs))
	for i, ref := range refs {
		hold, err := q.blobs.Hold(ref.Digest)
		if errors.Is(err, blobs.ErrMissing) {
			return nil, api.Errorf(api.Refused, "SS6501", "upload the blob, then sign again", "the %s names a blob that is not here", s.Type)
		}
		if err != nil {
			return nil, err
		}
		holds = append(holds, hold)
		b, err := q.blobs.Open(ref.Digest)
		if err != nil {
			return nil, err
		}
		defer b.Close()
		if ref.Size >= 0 && b.Size() != ref.Size {
			return nil, api.Errorf(api.Refused, "SS6502", "name the blob with its real size", "the %s names a blob of %d bytes as one of %d", s.Type, b.Size(), ref.Size)
		}
		open[i] = b
	}
	return all, q.checkContent(s, open)
}

// keep tells the shelf which blobs have their place in the log now. A failure
// loses nothing: they count against their uploader until the next start, which
// keeps whatever the log names.
func (q *sequencer) keep(entries []store.Entry, bodies []audit.Body) {
	for i, b := range bodies {
		for _, ref := range named(b) {
			if err := q.blobs.Keep(ref.Digest); err != nil {
				q.log.Warn("a named blob could not be marked as kept", "entry", entries[i].Index, "blob", ref.Digest, "error", err)
			}
		}
	}
}

// checkContent holds the bytes against the attempt that they were made for.
func (q *sequencer) checkContent(s *audit.Statement, open []blobs.Blob) error {
	if d, ok := s.Body.(*audit.Dispute); ok && d.Kind == audit.DisputeFork {
		return q.checkFork(s.Signer, open[0])
	}
	if s.Type != audit.TypeUpdate && s.Type != audit.TypeRelease {
		return nil // nothing that the sequencer could hold it against
	}
	var a crypto.Attempt
	var point int
	var set []int
	q.View(func(st *audit.State) {
		if at := st.Attempt(s.Study, s.Round, s.Attempt); at != nil {
			a, point = at.Crypto(st), at.Point(s.Signer)
			if at.Set != nil {
				set = at.Set.Body.(*audit.Set).Points
			}
		}
	})
	if point == 0 {
		return fmt.Errorf("entry of %s passed its check without a seat", s.Signer)
	}
	switch b := s.Body.(type) {
	case *audit.Update:
		if err := crypto.CheckFrames(a, point, blobs.Reader(open[0])); err != nil {
			return api.Errorf(api.Refused, "SS6503", "encrypt and upload again", "the frames of %s cannot be added: %s", s.Signer, err).Because(err)
		}
		return checkBoxes(s.Signer, b.BoxDigests, open[1])
	case *audit.Release:
		if err := checkRelease(a, point, set, open[0]); err != nil {
			return api.Errorf(api.Refused, "SS6505", "send the release that the journal holds", "the release of %s cannot be used: %s", s.Signer, err).Because(err)
		}
	}
	return nil
}

// checkFork refuses evidence that shows nothing: an entry that accuses the
// coordinator falsely would stay in the log for good.
func (q *sequencer) checkFork(signer string, b blobs.Blob) error {
	content, err := io.ReadAll(blobs.Reader(b))
	if err != nil {
		return err
	}
	var key string
	q.View(func(st *audit.State) { key = st.CoordinatorKey() })
	if _, err := audit.ReadFork(q.origin, key, content); err != nil {
		return api.Errorf(api.Refused, "SS6506", "show two checkpoints of one size and different roots that the coordinator signed; audit compare says what a file shows", "the evidence of %s shows no fork: %s", signer, err).Because(err)
	}
	return nil
}

// checkRelease holds a release against its maker and the attempt's set. One for
// another set must not get a place: it would stand in the way of opening.
func checkRelease(a crypto.Attempt, point int, set []int, b blobs.Blob) error {
	if b.Size() != crypto.ReleaseSize {
		return fmt.Errorf("it has %d bytes, not %d", b.Size(), crypto.ReleaseSize)
	}
	content, err := io.ReadAll(blobs.Reader(b))
	if err != nil {
		return err
	}
	r, err := crypto.ParseRelease(a, content)
	if err != nil {
		return err
	}
	if r.Point() != point {
		return fmt.Errorf("it was made by point %d, not %d", r.Point(), point)
	}
	if !slices.Equal(r.Set(), set) {
		return errors.New("it is for another set than the logged one")
	}
	return nil
}

// checkBoxes holds each sealed box against its signed digest: a box that is
// wrong here is found before anybody waits for its holder.
func checkBoxes(signer string, digests []crypto.Digest, boxes blobs.Blob) error {
	if boxes.Size() != int64(len(digests))*crypto.BoxSize {
		return api.Errorf(api.Refused, "SS6504", "upload one box for each seat", "the boxes of %s do not fit their digests", signer)
	}
	r := blobs.Reader(boxes)
	box := make([]byte, crypto.BoxSize)
	for i, want := range digests {
		if _, err := io.ReadFull(r, box); err != nil {
			return err
		}
		if crypto.DigestOf(box) != want {
			return api.Errorf(api.Refused, "SS6504", "upload the boxes that were sealed", "box %d of %s does not have its signed digest", i+1, signer)
		}
	}
	return nil
}

// GetBlob writes a blob to w, as api.Client does over the network.
func (c *Coordinator) GetBlob(_ context.Context, digest [32]byte, offset, length int64, w io.Writer) error {
	b, err := c.blobs.Open(digest)
	if err != nil {
		return outward(err)
	}
	defer b.Close()
	if length < 0 {
		length = b.Size() - offset
	}
	if offset < 0 || length < 0 || length > b.Size()-offset {
		return errRange()
	}
	_, err = io.Copy(w, io.NewSectionReader(b, offset, length))
	return err
}

// PutBlob keeps content as the coordinator's own blob and returns its digest.
func (c *Coordinator) PutBlob(_ context.Context, content []byte) (crypto.Digest, error) {
	d, err := blobs.Put(c.blobs, c.cfg.Signer.Name(), bytes.Clone(content))
	if err != nil {
		return d, outward(err)
	}
	return d, nil
}

func errRange() *api.Error {
	return api.Errorf(api.Invalid, "SS6411", "ask for a range inside the blob", "the range lies outside the blob")
}
