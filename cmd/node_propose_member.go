package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
)

// nobody is how a person is left out who was there.
const nobody = "none"

func newProposeAdmit(o *output) *cobra.Command {
	var p proposing
	var approver, second, officer string
	c := &cobra.Command{
		Use:   "admit NAME --approver KEY [--second KEY] [--officer KEY]",
		Short: "Propose a new institution, or new keys for the people of one",
		Long: `admit proposes that an institution joins, with these keys for its people; or, of
one that is in the federation, that its people get these keys in place of theirs.
Whom you do not name there keeps the key; none leaves the person out. A KEY is a
.vkey file, which node init and node enrol write, or the one line in it. Hear it
from its owner before you sign.

A new institution enrols its node with node enrol once a quorum has agreed.

` + exitCodes,
		Example: "  smartstart node propose admit board4 --approver board4-approver.vkey --config board1/node.toml\n" +
			"  smartstart node propose admit board1 --officer fg.vkey --config board1/node.toml",
		Args: arguments(1, "node propose admit needs the name of one institution"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.act(c.Context(), func(ctx context.Context, _ *configs.Node, s *party.Session) error {
				body := &audit.Member{Act: audit.ActAdmit}
				f := audit.Founder{Institution: args[0]}
				known := false
				s.View(func(st *audit.State) {
					body.Charter = st.Charter.Hash
					if old, ok := st.Institution(args[0]); ok {
						f, known = old, true
					}
				})
				if !known && approver == "" {
					return usage(args[0]+" is no institution of the federation, and a new one needs its approver's key", "add --approver FILE")
				}
				for _, person := range []struct {
					given, name string
					party       *audit.Party
				}{
					{approver, args[0] + ".approver", &f.Approver}, {second, args[0] + ".approver2", &f.Second}, {officer, args[0] + ".fg", &f.Officer},
				} {
					if person.given == "" {
						continue
					}
					*person.party = audit.Party{}
					if person.given == nobody {
						continue
					}
					key, err := readPublicKey(person.given)
					if err != nil {
						return err
					}
					if key.Name != person.name {
						return usage(fmt.Sprintf("%s is the key of %s, not of %s", person.given, key.Name, person.name), "give each person's own key")
					}
					*person.party = key
				}
				body.Admit = &f
				return moved(ctx, o, s, body, nextEndorse)
			})
		},
	}
	p.register(c)
	c.Flags().StringVar(&approver, "approver", "", "public key of the person mandated to approve")
	c.Flags().StringVar(&second, "second", "", "public key of a second approver, without whom nothing is approved")
	c.Flags().StringVar(&officer, "officer", "", "public key of the data protection officer, who advises")
	return c
}

func newProposeExpel(o *output) *cobra.Command {
	var p proposing
	c := &cobra.Command{
		Use:   "expel NAME",
		Short: "Propose that a whole institution leaves",
		Long: `expel proposes that an institution leaves the federation, with its node and all
its people. It counts as withdrawn from every study that is not closed.

` + exitCodes,
		Example: "  smartstart node propose expel board3 --config board1/node.toml",
		Args:    arguments(1, "node propose expel needs the name of one institution"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.act(c.Context(), func(ctx context.Context, _ *configs.Node, s *party.Session) error {
				body := &audit.Member{Act: audit.ActExpel, Institution: args[0]}
				s.View(func(st *audit.State) { body.Charter = st.Charter.Hash })
				return moved(ctx, o, s, body, nextEndorse)
			})
		},
	}
	p.register(c)
	return c
}

func newProposeGrant(o *output) *cobra.Command {
	var p proposing
	var key, until string
	c := &cobra.Command{
		Use:   "grant researcher|auditor NAME --key KEY [--until DATE]",
		Short: "Propose a new researcher or auditor",
		Long: `grant proposes that somebody may propose studies, or read and co-sign the record.
The coordinator's operator invites them (coordinator invite), they enrol, which
makes their key, and hand the .vkey file that it writes to an approver. Hear the
key from its owner before you sign. After --until a researcher proposes nothing
new; propose the grant again, with the same key, to give another end.

` + exitCodes,
		Example: "  smartstart node propose grant researcher asker --key asker.vkey --until 2027-07-31 --config board1/node.toml",
		Args:    arguments(2, "node propose grant needs a role and a name"),
		RunE: func(c *cobra.Command, args []string) error {
			role, name := args[0], args[1]
			switch {
			case role != configs.RoleResearcher && role != configs.RoleAuditor:
				return usage(fmt.Sprintf("%q is not granted", role), "choose researcher or auditor")
			case key == "":
				return usage("a grant names its owner's public key", "add --key FILE")
			}
			if _, err := time.Parse(time.DateOnly, until); until != "" && err != nil {
				return usage("--until is not a date", "write it as 2027-07-31")
			}
			who, err := readPublicKey(key)
			if err != nil {
				return err
			}
			if who.Name != name {
				return usage(fmt.Sprintf("%s is the key of %s, not of %s", key, who.Name, name), "give the person's own key")
			}
			return p.act(c.Context(), func(ctx context.Context, _ *configs.Node, s *party.Session) error {
				body := &audit.Member{Act: audit.ActGrant, Grant: &audit.Grant{Role: role, Party: who, Expires: until}}
				s.View(func(st *audit.State) { body.Charter = st.Charter.Hash })
				return moved(ctx, o, s, body, nextEndorse)
			})
		},
	}
	p.register(c)
	c.Flags().StringVar(&key, "key", "", "the .vkey file that enrolment wrote, or its one line")
	c.Flags().StringVar(&until, "until", "", "the last day on which a researcher proposes a study")
	return c
}

func newProposeRevoke(o *output) *cobra.Command {
	var p proposing
	c := &cobra.Command{
		Use:   "revoke NAME",
		Short: "Stop the own node's key at once, or propose that another key ends",
		Long: `revoke ends the key of a node, a researcher or an auditor. Of the institution's
own node it does so at once: say it as soon as a machine or its disk is lost. Then
make new keys, ask the coordinator's operator for a new token, and enrol again. For
anybody else's key it is a proposal.

` + exitCodes,
		Example: "  smartstart node propose revoke board1 --config board1/node.toml",
		Args:    arguments(1, "node propose revoke needs the name of one node, researcher or auditor"),
		RunE: func(c *cobra.Command, args []string) error {
			return p.act(c.Context(), func(ctx context.Context, config *configs.Node, s *party.Session) error {
				body := &audit.Member{Act: audit.ActRevoke, Revoke: args[0]}
				s.View(func(st *audit.State) { body.Charter = st.Charter.Hash })
				if args[0] != config.About.Name {
					return moved(ctx, o, s, body, nextEndorse)
				}
				signed, err := s.Say(ctx, audit.Header{}, body, nil)
				if err != nil {
					return err
				}
				if o.json {
					return o.document(struct {
						Revoked string `json:"revoked"`
						Entry   int64  `json:"entry"`
					}{args[0], signed.Index})
				}
				o.print("the key of the node of %s has ended, in entry %d of the log: it signs nothing more and is let in no more", args[0], signed.Index)
				o.print("next: make new keys in a new folder (smartstart node init), keep the approver's, and enrol with a new token")
				return nil
			})
		},
	}
	p.register(c)
	return c
}
