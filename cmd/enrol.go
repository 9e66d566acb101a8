package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
)

// newEnrol is `study enrol` and `audit enrol`: one person, one key.
func newEnrol(o *output, group, role string) *cobra.Command {
	var dir string
	var within wait
	c := &cobra.Command{
		Use:   "enrol TOKEN --dir DIR",
		Short: "Join the federation as " + role + " with a token",
		Long: fmt.Sprintf(`enrol makes the keys of a %s in a folder, exchanges the token for a
certificate, and writes party.toml. An enrolment that broke off is repeated with
the same command: the keys are made once. party.vkey is their public half: in a
federation that exists already an approver proposes with it that the %s is let
in. The same command with a token that coordinator invite made later renews the
certificate.

%s`, role, role, exitCodes),
		Example: fmt.Sprintf("  smartstart %s enrol %s.token --dir %s", group, role, role),
		Args:    arguments(1, group+" enrol needs one token file"),
		RunE: func(c *cobra.Command, args []string) error {
			if dir == "" {
				return usage("enrol needs a folder for the keys", "add --dir "+role)
			}
			token, err := party.ReadToken(args[0])
			if err != nil {
				return err
			}
			if token.Role != role {
				return &Error{"SS1205", fmt.Sprintf("the token is for the %s %s, not for a %s", token.Role, token.Name, role), "use the token that was made for you"}
			}
			if err := ownFolder(dir, token); err != nil {
				return err
			}
			keys, err := ownKeys(dir, token.Name, role)
			if err != nil {
				return err
			}
			ctx, cancel := within.context(c.Context())
			defer cancel()
			certificates, err := party.Enrol(ctx, token, keys)
			if err != nil {
				return err
			}
			p := &configs.Party{
				Name: token.Name, Role: role, Origin: token.Origin, Address: token.Address, CoordinatorKey: token.CoordinatorKey,
				CAFile: "ca.pem", CertificateFile: "party.crt", KeyFile: "party.key",
			}
			for _, f := range []struct {
				name    string
				content []byte
			}{{"ca.pem", []byte(token.CA)}, {"party.crt", certificates[0]}, {"party.toml", p.TOML()}} {
				if err := party.Replace(filepath.Join(dir, f.name), f.content, 0o644); err != nil {
					return err
				}
			}
			file := filepath.Join(dir, "party.toml")
			public, err := writePublicKey(filepath.Join(dir, "party.key"), keys)
			if err != nil {
				return err
			}
			in, err := letIn(ctx, file)
			if err != nil {
				return err
			}
			if err := o.joined(token, file, public, in, fmt.Sprintf("smartstart node propose grant %s %s --key %s", role, p.Name, public)); err != nil {
				return err
			}
			o.print("from now on: --config %s", file)
			return nil
		},
	}
	c.Flags().StringVar(&dir, "dir", "", "a folder for the keys and party.toml")
	within.register(c)
	return c
}

// ownFolder makes the folder, or finds there the same party of the same
// federation, whose certificate is then renewed.
func ownFolder(dir string, token *party.Token) error {
	if text, err := os.ReadFile(filepath.Join(dir, "party.toml")); err == nil {
		p, err := configs.ParseParty(text)
		if err == nil && p.Name == token.Name && p.Role == token.Role && p.Origin == token.Origin && p.CoordinatorKey == token.CoordinatorKey {
			_, err := party.ReadKeys(filepath.Join(dir, "party.key")) // new ones would not be those that joined
			return err
		}
	}
	return newFolder(dir, "party.toml")
}

// ownKeys reads the keys in dir, or makes them.
func ownKeys(dir, name, role string) (*configs.Keys, error) {
	path := filepath.Join(dir, "party.key")
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		keys, err := party.ReadKeys(path)
		if err == nil && keys.Owner != name {
			err = &Error{"SS1204", fmt.Sprintf("%s holds the keys of %s, not of %s", path, keys.Owner, name), "name another folder with --dir"}
		}
		return keys, err
	}
	keys, err := party.NewKeys(name, false)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("# The keys of the %s %s. Whoever holds them can sign under this name.\n", role, name)
	return keys, party.WriteNew(path, keys.TOML(note), 0o600)
}
