package model_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// TestDescribedValuesOfOneChild: a number that is the same for all but one child
// has a mean that is this child's value, and two counts of which one holds the
// other and one child more tell of it. Both are seen in every slot of the group.
func TestDescribedValuesOfOneChild(t *testing.T) {
	low, high := -100.0, 100.0
	number := func(value string) configs.Derive {
		return configs.Derive{Name: "made", Kind: configs.Number, Value: value, Min: &low, Max: &high}
	}
	parts, debts := steepParts(t, plan(t, study(configs.KindLogistic, "late", "score", "debts"), steepBook))
	own := slices.Clone(debts[:300]) // of the first institution
	slices.Sort(own)
	column, _ := parts[0].Column("late")
	late := fmt.Sprint(column.Values[slices.Index(debts, own[151])]) // of the one child
	middle := (own[150] + own[151]) / 2
	between := func(n int) string { return fmt.Sprintf("debts < %.12f", (own[150+n]+own[151+n])/2) }
	only := fmt.Sprintf("debts > %.12f && debts < %.12f", middle, (own[151]+own[152])/2)
	for what, c := range map[string]struct {
		derive   []configs.Derive
		features []string
		group    string
		says     string // "" passes
	}{
		"honest":                      {nil, []string{"score", "debts", "late"}, "late", ""},
		"one child's score":           {[]configs.Derive{number(only + " ? score : 0.0")}, []string{"made"}, "", `"made" at its larger value`},
		"one child counted":           {[]configs.Derive{number(only + " ? 1.0 : 0.0")}, []string{"made"}, "", `"made" = 1`},
		"one child in a group":        {[]configs.Derive{number(only + " ? score : (late == " + late + " ? 0.0 : score)"), {Name: "of", Kind: configs.YesNo, Value: "late"}}, []string{"made"}, "of", `"made" at its`},
		"one child between two sides": {[]configs.Derive{{Name: "a", Kind: configs.YesNo, Value: between(0)}, {Name: "b", Kind: configs.YesNo, Value: between(1)}}, []string{"a", "b"}, "", `"b" = 1 without "a" = 1`},
		"forty between them":          {[]configs.Derive{{Name: "a", Kind: configs.YesNo, Value: between(0)}, {Name: "b", Kind: configs.YesNo, Value: between(40)}}, []string{"a", "b"}, "", ""},
	} {
		s := study(configs.KindDescriptives, "", c.features...)
		s.Derive, s.Model.Group = c.derive, c.group
		p, err := model.New(s, steepBook)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		table := steepTable(t, p)
		found, err := p.SmallCells(table)
		if err != nil {
			t.Fatal(err)
		}
		if said := strings.Join(found, "; "); c.says == "" && said != "" || !strings.Contains(said, c.says) {
			t.Errorf("%s: %q, want %q", what, said, c.says)
		}
	}
}
