package tamper

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/crypto"
)

// codebook is the only blob of a public bundle.
type codebook struct{}

func (codebook) GetBlob(_ context.Context, digest [32]byte, _, _ int64, w io.Writer) error {
	if digest != crypto.DigestOf([]byte(audittest.Codebook)) {
		return errors.New("no such blob")
	}
	_, err := io.WriteString(w, audittest.Codebook)
	return err
}

// publish writes the public bundle of a log that the coordinator signs,
// whatever is in it.
func publish(t *testing.T, f *audittest.Federation, leaves [][]byte) string {
	t.Helper()
	var tree audit.Tree
	for _, leaf := range leaves {
		tree.Append(leaf)
	}
	signed, err := audit.MakeCheckpoint(audittest.Origin, tree.Head(), f.Coordinator)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "bundle")
	if err := bundle.Write(t.Context(), dir, bundle.Public, leaves, signed, codebook{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func verified(t *testing.T, dir string, methods audit.Methods, off []string, options ...verify.Option) *verify.Report {
	t.Helper()
	if len(off) > 0 {
		options = append(options, without(off))
	}
	r, err := verify.Bundle(t.Context(), os.DirFS(dir), methods, options...)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// found returns the finding with a code, at an entry if that is not -1; it
// fails the test when there is none or when the report calls the log verified.
func found(t *testing.T, r *verify.Report, code string, at int64) verify.Finding {
	t.Helper()
	i := slices.IndexFunc(r.Findings, func(f verify.Finding) bool { return f.Code == code && (at < 0 || f.Index == at) })
	if i < 0 || r.Verified {
		t.Fatalf("%s was not found:\n%s", code, r)
	}
	return r.Findings[i]
}

// inTheLog lets a coordinator sequence what nobody may: the entry is void for
// everybody, and the auditor names entry and party.
func (r row) inTheLog(t *testing.T) {
	dir, at := r.written(t)
	exits(t, dir, 5)
	x := found(t, verified(t, dir, audittest.Counters{}, nil), r.code, at)
	if at >= 0 && x.Index != at || x.Party != r.party {
		t.Errorf("the finding names entry %d of %q, want entry %d of %q", x.Index, x.Party, at, r.party)
	}
	if !strings.Contains(x.Sentence, r.reads) || x.Remedy == "" {
		t.Errorf("a person reads %q, want %q in it and a remedy", x.Sentence, r.reads)
	}
}

// written writes the bundle of the case, and returns where the bad entry
// stands; -1 when it is not one.
func (r row) written(t *testing.T) (dir string, at int64) {
	t.Helper()
	f := audittest.New(t, 4)
	if r.leaves != nil {
		return publish(t, f, r.leaves(f)), -1
	}
	leaf := r.leaf(f)
	return publish(t, f, append(slices.Clone(f.Leaves), leaf)), int64(len(f.Leaves))
}

// passesInTheLog holds that nothing but the check stands in the way.
func (r row) passesInTheLog(t *testing.T) {
	if r.lenient != nil {
		r.lenient(t, r.leaf(audittest.New(t, 4)))
		return
	}
	dir, _ := r.written(t)
	if all := verified(t, dir, audittest.Counters{}, r.off()); !all.Verified || all.Void > 0 {
		t.Errorf("with the check switched off the log still fails:\n%s", all)
	}
}

// Stages of a study of two rounds, each on top of the one before.

func begun(f *audittest.Federation) { f.Begin("s", 2) }

func opened(f *audittest.Federation) *audit.Attempt {
	begun(f)
	f.Ready("s")
	return f.Open("s")
}

func updated(f *audittest.Federation) *audit.Attempt {
	opened(f)
	f.Update("s")
	return f.At("s")
}

func fixed(f *audittest.Federation) *audit.Attempt { updated(f); return f.Set("s") }

func certified(f *audittest.Federation) *audit.Attempt {
	fixed(f)
	f.Vote("s")
	return f.At("s")
}

func as(f *audittest.Federation, name string, at *audit.Attempt, b audit.Body) []byte {
	f.T.Helper()
	return f.Leaf(f.Nodes[name], audittest.In(at), b)
}

// stated is a study with another figure of numbers that may be opened.
func stated(f *audittest.Federation, numbers int64) []byte {
	p := audittest.ProposalBody(2)
	p.Numbers = numbers
	return f.Leaf(f.Researcher, audit.Header{Study: "s"}, p)
}

// endorsed lets three of four institutions put a motion in force.
func endorsed(f *audittest.Federation, b audit.Body) {
	f.T.Helper()
	m := f.Say(f.Approvers["board01"], audit.Header{}, b)
	for _, name := range []string{"board02", "board03"} {
		f.Say(f.Approvers[name], audit.Header{}, &audit.Endorse{Motion: m.Hash})
	}
}

const coordinator = audittest.Origin

func updateRows() []row {
	return []row{
		{name: "doubled update", liar: "the coordinator", how: "its set counts one institution twice", play: inLog,
			code: "SS2325", party: coordinator, reads: "points are out of order",
			leaf: func(f *audittest.Federation) []byte {
				at := updated(f)
				b := f.SetBody("s")
				b.Points = []int{1, 2, 3, 3}
				return f.Leaf(f.Coordinator, audittest.In(at), b)
			}, also: []string{"SS2328"}},
		{name: "swapped update", liar: "whoever keeps the bundle", how: "the frames of two institutions are exchanged", play: inBundle,
			code: "SS2402", reads: "are not the bytes that its update names", see: "swapped frames"},
		{name: "copied update", liar: "a node", how: "it names another institution's frames as its own", play: inLog,
			code: "SS2323", party: "board02", reads: "names bytes that were uploaded before",
			leaf: func(f *audittest.Federation) []byte {
				at := opened(f)
				f.Update("s", "board01")
				u := f.UpdateBody(at, "board02")
				u.Frames = f.At("s").Updates["board01"].Body.(*audit.Update).Frames
				return as(f, "board02", at, u)
			}},
		{name: "negated update", liar: "a node", how: "it uploads another institution's frames with their sign changed, as its own", play: inBundle,
			code: "SS2510", reads: "does not open its canaries", see: "negated frames"},
		{name: "replayed update", liar: "a node", how: "it names its own frames of the round before", play: inLog,
			code: "SS2323", party: "board01", reads: "names bytes that were uploaded before",
			leaf: func(f *audittest.Federation) []byte {
				begun(f)
				f.Round("s")
				f.Ready("s")
				at := f.Open("s")
				u := f.UpdateBody(at, "board01")
				u.Frames = f.State.Attempt("s", 1, 1).Updates["board01"].Body.(*audit.Update).Frames
				return as(f, "board01", at, u)
			}},
		{name: "two updates of one node", liar: "a node", how: "it signs a second update in one attempt", play: inLog,
			code: "SS2320", party: "board01", reads: "has said its update for this attempt already",
			leaf: func(f *audittest.Federation) []byte {
				at := opened(f)
				f.Update("s", "board01")
				u := f.UpdateBody(at, "board01")
				u.Frames.Digest, u.Boxes.Digest, u.Projection.Digest = audittest.Digest("1"), audittest.Digest("2"), audittest.Digest("3")
				return as(f, "board01", at, u)
			}},
		{name: "round replayed under a new number", liar: "coordinator and nodes", how: "round 2 sums over the model state of round 1 again", play: inBundle,
			code: "SS2602", reads: "was ready for another model state than the logged sums give", see: "round replayed under a new number"},
	}
}

func logRows() []row {
	return []row{
		{name: "back-dated entry", liar: "the coordinator", how: "an approval that came last is moved before the first round, and the log signed anew", play: inLog,
			code: "SS2112", party: "board04.approver", reads: "its history is not this one",
			leaves: func(f *audittest.Federation) [][]byte {
				begun(f)
				n := len(f.Leaves)
				f.Round("s")
				f.Decide("s", "board04", "approve") // renewed
				l := slices.Clone(f.Leaves)
				late := l[len(l)-1]
				return slices.Insert(l[:len(l)-1], n, late)
			}, also: []string{"SS2331"}}, // it moved heads against entries
		{name: "truncated tile", liar: "whoever keeps the bundle", how: "a tile is cut short", play: inBundle, code: "SS2006", reads: "instead of", see: "truncated tile"},
		{name: "flipped bit in an entry", liar: "whoever keeps the bundle", how: "one bit of an entry is flipped", play: inBundle,
			code: "SS2005", reads: "the entries give another root than the checkpoint", see: "flipped bit in an entry"},
		{name: "flipped bit in a tile", liar: "whoever keeps the bundle", how: "one bit of a tile is flipped", play: inBundle,
			code: "SS2006", reads: "holds other hashes than the entries give", see: "flipped bit in a tile"},
		{name: "flipped bit in a blob", liar: "whoever keeps the bundle", how: "one bit of an institution's frames is flipped", play: inBundle,
			code: "SS2402", reads: "are not the bytes that its update names", see: "flipped bit in frames"},
		{name: "wrong roster", liar: "the coordinator", how: "its open gives two institutions each other's points", play: inLog,
			code: "SS2307", party: coordinator, reads: "the roster is not the institutions that approved",
			leaf: func(f *audittest.Federation) []byte {
				begun(f)
				f.Ready("s")
				b := f.OpenBody("s")
				b.Roster = slices.Clone(b.Roster)
				b.Roster[0], b.Roster[1] = b.Roster[1], b.Roster[0]
				b.Seats[0].Ready, b.Seats[1].Ready = b.Seats[1].Ready, b.Seats[0].Ready
				return f.Leaf(f.Coordinator, f.Next("s"), b)
			}},
		{name: "extra node", liar: "the coordinator", how: "its open puts an institution that denied the study on the roster", play: inLog,
			code: "SS2307", party: coordinator, reads: "the roster is not the institutions that approved",
			leaf: func(f *audittest.Federation) []byte {
				f.Propose("s", 2)
				for _, name := range f.Others("board04") {
					f.Decide("s", name, "approve")
				}
				f.Decide("s", "board04", "deny")
				f.Ready("s", f.Others("board04")...)
				b := f.OpenBody("s")
				b.Roster = append(slices.Clone(b.Roster), "board04")
				return f.Leaf(f.Coordinator, f.Next("s"), b)
			}},
		{name: "coordinator signs for a node", liar: "the coordinator", how: "it signs a ready in a node's name with a key of its own", play: inLog,
			code: "SS2108", party: "board01", reads: "the signature is not by the logged key of board01",
			leaf: func(f *audittest.Federation) []byte {
				begun(f)
				liar := audittest.NewSigner("board01", "the coordinator's")
				return f.Leaf(liar, f.Next("s"), f.ReadyBody("s"))
			}},
		{name: "duplicate JSON key", liar: "a researcher", how: "a proposal says its study twice, so that two readers can read two studies", play: inLog,
			code: "SS2104", reads: "the statement is not canonical JSON",
			leaf: func(f *audittest.Federation) []byte {
				leaf := f.Leaf(f.Researcher, audit.Header{Study: "s"}, audittest.ProposalBody(1))
				return bytes.Replace(leaf, []byte(`"study":"s"`), []byte(`"study":"other","study":"s"`), 1)
			},
			// The rule is the decoder itself. What a program does without it: the
			// decoder of the standard library takes the bytes, and the second key.
			lenient: func(t *testing.T, leaf []byte) {
				_, rest, _ := bytes.Cut(leaf, []byte("\n"))
				line, _, _ := bytes.Cut(rest, []byte("\n"))
				var h struct {
					Study string `json:"study"`
				}
				if err := json.Unmarshal(line, &h); err != nil || h.Study != "s" {
					t.Errorf("a lenient decoder reads %q, %v", h.Study, err)
				}
			}},
		{name: "stale checkpoint", liar: "the coordinator", how: "it shows an auditor less of the log than before", play: inBundle,
			code: "SS2007", reads: "an earlier one that you hold covers", see: "stale checkpoint"},
	}
}

func roundRows() []row {
	return []row{
		{name: "release for another set", liar: "a node", how: "its release is of another set than the certified one", play: inBundle,
			code: "SS2503", reads: "it is for another set", see: "release for another set"},
		{name: "release without certificate", liar: "a node", how: "it releases after its own vote, with fewer than t votes", play: inLog,
			code: "SS2335", party: "board01", reads: "there is no certificate",
			leaf: func(f *audittest.Federation) []byte {
				fixed(f)
				f.Vote("s", "board01")
				at := f.At("s")
				return as(f, "board01", at, audittest.ReleaseBody(at, "board01"))
			}},
		{name: "release twice", liar: "a node", how: "it signs a second release in one attempt", play: inLog,
			code: "SS2320", party: "board01", reads: "has said its release for this attempt already",
			leaf: func(f *audittest.Federation) []byte {
				at := certified(f)
				f.Release("s", "board01")
				b := audittest.ReleaseBody(at, "board01")
				b.Sum.Digest = audittest.Digest("another release")
				return as(f, "board01", at, b)
			}},
		{name: "release shifted by a constant with exactly t answers", liar: "a node and the coordinator",
			how: "one of exactly t releases is shifted, and the result claims a sum", play: inBundle,
			code: "SS2504", reads: "the releases do not open the sum", see: "release shifted, exactly t"},
		{name: "sum altered", liar: "the coordinator", how: "its result states another sum", play: inBundle,
			code: "SS2505", reads: "the releases open other sums than the result says", see: "another sum in the result"},
		{name: "votes for two sets", liar: "a node", how: "it votes a second time, for another set", play: inLog,
			code: "SS2320", also: []string{"SS2330"}, party: "board01", reads: "has said its vote for this attempt already",
			leaf: func(f *audittest.Federation) []byte {
				at := fixed(f)
				f.Vote("s", "board01")
				b := audittest.VoteBody(at)
				b.Points = []int{1, 2, 3}
				return as(f, "board01", at, b)
			}},
		{name: "closed attempt opened later", liar: "a node", how: "it releases in an attempt that aborts have closed", play: inLog,
			code: "SS2318", party: "board04", reads: "was closed",
			leaf: func(f *audittest.Federation) []byte {
				certified(f)
				f.Abort("s", "board01", "board02", "board03")
				at := f.At("s")
				return as(f, "board04", at, audittest.ReleaseBody(at, "board04"))
			}},
		{name: "attempt restarted without abort certificate", liar: "the coordinator", how: "it opens the next attempt while the one before is neither closed nor frozen", play: inLog,
			code: "SS2313", party: coordinator, reads: "is still open",
			leaf: func(f *audittest.Federation) []byte {
				at := opened(f)
				b := *at.Open.Body.(*audit.Open)
				stateWithout(f.State, []string{"SS2313"}) // to let the nodes offer themselves: their part of the lie
				f.Ready("s")
				next, r := f.State.NextOpen(f.State.Studies["s"])
				if r != nil {
					f.T.Fatal(r)
				}
				b.Seats = next.Seats
				return f.Leaf(f.Coordinator, f.Next("s"), &b)
			}},
		{name: "two opens on one ready", liar: "the coordinator", how: "its next open counts on a ready that an earlier one used", play: inLog,
			code: "SS2310", party: coordinator, reads: "does not count on the newest unused",
			leaf: func(f *audittest.Federation) []byte {
				at := opened(f)
				f.Abort("s", "board01", "board02", "board03")
				f.Ready("s")
				b := f.OpenBody("s")
				b.Seats[1].Ready = at.Open.Body.(*audit.Open).Seats[1].Ready
				return f.Leaf(f.Coordinator, f.Next("s"), b)
			}},
		{name: "roster of `open` smaller than approved", liar: "the coordinator", how: "its open leaves an approved institution off the roster", play: inLog,
			code: "SS2307", also: []string{"SS2308", "SS2309"}, party: coordinator, reads: "the roster is not the institutions that approved",
			leaf: func(f *audittest.Federation) []byte {
				begun(f)
				f.Ready("s")
				b := f.OpenBody("s")
				b.Roster, b.Seats = b.Roster[:3], b.Seats[:3]
				return f.Leaf(f.Coordinator, f.Next("s"), b)
			}},
		{name: "restarted node's abort", liar: "a node", how: "it aborts in another start than that of its ready", play: inLog,
			code: "SS2332", party: "board01", reads: "was restarted since its `ready`",
			leaf: func(f *audittest.Federation) []byte {
				at := opened(f)
				f.Nodes["board01"].Restart()
				return as(f, "board01", at, audittest.AbortBody(at))
			}},
		{name: "vote whose `seen` lies before `set`", liar: "a node", how: "it votes with a head that does not cover the set", play: inLog,
			code: "SS2331", party: "board01", reads: "voted without having seen the set",
			leaf: func(f *audittest.Federation) []byte {
				updated(f)
				before := f.State.Head()
				at := f.Set("s")
				h := f.State.Next("board01", f.Nodes["board01"].Boot, audittest.In(at))
				h.Seen, h.Time = before, f.Clock.UTC().Format("2006-01-02T15:04:05Z")
				leaf, err := audit.Sign(h, audittest.VoteBody(at), f.Nodes["board01"])
				if err != nil {
					f.T.Fatal(err)
				}
				return leaf
			}},
		{name: "ride-along `ready` with a stale state", liar: "the coordinator", how: "in round 2 it opens over one node's ready for the state of round 1", play: inLog,
			code: "SS2311", party: coordinator, reads: "is ready for another model state or shape",
			leaf: func(f *audittest.Federation) []byte {
				begun(f)
				f.Round("s")
				f.Ready("s", f.Others("board04")...)
				state := f.OpenBody("s").State
				b := f.ReadyBody("s")
				b.State = audittest.StateDigest(1)
				f.Say(f.Nodes["board04"], f.Next("s"), b)
				o := f.OpenBody("s")
				o.State = state
				return f.Leaf(f.Coordinator, f.Next("s"), o)
			}},
	}
}

func ruleRows() []row {
	return append(liveRows(),
		row{name: "numbers budget omitted", liar: "a researcher", how: "the proposal does not say how many numbers may be opened", play: inLog,
			code: "SS2701", party: "researcher", reads: "does not say how many numbers may be opened",
			leaf: func(f *audittest.Federation) []byte { return stated(f, 0) }},
		row{name: "numbers budget too small", liar: "the coordinator", how: "it opens a sum beyond the numbers that were approved", play: inLog,
			code: "SS2703", party: coordinator, reads: "were approved",
			leaf: func(f *audittest.Federation) []byte {
				f.Append(stated(f, int64(audittest.CounterShape().Values())))
				f.Approve("s")
				f.Round("s")
				f.Ready("s")
				return f.Leaf(f.Coordinator, f.Next("s"), f.OpenBody("s"))
			}},
		row{name: "numbers budget over the cap", liar: "a researcher", how: "the proposal asks for more numbers than the charter allows", play: inLog,
			code: "SS2702", party: "researcher", reads: "the charter allows",
			leaf: func(f *audittest.Federation) []byte {
				c := *f.State.Charter.Body.(*audit.Charter)
				c.Amends, c.Numbers = f.State.Charter.Hash, 5
				endorsed(f, &c)
				return stated(f, 6)
			}},
		row{name: "unapproved study", liar: "the coordinator", how: "it opens a study on which an institution has not decided", play: inLog,
			code: "SS2306", party: coordinator, reads: "have not decided on study s",
			leaf: func(f *audittest.Federation) []byte {
				f.Propose("s", 2)
				for _, name := range f.Others("board04") {
					f.Decide("s", name, "approve")
				}
				f.Ready("s", f.Others("board04")...)
				stateWithout(f.State, []string{"SS2306"})
				return f.Leaf(f.Coordinator, f.Next("s"), f.OpenBody("s"))
			}},
		row{name: "expired researcher", liar: "a researcher", how: "a researcher proposes after the end of the grant", play: inLog,
			code: "SS2229", party: "second", reads: "may propose studies until 2026-08-31 only",
			leaf: func(f *audittest.Federation) []byte {
				second := audittest.NewSigner("second", "")
				endorsed(f, &audit.Member{Charter: f.State.Charter.Hash, Act: audit.ActGrant,
					Grant: &audit.Grant{Role: "researcher", Party: second.Party, Expires: "2026-08-31"}})
				return f.Leaf(second, audit.Header{Study: "s"}, audittest.ProposalBody(1))
			}},
		row{name: "expired approval", liar: "a node", how: "it goes on after its institution's approval has ended", play: inLog,
			code: "SS2217", party: "board04", reads: "the approval of board04 for study s ended",
			leaf: func(f *audittest.Federation) []byte {
				begun(f)
				f.Clock = f.Clock.AddDate(1, 0, 0)
				return f.Leaf(f.Nodes["board04"], f.Next("s"), f.ReadyBody("s"))
			}},
		row{name: "withdrawal ignored", liar: "a node", how: "it votes for a set with an institution that has withdrawn since", play: inLog,
			code: "SS2315", party: "board01", reads: "board04 withdrew",
			leaf: func(f *audittest.Federation) []byte {
				at := fixed(f)
				f.Decide("s", "board04", "withdraw")
				return as(f, "board01", at, audittest.VoteBody(at))
			}},
		row{name: "two sets one institution apart", liar: "the coordinator", how: "a second study sums over the same institutions but one", play: inLog,
			code: "SS2232", party: coordinator, reads: "would tell what board04 alone gave",
			leaf: func(f *audittest.Federation) []byte {
				f.Begin("a", 1)
				f.Round("a")
				f.Propose("b", 1)
				for _, name := range f.Others("board04") {
					f.Decide("b", name, "approve")
				}
				f.Decide("b", "board04", "deny")
				f.Ready("b", f.Others("board04")...)
				return f.Leaf(f.Coordinator, f.Next("b"), f.OpenBody("b"))
			}},
	)
}
