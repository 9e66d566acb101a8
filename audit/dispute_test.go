package audit_test

import (
	"slices"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
)

// disputed lets a holder dispute a contributor.
func disputed(f *audittest.Federation, by, kind string, contributor int) []byte {
	at := f.At("s")
	b := &audit.Dispute{Kind: kind, Open: at.ID, Contributor: contributor}
	if kind == audit.DisputeOpening {
		b.Evidence = audit.BlobRef{Digest: audittest.Digest("share", by, contributor), Size: crypto.ShareSize}
	}
	return as(f, by, at, b)
}

func disputeBreaches() []breach {
	say := func(f *audittest.Federation, by, kind string, contributor int) {
		if _, finding := f.Append(disputed(f, by, kind, contributor)); finding != nil {
			f.T.Fatal(finding)
		}
	}
	after := func(stage func(f *audittest.Federation) *audit.Attempt, then func(f *audittest.Federation) []byte) func(f *audittest.Federation) []byte {
		return func(f *audittest.Federation) []byte { stage(f); return then(f) }
	}
	return []breach{
		{"unknown kind", audit.CodeDispute, after(fixed, func(f *audittest.Federation) []byte { return disputed(f, "board01", "rumour", 2) }), nil, false},
		{"before the update", audit.CodeDispute, after(opened, func(f *audittest.Federation) []byte {
			return disputed(f, "board01", audit.DisputeShare, 2)
		}), nil, false},
		{"of oneself", audit.CodeDispute, after(fixed, func(f *audittest.Federation) []byte { return disputed(f, "board02", audit.DisputeShare, 2) }), nil, false},
		{"after the vote", audit.CodeDispute, after(certified, func(f *audittest.Federation) []byte {
			return disputed(f, "board01", audit.DisputeShare, 2)
		}), nil, false},
		{"twice", audit.CodeTwice, after(fixed, func(f *audittest.Federation) []byte {
			say(f, "board01", audit.DisputeShare, 2)
			return disputed(f, "board01", audit.DisputeShare, 2)
		}), nil, false},
		{"vote for whom it disputes", audit.CodeDisputed, after(fixed, func(f *audittest.Federation) []byte {
			say(f, "board01", audit.DisputeShare, 2)
			at := f.At("s")
			return as(f, "board01", at, audittest.VoteBody(at))
		}), nil, false},
		{"opening by one who named nobody", audit.CodeDispute, after(fixed, func(f *audittest.Federation) []byte {
			say(f, "board01", audit.DisputeShare, 2)
			return disputed(f, "board03", audit.DisputeOpening, 2)
		}), nil, false},
		{"one opening too many", audit.CodeOpenings, after(fixed, func(f *audittest.Federation) []byte { // t - 1 - c = 1 of four
			say(f, "board01", audit.DisputeShare, 2)
			say(f, "board03", audit.DisputeShare, 2)
			say(f, "board01", audit.DisputeOpening, 2)
			return disputed(f, "board03", audit.DisputeOpening, 2)
		}), nil, false},
		{"opening of another size", audit.CodeDispute, after(fixed, func(f *audittest.Federation) []byte {
			say(f, "board01", audit.DisputeShare, 2)
			at := f.At("s")
			return as(f, "board01", at, &audit.Dispute{Kind: audit.DisputeOpening, Open: at.ID, Contributor: 2, Evidence: audit.BlobRef{Digest: audittest.Digest("x"), Size: 1 << 30}})
		}), nil, false},
		{"something else than a fork about the log", audit.CodeDispute, func(f *audittest.Federation) []byte {
			return f.Leaf(f.Nodes["board01"], audit.Header{}, &audit.Dispute{Kind: audit.DisputeProjection, Evidence: audit.BlobRef{Digest: audittest.Digest("x"), Size: 9}})
		}, nil, false},
		{"fork with a gigantic blob", audit.CodeDispute, func(f *audittest.Federation) []byte {
			return f.Leaf(f.Researcher, audit.Header{}, &audit.Dispute{Kind: audit.DisputeFork, Evidence: audit.BlobRef{Digest: audittest.Digest("x"), Size: 1 << 30}})
		}, nil, false},
	}
}

// TestNobodyIsLeftOutOnOneWord: a contributor falls out of the next attempt
// when more than n-t aborts name it, never because of disputes alone.
func TestNobodyIsLeftOutOnOneWord(t *testing.T) {
	for name, c := range map[string]struct {
		namers []string
		out    bool
	}{
		"nobody": {nil, false}, "one": {[]string{"board01"}, false}, "two of four": {[]string{"board01", "board03"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := audittest.New(t, 4)
			at := fixed(f)
			for _, by := range []string{"board01", "board03"} {
				if _, finding := f.Append(disputed(f, by, audit.DisputeShare, 2)); finding != nil {
					t.Fatal(finding)
				}
			}
			for _, by := range []string{"board01", "board03", "board04"} {
				b := audittest.AbortBody(at)
				if slices.Contains(c.namers, by) {
					b.Reason, b.Cannot = "cannot_accept", []int{2}
				}
				f.Say(f.Nodes[by], audittest.In(at), b)
			}
			f.Ready("s")
			if got := len(f.OpenBody("s").Seats) == 3; got != c.out {
				t.Errorf("left out is %v, want %v", got, c.out)
			}
		})
	}
}

// TestWhoOpensItsShare: one at a time, the next only when what the one before
// showed is void, and nobody after a proof.
func TestWhoOpensItsShare(t *testing.T) {
	f := audittest.New(t, 7) // t = 5, c = 2: two openings of one contributor
	fixed(f)
	for _, by := range []string{"board03", "board01", "board05"} {
		f.Append(disputed(f, by, audit.DisputeShare, 2))
	}
	at := f.At("s")
	asks := func(name string, weighed map[crypto.Digest]bool) bool {
		local := audit.Local{Holds: map[crypto.Digest]bool{at.Readys[name].Hash: true}, Weighed: weighed, Cosigned: 1 << 40,
			Models: map[string]audit.ModelState{"s": {Round: 1, Digest: audittest.StateDigest(1), Shape: audittest.CounterShape()}}}
		do, _ := f.State.Expect(name, local, f.Clock)
		return slices.ContainsFunc(do, func(t audit.Task) bool { return t.Kind == audit.TaskDisclose })
	}
	turn := func(step string, weighed map[crypto.Digest]bool, want ...string) {
		t.Helper()
		for _, name := range f.Institutions {
			if got := asks(name, weighed); got != slices.Contains(want, name) {
				t.Errorf("%s: %s is asked to open its share: %v", step, name, got)
			}
		}
	}
	turn("named", nil, "board03")
	f.Clock = f.Clock.Add(audit.DefaultTimeout / 40)
	turn("the first one is silent", nil, "board03", "board01")
	f.Clock = f.Clock.Add(-audit.DefaultTimeout / 40)
	m, finding := f.Append(disputed(f, "board03", audit.DisputeOpening, 2))
	if finding != nil {
		t.Fatal(finding)
	}
	turn("not weighed yet", nil)
	turn("proved", map[crypto.Digest]bool{m.Hash: true})
	turn("void", map[crypto.Digest]bool{m.Hash: false}, "board01")
	second, _ := f.Append(disputed(f, "board01", audit.DisputeOpening, 2))
	turn("no more may be", map[crypto.Digest]bool{m.Hash: false, second.Hash: false})
}
