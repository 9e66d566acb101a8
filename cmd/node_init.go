package cmd

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
)

// joining is what node init is asked to make.
type joining struct{ dir, name, data, codebook, openness, pseudonym string }

func newNodeInit(o *output) *cobra.Command {
	var f joining
	c := &cobra.Command{
		Use:   "init --dir DIR --name NAME --data FILE --codebook FILE --openness public|synthetic|confidential",
		Short: "Make an institution's folder: node.toml, the node's key, the approver's key",
		Long: `init makes a folder with node.toml, the keys of the node, and, in a file of its
own, the key of the person who is mandated to approve studies. The data file
stays where it is; nothing is copied from it or sent anywhere.

approver.key belongs to the mandated person and to nobody else. Whoever holds
it can approve studies for the institution. When the two are not the same
person's, move it off the node's machine, after node enrol has accepted the
charter: enrolling needs both keys in one place, once.

` + exitCodes,
		Example: "  smartstart node init --dir board1 --name board1 --data pupils.csv --codebook codebook.toml --openness public",
		Args:    arguments(0, ""),
		RunE: func(*cobra.Command, []string) error {
			if err := f.make(); err != nil {
				return err
			}
			done := struct {
				Config      string `json:"config"`
				NodeKey     string `json:"node_key"`
				ApproverKey string `json:"approver_key"`
				Public      string `json:"approver_public_key"`
			}{filepath.Join(f.dir, "node.toml"), filepath.Join(f.dir, "node.key"), filepath.Join(f.dir, "approver.key"),
				publicKeyFile(filepath.Join(f.dir, "approver.key"))}
			if o.json {
				return o.document(done)
			}
			o.print("%s is set up in %s", f.name, f.dir)
			o.print("  %s  what this institution takes part in; read it", done.Config)
			o.print("  %s  the node's keys: leave them here", done.NodeKey)
			o.print("  %s  belongs to the person mandated to approve studies for %s, and to nobody else", done.ApproverKey, f.name)
			o.print("  %s  its public half: no secret; a federation that exists already needs it to admit %s", done.Public, f.name)
			o.print("next: smartstart node enrol --config %s TOKEN", done.Config)
			return nil
		},
	}
	c.Flags().StringVar(&f.dir, "dir", "", "a new folder")
	c.Flags().StringVar(&f.name, "name", "", "the institution's name, as it was invited")
	c.Flags().StringVar(&f.data, "data", "", "the CSV file with the institution's rows")
	c.Flags().StringVar(&f.codebook, "codebook", "", "the federation's codebook")
	c.Flags().StringVar(&f.openness, "openness", "", "public, synthetic or confidential")
	c.Flags().StringVar(&f.pseudonym, "pseudonym", "", "the column that tells whose row a row is; makes an empty list of objections")
	return c
}

func (f *joining) make() error {
	if f.dir == "" || f.name == "" || f.data == "" || f.codebook == "" || f.openness == "" {
		return usage("node init needs --dir, --name, --data, --codebook and --openness", "see smartstart node init --help")
	}
	if !audit.ValidName(f.name) {
		return usage(fmt.Sprintf("%q cannot name an institution", f.name), "use letters, digits, - _ . and begin with a letter or digit")
	}
	if strings.ContainsAny(f.pseudonym, ",\"\r\n") {
		return usage("--pseudonym is not the name of one column", "give the column as it stands in the first line of the file")
	}
	data, err := f.seen(f.data)
	if err != nil {
		return err
	}
	codebook, err := f.seen(f.codebook)
	if err != nil {
		return err
	}
	text := f.config(data, codebook)
	if _, err := configs.ParseNode(text); err != nil {
		return err
	}
	for _, path := range []string{f.data, f.codebook} {
		if path == f.codebook {
			b, err := readFile(path, "codebook")
			if err != nil {
				return err
			}
			if _, err := configs.ParseCodebook(b); err != nil {
				return inFile(path, err)
			}
		} else if err := readable(path); err != nil {
			return err
		}
	}
	if err := newFolder(f.dir, "node.toml"); err != nil {
		return err
	}
	for _, k := range []struct {
		owner, file, note string
		node              bool
	}{
		{f.name, "node.key", "# The keys of the node of " + f.name + ". They cannot approve anything. Keep them on the node's machine and in its backup.\n", true},
		{f.name + ".approver", "approver.key", "# The key of the person who is mandated to approve studies for " + f.name + ".\n" +
			"# It belongs to that person and to nobody else: whoever holds it approves in the name of " + f.name + ".\n", false},
	} {
		keys, err := party.NewKeys(k.owner, k.node)
		if err != nil {
			return err
		}
		path := filepath.Join(f.dir, k.file)
		if err := party.WriteNew(path, keys.TOML(k.note), 0o600); err != nil {
			return err
		}
		if !k.node {
			if _, err := writePublicKey(path, keys); err != nil {
				return err
			}
		}
	}
	if f.pseudonym != "" {
		if err := party.WriteNew(filepath.Join(f.dir, "objections.csv"), []byte(f.pseudonym+"\n"), 0o600); err != nil {
			return err
		}
	}
	return party.WriteNew(filepath.Join(f.dir, "node.toml"), text, 0o644)
}

// seen returns path as seen from the new folder.
func (f *joining) seen(path string) (string, error) {
	if filepath.IsAbs(path) {
		return path, nil
	}
	dir, err := filepath.Abs(f.dir)
	if err != nil {
		return "", err
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.Rel(dir, full)
}

// config is node.toml.
func (f *joining) config(data, codebook string) []byte {
	objections := `# objections = "objections.csv"   # the list of those who object: its first line names the column of pseudonyms`
	if f.pseudonym != "" {
		objections = `objections = "objections.csv"   # one pseudonym a line under the column's name; nobody objects yet`
	}
	return fmt.Appendf(nil, `# The node of %s. Only this file decides what this institution takes part in.
# configs/node.sample.toml explains every key. Paths are relative to this file.

[node]
name = %q

[data]
source = "csv"
path = %q
openness = %q
codebook = %q
%s

[policy]
min_rows = 30             # fewer complete rows than this: the node does not take part
min_institutions = 3      # fewer institutions in the sum than this: the node does not take part
# allow_columns = ["iq_*", "girl"]   # nothing else is used; left out: any column of the codebook
# deny_columns = ["name"]            # never used
# allow_methods = ["linear", "logistic"]
# run_between = "20:00-06:00"
`, f.name, f.name, filepath.ToSlash(data), f.openness, filepath.ToSlash(codebook), objections)
}
