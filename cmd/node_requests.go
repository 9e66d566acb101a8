package cmd

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/configs"
)

// request is one study as an institution sees it.
type request struct {
	Study    string `json:"study"`
	By       string `json:"by"`
	Question string `json:"question"`
	Entry    int64  `json:"entry"`
	Stage    string `json:"stage"`    // deciding | running | closed
	Decision string `json:"decision"` // of this institution: approve | deny | withdraw, or empty
	Until    string `json:"until,omitempty"`
}

func newNodeRequests(o *output) *cobra.Command {
	var path string
	var within wait
	c := &cobra.Command{
		Use:     "requests [--config node.toml]",
		Short:   "List the studies that ask for this institution, and what it decided",
		Long:    "requests lists every study in the log, newest first.\n\n" + exitCodes,
		Example: "  smartstart node requests --config board1/node.toml",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := within.context(c.Context())
			defer cancel()
			return asApprover(ctx, path, func(_ context.Context, config *configs.Node, s *party.Session) error {
				var list []request
				s.View(func(st *audit.State) { list = requests(st, config.About.Name) })
				if o.json {
					return o.document(list)
				}
				if len(list) == 0 {
					o.print("No study has been proposed.")
					return nil
				}
				t := plainTable("study", "by", "stage", config.About.Name+" decided")
				for _, r := range list {
					what := r.Decision
					if what == "" {
						what = "nothing yet"
					}
					if r.Until != "" {
						what += " until " + r.Until
					}
					t.AppendRow([]any{r.Study, r.By, r.Stage, what})
				}
				o.print("%s", t.Render())
				return nil
			})
		},
	}
	nodeFlag(c, &path)
	within.register(c)
	return c
}

// asApprover connects as the institution's approver.
func asApprover(ctx context.Context, path string, act func(context.Context, *configs.Node, *party.Session) error) error {
	config, err := nodeConfig(path)
	if err != nil {
		return err
	}
	seat, err := approverSeat(config)
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

func requests(st *audit.State, institution string) []request {
	list := []request{}
	for _, s := range st.Studies {
		r := request{Study: s.ID, By: s.Proposer(), Question: questionOf(s), Entry: s.Proposal.Index, Stage: stage(s)}
		if d := s.Decisions[institution]; d != nil {
			b := d.Body.(*audit.Decision)
			r.Decision, r.Until = b.Verdict, b.Expires
		}
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b request) int { return int(b.Entry - a.Entry) })
	return list
}

// aboutOf reads the study file in a proposal; a file that this version cannot
// read has no words to show.
func aboutOf(s *audit.Study) configs.About {
	parsed, err := configs.ParseStudy([]byte(s.Proposal.Body.(*audit.Proposal).Study))
	if err != nil {
		return configs.About{}
	}
	return parsed.About
}

func questionOf(s *audit.Study) string { return aboutOf(s).Question }
func purposeOf(s *audit.Study) string  { return aboutOf(s).Purpose }
