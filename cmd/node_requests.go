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
	WaitsFor string `json:"waits_for,omitempty"` // whose signature an approval of this institution still needs
	Advice   string `json:"advice,omitempty"`    // of its data protection officer
}

// requested is the document of node requests.
type requested struct {
	Studies []request `json:"studies"`
	Changes []motion  `json:"changes"`
}

func newNodeRequests(o *output) *cobra.Command {
	var path string
	var within wait
	c := &cobra.Command{
		Use:   "requests [--config node.toml]",
		Short: "List what asks for this institution's decision: studies, and changes of the federation",
		Long: `requests lists every study in the log, newest first, with what this institution
decided; and every change of the federation that is proposed and can still take
effect, with who agreed. node show says more of each.

` + exitCodes,
		Example: "  smartstart node requests --config board1/node.toml",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			ctx, cancel := within.context(c.Context())
			defer cancel()
			return asAnybody(ctx, path, func(_ context.Context, config *configs.Node, s *party.Session) error {
				var all requested
				s.View(func(st *audit.State) { all = requested{requests(st, config.About.Name), motions(st)} })
				if o.json {
					return o.document(all)
				}
				printMotions(o, all.Changes, config.About.Name)
				list := all.Studies
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
					if r.WaitsFor != "" {
						what += "; waits for the signature of " + r.WaitsFor
					}
					if r.Advice != "" {
						what += "; its officer advises: " + r.Advice
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

// printMotions lists changes with who agreed, and whether this institution has.
func printMotions(o *output, list []motion, institution string) {
	if len(list) == 0 {
		return
	}
	o.print("Proposed changes of the federation:")
	for _, x := range list {
		x.print(o)
		if slices.Contains(x.Voters, institution) && !slices.Contains(x.Endorsed, institution) {
			o.print("  to agree: smartstart node approve %s", x.ID)
		}
	}
	o.print("")
}

func requests(st *audit.State, institution string) []request {
	list := []request{}
	for _, s := range st.Studies {
		r := request{Study: s.ID, By: s.Proposer(), Question: questionOf(s), Entry: s.Proposal.Index, Stage: stage(s)}
		if d := s.Decisions[institution]; d != nil {
			b := d.Body.(*audit.Decision)
			r.Decision, r.Until = b.Verdict, b.Expires
		}
		if a := s.Advice[institution]; a != nil {
			r.Advice = a.Body.(*audit.Advice).Advice
		}
		r.WaitsFor = missingSigner(st, s, institution)
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
