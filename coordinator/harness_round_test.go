package coordinator

import (
	"bytes"
	"fmt"
	"math/big"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

// round is one attempt as the boards live it.
type round struct {
	w       *world
	h       audit.Header
	shape   crypto.Shape
	holders map[string]*secret.Holder
	at      *audit.Attempt
	a       crypto.Attempt
}

func (w *world) round(study string, number, attempt int) *round {
	return &round{
		w: w, h: audit.Header{Study: study, Round: number, Attempt: attempt}, holders: map[string]*secret.Holder{},
		shape: crypto.Shape{Codec: crypto.CodecStat, Tensors: []crypto.Tensor{{Name: "x", Len: 3, Bits: 40}}},
	}
}

func (r *round) read() {
	r.w.c.seq.View(func(st *audit.State) {
		if r.at = st.Attempt(r.h.Study, r.h.Round, r.h.Attempt); r.at != nil {
			r.a = r.at.Crypto(st)
		}
	})
}

// ready has every board ready and waits for the coordinator's `open`.
func (r *round) ready() {
	r.w.t.Helper()
	for _, b := range r.w.boards {
		h, err := secret.NewHolder()
		if err != nil {
			r.w.t.Fatal(err)
		}
		r.w.t.Cleanup(h.Close)
		r.holders[b] = h
		r.w.say(b, r.h, &audit.Ready{State: crypto.DigestOf(fmt.Append(nil, r.h.Round)), Shape: r.shape, Key: h.PublicKey()})
	}
	r.w.until("open", func(st *audit.State) bool { return st.Attempt(r.h.Study, r.h.Round, r.h.Attempt) != nil })
	r.read()
	for i, b := range r.w.boards {
		if err := r.holders[b].Bind(r.a, i+1); err != nil {
			r.w.t.Fatal(err)
		}
	}
}

// seal encrypts what board i gives: (i, -i, 1000+i) with i from 1.
func (r *round) seal(i int) (frames []byte, sealed *secret.Sealed) {
	r.w.t.Helper()
	plain, err := crypto.EncodeStat(r.shape, []*big.Int{big.NewInt(int64(i)), big.NewInt(-int64(i)), big.NewInt(int64(1000 + i))})
	if err != nil {
		r.w.t.Fatal(err)
	}
	var b bytes.Buffer
	sealed, err = secret.Encrypt(r.a, i, plain, secret.NewNodeKey(), &b)
	if err != nil {
		r.w.t.Fatal(err)
	}
	return b.Bytes(), sealed
}

func (r *round) body(frames []byte, sealed *secret.Sealed) *audit.Update {
	return &audit.Update{
		Open:   r.at.ID,
		Frames: audit.BlobRef{Digest: crypto.DigestOf(frames), Size: int64(len(frames))},
		Boxes:  audit.BlobRef{Digest: crypto.DigestOf(sealed.Boxes), Size: int64(len(sealed.Boxes))}, BoxDigests: sealed.BoxDigests, Shares: sealed.Shares,
		Projection: audit.BlobRef{Digest: crypto.DigestOf(sealed.Projection), Size: int64(len(sealed.Projection))},
	}
}

func (r *round) put(board string, content []byte) {
	r.w.t.Helper()
	if err := r.w.client(board).PutBlob(r.w.ctx(), crypto.DigestOf(content), int64(len(content)), bytes.NewReader(content)); err != nil {
		r.w.t.Fatal(err)
	}
}

// update uploads and says what board i gives.
func (r *round) update(i int) {
	r.w.t.Helper()
	board := r.w.boards[i-1]
	frames, sealed := r.seal(i)
	r.put(board, frames)
	r.put(board, sealed.Boxes)
	r.put(board, sealed.Projection)
	r.w.say(board, r.h, r.body(frames, sealed))
}

// vote has the boards with these points open their boxes and vote.
func (r *round) vote(points ...int) {
	r.w.t.Helper()
	r.w.until("set", func(st *audit.State) bool {
		at := st.Attempt(r.h.Study, r.h.Round, r.h.Attempt)
		return at != nil && at.Set != nil
	})
	r.read()
	set := r.at.Set.Body.(*audit.Set)
	for _, p := range points {
		board := r.w.boards[p-1]
		for _, from := range set.Points {
			u := r.at.Updates[r.at.Name(from)].Body.(*audit.Update)
			var box bytes.Buffer
			slot := r.a.Index(p)
			if err := r.w.client(board).GetBlob(r.w.ctx(), u.Boxes.Digest, int64(slot)*crypto.BoxSize, crypto.BoxSize, &box); err != nil {
				r.w.t.Fatal(err)
			}
			if err := r.holders[board].Accept(from, box.Bytes(), u.BoxDigests[slot], u.Shares[slot]); err != nil {
				r.w.t.Fatal(err)
			}
			if err := r.holders[board].Check(r.projection(board, from, u)); err != nil {
				r.w.t.Fatal(err)
			}
		}
		if err := r.holders[board].Vote(set.Points, set.Root, func() error { return nil }); err != nil {
			r.w.t.Fatal(err)
		}
		r.w.say(board, r.h, &audit.Vote{Open: r.at.ID, Points: set.Points, Root: set.Root})
	}
}

// projection is what a board checks its share of a contributor against.
func (r *round) projection(board string, from int, u *audit.Update) *crypto.Projection {
	r.w.t.Helper()
	var frames, own bytes.Buffer
	for ref, to := range map[audit.BlobRef]*bytes.Buffer{u.Frames: &frames, u.Projection: &own} {
		if err := r.w.client(board).GetBlob(r.w.ctx(), ref.Digest, 0, ref.Size, to); err != nil {
			r.w.t.Fatal(err)
		}
	}
	p, err := crypto.ParseProjection(r.a, crypto.Commitment{Point: from, Frames: u.Frames.Digest, Shares: u.Shares, Projection: u.Projection.Digest}, own.Bytes())
	if err == nil {
		err = p.CheckCanaries(&frames)
	}
	if err != nil {
		r.w.t.Fatal(err)
	}
	return p
}

// share returns the release of the board at point p.
func (r *round) share(p int) []byte {
	r.w.t.Helper()
	r.read()
	c, ok := r.at.Certificate()
	if !ok {
		r.w.t.Fatal("there is no certificate")
	}
	b, err := r.holders[r.w.boards[p-1]].Release(c, func([]byte) error { return nil })
	if err != nil {
		r.w.t.Fatal(err)
	}
	return b
}

func (r *round) release(p int, content []byte) {
	r.w.t.Helper()
	r.put(r.w.boards[p-1], content)
	r.w.say(r.w.boards[p-1], r.h, r.releaseBody(content))
}

func (r *round) releaseBody(content []byte) *audit.Release {
	return &audit.Release{Open: r.at.ID, Sum: audit.BlobRef{Digest: crypto.DigestOf(content), Size: int64(len(content))}}
}

func (r *round) result() *audit.Result {
	r.w.t.Helper()
	r.w.until("result", func(st *audit.State) bool {
		at := st.Attempt(r.h.Study, r.h.Round, r.h.Attempt)
		return at != nil && at.Result != nil
	})
	r.read()
	return r.at.Result.Body.(*audit.Result)
}
