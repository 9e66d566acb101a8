package federation

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit/loop"
)

// before is an error of a daemon that, when it is looked at, lets another end.
type before struct {
	fork  *loop.InconsistentError
	other *daemon
}

func (b *before) Error() string { return "ended" }

func (b *before) As(target any) bool {
	if fork, ok := target.(**loop.InconsistentError); ok {
		*fork = b.fork
		close(b.other.ended)
		return true
	}
	return false
}

// TestAwaitFirst: what is quoted is what the first who noticed said, and one
// who ended for another reason has noticed nothing.
func TestAwaitFirst(t *testing.T) {
	first, second := &loop.InconsistentError{Cause: errors.New("first")}, &loop.InconsistentError{Cause: errors.New("second")}
	quiet := &daemon{ended: make(chan struct{})}
	close(quiet.ended)
	for range 20 { // maps are walked in another order each time
		last := &daemon{ended: make(chan struct{}), err: second}
		leader := &daemon{ended: make(chan struct{}), err: &before{first, last}}
		close(leader.ended)
		var c Cheat
		if err := await(context.Background(), map[string]*daemon{"z": leader, "a": last, "quiet": quiet}, &c); err != nil {
			t.Fatal(err)
		}
		if c.Why != first || !slices.Equal(c.Noticed, []string{"a", "z"}) {
			t.Fatalf("noticed by %v, who said %v", c.Noticed, c.Why)
		}
	}
}

// TestAwaitNames: who did not notice is named.
func TestAwaitNames(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := await(ctx, map[string]*daemon{"board9": {ended: make(chan struct{})}}, &Cheat{})
	if err == nil || !strings.Contains(err.Error(), "board9") {
		t.Errorf("%v", err)
	}
}
