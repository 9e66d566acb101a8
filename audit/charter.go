package audit

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"github.com/smartstart-federation/smartstart/crypto"
)

// judgeCharter: entry 0, by the pinned coordinator, with parties that can be
// told apart and thresholds that exist.
func (st *State) judgeCharter(s *Statement, b *Charter) *Refusal {
	j := &judge{off: st.off}
	if st.tree.Size() > 0 { // something else came first: this log can never begin
		return Refuse(CodeNoCharter)
	}
	j.refuse(st.parties[s.Signer].role != roleCoordinator, CodeRole, s.Signer, s.Type)
	j.refuse(b.Protocol != Protocol, CodeProtocol, b.Protocol, Protocol)
	j.refuse(!b.Amends.IsZero(), CodeCharter, "entry 0 amends nothing")
	j.refuse(b.Coordinator.Key != st.coordinatorKey || b.Coordinator.Name != s.Signer, CodeCharter, "it names another coordinator than its signer")
	if j.r != nil {
		return j.r
	}
	if _, err := charterParties(b); err != nil {
		return Refuse(CodeCharter, err.Error())
	}
	j.charterRules(b, len(b.Founders))
	return j.r
}

// charterRules holds what every charter, first or amended, must say of the n
// institutions in force.
func (j *judge) charterRules(b *Charter, n int) {
	_, err := crypto.ThresholdsFor(n, b.Forgetful, b.MinInstitutions, b.AllowPair)
	switch {
	case b.Name == "" || len(b.Name) > 256:
		j.refuse(true, CodeCharter, "a name of 1 to 256 bytes is needed")
	case !readable(b.Name+b.Retention) || len(b.Retention) > 256:
		j.refuse(true, CodeCharter, "its name and retention are plain text of at most 256 bytes, without control characters")
	case b.Parameters != crypto.Parameters:
		j.refuse(true, CodeCharter, "its encryption parameters are unknown")
	case b.MinInstitutions < 1 || b.Forgetful < 0:
		j.refuse(true, CodeCharter, "min_institutions must be at least 1 and forgetful at least 0")
	case err != nil:
		j.refuse(true, CodeCharter, err.Error())
	case b.Numbers < 0:
		j.refuse(true, CodeCharter, "numbers, the most that a study may open, cannot be negative")
	case b.Codebook.IsZero():
		j.refuse(true, CodeCharter, "it names no codebook")
	case b.Retention == "":
		j.refuse(true, CodeCharter, "it does not say how long blobs are kept")
	case !b.Rehearsal && (b.DPIA.IsZero() || b.Review.IsZero()):
		j.refuse(true, CodeCharter, "without the digests of a DPIA and of an outside review of the cryptography it is a rehearsal")
	}
}

// judgeAmendment: a charter with other rules for the same parties, in place of
// the one in force.
func (st *State) judgeAmendment(b *Charter) *Refusal {
	j := &judge{off: st.off}
	old := st.charter()
	j.refuse(b.Amends != st.Charter.Hash, CodeAmends)
	same := b.Protocol == old.Protocol && b.Parameters == old.Parameters && b.Coordinator == old.Coordinator &&
		slices.Equal(b.Founders, old.Founders) && slices.Equal(b.Researchers, old.Researchers) && slices.Equal(b.Auditors, old.Auditors)
	j.refuse(!same, CodeCharter, "an amendment changes rules only: parties come and go by `member`, and another protocol or parameter set needs a new log")
	j.charterRules(b, len(st.Institutions()))
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
		if f.Institution <= last || !ValidName(f.Institution) || reserved(f.Institution) {
			return nil, fmt.Errorf("institutions must have valid names in strictly increasing order")
		}
		people, err := f.people()
		if err != nil {
			return nil, err
		}
		if names[f.Institution] {
			return nil, fmt.Errorf("the name %s is used twice", f.Institution)
		}
		names[f.Institution] = true
		for _, p := range people {
			if err := add(p.role, Party{Name: p.name, Key: p.key}, f.Institution); err != nil {
				return nil, err
			}
			if names[p.name] {
				return nil, fmt.Errorf("the name %s is used twice", p.name)
			}
			names[p.name] = true
		}
		last = f.Institution
	}
	for i, group := range [][]Party{b.Researchers, b.Auditors} {
		last := ""
		for _, p := range group {
			if p.Name <= last || !ValidName(p.Name) || reserved(p.Name) {
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

// people returns the parties of an institution's mandated people, or why they
// cannot be: each has its prescribed name and a key of that name.
func (f Founder) people() ([]*party, error) {
	var list []*party
	for _, want := range []struct {
		role   role
		suffix string
		party  Party
	}{{roleApprover, ".approver", f.Approver}, {roleSecond, ".approver2", f.Second}, {roleOfficer, ".fg", f.Officer}} {
		if want.party.IsZero() && want.role != roleApprover {
			continue
		}
		if want.party.Name != f.Institution+want.suffix {
			return nil, fmt.Errorf("%s's %s must be named %s%s", f.Institution, strings.TrimPrefix(want.suffix, "."), f.Institution, want.suffix)
		}
		if _, err := PublicKey(want.party.Key); err != nil {
			return nil, fmt.Errorf("party %q: %w", shorten(want.party.Name), err)
		}
		p := newParty(want.role, want.party, f.Institution)
		if p == nil || p.name != want.party.Name {
			return nil, fmt.Errorf("the key of %q is of another name", shorten(want.party.Name))
		}
		list = append(list, p)
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
		st.useKey(p.key)
		if p.role != roleCoordinator { // whose chain has begun with this entry
			st.parties[p.name] = p
		}
	}
	for _, f := range b.Founders {
		st.institutions[f.Institution] = &institution{Founder: f, epochs: map[string]bool{}}
	}
}

func (st *State) charter() *Charter { return st.Charter.Body.(*Charter) }
