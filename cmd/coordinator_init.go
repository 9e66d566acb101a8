package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/coordinator"
	"github.com/smartstart-federation/smartstart/coordinator/ca"
	"github.com/smartstart-federation/smartstart/crypto"
)

// founding is what coordinator init is asked to make.
type founding struct {
	dir, name, listen, codebook string
	hosts                       []string
	institutions                []string
	seconds, officers           []string // institutions that have them
	numbers                     int64
	researchers, auditors       []string
	minInstitutions, forgetful  int
	retention                   string
	days                        int
}

const coordinatorName = "coordinator"

func newCoordinatorInit(o *output) *cobra.Command {
	var f founding
	c := &cobra.Command{
		Use:   "init --dir DIR --name ORIGIN --listen HOST:PORT --host NAMES --codebook FILE --invite NAMES --researcher NAME --auditor NAME",
		Short: "Make the coordinator's keys and one join token an invited party",
		Long: `init makes a folder with the coordinator's signing key, a certificate
authority, coordinator.toml, a copy of the codebook, and a one-time join token
for each invited party: the institutions, for those named with --second and
--officer their second approver and data protection officer, the researchers and
the auditors. Give each token to its person privately: whoever uses it first joins
in that party's name. Of its secret only a digest is kept.

The charter is written, once, when everybody invited has joined; who is invited
here founds the federation. After that the institutions decide among themselves
who comes and goes and which rules change: see node propose.

` + exitCodes,
		Example: "  smartstart coordinator init --dir coordinator --name federation.example.org/log \\\n" +
			"    --listen 0.0.0.0:443 --host federation.example.org --codebook codebook.toml \\\n" +
			"    --invite board1,board2,board3 --researcher researcher --auditor auditor",
		Args: arguments(0, ""),
		RunE: func(*cobra.Command, []string) error {
			done, err := f.make()
			if err != nil {
				return err
			}
			if o.json {
				return o.document(done)
			}
			o.print("%s is set up in %s; its log is %s", coordinatorName, f.dir, f.name)
			o.print("hand over privately, one each:")
			for _, t := range done.Tokens {
				o.print("  %-11s  %s", inWords(t.Role), t.File)
			}
			o.print("each works once, until %s", done.Expires)
			o.print("next: smartstart coordinator run --config %s", done.Config)
			return nil
		},
	}
	c.Flags().StringVar(&f.dir, "dir", "", "a new folder")
	c.Flags().StringVar(&f.name, "name", "", "the name of the federation and its log, such as federation.example.org/log")
	c.Flags().StringVar(&f.listen, "listen", "", "where to listen, such as 0.0.0.0:443")
	c.Flags().StringSliceVar(&f.hosts, "host", nil, "names and addresses that others dial; the first goes into the tokens")
	c.Flags().StringVar(&f.codebook, "codebook", "", "the codebook of the federation")
	c.Flags().StringSliceVar(&f.institutions, "invite", nil, "names of the institutions")
	c.Flags().StringSliceVar(&f.seconds, "second", nil, "institutions with a second approver, who gets a token too: both must then approve")
	c.Flags().StringSliceVar(&f.officers, "officer", nil, "institutions whose data protection officer gets a token too: to advise on studies")
	c.Flags().Int64Var(&f.numbers, "numbers", 0, "the most numbers that one study may open, over all its rounds; 0: no cap")
	c.Flags().StringSliceVar(&f.researchers, "researcher", nil, "names of the researchers")
	c.Flags().StringSliceVar(&f.auditors, "auditor", nil, "names of the auditors")
	c.Flags().IntVar(&f.minInstitutions, "min-institutions", 3, "institutions that every opened sum has at least")
	c.Flags().IntVar(&f.forgetful, "forgetful", 0, "nodes that may forget a vote or a release (a restored disk, a cloned machine) without harm; each raises the number needed to open")
	c.Flags().StringVar(&f.retention, "retention", "until the federation ends", "how long uploads are kept, in words, for the charter")
	c.Flags().IntVar(&f.days, "token-days", 14, "days that a token may be used")
	return c
}

