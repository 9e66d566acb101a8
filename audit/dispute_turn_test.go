package audit_test

import (
	"slices"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// TestProofComesBeforeTheVotes: as many silent accusers as may conspire with a
// contributor do not keep an honest holder's proof back until the others vote.
func TestProofComesBeforeTheVotes(t *testing.T) {
	for _, n := range []int{7, 10, 13, 40} {
		f := audittest.New(t, n)
		fixed(f)
		c := (n - 1) / 3 // board02, the contributor, and c-1 others conspire
		accusers := f.Others("board01", "board02")[:c]
		for _, by := range accusers {
			f.Append(disputed(f, by, audit.DisputeShare, 2))
		}
		at, begin := f.At("s"), f.Clock
		after := func(name, kind string) time.Duration {
			local := audit.Local{Holds: map[crypto.Digest]bool{at.Readys[name].Hash: true}, Weighed: map[crypto.Digest]bool{}, Cosigned: 1 << 40,
				Models: map[string]audit.ModelState{"s": {Round: 1, Digest: audittest.StateDigest(1), Shape: audittest.CounterShape()}}}
			for d := time.Duration(0); d < audit.DefaultTimeout; d += time.Second {
				do, _ := f.State.Expect(name, local, begin.Add(d))
				if slices.ContainsFunc(do, func(t audit.Task) bool { return t.Kind == kind }) {
					return d
				}
			}
			t.Fatalf("%s is never asked to %s", name, kind)
			return 0
		}
		opens, votes := after(accusers[c-1], audit.TaskDisclose), after("board01", audit.TaskVote)
		if votes-opens < 20*time.Second {
			t.Errorf("of %d, the honest holder shows its proof after %v and the others vote after %v", n, opens, votes)
		}
	}
}
