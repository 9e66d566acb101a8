package audit

import (
	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/crypto"
)

// Protocol is the protocol number that this package knows. The charter names
// the one of its log.
const Protocol = 2

// State is the log, folded: who may speak, which studies there are and how far
// each is. It is a function of the entries alone, without clock, network or
// randomness. Everybody folds the same entries with the same Check and Apply
// and so holds the same State.
//
// The exported fields are to be read, never changed. A State is not safe for
// concurrent use; Check, Expect and the other readers may run at the same time
// as each other, but not as Apply.
type State struct {
	Charter  *Statement                // the one in force; nil before entry 0
	Members  map[string]*Statement     // newest enrolment of each institution in force
	Motions  map[crypto.Digest]*Motion // by leaf hash
	Studies  map[string]*Study         // by id
	Forks    []*Statement              // disputes that show two histories
	Findings []*Finding                // void entries, in order

	origin         string
	coordinatorKey string
	tree           Tree
	parties        map[string]*party // by name
	institutions   map[string]*institution
	changed        map[string]int64       // index of the last change of what motions are about
	dated          string                 // the newest time that the coordinator gave: who dates back is judged by it
	used           map[crypto.Digest]bool // keys that were ever anybody's
	named          map[crypto.Digest]bool // uploads; apart, for who names one needs not have it, and could name another's key
	off            map[Code]bool          // rules switched off by tests
}

// role is what a key may sign for.
type role int

const (
	roleCoordinator role = iota
	roleApprover
	roleNode
	roleResearcher
	roleAuditor
	roleSecond  // an institution's second approver
	roleOfficer // its data protection officer
)

// party is one signer: its key and where its own chain of statements stands.
type party struct {
	role        role
	name        string
	institution string // of an approver, node or officer
	key         string
	verifier    note.Verifier
	revoked     bool   // signs nothing any more; its name stays taken
	expires     string // date after which a researcher proposes nothing; "" when never

	seq   int64
	prev  crypto.Digest
	index int64 // of the last own statement
	seen  int64 // size of the head it last named
	boot  crypto.Digest
	boots map[crypto.Digest]bool // every epoch so far
}

// NewState returns the state of the empty log of origin. coordinatorKey is the
// verifier key of the coordinator, pinned by whoever holds the state; it signs
// the charter and the checkpoints. A malformed key is no error here: nothing
// verifies under it.
func NewState(origin, coordinatorKey string) *State {
	st := &State{
		Members: map[string]*Statement{},
		Motions: map[crypto.Digest]*Motion{},
		Studies: map[string]*Study{},
		origin:  origin, coordinatorKey: coordinatorKey,
		parties:      map[string]*party{},
		institutions: map[string]*institution{},
		changed:      map[string]int64{},
		used:         map[crypto.Digest]bool{},
		named:        map[crypto.Digest]bool{},
	}
	if p := newParty(roleCoordinator, Party{Key: coordinatorKey}, ""); p != nil {
		st.parties[p.name] = p
	}
	return st
}

// newParty returns a signer, nil when the key is malformed.
func newParty(r role, p Party, institution string) *party {
	v, err := note.NewVerifier(p.Key)
	if err != nil {
		return nil
	}
	return &party{
		role: r, name: v.Name(), institution: institution, key: p.Key, verifier: v,
		boots: map[crypto.Digest]bool{}, index: -1,
	}
}

// Origin returns the name of the log.
func (st *State) Origin() string { return st.origin }

// CoordinatorKey returns the pinned verifier key of the coordinator.
func (st *State) CoordinatorKey() string { return st.coordinatorKey }

// Head returns the size and root of everything applied, void entries included.
func (st *State) Head() Head { return st.tree.Head() }

// RootAt returns the root of the log's first size entries; false when fewer
// are applied.
func (st *State) RootAt(size int64) (crypto.Digest, bool) { return st.tree.RootAt(size) }

// Tree returns the Merkle tree of the log, for proofs and tiles; read only.
func (st *State) Tree() *Tree { return &st.tree }

