package audit

import (
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/crypto"
)

// judgeCharter: entry 0, by the pinned coordinator, with parties that can be
// told apart and thresholds that exist.
func (st *State) judgeCharter(s *Statement, b *Charter) *Refusal {
	j := &judge{off: st.off}
	if st.Charter != nil {
		return Refuse(CodeCharterTwice)
	}
	if st.tree.Size() > 0 { // something else came first: this log can never begin
		return Refuse(CodeNoCharter)
	}
	j.refuse(st.parties[s.Signer].role != roleCoordinator, CodeRole, s.Signer, s.Type)
	j.refuse(b.Protocol != Protocol, CodeProtocol, b.Protocol, Protocol)
	j.refuse(b.Coordinator.Key != st.coordinatorKey || b.Coordinator.Name != s.Signer, CodeCharter, "it names another coordinator than its signer")
	if j.r != nil {
		return j.r
	}
	if _, err := charterParties(b); err != nil {
		return Refuse(CodeCharter, err.Error())
	}
	_, err := crypto.ThresholdsFor(len(b.Founders), b.Forgetful, b.MinInstitutions, b.AllowPair)
	switch {
	case b.Name == "" || len(b.Name) > 256:
		j.refuse(true, CodeCharter, "a name of 1 to 256 bytes is needed")
	case b.Parameters != crypto.Parameters:
		j.refuse(true, CodeCharter, "its encryption parameters are unknown")
	case b.MinInstitutions < 1 || b.Forgetful < 0:
		j.refuse(true, CodeCharter, "min_institutions must be at least 1 and forgetful at least 0")
	case err != nil:
		j.refuse(true, CodeCharter, err.Error())
	case b.Codebook.IsZero():
		j.refuse(true, CodeCharter, "it names no codebook")
	case b.Retention == "":
		j.refuse(true, CodeCharter, "it does not say how long blobs are kept")
	}
	return j.r
}

// charterParties returns the parties of a charter, or why they cannot be told
// apart.
func charterParties(b *Charter) ([]*party, error) {
	var list []*party
	add := func(r role, p Party, institution string) error {
		if _, err := PublicKey(p.Key); err != nil {
			return fmt.Errorf("party %q: %w", shorten(p.Name), err)
		}
		v, err := note.NewVerifier(p.Key)
		if err != nil || v.Name() != p.Name {
			return fmt.Errorf("the key of %q is of another name", shorten(p.Name))
		}
		list = append(list, newParty(r, p, institution))
		return nil
	}
	if err := add(roleCoordinator, b.Coordinator, ""); err != nil {
		return nil, err
	}
	names := map[string]bool{b.Coordinator.Name: true}
	last := ""
	for _, f := range b.Founders {
		if f.Institution <= last || !ValidName(f.Institution) {
			return nil, fmt.Errorf("institutions must have valid names in strictly increasing order")
		}
		if f.Approver.Name != f.Institution+".approver" {
			return nil, fmt.Errorf("the approver of %s must be named %s.approver", f.Institution, f.Institution)
		}
		if err := add(roleApprover, f.Approver, f.Institution); err != nil {
			return nil, err
		}
		if names[f.Institution] || names[f.Approver.Name] {
			return nil, fmt.Errorf("the name %s is used twice", f.Institution)
		}
		names[f.Institution], names[f.Approver.Name] = true, true
		last = f.Institution
	}
	for i, group := range [][]Party{b.Researchers, b.Auditors} {
		last := ""
		for _, p := range group {
			if p.Name <= last || !ValidName(p.Name) {
				return nil, fmt.Errorf("researchers and auditors must have valid names in strictly increasing order")
			}
			if names[p.Name] {
				return nil, fmt.Errorf("the name %s is used twice", p.Name)
			}
			if err := add(roleResearcher+role(i), p, ""); err != nil {
				return nil, err
			}
			names[p.Name] = true
			last = p.Name
		}
	}
	keys := map[string]bool{}
	for _, p := range list {
		key, err := PublicKey(p.key)
		if err != nil || keys[string(key)] {
			return nil, fmt.Errorf("the key of %s is used twice", p.name)
		}
		keys[string(key)] = true
	}
	return list, nil
}

func (st *State) takeCharter(s *Statement, b *Charter) {
	st.Charter = s
	list, err := charterParties(b)
	if err != nil {
		return // the charter was judged by the same function
	}
	for _, p := range list {
		if p.role != roleCoordinator { // whose chain has begun with this entry
			st.parties[p.name] = p
		}
	}
}

func (st *State) charter() *Charter { return st.Charter.Body.(*Charter) }
