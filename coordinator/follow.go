package coordinator

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

func leafHash(leaf []byte) crypto.Digest { return crypto.Digest(tlog.RecordHash(leaf)) }

// covers returns an error when the log ends before entry `from`.
func (q *sequencer) covers(from int64) error {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if from > q.size {
		return errBeyond(q.size, from)
	}
	return nil
}

// Follow calls page with the durable log from index `from` on and goes on as it
// grows, until ctx ends, page fails or the coordinator stops. Each follower is
// a cursor over the store: one that is slow, or stands still, costs a blocked
// goroutine and holds nobody up.
func (q *sequencer) Follow(ctx context.Context, from int64, page func(from int64, leaves [][]byte, checkpoint []byte) error) error {
	return q.follow(ctx, from, page, nil)
}

// follow is Follow that also calls cosigned, when not nil, with every
// checkpoint that has co-signatures which this follower has not heard of.
func (q *sequencer) follow(ctx context.Context, from int64, page func(from int64, leaves [][]byte, checkpoint []byte) error, cosigned func(checkpoint []byte) error) error {
	if from < 0 {
		return api.Errorf(api.Invalid, "SS6103", "", "the log begins at index 0")
	}
	heard := 0
	for {
		if cosigned != nil {
			list, now, err := q.cosignedSince(heard)
			if err != nil {
				return err
			}
			for _, signed := range list {
				if err := cosigned(signed); err != nil {
					return err
				}
			}
			heard = now
		}
		q.mu.RLock()
		if cosigned != nil && q.cosigned.version != heard {
			q.mu.RUnlock()
			continue // or the change would be waited for that has come
		}
		size, grown := q.size, q.grown
		leaves := q.tail.page(from, api.MaxPage, api.MaxPageBytes)
		q.mu.RUnlock()
		if from > size {
			return errBeyond(size, from)
		}
		if from == size {
			select {
			case <-grown:
				continue
			case <-ctx.Done():
				return ctx.Err()
			case <-q.done:
				return q.ended()
			}
		}
		if len(leaves) == 0 {
			var err error
			if leaves, err = q.store.Leaves(ctx, from, int(min(size-from, api.MaxPage)), api.MaxPageBytes); err != nil {
				return err
			}
		}
		if len(leaves) == 0 {
			return fmt.Errorf("the store ends before entry %d of %d", from, size)
		}
		signed, err := q.plainAt(from + int64(len(leaves)))
		if err != nil {
			return err
		}
		if err := page(from, leaves, signed); err != nil {
			return err
		}
		from += int64(len(leaves))
	}
}

// Checkpoint returns the newest signed checkpoint, with its co-signatures.
func (q *sequencer) Checkpoint() ([]byte, error) {
	q.mu.RLock()
	size := q.size
	lines := q.cosigned.at(size)
	q.mu.RUnlock()
	plain, err := q.plainAt(size)
	if err != nil || len(lines) == 0 {
		return plain, err
	}
	return audit.WithCosignatures(plain, lines), nil
}

// plainAt signs the log at a durable size. Ed25519 is deterministic, so
// one size has one checkpoint; the newest is remembered because all followers
// at the end of the log ask for it at the same moment.
func (q *sequencer) plainAt(size int64) ([]byte, error) {
	q.mu.RLock()
	last := q.signed
	root, ok := q.state.RootAt(size)
	q.mu.RUnlock()
	if last.size == size && last.bytes != nil {
		return last.bytes, nil
	}
	if !ok {
		return nil, fmt.Errorf("no root at size %d", size)
	}
	signed, err := audit.MakeCheckpoint(q.origin, audit.Head{Size: size, Root: root}, q.signer)
	if err != nil {
		return nil, err
	}
	q.mu.Lock()
	if size >= q.signed.size {
		q.signed = checkpoint{size, signed}
	}
	q.mu.Unlock()
	return signed, nil
}
