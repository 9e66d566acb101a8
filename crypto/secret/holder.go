package secret

import (
	"crypto/hpke"
	"crypto/subtle"
	"slices"
	"sync"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Holder is one node's part in opening one attempt: the attempt key of its
// `ready`, the shares sealed to it, one vote, and then one release or one
// abort. All of it lives in memory only and is wiped at the end; a new Holder
// can never continue an old one. It is safe for concurrent use; journals run
// while it is locked.
type Holder struct {
	crypto.Redacted
	mu     sync.Mutex
	lax    bool // tests only: votes whatever the share check said
	state  state
	public []byte
	h      *holding // behind a pointer: nothing that prints fields reaches it
}

type holding struct {
	key     hpke.PrivateKey
	attempt crypto.Attempt
	point   int
	held    map[int]*held // by contributor
	set     crypto.Set    // of the vote
	root    crypto.Digest
	sum     crypto.Poly // of the shares of the set, after the vote
}

type state int

const (
	fresh     state = iota // has a key, waits for an open
	bound                  // takes part in an attempt
	voting                 // a vote may be in the journal
	voted                  // a vote is in the journal
	releasing              // a release may be in the journal
	released               // the bytes left
	aborted                // will never release
	closed                 // wiped by its owner
)

// String names the state in the words of an error.
func (s state) String() string {
	return [...]string{
		"has not been bound to an attempt", "takes part in an attempt", "is voting", "has voted",
		"is releasing", "has released", "has aborted", "is closed",
	}[s]
}

// NewHolder returns a holder with a fresh attempt key, for one `ready`.
func NewHolder() (*Holder, error) {
	key, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		return nil, failure(codeBind, "", "no attempt key could be made")
	}
	return holderOf(key), nil
}

func holderOf(key hpke.PrivateKey) *Holder {
	return &Holder{public: key.PublicKey().Bytes(), h: &holding{key: key}}
}

// PublicKey returns the crypto.KeySize bytes to be stated in `ready`.
func (h *Holder) PublicKey() []byte { return slices.Clone(h.public) }

// Bind ties the holder to the one attempt it will ever serve: the one whose
// `open` names its key at this point.
func (h *Holder) Bind(a crypto.Attempt, point int) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state != fresh {
		return failure(codeBind, "post a new ready", "this attempt key serves one open only, and its holder %v", h.state)
	}
	if err := a.Check(); err != nil {
		return err
	}
	i := a.Index(point)
	if i < 0 || subtle.ConstantTimeCompare(a.Holders[i].Key, h.public) != 1 {
		return failure(codeBind, "take no part in this attempt", "the open names another attempt key than this node's newest ready")
	}
	a.Holders = slices.Clone(a.Holders)
	for i := range a.Holders {
		a.Holders[i].Key = slices.Clone(a.Holders[i].Key)
	}
	a.Shape.Tensors = slices.Clone(a.Shape.Tensors)
	h.h.attempt, h.h.point = a, point
	h.h.held = make(map[int]*held)
	h.state = bound
	return nil
}

// Accept opens the box of one contributor and keeps the share. Both digests
// are those of the contributor's signed `update`. An error with code SS3103
// means that the box is not the one that was signed (fetch it again); SS3104
// that it is, and holds no valid share. Where the signed bytes came out of the
// box and are no share, Check may still follow: it fails, and its evidence is
// those bytes.
func (h *Holder) Accept(contributor int, box []byte, boxDigest, shareDigest crypto.Digest) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state != bound {
		return failure(codeVote, "", "a box comes at the wrong time: this holder %v", h.state)
	}
	g := h.h
	if g.attempt.Index(contributor) < 0 {
		return failure(codeTransfer, "", "a box comes from point %d, which takes no part in the attempt", contributor)
	}
	if before, ok := g.held[contributor]; ok {
		switch {
		case before.boxDigest != boxDigest || before.shareDigest != shareDigest:
			return failure(codeTransfer, "", "point %d already has another box here", contributor)
		case before.malformed:
			return errMalformed()
		}
		return nil
	}
	if !sameDigest(crypto.DigestOf(box), boxDigest) {
		return failure(codeTransfer, "fetch the box again", "the box of point %d is not the one in its signed update", contributor)
	}
	plain, err := open(g.key, boxInfo(g.attempt, contributor, g.point, shareDigest), box)
	if err != nil {
		return err
	}
	if !sameDigest(crypto.DigestOf(plain), shareDigest) {
		clear(plain)
		return failure(codeShare, "", "the share of point %d is not the one in its signed update", contributor)
	}
	s := &held{boxDigest: boxDigest, shareDigest: shareDigest, plain: plain}
	s.malformed = !crypto.ParseShare(plain, &s.share)
	g.held[contributor] = s
	if s.malformed {
		return errMalformed()
	}
	return nil
}

