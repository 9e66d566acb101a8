package model_test

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// answer is what testdata/methods.R wrote of one analysis.
type answer struct {
	Rows         int64
	Terms        []string
	Estimate     []float64
	StdError     []float64 `json:"std_error"`
	PValue       []float64 `json:"p_value"`
	Deviance     float64
	NullDeviance float64 `json:"null_deviance"`
	LogLik       float64
	AIC          float64
	DF           int64
	Robust       []float64
	RobustLow    []float64 `json:"robust_low"`
	RobustHigh   []float64 `json:"robust_high"`
	Tests        []struct{ Statistic, P, DF float64 }
}

// boards reads the example's rows, board by board, with the schools as sites.
func boards(t testing.TB, want func(*configs.Codebook) *model.Plan) (*model.Plan, []*model.Table) {
	t.Helper()
	text, err := os.ReadFile("../examples/language/codebook.toml")
	if err != nil {
		t.Fatal(err)
	}
	cb, err := configs.ParseCodebook(text)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(pupils)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header, records := records[0], records[1:]
	school, node := slices.Index(header, "school"), slices.Index(header, "node")
	column, _ := cb.Column("school")
	*column = configs.Column{Name: "school", Kind: configs.Site, Sites: map[string][]string{}}
	var names []string
	for _, r := range records {
		if !slices.Contains(column.Sites[r[node]], r[school]) {
			column.Sites[r[node]] = append(column.Sites[r[node]], r[school])
		}
		if !slices.Contains(names, r[node]) {
			names = append(names, r[node])
		}
	}
	lang, _ := cb.Column("lang_pre")
	lang.Knots = []float64{30, 38}
	low, high := 0.0, 60.0
	lang.Min, lang.Max = &low, &high
	p := want(cb)
	var tables []*model.Table
	for _, name := range names {
		var columns []model.Column
		for _, c := range p.Columns() {
			book, ok := cb.Column(c)
			if !ok {
				t.Fatalf("no column %s", c)
			}
			col := model.Column{Name: c, Kind: book.Kind, Levels: book.Levels}
			if book.Kind == configs.Site {
				col.Levels = book.SiteNames()
			}
			at := slices.Index(header, c)
			for _, r := range records {
				if r[node] != name {
					continue
				}
				v := 0.0
				switch {
				case r[at] == "":
				case len(col.Levels) > 0:
					v = float64(slices.Index(col.Levels, r[at]))
				default:
					if v, err = strconv.ParseFloat(r[at], 64); err != nil {
						t.Fatal(err)
					}
				}
				col.Values, col.Missing = append(col.Values, v), append(col.Missing, r[at] == "")
			}
			columns = append(columns, col)
		}
		table, err := model.NewTable(columns)
		if err != nil {
			t.Fatal(err)
		}
		table.Institution = name
		table, _, err = p.Prepare(table)
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	return p, tables
}

var short = []string{"iq_verbal", "girl", "ses", "lang_pre"}

// analyses are those of testdata/methods.R, by its names.
func analyses() map[string]*configs.Study {
	with := func(s *configs.Study, change func(*configs.Model)) *configs.Study {
		change(&s.Model)
		return s
	}
	logistic := func(change func(*configs.Model)) *configs.Study {
		return with(study("logistic", "lang_delay", short...), change)
	}
	linear := func(change func(*configs.Model)) *configs.Study {
		return with(study("linear", "lang_post", short...), change)
	}
	poisson := func(change func(*configs.Model)) *configs.Study {
		return with(study("poisson", "arith_post", "iq_verbal", "girl", "ses"), change)
	}
	drop := []string{"ses", "iq_verbal + girl + ses"}
	fewSites := func(s *configs.Study) *configs.Study { // on all rows that the other studies of the outcome use
		s.Derive = []configs.Derive{{Name: "few", Value: "school in ['2', '3', '9', '19', '120']"}, {Name: "alone", Value: "school == '172'"}}
		s.Model.Features, s.Model.Cluster = []string{"iq_verbal", "ses", "few", "alone"}, "school"
		return s
	}
	return map[string]*configs.Study{
		"logistic_cluster":     logistic(func(m *configs.Model) { m.Cluster = "school" }),
		"logistic_drop":        logistic(func(m *configs.Model) { m.Drop = drop }),
		"logistic_weights":     logistic(func(m *configs.Model) { m.Weights = "arith_pre" }),
		"logistic_offset":      logistic(func(m *configs.Model) { m.Features, m.Offset = []string{"iq_verbal", "girl", "ses"}, "iq_verbal" }),
		"logistic_institution": logistic(func(m *configs.Model) { m.Intercepts = configs.InterceptInstitution }),
		"logistic_formula": logistic(func(m *configs.Model) {
			m.Outcome, m.Features, m.Formula = "", nil, "lang_delay ~ iq_verbal * girl + ns(lang_pre, 3) + denomination:girl + denomination"
		}),
		"logistic_reference": with(study("logistic", "lang_delay", "girl", "denomination"), func(m *configs.Model) { m.Reference = map[string]string{"denomination": "public"} }),
		"logistic_mean":      with(study("logistic", "lang_delay", append(slices.Clone(short), "denomination")...), func(m *configs.Model) { m.Missing = configs.MissingMean }),
		"logistic_mean_indicators": logistic(func(m *configs.Model) {
			m.Missing, m.Indicators = configs.MissingMean, []string{"ses", "lang_pre"}
		}),
		"logistic_ridge":      logistic(func(m *configs.Model) { m.Penalty.Ridge = 0.01 }),
		"linear_cluster":      linear(func(m *configs.Model) { m.Cluster = "school" }),
		"linear_few_sites":    fewSites(linear(func(*configs.Model) {})),
		"poisson_few_sites":   fewSites(poisson(func(*configs.Model) {})),
		"linear_drop":         linear(func(m *configs.Model) { m.Drop = drop }),
		"linear_weights":      linear(func(m *configs.Model) { m.Weights, m.Cluster = "arith_pre", "school" }),
		"linear_offset":       linear(func(m *configs.Model) { m.Features, m.Offset = []string{"iq_verbal", "girl"}, "ses" }),
		"linear_institution":  linear(func(m *configs.Model) { m.Intercepts = configs.InterceptInstitution }),
		"linear_ridge":        linear(func(m *configs.Model) { m.Penalty.Ridge = 0.1 }),
		"poisson":             poisson(func(m *configs.Model) { m.Cluster, m.Drop = "school", []string{"ses"} }),
		"poisson_offset":      poisson(func(m *configs.Model) { m.Offset = "iq_verbal" }),
		"poisson_weights":     poisson(func(m *configs.Model) { m.Weights = "arith_pre" }),
		"poisson_institution": poisson(func(m *configs.Model) { m.Intercepts = configs.InterceptInstitution }),
		"poisson_ridge":       poisson(func(m *configs.Model) { m.Penalty.Ridge = 0.1 }),
	}
}

// away is the largest distance from R: of estimates in standard errors where R
// has them, of everything else relative.
func (a *answer) away(t *testing.T, r *model.Result) float64 {
	t.Helper()
	worst := 0.0
	check := func(what string, got, want float64) {
		d := math.Abs(got-want) / max(1, math.Abs(want))
		if !(d <= 1e-6) {
			t.Errorf("%s: %.15g, R %.15g", what, got, want)
		}
		worst = max(worst, d)
	}
	check("rows", float64(r.RowsUsed), float64(a.Rows))
	if len(r.Coefficients) != len(a.Terms) {
		t.Fatalf("%d coefficients, R has %v", len(r.Coefficients), a.Terms)
	}
	if (r.RobustMethod == "CR2") != (a.Robust != nil) {
		t.Errorf("errors by site are named %q", r.RobustMethod)
	}
	for i, c := range r.Coefficients {
		if c.Term != a.Terms[i] && c.Level == "" && len(c.Term) < 12 {
			t.Errorf("term %d is %q, R's is %q", i, c.Term, a.Terms[i])
		}
		check(c.Term, c.Estimate, a.Estimate[i])
		if a.StdError != nil {
			check(c.Term+" std_error", c.StdError, a.StdError[i])
			check(c.Term+" p_value", c.PValue, a.PValue[i])
		}
		if a.Robust != nil {
			check(c.Term+" robust_std_error", *c.RobustStdError, a.Robust[i])
			check(c.Term+" robust_conf_low", *c.RobustConfLow, a.RobustLow[i])
			check(c.Term+" robust_conf_high", *c.RobustConfHigh, a.RobustHigh[i])
		}
	}
	if a.StdError == nil {
		return worst
	}
	check("deviance", r.Deviance, a.Deviance)
	check("log likelihood", r.LogLikelihood, a.LogLik)
	check("AIC", r.AIC, a.AIC)
	check("df", float64(r.DFResidual), float64(a.DF))
	if a.NullDeviance != 0 {
		check("null deviance", r.NullDeviance, a.NullDeviance)
	}
	if len(r.Tests) != len(a.Tests) {
		t.Fatalf("%d tests, R has %d", len(r.Tests), len(a.Tests))
	}
	for i, test := range r.Tests {
		check("test statistic", test.Statistic, a.Tests[i].Statistic)
		check("test p", test.PValue, a.Tests[i].P)
		check("test df", float64(test.DF), a.Tests[i].DF)
	}
	return worst
}

// TestMethodsEqualR holds each method to R's answer on the rows of six boards.
func TestMethodsEqualR(t *testing.T) {
	text, err := os.ReadFile("testdata/methods.json")
	if err != nil {
		t.Fatal(err)
	}
	var answers map[string]answer
	if err := json.Unmarshal(text, &answers); err != nil {
		t.Fatal(err)
	}
	studies := analyses()
	for name := range answers {
		if studies[name] == nil {
			t.Errorf("R has an analysis %q that is not run", name)
		}
	}
	for name, s := range studies {
		t.Run(name, func(t *testing.T) {
			want, ok := answers[name]
			if !ok {
				t.Fatal("R has no answer")
			}
			p, tables := boards(t, func(cb *configs.Codebook) *model.Plan { return plan(t, s, cb) })
			tr := run(t, p, tables)
			r, err := p.Result(tr.last())
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d rounds, %.3f opened numbers a row, largest difference from R %.2g", len(tr.sums), r.OpenedNumbersPerRow, want.away(t, r))
		})
	}
}

// TestMethodsDoNotSeeInstitutions: but for own intercepts, every state is the
// same bytes with all rows in one place.
func TestMethodsDoNotSeeInstitutions(t *testing.T) {
	for name, s := range analyses() {
		t.Run(name, func(t *testing.T) {
			p, tables := boards(t, func(cb *configs.Codebook) *model.Plan { return plan(t, s, cb) })
			apart, together := run(t, p, tables), run(t, p, []*model.Table{pooled(t, tables)})
			same := len(apart.states) == len(together.states)
			for i := range apart.states {
				same = same && string(apart.states[i]) == string(together.states[i])
			}
			if own := s.Model.Intercepts == configs.InterceptInstitution; same == own {
				t.Errorf("the same states: %v, with own intercepts: %v", same, own)
			}
		})
	}
}

// pooled puts rows of institutions under each other, of nobody in particular.
func pooled(t *testing.T, tables []*model.Table) *model.Table {
	t.Helper()
	columns := slices.Clone(tables[0].Columns())
	for i := range columns {
		columns[i].Values, columns[i].Missing = nil, nil
		for _, table := range tables {
			c := table.Columns()[i]
			columns[i].Values, columns[i].Missing = append(columns[i].Values, c.Values...), append(columns[i].Missing, c.Missing...)
		}
	}
	out, err := model.NewTable(columns)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestGoldenSites pins every bit of the last state of studies with errors by
// site: the eigenvalues that adjust scores are the same on every processor.
func TestGoldenSites(t *testing.T) {
	golden, err := os.ReadFile("testdata/sites.txt")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	studies := analyses()
	for _, name := range []string{"linear_few_sites", "linear_weights", "logistic_cluster", "poisson_few_sites"} {
		p, tables := boards(t, func(cb *configs.Codebook) *model.Plan { return plan(t, studies[name], cb) })
		sum := sha256.Sum256(run(t, p, tables).last())
		got.WriteString(name + " " + hex.EncodeToString(sum[:]) + "\n")
	}
	if got.String() != string(golden) {
		t.Errorf("the states differ from testdata/sites.txt; if the method was changed on purpose, change its name in robust.go, which is in the fingerprint, and write:\n%s", got.String())
	}
}
