package model_test

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/areas"
)

const areasInTown = 12

func townBook() *configs.Codebook {
	area := configs.Column{Name: "area", Kind: configs.Category}
	for i := range areasInTown {
		area.Levels = append(area.Levels, fmt.Sprintf("a%03d", i+1))
	}
	return &configs.Codebook{Columns: []configs.Column{area, {Name: "arrears", Kind: configs.YesNo, Label: "Rent arrears"}, ranged("noshow", 0, 10),
		{Name: "concern", Kind: configs.YesNo}, {Name: "arrests", Kind: configs.YesNo, Sensitivity: configs.Criminal}, {Name: "origin", Kind: configs.YesNo, AuditOnly: true}}}
}

func areaStudy(indicators ...string) *configs.Study {
	s := study(configs.KindAreas, "")
	s.Model.Features = nil
	s.Model.Area, s.Model.Indicators = "area", indicators
	s.Derive = []configs.Derive{{Name: "noshow_often", Kind: configs.YesNo, Value: "noshow >= 4.0"}}
	return s
}

// holder is an institution's rows: children by area, and columns.
func holder(t testing.TB, p *model.Plan, name string, r *rand.Rand, rows int, in func(i int) int, columns ...string) *model.Table {
	t.Helper()
	cb := townBook()
	area, _ := cb.Column("area")
	list := []model.Column{{Name: "area", Kind: configs.Category, Levels: area.Levels}}
	for _, c := range columns {
		book, _ := cb.Column(c)
		list = append(list, model.Column{Name: c, Kind: book.Kind})
	}
	for i := range rows {
		for j := range list {
			v, missing := float64(in(i)), false
			switch list[j].Kind {
			case configs.YesNo:
				v, missing = float64(r.IntN(4)/3), r.IntN(50) == 0
			case configs.Number:
				v, missing = float64(r.IntN(6)), r.IntN(50) == 0
			}
			if missing {
				v = 0
			}
			list[j].Values, list[j].Missing = append(list[j].Values, v), append(list[j].Missing, missing)
		}
	}
	table, err := model.NewTable(list)
	if err != nil {
		t.Fatal(err)
	}
	table.Institution = name
	table, _, err = p.Prepare(table)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// districts are a housing corporation everywhere, two health teams with half the town
// each, and four boards that all have children everywhere.
func districts(t *testing.T, p *model.Plan) (parts []*model.Table) {
	t.Helper()
	r := rand.New(rand.NewPCG(8, 8))
	everywhere := func(i int) int { return i % areasInTown }
	parts = append(parts, holder(t, p, "housing", r, 1500, everywhere, "arrears"))
	parts = append(parts, holder(t, p, "jgz1", r, 900, func(i int) int { return i % 6 }, "noshow"))
	parts = append(parts, holder(t, p, "jgz2", r, 900, func(i int) int { return 6 + i%6 }, "noshow"))
	for k := range 4 {
		parts = append(parts, holder(t, p, fmt.Sprintf("board%d", k+1), r, 700, everywhere, "concern"))
	}
	return parts
}

// TestAreasJoin: the table has what the holders' own cells, merged and rounded,
// add up to, whoever holds which column; and rates are near the truth.
func TestAreasJoin(t *testing.T) {
	p := plan(t, areaStudy("arrears", "noshow_often", "concern"), townBook())
	if got := fmt.Sprint(p.Optional(), p.Columns()); got != "[arrears noshow concern] [area arrears concern noshow]" {
		t.Errorf("optional and all columns: %s", got)
	}
	parts := districts(t, p)
	if got := fmt.Sprint(p.Lacks(parts[0])); got != "[noshow_often concern]" {
		t.Errorf("housing lacks %s", got)
	}
	tr := run(t, p, parts)
	r, err := p.Result(tr.last())
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.sums) != 3 || r.OpenedNumbers != 1+3+3*13*3+3 || r.RowsUsed != 1500+1800+2800 {
		t.Errorf("%d rounds, %d numbers, %d rows", len(tr.sums), r.OpenedNumbers, r.RowsUsed)
	}
	for _, k := range r.Areas.Indicators {
		column, holders := map[string]string{"arrears": "arrears", "noshow_often": "noshow_often", "concern": "concern"}[k.Name], int64(0)
		truth := make([]areas.Cell, areasInTown)
		for _, part := range parts {
			c, _ := part.Column(column)
			where, _ := part.Column("area")
			some := false
			for i, missing := range c.Missing {
				if !missing {
					some = true
					truth[int(where.Values[i])].Children++
					truth[int(where.Values[i])].Count += int64(c.Values[i])
				}
			}
			if some {
				holders++
			}
		}
		told := 0
		for a, rate := range k.Areas {
			if rate.TooFew {
				continue
			}
			told++
			if rate.Count%5 != 0 || rate.Children%5 != 0 || rate.Institutions > holders {
				t.Errorf("%s: %+v", k.Name, rate)
			}
			off := 2 * rate.Institutions
			if k.Name != "concern" { // of each cell one institution, and none was merged
				if d := rate.Count - truth[a].Count; max(d, -d) > off {
					t.Errorf("%s in %s: %d, in truth %d", k.Name, rate.Area, rate.Count, truth[a].Count)
				}
			}
		}
		if told < 6 || k.Region.Rate < 0.15 || k.Region.Rate > 0.4 {
			t.Errorf("%s: %d areas are told, region %+v", k.Name, told, k.Region)
		}
		t.Logf("%s: %d areas told, merged %d, region %+v", k.Name, told, k.Merged, k.Region)
	}
}

