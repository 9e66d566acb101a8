package model_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// TestAreasLeastCell: no study makes cells of one or two children.
func TestAreasLeastCell(t *testing.T) {
	s := areaStudy("arrears")
	s.Privacy.MinCell = 1
	p := plan(t, s, townBook())
	r := rand.New(rand.NewPCG(3, 3))
	for range 20 {
		table := holder(t, p, "housing", r, 120, func(i int) int { return i % areasInTown }, "arrears")
		tr := run(t, p, []*model.Table{table})
		result, err := p.Result(tr.last())
		if err != nil {
			t.Fatal(err)
		}
		c, _ := table.Column("arrears")
		where, _ := table.Column("area")
		yes, no := map[int]int{}, map[int]int{}
		for i, v := range c.Values {
			if a := int(where.Values[i]); v == 1 {
				yes[a]++
			} else if !c.Missing[i] {
				no[a]++
			}
		}
		for a, rate := range result.Areas.Indicators[0].Areas {
			if told := !rate.TooFew; told && (yes[a] < 3 || no[a] < 3) {
				t.Fatalf("area %d with %d and %d children is told", a, yes[a], no[a])
			}
		}
	}
}

// TestAreasOfChildren: with children, rates are of the yes of one indicator at
// whoever counts them; those without a yes are told nowhere, and where they
// would follow, few of them are too few.
func TestAreasOfChildren(t *testing.T) {
	s := areaStudy("arrears", "concern", "resident")
	s.Model.Children = "resident"
	s.Derive = []configs.Derive{{Name: "resident", Kind: configs.YesNo, Value: "noshow >= 0.0"}}
	p := plan(t, s, townBook())
	r := rand.New(rand.NewPCG(5, 5))
	everywhere := func(i int) int { return i % areasInTown }
	all := holder(t, p, "housing", r, 600, everywhere, "arrears") // a file of those in arrears alone
	yes, _ := all.Column("arrears")
	for i := range yes.Values {
		yes.Values[i], yes.Missing[i] = 1, false
	}
	register := holder(t, p, "municipality", r, 3000, everywhere, "noshow", "concern")
	mostly, _ := register.Column("concern")
	where, _ := register.Column("area")
	for i := range mostly.Values { // in the first area nearly everybody
		if where.Values[i] == 0 {
			mostly.Values[i], mostly.Missing[i] = 1, false
		}
	}
	tr := run(t, p, []*model.Table{all, register})
	result, err := p.Result(tr.last())
	if err != nil {
		t.Fatal(err)
	}
	if result.OpenedNumbers != 1+3+2*3*13+3 {
		t.Errorf("%d numbers", result.OpenedNumbers)
	}
	arrears, concern := result.Areas.Indicators[0], result.Areas.Indicators[1]
	for _, rate := range arrears.Areas {
		if rate.TooFew || rate.Count != 50 || rate.Children < 235 || rate.Children > 250 {
			t.Errorf("%+v", rate)
		}
	}
	if d := arrears.Region.Rate - 600.0/2940; max(d, -d) > 0.01 {
		t.Errorf("region %+v", arrears.Region)
	}
	if !concern.Areas[0].TooFew || concern.Areas[1].TooFew {
		t.Errorf("who knows the children of an area knows those without: %+v", concern.Areas[:2])
	}
	s.Model.Children = ""
	if result, err = plan(t, s, townBook()).Result(run(t, plan(t, s, townBook()), []*model.Table{all, register}).last()); err != nil || !result.Areas.Indicators[0].Region.TooFew {
		t.Errorf("a file of yes alone tells nothing of its own: %+v, %v", result, err)
	}
}

// TestAreasOfChildrenWithout: what follows from the yes and the children are the
// children without a yes, however many others of the file are a no.
func TestAreasOfChildrenWithout(t *testing.T) {
	s := areaStudy("concern", "resident")
	s.Model.Children = "resident"
	s.Derive = []configs.Derive{{Name: "resident", Kind: configs.YesNo, Value: "noshow >= 3.0"}}
	p := plan(t, s, townBook())
	register := holder(t, p, "municipality", rand.New(rand.NewPCG(5, 5)), 3000, func(i int) int { return i % areasInTown }, "noshow", "concern")
	concern, _ := register.Column("concern")
	resident, _ := register.Column("resident")
	where, _ := register.Column("area")
	without := 1
	for i := range concern.Values { // in the first area all residents but one, and nobody else
		if where.Values[i] != 0 {
			continue
		}
		concern.Values[i], concern.Missing[i] = resident.Values[i], false
		if resident.Values[i] == 1 && without > 0 {
			concern.Values[i], without = 0, 0
		}
	}
	result, err := p.Result(run(t, p, []*model.Table{register}).last())
	if err != nil {
		t.Fatal(err)
	}
	if told := result.Areas.Indicators[0].Areas; !told[0].TooFew || told[1].TooFew {
		t.Errorf("one child without it follows from %+v", told[:2])
	}
}

// TestAreasFirstRoundIsOfColumns: what an institution tells before it can refuse
// is whether it holds a column, whatever stands in it: no expression over it can
// ask where its counts pass min_cell. After that it knows that it is alone.
func TestAreasFirstRoundIsOfColumns(t *testing.T) {
	s := areaStudy("arrears", "once", "often")
	s.Derive = []configs.Derive{{Name: "once", Kind: configs.YesNo, Value: "noshow >= 1.0"}, {Name: "often", Kind: configs.YesNo, Value: "1.0 / (noshow >= 5.0 ? 1.0 : 0.0) > 0.0"}}
	p := plan(t, s, townBook())
	r := rand.New(rand.NewPCG(7, 7))
	everywhere := func(i int) int { return i % areasInTown }
	others := []*model.Table{holder(t, p, "housing", r, 900, everywhere, "arrears"), holder(t, p, "corporation", r, 900, everywhere, "arrears"), holder(t, p, "another", r, 900, everywhere, "arrears")}
	var before []string
	for _, most := range []int{1, 3, 11} {
		raw := holder(t, p, "jgz", r, 900, everywhere, "noshow")
		noshow, _ := raw.Column("noshow")
		area, _ := raw.Column("area")
		values := model.Column{Name: "noshow", Kind: configs.Number, Values: make([]float64, raw.Rows()), Missing: make([]bool, raw.Rows())}
		for i := range values.Values {
			values.Values[i] = float64(int(noshow.Values[i]) % most)
		}
		table, err := model.NewTable([]model.Column{*area, values})
		if err == nil {
			table, _, err = p.Prepare(table)
		}
		if err != nil {
			t.Fatal(err)
		}
		tr := run(t, p, append(others[:3:3], table))
		first, err := p.Local(tr.states[0], table)
		if err != nil {
			t.Fatal(err)
		}
		before = append(before, fmt.Sprint(first))
		filled, err := p.Filling(tr.states[1], table)
		if err != nil || len(filled) != 2 || !filled[0].Alone() || !filled[1].Alone() {
			t.Errorf("after round 1 the only holder knows %+v, %v", filled, err)
		}
		if filled, err = p.Filling(tr.states[1], others[0]); err != nil || len(filled) != 1 || filled[0].Alone() {
			t.Errorf("one of three holders knows %+v, %v", filled, err)
		}
	}
	if before[0] != before[1] || before[1] != before[2] || before[0] != "[900 0 1 1]" {
		t.Errorf("round 1 tells of the values: %v", before)
	}
}
