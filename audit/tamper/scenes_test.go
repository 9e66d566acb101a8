package tamper

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
	"github.com/smartstart-federation/smartstart/node"
)

func liveRows() []row {
	return []row{
		{name: "dropped update", liar: "the coordinator", how: "its set leaves out an institution whose update is in the log",
			play: live, code: "SS2325", also: []string{"SS2328"}, reads: "board04 is left out", scene: dropped,
			ends: "every node finds the set void and does not vote; the honest set is summed"},
		{name: "fork shown to one node, same size", liar: "the coordinator", how: "one node is shown another entry in the same place",
			play: live, code: "SS2004", reads: "two histories of one log exist", scene: forkSameSize,
			ends: "whoever is first to hear a co-signature of the other history stops and keeps both checkpoints; no sum until people have compared them"},
		{name: "fork shown to one node, size + 1", liar: "the coordinator", how: "one node is shown a checkpoint of one entry more that the log then does not have",
			play: live, code: "SS2004", reads: "two histories of one log exist", scene: forkOneMore,
			ends: "that node stops and keeps both checkpoints; the study waits for it"},
		{name: "revoked node", liar: "a thief", how: "somebody with a node's key and certificate speaks after the key was revoked",
			play: live, code: "SS2221", reads: "the key of board04 was revoked or replaced", scene: revoked,
			ends: "an honest coordinator refuses it, every node finds it void; the institution comes back with a new key and the sum is reached"},
		{name: "three keys of one institution", liar: "an institution", how: "its approver enrols a second and a third node key",
			play: live, code: "SS2207", reads: "board04 has enrolled already", scene: threeKeys,
			ends: "every node finds both void; the sum is reached with the first key"},
		{name: "node's statement suppressed", liar: "the coordinator", how: "it keeps back a node's update and fixes the set without it",
			play: live, code: "SS2342", reads: "nothing in the log lets the first sum begin without it", scene: suppressed,
			ends: "every node finds the set void; the study waits, visibly, until the update comes through, and the sum is reached"},
		{name: "restored snapshot asked again", liar: "whoever restores a backup", how: "a node whose folder is that of before its update is asked for the attempt's repeat",
			play: live, code: "SS3202", reads: "its journal does not hold which", scene: restored,
			ends: "the node gives nothing and says why; with its newest folder back the identical attempt gives the sum"},
		{name: "contributor with one off-polynomial share", liar: "a node", how: "one of the shares it signs is not on its polynomials",
			play: live, code: "SS3110", reads: "the share check of a contributor failed", scene: offPolynomial,
			ends: "the holder names it and opens the share, all weigh it as proved, the next attempt leaves it out and the sum of the others is reached; the auditor notes it as proved wrong"},
		{name: "contributor with another key than it encrypted with", liar: "a node", how: "it shares another key than that of its frames",
			play: live, code: "SS3013", also: []string{"SS2510"}, reads: "the share check of a contributor failed", scene: anotherKey,
			ends: "every holder finds it in public, the next attempt leaves it out and the sum of the others is reached; the auditor notes it as proved wrong"},
		{name: "honest contributor framed by one answer", liar: "a node", how: "it disputes an honest institution, opens a share that nobody signed and names it when it aborts",
			play: live, code: "SS2511", reads: "is not the share that the contributor signed", scene: framedByOne,
			ends: "the honest weigh the opening as void; the next attempt has the framed institution again and the sum is reached"},
		{name: "honest contributor framed by exactly t answers", liar: "a node and the coordinator", how: "exactly t holders are left; on the word of one of them the next attempt leaves an honest institution out",
			play: live, code: "SS2309", reads: "board02 is left out", scene: framedByT,
			ends: "every node finds the open void; the next one has the framed institution and the sum is reached"},
		{name: "honest contributor framed by a shifted decoder", liar: "a node and the coordinator", how: "one release is shifted, and the result calls an honest one wrong instead",
			play: live, code: "SS2506", reads: "names board02 as wrong releases, the arithmetic says board04", scene: framedByDecoder,
			ends: "the sum is right and is reached; being called wrong has no consequence for any set"},
		{name: "shares of one contributor opened up to t", liar: "two nodes", how: "one after the other opens a share of the same institution",
			play: live, code: "SS2344", also: []string{"SS2511"}, reads: "may be opened, and were", scene: openedUpToT,
			ends: "every node finds the second opening void; two liars of four are more than c: no sum, and nobody is convicted"},
		{name: "release bytes before the journal", liar: "a node's disk", how: "the journal takes no release",
			play: live, code: "SS3108", also: []string{"a release is in the journal before its first byte leaves"},
			reads: "it was not handed out", scene: beforeJournal,
			ends: "no byte leaves; with the disk repaired the node releases and the sum is reached"},
		{name: "identical retry with one changed row", liar: "an institution", how: "one number of one child has changed before the identical attempt is repeated",
			play: live, code: "SS2134", also: []string{"SS3201"}, reads: "are not those of the earlier rounds", scene: changedRow,
			ends: "the node gives nothing and says why (with the ledger's rule off SS3201 stands behind it); with the rows put back the identical attempt gives the sum"},
		{name: "two cohorts one child apart", liar: "an institution", how: "a second study is asked over the same children but one",
			play: live, code: "SS2135", reads: "differ from those of an earlier study by 1 to 29", scene: oneChildApart,
			ends: "the node takes no part in the second study and says why; with the same rows its sum is reached"},
		{name: "another state given to one node", liar: "the coordinator", how: "one node gets another codebook, from which it computes another state",
			play: live, code: "SS6105", reads: "do not have the blob's digest", scene: otherState,
			ends: "the node says why it cannot go on; with the right bytes the sum is reached"},
	}
}

