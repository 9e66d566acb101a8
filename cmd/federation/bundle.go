package federation

import (
	"context"
	"errors"
	"sort"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/audit/replay"
)

// Blobs reads blobs as the researcher does: over the network, by digest.
func (f *Federation) Blobs() replay.Blobs { return f.researcher.client }

// Bundle writes the sealed audit bundle of the whole log to dir, fetched over
// the network as an auditor would.
func (f *Federation) Bundle(ctx context.Context, dir string) error {
	checkpoint, err := f.researcher.client.Checkpoint(ctx)
	if err != nil {
		return err
	}
	leaves, err := f.leaves(ctx, checkpoint)
	if err != nil {
		return err
	}
	return bundle.Write(ctx, dir, bundle.Sealed, leaves, checkpoint, f.Blobs())
}

// leaves fetches the log up to a checkpoint.
func (f *Federation) leaves(ctx context.Context, checkpoint []byte) ([][]byte, error) {
	var head audit.Head
	var err error
	f.View(func(st *audit.State) { head, err = st.VerifyCheckpoint(checkpoint) })
	if err != nil {
		return nil, err
	}
	enough := errors.New("the log is here up to the checkpoint")
	var leaves [][]byte
	err = f.researcher.client.Follow(ctx, 0, func(_ int64, page [][]byte, _ []byte) error {
		leaves = append(leaves, page...)
		if int64(len(leaves)) >= head.Size {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) {
		return nil, err
	}
	return leaves[:head.Size], nil
}

// Attempts lists every attempt of every study in the order of the log.
func Attempts(st *audit.State) []*audit.Attempt {
	var all []*audit.Attempt
	for _, s := range st.Studies {
		for _, round := range s.Rounds {
			all = append(all, round...)
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Open.Index < all[j].Open.Index })
	return all
}
