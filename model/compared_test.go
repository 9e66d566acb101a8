package model_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

func anomalyStudy(reweigh bool, features ...string) *configs.Study {
	s := study(configs.KindAnomaly, "", features...)
	s.Model.Reweigh = reweigh
	return s
}

type comparedInR struct {
	N               int64
	Mean, Distances []float64
	Covariance      [][]float64
	Beyond          []int64
	First, Again    *comparedInR
}

// TestAnomalyEqualsR: means and covariance, the distance of every row, and with
// bins that are cut at the quantiles also the counts, are those of mahalanobis()
// and cov() in R; the second estimate too, but for rows that institutions with
// one or two far out left in.
func TestAnomalyEqualsR(t *testing.T) {
	var r comparedInR
	b, err := os.ReadFile("testdata/anomaly.json")
	if err == nil {
		err = json.Unmarshal(b, &r)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, reweigh := range []bool{false, true} {
		p, parts := boards(t, func(cb *configs.Codebook) *model.Plan {
			return plan(t, anomalyStudy(reweigh, "iq_verbal", "iq_perf", "ses", "lang_pre", "arith_pre"), cb)
		})
		tr := run(t, p, parts)
		got, err := p.Result(tr.last())
		if err != nil {
			t.Fatal(err)
		}
		a, want := got.Anomaly, r.First
		if reweigh {
			want = r.Again
		}
		t.Logf("reweigh %v: %d rounds, %d numbers, %.3f a row; %+v, alarms %+v, moved %d", reweigh, len(tr.sums), got.OpenedNumbers, got.OpenedNumbersPerRow, a.Tails, a.Alarms, a.Moved)
		if a.Estimated != want.N || a.Reweighed != reweigh {
			t.Fatalf("estimated on %d rows, R on %d", a.Estimated, want.N)
		}
		equal := func(what string, got, want float64) {
			t.Helper()
			if math.Abs(got-want) > 1e-9*math.Max(1, math.Abs(want)) {
				t.Errorf("reweigh %v: %s is %.15g, R has %.15g", reweigh, what, got, want)
			}
		}
		for i := range want.Mean {
			equal("a mean", a.Mean[i], want.Mean[i])
			for j := range want.Mean {
				equal("a covariance", a.Covariance[i][j], want.Covariance[i][j])
			}
		}
		var all []float64
		for _, part := range parts {
			d, err := p.Distances(tr.last(), part)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, slices.DeleteFunc(d, math.IsNaN)...)
		}
		slices.Sort(all)
		if len(all) != 3643 || len(want.Distances) != 146 {
			t.Fatalf("%d distances, R has every 25th: %d", len(all), len(want.Distances))
		}
		for i, far := range want.Distances {
			equal("a distance", all[25*i], far)
		}
		for i, tail := range a.Tails {
			if tail.TooFew != (tail.Share < 0.005) {
				t.Errorf("%+v with 3,643 rows", tail)
			}
			if d := tail.Rows - want.Beyond[i]; !tail.TooFew && max(d, -d) > a.Moved {
				t.Errorf("%+v, R counts %d; %d moved", tail, want.Beyond[i], a.Moved)
			}
		}
		if a.Alarms == nil || a.Alarms.Share > 0.01 || a.Alarms.Share < 0.005 {
			t.Errorf("alarms %+v", a.Alarms)
		}
		beyond := 0
		for _, d := range all {
			if d > a.Alarms.Distance {
				beyond++
			}
		}
		if d := beyond - int(a.Alarms.Rows); max(d, -d) > 12 {
			t.Errorf("%d rows lie beyond the alarms' distance, %d are said", beyond, a.Alarms.Rows)
		}
	}
}

