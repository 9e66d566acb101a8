package cmd

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
	"github.com/smartstart-federation/smartstart/node"
)

func newNodeEnrol(o *output) *cobra.Command {
	var path string
	var only bool
	var within wait
	c := &cobra.Command{
		Use:   "enrol [--config node.toml] [TOKEN]",
		Short: "Join the federation with a token; then read and accept its charter",
		Long: `enrol exchanges the token for the certificates of the node and of the approver,
and waits for nobody: when others have still to join it says who, with exit
code 4, and is run again later, without the token. Once the charter is there it
is shown in plain words and accepted with the approver's key: from then on the
institution is a member. --show-only shows it and signs nothing.

Joining needs node.key and approver.key beside node.toml; accepting needs both,
the party files and the codebook. Move the approver's files away after that.

In a federation that exists already the institutions first admit a new one
(node propose admit): until then enrol says whom it waits for, with exit code 4.

A token that coordinator invite makes later renews certificates, with the same
command: of both keys, or of the one that is on this machine.

With the token of a second approver or of a data protection officer, which each
person has of their own, enrol makes that person's key beside node.toml (a copy of
it will do) and gets its certificate.

` + exitCodes,
		Example: "  smartstart node enrol --config board1/node.toml board1.token",
		Args:    atMost(1, "node enrol takes one token file"),
		RunE: func(c *cobra.Command, args []string) error {
			config, err := nodeConfig(path)
			if err != nil {
				return err
			}
			ctx, cancel := within.context(c.Context())
			defer cancel()
			if len(args) == 1 {
				token, err := party.ReadToken(args[0])
				if err != nil {
					return err
				}
				if token.Role == configs.RoleSecond || token.Role == configs.RoleOfficer {
					return joinPerson(ctx, o, config, filepath.Dir(path), token)
				}
				whole, err := joinInstitution(ctx, o, config, filepath.Dir(path), token)
				if err != nil || !whole {
					return err
				}
			}
			return acceptCharter(ctx, o, config, only)
		},
	}
	nodeFlag(c, &path)
	c.Flags().BoolVar(&only, "show-only", false, "show the charter and sign nothing")
	within.register(c)
	return c
}

// joinInstitution exchanges the token for certificates and writes the party
// files of node and approver. Whole is false when only one of the two has its key
// here: then there is nothing to accept on this machine.
func joinInstitution(ctx context.Context, o *output, config *configs.Node, dir string, token *party.Token) (whole bool, err error) {
	if token.Role != "institution" || token.Name != config.About.Name {
		return false, &Error{"SS1205", fmt.Sprintf("the token is for the %s %s, and this is the node of %s", token.Role, token.Name, config.About.Name), "use the token that was made for " + config.About.Name}
	}
	seats := seatsHere(config, dir)
	var keys []*configs.Keys
	for _, s := range seats {
		k, err := party.ReadKeys(filepath.Join(dir, s.key))
		if err != nil {
			return false, err
		}
		keys = append(keys, k)
	}
	certificates, err := party.Enrol(ctx, token, keys...)
	if err != nil {
		return false, err
	}
	if err := party.Replace(filepath.Join(dir, "ca.pem"), []byte(token.CA), 0o644); err != nil {
		return false, err
	}
	for i, s := range seats {
		if err := party.Replace(filepath.Join(dir, s.certificate), certificates[i], 0o644); err != nil {
			return false, err
		}
		p := &configs.Party{
			Name: keys[i].Owner, Role: s.role, Institution: token.Name, Origin: token.Origin, Address: token.Address,
			CoordinatorKey: token.CoordinatorKey, CAFile: "ca.pem", CertificateFile: s.certificate, KeyFile: s.key,
		}
		if err := party.Replace(s.file, p.TOML(), 0o644); err != nil {
			return false, err
		}
	}
	if len(seats) == 1 {
		return false, renewedHere(o, seats[0], certificates[0])
	}
	o.event(false, "%s has joined %s; the token is used up", token.Name, token.Origin)
	return true, nil
}

