package secret

import (
	"bytes"
	"errors"
	"testing"

	"github.com/smartstart-federation/smartstart/crypto"
)

func code(err error) string {
	var c interface{ Code() string }
	if errors.As(err, &c) {
		return c.Code()
	}
	return ""
}

// smallRound is four institutions (c=1, t=3) that have all sent one number.
func smallRound(t tb, id string) *federation {
	t.Helper()
	s := shapeOf(crypto.CodecStat, 1, 20)
	f := newFederation(t, id, s, 4)
	for p := 1; p <= 4; p++ {
		f.contribute(p, stat(t, s, int64(1000*p)))
	}
	return f
}

func (f *federation) certificate(set crypto.Set, root crypto.Digest) crypto.Certificate {
	f.t.Helper()
	c, err := crypto.Certify(f.a, set, root, all(4)[:3])
	f.must(err)
	return c
}

func TestHolderVotesOnce(t *testing.T) {
	f := smallRound(t, "votes once")
	h := f.holders[1]
	set, root := crypto.Set{1, 2, 3}, crypto.DigestOf([]byte("root"))
	f.accept(1, crypto.Set{1, 2})
	if h.Vote(set, root, nothing) == nil {
		t.Error("votes for a set of which it lacks a box")
	}
	f.accept(1, crypto.Set{3, 4})
	if h.Vote(set, crypto.Digest{}, nothing) == nil || h.Vote(set, root, nil) == nil {
		t.Error("votes without root or journal")
	}
	for _, bad := range []crypto.Set{{1, 2}, {3, 2, 1}, {1, 1, 2}, {1, 2, 5}} {
		if h.Vote(bad, root, nothing) == nil {
			t.Errorf("votes for %v", bad)
		}
	}
	full := errors.New("disk full")
	if err := h.Vote(set, root, func() error { return full }); !errors.Is(err, full) || code(err) != codeJournal {
		t.Errorf("a failed journal gives %v", err)
	}
	if h.Vote(crypto.Set{1, 2, 3, 4}, root, nothing) == nil || h.Vote(set, crypto.DigestOf(nil), nothing) == nil {
		t.Error("votes for something else after a vote that may be in the journal")
	}
	if _, err := h.Release(f.certificate(set, root), nothingMore); err == nil {
		t.Error("releases after a vote that is not in the journal")
	}
	f.must(h.Vote(set, root, nothing))
	if h.Vote(set, root, nothing) == nil || h.Vote(crypto.Set{1, 2, 3, 4}, root, nothing) == nil {
		t.Error("votes twice")
	}
}

func TestHolderReleasesOnce(t *testing.T) {
	f := smallRound(t, "releases once")
	h := f.holders[2]
	set, root := crypto.Set{1, 2, 3}, crypto.DigestOf([]byte("root"))
	if _, err := h.Release(f.certificate(set, root), nothingMore); err == nil {
		t.Error("releases without a vote of its own")
	}
	f.accept(2, crypto.Set{1, 2, 3, 4})
	f.must(h.Vote(set, root, nothing))
	other := smallRound(t, "elsewhere")
	for name, c := range map[string]crypto.Certificate{
		"none": {}, "another set": f.certificate(crypto.Set{1, 2, 4}, root),
		"another root": f.certificate(set, crypto.DigestOf(nil)), "another attempt": other.certificate(set, root),
	} {
		if _, err := h.Release(c, nothingMore); err == nil {
			t.Errorf("releases with a certificate for %s", name)
		}
	}
	good := f.certificate(set, root)
	if _, err := h.Release(good, nil); err == nil {
		t.Error("releases without a journal")
	}
	// The journal sees the bytes first; when it fails nothing leaves, and the
	// holder will neither abort nor release anything else.
	var journalled []byte
	full := errors.New("disk full")
	b, err := h.Release(good, func(r []byte) error { journalled = r; return full })
	if b != nil || !errors.Is(err, full) || len(journalled) != crypto.ReleaseSize {
		t.Fatalf("a failed journal gives %d bytes and %v", len(b), err)
	}
	if h.Abort() == nil {
		t.Error("aborts although its release may be in the journal")
	}
	first := bytes.Clone(journalled)
	b, err = h.Release(good, func(r []byte) error { journalled = r; return nil })
	if err != nil || !bytes.Equal(b, journalled) || !bytes.Equal(b, first) {
		t.Fatalf("trying again gives other bytes: %v", err)
	}
	if _, err := h.Release(good, nothingMore); err == nil {
		t.Error("releases twice")
	}
	if h.Abort() == nil || h.Vote(set, root, nothing) == nil {
		t.Error("aborts or votes after its release")
	}
	if h.h.key != nil || h.h.held != nil || h.h.sum != (crypto.Poly{}) {
		t.Error("something secret is left after the release")
	}
}