// begin brings a round to where all four have given their numbers.
func (w *town) begin(study string, g forger) (*secret.Holder, *audit.Attempt) {
	w.t.Helper()
	h := w.offer(study)
	w.ready(study, boards(1, 2, 3)...)
	w.open(study)
	w.updates(study, 3)
	w.gives(study, g)
	return h, w.at(study)
}

func (w *town) caught() bool { return len(w.off) == 0 }

func dropped(t *testing.T, off []string) {
	w := newTown(t, off)
	w.begin("a", forger{})
	w.set("a", 4)
	if !w.caught() {
		w.goesOn("a", 3) // over three, without the one left out
		w.clean()
		return
	}
	w.allFind("SS2325")
	w.set("a")
	w.goesOn("a", 3)
	w.blames("SS2325", coordinator, "board04 is left out")
}

// again lets board 4's approver approve once more; deny is the other history.
func again(f *audittest.Federation, verdict string) []byte {
	return f.Leaf(f.Approvers[liar], audit.Header{Study: "a"}, f.DecisionBody("a", liar, verdict))
}

func forkSameSize(t *testing.T, off []string) {
	w := newTown(t, off)
	w.ready("a", boards(1, 2, 3)...)
	var shown []byte
	w.does(func(f *audittest.Federation) {
		w.forks["board02"] = &fork{from: int64(len(f.Leaves)), rest: [][]byte{again(f, "deny")}}
		_, shown = w.shown("board02")
		f.Append(again(f, "approve"))
	})
	w.afterFork(shown, boards(1, 2, 3)...) // whoever hears a co-signature of the other first
}

func forkOneMore(t *testing.T, off []string) {
	w := newTown(t, off)
	w.ready("a", boards(1, 2, 3)...)
	var shown []byte
	w.does(func(f *audittest.Federation) {
		shown = w.signed(slices.Concat(f.Leaves, [][]byte{again(f, "deny")}))
		w.cosigned = append(w.cosigned, cosigned{"board02", shown})
	})
	time.Sleep(50 * time.Millisecond) // it is kept until there are so many entries
	w.does(func(f *audittest.Federation) { f.Append(again(f, "approve")) })
	w.afterFork(shown, "board02")
}