// institutionSeat is one of the two parties of an institution, by its files.
type institutionSeat struct{ role, file, key, certificate string }

// seatsHere are node and approver; or the one that joined on this machine before
// while the other's key is elsewhere.
func seatsHere(config *configs.Node, dir string) []institutionSeat {
	both := []institutionSeat{
		{configs.RoleNode, config.About.Party, "node.key", "node.crt"},
		{configs.RoleApprover, config.About.Approver, "approver.key", "approver.crt"},
	}
	there := func(path string) bool { _, err := os.Stat(path); return err == nil }
	for i, s := range both {
		if there(filepath.Join(dir, s.key)) && there(s.file) && !there(filepath.Join(dir, both[1-i].key)) {
			return both[i : i+1]
		}
	}
	return both
}

// renewedHere says which certificate is new, and that the other one is not.
func renewedHere(o *output, s institutionSeat, certificate []byte) error {
	block, _ := pem.Decode(certificate)
	if block == nil {
		return &Error{"SS1204", "the coordinator sent no certificate", "upgrade the older side"}
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return &Error{"SS1204", "the coordinator sent no certificate", "upgrade the older side"}
	}
	until := leaf.NotAfter.Format(time.DateOnly)
	if o.json {
		return o.document(struct {
			Role  string `json:"role"`
			Until string `json:"certificate_until"`
		}{s.role, until})
	}
	o.print("the certificate of the %s, whose key is here, is valid until %s", s.role, until)
	o.print("where the other key of the institution is, the same token does the same for it")
	return nil
}

// acceptCharter shows the charter and signs `member` with the approver's key.
func acceptCharter(ctx context.Context, o *output, config *configs.Node, only bool) error {
	if _, err := os.Stat(config.About.Approver); errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(config.About.Party); err == nil {
			return usage("the approver's files are not here; they may be on the mandated person's machine", "accept the charter where approver.key is; moved away, it was accepted before")
		}
		return usage("this institution has not joined yet", "give the token file: smartstart node enrol --config node.toml TOKEN")
	}
	seat, err := approverSeat(config)
	if err != nil {
		return err
	}
	nodeKeys, err := nodeKeysBeside(config)
	if err != nil {
		return err
	}
	nodeParty, err := party.NewSeat(nodeKeys)
	if err != nil {
		return err
	}
	err = seat.Act(ctx, func(ctx context.Context, s *party.Session) error {
		charter, err := s.Charter(ctx)
		if err != nil {
			return err
		}
		c := charter.Body.(*audit.Charter)
		var member *audit.Statement
		var people audit.Founder
		var roles whoIsWho
		s.View(func(st *audit.State) {
			member = st.Members[config.About.Name]
			people, _ = st.Institution(config.About.Name)
			roles = whoIsWho{st.Institutions(), st.Granted(configs.RoleResearcher), st.Granted(configs.RoleAuditor)}
		})
		if err := mayJoin(config, c, people, seat); err != nil {
			return err
		}
		already := member != nil
		if already && member.Body.(*audit.Member).Node.Key != nodeParty.Party.Key {
			return &Error{string(audit.CodeEnrolled), config.About.Name + " is a member with another node key than the one here", "restore the node's key from its backup; if it is lost, end it first: smartstart node propose revoke " + config.About.Name}
		}
		if !o.json {
			printCharter(o, seat.Origin, c, roles)
		}
		if !already && !only {
			if member, err = s.Join(ctx, config.About.Name, nodeParty.Party, nodeParty.Secret); err != nil {
				return err
			}
		}
		if o.json {
			return o.document(struct {
				Charter *audit.Charter `json:"charter"`
				Member  bool           `json:"member"`
			}{c, member != nil})
		}
		switch {
		case already:
			o.print("%s accepted this charter before, in entry %d.", config.About.Name, member.Index)
		case only:
			o.print("Nothing was signed. Without --show-only, the approver of %s accepts this charter.", config.About.Name)
		default:
			o.print("The approver of %s has accepted this charter, in entry %d of the log.", config.About.Name, member.Index)
			o.print("next: smartstart node run --config %s", filepath.Join(filepath.Dir(config.About.Approver), "node.toml"))
		}
		return nil
	})
	if isStranger(err) {
		key := publicKeyFile(filepath.Join(filepath.Dir(config.About.Approver), "approver.key"))
		if err := party.Replace(key, []byte(seat.Party.Key+"\n"), 0o644); err != nil {
			return err
		}
		return &party.WaitError{What: fmt.Sprintf("the institutions of %s to admit %s: an approver of one proposes it with the public key in %s (smartstart node propose admit %s --approver FILE)",
			seat.Origin, config.About.Name, key, config.About.Name)}
	}
	return err
}

