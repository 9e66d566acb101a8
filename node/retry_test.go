package node

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// tried is a log in which attempt 1 got a set and some votes, and then no
// certificate.
func tried(t *testing.T) *audittest.Federation {
	f := audittest.New(t, 5)
	f.Begin("s", 2)
	f.Ready("s")
	f.Open("s")
	f.Update("s")
	f.Set("s")
	f.Vote("s", "board01", "board02")
	return f
}

// shown returns board01 with a journal, over the entries it is shown. The
// store is opened again first: a restart forgets nothing of the journal.
func shown(t *testing.T, dir string, leaves [][]byte, f *audittest.Federation) *Node {
	t.Helper()
	s := reopen(t, nil, dir)
	n := &Node{cfg: Config{Name: "board01", Key: secret.NewNodeKey()}, store: s}
	var err error
	n.party, err = loop.New(loop.Config{
		Name: "board01", Signer: f.Nodes["board01"], Origin: audittest.Origin,
		CoordinatorKey: f.Coordinator.Party.Key, Journal: folded{s, leaves},
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// folded shows a log without keeping it.
type folded struct {
	*Store
	leaves [][]byte
}

func (f folded) Entries(yield func([]byte) error) error {
	for _, l := range f.leaves {
		if err := yield(l); err != nil {
			return err
		}
	}
	return nil
}

// gave journals what board01 encrypted in an attempt.
func gave(t *testing.T, dir string, at *audit.Attempt, state, plain crypto.Digest) {
	t.Helper()
	s := reopen(t, nil, dir)
	note, err := json.Marshal(given{at.Study, at.Round, at.Number, state, plain})
	if err == nil {
		err = errors.Join(s.Once("encrypt", at.ID, note), s.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

func hasCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	var r *RefusalError
	switch {
	case code == "" && err != nil:
		t.Errorf("%s: %v", what, err)
	case code != "" && (!errors.As(err, &r) || r.Code() != code || r.Remedy() == ""):
		t.Errorf("%s gave %v, want %s with a remedy", what, err, code)
	}
}

var (
	second       = audit.Task{Kind: audit.TaskReady, Study: "s", Round: 1, Attempt: 2}
	then         = audittest.StateDigest(1)
	rows, others = crypto.DigestOf([]byte("the rows")), crypto.DigestOf([]byte("one row changed"))
)

func (n *Node) repeats(state, plain crypto.Digest, off ...string) error {
	n.cfg.Policy = Policy{}.Off(off...)
	return n.mayRepeat(second, crypto.Digest{}, state, func() (crypto.Digest, error) { return plain, nil })
}

// TestRepeatGivesTheSameNumbers: while an attempt of the round may have been
// opened, other numbers are never given, over restarts and whatever log is
// shown; with the rule off the same call passes.
func TestRepeatGivesTheSameNumbers(t *testing.T) {
	f := tried(t)
	before := len(f.Leaves)
	dir := t.TempDir()
	gave(t, dir, f.At("s"), then, rows)
	for range 2 {
		n := shown(t, dir, f.Leaves, f)
		hasCode(t, "the same numbers", n.repeats(then, rows), "")
		hasCode(t, "other numbers", n.repeats(then, others), CodeOtherNumbers)
		hasCode(t, "another state", n.repeats(others, rows), CodeOtherNumbers)
		hasCode(t, "other numbers, rule off", n.repeats(then, others, CodeOtherNumbers), "")
	}
	vanished := shown(t, dir, f.Leaves[:before-15], f) // a history without the attempt
	hasCode(t, "other numbers in another history", vanished.repeats(then, others), CodeOtherNumbers)

	f.Abort("s", "board02", "board03", "board04", "board05")
	hasCode(t, "other numbers after t aborts", shown(t, dir, f.Leaves, f).repeats(then, others), "")
}

// TestForgottenNumbersAreNotGivenAgain: a node whose journal is older than its
// own statements cannot know what it gave.
func TestForgottenNumbersAreNotGivenAgain(t *testing.T) {
	f := tried(t)
	n := shown(t, t.TempDir(), f.Leaves, f)
	hasCode(t, "a restored journal", n.repeats(then, rows), CodeForgotten)
	hasCode(t, "a restored journal, rule off", n.repeats(then, rows, CodeForgotten), "")
	f.Abort("s", "board02", "board03", "board04", "board05")
	hasCode(t, "after t aborts", shown(t, t.TempDir(), f.Leaves, f).repeats(then, rows), "")
}

// TestOneSetARound: while an attempt this node voted in is not closed, it
// votes for that set only, whether the journal or the log remembers.
func TestOneSetARound(t *testing.T) {
	f := tried(t)
	at := f.At("s")
	vote := at.Votes["board01"]
	all := vote.Body.(*audit.Vote).Points
	journalled, restored := t.TempDir(), t.TempDir()
	s := reopen(t, nil, journalled)
	if err := errors.Join(s.Once("vote", at.ID, vote.Leaf), s.Close()); err != nil {
		t.Fatal(err)
	}
	votes := func(dir string, leaves [][]byte, points []int, off ...string) error {
		n := shown(t, dir, leaves, f)
		n.cfg.Policy = Policy{}.Off(off...)
		return n.sameVote(&seat{task: second, set: &audit.Set{Points: points}})
	}
	for name, dir := range map[string]string{"journal": journalled, "log": restored} {
		hasCode(t, name+": the same set", votes(dir, f.Leaves, all), "")
		hasCode(t, name+": another set", votes(dir, f.Leaves, all[1:]), CodeOtherVote)
		hasCode(t, name+": another set, rule off", votes(dir, f.Leaves, all[1:], CodeOtherVote), "")
	}
	hasCode(t, "another set in another history", votes(journalled, f.Leaves[:len(f.Leaves)-15], all[1:]), CodeOtherVote)
	f.Abort("s", "board02", "board03", "board04", "board05")
	for _, dir := range []string{journalled, restored} {
		hasCode(t, "another set after t aborts", votes(dir, f.Leaves, all[1:]), "")
	}
}
