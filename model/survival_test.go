package model_test

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// invented is the codebook of testdata/survival.csv.
func invented() *configs.Codebook {
	at := func(c configs.Column, age float64) configs.Column {
		c.KnownAt = &age
		return c
	}
	whole := func(name string, high float64) configs.Column {
		c := ranged(name, 0, high)
		c.Kind = configs.Integer
		return c
	}
	return &configs.Codebook{Columns: []configs.Column{
		yesNo("girl"), at(whole("noshow", 20), 48), at(ranged("sdq_4", 0, 40), 48), at(ranged("sdq_6", 0, 40), 72), ranged("report_age", 0, 200), yesNo("reported"), whole("visits", 100),
	}}
}

// childrenOf reads testdata/survival.csv, one table for each board.
func childrenOf(t testing.TB, names []string) (tables []*model.Table) {
	t.Helper()
	f, err := os.Open("testdata/survival.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	reader := csv.NewReader(f)
	reader.Comment = '#'
	records, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	header, records := records[0], records[1:]
	for _, board := range []string{"b1", "b2", "b3", "b4", "b5", "b6"} {
		var columns []model.Column
		for _, name := range names {
			book, ok := invented().Column(name)
			if !ok {
				t.Fatalf("no column %s", name)
			}
			c := model.Column{Name: name, Kind: book.Kind}
			at := slices.Index(header, name)
			for _, r := range records {
				if r[slices.Index(header, "board")] != board {
					continue
				}
				v := 0.0
				if r[at] != "" {
					if v, err = strconv.ParseFloat(r[at], 64); err != nil {
						t.Fatal(err)
					}
				}
				c.Values, c.Missing = append(c.Values, v), append(c.Missing, r[at] == "")
			}
			columns = append(columns, c)
		}
		table, err := model.NewTable(columns)
		if err != nil {
			t.Fatal(err)
		}
		table.Institution = board
		tables = append(tables, table)
	}
	return tables
}

func prepared(t testing.TB, p *model.Plan, tables ...*model.Table) (out []*model.Table) {
	t.Helper()
	for _, table := range tables {
		table, _, err := p.Prepare(table)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, table)
	}
	return out
}

// following is a study of kind discrete_time over testdata/survival.csv.
func following(features ...string) *configs.Study {
	s := study(configs.KindDiscreteTime, "", features...)
	s.Model.Time, s.Model.Event, s.Model.Cuts = "report_age", "reported", []float64{48, 72, 96, 120, 144}
	return s
}

// varying is following with a predictor that is measured again.
func varying() *configs.Study {
	s := following("girl", "noshow", "sdq")
	low, high := 0.0, 40.0
	s.Derive = []configs.Derive{{Name: "sdq", Kind: configs.Number, Value: "period == '48-72' ? sdq_4 : sdq_6", Min: &low, Max: &high}}
	return s
}

type survivalAnswer struct {
	answer
	Children, Events int64
	Mean, SD         []float64
	Statistic, P     float64
}

