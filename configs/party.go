package configs

import "slices"

// Party is what enrolment wrote for one party: who it is, where the federation
// is, and which keys it holds. It is public; the keys are in files of their
// own. Paths are relative to the file.
type Party struct {
	Name            string `toml:"name"`             // in the log: "board1", "board1.approver", "researcher"
	Role            string `toml:"role"`             // node | approver | second | officer | researcher | auditor
	Institution     string `toml:"institution"`      // of a node, approver or officer
	Origin          string `toml:"origin"`           // of the federation's log
	Address         string `toml:"address"`          // of the coordinator, host:port
	CoordinatorKey  string `toml:"coordinator_key"`  // verifier key of the coordinator, pinned
	CAFile          string `toml:"ca_file"`          // PEM
	CertificateFile string `toml:"certificate_file"` // PEM
	KeyFile         string `toml:"key_file"`         // Keys, for this party's eyes only
}

// The roles of a Party.
const (
	RoleNode       = "node"
	RoleApprover   = "approver"
	RoleSecond     = "second"  // the second approver
	RoleOfficer    = "officer" // the data protection officer
	RoleResearcher = "researcher"
	RoleAuditor    = "auditor"
)

const partyFile = "party file"

// ParseParty decodes and validates a party file.
func ParseParty(text []byte) (*Party, error) {
	p := new(Party)
	if err := decode(text, partyFile, maxDaemonFile, p); err != nil {
		return nil, err
	}
	if err := p.Validate(); err != nil {
		return nil, err
	}
	return p, nil
}

// Under returns p with its paths as seen from where the file's folder is seen.
func (p Party) Under(dir string) *Party {
	under(dir, &p.CAFile, &p.CertificateFile, &p.KeyFile)
	return &p
}

// TOML writes the file.
func (p *Party) TOML() []byte { return encode(p) }

// Validate checks the file on its own; the first fault is returned.
func (p *Party) Validate() error {
	for _, f := range []struct{ key, value string }{
		{"name", p.Name}, {"role", p.Role}, {"origin", p.Origin}, {"address", p.Address}, {"coordinator_key", p.CoordinatorKey},
		{"ca_file", p.CAFile}, {"certificate_file", p.CertificateFile}, {"key_file", p.KeyFile},
	} {
		if f.value == "" {
			return fail(CodeMissing, "enrol again with the same keys, or restore the file from a backup", partyFile+": %s is missing", f.key)
		}
	}
	if !slices.Contains([]string{RoleNode, RoleApprover, RoleSecond, RoleOfficer, RoleResearcher, RoleAuditor}, p.Role) {
		return fail(CodeValue, "choose one of: node, approver, second, officer, researcher, auditor", partyFile+": role = %q is not known", p.Role)
	}
	return address(partyFile, "address", p.Address)
}
