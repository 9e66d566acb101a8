package cmd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/decide"
	"github.com/smartstart-federation/smartstart/model/plots"
)

// useFlags are what a user says about the use of a model. They are flags and not
// lines of a study file because they change no sum: institutions approve what is
// computed, and everybody may put another price on what came out.
type useFlags struct {
	capacity string
	of       float64
	missedIs float64
}

func (f *useFlags) registerFor(c *cobra.Command) {
	c.Flags().StringVar(&f.capacity, "capacity", "", "how many families your team can see: 12/month")
	c.Flags().Float64Var(&f.of, "of", 0, "with --capacity: the number of children that the model predicts for in that period")
	c.Flags().Float64Var(&f.missedIs, "missed-is", 0, "how many false alarms one missed child is as bad as, 1 to 1000")
}

// ask reads the flags; nil if nothing is asked.
func (f *useFlags) ask() (*decide.Ask, error) {
	if f.capacity == "" && f.of == 0 && f.missedIs == 0 {
		return nil, nil
	}
	a := &decide.Ask{Of: f.of, MissedIs: f.missedIs}
	if (f.capacity == "") != (f.of == 0) {
		return nil, usage("--capacity and --of belong together", "give both, as --capacity 12/month --of 400: twelve families a month, of four hundred children that are predicted for")
	}
	if f.capacity != "" {
		number, per, found := strings.Cut(f.capacity, "/")
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || !found || !periods[per] {
			return nil, usage(fmt.Sprintf("%q is no capacity", oneLine(f.capacity)), "write a number and a period: 12/month; the periods are day, week, month, quarter and year")
		}
		a.Capacity, a.Per = n, per
	}
	// What can be said of the numbers does not depend on any study.
	if _, err := decide.For([]decide.Bin{{Rows: 2, Events: 1, Expected: 1}}, 0, *a); err != nil {
		return nil, usage(err.Error(), "check --capacity, --of and --missed-is")
	}
	return a, nil
}

var periods = map[string]bool{"day": true, "week": true, "month": true, "quarter": true, "year": true}

// judging says why a study whose model is not judged cannot tell about its use.
func judging(s *configs.Study) error {
	if e := s.Evaluate; e.Where == "" && e.HeldOut == 0 && e.LeaveOut == configs.LeaveOutNone {
		return notJudged("the study does not judge its model on rows that it never saw")
	}
	return nil
}

func notJudged(why string) error {
	return &Error{codeNotJudged, "what the model means in use cannot be told: " + why, "give the study an [evaluate] table with where, held_out or leave_out, or leave out --capacity and --missed-is"}
}

// weigh adds to a document what its model would mean in use.
func (d *Document) weigh(a *decide.Ask) error {
	if a == nil {
		return nil
	}
	j := d.Evaluation.Unseen()
	if j == nil || len(j.Bins) == 0 {
		return notJudged("no rows that the model never saw were judged")
	}
	use, err := decide.For(binsOf(j), j.Moved, *a)
	if err != nil {
		return notJudged(err.Error())
	}
	d.Use = use
	return nil
}

// binsOf are the opened bins of judged rows, as what is decided by them reads them.
func binsOf(j *model.Judged) []decide.Bin {
	bins := make([]decide.Bin, len(j.Bins))
	for i, b := range j.Bins {
		bins[i] = decide.Bin(b)
	}
	return bins
}

// printUse tells what a model would mean in use.
func printUse(o *output, u *decide.Use) {
	o.print("what it would mean in use, judged on %s rows that the model never saw, %s of them with the outcome", thousands(int(u.Rows)), thousands(int(u.Events)))
	if s := u.Selection; s != nil {
		t := plainTable("a "+s.Per, "number", "least", "most")
		t.AppendRow([]any{"predicted for", plainNumber(s.Of), "", ""})
		t.AppendRow([]any{"selected for a conversation", plainNumber(s.Selected), "", ""})
		for _, row := range []struct {
			what string
			f    decide.Figure
		}{{"  with the outcome", s.WithOutcome}, {"  without it (false alarms)", s.FalseAlarms}, {"with the outcome, not selected", s.Missed}} {
			t.AppendRow([]any{row.what, oneDecimal(row.f.Estimate), oneDecimal(row.f.Least), oneDecimal(row.f.Most)})
		}
		t.AppendRow([]any{"selected from the probability", probability(s.Threshold.Estimate), probability(s.Threshold.Least), probability(s.Threshold.Most)})
		o.print("%s", t.Render())
		o.print("selected is the %s with the highest predictions; %s of them had the outcome (95%% interval %s to %s)",
			share(s.Share), share(s.Precision.Estimate), share(s.ConfLow), share(s.ConfHigh))
		if s.Capacity > s.Of {
			o.print("the team can see more than there are predictions: everybody is selected")
		}
		o.print("this takes the rows that were judged as like the children of a %s to come", s.Per)
	}
	if p := u.Price; p != nil {
		o.print("one missed child as bad as %s false alarms: selecting from a predicted probability of %s, which is %s of the rows", plainNumber(p.MissedIs), probability(p.Threshold), share(p.Share))
		t := plainTable("selected", "net benefit for 1,000 rows", "least", "most")
		t.AppendRow([]any{"by the model", benefit(p.Model.Estimate), benefit(p.Model.Least), benefit(p.Model.Most)})
		t.AppendRow([]any{"everybody", benefit(p.Everybody), "", ""})
		t.AppendRow([]any{"nobody", benefit(0), "", ""})
		o.print("%s", t.Render())
		o.print("%s", verdictOf(p))
	}
	if s, p := u.Selection, u.Price; s != nil && p != nil && p.Share > s.Share {
		o.print("at this price about %s a %s would be selected; the team can see %s", oneDecimal(p.Share*s.Of), s.Per, plainNumber(s.Capacity))
	}
	o.print("numbers take the rows within a bin of the evaluation as in no order; least and most are what any order would give")
	o.print("a threshold is a choice of people: no child below it is thereby without need")
	o.print("")
}

// verdictOf says what came out best at a price.
func verdictOf(p *decide.Price) string {
	switch p.Best {
	case decide.Model:
		return "at this price selecting by the model does more good than selecting everybody or nobody"
	case decide.Everybody:
		return "at this price selecting everybody does more good than selecting by the model"
	case decide.Nobody:
		return "at this price selecting nobody does more good than selecting by the model"
	}
	return "at this price these rows cannot tell whether selecting by the model does more good than selecting everybody or nobody"
}

func oneDecimal(v float64) string  { return fmt.Sprintf("%.1f", v) }
func plainNumber(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
func benefit(v float64) string     { return fmt.Sprintf("%.1f", 1000*v) }
func probability(v float64) string { return fmt.Sprintf("%.3f", v) }
func share(v float64) string       { return fmt.Sprintf("%.1f%%", 100*v) }

// drawUse writes the pictures of a model's use into the folder of the others.
func (d *Document) drawUse(dir, lang string) (files []string, err error) {
	if d.Use == nil {
		return nil, nil
	}
	files, err = plots.WriteUse(dir, d.Result, d.Use, lang)
	if errors.Is(err, plots.ErrNoData) {
		return nil, nil
	}
	return files, err
}
