package verify

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
)

// forked returns a log and another history of it that the same coordinator
// signed: they part at the decision of board03.
func forked(t *testing.T) (ours, theirs *sealedFederation, parted int64) {
	build := func(verdict string) *sealedFederation {
		f := newUndecided(t, 4, 1)
		for _, name := range f.Institutions {
			v := "approve"
			if name == "board03" {
				parted = int64(len(f.Leaves))
				v = verdict
			}
			f.Decide("study", name, v)
		}
		return f
	}
	return build("approve"), build("deny"), parted
}

func view(t *testing.T, f *sealedFederation) *View {
	t.Helper()
	v, err := Holding(os.DirFS(f.bundle(bundle.Public)))
	must(t, err)
	return v
}

func only(t *testing.T, signed []byte) *View {
	t.Helper()
	v, err := Checkpoint(signed)
	must(t, err)
	return v
}

func compare(t *testing.T, a, b *View) *Comparison {
	t.Helper()
	c, err := Compare(a, b, "", "")
	must(t, err)
	return c
}

// TestCompareSame: the same log, and one that goes on.
func TestCompareSame(t *testing.T) {
	f := newSealed(t, 4, 1)
	early, signed := view(t, f), f.Checkpoint()
	f.run()
	late := view(t, f)
	for name, c := range map[string]struct {
		a, b *View
		want string
	}{
		"twice the same":                  {late, late, Same},
		"one goes on":                     {early, late, Prefix},
		"the other goes on":               {late, early, Prefix},
		"a checkpoint and its bundle":     {only(t, f.Checkpoint()), late, Same},
		"an old checkpoint":               {only(t, signed), late, Prefix},
		"a bundle and a later checkpoint": {early, only(t, f.Checkpoint()), Unknown},
	} {
		if x := compare(t, c.a, c.b); x.Relation != c.want || x.Evidence != nil || x.First != -1 {
			t.Errorf("%s: %+v", name, x)
		}
	}
	// Two checkpoints alone need the key from outside.
	a, b := only(t, signed), only(t, f.Checkpoint())
	if _, err := Compare(a, b, "", ""); err == nil || !strings.Contains(err.Error(), "whose key") {
		t.Errorf("without a key: %v", err)
	}
	if x, err := Compare(a, b, audittest.Origin, f.Coordinator.Party.Key); err != nil || x.Relation != Unknown {
		t.Errorf("%+v, %v", x, err)
	}
}

// TestCompareFork: two histories, whoever holds what of them; the evidence
// convinces who has the coordinator's key and nothing else.
func TestCompareFork(t *testing.T) {
	ours, theirs, parted := forked(t)
	short, shorter := view(t, ours), ours.Checkpoint()
	ours.Ready("study")
	long := view(t, ours)
	key := ours.Coordinator.Party.Key
	for name, c := range map[string]struct {
		a, b  *View
		first int64
	}{
		"two bundles":                           {short, view(t, theirs), parted},
		"two bundles, one longer":               {long, view(t, theirs), parted},
		"the longer one second":                 {view(t, theirs), long, parted},
		"a checkpoint and a bundle":             {only(t, theirs.Checkpoint()), short, -1},
		"a checkpoint and a longer bundle":      {only(t, theirs.Checkpoint()), long, -1},
		"two checkpoints of one size":           {only(t, theirs.Checkpoint()), only(t, shorter), -1},
		"a longer bundle, the checkpoint after": {long, only(t, theirs.Checkpoint()), -1},
	} {
		x, err := Compare(c.a, c.b, audittest.Origin, key)
		if err != nil || x.Relation != Forked || x.First != c.first || !slices.Contains(x.Both, audittest.Origin) {
			t.Errorf("%s: %+v, %v", name, x, err)
			continue
		}
		if c.first >= 0 {
			a, err := audit.Parse(x.Leaves[0])
			must(t, err)
			b, err := audit.Parse(x.Leaves[1])
			must(t, err)
			if a.Signer != "board03.approver" || b.Signer != a.Signer || a.Body.(*audit.Decision).Verdict == b.Body.(*audit.Decision).Verdict {
				t.Errorf("%s: the entries say %v and %v", name, a, b)
			}
		}
		written, err := json.Marshal(x.Evidence)
		must(t, err)
		var e Evidence
		must(t, json.Unmarshal(written, &e))
		if err := e.Check(key); err != nil {
			t.Errorf("%s: the evidence does not hold: %v", name, err)
		}
		if err := e.Check(audittest.NewSigner(audittest.Origin, "another").Party.Key); err == nil {
			t.Errorf("%s: the evidence holds against another key", name)
		}
	}
}