func survivalAnswers(t testing.TB) (answers map[string]survivalAnswer) {
	t.Helper()
	text, err := os.ReadFile("testdata/survival.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

func near(t testing.TB, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-6*max(1, math.Abs(want))) {
		t.Errorf("%s: %.15g, R %.15g", what, got, want)
	}
}

// TestDiscreteTimeEqualsR: glm on survSplit's person-periods, with a predictor
// that changes from period to period.
func TestDiscreteTimeEqualsR(t *testing.T) {
	for name, s := range map[string]*configs.Study{
		"discrete_time": varying(),
		"discrete_time_formula": func() *configs.Study {
			s := following()
			s.Model.Features, s.Model.Formula = nil, "reported ~ period * girl + sdq_4"
			return s
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			p := plan(t, s, invented())
			tables := prepared(t, p, childrenOf(t, p.Columns())...)
			tr := run(t, p, tables)
			r, err := p.Result(tr.last())
			if err != nil {
				t.Fatal(err)
			}
			want := survivalAnswers(t)[name]
			worst := want.away(t, r)
			t.Logf("%d rounds, %.3f opened numbers a child, largest difference from R %.2g", len(tr.sums), r.OpenedNumbersPerRow, worst)
			if r.Model != configs.KindDiscreteTime || p.Kind() != configs.KindDiscreteTime {
				t.Errorf("the kind is %q and %q", r.Model, p.Kind())
			}
			if *r.Children != want.Children || *r.Events != want.Events {
				t.Errorf("%d children and %d events, R %d and %d", *r.Children, *r.Events, want.Children, want.Events)
			}
			if got := float64(r.OpenedNumbers) / float64(want.Children); r.OpenedNumbersPerRow != got {
				t.Errorf("%g numbers a child, want %g", r.OpenedNumbersPerRow, got)
			}
			own := 0
			for _, table := range tables {
				own += p.Rows(table)
				if n := table.Children(); n >= table.Rows() || p.Rows(table) > n {
					t.Errorf("%d rows, %d children, %d of them used", table.Rows(), n, p.Rows(table))
				}
			}
			if int64(own) != want.Children {
				t.Errorf("the institutions count %d children, R %d", own, want.Children)
			}
		})
	}
}

// TestDiscreteTimeTests: a likelihood-ratio test of the term that varies.
func TestDiscreteTimeTests(t *testing.T) {
	s := varying()
	s.Model.Drop = []string{"sdq"}
	p := plan(t, s, invented())
	r, err := p.Result(run(t, p, prepared(t, p, childrenOf(t, p.Columns())...)).last())
	if err != nil {
		t.Fatal(err)
	}
	want := survivalAnswers(t)["discrete_time_drop"]
	near(t, "statistic", r.Tests[0].Statistic, want.Statistic)
	near(t, "p", r.Tests[0].PValue, want.P)
}

// TestDiscreteTimeDoesNotSeeInstitutions: the states are the same bytes with
// all children in one place.
func TestDiscreteTimeDoesNotSeeInstitutions(t *testing.T) {
	p := plan(t, varying(), invented())
	tables := childrenOf(t, p.Columns())
	apart := run(t, p, prepared(t, p, tables...))
	together := run(t, p, prepared(t, p, pooled(t, tables)))
	for i := range apart.states {
		if string(apart.states[i]) != string(together.states[i]) {
			t.Fatalf("state %d differs", i)
		}
	}
}