// founded is the document of coordinator init.
type founded struct {
	Config  string       `json:"config"`
	Origin  string       `json:"origin"`
	Address string       `json:"address"`
	Expires string       `json:"tokens_expire"`
	Tokens  []tokenGiven `json:"tokens"`
}

type tokenGiven struct {
	Name string `json:"name"`
	Role string `json:"role"`
	File string `json:"file"`
}

func (f *founding) make() (*founded, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	codebook, err := readFile(f.codebook, "codebook")
	if err != nil {
		return nil, err
	}
	if _, err := configs.ParseCodebook(codebook); err != nil {
		return nil, inFile(f.codebook, err)
	}
	if err := newFolder(f.dir, "coordinator.toml"); err != nil {
		return nil, err
	}
	authority, err := ca.NewAuthority(f.name)
	if err != nil {
		return nil, err
	}
	key, err := f.keys(authority)
	if err != nil {
		return nil, err
	}
	done, err := f.invite(authority, key)
	if err != nil {
		return nil, err
	}
	for _, file := range []struct {
		name    string
		content []byte
	}{{"ca.pem", authority.PEM()}, {"codebook.toml", codebook}, {"coordinator.toml", f.config()}} { // the last is the sign that all is there
		if err := party.WriteNew(filepath.Join(f.dir, file.name), file.content, 0o644); err != nil {
			return nil, err
		}
	}
	return done, nil
}

// check refuses what could never become a federation.
func (f *founding) check() error {
	var config configs.Coordinator
	switch {
	case f.dir == "" || f.name == "" || f.listen == "" || f.codebook == "" || len(f.hosts) == 0 || len(f.institutions) == 0:
		return usage("coordinator init needs --dir, --name, --listen, --host, --codebook and --invite", "see smartstart coordinator init --help")
	case len(f.researchers) == 0:
		return usage("nobody could ever propose a study: no researcher is invited", "add --researcher NAME")
	}
	if err := tokenDays(f.days); err != nil {
		return err
	}
	parsed, err := configs.ParseCoordinator(f.config())
	if err != nil {
		return err
	}
	config = *parsed
	seen := map[string]bool{coordinatorName: true}
	for _, name := range slices.Concat(f.institutions, f.researchers, f.auditors) {
		switch {
		case !audit.ValidName(name) || len(name) > 40:
			return usage(fmt.Sprintf("%q cannot name a party", name), "use 1 to 40 letters, digits, - _ . and begin with a letter or digit")
		case keptName(name):
			return usage(fmt.Sprintf("the name %q is kept for keys that the federation makes itself", name), "choose another name")
		case seen[name]:
			return usage(fmt.Sprintf("the name %q is used twice", name), "give every party a name of its own; coordinator is one already")
		}
		seen[name] = true
	}
	for _, name := range slices.Concat(f.seconds, f.officers) {
		if !slices.Contains(f.institutions, name) {
			return usage(fmt.Sprintf("%q is not invited, so it has no second approver and no officer", name), "name institutions that stand in --invite")
		}
	}
	f.seconds, f.officers = unique(f.seconds), unique(f.officers)
	if n := len(f.institutions); n < leastInstitutions {
		return &Error{codeTooFew, plural(n, "institution") + " cannot compute together: every sum has at least three, because of two each could subtract its own numbers",
			"invite more institutions"}
	}
	if _, err := crypto.ThresholdsFor(len(f.institutions), f.forgetful, config.Charter.MinInstitutions, false); err != nil {
		return &Error{codeTerms, fmt.Sprintf("%s cannot compute together under these terms: %v", plural(len(f.institutions), "institution"), err),
			"invite other institutions, or change --min-institutions and --forgetful"}
	}
	return nil
}

// keys makes coordinator.key.
func (f *founding) keys(authority *ca.Authority) (*configs.Keys, error) {
	keys, err := party.NewKeys(coordinatorName, false)
	if err != nil {
		return nil, err
	}
	pem, err := authority.KeyPEM()
	if err != nil {
		return nil, err
	}
	keys.TLS, keys.Authority = "", configs.Secret(pem)
	note := "# The coordinator's keys: one signs the log, one issues certificates. They open no sum.\n" +
		"# Whoever has them can write a false log under this name. Keep a copy where only the operator can read it.\n"
	return keys, party.WriteNew(filepath.Join(f.dir, "coordinator.key"), keys.TOML(note), 0o600)
}