func errMalformed() error {
	return failure(codeShare, "", "a share holds a word that is not below the modulus")
}

// Vote fixes, for good, the one set and root this holder will release for.
// Every box of the set must have been accepted and every share checked. journal must make the vote
// durable (fsync); Vote returns nil only after it did. When journal fails, the
// same vote may be tried again, and no other.
func (h *Holder) Vote(set crypto.Set, root crypto.Digest, journal func() error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	g := h.h
	switch {
	case h.state == voting && slices.Equal(set, g.set) && root == g.root:
	case h.state != bound:
		return failure(codeVote, "", "this holder %v: it votes once in an attempt", h.state)
	default:
		if err := set.Check(g.attempt); err != nil {
			return err
		}
		if root.IsZero() {
			return failure(codeVote, "", "a vote must name the root of the sum")
		}
		for _, p := range set {
			switch s := g.held[p]; {
			case s == nil:
				return failure(codeVote, "fetch the missing box first", "this node holds no accepted box of point %d, which is in the set", p)
			case s.verdict == unchecked && !h.lax:
				return failure(codeVote, "check its share first", "the share of point %d, which is in the set, was not checked", p)
			case s.verdict != agrees && !h.lax:
				return failure(codeVote, "vote for no set with this contributor", "the share of point %d, which is in the set, contradicts its own projection", p)
			}
		}
	}
	if journal == nil {
		return failure(codeJournal, "", "a vote needs a journal")
	}
	// From here on the vote may exist somewhere.
	h.state, g.set, g.root = voting, slices.Clone(set), root
	if err := journal(); err != nil {
		e := failure(codeJournal, "repair the disk and vote again for the same set", "the vote could not be journalled")
		e.cause = err
		return e
	}
	for _, p := range set {
		g.sum.Add(&g.held[p].share.Words)
	}
	g.wipeShares()
	h.state = voted
	return nil
}

// Release returns the bytes that help to open exactly what this holder voted
// for, once. journal gets the bytes first and must make them durable (fsync);
// after a restart the node re-sends them from there and signs nothing else in
// the attempt. When journal fails no byte is returned; trying again gives the
// same bytes.
func (h *Holder) Release(c crypto.Certificate, journal func(release []byte) error) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state != voted && h.state != releasing {
		return nil, failure(codeRelease, "", "this holder %v: it releases once, after its vote", h.state)
	}
	g := h.h
	if err := c.Check(g.attempt, g.set, g.root); err != nil {
		return nil, err
	}
	if journal == nil {
		return nil, failure(codeJournal, "", "a release needs a journal")
	}
	h.state = releasing
	b := crypto.EncodeRelease(g.attempt, g.point, g.set, &g.sum)
	if err := journal(slices.Clone(b)); err != nil {
		clear(b)
		e := failure(codeJournal, "repair the disk and release again", "the release could not be journalled, so it was not handed out")
		e.cause = err
		return nil, e
	}
	h.wipe(released)
	return b, nil
}

// Abort wipes the holder and with that promises never to release; only then
// may the node sign an `abort`. A holder that was never bound (a restarted
// node has only such) or that may have released refuses: its node signs
// neither vote nor abort.
func (h *Holder) Abort() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch h.state {
	case bound, voting, voted:
		h.wipe(aborted)
		return nil
	case aborted:
		return nil
	}
	return failure(codeAbort, "sign nothing in this attempt", "this holder %v: it cannot promise that it never released", h.state)
}

// Close wipes the holder. It promises nothing: no abort may follow.
func (h *Holder) Close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.state != released && h.state != aborted {
		h.wipe(closed)
	}
}

// wipe forgets every secret and ends in state s.
func (h *Holder) wipe(s state) {
	h.h.wipeShares()
	h.h.sum.Wipe()
	h.h = &holding{}
	h.state = s
}

func (g *holding) wipeShares() {
	for _, s := range g.held {
		s.wipe()
	}
	g.held = nil
}
