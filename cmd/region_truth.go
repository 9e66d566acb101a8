package cmd

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/smartstart-federation/smartstart/cmd/factsheet"
	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/examples/region"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/anomaly"
)

// This file holds what the studies found against what is planted. It is the only
// code outside the generator that reads the folder of the truth, and the only
// one that lays holders' columns side by side; a test holds both. It runs when
// all studies are over, and nothing that it finds goes back into one.

// compare fills in what only the truth can say.
func (r *regionRun) compare(f *factsheet.Findings, w *region.World) error {
	b, err := os.ReadFile(filepath.Join(r.data, region.TruthFolder, region.TruthFile))
	if err != nil {
		return err
	}
	var truth region.Truth
	if err := json.Unmarshal(b, &truth); err != nil {
		return err
	}
	t := &f.Truth
	t.Compared = r.coefficients(&truth)
	t.LargestZ = factsheet.LargestZ(t.Compared)
	for i := range f.Effects {
		f.Effects[i].Planted = truth.Programme.Effect
	}
	t.Areas = r.excess(&truth)
	if t.Unlike, err = r.unlike(&truth); err != nil {
		return err
	}
	if t.Bias, err = r.reported(&truth); err != nil {
		return err
	}
	t.Ladder, err = ladder(w, truth.Targets)
	return err
}

// coefficients compares every estimate that has a planted counterpart.
func (r *regionRun) coefficients(truth *region.Truth) (list []factsheet.Compared) {
	for _, s := range []struct{ study, outcome, only string }{
		{studyBoth, "developmental_delay", ""}, {studyWedge, truth.Programme.Outcome, ""}, {studyDiD, truth.Programme.Outcome, "programme"},
	} {
		x := r.result(s.study)
		if x == nil {
			continue
		}
		planted := map[string]float64{}
		for _, l := range truth.Links {
			if l.Name == s.outcome {
				for _, load := range l.Loadings {
					planted[load.On] = load.By
				}
			}
		}
		for _, c := range x.Coefficients {
			by, ok := planted[c.Column]
			if !ok || s.only != "" && c.Column != s.only {
				continue
			}
			one := factsheet.Compared{Study: s.study, Term: c.Column, Estimate: c.Estimate, StdError: errorOf(c), Planted: by, Entry: r.entry(s.study)}
			one.Z = (one.Estimate - by) / one.StdError
			list = append(list, one)
		}
	}
	return list
}

// excess counts the planted areas that lie above the funnel.
func (r *regionRun) excess(truth *region.Truth) *factsheet.Recall {
	x := r.result(studyAreas)
	if x == nil || x.Areas == nil {
		return nil
	}
	out := &factsheet.Recall{Planted: len(truth.Excess.Areas), Looked: len(x.Areas.Areas)}
	if funnel := reportsFunnel(x.Areas); funnel != nil {
		for _, p := range funnel.Points {
			if above(p) && slices.Contains(truth.Excess.Areas, p.Area) {
				out.Found++
				out.Names = append(out.Names, p.Area)
			}
		}
	}
	return out
}

// unlike counts the planted anomalies among the rows beyond the alarm threshold,
// as each board finds them among its own with the opened mean and covariance.
func (r *regionRun) unlike(truth *region.Truth) (*factsheet.Recall, error) {
	x := r.result(studyUnlike)
	if x == nil || x.Anomaly == nil || x.Anomaly.Alarms == nil {
		return nil, nil
	}
	a := x.Anomaly
	out := &factsheet.Recall{}
	usual, err := anomaly.NewUsual(a.Mean, a.Covariance)
	if err != nil {
		return nil, fmt.Errorf("study %s: %w", studyUnlike, err)
	}
	planted := map[string]bool{}
	for _, p := range truth.Anomalies {
		planted[p] = true
	}
	for _, board := range region.Members(region.Boards) {
		rows, err := r.rowsOf(filepath.Join(board, region.RecordsFile), append([]string{"pseudonym"}, a.Columns...))
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			values := make([]float64, len(a.Columns))
			whole := true
			for i, text := range row[1:] {
				v, err := strconv.ParseFloat(text, 64)
				whole = whole && err == nil
				values[i] = v
			}
			if !whole {
				continue
			}
			out.Looked++
			if planted[row[0]] {
				delete(planted, row[0]) // some lines stand twice
				out.Planted++
				if usual.Distance(values) > a.Alarms.Distance {
					out.Found++
				}
			}
		}
	}
	return out, nil
}

// wellBefore is the age in months before which a case began whose report, if there
// is one, is nearly always seen before twelve.
const wellBefore = 96

// reported recovers the planted reporting bias: of those who became a case, how
// many were reported, by background.
func (r *regionRun) reported(truth *region.Truth) (*factsheet.Bias, error) {
	rows, err := r.rowsOf(filepath.Join(region.TruthFolder, region.ChildrenFile), []string{"background", "became_case", "onset", "reported"})
	if err != nil {
		return nil, err
	}
	b := &factsheet.Bias{Planted: truth.Abuse.Reported}
	var seen [2]int
	for _, row := range rows {
		onset, err := strconv.Atoi(row[2])
		if err != nil {
			return nil, err
		}
		if row[1] != "1" || onset >= wellBefore {
			continue
		}
		g := btoi(row[0] == "1")
		b.Cases[g]++
		seen[g] += btoi(row[3] == "1")
	}
	for g := range seen {
		if b.Cases[g] == 0 {
			return nil, nil
		}
		b.Reported[g] = wilson(float64(seen[g]), float64(b.Cases[g]))
	}
	return b, nil
}

