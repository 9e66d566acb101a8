package audit

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A co-signature says "I have seen the log up to this checkpoint, and it
// extends every one that I co-signed before". Its form is that of C2SP
// tlog-cosignature, cosignature/v1, with the key that the party signs its
// statements with. The three things such a key signs begin with different
// lines, so none can be taken for another.
const (
	cosignatureAlgorithm = "\x04" // of the format; it gives the key another hash than statements have
	cosignatureSize      = 8 + ed25519.SignatureSize
	maxCosignatures      = 98 // common readers of signed notes take 100 lines, and one is the coordinator's
)

// Cosignature is one party's co-signature of a checkpoint, verified.
type Cosignature struct {
	Name        string    // of the co-signer
	Institution string    // whose node it is; empty of an auditor
	Key         string    // verifier key of its statements
	Time        time.Time // by the co-signer's clock
	Line        []byte    // of the signed note, with its newline
}

// NeedsCosigning reports whether statements of a type wait for co-signatures
// before others act on them. Inside a round nothing does: there the votes, which
// name the head that their signers saw, do this work.
func NeedsCosigning(typ string) bool {
	switch typ {
	case TypeCharter, TypeMember, TypeEndorse, TypeDecision, TypeResult, TypeClose, TypePublish, TypeEpoch:
		return true
	}
	return false
}

// MayCosign reports whether the co-signatures of a party are counted or shown:
// of enrolled nodes and of auditors.
func (st *State) MayCosign(name string) bool { return st.cosigner(name) != nil }

// cosigner returns the party of this name if it is one that co-signs.
func (st *State) cosigner(name string) *party {
	if p := st.parties[name]; p != nil && !p.revoked && (p.role == roleNode || p.role == roleAuditor) {
		return p
	}
	return nil
}

// Cosign co-signs a checkpoint of the log held here with the identity key of a
// node or auditor. It returns the checkpoint with that one line after the
// coordinator's. Whether it may be co-signed, after what was co-signed before,
// is the caller's to know; see package loop.
func (st *State) Cosign(signed []byte, s note.Signer, now time.Time) ([]byte, error) {
	n, h, r := openCheckpoint(signed, st.origin, st.coordinatorKey)
	if r != nil {
		return nil, r
	}
	if root, ok := st.tree.RootAt(h.Size); !ok {
		return nil, fmt.Errorf("a checkpoint of %d entries cannot be co-signed by who holds %d", h.Size, st.tree.Size())
	} else if root != h.Root {
		return nil, Refuse(CodeFork, h.Size)
	}
	p := st.cosigner(s.Name())
	if p == nil || p.verifier.KeyHash() != s.KeyHash() {
		return nil, fmt.Errorf("%s co-signs nothing: it is neither an enrolled node nor an auditor of this log", s.Name())
	}
	at := now.Unix()
	signature, err := s.Sign(cosigned(at, n.Text))
	if err != nil {
		return nil, fmt.Errorf("the checkpoint at size %d cannot be co-signed: %w", h.Size, err)
	}
	b := binary.BigEndian.AppendUint32(nil, cosignerHash(p))
	b = binary.BigEndian.AppendUint64(b, uint64(at))
	line := noteLine(p.name, append(b, signature...))
	if !cosignedBy(p, n.Text, append(b, signature...)[4:]) {
		return nil, fmt.Errorf("the key of %s makes no co-signatures", p.name)
	}
	return append(plainCheckpoint(n), line...), nil
}

// cosigned is what a co-signature signs.
func cosigned(unix int64, text string) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", unix, text)
}

// cosignerHash is the key hash in the co-signature lines of a party.
func cosignerHash(p *party) uint32 {
	key, err := PublicKey(p.key)
	if err != nil {
		return 0 // the party's key was read when it was let in
	}
	sum := sha256.Sum256(append([]byte(p.name+"\n"+cosignatureAlgorithm), key...))
	return binary.BigEndian.Uint32(sum[:])
}

// cosignedBy verifies the time and signature of a co-signature.
func cosignedBy(p *party, text string, b []byte) bool {
	key, err := PublicKey(p.key)
	if err != nil || len(b) != cosignatureSize {
		return false
	}
	at := binary.BigEndian.Uint64(b)
	return at < 1<<62 && ed25519.Verify(key, cosigned(int64(at), text), b[8:])
}

func noteLine(name string, b []byte) []byte {
	return fmt.Appendf(nil, "— %s %s\n", name, base64.StdEncoding.EncodeToString(b))
}

// plainCheckpoint is a checkpoint with the coordinator's signature alone. One
// size of a log has one: the signature follows from the text and the key.
func plainCheckpoint(n *note.Note) []byte {
	raw, _ := base64.StdEncoding.DecodeString(n.Sigs[0].Base64) // it was read from base64 before
	return append([]byte(n.Text+"\n"), noteLine(n.Sigs[0].Name, raw)...)
}