// few makes one institution of children: [age, seen, girl] each, with sdq_4.
func few(t testing.TB, children ...[4]float64) *model.Table {
	t.Helper()
	names := []string{"report_age", "reported", "girl", "sdq_4"}
	columns := make([]model.Column, len(names))
	for j, name := range names {
		book, _ := invented().Column(name)
		columns[j] = model.Column{Name: name, Kind: book.Kind}
		for _, c := range children {
			columns[j].Values, columns[j].Missing = append(columns[j].Values, max(0, c[j])), append(columns[j].Missing, c[j] < 0)
		}
	}
	table, err := model.NewTable(columns)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestPersonPeriods: what Prepare makes of children, and whose row each is.
func TestPersonPeriods(t *testing.T) {
	s := following("girl", "sdq_4")
	s.Cohort.Where = "sdq_4 < 30"
	p := plan(t, s, invented())
	table, kept, err := p.Prepare(few(t, [4]float64{80, 1, 1, 10}, [4]float64{144, 0, 0, 35}, [4]float64{20, 1, 0, 10}, [4]float64{-1, 1, 0, 10}, [4]float64{200, 0, 1, 12}))
	if err != nil {
		t.Fatal(err)
	}
	if want := []int{0, 0, 3, 4, 4, 4, 4}; !slices.Equal(kept, want) {
		t.Fatalf("rows of %v, want %v", kept, want)
	}
	period, _ := table.Column("period")
	event, _ := table.Column("reported")
	if want := []float64{0, 1, 0, 0, 1, 2, 3}; !slices.Equal(period.Values, want) || !slices.Equal(period.Levels, []string{"48-72", "72-96", "96-120", "120-144"}) {
		t.Errorf("periods %v of %v", period.Values, period.Levels)
	}
	if want := []float64{0, 1, 0, 0, 0, 0, 0}; !slices.Equal(event.Values, want) {
		t.Errorf("events %v", event.Values)
	}
	if !event.Missing[2] || !period.Missing[2] || event.Missing[0] {
		t.Error("a child without an age has a period or an event")
	}
	if table.Rows() != 7 || table.Children() != 3 || p.Rows(table) != 2 {
		t.Errorf("%d rows, %d children, %d used", table.Rows(), table.Children(), p.Rows(table))
	}
	again, err := table.Take([]int{0, 1, 6})
	if err != nil || again.Children() != 2 {
		t.Errorf("after taking rows: %d children, %v", again.Children(), err)
	}
	if got, want := p.Columns(), []string{"girl", "sdq_4", "report_age", "reported"}; !slices.Equal(sorted(got), sorted(want)) {
		t.Errorf("reads %v", got)
	}
	if roles := p.Roles(); !slices.Equal(roles["report_age"], []string{"outcome"}) || !slices.Equal(roles["reported"], []string{"outcome"}) || roles["period"] != nil {
		t.Errorf("roles %v", roles)
	}
	if got := p.Predicting(); !slices.Equal(got, []string{"girl", "sdq_4"}) {
		t.Errorf("predicts from %v", got)
	}
}

func sorted(list []string) []string { list = slices.Clone(list); slices.Sort(list); return list }

// TestSetsOfPersonPeriods: the ledger is told of the first period's children,
// each once, beside all rows.
func TestSetsOfPersonPeriods(t *testing.T) {
	p := plan(t, following("girl", "sdq_4"), invented())
	tables := prepared(t, p, few(t, [4]float64{80, 1, 1, 10}, [4]float64{144, 0, 0, 35}, [4]float64{100, 1, 0, -1}))
	counted, summed, err := p.Sets(tables[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(counted) != 1 || len(summed) != 2 {
		t.Fatalf("%d and %d sets", len(counted), len(summed))
	}
	if want := []bool{true, false, true, false, false, false, false, false, false}; !slices.Equal(summed[1], want) {
		t.Errorf("the first period is %v", summed[1])
	}
}

// TestSmallCellsCountChildren: many periods of one child hide nobody.
func TestSmallCellsCountChildren(t *testing.T) {
	many := func(n int, c [4]float64) (list [][4]float64) {
		for i := range n {
			c[3] = 10 + float64(i%7)
			list = append(list, c)
		}
		return list
	}
	base := slices.Concat(many(10, [4]float64{60, 1, 0}), many(10, [4]float64{80, 1, 1}), many(10, [4]float64{110, 1, 0}), many(10, [4]float64{130, 1, 1}), many(10, [4]float64{144, 0, 0}), many(10, [4]float64{144, 0, 1}))
	with := func(more ...[4]float64) [][4]float64 { return slices.Concat(base, more) }
	boys := slices.Concat(many(10, [4]float64{60, 1, 0}), many(10, [4]float64{80, 1, 0}), many(10, [4]float64{110, 1, 0}), many(10, [4]float64{130, 1, 0}), many(30, [4]float64{144, 0, 0}))
	flat := func(list [][4]float64) [][4]float64 {
		for i := range list {
			list[i][3] = 10 + 0.001*float64(i%5)
		}
		return list
	}
	gaps := following("girl", "sdq_4", "extra") // out of range, and so missing, in one period
	low, high := 0.0, 40.0
	gaps.Privacy.OutOfRange = "missing"
	gaps.Derive = []configs.Derive{{Name: "extra", Kind: configs.Number, Value: "period == '72-96' && sdq_4 > 30 ? 99.0 : sdq_4", Min: &low, Max: &high}}
	late := slices.Concat(slices.Repeat([][4]float64{{144, 0, 0, 35}}, 4), slices.Repeat([][4]float64{{144, 0, 1, 35}}, 4))
	interaction := following()
	interaction.Model.Features, interaction.Model.Formula = nil, "reported ~ period * sdq_4"
	for _, c := range []struct {
		what  string
		study *configs.Study
		rows  [][4]float64
		says  string
	}{
		{"many children of everything", following("girl", "sdq_4"), base, ""},
		{"one girl in four periods", following("girl", "sdq_4"), append(slices.Clone(boys), [4]float64{144, 0, 1, 12}), `"girl" = 1`},
		{"three girls", following("girl", "sdq_4"), append(slices.Clone(boys), [4]float64{144, 0, 1, 12}, [4]float64{144, 0, 1, 12}, [4]float64{144, 0, 1, 12}), ""},
		{"one child is all that varies", following("girl", "sdq_4"), append(flat(with()), [4]float64{144, 0, 1, 39}), `"sdq_4", of which one or two rows`},
		{"one child moved away where nobody had the event", following("girl", "sdq_4"),
			slices.Concat(many(20, [4]float64{60, 1, 0}), many(20, [4]float64{110, 1, 1}), many(10, [4]float64{130, 1, 1}), many(20, [4]float64{144, 0, 0}), many(20, [4]float64{144, 0, 1}), [][4]float64{{80, 0, 0, 12}}),
			"the children in one of the periods 72-96 and 96-120 only"},
		{"one moved away among those with the event", following("girl", "sdq_4"), with([4]float64{80, 0, 1, 12}), ""},
		{"the same where events are told apart", interaction, with([4]float64{80, 0, 1, 12}), "without the event"},
		{"two girls with the event in a period", following("girl", "sdq_4"),
			slices.Concat(many(20, [4]float64{60, 1, 0}), many(2, [4]float64{60, 1, 1}), many(10, [4]float64{80, 1, 1}), many(10, [4]float64{80, 1, 0}), many(10, [4]float64{110, 1, 1}), many(10, [4]float64{130, 1, 1}), many(20, [4]float64{144, 0, 0}), many(20, [4]float64{144, 0, 1})),
			`only with "girl" = 1`},
		{"all but one who moved away had the event", following("girl", "sdq_4"),
			slices.Concat(many(20, [4]float64{60, 1, 0}), many(20, [4]float64{60, 1, 1}), many(20, [4]float64{80, 1, 0}), many(20, [4]float64{80, 1, 1}),
				many(10, [4]float64{110, 1, 0}), many(10, [4]float64{110, 1, 1}), many(10, [4]float64{130, 1, 0}), many(10, [4]float64{130, 1, 1}), [][4]float64{{80, 0, 0, 12}}),
			"the children of the first period less those with the event"},
		{"one moved away, and others come back", gaps,
			slices.Concat(many(30, [4]float64{110, 1, 0}), many(30, [4]float64{110, 1, 1}), many(30, [4]float64{144, 0, 0}), many(30, [4]float64{144, 0, 1}), late, [][4]float64{{71, 0, 0, 12}}),
			"the children in one of the periods 48-72 and 96-120 only"},
	} {
		p := plan(t, c.study, invented())
		small, err := p.SmallCells(prepared(t, p, few(t, c.rows...))[0])
		if err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(small, "; "); c.says == "" && all != "" || !strings.Contains(all, c.says) {
			t.Errorf("%s: %q, want %q", c.what, all, c.says)
		}
	}
}

func refusedPlan(t *testing.T, what string, s *configs.Study, cb *configs.Codebook, code, says string) {
	t.Helper()
	_, err := model.New(s, cb)
	var e *model.Error
	if !errors.As(err, &e) {
		t.Errorf("%s: %v", what, err)
		return
	}
	if e.Code() != code || !strings.Contains(e.Error(), says) || e.Remedy() == "" {
		t.Errorf("%s: %s %q | %q", what, e.Code(), e.Error(), e.Remedy())
	}
}

// TestDiscreteTimeRefused: what would answer another question.
func TestDiscreteTimeRefused(t *testing.T) {
	change := func(f func(*configs.Study)) *configs.Study {
		s := following("girl", "sdq_4")
		f(s)
		return s
	}
	low, high := 0.0, 500.0
	derived := func(name, value string) configs.Derive {
		return configs.Derive{Name: name, Kind: configs.Number, Value: value, Min: &low, Max: &high}
	}
	for _, c := range []struct {
		what, code, says string
		study            *configs.Study
	}{
		{"a cohort of periods", model.CodeKind, "[cohort] where reads the period", change(func(s *configs.Study) { s.Cohort.Where = "period != '48-72'" })},
		{"a cohort of derived periods", model.CodeKind, "[cohort] where reads the period", change(func(s *configs.Study) {
			s.Derive = []configs.Derive{{Name: "early", Kind: configs.YesNo, Value: "period == '48-72'"}}
			s.Cohort.Where = "early"
		})},
		{"an event that follows from the period", model.CodeKind, "which follows from it", change(func(s *configs.Study) {
			s.Derive = []configs.Derive{{Name: "early", Kind: configs.YesNo, Value: "period == '48-72'"}}
			s.Model.Event = "early"
		})},
		{"a time that is none", model.CodeKind, "is no time", change(func(s *configs.Study) { s.Model.Time, s.Model.Features = "girl", []string{"sdq_4"} })},
		{"an event that is a number", model.CodeKind, "yes or no", change(func(s *configs.Study) { s.Model.Event = "sdq_6" })},
		{"no such time", model.CodeUnknownColumn, `time names the column "age"`, change(func(s *configs.Study) { s.Model.Time = "age" })},
		{"a formula of something else", model.CodeKind, "the event is", change(func(s *configs.Study) { s.Model.Features, s.Model.Formula = nil, "girl ~ period" })},
		{"the time in other words", model.CodeFuture, "knows the future", change(func(s *configs.Study) {
			s.Derive = []configs.Derive{derived("half", "report_age / 2")}
			s.Model.Features = []string{"half"}
		})},
		{"what is measured later", model.CodeFuture, "known at 72 months", change(func(s *configs.Study) { s.Model.Features = []string{"sdq_6"} })},
		{"the same, derived", model.CodeFuture, "known at 72 months", change(func(s *configs.Study) {
			s.Derive = []configs.Derive{derived("more", "sdq_6 - sdq_4 + 40")}
			s.Model.Features = []string{"more"}
		})},
		{"judging", model.CodeKind, "is not in this version", change(func(s *configs.Study) { s.Evaluate.Where = "girl" })},
	} {
		refusedPlan(t, c.what, c.study, invented(), c.code, c.says)
	}
	cb := invented()
	cb.Columns = append(cb.Columns, yesNo("period"))
	refusedPlan(t, "a column called period", following("girl"), cb, model.CodeKind, "has one already")
	cb = invented()
	cb.Columns[4].AuditOnly = true
	refusedPlan(t, "a protected time", following("girl"), cb, model.CodeAuditOnly, "audit_only")
	cb = invented()
	cb.Columns[4].Sensitivity = configs.Criminal
	refusedPlan(t, "a time of offending", following("girl"), cb, model.CodeOffending, "offending")
	cb = invented()
	late := 130.0
	cb.Columns[3].KnownAt = &late
	refusedPlan(t, "known after the last period has begun", varying(), cb, model.CodeFuture, "beginning of the last period")
}