// afterFork holds that one of these nodes stops with evidence, or, with the
// check off, that nobody notices; and that an auditor who got the other
// checkpoint does.
func (w *town) afterFork(shown []byte, stop ...string) {
	w.t.Helper()
	if w.caught() {
		var r *resident
		w.wait(fmt.Sprint("one of ", stop, " stops"), func() bool {
			return slices.ContainsFunc(stop, func(name string) bool {
				r = w.nodes[name]
				select {
				case <-r.ended:
					return true
				default:
					return false
				}
			})
		})
		var fork *audit.Refusal
		if !errors.As(r.err, &fork) || fork.Rule != audit.CodeFork {
			w.t.Errorf("%s ended with %v", r.name, r.err)
		}
		if kept, err := filepath.Glob(filepath.Join(r.dir, "fork-*")); err != nil || len(kept) == 0 {
			w.t.Errorf("%s kept no evidence: %v", r.name, err)
		}
		if !w.said.has("both checkpoints are kept as evidence") {
			w.t.Error("no line says so in the nodes' logs")
		}
		x := found(w.t, w.audit(verify.Held(shown)), "SS2004", -1)
		if x.Remedy == "" {
			w.t.Error("the auditor reads no remedy")
		}
		return
	}
	time.Sleep(300 * time.Millisecond)
	for name, r := range w.nodes {
		select {
		case <-r.ended:
			w.t.Errorf("%s ended with %v", name, r.err)
		default:
		}
	}
	if r := w.audit(verify.Held(shown)); !r.Verified {
		w.t.Errorf("with the check off:\n%s", r)
	}
}

func revoked(t *testing.T, off []string) {
	w := newTown(t, off)
	w.ready("a", boards(1, 2, 3)...)
	var leaf []byte
	w.does(func(f *audittest.Federation) {
		f.Say(f.Approvers[liar], audit.Header{}, &audit.Member{Charter: f.State.Charter.Hash, Act: audit.ActRevoke, Revoke: liar})
	})
	m, state, _, _ := w.nodes["board01"].Chain().State("a")
	shape, _, err := m.Shape(state)
	w.must(err)
	w.does(func(f *audittest.Federation) {
		leaf = f.Leaf(f.Nodes[liar], f.Next("a"), &audit.Ready{State: crypto.DigestOf(state), Shape: shape, Key: f.Key()})
	})
	thief := w.dial(liar)
	defer thief.Close()
	_, err = thief.Append(t.Context(), leaf)
	if !w.caught() {
		w.must(err)
		w.open("a") // with a seat for the thief
		if len(w.at("a").Seats()) != 4 {
			t.Error("the thief has no seat")
		}
		w.clean()
		return
	}
	if !coded(err, "SS2221") {
		t.Fatalf("the thief got %v", err)
	}
	w.does(func(f *audittest.Federation) { f.Append(leaf) }) // a coordinator that conspires with it
	w.allFind("SS2221")
	w.does(func(f *audittest.Federation) { // the institution comes back with a new key
		f.Nodes[liar] = audittest.NewSigner(liar, "new machine")
		f.Enrol(liar)
	})
	w.begin("a", forger{})
	w.set("a")
	w.goesOn("a", 3)
	w.blames("SS2221", liar, "was revoked or replaced")
}

func threeKeys(t *testing.T, off []string) {
	w := newTown(t, off)
	w.ready("a", boards(1, 2, 3)...)
	w.does(func(f *audittest.Federation) {
		first := f.Nodes[liar]
		for _, salt := range []string{"second", "third"} {
			f.Nodes[liar] = audittest.NewSigner(liar, salt)
			f.Append(f.Leaf(f.Approvers[liar], audit.Header{}, f.MemberBody(liar)))
		}
		if w.caught() {
			f.Nodes[liar] = first
		}
	})
	if !w.caught() {
		w.clean()
		return
	}
	w.allFind("SS2207")
	w.begin("a", forger{})
	w.set("a")
	w.goesOn("a", 3)
	w.blames("SS2207", liar+".approver", "has enrolled already")
}