// Cosigned is a checkpoint of this log with the co-signatures on it.
type Cosigned struct {
	Head
	Plain []byte        // with the coordinator's signature alone
	By    []Cosignature // valid ones, in order of name, one a party
	Bad   []string      // parties in whose name and key a line stands that they did not sign
}

// ReadCosigned verifies a checkpoint of this log as VerifyCheckpoint does, and
// the lines of everybody who co-signs. Lines of others are ignored, as the
// format says: somebody else may trust them.
func (st *State) ReadCosigned(signed []byte) (*Cosigned, error) {
	return st.ReadCosignedAgain(signed, nil)
}

// ReadCosignedAgain is ReadCosigned for whoever is shown one checkpoint with
// ever more lines: those that known has are not verified again, and those that
// verify are put into it.
func (st *State) ReadCosignedAgain(signed []byte, known map[string]bool) (*Cosigned, error) {
	n, h, r := openCheckpoint(signed, st.origin, st.coordinatorKey)
	if r != nil {
		return nil, r
	}
	if root, ok := st.tree.RootAt(h.Size); ok && root != h.Root && !st.off[CodeFork] {
		return nil, Refuse(CodeFork, h.Size)
	}
	c := &Cosigned{Head: h, Plain: plainCheckpoint(n)}
	c.By, c.Bad = st.cosignatures(n, known)
	return c, nil
}

// cosignatures sorts the lines of everybody who co-signs into valid ones, one a
// party in order of name, and the names of those whose line is wrong.
func (st *State) cosignatures(n *note.Note, known map[string]bool) (valid []Cosignature, bad []string) {
	for _, sig := range n.UnverifiedSigs {
		p := st.cosigner(sig.Name)
		if p == nil || sig.Hash != cosignerHash(p) {
			continue
		}
		b, err := base64.StdEncoding.DecodeString(sig.Base64)
		key := p.key + "\n" + n.Text + sig.Base64
		if err != nil || len(b) != 4+cosignatureSize || !known[key] && !cosignedBy(p, n.Text, b[4:]) {
			bad = append(bad, p.name)
			continue
		}
		if known != nil {
			known[key] = true
		}
		valid = append(valid, Cosignature{
			Name: p.name, Institution: p.institution, Key: p.key, Line: noteLine(p.name, b),
			Time: time.Unix(int64(binary.BigEndian.Uint64(b[4:])), 0).UTC(),
		})
	}
	slices.SortStableFunc(valid, func(a, b Cosignature) int { return strings.Compare(a.Name, b.Name) })
	valid = slices.CompactFunc(valid, func(a, b Cosignature) bool { return a.Name == b.Name })
	slices.Sort(bad)
	return valid, slices.Compact(bad)
}

// Institutions returns the institutions that co-signed, each once. Auditors
// are not among them: a quorum is one of institutions.
func (c *Cosigned) Institutions() []string { return Institutions(c.By) }

// Institutions returns the institutions of co-signatures, each once, in order.
func Institutions(list []Cosignature) (names []string) {
	for _, s := range list {
		if s.Institution != "" {
			names = append(names, s.Institution)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// WithCosignatures returns a checkpoint, which the coordinator alone signed,
// with these lines after its own: institutions first, each party once.
func WithCosignatures(plain []byte, list []Cosignature) []byte {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Cosignature) int {
		if (a.Institution == "") != (b.Institution == "") {
			return strings.Compare(b.Institution, a.Institution)
		}
		return strings.Compare(a.Name, b.Name)
	})
	list = slices.CompactFunc(list, func(a, b Cosignature) bool { return a.Name == b.Name })
	out := bytes.Clone(plain)
	for _, s := range list[:min(len(list), maxCosignatures)] {
		out = append(out, s.Line...)
	}
	return out
}

// Covers reports whether the entry at index lies below this head.
func (h Head) Covers(index int64) bool { return index >= 0 && index < h.Size }

// CosignedSize returns the largest size of the log that a quorum of enrolled
// institutions has co-signed, when sizes is the largest checkpoint that each
// co-signed, by verifier key. Whoever co-signed a later checkpoint has co-signed
// the entries before it too. It is 0 while there are too few.
func (st *State) CosignedSize(sizes map[string]int64) int64 {
	if st.Charter == nil {
		return 0
	}
	var list []int64
	for name := range st.Members {
		if p := st.cosigner(name); p != nil && sizes[p.key] > 0 {
			list = append(list, sizes[p.key])
		}
	}
	slices.Sort(list)
	if q := st.Quorum(); len(list) >= q {
		return list[len(list)-q]
	}
	return 0
}

// NotCosigned returns the enrolled institutions that have not co-signed entry
// index, in order, when sizes is as for CosignedSize.
func (st *State) NotCosigned(index int64, sizes map[string]int64) (names []string) {
	for name := range st.Members {
		if p := st.cosigner(name); p == nil || sizes[p.key] <= index {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
