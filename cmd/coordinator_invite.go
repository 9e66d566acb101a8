package cmd

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/crypto"
)

func newCoordinatorInvite(o *output) *cobra.Command {
	var path string
	var days int
	c := &cobra.Command{
		Use:   "invite NAME [--config coordinator.toml]",
		Short: "Give a party that is invited a new token: to join, or to renew its certificates",
		Long: `invite makes a new join token for a party that coordinator init invited. The
token before it is worth nothing from then on. The coordinator may be running.

Before NAME has joined, the new token replaces one that was lost, seen by others,
or has expired. After it, the new token renews the certificates of the keys that
NAME joined with, and of no other keys: those are in the charter. The party uses
it with the same command as the first time, on each machine that has one of its
keys. Certificates are valid for 397 days.

` + exitCodes,
		Example: "  smartstart coordinator invite board1 --config coordinator/coordinator.toml",
		Args:    arguments(1, "coordinator invite needs the name of one party"),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := tokenDays(days); err != nil {
				return err
			}
			given, err := invite(path, args[0], days)
			if err != nil {
				return err
			}
			if o.json {
				return o.document(given)
			}
			o.print("hand over privately, to the %s %s: %s", given.Role, given.Name, given.File)
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
	c.Flags().IntVar(&days, "token-days", 14, "days that the token may be used")
	return c
}

// invitedAgain is the document of coordinator invite.
type invitedAgain struct {
	tokenGiven
	Expires string `json:"token_expires"`
	Renews  bool   `json:"renews"` // certificates of keys that have joined
}

func invite(path, name string, days int) (*invitedAgain, error) {
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
	if invited == nil {
		var names []string
		for _, i := range invitations.All() {
			names = append(names, i.Name)
		}
		return nil, usage(fmt.Sprintf("%q is not invited to this federation", name),
			"invited are "+joinOr([]string{strings.Join(names, ", ")}, "none")+"; who is in a federation is fixed when it is founded")
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
	if err := invitations.Replace(name, crypto.DigestOf(t.Secret), t.Expires); err != nil {
		return nil, err
	}
	file := filepath.Join(folder, name+".token")
	if err := party.Replace(file, text, 0o600); err != nil {
		return nil, err
	}
	return &invitedAgain{tokenGiven{name, invited.Role, file}, t.Expires.Format(time.DateOnly), len(invited.Joined) > 0}, nil
}

// tokenDays bounds how long a token may be used.
func tokenDays(days int) error {
	if days < 1 || days > 90 {
		return usage(fmt.Sprintf("a token of %d days is not given out", days), "choose 1 to 90 with --token-days")
	}
	return nil
}
