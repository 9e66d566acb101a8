package secret

import (
	"testing"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Each test here first carries an attack out with the rule off, on the bare
// arithmetic, and shows what it yields; then shows that the rule stops it.

// value opens a stat round of one number, with these releases.
func (f *federation) value(set crypto.Set, releases []crypto.Release) int64 {
	f.t.Helper()
	o, err := f.sum(set).Open(set, releases)
	f.must(err)
	return o.Stat()[0].Int64()
}

// clone is what a restored snapshot or a copied machine is: the same attempt
// key, and no memory of what was signed with it.
func (f *federation) clone(point int, a crypto.Attempt) *Holder {
	f.t.Helper()
	h := holderOf(f.holders[point].h.key)
	f.must(h.Bind(a, point))
	return h
}

// TestAttackTwoSets: two openings of one attempt that differ by one
// institution give that institution's number away.
func TestAttackTwoSets(t *testing.T) {
	f := smallRound(t, "two sets")
	everybody, without := crypto.Set{1, 2, 3, 4}, crypto.Set{1, 2, 3}
	if got := f.value(everybody, f.rawReleases(everybody, 1, 2, 3)) - f.value(without, f.rawReleases(without, 1, 2, 3)); got != 4000 {
		t.Fatalf("the attack yields %d, want the 4000 of institution 4", got)
	}
	// With the rule a holder votes once and releases for that vote only,
	// however often the coordinator asks.
	root := f.sum(everybody).Root()
	f.release(everybody, root, 1, 2, 3)
	certificate := f.certificate(without, f.sum(without).Root())
	for _, p := range []int{2, 3} {
		if f.holders[p].Vote(without, f.sum(without).Root(), nothing) == nil {
			t.Error("an honest holder votes for a second set")
		}
		if _, err := f.holders[p].Release(certificate, nothingMore); err == nil {
			t.Error("an honest holder releases for a second set, even with a certificate")
		}
	}
}

// TestAttackRolledBackNode: of six institutions one colludes (1) and one (2)
// was restored from a snapshot and forgot its vote. Thresholds that allow for
// no forgetting give two certificates; those that do give one.
func TestAttackRolledBackNode(t *testing.T) {
	s := shapeOf(crypto.CodecStat, 1, 20)
	setA, setB := crypto.Set{1, 2, 3, 4, 5, 6}, crypto.Set{1, 2, 3, 4, 5}
	for _, forgetful := range []int{0, 1} {
		th, err := crypto.ThresholdsFor(6, forgetful, 0, false)
		if err != nil {
			t.Fatal(err)
		}
		f := openFederation(t, "rolled back", s, th)
		for p := 1; p <= 6; p++ {
			f.contribute(p, stat(t, s, int64(1000*p)))
		}
		restored := f.clone(2, f.a)
		rootA, rootB := f.sum(setA).Root(), f.sum(setB).Root()
		vote := func(h *Holder, p int, set crypto.Set, root crypto.Digest) int {
			for _, c := range set {
				if f.acceptBy(h, p, c) != nil {
					return 0
				}
			}
			if h.Vote(set, root, nothing) != nil {
				return 0
			}
			return p
		}
		votersA := []int{1, vote(f.holders[2], 2, setA, rootA), vote(f.holders[3], 3, setA, rootA), vote(f.holders[4], 4, setA, rootA)}
		votersB := []int{1, vote(restored, 2, setB, rootB), vote(f.holders[5], 5, setB, rootB), vote(f.holders[6], 6, setB, rootB)}
		if forgetful == 1 {
			// The adversary moves an honest vote to whichever set it likes;
			// it has four of them and needs three for each.
			if vote(f.holders[3], 3, setB, rootB) != 0 {
				t.Fatal("an honest holder votes twice")
			}
			_, errA := crypto.Certify(f.a, setA, rootA, votersA)
			_, errB := crypto.Certify(f.a, setB, rootB, votersB)
			if errA == nil || errB == nil {
				t.Error("a set is certified although the votes were split")
			}
			continue
		}
		certA, err := crypto.Certify(f.a, setA, rootA, votersA)
		if err != nil {
			t.Fatalf("the attack fails: %v", err)
		}
		certB, err := crypto.Certify(f.a, setB, rootB, votersB)
		if err != nil {
			t.Fatalf("the attack fails: %v", err)
		}
		releases := func(c crypto.Certificate, set crypto.Set, hs ...*Holder) []crypto.Release {
			out := f.rawReleases(set, 1) // the colluder
			for _, h := range hs {
				b, err := h.Release(c, nothingMore)
				f.must(err)
				r, err := crypto.ParseRelease(f.a, b)
				f.must(err)
				out = append(out, r)
			}
			return out
		}
		a := f.value(setA, releases(certA, setA, f.holders[2], f.holders[3], f.holders[4]))
		b := f.value(setB, releases(certB, setB, restored, f.holders[5], f.holders[6]))
		if a-b != 6000 {
			t.Fatalf("the attack yields %d, want the 6000 of institution 6", a-b)
		}
	}
}

// TestAttackAbortAfterLostJournal: nodes that released, lost their journal and
// then sign that they never did, close an attempt whose sum is already open;
// the next attempt, with a smaller set, isolates an institution.
func TestAttackAbortAfterLostJournal(t *testing.T) {
	first := smallRound(t, "lost journal, first")
	everybody, without := crypto.Set{1, 2, 3, 4}, crypto.Set{1, 2, 3}
	total := first.value(everybody, first.release(everybody, first.sum(everybody).Root(), 1, 2, 3))
	next := smallRound(t, "lost journal, next")
	if got := total - next.value(without, next.rawReleases(without, 1, 2, 3)); got != 4000 {
		t.Fatalf("the attack yields %d, want the 4000 of institution 4", got)
	}
	// With the rule: a node that released refuses, a restarted one holds only
	// a holder that was never bound, and the rest are fewer than t = 3.
	aborts := 1 // the colluder
	for _, p := range []int{2, 3} {
		restarted, err := NewHolder()
		if err != nil {
			t.Fatal(err)
		}
		if first.holders[p].Abort() == nil || restarted.Abort() == nil {
			aborts++
		}
	}
	if first.holders[4].Abort() == nil {
		aborts++
	}
	if aborts >= first.a.Thresholds.T {
		t.Errorf("%d aborts close an attempt that was opened", aborts)
	}
}

// TestAttackTwoOpensOnOneReady: one attempt key in two opens lets a forked log
// ask the same node twice.
func TestAttackTwoOpensOnOneReady(t *testing.T) {
	f := smallRound(t, "first open")
	everybody, without := crypto.Set{1, 2, 3, 4}, crypto.Set{1, 2, 3}
	forked := f.a
	forked.ID = crypto.DigestOf([]byte("forked open"))
	g := &federation{t: t, a: forked, key: f.key, holders: f.holders, frames: map[int][]byte{}, sealed: map[int]*Sealed{}}
	for p := 1; p <= 4; p++ {
		g.contribute(p, stat(t, f.a.Shape, int64(1000*p)))
	}
	if got := f.value(everybody, f.rawReleases(everybody, 1, 2, 3)) - g.value(without, g.rawReleases(without, 1, 2, 3)); got != 4000 {
		t.Fatalf("the attack yields %d, want the 4000 of institution 4", got)
	}
	for p := 1; p <= 4; p++ {
		if f.holders[p].Bind(forked, p) == nil {
			t.Error("a holder serves a second open")
		}
		// A holder bound to the first open cannot read boxes of the second.
		box, boxDigest, share := g.box(4, p)
		if f.holders[p].Accept(4, box, boxDigest, share) == nil {
			t.Error("a box of another attempt is accepted")
		}
	}
}

// TestAttackSmallerRoster: ten institutions are approved (c=3, t=7) but four
// are ready. With thresholds of the four, (1, 3), three colluders hold three
// shares of the fourth's key and need no release at all.
func TestAttackSmallerRoster(t *testing.T) {
	s := shapeOf(crypto.CodecStat, 1, 20)
	small, err := crypto.ThresholdsFor(4, 0, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	f := openFederation(t, "smaller roster", s, small)
	f.contribute(4, stat(t, s, 4000))
	var key crypto.Poly
	for j, w := range lagrangeAt([]uint64{1, 2, 3}, crypto.Q-1) {
		share := f.rawShare(4, j+1)
		key.AddScaled(w, &share)
	}
	if got := f.decrypt(4, &key); got != 4000 {
		t.Fatalf("the attack yields %d, want the 4000 of institution 4", got)
	}
	// With the thresholds of the approved ten, four ready ones make no
	// attempt, and thresholds mixed from both are refused.
	approved, err := crypto.ThresholdsFor(10, 0, 0, false)
	if err != nil {
		t.Fatal(err)
	}
	a := f.a
	a.Thresholds = approved
	if a.Check() == nil {
		t.Error("four of ten open an attempt")
	}
	a.Thresholds.T = small.T
	if a.Check() == nil {
		t.Error("an attempt has ten institutions and the releases of four")
	}
	seven := openFederation(t, "seven of ten", s, approved, 1, 2, 3, 4, 5, 6, 7)
	seven.contribute(4, stat(t, s, 4000))
	key.Wipe()
	for j, w := range lagrangeAt([]uint64{1, 2, 3}, crypto.Q-1) {
		share := seven.rawShare(4, j+1)
		key.AddScaled(w, &share)
	}
	if got := seven.decrypt(4, &key); got == 4000 {
		t.Error("three colluders of ten read a number")
	}
}

// TestAttackRetryWithOneChangedRow: a certified attempt may be retried with
// the identical set only; if one institution's data changed by one row in
// between, the two sums show that row.
func TestAttackRetryWithOneChangedRow(t *testing.T) {
	s := shapeOf(crypto.CodecStat, 1, 20)
	set := crypto.Set{1, 2, 3, 4}
	var totals []int64
	var digests []crypto.Digest
	key := NewNodeKey()
	for _, mine := range []int64{4000, 4000 + 37} { // one child of 37 more
		f := newFederation(t, "retry", s, 4)
		for p := 1; p <= 3; p++ {
			f.contribute(p, stat(t, s, int64(1000*p)))
		}
		plain := stat(t, s, mine)
		digests = append(digests, key.PlainDigest(plain, f.a))
		f.contribute(4, plain)
		totals = append(totals, f.value(set, f.rawReleases(set, 1, 2, 3)))
	}
	if totals[1]-totals[0] != 37 {
		t.Fatalf("the attack yields %d, want the 37 of one row", totals[1]-totals[0])
	}
	if digests[0] == digests[1] {
		t.Error("the keyed digest does not see the changed row")
	}
	again := newFederation(t, "another attempt", s, 4)
	if key.PlainDigest(stat(t, s, 4000), again.a) != digests[0] {
		t.Error("the identical integers have another digest in another attempt, so no retry would ever be allowed")
	}
}
