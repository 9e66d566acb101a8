package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/audit/replay"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
	"github.com/smartstart-federation/smartstart/model"
)

// Coordinator is what a node needs of the coordinator; api.Client is one.
type Coordinator interface {
	loop.Log
	replay.Blobs
	// PutBlob stores a blob durably. Storing it again is harmless; an
	// interrupted upload goes on where it stopped.
	PutBlob(ctx context.Context, digest [32]byte, size int64, r io.ReaderAt) error
}

// Records are the institution's own rows.
type Records interface {
	// Table returns the named columns, checked against the codebook.
	// outOfRange is the study's rule: "error", "missing" or "clip". A column of
	// kind text is not returned; texts are what to make of it.
	Table(ctx context.Context, columns []string, outOfRange string, texts ...configs.TextColumn) (*model.Table, error)
}

// Config wires a Node.
type Config struct {
	Name           string // of the institution and its node
	Origin         string // of the federation's log
	CoordinatorKey string // verifier key, pinned
	Signer         note.Signer
	Key            secret.NodeKey
	Dir            string // the node's own folder
	Coordinator    Coordinator
	Records        Records
	Policy         Policy
	Logger         hclog.Logger
	Timeout        time.Duration // of an attempt; default 10 minutes
	Now            func() time.Time
	Applied        func(loop.Applied) // optional observer
	Refused        func(error)        // optional: told why this institution does not take part
	Summed         func(RoundInput)   // optional, for the federation harness: what went in, before encryption
}

// RoundInput is what one node put into one attempt. Only the harness that
// checks "sum of the inputs = opened sum" ever sees it.
type RoundInput struct {
	Node    string
	Attempt crypto.Digest
	Values  []*big.Int // tensor after tensor
}

// Node is a running institution's daemon.
type Node struct {
	cfg   Config
	log   hclog.Logger
	store *Store
	party *loop.Party
	chain *replay.Chain

	mu    sync.Mutex
	seats map[crypto.Digest]*held // by leaf hash of the `ready` that offered its key
	told  map[string]string       // the last refusal that was logged, by study
	// weights has what this start found of evidence against contributors, by
	// leaf hash of the dispute: true when it proves them wrong.
	weights map[crypto.Digest]bool

	entering sync.Mutex       // judging against the ledger and writing to it are one act
	judged   func(audit.Task) // tests only: called between the two
}

// Open opens the node's folder and folds what it holds of the log.
func Open(cfg Config) (*Node, error) {
	if cfg.Logger == nil {
		cfg.Logger = hclog.NewNullLogger()
	}
	store, err := OpenStore(cfg.Dir)
	if err != nil {
		return nil, err
	}
	n := &Node{
		cfg:     cfg,
		log:     cfg.Logger.Named(cfg.Name),
		store:   store,
		chain:   replay.NewChain(Methods{}),
		seats:   map[crypto.Digest]*held{},
		told:    map[string]string{},
		weights: map[crypto.Digest]bool{},
	}
	n.party, err = loop.New(loop.Config{
		Name: cfg.Name, Signer: cfg.Signer, Origin: cfg.Origin, CoordinatorKey: cfg.CoordinatorKey,
		Log: cfg.Coordinator, Journal: store, Cosign: store, Fork: n.fork, Local: n.local, Now: cfg.Now, Applied: n.applied,
		Handlers: map[string]loop.Handler{
			audit.TaskReady:    n.ready,
			audit.TaskUpdate:   n.update,
			audit.TaskVote:     n.vote,
			audit.TaskWeigh:    n.weigh,
			audit.TaskDisclose: n.disclose,
			audit.TaskRelease:  n.release,
			audit.TaskAbort:    n.abort,
			audit.TaskAdvance:  n.advance,
			audit.TaskEpoch:    n.epoch,
		},
		Failed: n.failed, Foreign: n.foreign, Trouble: n.trouble,
	})
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	if err := n.prepare(); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	n.tidy()
	return n, nil
}

func (n *Node) failed(t audit.Task, err error) {
	if wait := new(WaitError); errors.As(err, &wait) {
		n.log.Debug("waits for its run window", "task", t.Key, "until", wait.Until)
		return
	}
	if r := new(RefusalError); errors.As(err, &r) {
		n.refused(t, r)
		return
	}
	n.log.Warn("a task failed and will be tried again", "task", t.Key, "error", err)
	if n.cfg.Refused != nil {
		n.cfg.Refused(err)
	}
}

// trouble tells the operator what keeps the node from its work, and when that
// is over.
func (n *Node) trouble(err error) {
	if err == nil {
		n.log.Info("what stood in the way is over; going on")
		return
	}
	var coded interface{ Code() string }
	var helped interface{ Remedy() string }
	say := []any{"why", err}
	if errors.As(err, &coded) {
		say = append(say, "code", coded.Code())
	}
	if errors.As(err, &helped) {
		say = append(say, "remedy", helped.Remedy())
	}
	n.log.Warn("cannot go on now; it is tried again and again", say...)
}

// fork keeps the proof that the coordinator showed another history, before the
// node stops.
func (n *Node) fork(held, shown []byte) {
	path, err := n.store.KeepFork(n.cfg.CoordinatorKey, held, shown)
	if err != nil {
		n.log.Error("the log shown now contradicts the one held here, and the proof of it cannot be written", "error", err,
			"held", string(held), "shown", string(shown))
		return
	}
	n.log.Error("the log shown now contradicts the one held here; both checkpoints are kept as evidence", "file", path)
}

// Run follows the log and takes part until ctx ends. The secrets of open
// attempts are wiped when it returns.
func (n *Node) Run(ctx context.Context) error {
	err := n.party.Run(ctx)
	n.wipe(everything)
	if err != nil {
		err = fmt.Errorf("node %s stopped: %w", n.cfg.Name, err)
	}
	return errors.Join(err, n.store.Close())
}

// foreign is told of a statement of this node that this start did not make and
// did not find kept: its folder or its machine was put back to an earlier
// copy, or a second one runs. What was promised since then is not known here,
// so this start sits out every attempt under way.
func (n *Node) foreign(s *audit.Statement) {
	n.log.Warn("the log holds a statement of this node that this start did not make; it takes no part in attempts under way",
		"type", s.Type, "entry", s.Index, "remedy", "if a second copy of this node runs, stop it; if a backup was restored, nothing needs doing")
	n.wipe(everything)
}

// Party is the node's loop, for views and status.
func (n *Node) Party() *loop.Party { return n.party }

// Chain holds the model states this node computed itself.
func (n *Node) Chain() *replay.Chain { return n.chain }

// local is what this process holds in memory, for State.Expect.
func (n *Node) local() audit.Local {
	n.mu.Lock()
	defer n.mu.Unlock()
	holds := make(map[crypto.Digest]bool, len(n.seats))
	for ready := range n.seats {
		holds[ready] = true
	}
	return audit.Local{
		Models: n.chain.Models(), Holds: holds, Timeout: n.cfg.Timeout, Weighed: maps.Clone(n.weights),
		Outbox: n.store.Subjects("update"), Journal: n.store.Subjects("release"), Epoch: epochInLog(n.cfg.Policy.Epoch),
	}
}
