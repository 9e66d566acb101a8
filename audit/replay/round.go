package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Blobs fetches blobs by digest. GetBlob MUST fail when what it delivered does
// not hash to digest (length < 0 means the whole blob).
type Blobs interface {
	GetBlob(ctx context.Context, digest [32]byte, offset, length int64, w io.Writer) error
}

// Round is one finished attempt as the log describes it.
type Round struct {
	Study    string
	Number   int
	Attempt  crypto.Attempt
	Set      crypto.Set
	Root     crypto.Digest
	Frames   map[int]audit.BlobRef // by point of U
	Releases map[int]audit.BlobRef // by point
	Result   *audit.Result         // nil while the coordinator computes it
}

// ErrResult is a finding against the coordinator, who signed the claim.
var ErrResult error = audit.Refuse(audit.CodeSums)

// Add adds the frames of the round's set from the blobs, one sum in memory.
func (r *Round) Add(ctx context.Context, blobs Blobs) (*crypto.Sum, error) {
	sum, err := crypto.NewSum(r.Attempt)
	if err != nil {
		return nil, err
	}
	for _, point := range r.Set {
		ref, ok := r.Frames[point]
		if !ok {
			return nil, fmt.Errorf("the set names point %d, which has no update", point)
		}
		if err := addOne(ctx, sum, point, ref, blobs); err != nil {
			return nil, fmt.Errorf("adding the frames of point %d: %w", point, err)
		}
	}
	return sum, nil
}

func addOne(ctx context.Context, sum *crypto.Sum, point int, ref audit.BlobRef, blobs Blobs) error {
	pr, pw := io.Pipe()
	fetched := make(chan error, 1)
	go func() {
		err := blobs.GetBlob(ctx, ref.Digest, 0, -1, pw)
		pw.CloseWithError(err)
		fetched <- err
	}()
	err := sum.Add(point, pr)
	pr.CloseWithError(err)
	return errors.Join(err, <-fetched)
}

// Open adds the frames again and opens the sum with the logged releases. Sums
// other than those the coordinator stated are ErrResult. The root in the set
// enters no computation: another one is a finding of the verifier and does not
// void the attempt.
func (r *Round) Open(ctx context.Context, blobs Blobs) (*crypto.Opening, error) {
	sum, err := r.Add(ctx, blobs)
	if err != nil {
		return nil, err
	}
	releases, err := r.FetchReleases(ctx, blobs)
	if err != nil {
		return nil, err
	}
	o, err := sum.Open(r.Set, releases)
	if err != nil {
		return nil, err
	}
	if r.Result != nil && o.Digest() != r.Result.Sums {
		return nil, ErrResult
	}
	return o, nil
}

// FetchReleases returns the releases of the round: those its result used, or
// all of them while there is no result.
func (r *Round) FetchReleases(ctx context.Context, blobs Blobs) ([]crypto.Release, error) {
	var releases []crypto.Release
	for _, h := range r.Attempt.Holders {
		ref, ok := r.Releases[h.Point]
		if !ok || (r.Result != nil && !named(h.Point, r.Result.Used, r.Result.Wrong)) {
			continue
		}
		var b bytes.Buffer
		if err := blobs.GetBlob(ctx, ref.Digest, 0, -1, &limited{&b, crypto.ReleaseSize}); err != nil {
			return nil, fmt.Errorf("fetching the release of point %d: %w", h.Point, err)
		}
		rel, err := crypto.ParseRelease(r.Attempt, b.Bytes())
		if err != nil {
			return nil, fmt.Errorf("the release of point %d: %w", h.Point, err)
		}
		releases = append(releases, rel)
	}
	return releases, nil
}

func named(point int, lists ...[]int) bool {
	for _, l := range lists {
		for _, p := range l {
			if p == point {
				return true
			}
		}
	}
	return false
}

// limited is a buffer that takes at most left more bytes: what another party
// sends decides about no more memory than that.
type limited struct {
	buffer *bytes.Buffer
	left   int
}

func (l *limited) Write(p []byte) (int, error) {
	if len(p) > l.left {
		return 0, errors.New("more bytes come than a blob of this kind has")
	}
	l.left -= len(p)
	return l.buffer.Write(p)
}
