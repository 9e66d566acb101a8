package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/smartstart-federation/smartstart/api"
	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/coordinator"
)

// inWords is what messages call a role of an institution.
func inWords(role string) string {
	switch role {
	case configs.RoleSecond:
		return "second approver"
	case configs.RoleOfficer:
		return "data protection officer"
	}
	return role
}

// personFile is the party file of one of the institution's mandated people.
func personFile(config *configs.Node, role string) string {
	switch role {
	case configs.RoleSecond:
		return config.About.Second
	case configs.RoleOfficer:
		return config.About.Officer
	}
	return config.About.Approver
}

// personSeat opens the seat of the first of these roles whose files are on this
// machine: each person has a machine and a key of their own.
func personSeat(config *configs.Node, roles ...string) (*party.Seat, error) {
	for _, role := range roles {
		if _, err := os.Stat(personFile(config, role)); !errors.Is(err, fs.ErrNotExist) {
			return nodeSeat(config, personFile(config, role), role)
		}
	}
	return nodeSeat(config, personFile(config, roles[0]), roles[0])
}

func approverSeat(config *configs.Node) (*party.Seat, error) {
	return personSeat(config, configs.RoleApprover)
}

// asPerson connects as one of the institution's mandated people; the charter is
// there when act is called.
func asPerson(ctx context.Context, path string, act func(context.Context, *configs.Node, *party.Session) error, roles ...string) error {
	config, err := nodeConfig(path)
	if err != nil {
		return err
	}
	seat, err := personSeat(config, roles...)
	if err != nil {
		return err
	}
	return seat.Act(ctx, func(ctx context.Context, s *party.Session) error {
		if _, err := s.Charter(ctx); err != nil {
			return err
		}
		return act(ctx, config, s)
	})
}

// asAnybody connects as whoever of the institution's mandated people has their
// files here: for what only reads.
func asAnybody(ctx context.Context, path string, act func(context.Context, *configs.Node, *party.Session) error) error {
	return asPerson(ctx, path, act, configs.RoleApprover, configs.RoleSecond, configs.RoleOfficer)
}

// publicKeyFile is where the public half of a key file stands: what others need
// to name its owner. It holds one line and is no secret.
func publicKeyFile(keyFile string) string {
	return keyFile[:len(keyFile)-len(filepath.Ext(keyFile))] + ".vkey"
}

// writePublicKey writes the public half of keys beside their file.
func writePublicKey(keyFile string, keys *configs.Keys) (string, error) {
	seat, err := party.NewSeat(keys)
	if err != nil {
		return "", err
	}
	path := publicKeyFile(keyFile)
	return path, party.Replace(path, []byte(seat.Party.Key+"\n"), 0o644)
}

// isStranger reports whether the coordinator let a party out because the log
// does not know it, or not any more.
func isStranger(err error) bool {
	var e *api.Error
	return errors.As(err, &e) && e.Code() == "SS6302"
}

// letIn asks whether the federation lets a party in that has joined. Before its
// charter it does; after that the institutions decide.
func letIn(ctx context.Context, file string) (bool, error) {
	seat, _, err := party.Open(file)
	if err != nil {
		return false, err
	}
	client, err := seat.Dial()
	if err != nil {
		return false, err
	}
	defer client.Close()
	_, err = client.Checkpoint(ctx)
	if isStranger(err) {
		return false, nil
	}
	return err == nil, err
}

// joinPerson makes the key of a second approver or data protection officer and
// exchanges the token for its certificate.
func joinPerson(ctx context.Context, o *output, config *configs.Node, dir string, token *party.Token) error {
	_, institution := coordinator.RoleOf(token.Name)
	if institution != config.About.Name {
		return &Error{"SS1205", fmt.Sprintf("the token is for the %s %s, and this is the node file of %s", inWords(token.Role), token.Name, config.About.Name), "use the token and the node.toml of one institution"}
	}
	file := personFile(config, token.Role)
	base := filepath.Base(file[:len(file)-len(filepath.Ext(file))])
	keyFile := filepath.Join(dir, base+".key")
	keys, err := personKeys(keyFile, token, institution)
	if err != nil {
		return err
	}
	certificates, err := party.Enrol(ctx, token, keys)
	if err != nil {
		return err
	}
	p := &configs.Party{
		Name: token.Name, Role: token.Role, Institution: institution, Origin: token.Origin, Address: token.Address, CoordinatorKey: token.CoordinatorKey,
		CAFile: "ca.pem", CertificateFile: base + ".crt", KeyFile: base + ".key",
	}
	for _, f := range []struct {
		path    string
		content []byte
	}{{filepath.Join(dir, "ca.pem"), []byte(token.CA)}, {filepath.Join(dir, base+".crt"), certificates[0]}, {file, p.TOML()}} {
		if err := party.Replace(f.path, f.content, 0o644); err != nil {
			return err
		}
	}
	public, err := writePublicKey(keyFile, keys)
	if err != nil {
		return err
	}
	in, err := letIn(ctx, file)
	if err != nil {
		return err
	}
	flag := map[string]string{configs.RoleSecond: "--second", configs.RoleOfficer: "--officer"}[token.Role]
	return o.joined(token, file, public, in, fmt.Sprintf("smartstart node propose admit %s %s %s", institution, flag, public))
}

// personKeys reads the keys of a person, or makes them.
func personKeys(path string, token *party.Token, institution string) (*configs.Keys, error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		keys, err := party.ReadKeys(path)
		if err == nil && keys.Owner != token.Name {
			err = &Error{"SS1204", fmt.Sprintf("%s holds the keys of %s, not of %s", path, keys.Owner, token.Name), "restore the right file from a backup"}
		}
		return keys, err
	}
	keys, err := party.NewKeys(token.Name, false)
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("# The key of the %s of %s.\n# It belongs to that person and to nobody else.\n", inWords(token.Role), institution)
	return keys, party.WriteNew(path, keys.TOML(note), 0o600)
}

// joined says how a person has joined, and what is left to do.
func (o *output) joined(token *party.Token, file, public string, in bool, command string) error {
	if o.json {
		return o.document(struct {
			Name   string `json:"name"`
			Role   string `json:"role"`
			Origin string `json:"origin"`
			Config string `json:"config"`
			Public string `json:"public_key"`
			Member bool   `json:"let_in"`
		}{token.Name, token.Role, token.Origin, file, public, in})
	}
	o.print("%s has joined %s as %s; the token is used up", token.Name, token.Origin, inWords(token.Role))
	if !in {
		o.print("the federation exists already: it lets %s in once its institutions have agreed", token.Name)
		o.print("next, by an approver, who hears the key from you: %s", command)
	}
	return nil
}

// readPublicKey reads a verifier key, from a file or as it is.
func readPublicKey(given string) (audit.Party, error) {
	text := given
	if _, err := os.Stat(given); err == nil {
		b, err := readFile(given, "public key")
		if err != nil {
			return audit.Party{}, err
		}
		text = string(b)
	}
	p, err := party.PublicKey(text)
	if err != nil {
		return p, usage(fmt.Sprintf("%.80q is neither a file with a public key nor one itself", given), "give the .vkey file that its owner's enrolment wrote; hear its owner read it out")
	}
	return p, nil
}
