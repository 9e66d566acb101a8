package cmd

import (
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/cmd/factsheet"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/examples/region"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/areas"
	"github.com/smartstart-federation/smartstart/model/decide"
)

// What the factsheet asks: a team's room, and at which age it would look.
const (
	familiesPerMonth = 12
	lookedAt         = 72 // months
	birthYears       = 6  // of the region's children, each as large
	leastEvents      = 50 // judged, below which how well a model sorts is not told
)

// tell reads the studies' results. What is planted it does not know.
func (r *regionRun) tell(s *region.Summary) *factsheet.Findings {
	f := &factsheet.Findings{Preset: s.Preset, Seed: s.Seed, Children: s.Children,
		Log: factsheet.Log{Entries: r.head.Size, Root: r.head.Root.String(), Findings: len(r.findings), Seconds: r.took.Seconds()}}
	for _, g := range region.Everybody {
		h := factsheet.Holder{Group: g, Institutions: len(region.Members(g))}
		for _, file := range s.Files {
			if groupOf(file.Institution) == g {
				h.Rows += file.Rows
			}
		}
		f.Holders = append(f.Holders, h)
	}
	for _, st := range r.studies {
		one := factsheet.Study{ID: st.id, Entry: r.entry(st.id), Institutions: len(st.takes)}
		if st.none != nil {
			one.None = st.none.Error()
		} else if st.result != nil {
			one.Rows = st.result.RowsUsed
		}
		f.Studies = append(f.Studies, one)
	}
	r.early(f)
	r.delay(f)
	r.statements(f)
	r.effects(f)
	r.areas(f)
	if x := r.result(studyUnlike); x != nil && x.Anomaly != nil && x.Anomaly.Alarms != nil {
		f.Unlike = &factsheet.Unlike{Rows: x.RowsUsed, Alarms: x.Anomaly.Alarms.Rows, Share: x.Anomaly.Alarms.Share, Entry: r.entry(studyUnlike)}
	}
	f.Periods = r.ratios(studyPeriods, []string{configs.PeriodColumn})
	f.Notes = r.ratios(studyNotes, []string{"tension", "money", "loneliness", "speech"})
	return f
}

// result is a study's result, or nil where it has no answer.
func (r *regionRun) result(id string) *model.Result {
	for _, s := range r.studies {
		if s.id == id && s.none == nil {
			return s.result
		}
	}
	return nil
}

// entry is the log entry of a study's last opened sum; -1 without an answer.
func (r *regionRun) entry(id string) int64 {
	if at, ok := r.entries[id]; ok && r.result(id) != nil {
		return at
	}
	return -1
}

// early reads the landmark models, and what a team with some room finds.
func (r *regionRun) early(f *factsheet.Findings) {
	means := map[string]float64{}
	if lead := r.result(studyLead); lead != nil {
		for _, d := range lead.Table {
			if d.Mean != nil && d.Group == "" {
				means[d.Column] = *d.Mean
			}
		}
	}
	means["after_48"] = 1
	for _, years := range region.Landmarks {
		months := 12 * years
		id := landmarkStudy(months)
		x := r.result(id)
		if x == nil || x.Evaluation == nil || len(x.Evaluation.LeftOut) == 0 {
			continue
		}
		j := &x.Evaluation.LeftOut[len(x.Evaluation.LeftOut)-1]
		yearly := float64(j.Rows) / birthYears
		opened, err := evidence(j)
		if err != nil {
			continue // the judged rows all have the same outcome
		}
		seen, err := opened.Capacity(12*familiesPerMonth, yearly, "year")
		if err != nil {
			continue // no rows were judged
		}
		suffix := id[len("landmark-"):]
		left, after := means["left_"+suffix], means["after_"+suffix]
		if left == 0 || after == 0 {
			continue
		}
		f.Early = append(f.Early, factsheet.Landmark{Months: months, Rows: j.Rows, Events: j.Events, Share: seen.Share, AUC: aucInterval(j.AUC, j.Events, j.Rows),
			Precision: factsheet.Interval{Estimate: seen.Precision.Estimate, Low: seen.ConfLow, High: seen.ConfHigh},
			Recall:    wilson(seen.Recall.Estimate*float64(j.Events), float64(j.Events)), Earlier: left / after,
			Entry: r.entry(id), LeadEntry: r.entry(studyLead)})
		if months == lookedAt {
			f.Capacity = &factsheet.Capacity{Months: months, PerMonth: familiesPerMonth, Yearly: yearly, Found: seen.WithOutcome.Estimate,
				False: seen.FalseAlarms.Estimate, Missed: 1 - seen.Recall.Estimate, Entry: r.entry(id)}
			f.Decision = decision(opened, r.entry(id))
			r.groups(f, x, id)
		}
	}
}

// groups reads who is wrongly selected by background.
func (r *regionRun) groups(f *factsheet.Findings, x *model.Result, id string) {
	with, without := level(x.Evaluation.Groups["background"], "1"), level(x.Evaluation.Groups["background"], "0")
	if with == nil || without == nil || with.FPR == nil || without.FPR == nil {
		return
	}
	f.Groups = &factsheet.Groups{Months: lookedAt, Selected: selected(0, with, without) / 100, Entry: r.entry(id),
		FPR: [2]factsheet.Interval{interval(without.FPR), interval(with.FPR)}}
}

func interval(s *model.Share) factsheet.Interval {
	return factsheet.Interval{Estimate: s.Estimate, Low: s.ConfLow, High: s.ConfHigh}
}

// evidence is what an evaluation opened of how predictions came out.
func evidence(j *model.Judged) (*decide.Evidence, error) {
	return decide.Read(binsOf(j), j.Moved)
}