// Next returns h with the chain of its signer filled in, for the next
// statement of that signer in the process start boot.
func (st *State) Next(signer string, boot crypto.Digest, h Header) Header {
	h.Log, h.Signer, h.Boot, h.Seen, h.Seq = st.origin, signer, boot, st.Head(), 1
	if p := st.parties[signer]; p != nil {
		h.Seq, h.Prev = p.seq+1, p.prev
	}
	return h
}

// Check says whether the leaf may be the next entry: nil exactly when Apply
// would accept it. It changes nothing. The error is a *Refusal; the Statement
// is returned with it when the leaf could be parsed.
func (st *State) Check(leaf []byte) (*Statement, error) {
	s, r := st.judge(leaf)
	if r != nil {
		return s, r
	}
	return s, nil
}

// Apply makes the leaf the next entry, whatever it is: a leaf that Check
// refuses is void, extends the log and the findings, and changes nothing else.
// The Statement is nil when the leaf cannot be parsed.
func (st *State) Apply(leaf []byte) (*Statement, *Finding) {
	s, r := st.judge(leaf)
	index := st.tree.Size()
	st.tree.Append(leaf)
	if s != nil {
		s.Index = index
	}
	if r != nil {
		var party, study string
		if s != nil {
			party, study = s.Signer, s.Study
		}
		f := FindingOf(r, index, party, study)
		st.Findings = append(st.Findings, f)
		return s, f
	}
	st.take(s)
	return s, nil
}

// judge is Check with the refusal's own type.
func (st *State) judge(leaf []byte) (*Statement, *Refusal) {
	s, r := parse(leaf)
	if r != nil {
		return nil, r
	}
	s.Index = st.tree.Size()
	if r := st.judgeHeader(s); r != nil {
		return s, r
	}
	return s, st.judgeBody(s)
}

// judgeHeader holds the rules that do not depend on what is said.
func (st *State) judgeHeader(s *Statement) *Refusal {
	j := &judge{off: st.off}
	j.refuse(s.Log != st.origin, CodeLog, shorten(s.Log), st.origin)
	p := st.parties[s.Signer]
	if p == nil {
		if st.Charter == nil {
			return Refuse(CodeNoCharter)
		}
		return Refuse(CodeSigner, shorten(s.Signer))
	}
	j.refuse(p.revoked, CodeRevoked, s.Signer)
	j.refuse(p.verifier.KeyHash() != s.keyHash || !p.verifier.Verify(s.text, s.signature), CodeSignature, s.Signer)
	j.refuse(!plausible(s.Header), CodeHeader, "boot epoch, time, round and attempt must be set as the type needs them")
	j.refuse(s.Seq != p.seq+1, CodeSeq, s.Signer, s.Seq, p.seq+1)
	j.refuse(s.Prev != p.prev, CodePrev, s.Signer)
	j.refuse(s.Boot != p.boot && p.boots[s.Boot], CodeBoot, s.Signer)
	root, ok := st.tree.RootAt(s.Seen.Size)
	j.refuse(!ok || root != s.Seen.Root, CodeSeen, s.Signer, s.Seen.Size)
	need := max(p.seen, p.index+1)
	j.refuse(s.Seen.Size < need, CodeSeenBack, s.Signer, s.Seen.Size, need)
	return j.r
}

// take folds a statement that was judged.
func (st *State) take(s *Statement) {
	p := st.parties[s.Signer]
	p.seq, p.prev, p.index, p.seen, p.boot = s.Seq, s.Hash, s.Index, s.Seen.Size, s.Boot
	if p.role == roleCoordinator {
		st.dated = max(st.dated, s.Time)
	}
	p.boots[s.Boot] = true
	switch b := s.Body.(type) {
	case *Charter:
		if st.Charter == nil {
			st.takeCharter(s, b)
		} else {
			st.move(s)
		}
	case *Member:
		st.takeMember(s, b)
	case *Endorse:
		st.takeEndorse(s, b)
	case *Epoch:
		i := st.institutions[p.institution]
		i.epoch = b.Epoch
		i.epochs[b.Epoch] = true
	case *Proposal:
		st.Studies[s.Study] = newStudy(st, s)
	case *Publish:
		st.move(s)
	default:
		if s.Study == "" { // a fork: the only dispute outside a study
			st.Forks = append(st.Forks, s)
			return
		}
		st.Studies[s.Study].take(st, s)
	}
}