func TestHolderAborts(t *testing.T) {
	f := smallRound(t, "aborts")
	set, root := crypto.Set{1, 2, 3}, crypto.DigestOf([]byte("root"))
	fresh, err := NewHolder()
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Abort(); code(err) != codeAbort {
		t.Errorf("a holder that never took part aborts: %v", err)
	}
	f.must(f.holders[1].Abort())
	f.must(f.holders[1].Abort()) // asked again: the promise holds
	f.accept(2, set)
	f.must(f.holders[2].Vote(set, root, nothing))
	f.must(f.holders[2].Abort()) // votes and aborts may both exist
	for _, p := range []int{1, 2} {
		h := f.holders[p]
		if _, err := h.Release(f.certificate(set, root), nothingMore); err == nil {
			t.Error("releases after an abort")
		}
		box, boxDigest, share := f.box(1, p)
		if h.Accept(1, box, boxDigest, share) == nil || h.Vote(set, root, nothing) == nil {
			t.Error("goes on after an abort")
		}
		if h.h.key != nil || h.h.sum != (crypto.Poly{}) {
			t.Error("something secret is left after the abort")
		}
	}
	f.holders[3].Close()
	if f.holders[3].Abort() == nil {
		t.Error("a closed holder aborts")
	}
	f.holders[1].Close()
	f.must(f.holders[1].Abort())
}

func TestHolderBindsOnce(t *testing.T) {
	f := smallRound(t, "binds once")
	again := f.a
	again.ID = crypto.DigestOf([]byte("second open"))
	if err := f.holders[1].Bind(again, 1); code(err) != codeBind {
		t.Errorf("a second open on one ready: %v", err)
	}
	if f.holders[1].Bind(f.a, 1) == nil {
		t.Error("binds twice to one attempt")
	}
	h, err := NewHolder()
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"another key":    h.Bind(f.a, 1),
		"a stranger":     h.Bind(f.a, 5),
		"a bad attempt":  h.Bind(crypto.Attempt{}, 1),
		"a closed one":   func() error { h.Close(); return h.Bind(f.a, 1) }(),
		"an aborted one": func() error { f.must(f.holders[2].Abort()); return f.holders[2].Bind(f.a, 2) }(),
	} {
		if err == nil {
			t.Errorf("%s: bound", name)
		}
	}
}

func TestHolderAccepts(t *testing.T) {
	f := smallRound(t, "accepts")
	h := f.holders[1]
	box, boxDigest, share := f.box(2, 1)
	flipped := bytes.Clone(box)
	flipped[len(flipped)-1] ^= 1
	if err := h.Accept(2, flipped, boxDigest, share); code(err) != codeTransfer {
		t.Errorf("a box damaged on the way: %v", err)
	}
	if err := h.Accept(2, flipped, crypto.DigestOf(flipped), share); code(err) != codeShare {
		t.Errorf("a box that its contributor damaged: %v", err)
	}
	if err := h.Accept(2, box, boxDigest, crypto.DigestOf(nil)); code(err) != codeShare {
		t.Errorf("another share than the signed one: %v", err)
	}
	if err := h.Accept(3, box, boxDigest, share); code(err) != codeShare {
		t.Errorf("a box copied from another contributor: %v", err)
	}
	if err := h.Accept(5, box, boxDigest, share); code(err) != codeTransfer {
		t.Errorf("a stranger's box: %v", err)
	}
	// A contributor that signs one share and seals another, in a box that opens.
	sealed, err := seal(f.a.Holders[0].Key, boxInfo(f.a, 2, 1, share), make([]byte, crypto.ShareSize))
	f.must(err)
	if err := h.Accept(2, sealed, crypto.DigestOf(sealed), share); code(err) != codeShare {
		t.Errorf("another share than the signed one, sealed for its digest: %v", err)
	}
	for _, n := range []int{0, 1, crypto.BoxSize - 1} {
		if err := h.Accept(2, box[:n], crypto.DigestOf(box[:n]), share); code(err) != codeTransfer {
			t.Errorf("%d bytes of a box: %v", n, err)
		}
	}
	f.must(h.Accept(2, box, boxDigest, share))
	f.must(h.Accept(2, box, boxDigest, share))
	other, otherDigest, otherShare := f.box(3, 1)
	if err := h.Accept(2, other, otherDigest, otherShare); code(err) != codeTransfer {
		t.Errorf("a second box of one contributor: %v", err)
	}
}