func suppressed(t *testing.T, off []string) {
	w := newTown(t, off)
	h := w.offer("a")
	w.ready("a", boards(1, 2, 3)...)
	w.does(func(f *audittest.Federation) {
		w.drop = func(who string, s *audit.Statement) bool { return who == "board03" && s.Type == audit.TypeUpdate }
		f.Open("a")
	})
	w.updates("a", 2)
	w.gives("a", forger{})
	w.set("a")
	if !w.caught() {
		w.votes(h) // board 3 still waits for the answer to its update
		w.certified("a")
		w.releases(h, func([]byte) {})
		w.goesOn("a", 3)
		w.clean()
		return
	}
	w.allFind("SS2342")
	w.does(func(*audittest.Federation) { w.drop = nil })
	w.updates("a", 4)
	w.set("a")
	w.goesOn("a", 3)
	w.blames("SS2342", coordinator, "board03 has not uploaded")
}

// frozen brings study "a" to where its set is fixed and no vote came through,
// so that only the identical attempt may follow; before runs when all are ready.
func (w *town) frozen(before func()) {
	w.t.Helper()
	w.offer("a")
	w.ready("a", boards(1, 2, 3)...)
	before()
	w.open("a")
	w.updates("a", 3)
	w.gives("a", forger{})
	w.does(func(*audittest.Federation) {
		w.drop = func(_ string, s *audit.Statement) bool { return s.Type == audit.TypeVote }
	})
	w.set("a")
}

// repeats brings it to the next attempt, which repeats the set.
func (w *town) repeats() {
	w.does(func(*audittest.Federation) { w.drop = nil })
	w.later(11 * time.Minute)
	w.until("the others gave the attempt up", func(*audit.State) bool { return len(w.f.At("a").Aborts) == 2 })
	w.later(5 * time.Minute) // they pause after it
}

func restored(t *testing.T, off []string) {
	w := newTown(t, off)
	r := w.nodes["board03"]
	old, newest := filepath.Join(t.TempDir(), "old"), filepath.Join(t.TempDir(), "newest")
	w.frozen(func() { w.must(os.CopyFS(old, os.DirFS(r.dir))) })
	r.stop()
	w.must(os.CopyFS(newest, os.DirFS(r.dir)))
	put := func(from string) {
		w.must(os.RemoveAll(r.dir))
		w.must(os.CopyFS(r.dir, os.DirFS(from)))
		r.start()
	}
	put(old)
	w.repeats()
	if !w.caught() {
		w.offer("a")
		w.ready("a", "board03")
		w.clean()
		return
	}
	r.refuses("SS3202", "its journal does not hold which")
	r.stop()
	put(newest)
	w.identical()
	w.clean()
}

// identical repeats the attempt with everybody, and reaches the sum.
func (w *town) identical() {
	w.t.Helper()
	w.offer("a")
	w.ready("a", boards(1, 2, 3)...)
	w.open("a")
	w.updates("a", 3)
	w.gives("a", forger{})
	w.set("a")
	w.goesOn("a", 3)
}

func changedRow(t *testing.T, off []string) {
	if off == nil { // behind the ledger of rows stands the digest of the numbers themselves
		w, r := changed(t, []string{"SS2134"})
		r.refuses("SS3201", "only the same numbers may be given again")
		w.clean()
	}
	w, r := changed(t, off)
	if !w.caught() {
		w.offer("a")
		w.ready("a", "board03")
		w.clean()
		return
	}
	r.refuses("SS2134", "are not those of the earlier rounds")
	r.stop()
	r.write(42, "")
	r.start()
	w.identical()
	w.clean()
}

// changed brings it to where board 3 is asked to repeat what it gave, over
// records of which one number has changed.
func changed(t *testing.T, off []string) (*town, *resident) {
	w := newTown(t, off)
	r := w.nodes["board03"]
	w.frozen(func() {})
	r.stop()
	r.write(42, "1.5")
	r.start()
	w.repeats()
	return w, r
}