// odd makes the rows of boards, of which a share is unlike the others: columns
// that go together in all rows do not in these.
func odd(t testing.TB, seed uint64, boards, rows int, share float64) (parts []*model.Table, planted [][]bool) {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 5))
	for range boards {
		columns := make([]model.Column, 4)
		var is []bool
		for j := range columns {
			columns[j] = model.Column{Name: string(rune('a' + j)), Kind: configs.Number, Missing: make([]bool, rows)}
		}
		for range rows {
			u, strange := r.NormFloat64(), r.Float64() < share
			is = append(is, strange)
			for j := range columns {
				x := 0.9*u + math.Sqrt(1-0.81)*r.NormFloat64()
				if strange && j%2 == 1 {
					x = -x + 1.5*float64(1-j%4)
				}
				columns[j].Values = append(columns[j].Values, math.Max(-9.5, math.Min(9.5, x)))
			}
		}
		table, err := model.NewTable(columns)
		if err != nil {
			t.Fatal(err)
		}
		parts, planted = append(parts, table), append(planted, is)
	}
	return parts, planted
}

func oddBook() *configs.Codebook {
	return &configs.Codebook{Columns: []configs.Column{ranged("a", -10, 10), ranged("b", -10, 10), ranged("c", -10, 10), ranged("d", -10, 10)}}
}

// TestAnomaliesAreFound: of .5% planted rows, unlike the others in how columns
// go together and not in any one of them, at 1% alarms.
func TestAnomaliesAreFound(t *testing.T) {
	for _, reweigh := range []bool{false, true} {
		p := plan(t, anomalyStudy(reweigh, "a", "b", "c", "d"), oddBook())
		found, all, alarms, rows := 0, 0, 0, 0
		for seed := range uint64(2) {
			parts, planted := odd(t, seed, 6, 2000, 0.005)
			tr := run(t, p, parts)
			r, err := p.Result(tr.last())
			if err != nil {
				t.Fatal(err)
			}
			for i, part := range parts {
				d, err := p.Distances(tr.last(), part)
				if err != nil {
					t.Fatal(err)
				}
				for k, is := range planted[i] {
					rows++
					if is {
						all++
					}
					if d[k] > r.Anomaly.Alarms.Distance {
						alarms++
						if is {
							found++
						}
					}
				}
			}
		}
		t.Logf("reweigh %v: %d of %d planted rows found (%.0f%%) at %.2f%% alarms", reweigh, found, all, 100*float64(found)/float64(all), 100*float64(alarms)/float64(rows))
		if float64(found) < 0.75*float64(all) || alarms > rows/100 {
			t.Errorf("%d of %d found with %d alarms of %d rows", found, all, alarms, rows)
		}
	}
}

// TestAnomalyCountsHide: in no round does an institution count one or two rows
// in a bin, nor leave one or two rows out of a second estimate.
func TestAnomalyCountsHide(t *testing.T) {
	p := plan(t, anomalyStudy(true, "a", "b", "c", "d"), oddBook())
	parts, _ := odd(t, 9, 8, 300, 0.02)
	tr := run(t, p, parts)
	looked := 0
	for _, state := range tr.states[:len(tr.states)-1] {
		tensors, _, err := p.Shape(state)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range parts {
			values, err := p.Local(state, part)
			if err != nil {
				t.Fatal(err)
			}
			for _, tensor := range tensors {
				own := values[:tensor.Len]
				values = values[tensor.Len:]
				bins := strings.HasPrefix(tensor.Name, "bins") || strings.HasPrefix(tensor.Name, "pieces")
				for _, v := range own {
					if n := v.Int64(); bins && (n == 1 || n == 2) {
						t.Errorf("%s: one institution counts %d", tensor.Name, n)
					}
					looked++
				}
				if left := 300 - own[0].Int64(); tensor.Name == "rows not far out" && (left == 1 || left == 2) {
					t.Errorf("an institution leaves out %d", left)
				}
			}
		}
	}
	if looked < 400 || len(tr.sums) < 5 {
		t.Errorf("%d numbers in %d rounds", looked, len(tr.sums))
	}
}

