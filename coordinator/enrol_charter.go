package coordinator

import (
	"context"
	"fmt"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/crypto"
)

// Terms are what a charter says beside who is in it.
type Terms struct {
	Codebook        []byte // TOML
	MinInstitutions int
	Forgetful       int // r of the threshold rule
	AllowPair       bool
	Numbers         int64 // the most that a study may open; 0: no cap
	Rehearsal       bool
	Retention       string
}

// Complete writes the charter when every invited party has joined, and reports
// whether there is one. It is asked at start; later joins ask it themselves.
func (c *Coordinator) Complete(ctx context.Context) (bool, error) {
	if c.cfg.Enrol == nil {
		return c.chartered(), nil
	}
	c.cfg.Enrol.mu.Lock()
	defer c.cfg.Enrol.mu.Unlock()
	return c.complete(ctx, c.cfg.Enrol)
}

func (c *Coordinator) complete(ctx context.Context, e *Enrolment) (bool, error) {
	if c.chartered() {
		return true, nil
	}
	all := e.Invitations.All()
	if len(all) == 0 || len(e.Invitations.Missing()) > 0 {
		return false, nil
	}
	codebook, err := c.PutBlob(ctx, e.Terms.Codebook)
	if err != nil {
		return false, fmt.Errorf("keeping the codebook: %w", err)
	}
	charter := &audit.Charter{
		Protocol: audit.Protocol, Name: c.cfg.Origin, Coordinator: audit.Party{Name: c.cfg.Signer.Name(), Key: c.cfg.Key},
		Founders: []audit.Founder{}, Researchers: []audit.Party{}, Auditors: []audit.Party{},
		Parameters: crypto.Parameters, Forgetful: e.Terms.Forgetful,
		MinInstitutions: e.Terms.MinInstitutions, AllowPair: e.Terms.AllowPair, Numbers: e.Terms.Numbers,
		Codebook: codebook, Rehearsal: e.Terms.Rehearsal, Retention: e.Terms.Retention,
	}
	for _, i := range all { // in order of the names, as a charter has them
		party := audit.Party{Name: i.Joined[0].Name, Key: i.Joined[0].Key}
		switch i.Role {
		case RoleInstitution:
			charter.Founders = append(charter.Founders, audit.Founder{
				Institution: i.Name, Approver: audit.Party{Name: i.Joined[1].Name, Key: i.Joined[1].Key},
				Second: e.Invitations.person(i.Name + SuffixSecond), Officer: e.Invitations.person(i.Name + SuffixOfficer),
			})
		case RoleResearcher:
			charter.Researchers = append(charter.Researchers, party)
		case RoleAuditor:
			charter.Auditors = append(charter.Auditors, party)
		}
	}
	if err := c.Found(ctx, charter); err != nil {
		return false, fmt.Errorf("writing the charter: %w", err)
	}
	c.cfg.Logger.Info("everybody has joined: the charter is written", "institutions", len(charter.Founders),
		"researchers", len(charter.Researchers), "auditors", len(charter.Auditors))
	return true, nil
}

// person returns a mandated person who joined with a token of their own; none
// when nobody was invited under that name.
func (v *Invitations) person(name string) audit.Party {
	if i := v.Get(name); i != nil && len(i.Joined) > 0 {
		return audit.Party{Name: i.Joined[0].Name, Key: i.Joined[0].Key}
	}
	return audit.Party{}
}

func (c *Coordinator) chartered() (there bool) {
	c.View(func(st *audit.State) { there = st.Charter != nil })
	return there
}

// View calls f with the folded state of the log, which f must neither change
// nor keep.
func (c *Coordinator) View(f func(*audit.State)) { c.seq.View(f) }
