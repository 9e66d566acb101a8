package model_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/examples/region"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/node/records"
)

// TestAnomaliesOfTheRegion: of the combinations of test results that the made-up
// region plants as implausible at the six school boards, how many lie beyond the
// threshold of 1% alarms. Only this comparison reads the truth.
func TestAnomaliesOfTheRegion(t *testing.T) {
	if testing.Short() {
		t.Skip("it makes up 12,000 children")
	}
	dir := t.TempDir()
	preset, err := region.PresetNamed("demo")
	if err != nil {
		t.Fatal(err)
	}
	world, err := region.New(preset, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := world.Write(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	cb, err := world.Codebook()
	if err != nil {
		t.Fatal(err)
	}
	var truth struct{ Anomalies []string }
	b, err := os.ReadFile(filepath.Join(dir, region.TruthFolder, region.TruthFile))
	if err == nil {
		err = json.Unmarshal(b, &truth)
	}
	if err != nil || len(truth.Anomalies) < 30 {
		t.Fatalf("%d planted, %v", len(truth.Anomalies), err)
	}
	for _, reweigh := range []bool{false, true} {
		p := plan(t, anomalyStudy(reweigh, "language_5", "vocabulary_5", "arithmetic_5", "motor_5", "attention_5"), cb)
		var parts []*model.Table
		var who [][]string
		for _, board := range region.Members(region.Boards) {
			path := filepath.Join(dir, board, region.RecordsFile)
			f := &records.File{Path: path, Codebook: cb}
			table, err := f.Table(t.Context(), p.Columns(), configs.OutOfRangeMissing)
			if err != nil {
				t.Fatal(err)
			}
			table.Institution = board
			if table, _, err = p.Prepare(table); err != nil {
				t.Fatal(err)
			}
			parts, who = append(parts, table), append(who, firstColumn(t, path))
		}
		tr := run(t, p, parts)
		r, err := p.Result(tr.last())
		if err != nil {
			t.Fatal(err)
		}
		found, planted, alarms, rows := 0, 0, 0, 0
		for i, part := range parts {
			d, err := p.Distances(tr.last(), part)
			if err != nil {
				t.Fatal(err)
			}
			for k := range d {
				if d[k] != d[k] {
					continue
				}
				rows++
				alarm := d[k] > r.Anomaly.Alarms.Distance
				if alarm {
					alarms++
				}
				if slices.Contains(truth.Anomalies, who[i][k]) {
					if planted++; alarm {
						found++
					}
				}
			}
		}
		t.Logf("reweigh %v: %d of %d planted rows found (recall %.0f%%) with %d alarms of %d rows (%.2f%%), %d rounds, %d numbers; %+v",
			reweigh, found, planted, 100*float64(found)/float64(planted), alarms, rows, 100*float64(alarms)/float64(rows), len(tr.sums), r.OpenedNumbers, r.Anomaly.Tails)
		if float64(found) < 0.5*float64(planted) || 100*alarms > rows {
			t.Errorf("%d of %d found, %d alarms of %d rows", found, planted, alarms, rows)
		}
	}
}

// firstColumn reads the pseudonyms, which are no column of a study.
func firstColumn(t *testing.T, path string) (values []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range all[1:] {
		values = append(values, record[0])
	}
	return values
}