// without4 runs the next attempt over the other three, who found board 4 out
// with a dispute of this kind.
func (w *town) without4(kind string) {
	w.t.Helper()
	w.until("the attempt is closed", func(*audit.State) bool { return w.f.At("a").Closed() })
	for name, m := range w.at("a").Aborts {
		if b := m.Body.(*audit.Abort); !slices.Equal(b.Cannot, []int{4}) || b.Reason != "cannot_accept" {
			w.t.Errorf("%s gave up because of %s and names %v", name, b.Reason, b.Cannot)
		}
	}
	if !w.said.has("the share check of a contributor failed") || !w.said.has("contributor=4 kind="+kind) {
		w.t.Error("no line says so in the nodes' logs")
	}
	w.later(5 * time.Minute)
	w.ready("a", boards(1, 2, 3)...)
	if seats := w.open("a").Seats(); !slices.Equal(seats, boards(1, 2, 3)) {
		w.t.Fatalf("the next attempt has the seats %v", seats)
	}
	w.updates("a", 3)
	w.set("a")
	w.goesOn("a", 3)
	r := w.clean()
	if !slices.ContainsFunc(r.Notes, func(n verify.Note) bool { return n.Kind == verify.NoteProved && slices.Equal(n.Names, []string{liar}) }) {
		w.t.Errorf("the auditor does not say that board 4 is proved wrong:\n%s", r)
	}
}

// lost holds that with the share check off the round is lost, and nobody named.
func (w *town) lost() {
	w.t.Helper()
	w.certified("a")
	w.released("a", 3)
	if w.result("a", nil) {
		w.t.Fatal("a sum was reached: the attack fails")
	}
	if r := w.clean(); slices.ContainsFunc(r.Notes, func(n verify.Note) bool { return n.Kind == verify.NoteProved }) {
		w.t.Error("somebody is named")
	}
}

func offPolynomial(t *testing.T, off []string) {
	w := newTown(t, off)
	w.begin("a", forger{share: func(holder int, s *crypto.Share) {
		if holder == 1 {
			s.Words[77] = (s.Words[77] + 1) % crypto.Q
		}
	}})
	w.set("a")
	if !w.caught() {
		w.lost()
		return
	}
	w.without4(audit.DisputeShare)
}

func anotherKey(t *testing.T, off []string) {
	w := newTown(t, off)
	w.begin("a", forger{key: func(key *crypto.Poly) { key[0] = (key[0] + 1) % crypto.Q }})
	w.set("a")
	if !w.caught() {
		w.lost()
		return
	}
	w.without4(audit.DisputeProjection)
}

// framed brings it to where board 3 has stopped, board 4 says that the share of
// board 2 is wrong, and the attempt is given up.
func (w *town) framed(share []byte) {
	w.t.Helper()
	w.begin("a", forger{})
	w.nodes["board03"].stop()
	w.disputes("a", liar, audit.DisputeShare, 2, nil)
	if share != nil {
		w.disputes("a", liar, audit.DisputeOpening, 2, share)
	}
	w.set("a")
	if share != nil {
		w.wait("the evidence was weighed", func() bool { return w.said.has("board01: evidence against a contributor was checked") })
	}
	w.later(11 * time.Minute)
	w.until("the honest ones gave up", func(*audit.State) bool { return len(w.f.At("a").Aborts) >= 2 })
	w.does(func(f *audittest.Federation) {
		at := f.At("a")
		f.Say(f.Nodes[liar], audittest.In(at), &audit.Abort{Open: at.ID, Reason: "cannot_accept", Cannot: []int{2}})
	})
	w.nodes["board03"].start()
	w.later(5 * time.Minute)
	w.offer("a")
	w.ready("a", boards(1, 3)...)
}

func framedByOne(t *testing.T, off []string) {
	w := newTown(t, off)
	w.framed(make([]byte, crypto.ShareSize))
	if !w.caught() {
		if seats := w.open("a").Seats(); slices.Contains(seats, "board02") {
			t.Errorf("the attack fails: the seats are %v", seats)
		}
		w.clean()
		return
	}
	w.ready("a", "board02")
	w.finishes(boards(1, 2, 3, 4))
	w.blames("SS2511", liar, "is not the share that the contributor signed")
}

// finishes runs the attempt for which all are ready, with these seats.
func (w *town) finishes(seats []string) {
	w.t.Helper()
	if got := w.open("a").Seats(); !slices.Equal(got, seats) {
		w.t.Fatalf("the seats are %v, want %v", got, seats)
	}
	w.updates("a", 3)
	w.gives("a", forger{})
	w.set("a")
	w.goesOn("a", 3)
}

