package secret

import (
	"bytes"
	"crypto/hpke"
	"testing"
	"testing/cryptotest"

	"github.com/smartstart-federation/smartstart/crypto"
)

// The attacks here work on ciphertexts and boxes; those of attack_test.go on
// votes, restarts and rosters.

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
