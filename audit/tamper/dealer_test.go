package tamper

import (
	"bytes"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"math/big"
	"math/rand/v2"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/audittest"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/crypto/secret"
)

const liar = "board04"

// forger is what a lying contributor does: shares and frames written down from
// the definition, with one part spoilt before it is signed.
type forger struct {
	key   func(key *crypto.Poly)            // of the frames only
	share func(holder int, s *crypto.Share) // of one holder
}

// offer lets the liar be ready, with a holder's key that it keeps.
func (w *town) offer(study string) *secret.Holder {
	w.t.Helper()
	h, err := secret.NewHolder()
	w.must(err)
	var b audit.Ready
	w.wait("board01 knows the model", func() bool {
		m, state, _, ok := w.nodes["board01"].Chain().State(study)
		if !ok {
			return false
		}
		shape, _, err := m.Shape(state)
		w.must(err)
		b = audit.Ready{State: crypto.DigestOf(state), Shape: shape, Key: h.PublicKey()}
		return true
	})
	w.does(func(f *audittest.Federation) { f.Say(f.Nodes[liar], f.Next(study), &b) })
	return h
}

// gives lets the liar upload, and sign what it uploaded.
func (w *town) gives(study string, g forger) {
	w.t.Helper()
	w.does(func(f *audittest.Federation) {
		at := f.At(study)
		f.Say(f.Nodes[liar], audittest.In(at), w.forge(at, g))
	})
}

func (w *town) forge(at *audit.Attempt, g forger) *audit.Update {
	w.t.Helper()
	a := at.Crypto(nil)
	point := at.Point(liar)
	r := rand.New(rand.NewChaCha8(at.ID))
	terms, masks := make([]crypto.Poly, a.Thresholds.T), make([]crypto.Projected, a.Thresholds.T)
	for l := range terms {
		for i := range terms[l] {
			terms[l][i] = r.Uint64N(crypto.Q)
		}
		for k := range masks[l] {
			masks[l][k] = r.Uint64N(crypto.Q)
		}
	}
	for k := crypto.LowDegree; k < crypto.MaskWords; k++ {
		masks[0][k] = (r.Uint64N(1<<15) + crypto.Q - 1<<14) % crypto.Q
	}
	dealt := func(x int) *crypto.Share {
		s := new(crypto.Share)
		for l := len(terms) - 1; l >= 0; l-- {
			s.Words.Horner(uint64(x)+1, &terms[l])
			s.Masks.Horner(uint64(x)+1, &masks[l])
		}
		return s
	}
	key := terms[0]
	if g.key != nil {
		g.key(&key)
	}
	frames := w.encrypt(a, point, key, r)
	u := &audit.Update{Open: at.ID, Frames: w.put(frames)}
	c := crypto.Commitment{Point: point, Frames: u.Frames.Digest}
	var boxes []byte
	for _, h := range a.Holders {
		s := dealt(h.Point)
		if g.share != nil {
			g.share(h.Point, s)
		}
		plain := make([]byte, crypto.ShareSize)
		crypto.EncodeShare(plain, bytes.Repeat([]byte{byte(h.Point)}, crypto.SaltSize), s)
		digest := crypto.DigestOf(plain)
		box := w.seal(h.Key, a, point, h.Point, digest, plain)
		boxes = append(boxes, box...)
		u.BoxDigests, u.Shares = append(u.BoxDigests, crypto.DigestOf(box)), append(u.Shares, digest)
	}
	u.Boxes, c.Shares = w.put(boxes), u.Shares
	challenge, err := crypto.NewChallenge(a, c)
	w.must(err)
	answers := make([]crypto.Projected, a.Thresholds.T)
	for i := range answers {
		s := dealt(i + 1)
		challenge.Project(&answers[i], &s.Words)
		answers[i].Add(&s.Masks)
	}
	u.Projection = w.put(crypto.EncodeProjection(a, point, answers))
	return u
}

// encrypt is c_b = a_b*s + e + 2^12*m for numbers that are all zero.
func (w *town) encrypt(a crypto.Attempt, point int, key crypto.Poly, r *rand.Rand) []byte {
	values := make([]*big.Int, a.Shape.Values())
	for i := range values {
		values[i] = new(big.Int)
	}
	plain, err := crypto.EncodeStat(a.Shape, values)
	w.must(err)
	public, err := crypto.NewPublic(a.ID)
	w.must(err)
	key.Montgomery()
	out, packed := a.FrameHeader(point), make([]byte, crypto.BlockSize)
	var ab crypto.Poly
	for b := range a.Shape.Blocks() {
		var block crypto.Poly
		plain.AddTo(&block, b-crypto.CanaryBlocks)
		for i, v := range block {
			block[i] = (v + crypto.Q + r.Uint64N(9) - 4) % crypto.Q
		}
		block.Forward()
		public.Block(b, &ab)
		block.AddProduct(&ab, &key)
		block.Pack(packed)
		out = append(out, packed...)
	}
	return out
}

// seal is what package secret does, from docs/parameters.md.
func (w *town) seal(key []byte, a crypto.Attempt, contributor, holder int, share crypto.Digest, plain []byte) []byte {
	h := sha256.New()
	h.Write([]byte("smartstart/otk1/box"))
	h.Write(a.ID[:])
	var b [8]byte
	binary.LittleEndian.PutUint32(b[:4], uint32(contributor))
	binary.LittleEndian.PutUint32(b[4:], uint32(holder))
	h.Write(b[:])
	h.Write(share[:])
	pk, err := hpke.MLKEM768X25519().NewPublicKey(key)
	w.must(err)
	box, err := hpke.Seal(pk, hpke.HKDFSHA256(), hpke.AES256GCM(), h.Sum(nil), plain)
	w.must(err)
	return box
}

// disputes lets the liar dispute a contributor; a share is opened as evidence
// if there is one.
func (w *town) disputes(study, by, kind string, contributor int, share []byte) *audit.Finding {
	w.t.Helper()
	var finding *audit.Finding
	w.does(func(f *audittest.Federation) {
		at := f.At(study)
		b := &audit.Dispute{Kind: kind, Open: at.ID, Contributor: contributor}
		if share != nil {
			b.Evidence = w.put(share)
		}
		_, finding = f.Append(f.Leaf(f.Nodes[by], audittest.In(at), b))
	})
	return finding
}