// rowsOf reads the named columns of a CSV file of the region.
func (r *regionRun) rowsOf(file string, columns []string) ([][]string, error) {
	b, err := os.ReadFile(filepath.Join(r.data, file))
	if err != nil {
		return nil, err
	}
	all, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
	if err != nil || len(all) == 0 {
		return nil, fmt.Errorf("%s cannot be read: %w", file, err)
	}
	rows := make([][]string, len(all)-1)
	for _, name := range columns {
		at := slices.Index(all[0], name)
		if at < 0 {
			return nil, fmt.Errorf("%s has no column %s", file, name)
		}
		for i := range rows {
			rows[i] = append(rows[i], all[i+1][at])
		}
	}
	return rows, nil
}

// ladderParts is in how many parts the pooled yardstick judges rows, each by a
// model that never saw them.
const ladderParts = 5

// ladder is the pooled yardstick: the best holder's columns, all holders'
// columns side by side on the same child, and the true risk. nil where there
// are too few reports. aims are what the constants were chosen for.
func ladder(w *region.World, aims region.Targets) (*factsheet.Ladder, error) {
	holders := region.Everybody[:len(region.Everybody)-1] // without Veilig Thuis, whose records are the outcome
	all, err := w.Pool(holders...)
	if err != nil {
		return nil, err
	}
	together, err := pooledAUC(all)
	if err != nil {
		return nil, nil //nolint:nilerr // a small region has too few reports for a model
	}
	out := &factsheet.Ladder{Rows: together.Rows, Events: together.Events, Planted: [3]float64{aims.BestHolder, aims.Together, aims.Oracle}}
	chance := func(auc float64) factsheet.Interval { return aucInterval(auc, out.Events, out.Rows) }
	out.Together, out.Oracle = chance(together.AUC), chance(region.RankedAUC(all[0].Values, all[1].Values))
	for _, g := range holders {
		var own []region.PooledColumn // on the same children: where it has no file, that is all it knows
		for _, c := range all {
			if c.Name == region.PoolReported || c.Name == region.PoolKnown+g || slices.Contains(region.FileColumns(g), c.Name) {
				own = append(own, c)
			}
		}
		if j, err := pooledAUC(own); err == nil && j.AUC > out.Best.Estimate {
			out.Best, out.Holder = chance(j.AUC), g
		}
	}
	return out, nil
}

// pooledAUC fits the outcome of a pool on its columns in parts that take turns
// in being judged, in the clear.
func pooledAUC(pool []region.PooledColumn) (*model.Judged, error) {
	s := configs.DefaultStudy()
	s.About.ID, s.Model.Kind, s.Model.Outcome, s.Model.Missing = "pool", configs.KindLogistic, region.PoolReported, configs.MissingMean
	s.Evaluate.LeaveOut = configs.LeaveOutFolds
	cb := &configs.Codebook{}
	var columns []model.Column
	for _, c := range pool {
		low, high, known := math.Inf(1), math.Inf(-1), 0
		for i, v := range c.Values {
			if !c.Missing[i] {
				low, high, known = math.Min(low, v), math.Max(high, v), known+1
			}
		}
		if c.Name == region.PoolOracle || !(low < high) {
			continue
		}
		col := configs.Column{Name: c.Name, Kind: c.Kind, Levels: c.Levels, Sensitivity: configs.Ordinary}
		if c.Kind != configs.YesNo && c.Kind != configs.Category {
			least, most := math.Min(0, c.Min), c.Max
			col.Kind, col.Min, col.Max = configs.Number, &least, &most
		}
		cb.Columns = append(cb.Columns, col)
		columns = append(columns, model.Column{Name: c.Name, Kind: col.Kind, Levels: c.Levels, Values: c.Values, Missing: c.Missing})
		if c.Name != region.PoolReported {
			s.Model.Features = append(s.Model.Features, c.Name)
		}
	}
	whole, err := model.NewTable(columns)
	if err != nil {
		return nil, err
	}
	tables := make([]*model.Table, ladderParts)
	for k := range tables {
		var rows []int
		for i := k; i < whole.Rows(); i += ladderParts {
			rows = append(rows, i)
		}
		if tables[k], err = whole.Take(rows); err != nil {
			return nil, err
		}
		tables[k].Institution = fmt.Sprintf("part%d", k+1)
		s.Evaluate.Folds = append(s.Evaluate.Folds, []string{tables[k].Institution})
	}
	plan, err := model.New(s, cb)
	if err != nil {
		return nil, err
	}
	for k := range tables {
		name := tables[k].Institution
		if tables[k], _, err = plan.Prepare(tables[k]); err != nil {
			return nil, err
		}
		tables[k].Institution = name
	}
	state, err := inTheClear(plan, tables)
	if err != nil {
		return nil, err
	}
	x, err := plan.Result(state)
	if err != nil {
		return nil, err
	}
	if x.Evaluation == nil || len(x.Evaluation.LeftOut) == 0 {
		return nil, fmt.Errorf("the pooled model was not judged")
	}
	return &x.Evaluation.LeftOut[len(x.Evaluation.LeftOut)-1], nil
}
