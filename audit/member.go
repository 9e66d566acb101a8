package audit

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/crypto"
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

// judgeMember: an institution enrols its node or takes its key back, or moves
// that somebody comes or goes.
func (st *State) judgeMember(s *Statement, b *Member) *Refusal {
	j := &judge{off: st.off}
	who := st.institution(s)
	j.refuse(b.Charter != st.Charter.Hash, CodeOtherCharter, who)
	set := map[string]bool{
		ActEnrol: !b.Node.IsZero() || b.Proof != nil, ActAdmit: b.Admit != nil,
		ActGrant: b.Grant != nil, ActRevoke: b.Revoke != "",
	}
	for act, is := range set {
		j.refuse(is != (act == b.Act), CodeBody, "a member statement has the fields of its act, and no others")
	}
	j.refuse((b.Institution != "") != (b.Act == ActEnrol || b.Act == ActExpel), CodeBody, "enrol and expel name an institution, other acts do not")
	if j.r != nil {
		return j.r
	}
	switch b.Act {
	case ActEnrol:
		return st.judgeEnrol(who, b)
	case ActRevoke:
		if b.Revoke == who {
			j.refuse(st.Members[who] == nil, CodeNotEnrolled, who)
			return j.r
		}
	}
	j.refuse(st.Members[who] == nil, CodeNotEnrolled, who)
	if j.r != nil {
		return j.r
	}
	return st.judgeChange(b)
}

// judgeEnrol: an institution in force names its node's key, whose holder
// agrees.
func (st *State) judgeEnrol(who string, b *Member) *Refusal {
	j := &judge{off: st.off}
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
	old := st.parties[who]
	j.refuse(old != nil && (old.role != roleNode || old.institution != who) || st.keyUsed(b.Node.Key), CodeKeyInUse, who)
	j.refuse(!ed25519.Verify(key, ProofText(st.origin, b), b.Proof), CodeProof, who)
	return j.r
}

// judgeChange: what a quorum decides about who belongs.
func (st *State) judgeChange(b *Member) *Refusal {
	j := &judge{off: st.off}
	switch b.Act {
	case ActAdmit:
		people, err := b.Admit.people()
		if err != nil {
			return Refuse(CodeBody, err.Error())
		}
		known := st.institutions[b.Admit.Institution]
		taken := known == nil && st.parties[b.Admit.Institution] != nil
		j.refuse(!ValidName(b.Admit.Institution) || taken || reserved(b.Admit.Institution), CodeKeyInUse, shorten(b.Admit.Institution))
		j.refuse((known == nil || known.expelled) && len(st.Institutions()) >= crypto.MaxInstitutions, CodeMember, fmt.Sprintf("a federation has at most %d institutions", crypto.MaxInstitutions))
		keys := map[string]bool{}
		for _, p := range people {
			old := st.parties[p.name]
			j.refuse(old != nil && (known == nil || old.institution != b.Admit.Institution || old.role != p.role), CodeKeyInUse, p.name)
			kept := old != nil && sameKey(old.key, p.key) && !old.revoked
			raw, _ := PublicKey(p.key) // parsed by people
			j.refuse(!kept && st.keyUsed(p.key) || keys[string(raw)], CodeKeyInUse, p.name)
			keys[string(raw)] = true
		}
		j.refuse(known != nil && !known.expelled && known.Founder == *b.Admit, CodeMember, b.Admit.Institution+" has these keys already")
	case ActExpel:
		i := st.institutions[b.Institution]
		j.refuse(i == nil || i.expelled, CodeMember, shorten(b.Institution)+" is no institution in force")
	case ActGrant:
		g := b.Grant
		_, err := PublicKey(g.Party.Key)
		p := newParty(roleResearcher, g.Party, "")
		j.refuse(g.Role != "researcher" && g.Role != "auditor", CodeBody, "a grant is for a researcher or an auditor")
		j.refuse(reserved(g.Party.Name), CodeKeyInUse, shorten(g.Party.Name))
		j.refuse(!ValidName(g.Party.Name) || err != nil || p == nil || p.name != g.Party.Name, CodeBody, "the key is malformed or of another name")
		taken := st.parties[g.Party.Name] != nil || st.institutions[g.Party.Name] != nil || st.keyUsed(g.Party.Key)
		j.refuse(taken && !st.renews(g), CodeKeyInUse, shorten(g.Party.Name))
		j.refuse(g.Expires != "" && (g.Role != "researcher" || !validDate(g.Expires)), CodeBody, "a researcher's grant may have an end date, as 2027-07-31")
	case ActRevoke:
		p := st.parties[b.Revoke]
		j.refuse(p == nil || p.revoked, CodeMember, shorten(b.Revoke)+" has no key in force")
		may := p != nil && (p.role == roleNode || p.role == roleResearcher || p.role == roleAuditor)
		j.refuse(!may, CodeMember, "keys of nodes, researchers and auditors can be revoked; mandated people get new keys by `admit`, and the coordinator's key is the log's")
	default:
		return Refuse(CodeBody, "the act is enrol, admit, expel, grant or revoke")
	}
	return j.r
}

