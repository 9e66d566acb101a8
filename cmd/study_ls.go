package cmd

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/cmd/party"
)

// standing is how far a study is.
type standing struct {
	Study        string            `json:"study"`
	By           string            `json:"by"`
	Question     string            `json:"question"`
	Stage        string            `json:"stage"`
	Entry        int64             `json:"entry"`
	Decisions    map[string]string `json:"decisions"`
	Institutions []string          `json:"institutions"` // in the sums; empty before the first round
	Opened       int               `json:"opened_rounds"`
	Waiting      []string          `json:"waiting"`
	Closed       string            `json:"closed,omitempty"`
}

func newStudyLs(o *output) *cobra.Command {
	var f partyFlags
	c := &cobra.Command{
		Use:     "ls [--config party.toml]",
		Short:   "List the studies of the federation",
		Long:    "ls lists every study in the log, newest first.\n\n" + exitCodes,
		Example: "  smartstart study ls --config researcher/party.toml",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			return f.act(c.Context(), func(_ context.Context, s *party.Session) error {
				var list []request
				s.View(func(st *audit.State) { list = requests(st, "") })
				if o.json {
					all := []standing{}
					for _, r := range list {
						x, err := standingOf(s, r.Study)
						if err != nil {
							return err
						}
						all = append(all, *x)
					}
					return o.document(all)
				}
				if len(list) == 0 {
					o.print("No study has been proposed.")
					return nil
				}
				t := plainTable("study", "by", "stage")
				for _, r := range list {
					t.AppendRow([]any{r.Study, r.By, r.Stage})
				}
				o.print("%s", t.Render())
				return nil
			})
		},
	}
	f.register(c)
	return c
}

func newStudyShow(o *output) *cobra.Command {
	var f partyFlags
	c := &cobra.Command{
		Use:     "show STUDY [--config party.toml]",
		Short:   "Say how far a study is and whom it waits for",
		Long:    "show says who decided what, how many totals were opened, and for whom the study\nwaits now.\n\n" + exitCodes,
		Example: "  smartstart study show language-delay --config researcher/party.toml",
		Args:    arguments(1, "study show needs the name of one study"),
		RunE: func(c *cobra.Command, args []string) error {
			return f.act(c.Context(), func(_ context.Context, s *party.Session) error {
				x, err := standingOf(s, args[0])
				if err != nil {
					return err
				}
				if o.json {
					return o.document(x)
				}
				o.print("%s, proposed by %s: %s", x.Study, x.By, x.Stage)
				o.print("  %s", x.Question)
				t := plainTable("institution", "decided")
				for _, name := range sortedKeys(x.Decisions) {
					t.AppendRow([]any{name, x.Decisions[name]})
				}
				o.print("%s", t.Render())
				o.print("%s opened", plural(x.Opened, "total"))
				for _, line := range x.Waiting {
					o.print("%s", line)
				}
				if x.Closed != "" {
					o.print("closed: %s", x.Closed)
				}
				return nil
			})
		},
	}
	f.register(c)
	return c
}

// standingOf reads how far a study is from the folded log.
func standingOf(s *party.Session, study string) (x *standing, err error) {
	s.View(func(st *audit.State) {
		var p *audit.Study
		if p, err = party.Study(st, study); err != nil {
			return
		}
		x = &standing{
			Study: study, By: p.Proposer(), Question: questionOf(p), Stage: stage(p), Entry: p.Proposal.Index,
			Decisions: map[string]string{}, Institutions: append([]string{}, p.Roster...), Opened: p.Round - 1, Waiting: []string{},
		}
		for _, name := range p.Institutions {
			x.Decisions[name] = decidedBy(st, p, name)
		}
		if p.Close != nil {
			x.Closed = p.Close.Body.(*audit.Close).Reason
		}
		// What the coordinator would wait for is what the study waits for.
		_, waits := st.Expect(st.Charter.Body.(*audit.Charter).Coordinator.Name, audit.Local{}, time.Now())
		for _, w := range waits {
			if w.Study == study {
				x.Waiting = append(x.Waiting, waitLine(w))
			}
		}
	})
	return x, err
}