// nodeKeysBeside reads the node's keys, whose holder must agree to join.
func nodeKeysBeside(config *configs.Node) (*configs.Keys, error) {
	text, err := party.Read(config.About.Party, "party file", "enrol first")
	if err != nil {
		return nil, err
	}
	p, err := configs.ParseParty(text)
	if err != nil {
		return nil, err
	}
	return party.ReadKeys(p.Under(filepath.Dir(config.About.Party)).KeyFile)
}

// mayJoin refuses a charter that is not what this institution joined for.
func mayJoin(config *configs.Node, c *audit.Charter, people audit.Founder, approver *party.Seat) error {
	if people.Approver != approver.Party {
		return &Error{codeCharterKey, "the log does not name " + config.About.Name + " with the approver's key that is here", "do not accept it; ask the coordinator's operator what was written, and keep the log as evidence"}
	}
	text, _, err := nodeCodebook(config)
	if err != nil {
		return err
	}
	if crypto.DigestOf(text) != c.Codebook {
		return &Error{codeCodebook, "the charter's codebook is another file than " + config.Data.Codebook, "compare the two with the coordinator's operator; columns must mean the same everywhere"}
	}
	if c.Rehearsal && config.Data.Openness == configs.OpenConfidential {
		return &Error{node.CodeRehearsal, "this federation is a rehearsal and the records of " + config.About.Name + " are confidential", "rehearse with public or synthetic data; confidential data need an outside review of the encryption first"}
	}
	return nil
}

// whoIsWho is who belongs to the federation now.
type whoIsWho struct {
	institutions          []string
	researchers, auditors []audit.Party
}

// printCharter says what a charter binds to, in plain words.
func printCharter(o *output, origin string, c *audit.Charter, who whoIsWho) {
	t, err := crypto.ThresholdsFor(len(who.institutions), c.Forgetful, c.MinInstitutions, c.AllowPair)
	o.print("CHARTER of %s", origin)
	if c.Rehearsal {
		o.print("  A rehearsal: with public or synthetic data only.")
	}
	o.print("  Institutions   %s", strings.Join(who.institutions, ", "))
	o.print("  Who may ask    %s", partyNames(who.researchers))
	o.print("  Who may check  %s; and anybody who gets an audit bundle", partyNames(who.auditors))
	o.print("  What leaves    sums over rows, encrypted; never a row. Only totals over at least %d institutions are opened.", max(t.MinInstitutions, c.MinInstitutions))
	if c.Numbers > 0 {
		o.print("  At most        %s numbers are opened in one study", thousands(int(c.Numbers)))
	}
	if err == nil {
		o.print("  Who can open   %d of the %d together, when all take part; nobody alone, not the coordinator", t.T, t.N)
		o.print("  Withstands     %d of them working together with the coordinator, and no more", t.C)
	}
	o.print("  Uploads kept   %s", c.Retention)
	o.print("  Not promised   that data are true, that more than those do not conspire, that the encryption has had an outside review")
	o.print("  Every study still needs an approval of its own.")
	o.print("")
}

func partyNames(list []audit.Party) string {
	if len(list) == 0 {
		return "nobody"
	}
	names := make([]string, len(list))
	for i, p := range list {
		names[i] = p.Name
	}
	return strings.Join(names, ", ")
}