func framedByT(t *testing.T, off []string) {
	w := newTown(t, off)
	w.framed(nil)
	w.ready("a", "board02")
	w.does(func(f *audittest.Federation) {
		b := f.OpenBody("a")
		b.Seats = slices.DeleteFunc(b.Seats, func(s audit.OpenSeat) bool { return s.Point == 2 })
		f.Append(f.Leaf(f.Coordinator, f.Next("a"), b))
	})
	if !w.caught() {
		if seats := w.at("a").Seats(); slices.Contains(seats, "board02") || len(seats) != 3 {
			t.Errorf("the attack fails: the seats are %v", seats)
		}
		w.updates("a", 2)
		w.clean()
		return
	}
	w.allFind("SS2309")
	w.finishes(boards(1, 2, 3, 4))
	w.blames("SS2309", coordinator, "board02 is left out")
}

func framedByDecoder(t *testing.T, off []string) {
	w := newTown(t, off)
	h, _ := w.begin("a", forger{})
	w.set("a")
	w.votes(h)
	w.certified("a")
	w.released("a", 3)
	w.releases(h, func(b []byte) { b[crypto.HeaderSize+8+100] ^= 1 })
	if !w.result("a", func(b *audit.Result) { b.Used, b.Wrong = []int{1, 3, 4}, []int{2} }) {
		t.Fatal("the honest sum was not reached")
	}
	w.advanced("a")
	if !w.caught() {
		w.clean()
		return
	}
	w.blames("SS2506", coordinator, "names board02 as wrong releases, the arithmetic says board04")
}

// releases lets the liar release, and change the bytes.
func (w *town) releases(h *secret.Holder, change func(b []byte)) {
	w.t.Helper()
	w.does(func(f *audittest.Federation) {
		at := f.At("a")
		certificate, _ := at.Certificate()
		b, err := h.Release(certificate, func([]byte) error { return nil })
		w.must(err)
		change(b)
		f.Say(f.Nodes[liar], audittest.In(at), &audit.Release{Open: at.ID, Sum: w.put(b)})
	})
}

// votes lets the liar vote as an honest holder does.
func (w *town) votes(h *secret.Holder) {
	w.t.Helper()
	w.does(func(f *audittest.Federation) {
		at := f.At("a")
		a := at.Crypto(f.State)
		w.must(h.Bind(a, 4))
		for _, point := range at.Set.Body.(*audit.Set).Points {
			u := at.Updates[at.Name(point)].Body.(*audit.Update)
			box := w.blobs[u.Boxes.Digest][3*crypto.BoxSize : 4*crypto.BoxSize]
			w.must(h.Accept(point, box, u.BoxDigests[3], u.Shares[3]))
			c := crypto.Commitment{Point: point, Frames: u.Frames.Digest, Shares: u.Shares, Projection: u.Projection.Digest}
			p, err := crypto.ParseProjection(a, c, w.blobs[u.Projection.Digest])
			w.must(err)
			w.must(p.CheckCanaries(bytes.NewReader(w.blobs[u.Frames.Digest])))
			w.must(h.Check(p))
		}
		set := at.Set.Body.(*audit.Set)
		w.must(h.Vote(crypto.Set(set.Points), set.Root, func() error { return nil }))
		f.Vote("a", liar)
	})
}

