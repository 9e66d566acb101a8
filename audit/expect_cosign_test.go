package audit_test

import (
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
)

// TestExpectWaitsForCosignatures: no first round before a quorum has co-signed
// charter, members and decisions, no close before it has co-signed the last
// result; and who is missing is said. Rounds in between wait for nothing.
func TestExpectWaitsForCosignatures(t *testing.T) {
	f := audittest.New(t, 4) // c = 1, so three are a quorum
	f.Begin("s", 1)
	last := f.State.Head().Size - 1 // the last decision
	local := at1()
	local.Cosigned = last
	local.Cosigners = map[string]int64{f.Nodes["board02"].Party.Key: last + 1, f.Nodes["board03"].Party.Key: last}
	got, wait := kinds(f, "board01", local, f.Clock)
	wants(t, "the last decision is not co-signed", got)
	says(t, wait, "co-signatures of 2 more institutions on the decisions", "board01", "board03", "board04")
	local.Cosigners[f.Nodes["board03"].Party.Key] = last + 1
	_, wait = kinds(f, "board01", local, f.Clock)
	says(t, wait, "co-signatures of 1 more institution on the decisions", "board01", "board04")
	_, wait = kinds(f, "researcher", local, f.Clock)
	says(t, wait, "co-signatures of 1 more institution on the decisions", "board01", "board04")
	local.Cosigned = last + 1
	got, _ = kinds(f, "board01", local, f.Clock)
	wants(t, "co-signed", got, audit.TaskReady)

	f.Round("s")
	local = at1()
	local.Cosigned = last + 1
	second := audit.ModelState{Round: 2, Digest: audittest.StateDigest(2), Shape: audittest.CounterShape()}
	local.Models["s"] = second
	got, _ = kinds(f, "board01", local, f.Clock)
	wants(t, "the second round", got, audit.TaskReady)

	second.Done = true
	local.Models["s"] = second
	got, wait = kinds(f, "researcher", local, f.Clock)
	wants(t, "the last result is not co-signed", got)
	says(t, wait, "on the last result", "board01", "board02", "board03", "board04")
	local.Cosigned = f.State.Head().Size
	got, _ = kinds(f, "researcher", local, f.Clock)
	wants(t, "the last result is co-signed", got, audit.TaskClose)
}
