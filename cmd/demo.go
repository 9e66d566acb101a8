package cmd

import (
	"fmt"
	"math"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/examples/language"
	"github.com/smartstart-federation/smartstart/model"
)

func newDemo(o *output) *cobra.Command {
	var out string
	var details bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "See it work: a real study on bundled public data, told in plain words",
		Long: `demo runs the bundled study of Dutch primary schools the way simulate does: six
school boards, each a node of its own; a coordinator that holds no key; real
encrypted sums; and a record that is verified at the end. Every number it prints
is measured in that run.

` + exitCodes,
		Example: "  smartstart demo --details",
		Args:    arguments(0, ""),
		RunE: func(c *cobra.Command, _ []string) error {
			r, err := bundled()
			if err != nil {
				return err
			}
			r.out = out
			if err := emptyFolder(out); err != nil {
				return err
			}
			done, err := r.run(c.Context(), o)
			if err != nil {
				return err
			}
			if o.json {
				if _, err := o.out.Write(done.document.bytes()); err != nil {
					return err
				}
			} else if err := r.tell(o, done, details); err != nil {
				return err
			}
			return done.document.verdict(done.bundle)
		},
	}
	c.Flags().StringVar(&out, "out", "", "a new folder for results.json and the audit bundle")
	c.Flags().BoolVar(&details, "details", false, "also print the coefficients and the rounds")
	return c
}

// bundled is the study of examples/language.
func bundled() (*rehearsal, error) {
	study, err := configs.ParseStudy(language.Study)
	if err != nil {
		return nil, err
	}
	codebook, err := configs.ParseCodebook(language.Codebook)
	if err != nil {
		return nil, err
	}
	d, err := pooled("pupils.csv", language.Pupils, language.By)
	if err != nil {
		return nil, err
	}
	return &rehearsal{study: study, studyText: language.Study, codebook: language.Codebook, data: d, institutions: d.institutions(codebook)}, nil
}

// tell prints the story of the run.
func (r *rehearsal) tell(o *output, done *outcome, details bool) error {
	d := done.document
	same, err := r.asPooled(done)
	if err != nil {
		return err
	}
	last := d.Rounds[len(d.Rounds)-1]
	o.print("SMART START · rehearsal with public data: %s Dutch pupils (1989), %d school boards. No real child is scored.", thousands(r.data.rows), d.Institutions)
	o.print("")
	o.print("QUESTION   %s", r.study.About.Question)
	o.print("")
	o.print(" 1  Each board's own computer looked at its own pupils. The rows stayed there.")
	o.print(" 2  Each sent locked lists of numbers: %d of them, %d kB each. What the coordinator holds of one:", len(d.Rounds), last.BytesPerNode/1000)
	o.print("      % x ...   (it has no key)", done.received)
	o.print(" 3  The coordinator added the lists while they were locked: %d of %d boards in each of %d rounds.", last.Included, d.Institutions, len(d.Rounds))
	o.print(" 4  Only the totals were opened, by %d of the %d boards together. No board's own list was.", done.open, done.institutions)
	o.print("")
	o.print("ANSWER     %d of %s pupils were behind (%.0f%%). Signs that go with it, other things equal, surest first:",
		*d.Events, thousands(int(d.RowsUsed)), 100*float64(*d.Events)/float64(d.RowsUsed))
	signs, err := r.signs(d.Coefficients)
	if err != nil {
		return err
	}
	for _, s := range signs {
		o.print("             %s", s)
	}
	o.print("LIMITS     These are averages over pupils of 1989. They say nothing about causes and do not decide about a child.")
	o.print("")
	o.print("SAME AS PUTTING ALL ROWS TOGETHER?   %s", same)
	o.print("")
	o.print("CAN YOU TRUST US?   You need not.")
	o.print("  %s", d.audited())
	o.print("NOT PROVED   that the boards' data are true · that %s did not conspire with the coordinator · that this helps any child", boards(done.collude+1))
	if details {
		o.print("")
		d.print(o)
	}
	o.print("")
	if done.bundle != "" {
		o.print("Next   smartstart audit verify %s", done.bundle)
	} else {
		o.print("Next   smartstart demo --out demo-out, then smartstart audit verify demo-out")
	}
	o.print("       smartstart simulate --study examples/language/study.toml --data YOUR.csv --by COLUMN")
	return nil
}

// boards says how many boards in words.
func boards(n int) string {
	if n == 1 {
		return "a board"
	}
	return fmt.Sprintf("%d boards", n)
}

// signs puts the three surest terms in words, by z, surest first: the odds of a point
// depend on the scale of its test and cannot be ranked.
func (r *rehearsal) signs(cs []model.Coefficient) ([]string, error) {
	codebook, err := configs.ParseCodebook(r.codebook)
	if err != nil {
		return nil, err
	}
	var terms []model.Coefficient
	for _, c := range cs {
		if c.Column != "(Intercept)" {
			terms = append(terms, c)
		}
	}
	sort.SliceStable(terms, func(i, j int) bool { return math.Abs(terms[i].Statistic) > math.Abs(terms[j].Statistic) })
	var signs []string
	for _, c := range terms[:min(3, len(terms))] {
		label, yesNo := c.Column, false
		if col, ok := codebook.Column(c.Column); ok {
			label, yesNo = col.Label, col.Kind == configs.YesNo
		}
		low, odds, high := math.Exp(c.ConfLow), math.Exp(c.Estimate), math.Exp(c.ConfHigh)
		what := "each point more"
		if yesNo {
			what = "yes"
		} else if odds < 1 {
			what = "each point less"
			low, odds, high = 1/high, 1/odds, 1/low
		}
		signs = append(signs, fmt.Sprintf("%s: %s makes the odds %.2f times as high (%.2f to %.2f)", strings.ToLower(label[:1])+label[1:], what, odds, low, high))
	}
	return signs, nil
}