// TestCompareCosigners: who co-signed both heads is named, and who co-signed
// one is not.
func TestCompareCosigners(t *testing.T) {
	ours, theirs, _ := forked(t)
	var views [2]*View
	for i, f := range []*sealedFederation{ours, theirs} {
		signed := f.Checkpoint()
		var by []audit.Cosignature
		for _, name := range []string{"board01", []string{"board02", "board04"}[i]} {
			b, err := f.State.Cosign(signed, f.Nodes[name], time.Unix(1_800_000_000, 0))
			must(t, err)
			c, err := f.State.ReadCosigned(b)
			must(t, err)
			by = append(by, c.By...)
		}
		v := only(t, audit.WithCosignatures(signed, by))
		views[i] = v
	}
	// Their names come from the entries that one side holds.
	held := view(t, ours)
	held.Signed = views[0].Signed
	x := compare(t, held, views[1])
	if want := []string{audittest.Origin, "board01"}; !slices.Equal(x.Both, want) {
		t.Errorf("signed both: %v, want %v", x.Both, want)
	}
}

// TestEvidenceTeeth: evidence that was changed shows nothing.
func TestEvidenceTeeth(t *testing.T) {
	ours, theirs, _ := forked(t)
	a := view(t, theirs)
	ours.Ready("study")
	x := compare(t, view(t, ours), a)
	honest := newSealed(t, 4, 1)
	older := view(t, honest)
	honest.run()
	newer := view(t, honest)
	proof, err := newer.tree.ProvePrefix(newer.Head.Size, older.Head.Size)
	must(t, err)
	for name, e := range map[string]Evidence{
		"the same twice":     {Checkpoints: [2]string{x.Evidence.Checkpoints[0], x.Evidence.Checkpoints[0]}},
		"no proof":           {Checkpoints: x.Evidence.Checkpoints},
		"another root":       {Checkpoints: x.Evidence.Checkpoints, Prefix: &PrefixProof{Root: audittest.Digest("r"), Proof: x.Evidence.Prefix.Proof}},
		"a shorter proof":    {Checkpoints: x.Evidence.Checkpoints, Prefix: &PrefixProof{Root: x.Evidence.Prefix.Root, Proof: x.Evidence.Prefix.Proof[1:]}},
		"a log that goes on": {Checkpoints: [2]string{string(older.Signed), string(newer.Signed)}, Prefix: &PrefixProof{Root: older.Head.Root, Proof: digests(proof)}},
		"an unsigned one":    {Checkpoints: [2]string{x.Evidence.Checkpoints[0], strings.Replace(x.Evidence.Checkpoints[1], "\n", "\n1", 1)}},
		"of another log":     {Origin: "other", Checkpoints: x.Evidence.Checkpoints, Prefix: x.Evidence.Prefix},
		"of another version": {Version: 2, Checkpoints: x.Evidence.Checkpoints, Prefix: x.Evidence.Prefix},
		"no evidence":        {Format: "x", Checkpoints: x.Evidence.Checkpoints, Prefix: x.Evidence.Prefix},
	} {
		if e.Format == "" {
			e.Format = evidenceFormat
		}
		if e.Version == 0 {
			e.Version = 1
		}
		if e.Origin == "" {
			e.Origin = audittest.Origin
		}
		e.Key = ours.Coordinator.Party.Key
		if err := e.Check(""); err == nil {
			t.Errorf("%s: it holds", name)
		}
	}
	if err := x.Evidence.Check(""); err != nil {
		t.Error(err)
	}
}

// TestCompareUnusable: what cannot be compared accuses nobody.
func TestCompareUnusable(t *testing.T) {
	ours, theirs, _ := forked(t)
	dir := ours.bundle(bundle.Public)
	must(t, os.WriteFile(dir+"/checkpoint", theirs.Checkpoint(), 0o600))
	if _, err := Holding(os.DirFS(dir)); err == nil {
		t.Error("a bundle with another checkpoint can be compared")
	}
	if _, err := Holding(os.DirFS(t.TempDir())); err == nil {
		t.Error("an empty folder can be compared")
	}
	if _, err := Checkpoint([]byte("x")); err == nil {
		t.Error("garbage can be compared")
	}
	forged, err := audit.MakeCheckpoint(audittest.Origin, theirs.State.Head(), audittest.NewSigner(audittest.Origin, "forger"))
	must(t, err)
	if _, err := Compare(view(t, ours), only(t, forged), "", ""); err == nil {
		t.Error("a forged checkpoint is evidence")
	}
	other, err := audit.MakeCheckpoint("other.example/log", theirs.State.Head(), audittest.NewSigner("other.example/log", ""))
	must(t, err)
	if _, err := Compare(view(t, ours), only(t, other), "", ""); err == nil {
		t.Error("checkpoints of two logs are compared")
	}
}
