package cmd

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/node"
	"github.com/smartstart-federation/smartstart/node/records"
)

func newNodeShow(o *output) *cobra.Command {
	var path string
	var within wait
	c := &cobra.Command{
		Use:   "show STUDY|ID [--config node.toml]",
		Short: "Say what a study, or a change of the federation, asks of this institution: read it before approving",
		Long: `show says who asks, why and until when, which columns are read and which never
are, how many rows that is, what leaves this institution and who can open it, what
the node's own policy says of it, and what is not protected. It is for the
institution's own eyes: it counts rows. It reads the records and sends nothing.

With the id of a change that node requests lists, show says what would change, who
proposed it and who agreed; of a publication, every figure that becomes public.

` + exitCodes,
		Example: "  smartstart node show --config board1/node.toml language-delay",
		Args:    arguments(1, "node show needs the name of one study; see smartstart node requests"),
		RunE: func(c *cobra.Command, args []string) error {
			ctx, cancel := within.context(c.Context())
			defer cancel()
			return asAnybody(ctx, path, func(ctx context.Context, config *configs.Node, s *party.Session) error {
				m, err := motionNamed(s, args[0])
				if err != nil {
					return err
				}
				if m != nil {
					document, err := checkPublished(ctx, s, m.Statement)
					if err != nil {
						return err
					}
					return showMotion(o, s, m.Statement.Hash, document, nextEndorse)
				}
				e, decision, known, err := explanation(ctx, config, s, args[0])
				if err != nil {
					return err
				}
				var waitsFor string
				var advice *audit.Advice
				s.View(func(st *audit.State) {
					study := st.Studies[args[0]]
					waitsFor = missingSigner(st, study, config.About.Name)
					if a := study.Advice[config.About.Name]; a != nil {
						advice = a.Body.(*audit.Advice)
					}
				})
				if o.json {
					return o.document(struct {
						*node.Explanation
						BudgetKnown bool          `json:"budget_known"`
						Decision    string        `json:"decision"`
						WaitsFor    string        `json:"waits_for,omitempty"`
						Advice      *audit.Advice `json:"advice,omitempty"`
					}{e, known, decision, waitsFor, advice})
				}
				o.print("%s", e)
				if !known {
					o.print("%s", noBudgetHere(config))
				}
				if advice != nil {
					o.print("The data protection officer of %s advises: %s", config.About.Name, oneLine(adviceInWords(advice)))
				}
				if waitsFor != "" {
					o.print("An approval of %s is signed by one of its two approvers and waits for the signature of %s.", config.About.Name, waitsFor)
				}
				if decision == "" {
					o.print("%s has not decided. To approve: smartstart node approve %s --ground GROUND --until DATE --config %s", config.About.Name, e.Study, path)
				} else {
					o.print("The newest decision of %s: %s.", config.About.Name, decision)
				}
				return nil
			})
		},
	}
	nodeFlag(c, &path)
	within.register(c)
	return c
}

// motionNamed is resolve over a session.
func motionNamed(s *party.Session, name string) (m *audit.Motion, err error) {
	s.View(func(st *audit.State) { m, err = resolve(st, name) })
	return m, err
}

// noBudgetHere says that the figure of numbers before this study is none.
func noBudgetHere(config *configs.Node) string {
	return "The budget is not known here: the node keeps it in its state folder, and in " + config.About.State + " none has run.\n" +
		"If the node of " + config.About.Name + " runs on another machine, the numbers opened before this study are missing above: ask whoever runs it."
}

// explanation says what a study asks of this institution, with its records and
// budget when they are on this machine; known is whether the budget is.
func explanation(ctx context.Context, config *configs.Node, s *party.Session, study string) (e *node.Explanation, decision string, known bool, err error) {
	var ask *node.Ask
	var budget node.Budget
	s.View(func(st *audit.State) {
		if _, err = party.Study(st, study); err != nil {
			return
		}
		if ask, err = node.AskFrom(st, study, config.About.Name); err != nil {
			return
		}
		if _, e := os.Stat(filepath.Join(config.About.State, "node.db")); e == nil { // the approver's machine may be another one
			known = true
			budget, err = node.ReadBudget(config.About.State, policyOf(config), st)
		}
	})
	if err != nil {
		return nil, "", false, err
	}
	if ask.Codebook, err = codebookFrom(ctx, s.Client, ask.Charter.Codebook); err != nil {
		return nil, "", false, err
	}
	ask.Policy, ask.Budget = policyOf(config), budget
	if readable(config.Data.Path) == nil {
		codebook, err := configs.ParseCodebook(ask.Codebook)
		if err != nil {
			return nil, "", false, err
		}
		ask.Records = &records.File{Path: config.Data.Path, Codebook: codebook}
	}
	if ask.Decision != nil {
		decision = ask.Decision.Verdict
	}
	e, err = node.Explain(ctx, ask)
	return e, decision, known, err
}
