package audit

import (
	"fmt"
	"time"

	"github.com/smartstart-federation/smartstart/crypto"
)

// The kinds of task. Nodes: epoch, ready, update, weigh, disclose, vote, release, abort,
// advance. The coordinator: open, set, result. The researcher: advance, close.
const (
	TaskReady  = "ready"
	TaskUpdate = "update"
	TaskVote   = "vote"
	// TaskWeigh: check the evidence against a contributor that others logged.
	TaskWeigh = "weigh"
	// TaskDisclose: open the share that contradicts its contributor's
	// projection.
	TaskDisclose = "disclose"
	TaskRelease  = "release"
	TaskAbort    = "abort"
	TaskAdvance  = "advance"
	TaskOpen     = "open"
	TaskSet      = "set"
	TaskResult   = "result"
	TaskClose    = "close"
	// TaskEpoch is of no study: it begins the epoch that the node's policy names.
	TaskEpoch = "epoch"
)

// Task is one thing that is expected of a party now. Key is the same for the
// same work, so that a task that runs is not started twice.
//
// TaskAdvance with Round 0 asks for the start of the model; with Round r for
// the model's step over the sums of round r, which Attempt opened. TaskResult
// has another key whenever one more release is logged: a result that could not
// be computed is tried again; TaskWeigh whenever one more dispute is.
type Task struct {
	Key     string
	Kind    string
	Study   string
	Round   int
	Attempt int
}

// Wait says in plain words for whom and for what the party waits.
type Wait struct {
	Who   []string // institutions or other parties; empty when it is only time
	What  string
	Study string
	Since time.Time // zero when unknown
	Until time.Time // when something happens by itself; zero when never
	// Remedy says what somebody can do about it; empty when it only takes time.
	Remedy string
}

// DefaultTimeout is how long an attempt may take.
const DefaultTimeout = 10 * time.Minute

// RenewReady is how long the attempt key of a `ready` may wait.
const RenewReady = 30 * time.Minute

// Local is what a party knows that is not in the log.
type Local struct {
	// Boot is the epoch of this start of the process.
	Boot crypto.Digest
	// Models says how far this party has computed each study.
	Models map[string]ModelState
	// Holds has the leaf hash of every own `ready` whose attempt key is in the
	// memory of this process.
	Holds map[crypto.Digest]bool
	// Outbox has the id of every attempt whose frames and boxes are kept on
	// disk, finished: after a restart they may be sent, byte for byte.
	Outbox map[crypto.Digest]bool
	// Journal has the id of every attempt whose release is kept on disk: after
	// a restart it may be sent, byte for byte.
	Journal map[crypto.Digest]bool
	// Weighed has the leaf hash of every dispute whose evidence this party has
	// checked: true when it proves the contributor wrong, false when it is void.
	Weighed map[crypto.Digest]bool
	// Timeout of an attempt; 0 means DefaultTimeout.
	Timeout time.Duration
	// Epoch is the name that this node's policy gives to the version of its
	// records; "" when it gives none.
	Epoch string
	// Cosigned is the largest size of the log for which this party has itself
	// verified co-signatures of a quorum of institutions.
	Cosigned int64
	// Cosigners has the largest checkpoint that each party is known to have
	// co-signed, by verifier key: it says who is waited for.
	Cosigners map[string]int64
}

// ModelState is how far one party has computed the model of a study.
type ModelState struct {
	Round  int           // the round that this state is the input of
	Digest crypto.Digest // SHA-256 of the state's bytes
	Shape  crypto.Shape  // what the round sums
	Done   bool          // the model needs no more rounds
}

func newTask(kind, study string, round, attempt int) Task {
	return Task{
		Key:  fmt.Sprintf("%s/%s/%d/%d", kind, study, round, attempt),
		Kind: kind, Study: study, Round: round, Attempt: attempt,
	}
}
