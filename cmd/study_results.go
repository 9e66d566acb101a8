package cmd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/bundle"
	"github.com/smartstart-federation/smartstart/audit/verify"
	"github.com/smartstart-federation/smartstart/cmd/party"
	"github.com/smartstart-federation/smartstart/node"
)

func newStudyResults(o *output) *cobra.Command {
	var f partyFlags
	var pictures, given string
	var published bool
	var use useFlags
	var places areaFlags
	c := &cobra.Command{
		Use:   "results STUDY [--config party.toml]",
		Short: "Print the result of a closed study, computed and verified on this machine",
		Long: `results fetches the log and the encrypted lists, adds and opens every total
again, computes the model from them, and verifies the whole record. With --json
it prints the result document. A study that is still open ends with exit code 4
and says whom it waits for. --published prints instead the rounded document that
the institutions have agreed to make public.

` + exitCodes,
		Example: "  smartstart study results language-delay --config researcher/party.toml --plots pictures",
		Args:    arguments(1, "study results needs the name of one study"),
		RunE: func(c *cobra.Command, args []string) error {
			_, lang, err := textsIn(given)
			if err != nil {
				return err
			}
			ask, err := use.ask()
			if err != nil {
				return err
			}
			return f.act(c.Context(), func(ctx context.Context, s *party.Session) error {
				if published {
					return printPublished(ctx, o, s, args[0])
				}
				d, err := results(ctx, s, args[0])
				if err != nil {
					return err
				}
				var out []string
				s.View(func(st *audit.State) { out = leftOut(st.Studies[args[0]], 1) })
				if len(out) > 0 {
					o.event(false, "note: approved and NOT in these numbers: %s", strings.Join(out, ", "))
				}
				err = errors.Join(d.weigh(ask), d.place(&places))
				if o.json {
					err = errors.Join(err, d.write(o.out))
				} else {
					d.print(o)
				}
				if err := errors.Join(err, d.draw(o, pictures, lang)); err != nil {
					return err
				}
				return d.verdict("")
			})
		},
	}
	c.Flags().BoolVar(&published, "published", false, "the document that was made public, and nothing more")
	c.Flags().StringVar(&pictures, "plots", "", "a folder for pictures (SVG and PNG)")
	c.Flags().StringVar(&given, "lang", "", "of the pictures: nl or en; the language of your system when not given")
	use.registerFor(c)
	places.registerFor(c)
	c.Flags().StringVar(&f.path, "config", "party.toml", "the party file that enrol wrote")
	f.within.registerFor(c, 10*time.Minute)
	return c
}

func results(ctx context.Context, s *party.Session, study string) (*Document, error) {
	x, err := standingOf(s, study)
	if err != nil {
		return nil, err
	}
	if x.Closed == "" {
		return nil, &party.WaitError{What: "the end of " + study + " (" + joinOr(x.Waiting, x.Stage) + ")"}
	}
	if x.Closed == "stopped" {
		return nil, &Error{codeNoResult, study + " was stopped and has no result", "propose it again under another name"}
	}
	method, state, err := s.Replay(ctx, study)
	if err != nil {
		return nil, err
	}
	result, err := method.Plan.Result(state)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "smartstart-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	head, err := s.Seat.FetchBundle(ctx, s.Client, bundle.Sealed, filepath.Join(dir, "bundle"))
	if err != nil {
		return nil, err
	}
	report, err := verify.Bundle(ctx, os.DirFS(filepath.Join(dir, "bundle")), node.Methods{}, verify.Pinned(s.Seat.Origin, s.Seat.CoordinatorKey))
	if err != nil {
		return nil, err
	}
	var rounds []Round
	institutions := len(x.Institutions)
	s.View(func(st *audit.State) {
		rounds = loggedRounds(st.Studies[study])
		if at := st.Studies[study].Opened(1); at != nil {
			institutions = len(at.Set.Body.(*audit.Set).Points)
		}
	})
	return newDocument(result, institutions, rounds, head, s.Seat.Origin, report), nil
}

// loggedRounds lists the opened rounds as the log tells them; durations are
// between the parties' own clocks, in whole seconds.
func loggedRounds(s *audit.Study) []Round {
	list := []Round{}
	for r := 1; r < s.Round; r++ {
		at := s.Opened(r)
		if at == nil {
			continue
		}
		x := Round{Round: r, Attempt: at.Number, Included: len(at.Set.Body.(*audit.Set).Points)}
		for _, u := range at.Updates {
			b := u.Body.(*audit.Update)
			x.BytesPerNode = max(x.BytesPerNode, b.Frames.Size+b.Boxes.Size+b.Projection.Size)
		}
		begin, _ := time.Parse(time.RFC3339, at.Open.Time) // their form was checked before they got in
		end, _ := time.Parse(time.RFC3339, at.Result.Time)
		x.Seconds = end.Sub(begin).Seconds()
		list = append(list, x)
	}
	return list
}
