package cmd

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/crypto"
)

func newNodeAdvise(o *output) *cobra.Command {
	var path, condition, objection string
	var agree bool
	var within wait
	c := &cobra.Command{
		Use:   "advise STUDY --agree | --agree-if TEXT | --object TEXT",
		Short: "Advise on a study as the institution's data protection officer",
		Long: `advise signs what the institution's data protection officer (FG) thinks of a
study, with that person's own key. The advice stands in the log, in node show and
in every report. It binds nobody: the approver decides. Newer advice takes the
place of older. A text has at most 1,000 bytes and stays for good: name roles in
it, never people.

` + exitCodes,
		Example: "  smartstart node advise --config board1/node.toml language-delay --agree-if \"the assessment is renewed before 2027\"",
		Args:    arguments(1, "node advise needs the name of one study; see smartstart node requests"),
		RunE: func(c *cobra.Command, args []string) error {
			body := &audit.Advice{Advice: "agree"}
			given := 0
			for _, said := range []struct{ flag, advice, text string }{{"agree", "agree", ""}, {"agree-if", "agree_if", condition}, {"object", "object", objection}} {
				if c.Flags().Changed(said.flag) {
					given++
					body.Advice, body.Text = said.advice, said.text
				}
			}
			if given != 1 || body.Advice == "agree" && !agree {
				return usage("an advice is one of three", "add --agree, --agree-if TEXT or --object TEXT")
			}
			ctx, cancel := within.context(c.Context())
			defer cancel()
			return asPerson(ctx, path, func(ctx context.Context, config *configs.Node, s *party.Session) (err error) {
				body.Institution = config.About.Name
				s.View(func(st *audit.State) {
					var proposed *audit.Study
					if proposed, err = party.Study(st, args[0]); err == nil {
						body.Proposal = proposed.Proposal.Hash
					}
				})
				if err != nil {
					return err
				}
				signed, err := s.Say(ctx, audit.Header{Study: args[0]}, body, nil)
				if err != nil {
					return err
				}
				if o.json {
					return o.document(struct {
						Study  string        `json:"study"`
						Advice string        `json:"advice"`
						Entry  int64         `json:"entry"`
						Digest crypto.Digest `json:"digest"`
					}{args[0], body.Advice, signed.Index, signed.Hash})
				}
				o.print("the data protection officer of %s advises on %s, in entry %d of the log: %s", config.About.Name, args[0], signed.Index, oneLine(adviceInWords(body)))
				return nil
			}, configs.RoleOfficer)
		},
	}
	nodeFlag(c, &path)
	within.register(c)
	c.Flags().BoolVar(&agree, "agree", false, "agree as it is")
	c.Flags().StringVar(&condition, "agree-if", "", "agree on a condition, which you state")
	c.Flags().StringVar(&objection, "object", "", "object, and say why")
	return c
}

func adviceInWords(a *audit.Advice) string {
	switch a.Advice {
	case "agree_if":
		return "agree if " + a.Text
	case "object":
		return "object: " + a.Text
	}
	return "agree"
}