func openedUpToT(t *testing.T, off []string) {
	w := newTown(t, off)
	w.begin("a", forger{})
	w.nodes["board03"].stop() // the second liar uses its key
	delete(w.nodes, "board03")
	bogus := func(b byte) []byte { return bytes.Repeat([]byte{b}, crypto.ShareSize) }
	for _, by := range []string{"board03", liar} {
		if f := w.disputes("a", by, audit.DisputeShare, 1, nil); f != nil {
			t.Fatal(f)
		}
	}
	if f := w.disputes("a", "board03", audit.DisputeOpening, 1, bogus(1)); f != nil {
		t.Fatal(f)
	}
	f := w.disputes("a", liar, audit.DisputeOpening, 1, bogus(2)) // 1 + c would be t - 1
	if !w.caught() {
		if f != nil {
			t.Error(f)
		}
		w.clean()
		return
	}
	w.allFind("SS2344")
	w.blames("SS2344", liar, "may be opened, and were")
	w.set("a") // two liars of four are more than c: no sum, and nobody is convicted
	w.later(11 * time.Minute)
	w.until("the honest ones gave up", func(*audit.State) bool { return len(w.f.At("a").Aborts) >= 2 })
	for name, m := range w.at("a").Aborts {
		if b := m.Body.(*audit.Abort); len(b.Cannot) > 0 {
			t.Errorf("%s names %v", name, b.Cannot)
		}
	}
}

// disk changes a node's journal as a failing disk does.
func (r *resident) disk(statement string) (n int) {
	r.w.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.dir, "node.db")+"?_pragma=busy_timeout(10000)")
	r.w.must(err)
	defer db.Close()
	if _, err = db.Exec(statement); err != nil {
		r.w.t.Fatal(err)
	}
	r.w.must(db.QueryRow(`SELECT COUNT(*) FROM journal WHERE act = 'release'`).Scan(&n))
	return n
}

func beforeJournal(t *testing.T, off []string) {
	w := newTown(t, off)
	r := w.nodes["board02"]
	w.begin("a", forger{})
	r.disk(`CREATE TRIGGER broken BEFORE INSERT ON journal WHEN NEW.act = 'release' BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`)
	w.set("a")
	w.certified("a")
	w.released("a", 2)
	if !w.caught() {
		w.released("a", 3)
		if n := r.disk(`SELECT 1`); n != 0 {
			t.Error("the release is in the journal: the attack fails")
		}
		w.goesOn("a", 3)
		w.clean()
		return
	}
	r.refuses("SS3108", "it was not handed out")
	if at := w.at("a"); at.Releases["board02"] != nil {
		t.Error("it released without a journal")
	}
	r.disk(`DROP TRIGGER broken`)
	w.goesOn("a", 3)
	w.clean()
}

func oneChildApart(t *testing.T, off []string) {
	w := newTown(t, off, func(w *town) {
		list := filepath.Join(t.TempDir(), "objections.csv")
		w.must(os.WriteFile(list, []byte("pseudonym\n"), 0o600))
		w.policy = node.Policy{Openness: configs.OpenSynthetic, Objections: list}
	})
	w.begin("a", forger{})
	w.set("a")
	w.goesOn("a", 3)
	r := w.nodes["board02"]
	r.write(40, "") // it had 41
	w.propose("b")
	if !w.caught() {
		w.offer("b")
		w.ready("b", "board02")
		w.clean()
		return
	}
	r.refuses("SS2135", "differ from those of an earlier study by 1 to 29")
	r.write(41, "")
	r.stop()
	r.start()
	w.begin("b", forger{})
	w.set("b")
	w.goesOn("b", 3)
	w.clean()
}

func otherState(t *testing.T, off []string) {
	w := newTown(t, off, func(w *town) {
		w.serve = func(who string, d crypto.Digest, b []byte) []byte {
			if who == "board02" && d == crypto.DigestOf([]byte(book)) {
				return bytes.Replace(b, []byte("max = 10.0"), []byte("max = 11.0"), 1)
			}
			return b
		}
	})
	r := w.nodes["board02"]
	if !w.caught() {
		w.offer("a")
		var states []string
		w.wait("board02 computes its own state", func() bool {
			states = nil
			for _, name := range boards(1, 2) {
				if _, state, _, ok := w.nodes[name].Chain().State("a"); ok {
					states = append(states, crypto.DigestOf(state).String())
				}
			}
			return len(states) == 2
		})
		if states[0] == states[1] {
			t.Error("the attack fails: the states are the same")
		}
		w.clean()
		return
	}
	r.refuses("SS6105", "do not have the blob's digest")
	w.does(func(*audittest.Federation) { w.serve = nil })
	w.begin("a", forger{})
	w.set("a")
	w.goesOn("a", 3)
	w.clean()
}
