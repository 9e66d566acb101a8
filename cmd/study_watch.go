package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/audit"
	"github.com/smartstart-federation/smartstart/audit/loop"
	"github.com/smartstart-federation/smartstart/cmd/party"
)

func newStudyWatch(o *output) *cobra.Command {
	var path string
	c := &cobra.Command{
		Use:   "watch STUDY [--config party.toml]",
		Short: "Follow a study to its end: who is waited for, what was opened",
		Long: `watch follows a study until it is closed. It computes every model step itself,
from totals added again on this machine, and closes the study when the model is
done, if it is yours. It can be stopped and started again at any moment.

` + exitCodes,
		Example: "  smartstart study watch language-delay --config researcher/party.toml",
		Args:    arguments(1, "study watch needs the name of one study"),
		RunE: func(c *cobra.Command, args []string) error {
			seat, _, err := party.Open(path)
			if err == nil {
				err = seat.Expired()
			}
			if err != nil {
				return err
			}
			seat.Trouble = o.trouble
			for {
				err := watch(c.Context(), o, seat, args[0], path)
				var r *audit.Refusal
				if errors.As(err, &r) && r.Rule == audit.CodeBoot {
					continue // another command spoke under our name meanwhile: begin a new start
				}
				return err
			}
		},
	}
	c.Flags().StringVar(&path, "config", "party.toml", "the party file that enrol wrote")
	return c
}

// settled is how long nothing must happen before a person is told for whom a
// study waits.
const settled = 2 * time.Second

// watch follows one study until it is closed, something needs a person, or ctx
// ends.
func watch(ctx context.Context, o *output, seat *party.Seat, study, path string) error {
	var r *party.Researcher
	r, err := party.NewResearcher(seat, 0, func(a loop.Applied) {
		if a.Statement == nil || a.Finding != nil || a.Statement.Study != study {
			return
		}
		o.happened(a.Statement)
		if d, ok := a.Statement.Body.(*audit.Decision); ok {
			var who string
			r.Party.View(func(st *audit.State) { who = missingSigner(st, st.Studies[study], d.Institution) })
			if who != "" {
				o.event(false, "%s: the approval counts once %s has signed the same", d.Institution, who)
			}
		}
		if a.Statement.Type == audit.TypeSet {
			var out []string
			r.Party.View(func(st *audit.State) { out = leftOut(st.Studies[study], a.Statement.Round) })
			if len(out) > 0 {
				o.event(false, "round %d: NOT in the sum: %s", a.Statement.Round, strings.Join(out, ", "))
			}
		}
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	ended := make(chan error, 1)
	go func() {
		err := r.Run(ctx)
		cancel(err)
		ended <- err
	}()
	defer func() { cancel(nil); <-ended }()

	if err := heard(ctx, seat, r.Party, r.Client.Checkpoint); err != nil {
		return interrupted(ctx, study, err)
	}
	known := false
	r.Party.View(func(st *audit.State) { known = st.Studies[study] != nil })
	if !known {
		return audit.Refuse(audit.CodeNoStudy, study)
	}
	said := ""
	quiet := time.NewTimer(0) // inside a round the reason to wait changes all the time
	defer quiet.Stop()
	for !r.Closed(study) {
		if err := r.Failure(); err != nil {
			return err
		}
		select {
		case <-r.Changed():
			quiet.Reset(settled)
		case <-quiet.C:
			said = o.waiting(said, study, r.Party.Waiting())
			quiet.Reset(5 * settled) // what stands in our own way is no change of the log
		case <-ctx.Done():
			return interrupted(ctx, study, context.Cause(ctx))
		}
	}
	var reason string
	r.Party.View(func(st *audit.State) { reason = st.Studies[study].Close.Body.(*audit.Close).Reason })
	if o.json {
		return o.document(struct {
			Study  string `json:"study"`
			Reason string `json:"reason"`
		}{study, reason})
	}
	o.print("%s is closed: %s", study, reason)
	if reason != "stopped" {
		o.print("next: smartstart study results %s --config %s", study, path)
	}
	return nil
}

// leftOut lists who approved and is not in the newest set of a round, and why.
func leftOut(s *audit.Study, round int) (names []string) {
	if s == nil || round < 1 || round > len(s.Rounds) {
		return nil
	}
	for _, at := range s.Rounds[round-1] {
		if at.Set == nil {
			continue
		}
		names = nil
		set := at.Set.Body.(*audit.Set)
		for i, name := range at.Open.Body.(*audit.Open).Roster {
			why := "no seat in this attempt"
			for _, a := range set.Absent {
				if a.Point == i+1 {
					why = strings.ReplaceAll(a.Reason, "_", " ")
				}
			}
			if !slices.Contains(set.Points, i+1) {
				names = append(names, name+" ("+why+")")
			}
		}
	}
	return names
}

// happened says what a person who follows a study wants to hear.
func (o *output) happened(s *audit.Statement) {
	switch b := s.Body.(type) {
	case *audit.Decision:
		o.event(false, "%s: %s", b.Institution, b.Verdict)
	case *audit.Advice:
		o.event(false, "the data protection officer of %s advises: %s", b.Institution, adviceInWords(b))
	case *audit.Publish:
		o.event(false, "the researcher asks to make the result public")
	case *audit.Open:
		o.event(true, "round %d: %d nodes encrypt", s.Round, len(b.Seats))
	case *audit.Set:
		o.event(true, "round %d: %d locked lists added", s.Round, len(b.Points))
	case *audit.Result:
		if b.Valid {
			o.event(false, "round %d: only the total was opened, by %d institutions together", s.Round, len(b.Used))
		} else {
			o.event(false, "round %d, attempt %d: what was released opens nothing (%s)", s.Round, s.Attempt, b.Reason)
		}
	case *audit.Abort:
		o.event(false, "round %d, attempt %d: %s gives this attempt up", s.Round, s.Attempt, s.Signer)
	case *audit.Proceed:
		o.event(false, "going on without %s", strings.Join(b.Without, ", "))
	}
}

// interrupted explains why watching ended early.
func interrupted(ctx context.Context, study string, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return &Error{"SS8002", "stopped watching " + study + "; it goes on without you until its model is done", "run the same command again; only the researcher's own watch closes a study"}
	}
	return err
}

// waiting says for whom a study waits, when that is news; said is what was
// said last.
func (o *output) waiting(said, study string, waits []audit.Wait) string {
	var lines []string
	now := ""
	for _, w := range waits {
		if w.Study == study {
			lines = append(lines, waitLine(w))
			now += waitFor(w) + "\n"
		}
	}
	if now != said && now != "" {
		o.event(false, "%s", strings.Join(lines, "\n"))
	}
	return now
}

// waitFor says for whom and for what something waits.
func waitFor(w audit.Wait) string {
	switch who := strings.Join(w.Who, ", "); {
	case len(w.Who) > 0 && strings.HasPrefix(w.What, "to "):
		return fmt.Sprintf("waiting for %s %s", who, w.What)
	case len(w.Who) > 0:
		return fmt.Sprintf("waiting for %s: %s", who, w.What)
	}
	return "waiting for " + w.What
}

// waitLine says whom a study waits for, for what, since when.
func waitLine(w audit.Wait) string {
	line := waitFor(w)
	if !w.Since.IsZero() && time.Since(w.Since) > time.Minute {
		line += ", since " + w.Since.Local().Format("2 Jan 15:04")
	}
	if !w.Until.IsZero() {
		line += "; goes on by itself at " + w.Until.Local().Format("15:04:05")
	}
	if w.Remedy != "" {
		line += ". What to do: " + w.Remedy
	}
	return line
}