// TestNoSecondLookAtFew: where few rows, or rows of few institutions, would be
// left out, the first estimate stands.
func TestNoSecondLookAtFew(t *testing.T) {
	p := plan(t, anomalyStudy(true, "a", "b", "c", "d"), oddBook())
	parts, _ := odd(t, 3, 6, 300, 0)
	var small []*model.Table // each has one or two far out
	for _, part := range parts {
		for i := range 10 {
			rows := make([]int, 30)
			for k := range rows {
				rows[k] = 30*i + k
			}
			one, err := part.Take(rows)
			if err != nil {
				t.Fatal(err)
			}
			small = append(small, one)
		}
	}
	tr := run(t, p, small)
	r, err := p.Result(tr.last())
	if err != nil || r.Anomaly.Reweighed {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestAnomalyRefuses(t *testing.T) {
	book := &configs.Codebook{Columns: []configs.Column{ranged("x", 0, 9), ranged("y", 0, 9),
		{Name: "girl", Kind: configs.YesNo}, {Name: "arrests", Kind: configs.Number, Min: new(float64), Max: ranged("z", 0, 9).Max, Sensitivity: configs.Criminal},
		{Name: "origin", Kind: configs.Number, Min: new(float64), Max: ranged("z", 0, 9).Max, AuditOnly: true}}}
	for column, code := range map[string]string{"girl": model.CodeKind, "arrests": model.CodeOffending, "origin": model.CodeAuditOnly, "nothing": model.CodeUnknownColumn} {
		_, err := model.New(anomalyStudy(false, "x", column), book)
		mustRefuse(t, err, code)
	}
	s := anomalyStudy(false, "x", "y")
	s.Evaluate.HeldOut, s.Evaluate.By = 0.2, "x"
	_, err := model.New(s, book)
	mustRefuse(t, err, model.CodeKind)

	// A column that follows from another has no inverse.
	parts, _ := odd(t, 1, 3, 200, 0)
	columns := slices.Clone(parts[0].Columns())
	columns[3].Values = columns[2].Values
	same, err := model.NewTable(columns)
	if err != nil {
		t.Fatal(err)
	}
	p := plan(t, anomalyStudy(false, "a", "b", "c", "d"), oddBook())
	_, err = p.Result(run(t, p, []*model.Table{same}).last())
	mustRefuse(t, err, model.CodeCollinear)
	if _, err := p.Distances(mustStart(t, p), same); err == nil {
		t.Error("distances before the end")
	}
}

func mustStart(t *testing.T, p *model.Plan) []byte {
	t.Helper()
	s, err := p.Start()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func mustRefuse(t *testing.T, err error, code string) {
	t.Helper()
	if codeOf(err) != code {
		t.Errorf("want %s: %v", code, err)
	}
}

// TestAnomalyOfTwoRows: an institution of one or two rows, which a study with
// min_rows = 1 lets in, counts them in the nearest bin and tells of no distance.
func TestAnomalyOfTwoRows(t *testing.T) {
	s := study(configs.KindAnomaly, "", "a", "b")
	p := plan(t, s, &configs.Codebook{Columns: []configs.Column{ranged("a", -80, 80), ranged("b", -80, 80)}})
	r := rand.New(rand.NewPCG(4, 4))
	for few := 1; few <= 2; few++ {
		var parts []*model.Table
		for k, n := range []int{500, 400, few} {
			columns := []model.Column{{Name: "a", Kind: configs.Number}, {Name: "b", Kind: configs.Number}}
			for range n {
				for j := range columns {
					columns[j].Values, columns[j].Missing = append(columns[j].Values, r.NormFloat64()+float64(6*(k/2))), append(columns[j].Missing, false)
				}
			}
			table, err := model.NewTable(columns)
			if err == nil {
				table, _, err = p.Prepare(table)
			}
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, table)
		}
		tr := run(t, p, parts)
		if _, err := p.Result(tr.last()); err != nil {
			t.Errorf("%d rows: %v", few, err)
		}
		own, err := p.Local(tr.states[2], parts[2])
		if err != nil || own[0].Int64() != int64(few) {
			t.Errorf("%d rows far out are counted as %v, %v", few, own, err)
		}
	}
}
