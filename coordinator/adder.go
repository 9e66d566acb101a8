package coordinator

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/coordinator/blobs"
	"github.com/smartstart-federation/smartstart/crypto"
)

// adder adds frames from disk. It holds one sum in memory, whatever the number
// of institutions and studies: the newest one asked for, which `set` makes and
// `result` opens. After a restart, or when another study came in between, it
// is added again.
type adder struct {
	blobs blobs.Blobs

	mu    sync.Mutex
	id    crypto.Digest // of the attempt; zero when there is no sum
	sum   *crypto.Sum
	added map[int]bool
}

// with calls f with the sum of exactly the points of frames; f must not keep
// it. Points that the held sum lacks are added to it; one too many and it is
// made anew.
func (a *adder) with(ctx context.Context, at crypto.Attempt, frames map[int]audit.BlobRef, f func(*crypto.Sum) error) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.extend(ctx, at, frames); err != nil {
		a.id, a.sum, a.added = crypto.Digest{}, nil, nil // a failed sum is of no use
		return err
	}
	return f(a.sum)
}

func (a *adder) extend(ctx context.Context, at crypto.Attempt, frames map[int]audit.BlobRef) error {
	fits := a.id == at.ID
	for p := range a.added {
		_, ok := frames[p]
		fits = fits && ok
	}
	if !fits {
		sum, err := crypto.NewSum(at)
		if err != nil {
			return err
		}
		a.id, a.sum, a.added = at.ID, sum, map[int]bool{}
	}
	for _, p := range slices.Sorted(maps.Keys(frames)) {
		if a.added[p] {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := a.blobs.Open(frames[p].Digest)
		if err != nil {
			return fmt.Errorf("reading the frames of point %d: %w", p, err)
		}
		err = a.sum.Add(p, blobs.Reader(b))
		_ = b.Close() // it was only read
		if err != nil {
			return fmt.Errorf("adding the frames of point %d: %w", p, err)
		}
		a.added[p] = true
	}
	return nil
}