// curvePoints is how many thresholds the drawn decision curve has.
const curvePoints = 60

// decision is the decision curve, drawn to beyond where it crosses that of nobody.
func decision(opened *decide.Evidence, entry int64) *factsheet.Decision {
	d := &factsheet.Decision{Months: lookedAt, Entry: entry}
	d.Estimate, d.Certain = opened.Worth()
	crosses, err := opened.Price(float64(d.Estimate.From))
	if err != nil {
		crosses = nil // it never does
	}
	d.Curve = opened.Curve(opened.Reach(crosses), curvePoints)
	return d
}

// delay compares the child model, the situation model and both.
func (r *regionRun) delay(f *factsheet.Findings) {
	child, situation, both := r.result(studyChild), r.result(studySituation), r.result(studyBoth)
	if child == nil || situation == nil || both == nil {
		return
	}
	more, err := model.Beside(child, both)
	if err != nil || more.Test == nil || more.AUC == nil {
		return
	}
	other, err := model.Beside(situation, both)
	if err != nil || other.AUC == nil || more.Events < leastEvents {
		return
	}
	chance := func(auc float64) factsheet.Interval { return aucInterval(auc, more.Events, more.Judged) }
	f.Delay = &factsheet.Delay{Rows: more.Judged, Child: chance(more.AUC[0]), Both: chance(more.AUC[1]), Situation: chance(other.AUC[0]), BinError: more.Error, PValue: more.Test.PValue,
		Base: [2]float64{float64(more.Events), float64(more.Judged)}, Entries: [3]int64{r.entry(studyChild), r.entry(studySituation), r.entry(studyBoth)}}
}

// statements reads them as odds ratios.
func (r *regionRun) statements(f *factsheet.Findings) {
	x := r.result(studyStatements)
	if x == nil {
		return
	}
	odds := func(i model.Interval) factsheet.Interval {
		return factsheet.Interval{Estimate: math.Exp(i.Estimate), Low: math.Exp(i.ConfLow), High: math.Exp(i.ConfHigh)}
	}
	for _, s := range x.Statements {
		one := factsheet.Statement{ID: s.ID, Who: s.Who, Says: s.Says, Experts: odds(s.Experts), Data: odds(s.Data), Verdict: s.Verdict, Entry: r.entry(studyStatements)}
		if s.Both != nil {
			both := odds(*s.Both)
			one.Both = &both
		}
		f.Statements = append(f.Statements, one)
	}
}

// effects reads the programme's effect in both designs.
func (r *regionRun) effects(f *factsheet.Findings) {
	for _, d := range [][2]string{{"did", studyDiD}, {"wedge", studyWedge}} {
		x := r.result(d[1])
		if x == nil {
			continue
		}
		for _, c := range x.Coefficients {
			if c.Column != "programme" {
				continue
			}
			f.Effects = append(f.Effects, factsheet.Effect{Design: d[0], Entry: r.entry(d[1]), Interval: effectOf(c)})
		}
	}
}

// effectOf is an estimate with the interval that docs/methods.md says to read: by
// school where the study asks for it, with its correction for few schools.
func effectOf(c model.Coefficient) factsheet.Interval {
	if c.RobustConfLow != nil && c.RobustConfHigh != nil {
		return factsheet.Interval{Estimate: c.Estimate, Low: *c.RobustConfLow, High: *c.RobustConfHigh}
	}
	return factsheet.Interval{Estimate: c.Estimate, Low: c.ConfLow, High: c.ConfHigh}
}

// errorOf is the standard error that holds when children of a school resemble
// each other, where there is one.
func errorOf(c model.Coefficient) float64 {
	if c.RobustStdError != nil {
		return *c.RobustStdError
	}
	return c.StdError
}

// ratios reads odds ratios of named columns.
func (r *regionRun) ratios(id string, columns []string) (list []factsheet.Ratio) {
	x := r.result(id)
	if x == nil {
		return nil
	}
	for _, c := range x.Coefficients {
		if slices.Contains(columns, c.Column) {
			list = append(list, factsheet.Ratio{Term: c.Column + c.Level, Entry: r.entry(id),
				Interval: factsheet.Interval{Estimate: math.Exp(c.Estimate), Low: math.Exp(c.ConfLow), High: math.Exp(c.ConfHigh)}})
		}
	}
	return list
}

// areas reads the table by area, and the funnel of its reports.
func (r *regionRun) areas(f *factsheet.Findings) {
	x := r.result(studyAreas)
	if x == nil || x.Areas == nil {
		return
	}
	a := &factsheet.Areas{Areas: len(x.Areas.Areas), Indicators: len(x.Areas.Indicators), Cells: len(x.Areas.Areas) * len(x.Areas.Indicators), Entry: r.entry(studyAreas)}
	for _, k := range x.Areas.Indicators {
		most := int64(0)
		for _, rate := range k.Areas {
			if !rate.TooFew {
				a.Told++
			}
			most = max(most, rate.Institutions)
		}
		if most == 1 {
			a.Isolated++
		}
	}
	if funnel := reportsFunnel(x.Areas); funnel != nil {
		a.Reports = len(funnel.Points)
		for _, p := range funnel.Points {
			if above(p) {
				a.Outside++
			}
		}
	}
	f.Areas = a
}

// above says that an area lies beyond the upper 99.8% limit.
func above(p areas.Point) bool { return p.Outside == "99.8%" && p.Ratio > 1 }

// reportsFunnel holds the reports in each area to the region's rate, of the areas
// that have enough of them to be told.
func reportsFunnel(t *areas.Table) *areas.Funnel {
	funnel, err := t.Funnel("reported")
	if err != nil {
		return nil
	}
	return funnel
}
