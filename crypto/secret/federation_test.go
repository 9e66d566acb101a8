package secret

import (
	"bytes"
	"math/big"
	"math/rand/v2"

	"github.com/smartstart-federation/smartstart/crypto"
)

// tb is what testing.T, testing.B and rapid.T have in common.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// federation is one attempt with everybody in one process.
type federation struct {
	t       tb
	a       crypto.Attempt
	key     NodeKey
	holders map[int]*Holder
	frames  map[int][]byte
	sealed  map[int]*Sealed
	proofs  map[*Sealed]*crypto.Projection // whose canaries fit
}

// newFederation opens an attempt among the ready points of n approved
// institutions; no points means all of them.
func newFederation(t tb, id string, s crypto.Shape, n int, ready ...int) *federation {
	t.Helper()
	th, err := crypto.ThresholdsFor(n, 0, 0, true)
	if err != nil {
		t.Fatal(err)
	}
	return openFederation(t, id, s, th, ready...)
}

func openFederation(t tb, id string, s crypto.Shape, th crypto.Thresholds, ready ...int) *federation {
	t.Helper()
	if len(ready) == 0 {
		ready = all(th.N)
	}
	f := &federation{
		t: t, key: NewNodeKey(), holders: map[int]*Holder{}, frames: map[int][]byte{}, sealed: map[int]*Sealed{},
		a: crypto.Attempt{ID: crypto.DigestOf([]byte(id)), Shape: s, Thresholds: th},
	}
	for _, p := range ready {
		h, err := NewHolder()
		if err != nil {
			t.Fatal(err)
		}
		f.holders[p] = h
		f.a.Holders = append(f.a.Holders, crypto.Holder{Point: p, Key: h.PublicKey()})
	}
	for p, h := range f.holders {
		f.must(h.Bind(f.a, p))
	}
	return f
}

func all(n int) (points []int) {
	for p := 1; p <= n; p++ {
		points = append(points, p)
	}
	return points
}

func (f *federation) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// contribute encrypts and seals.
func (f *federation) contribute(point int, plain crypto.Plain) {
	f.t.Helper()
	var w bytes.Buffer
	s, err := Encrypt(f.a, point, plain, f.key, &w)
	f.must(err)
	f.frames[point], f.sealed[point] = w.Bytes(), s
}

// box returns what contributor sealed to holder.
func (f *federation) box(contributor, holder int) (box []byte, boxDigest, share crypto.Digest) {
	s, i := f.sealed[contributor], f.a.Index(holder)
	return s.Boxes[i*crypto.BoxSize : (i+1)*crypto.BoxSize], s.BoxDigests[i], s.Shares[i]
}

// accept lets a holder accept the boxes of the set and check the shares.
func (f *federation) accept(holder int, set crypto.Set) {
	f.t.Helper()
	for _, p := range set {
		f.must(f.acceptBy(f.holders[holder], holder, p))
	}
}

// acceptBy lets h accept one contributor's box and make both halves of its
// share check.
func (f *federation) acceptBy(h *Holder, holder, contributor int) error {
	f.t.Helper()
	box, boxDigest, share := f.box(contributor, holder)
	if err := h.Accept(contributor, box, boxDigest, share); err != nil {
		return err
	}
	p, err := f.projection(contributor)
	if err != nil {
		return err
	}
	return h.Check(p)
}

// projection returns a contributor's projection after the public half of its
// share check, which is made once.
func (f *federation) projection(contributor int) (*crypto.Projection, error) {
	f.t.Helper()
	s := f.sealed[contributor]
	if p := f.proofs[s]; p != nil {
		return p, nil
	}
	p, err := crypto.ParseProjection(f.a, s.Commitment(contributor), s.Projection)
	if err != nil {
		return nil, err
	}
	if err := p.CheckCanaries(bytes.NewReader(f.frames[contributor])); err != nil {
		return nil, err
	}
	if f.proofs == nil {
		f.proofs = map[*Sealed]*crypto.Projection{}
	}
	f.proofs[s] = p
	return p, nil
}

func (f *federation) sum(set crypto.Set) *crypto.Sum {
	f.t.Helper()
	s, err := crypto.NewSum(f.a)
	f.must(err)
	for _, p := range set {
		f.must(crypto.CheckFrames(f.a, p, bytes.NewReader(f.frames[p])))
		f.must(s.Add(p, bytes.NewReader(f.frames[p])))
	}
	return s
}

func nothing() error             { return nil }
func nothingMore(_ []byte) error { return nil }

// release lets the holders accept, vote and release for set.
func (f *federation) release(set crypto.Set, root crypto.Digest, who ...int) []crypto.Release {
	f.t.Helper()
	for _, p := range who {
		f.accept(p, set)
		f.must(f.holders[p].Vote(set, root, nothing))
	}
	certificate, err := crypto.Certify(f.a, set, root, who)
	f.must(err)
	var out []crypto.Release
	for _, p := range who {
		b, err := f.holders[p].Release(certificate, nothingMore)
		f.must(err)
		r, err := crypto.ParseRelease(f.a, b)
		f.must(err)
		out = append(out, r)
	}
	return out
}

func stat(t tb, s crypto.Shape, values ...int64) crypto.Plain {
	t.Helper()
	vs := make([]*big.Int, len(values))
	for i, v := range values {
		vs[i] = big.NewInt(v)
	}
	p, err := crypto.EncodeStat(s, vs)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func shapeOf(codec string, length, bits int) crypto.Shape {
	return crypto.Shape{Codec: codec, Tensors: []crypto.Tensor{{Name: "x", Len: length, Bits: bits}}}
}

// rawRelease is a release made from boxes with the holders' keys and without
// any of their rules: what a node that was rolled back or bought could make.
func (f *federation) rawRelease(holder int, set crypto.Set) crypto.Release {
	f.t.Helper()
	var sum crypto.Poly
	for _, p := range set {
		share := f.rawShare(p, holder)
		sum.Add(&share)
	}
	r, err := crypto.ParseRelease(f.a, crypto.EncodeRelease(f.a, holder, set, &sum))
	f.must(err)
	return r
}

// plainShare opens a box with its holder's key.
func (f *federation) plainShare(contributor, holder int) []byte {
	f.t.Helper()
	box, _, digest := f.box(contributor, holder)
	plain, err := open(f.holders[holder].h.key, boxInfo(f.a, contributor, holder, digest), box)
	f.must(err)
	return plain
}

func (f *federation) rawShare(contributor, holder int) crypto.Poly {
	f.t.Helper()
	var share crypto.Share
	if !crypto.ParseShare(f.plainShare(contributor, holder), &share) {
		f.t.Fatal("a share is malformed")
	}
	return share.Words
}

func (f *federation) rawReleases(set crypto.Set, who ...int) (out []crypto.Release) {
	f.t.Helper()
	for _, p := range who {
		out = append(out, f.rawRelease(p, set))
	}
	return out
}

func testRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, seed)) }
