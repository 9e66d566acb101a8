package cmd

import (
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/areas"
)

// areaFlags are what a user wants to read from a table of areas. They are flags
// for the reason that useFlags are: they change no sum.
type areaFlags struct {
	area, explain string
	by            []string
}

func (f *areaFlags) registerFor(c *cobra.Command) {
	c.Flags().StringVar(&f.area, "area", "", "of a study by area: the profile of this area beside the region")
	c.Flags().StringVar(&f.explain, "explain", "", "of a study by area: this indicator, from the situation of the areas")
	c.Flags().StringSliceVar(&f.by, "explain-by", nil, "with --explain: the indicators that explain; all others when not given")
}

// fits says why a study has no areas to read.
func (f *areaFlags) fits(s *configs.Study) error {
	if len(f.by) > 0 && f.explain == "" {
		return usage("--explain-by belongs to --explain", "name the indicator that is to be explained")
	}
	if (f.area != "" || f.explain != "") && s.Model.Kind != configs.KindAreas {
		return usage(fmt.Sprintf("--area and --explain are of studies of kind areas; this one is of kind %s", s.Model.Kind), "leave them out")
	}
	return nil
}

// place adds to a document what was asked of its areas.
func (d *Document) place(f *areaFlags) error {
	t := d.Areas
	if f.area == "" && f.explain == "" {
		return nil
	}
	if t == nil {
		return usage("--area and --explain are of studies of kind areas, and this one is not", "leave them out")
	}
	if f.area != "" {
		lines, err := t.Profile(f.area)
		if err != nil {
			return usage(err.Error(), "choose from the areas of the table")
		}
		d.Profile = &AreaProfile{f.area, lines}
	}
	if f.explain == "" {
		return nil
	}
	by := f.by
	if len(by) == 0 {
		for _, k := range t.Indicators {
			if k.Name != f.explain && k.Name != t.Children {
				by = append(by, k.Name)
			}
		}
	}
	var err error
	d.Situation, err = model.Situation(t, f.explain, by)
	return err
}

// AreaProfile is one area beside the region.
type AreaProfile struct {
	Area  string       `json:"area"`
	Lines []areas.Line `json:"lines"`
}

func printProfile(o *output, p *AreaProfile) {
	o.print("area %s beside the region", p.Area)
	t := plainTable("indicator", "here", "region", "times", "fifth")
	for _, l := range p.Lines {
		here, times, fifth := "too few", "", ""
		if !l.Rate.TooFew {
			here = fmt.Sprintf("%.1f +-%.1f", 100*l.Rate.Rate, 100*l.Rate.Error)
		}
		if l.Ratio > 0 {
			times = fmt.Sprintf("%.2f", l.Ratio)
		}
		if l.Fifth > 0 {
			fifth = fmt.Sprintf("%d of 5", l.Fifth)
		}
		t.AppendRow([]any{l.Indicator, here, fmt.Sprintf("%.1f", 100*l.Region), times, fifth})
	}
	o.print("%s", t.Render())
	o.print("rates are percentages; fifth 1 holds the areas with the lowest rates, 5 those with the highest; an area's rate says nothing of a child in it")
}

func printSituation(o *output, m *model.AreaModel) {
	o.print("%s in %s, explained by their situation (Poisson regression, as a rate of the children)", m.Outcome, plural(m.Areas, "area"))
	t := plainTable("one percentage point more of", "times", "95% interval")
	for _, c := range m.Coefficients {
		if c.Term == "(Intercept)" {
			continue
		}
		reach := 1.959964 * *c.RobustStdError
		t.AppendRow([]any{c.Term, number(math.Exp(c.Estimate)), number(math.Exp(c.Estimate-reach)) + " to " + number(math.Exp(c.Estimate+reach))})
	}
	o.print("%s", t.Render())
	over := "areas differ by no more than this and chance"
	if m.Dispersion > 1 {
		over = "areas differ by more than this and chance; the intervals allow for that"
	}
	o.print("deviance %.1f without these, %.1f with them on %d degrees of freedom; dispersion %.2f: %s", m.NullDeviance, m.Deviance, m.DFResidual, m.Dispersion, over)
	if len(m.LeftOut) > 0 {
		o.print("left out, because a count there is too few to say: %s", plural(len(m.LeftOut), "area"))
	}
	o.print("it is of areas, and says nothing of a child in one")
}
