package secret

import (
	"bytes"
	"crypto/hpke"
	"testing"
	"testing/cryptotest"

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
				box, boxDigest, share := f.box(c, p)
				if h.Accept(c, box, boxDigest, share) != nil {
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

// decrypt opens the first value of one contributor's frames with a key.
func (f *federation) decrypt(point int, key *crypto.Poly) int64 {
	f.t.Helper()
	m := f.message(f.frames[point], *key)
	return m[0]
}

// message decrypts the first data block of frames with a key.
func (f *federation) message(frames []byte, key crypto.Poly) []int64 {
	f.t.Helper()
	public, err := crypto.NewPublic(f.a.ID)
	f.must(err)
	var a, c crypto.Poly
	f.must(c.Unpack(frames[crypto.HeaderSize+2*crypto.BlockSize : crypto.HeaderSize+3*crypto.BlockSize]))
	public.Block(crypto.CanaryBlocks, &a)
	key.Montgomery()
	c.SubProduct(&a, &key)
	c.Inverse()
	return messages(&c)
}

func messages(c *crypto.Poly) []int64 {
	out := make([]int64, crypto.N)
	for i, w := range c {
		x := int64(w)
		if w > crypto.Q/2 {
			x -= int64(crypto.Q)
		}
		out[i] = (x + 1<<11) >> 12
	}
	return out
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

// TestAttackClonedMachine: a cloned machine repeats its randomness. If the
// seed did not hash the integers, two encryptions would differ by exactly the
// difference of the integers.
func TestAttackClonedMachine(t *testing.T) {
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := newFederation(t, "cloned", s, 4)
	fresh := &[32]byte{1, 2, 3}
	before, after := stat(t, s, 4000), stat(t, s, 4037)
	difference := func(seedOf func(p crypto.Plain) *seed) int64 {
		var blocks [2]crypto.Poly
		for i, p := range []crypto.Plain{before, after} {
			sd := seedOf(p)
			poly, err := newPolynomial(sd, 3)
			f.must(err)
			var w bytes.Buffer
			f.must(writeFrames(f.a, 1, p, sd, poly.secret(), &w))
			f.must(blocks[i].Unpack(w.Bytes()[crypto.HeaderSize+2*crypto.BlockSize:][:crypto.BlockSize]))
		}
		blocks[1].Sub(&blocks[0])
		blocks[1].Inverse()
		return messages(&blocks[1])[0]
	}
	if got := difference(func(crypto.Plain) *seed { return newSeed(fresh, f.key, f.a, 1, crypto.Plain{}) }); got != 37 {
		t.Fatalf("the attack yields %d, want the difference 37", got)
	}
	if got := difference(func(p crypto.Plain) *seed { return newSeed(fresh, f.key, f.a, 1, p) }); got == 37 {
		t.Error("two plaintexts are encrypted under one key")
	}
	// The identical integers give the identical frames: a repeat, no leak.
	var one, two bytes.Buffer
	for _, w := range []*bytes.Buffer{&one, &two} {
		_, err := encrypt(f.a, 1, before, f.key, fresh, w)
		f.must(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the identical integers give other frames")
	}
}

// TestAttackClonedSealing: the same for boxes. HPKE takes its randomness from
// the system; a clone that repeats it seals two different shares under one key
// and nonce, and the boxes show the difference of the shares. The digest of
// the share in the info keeps the keys apart.
func TestAttackClonedSealing(t *testing.T) {
	f := smallRound(t, "cloned sealing")
	one, two := bytes.Repeat([]byte{1}, crypto.ShareSize), bytes.Repeat([]byte{0x13}, crypto.ShareSize)
	xor := func(info func(plain []byte) []byte) byte {
		var boxes [][]byte
		for _, plain := range [][]byte{one, two} {
			cryptotest.SetGlobalRandom(t, 7)
			box, err := seal(f.a.Holders[0].Key, info(plain), plain)
			f.must(err)
			boxes = append(boxes, box)
		}
		var differences byte
		same := true
		for i := crypto.BoxSize - 16 - crypto.ShareSize; i < crypto.BoxSize-16; i++ {
			d := boxes[0][i] ^ boxes[1][i]
			same = same && (differences == 0 || d == differences)
			differences = d
		}
		if !same {
			return 0
		}
		return differences
	}
	if got := xor(func([]byte) []byte { return boxInfo(f.a, 1, 1, crypto.Digest{}) }); got != 1^0x13 {
		t.Fatalf("the attack yields %#x, want the difference of the shares", got)
	}
	if got := xor(func(plain []byte) []byte { return boxInfo(f.a, 1, 1, crypto.DigestOf(plain)) }); got != 0 {
		t.Error("the boxes show the difference of the shares")
	}
}

// TestAttackNegatedAndReplayed: where everybody encrypts under one lasting
// key, institution 4 uploads minus institution 3's ciphertext, of this round or
// the last, and number 3 is gone from the sum. Under one-time keys the sum of
// keys no longer fits, and nothing opens.
func TestAttackNegatedAndReplayed(t *testing.T) {
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := smallRound(t, "negated")
	common, err := newPolynomial(newSeed(new([32]byte), f.key, f.a, 0, crypto.Plain{}), 3)
	f.must(err)
	underOneKey := func(p int) []byte {
		var w bytes.Buffer
		plain := stat(t, s, int64(1000*p))
		f.must(writeFrames(f.a, p, plain, newSeed(&[32]byte{byte(p)}, f.key, f.a, p, plain), common.secret(), &w))
		return w.Bytes()
	}
	blocks := func(frames []byte) (out []crypto.Poly) {
		for b := range f.a.Shape.Blocks() {
			var p crypto.Poly
			f.must(p.Unpack(frames[crypto.HeaderSize+b*crypto.BlockSize:][:crypto.BlockSize]))
			out = append(out, p)
		}
		return out
	}
	frames := func(point int, bs []crypto.Poly) []byte {
		out := f.a.FrameHeader(point)
		block := make([]byte, crypto.BlockSize)
		for i := range bs {
			bs[i].Pack(block)
			out = append(out, block...)
		}
		return out
	}
	negated := func(point int, victim []byte) []byte {
		bs := blocks(victim)
		for i := range bs {
			var p crypto.Poly
			p.Sub(&bs[i])
			bs[i] = p
		}
		return frames(point, bs)
	}
	add := func(all ...[]byte) []byte {
		sum := blocks(all[0])
		for _, other := range all[1:] {
			bs := blocks(other)
			for i := range sum {
				sum[i].Add(&bs[i])
			}
		}
		return frames(1, sum)
	}
	// The textbook: 1 + 2 + 3 - 3, decrypted with twice the common key.
	sum := add(underOneKey(1), underOneKey(2), underOneKey(3), negated(4, underOneKey(3)))
	var twice crypto.Poly
	twice.AddScaled(2, common.secret())
	if got := f.message(sum, twice)[0]; got != 3000 {
		t.Fatalf("the attack yields %d, want 3000: institution 3 cancelled", got)
	}
	// One-time keys: 4 shares a key of its own, as it must, and sends -c_3.
	set := crypto.Set{1, 2, 3, 4}
	f.frames[4] = negated(4, f.frames[3])
	refuse := func(what string) {
		t.Helper()
		o, err := f.sum(set).Open(set, f.rawReleases(set, 1, 2, 3, 4))
		if err == nil || o != nil {
			t.Errorf("a %s ciphertext is opened", what)
		}
	}
	refuse("negated")
	// What the coordinator computes with the opened sum of keys is noise.
	var key crypto.Poly
	for j, w := range lagrangeAt([]uint64{1, 2, 3}, crypto.Q-1) {
		for _, p := range set {
			share := f.rawShare(p, j+1)
			key.AddScaled(w, &share)
		}
	}
	if got := f.message(add(f.frames[1], f.frames[2], f.frames[3], f.frames[4]), key)[0]; got == 3000 {
		t.Error("the victim's number is cancelled")
	}
	// Replayed: 4 sends what 3 sent in the attempt before, negated. Its
	// header gives it away; with the header rewritten, nothing opens.
	before := smallRound(t, "the attempt before")
	if crypto.CheckFrames(f.a, 3, bytes.NewReader(before.frames[3])) == nil {
		t.Error("frames of another attempt are taken")
	}
	f.frames[4] = negated(4, before.frames[3])
	refuse("replayed")
}

// TestAttackCopiedUpdate: institution 4 sends institution 3's frames and boxes
// as its own, so that 3 counts twice. Boxes bind the contributor.
func TestAttackCopiedUpdate(t *testing.T) {
	f := smallRound(t, "copied")
	set := crypto.Set{1, 2, 3, 4}
	copied := append(f.a.FrameHeader(4), f.frames[3][crypto.HeaderSize:]...)
	if crypto.CheckFrames(f.a, 4, bytes.NewReader(f.frames[3])) == nil {
		t.Error("frames of point 3 are taken for point 4")
	}
	f.frames[4] = copied
	// With the rule off holders would take 3's box for 4's.
	var releases []crypto.Release
	for _, h := range []int{1, 2, 3} {
		var sigma crypto.Poly
		for _, p := range []int{1, 2, 3, 3} {
			share := f.rawShare(p, h)
			sigma.Add(&share)
		}
		r, err := crypto.ParseRelease(f.a, crypto.EncodeRelease(f.a, h, set, &sigma))
		f.must(err)
		releases = append(releases, r)
	}
	if got := f.value(set, releases); got != 1000+2000+2*3000 {
		t.Fatalf("the attack yields %d, want institution 3 twice", got)
	}
	box, boxDigest, share := f.box(3, 1)
	if f.holders[1].Accept(4, box, boxDigest, share) == nil {
		t.Error("a copied box is accepted")
	}
}

// TestBoxesBindTheirPlace: attempt, contributor, holder and share digest.
func TestBoxesBindTheirPlace(t *testing.T) {
	f := smallRound(t, "info")
	other := f.a
	other.ID[0] ^= 1
	d := crypto.DigestOf(nil)
	want := boxInfo(f.a, 1, 2, d)
	for name, info := range map[string][]byte{
		"attempt": boxInfo(other, 1, 2, d), "contributor": boxInfo(f.a, 3, 2, d), "holder": boxInfo(f.a, 1, 3, d),
		"share": boxInfo(f.a, 1, 2, crypto.Digest{}), "swapped": boxInfo(f.a, 2, 1, d),
	} {
		if bytes.Equal(info, want) {
			t.Errorf("the info of a box does not depend on the %s", name)
		}
		box, err := seal(f.a.Holders[1].Key, info, make([]byte, crypto.ShareSize))
		f.must(err)
		if _, err := open(f.holders[2].h.key, want, box); err == nil {
			t.Errorf("a box opens with another %s", name)
		}
	}
	if hpke.MLKEM768X25519().ID() != 0x647a {
		t.Error("the KEM is not X-Wing")
	}
}