// invite makes the invitations and the tokens.
func (f *founding) invite(authority *ca.Authority, keys *configs.Keys) (*founded, error) {
	seat, err := party.NewSeat(keys)
	if err != nil {
		return nil, err
	}
	invitations, err := coordinator.OpenInvitations(filepath.Join(f.dir, "invitations"))
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(f.dir, "tokens"), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	_, port, err := net.SplitHostPort(f.listen)
	if err != nil {
		return nil, err
	}
	with := issuing{
		authority: authority, origin: f.name, address: net.JoinHostPort(f.hosts[0], port), key: seat.Party.Key,
		life: time.Duration(f.days) * 24 * time.Hour,
	}
	done := &founded{Config: filepath.Join(f.dir, "coordinator.toml"), Origin: f.name, Address: with.address, Tokens: []tokenGiven{}}
	for _, group := range []struct {
		role  string
		names []string
	}{{coordinator.RoleInstitution, f.institutions}, {coordinator.RoleSecond, named(f.seconds, coordinator.SuffixSecond)},
		{coordinator.RoleOfficer, named(f.officers, coordinator.SuffixOfficer)}, {coordinator.RoleResearcher, f.researchers}, {coordinator.RoleAuditor, f.auditors}} {
		for _, name := range group.names {
			t, text, err := with.token(name, group.role)
			if err != nil {
				return nil, err
			}
			path := filepath.Join(f.dir, "tokens", name+".token")
			if err := party.WriteNew(path, text, 0o600); err != nil {
				return nil, err
			}
			err = invitations.Invite(&coordinator.Invitation{Name: name, Role: group.role, Secret: crypto.DigestOf(t.Secret), Expires: t.Expires})
			if err != nil {
				return nil, err
			}
			done.Expires = t.Expires.Format(time.DateOnly)
			done.Tokens = append(done.Tokens, tokenGiven{name, group.role, path})
		}
	}
	return done, nil
}

// config is coordinator.toml.
func (f *founding) config() []byte {
	hosts := make([]string, len(f.hosts))
	for i, h := range f.hosts {
		hosts[i] = fmt.Sprintf("%q", h)
	}
	return fmt.Appendf(nil, `# The coordinator of %s. configs/coordinator.sample.toml explains every key.

[coordinator]
name = %q

[serve]
listen = %q
hosts = [%s]

[charter]                 # what the charter will say; once it is written, only the institutions amend it
codebook = "codebook.toml"
min_institutions = %d
forgetful = %d
numbers = %d
retention = %q
`, f.name, f.name, f.listen, strings.Join(hosts, ", "), f.minInstitutions, f.forgetful, f.numbers, f.retention)
}

// keptName reports whether a name is one that the federation makes itself.
func keptName(name string) bool {
	role, _ := coordinator.RoleOf(name)
	return role != "" || strings.HasSuffix(name, coordinator.SuffixApprover) || strings.HasPrefix(name, "join.")
}

// unique sorts names and drops doubles: naming somebody twice is the same wish.
func unique(names []string) []string { return slices.Compact(slices.Sorted(slices.Values(names))) }

// named is what people of institutions are called in the log.
func named(institutions []string, suffix string) []string {
	var names []string
	for _, i := range institutions {
		names = append(names, i+suffix)
	}
	return names
}

// newFolder makes a folder that holds no file called name yet.
func newFolder(dir, name string) error {
	if _, err := os.Stat(filepath.Join(dir, name)); err == nil {
		return &Error{"SS1005", fmt.Sprintf("%s holds a %s already", dir, name), "name a new folder with --dir"}
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return &Error{"SS1006", fmt.Sprintf("the folder %s cannot be made: %v", filepath.Clean(dir), err), "name another folder with --dir"}
	}
	return nil
}
