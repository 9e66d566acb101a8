package cmd

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/coordinator"
	"github.com/smartstart-federation/smartstart/crypto"
)

func newCoordinatorInvite(o *output) *cobra.Command {
	var path, role string
	var days int
	c := &cobra.Command{
		Use:   "invite NAME [--role ROLE] [--config coordinator.toml]",
		Short: "Give a party a token: to join, or to renew its certificates",
		Long: `invite makes a join token. The coordinator may be running.

For a new party --role says what it is to be: institution, researcher or auditor.
NAME.approver2 and NAME.fg are the second approver and the data protection officer
of the institution NAME, without --role. Before the charter is written the new
party is one of the founders. After it, a token lets a party make its keys and get
certificates; it is let in once the institutions have admitted or granted it in the
log (node propose), and the keys must be those that they named.

For a party that is invited already the token before is worth nothing from then
on.

Before NAME has joined, the new token replaces one that was lost, seen by others,
or has expired. After it, the new token renews the certificates of the keys that
NAME joined with, and of no other keys, unless the log has ended those. The party uses
it with the same command as the first time, on each machine that has one of its
keys. Certificates are valid for 397 days.

` + exitCodes,
		Example: "  smartstart coordinator invite board1 --config coordinator/coordinator.toml",
		Args:    arguments(1, "coordinator invite needs the name of one party"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := tokenDays(days); err != nil {
				return err
			}
			given, err := invite(path, args[0], role, days)
			if err != nil {
				return err
			}
			if o.json {
				return o.document(given)
			}
			o.print("hand over privately, to the %s %s: %s", inWords(given.Role), given.Name, given.File)
			if given.New {
				o.print("%s is invited; it works once, until %s", given.Name, given.Expires)
				return nil
			}
			if given.Renews {
				o.print("%s has joined: until %s the token renews the certificates of the keys that it joined with", given.Name, given.Expires)
			} else {
				o.print("it works once, until %s", given.Expires)
			}
			o.print("the token that %s had before works no longer", given.Name)
			return nil
		},
	}
	c.Flags().StringVar(&path, "config", "coordinator.toml", "the file that coordinator init wrote")
	c.Flags().StringVar(&role, "role", "", "of a new party: institution, researcher or auditor")
	c.Flags().IntVar(&days, "token-days", 14, "days that the token may be used")
	return c
}

// invitedAgain is the document of coordinator invite.
type invitedAgain struct {
	tokenGiven
	Expires string `json:"token_expires"`
	New     bool   `json:"new"`    // it was not invited before
	Renews  bool   `json:"renews"` // certificates of keys that have joined
}

func invite(path, name, role string, days int) (*invitedAgain, error) {
	config, err := coordinatorConfig(path)
	if err != nil {
		return nil, err
	}
	c, err := openCoordinator(config)
	if err != nil {
		return nil, err
	}
	invitations := c.Enrol.Invitations
	invited := invitations.Get(name)
	isNew := invited == nil
	if isNew {
		if role, err = newRole(invitations, name, role); err != nil {
			return nil, err
		}
		invited = &coordinator.Invitation{Name: name, Role: role}
	} else if role != "" && role != invited.Role {
		return nil, usage(fmt.Sprintf("%s is invited as %s", name, inWords(invited.Role)), "leave out --role, or choose another name")
	}
	_, port, err := net.SplitHostPort(config.Serve.Listen)
	if err != nil {
		return nil, err
	}
	f := issuing{
		authority: c.Enrol.Authority, origin: c.Origin, key: c.Key, address: net.JoinHostPort(config.Serve.Hosts[0], port),
		life: time.Duration(days) * 24 * time.Hour,
	}
	t, text, err := f.token(name, invited.Role)
	if err != nil {
		return nil, err
	}
	folder := filepath.Join(filepath.Dir(path), "tokens")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	// The invitation first: a token whose secret the coordinator does not know
	// would be handed over in vain. When the file then cannot be written the same
	// command makes both anew.
	if isNew {
		err = invitations.Invite(&coordinator.Invitation{Name: name, Role: role, Secret: crypto.DigestOf(t.Secret), Expires: t.Expires})
	} else {
		err = invitations.Replace(name, crypto.DigestOf(t.Secret), t.Expires)
	}
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, name+".token")
	if err := party.Replace(file, text, 0o600); err != nil {
		return nil, err
	}
	return &invitedAgain{tokenGiven{name, invited.Role, file}, t.Expires.Format(time.DateOnly), isNew, len(invited.Joined) > 0}, nil
}

// newRole says as what a party is invited that was not before.
func newRole(invitations *coordinator.Invitations, name, role string) (string, error) {
	told, institution := coordinator.RoleOf(name)
	switch {
	case told != "" && role != "" && role != told:
		return "", usage(fmt.Sprintf("%s is a %s by its name", name, inWords(told)), "leave out --role")
	case told != "":
		if i := invitations.Get(institution); i == nil || i.Role != coordinator.RoleInstitution {
			return "", usage(fmt.Sprintf("%q is no institution that is invited", institution), "invite the institution first")
		}
		return told, nil
	case role == "":
		var names []string
		for _, i := range invitations.All() {
			names = append(names, i.Name)
		}
		return "", usage(fmt.Sprintf("%q is not invited to this federation", name),
			"invited are "+joinOr([]string{strings.Join(names, ", ")}, "none")+"; to invite somebody new, add --role institution, researcher or auditor")
	case role != coordinator.RoleInstitution && role != coordinator.RoleResearcher && role != coordinator.RoleAuditor:
		return "", usage(fmt.Sprintf("--role %s is not known", role), "choose institution, researcher or auditor")
	case !audit.ValidName(name) || len(name) > 40 || keptName(name) || name == coordinatorName:
		return "", usage(fmt.Sprintf("%q cannot name a party", name), "use 1 to 40 letters, digits, - _ . and begin with a letter or digit")
	}
	return role, nil
}

// tokenDays bounds how long a token may be used.
func tokenDays(days int) error {
	if days < 1 || days > 90 {
		return usage(fmt.Sprintf("a token of %d days is not given out", days), "choose 1 to 90 with --token-days")
	}
	return nil
}
