package party

import (
	"context"
	"errors"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
)

// FetchBundle writes an audit bundle of the whole log to dir, fetched over the
// network.
func (s *Seat) FetchBundle(ctx context.Context, client *api.Client, kind bundle.Kind, dir string) (audit.Head, error) {
	checkpoint, err := client.Checkpoint(ctx)
	if err != nil {
		return audit.Head{}, err
	}
	head, err := audit.ReadCheckpoint(checkpoint, s.Origin, s.CoordinatorKey)
	if err != nil {
		return head, err
	}
	leaves, err := fetchLeaves(ctx, client, head.Size)
	if err != nil {
		return head, err
	}
	return head, bundle.Write(ctx, dir, kind, leaves, checkpoint, client)
}

// fetchLeaves fetches the first size entries of the log.
func fetchLeaves(ctx context.Context, client *api.Client, size int64) ([][]byte, error) {
	if size == 0 {
		return nil, nil
	}
	enough := errors.New("the log is here up to the checkpoint")
	var leaves [][]byte
	err := client.Follow(ctx, 0, func(_ int64, page [][]byte, _ []byte) error {
		leaves = append(leaves, page...)
		if int64(len(leaves)) >= size {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		return nil, err
	}
	return leaves[:size], nil
}
