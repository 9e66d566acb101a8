package audit

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// ProofText is what a node's key signs to show that its holder wants to be the
// node of m.Institution under m.Charter in the log of origin.
func ProofText(origin string, m *Member) []byte {
	return fmt.Appendf(nil, "smartstart/proof/v1\n%s\n%s\n%s\n%s\n", origin, m.Charter, m.Institution, m.Node.Key)
}

// PublicKey returns the Ed25519 key of a verifier key in the note format,
// refusing any other spelling than the one note prints.
func PublicKey(vkey string) (ed25519.PublicKey, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, errors.New("the verifier key is malformed")
	}
	parts := strings.SplitN(vkey, "+", 3) // name+hash+base64, and base64 has a '+' of its own
	raw, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(raw) != 1+ed25519.PublicKeySize {
		return nil, errors.New("the verifier key is malformed")
	}
	key := ed25519.PublicKey(raw[1:])
	again, err := note.NewEd25519VerifierKey(v.Name(), key)
	if err != nil || again != vkey {
		return nil, errors.New("the verifier key is not in its only spelling")
	}
	return key, nil
}

// PrivateKey returns the Ed25519 key of a signer key in the note format.
func PrivateKey(skey string) (ed25519.PrivateKey, error) {
	if _, err := note.NewSigner(skey); err != nil {
		return nil, errors.New("the signer key is malformed")
	}
	parts := strings.SplitN(skey, "+", 5) // PRIVATE+KEY+name+hash+base64
	raw, err := base64.StdEncoding.DecodeString(parts[4])
	if err != nil || len(raw) != 1+ed25519.SeedSize {
		return nil, errors.New("the signer key is malformed")
	}
	return ed25519.NewKeyFromSeed(raw[1:]), nil
}

// judgeMember: an institution of the charter joins this charter and names its
// node's key, whose holder agrees.
func (st *State) judgeMember(s *Statement, b *Member) *Refusal {
	j := &judge{off: st.off}
	who := st.parties[s.Signer].institution
	j.refuse(b.Charter != st.Charter.Hash, CodeOtherCharter, who)
	j.refuse(b.Institution != who || b.Node.Name != who, CodeBody, "an approver enrols its own institution, and the node is named as it")
	j.refuse(st.Members[who] != nil, CodeEnrolled, who)
	if j.r != nil {
		return j.r
	}
	key, err := PublicKey(b.Node.Key)
	p := newParty(roleNode, b.Node, who)
	if err != nil || p == nil || p.name != who {
		return Refuse(CodeBody, "the node's key is malformed or of another name")
	}
	j.refuse(st.inUse(b.Node), CodeKeyInUse, who)
	j.refuse(!ed25519.Verify(key, ProofText(st.origin, b), b.Proof), CodeProof, who)
	return j.r
}

func (st *State) takeMember(s *Statement, b *Member) {
	st.Members[b.Institution] = s
	st.parties[b.Node.Name] = newParty(roleNode, b.Node, b.Institution)
}

// inUse reports whether another party has the name or the key.
func (st *State) inUse(p Party) bool {
	if st.parties[p.Name] != nil {
		return true
	}
	for _, q := range st.parties {
		if sameKey(q.key, p.Key) {
			return true
		}
	}
	return false
}

// sameKey compares the public keys of two verifier keys, whatever their names.
func sameKey(a, b string) bool {
	x, err := PublicKey(a)
	y, err2 := PublicKey(b)
	return err == nil && err2 == nil && x.Equal(y)
}
