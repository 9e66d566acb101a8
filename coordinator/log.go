package coordinator

import (
	"context"

	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/coordinator/store"
)

// localLog is the coordinator's own way to its log: the same calls, rules and
// errors as over the network.
type localLog struct{ q *sequencer }

// Append implements loop.Log.
func (l localLog) Append(ctx context.Context, leaf []byte) (int64, error) {
	index, err := l.q.Append(ctx, leaf)
	if err != nil {
		return 0, outward(err)
	}
	return index, nil
}

// Follow implements loop.Log.
func (l localLog) Follow(ctx context.Context, from int64, page func(from int64, leaves [][]byte, checkpoint []byte) error) error {
	return l.q.Follow(ctx, from, page)
}

// journal lets the coordinator's own loop start from the store. It needs no
// outbox: a statement of the coordinator is durable and seen by others, or it
// is lost with the process and was seen by nobody.
type journal struct{ store store.Store }

// Entries implements loop.Journal.
func (j journal) Entries(yield func(leaf []byte) error) error {
	return everyLeaf(context.Background(), j.store, yield)
}

// Extend implements loop.Journal.
func (journal) Extend(int64, [][]byte) error { return nil }

// Outbox implements loop.Journal.
func (journal) Outbox() ([]byte, error) { return nil, nil }

// SetOutbox implements loop.Journal.
func (journal) SetOutbox([]byte) error { return nil }

var (
	_ loop.Log     = localLog{}
	_ loop.Journal = journal{}
)
