package party

import (
	"errors"
	"fmt"
	"testing"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
)

type codedError string

func (e codedError) Error() string { return "it was refused" }
func (e codedError) Code() string  { return string(e) }

// TestRefusedKeepsWhatAPersonMustRead: what the next state of the log, or the
// next attempt, decides by itself must not end a study for its researcher.
func TestRefusedKeepsWhatAPersonMustRead(t *testing.T) {
	for _, c := range []struct {
		what string
		err  error
		kept bool
	}{
		{"no code", errors.New("the connection broke"), false},
		{"the log went on", audit.Refuse(audit.CodeRound, "s", 2, 1), false},
		{"the coordinator's answer", api.Errorf(api.Refused, "SS6203", "", "later"), false},
		{"one attempt's encryption", codedError("SS3005"), false},
		{"one attempt's vote", fmt.Errorf("attempt 2: %w", codedError("SS3101")), false},
		{"an older copy of this program", audit.Refuse(audit.CodeBoot, "researcher"), true},
		{"other sums than the coordinator's", fmt.Errorf("round 2: %w", audit.Refuse(audit.CodeSums)), true},
		{"the node's policy", codedError("SS2120"), true},
		{"the model", fmt.Errorf("round 3: %w", codedError("SS4101")), true},
	} {
		r := &Researcher{changed: make(chan struct{}, 1)}
		r.Refused(c.err)
		if got := r.failure != nil; got != c.kept {
			t.Errorf("%s: kept %v, want %v", c.what, got, c.kept)
		}
		if told := len(r.changed) == 1; told != c.kept {
			t.Errorf("%s: whoever waits was told %v, want %v", c.what, told, c.kept)
		}
	}
	r := &Researcher{changed: make(chan struct{}, 1)}
	r.Refused(codedError("SS2120"))
	r.Refused(codedError("SS2121"))
	if r.failure != codedError("SS2120") {
		t.Errorf("the first refusal gave way to %v", r.failure)
	}
}