// renews reports whether a grant gives a researcher in force, with the same key,
// another end date. Without it a coordinator that dates one statement years ahead
// would end every dated grant for good.
func (st *State) renews(g *Grant) bool {
	p := st.parties[g.Party.Name]
	return p != nil && !p.revoked && p.role == roleResearcher && g.Role == "researcher" && p.key == g.Party.Key && p.expires != g.Expires
}

// reserved reports whether a name is one that an institution's people may get.
func reserved(name string) bool {
	return strings.HasSuffix(name, ".approver") || strings.HasSuffix(name, ".approver2") || strings.HasSuffix(name, ".fg")
}

func (st *State) takeMember(s *Statement, b *Member) {
	switch {
	case b.Act == ActEnrol:
		st.Members[b.Institution] = s
		st.changed[subject(b)] = s.Index
		st.seat(newParty(roleNode, b.Node, b.Institution))
	case b.Act == ActRevoke && b.Revoke == st.institution(s): // a stolen key is stopped at once
		st.changed[subject(b)] = s.Index
		st.enforce(b)
	default:
		st.move(s)
	}
}

// enforce carries out a change of membership.
func (st *State) enforce(b *Member) {
	switch b.Act {
	case ActAdmit:
		name := b.Admit.Institution
		i := st.institutions[name]
		if i == nil {
			i = &institution{epochs: map[string]bool{}}
			st.institutions[name] = i
		}
		for _, p := range st.parties { // people who are not named any more
			if p.institution == name && p.role != roleNode {
				p.revoked = true
			}
		}
		i.Founder, i.expelled = *b.Admit, false
		people, err := b.Admit.people()
		if err != nil {
			return // judged by the same function
		}
		for _, p := range people {
			st.seat(p)
		}
	case ActExpel:
		st.institutions[b.Institution].expelled = true
		delete(st.Members, b.Institution)
		for _, p := range st.parties {
			if p.institution == b.Institution {
				p.revoked = true
			}
		}
		for _, s := range st.Studies {
			s.expelled[b.Institution] = true
		}
	case ActGrant:
		r := roleResearcher
		if b.Grant.Role == "auditor" {
			r = roleAuditor
		}
		st.seat(newParty(r, b.Grant.Party, ""))
		st.parties[b.Grant.Party.Name].expires = b.Grant.Expires
	case ActRevoke:
		p := st.parties[b.Revoke]
		p.revoked = true
		if p.role == roleNode {
			delete(st.Members, p.institution)
		}
	}
}

// seat gives a name its key. A name that signed before goes on with its own
// chain of statements, so that no number is ever used twice.
func (st *State) seat(p *party) {
	st.useKey(p.key)
	if old := st.parties[p.name]; old != nil {
		old.key, old.verifier, old.revoked = p.key, p.verifier, false
		return
	}
	st.parties[p.name] = p
}

// useKey remembers a signing key for good: keys are never used again, also not
// under another name.
func (st *State) useKey(vkey string) {
	if key, err := PublicKey(vkey); err == nil {
		st.used[crypto.DigestOf(key)] = true
	}
}

// keyUsed reports whether a key is or was anybody's.
func (st *State) keyUsed(vkey string) bool {
	key, err := PublicKey(vkey)
	if err != nil {
		return true
	}
	return st.used[crypto.DigestOf(key)]
}

// sameKey compares the public keys of two verifier keys, whatever their names.
func sameKey(a, b string) bool {
	x, err := PublicKey(a)
	y, err2 := PublicKey(b)
	return err == nil && err2 == nil && x.Equal(y)
}
