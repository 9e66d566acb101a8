package loop

import (
	"context"
	"errors"

	"github.com/smartstart-federation/smartstart/audit"
)

// Log is the federation's log as a party reaches it: the coordinator's server
// over the network, or the coordinator's own store.
type Log interface {
	// Append sequences one signed statement and returns its index once it is
	// durable. The same bytes again MUST return the same index. An error that
	// answers Refused() with true is final for these bytes; any other error
	// says nothing about whether they were taken.
	Append(ctx context.Context, leaf []byte) (index int64, err error)
	// Follow calls page with the entries from index `from` on, in order,
	// without gaps, until ctx ends or page returns an error. Every page MUST
	// end exactly at the size of the checkpoint it comes with.
	Follow(ctx context.Context, from int64, page func(from int64, leaves [][]byte, checkpoint []byte) error) error
}

// Journal is what a party keeps over restarts. A nil Journal in Config keeps
// nothing: right for a tool that lives for one study.
type Journal interface {
	// Entries calls yield with every kept entry, in order.
	Entries(yield func(leaf []byte) error) error
	// Extend keeps entries that were verified, before they are folded. It need
	// not be durable: what is lost at the end is fetched again. Entries MUST
	// never have a gap.
	Extend(from int64, leaves [][]byte) error
	// Outbox returns the statement that was being sent, or nil.
	Outbox() ([]byte, error)
	// SetOutbox MUST be durable when it returns. A nil leaf clears it.
	SetOutbox(leaf []byte) error
}

// Handler does one task. What it produces enters the world only through
// Party.Say, so running it twice is harmless.
type Handler func(ctx context.Context, t audit.Task) error

// InconsistentError says that the log this party is shown is not an extension
// of the log it holds. The party stops: going on would help to hide a fork.
type InconsistentError struct {
	Held  audit.Head
	Cause error
}

func (e *InconsistentError) Error() string {
	return "the log shown now does not extend the log held here: " + e.Cause.Error()
}

// Unwrap returns the check that failed.
func (e *InconsistentError) Unwrap() error { return e.Cause }

// Code is the stable code of this error.
func (e *InconsistentError) Code() string { return "SS2900" }

// Remedy says what the operator can do.
func (e *InconsistentError) Remedy() string {
	return "keep this party's folder as evidence, above all the file with fork in its name, and compare checkpoints with another institution: `smartstart audit compare`"
}

// refused reports whether err is a final answer about a statement.
func refused(err error) bool {
	var r interface{ Refused() bool }
	return errors.As(err, &r) && r.Refused()
}