// TestAreasFilledByFew: before the cells are opened, each institution knows which
// of its cells fewer than min_institutions tell of.
func TestAreasFilledByFew(t *testing.T) {
	p := plan(t, areaStudy("arrears", "noshow_often", "concern"), townBook())
	parts := districts(t, p)
	tr := run(t, p, parts)
	if f, err := p.Filling(tr.states[0], parts[0]); err != nil || f != nil {
		t.Errorf("before the first round: %v, %v", f, err)
	}
	for i, want := range []bool{true, true, true, false} {
		filled, err := p.Filling(tr.states[2], parts[i])
		if err != nil || len(filled) == 0 {
			t.Fatal(filled, err)
		}
		own, alone := 0, 0
		for _, f := range filled {
			if f.Rows > 0 {
				own++
			}
			if f.Alone() {
				alone++
			}
		}
		if len(filled) != 1+3*(areasInTown+1) || own == 0 || want && alone != own || !want && alone == own {
			t.Errorf("%s: %d of %d cells are its own", parts[i].Institution, alone, own)
		}
	}
}

// TestAreasCharge: what is charged is what an institution's own rows enter,
// against those rows.
func TestAreasCharge(t *testing.T) {
	p := plan(t, areaStudy("arrears", "noshow_often", "concern"), townBook())
	parts := districts(t, p)
	tr := run(t, p, parts)
	for i, part := range parts {
		numbers := 0
		for _, state := range tr.states[:3] {
			n, rows, own, err := p.Charged(state, part)
			if err != nil || !own || rows > part.Rows() || rows < part.Rows()*9/10 {
				t.Fatal(n, rows, own, err)
			}
			values, err := p.Local(state, part)
			if err != nil {
				t.Fatal(err)
			}
			filled := 0
			for _, v := range values {
				if v.Sign() != 0 {
					filled++
				}
			}
			if n < filled || n > filled+3 {
				t.Errorf("institution %d: charged %d, its rows enter %d", i, n, filled)
			}
			numbers += n
		}
		if share := float64(numbers) / float64(part.Rows()); share > 0.15 {
			t.Errorf("institution %d: %.3f numbers a row", i, share)
		}
	}
}

// TestAreasChargeRowsWithValue: rows of the same file without a value in the
// indicator hide nobody either.
func TestAreasChargeRowsWithValue(t *testing.T) {
	p := plan(t, areaStudy("arrears"), townBook())
	part := holder(t, p, "housing", rand.New(rand.NewPCG(5, 5)), 12000, func(i int) int { return i % areasInTown }, "arrears")
	arrears, _ := part.Column("arrears")
	for i := 600; i < len(arrears.Values); i++ {
		arrears.Values[i], arrears.Missing[i] = 0, true
	}
	tr := run(t, p, []*model.Table{part})
	n, rows, _, err := p.Charged(tr.states[2], part)
	if err != nil || n < 20 || rows > 700 {
		t.Errorf("%d numbers over 600 children are charged to %d rows, %v", n, rows, err)
	}
}

func TestAreasRefuse(t *testing.T) {
	for column, code := range map[string]string{"noshow": model.CodeKind, "arrests": model.CodeOffending, "origin": model.CodeAuditOnly, "nothing": model.CodeUnknownColumn} {
		_, err := model.New(areaStudy("arrears", column), townBook())
		mustRefuse(t, err, code)
	}
	for where, code := range map[string]string{"arrests": model.CodeOffending, "origin && noshow > 1": model.CodeAuditOnly, "convicted": model.CodeOffending} {
		s := areaStudy("arrears")
		s.Derive = append(s.Derive, configs.Derive{Name: "convicted", Kind: configs.YesNo, Value: "arrests"})
		s.Cohort.Where = where
		_, err := model.New(s, townBook())
		mustRefuse(t, err, code)
	}
	s := areaStudy("arrears")
	s.Model.Area = "noshow"
	_, err := model.New(s, townBook())
	mustRefuse(t, err, model.CodeKind)
	for _, mark := range []func(*configs.Column){func(c *configs.Column) { c.AuditOnly = true }, func(c *configs.Column) { c.Sensitivity = configs.Criminal }} {
		s, cb := areaStudy("arrears"), townBook()
		mark(&cb.Columns[0]) // country of origin in the place of an area, say
		if _, err := model.New(s, cb); codeOf(err) != model.CodeAuditOnly && codeOf(err) != model.CodeOffending {
			t.Errorf("a protected column divides into areas: %v", err)
		}
	}
	s = areaStudy("arrears")
	s.Evaluate.Where = "arrears"
	_, err = model.New(s, townBook())
	mustRefuse(t, err, model.CodeKind)

	// Sums that no institutions can give end the study.
	p := plan(t, areaStudy("arrears"), townBook())
	parts := districts(t, p)
	tr := run(t, p, parts)
	for what, change := range map[string]func(i int, v int64) int64{
		"not rounded":           func(i int, v int64) int64 { return v + int64(1-min(i, 1)) },
		"more than everybody":   func(i int, v int64) int64 { return v + 5000*int64(1-min(i, 1)) },
		"a cell nobody told of": func(i int, v int64) int64 { return v + 50*int64(max(0, i-24)) },
	} {
		sums := make([]int64, 0)
		for i, v := range tr.sums[2] {
			sums = append(sums, change(i, v.Int64()))
		}
		last, err := p.Global(tr.states[2], bigs(sums))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Result(last); codeOf(err) != model.CodeContradiction {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := p.Result(tr.states[1]); codeOf(err) != model.CodeUnfinished {
		t.Errorf("a result after one round: %v", err)
	}
	if roles := p.Roles(); strings.Join(roles["area"], "") != "area" || strings.Join(roles["arrears"], "") != "indicator" || len(p.Predicting()) != 0 {
		t.Errorf("roles %v", roles)
	}
}

func bigs(values []int64) (out []*big.Int) {
	for _, v := range values {
		out = append(out, big.NewInt(v))
	}
	return out
}
