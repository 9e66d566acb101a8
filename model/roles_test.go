package model_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

const rolesBook = `
[[column]]
name = "y"
kind = "yes_no"
[[column]]
name = "a"
kind = "number"
min = -9.0
max = 9.0
[[column]]
name = "b"
kind = "yes_no"
[[column]]
name = "c"
kind = "number"
min = 0.0
max = 9.0
[[column]]
name = "m"
kind = "yes_no"
audit_only = true
[[column]]
name = "school"
kind = "site"
[column.sites]
east = ["s2", "s10"]
west = ["s1"]
[[column]]
name = "home"
kind = "site"
`

func written(t testing.TB, text string) (*model.Plan, error) {
	t.Helper()
	cb, err := configs.ParseCodebook([]byte(rolesBook))
	if err != nil {
		t.Fatal(err)
	}
	s, err := configs.ParseStudy([]byte("[study]\nid = \"s\"\n" + text))
	if err != nil {
		t.Fatal(err)
	}
	return model.New(s, cb)
}

func TestRoles(t *testing.T) {
	const derived = `
[[derive]]
name = "d"
value = "b && a > 1.0"
[[derive]]
name = "e"
value = "d || c > 2.0"
[model]
kind = "logistic"
`
	for _, x := range []struct {
		text    string
		roles   map[string][]string
		predict []string
	}{
		{"[cohort]\nwhere = \"c > 1.0 && school != 's1'\"\n" + derived + "formula = \"y ~ a * e + offset(c)\"\nweights = \"c\"\ncluster = \"school\"\n",
			map[string][]string{
				"y": {"outcome"}, "a": {"predictor", `predictor (in "e")`}, "b": {`predictor (in "e")`},
				"c": {`predictor (in "e")`, "offset", "weights", "cohort"}, "school": {"cluster", "cohort"},
			}, []string{"a", "b", "c", "school"}},
		{derived + "formula = \"y ~ a\"\n[evaluate]\nheld_out = 0.25\nby = \"home\"\ngroups = [\"m\"]\nlearning_curve = \"school\"\n",
			map[string][]string{"y": {"outcome"}, "a": {"predictor"}, "home": {"held out"}, "m": {"judged by"}, "school": {"learning curve"}}, []string{"a"}},
		{derived + "formula = \"e ~ a\"\n[evaluate]\nwhere = \"d\"\n",
			map[string][]string{
				"a": {`outcome (in "e")`, "predictor", `held out (in "d")`}, "b": {`outcome (in "e")`, `held out (in "d")`}, "c": {`outcome (in "e")`},
			}, []string{"a"}},
	} {
		p, err := written(t, x.text)
		if err != nil {
			t.Errorf("%s: %v", x.text, err)
			continue
		}
		got := p.Roles()
		if !maps.EqualFunc(got, x.roles, slices.Equal[[]string]) {
			t.Errorf("%q, want %q", got, x.roles)
		}
		for _, name := range p.Columns() {
			if len(got[name]) == 0 {
				t.Errorf("nobody says what %s is for", name)
			}
		}
		if names := p.Predicting(); !slices.Equal(names, x.predict) {
			t.Errorf("what predicts: %q, want %q", names, x.predict)
		}
	}
}

// TestSitesInExpressions: a site is compared by its name, wherever it stands in
// the register; names that no codebook lists mean nothing to an expression.
func TestSitesInExpressions(t *testing.T) {
	tables := func(where string) string {
		return "[cohort]\nwhere = \"" + where + "\"\n[model]\nkind = \"linear\"\noutcome = \"a\"\nfeatures = [\"b\"]\n"
	}
	p, err := written(t, tables("school in ['s10', 's2']"))
	if err != nil {
		t.Fatal(err)
	}
	column := func(name, kind string, values ...float64) model.Column {
		return model.Column{Name: name, Kind: kind, Values: values, Missing: make([]bool, len(values))}
	}
	school := column("school", configs.Site, 2, 0, 1, 0)
	school.Levels, school.Missing[3] = []string{"s1", "s10", "s2"}, true
	table, err := model.NewTable([]model.Column{column("a", configs.Number, 1, 2, 3, 4), column("b", configs.YesNo, 0, 1, 0, 1), school})
	if err != nil {
		t.Fatal(err)
	}
	if _, kept, err := p.Prepare(table); err != nil || !slices.Equal(kept, []int{0, 2}) {
		t.Errorf("rows %v, %v", kept, err)
	}
	for _, where := range []string{"school == 's3'", "home == 'h1'", "home == school"} {
		_, err := written(t, tables(where))
		var wrong *model.Error
		if !errors.As(err, &wrong) || wrong.Remedy() == "" {
			t.Errorf("%s: %v", where, err)
		}
	}
}

// TestSets: counted and summed rows, and both sides where rows are kept aside.
func TestSets(t *testing.T) {
	const tail = "[model]\nkind = \"logistic\"\noutcome = \"y\"\nfeatures = [\"c\", \"a\"]\n"
	y := model.Column{Name: "y", Kind: configs.YesNo, Values: []float64{0, 1, 0, 1, 0, 1}, Missing: make([]bool, 6)}
	a := model.Column{Name: "a", Kind: configs.Number, Values: []float64{1, 2, 3, 4, 5, 6}, Missing: make([]bool, 6)}
	c := model.Column{Name: "c", Kind: configs.Number, Values: []float64{1, 1, 1, 5, 5, 5}, Missing: []bool{false, false, true, false, false, false}}
	const all, complete = "111111", "110111"
	for _, x := range []struct {
		what, text       string
		counted, summed  string
		missingOfOutcome int // row, or -1
	}{
		{"nothing kept aside", tail, all, complete, -1},
		{"rows kept aside", "[evaluate]\nwhere = \"c > 2.0\"\n" + tail, all + " 111000 000111", complete + " 110000 000111", -1},
		{"one row kept aside", "[evaluate]\nwhere = \"a > 5.0\"\n" + tail, all + " 111110 000001", complete + " 110110 000001", -1},
		{"nobody kept aside", "[evaluate]\nwhere = \"a > 8.0\"\n" + tail, all, complete, -1},
		{"means for gaps", strings.Replace(tail, "kind", "missing = \"mean\"\nkind", 1), all, all, -1},
		{"means for gaps, one outcome missing", strings.Replace(tail, "kind", "missing = \"mean\"\nkind", 1), all, all + " 101111", 1},
	} {
		p, err := written(t, x.text)
		if err != nil {
			t.Fatal(err)
		}
		own := y
		if x.missingOfOutcome >= 0 {
			own.Missing = make([]bool, 6)
			own.Missing[x.missingOfOutcome] = true
		}
		table, err := model.NewTable([]model.Column{own, c, a})
		if err == nil {
			table, _, err = p.Prepare(table)
		}
		if err != nil {
			t.Fatal(err)
		}
		counted, summed, err := p.Sets(table)
		if err != nil {
			t.Fatal(err)
		}
		show := func(sets [][]bool) string {
			var list []string
			for _, s := range sets {
				var b strings.Builder
				for _, in := range s {
					b.WriteByte(map[bool]byte{true: '1', false: '0'}[in])
				}
				list = append(list, b.String())
			}
			return strings.Join(list, " ")
		}
		if got := show(counted); got != x.counted {
			t.Errorf("%s: counted %s, want %s", x.what, got, x.counted)
		}
		if got := show(summed); got != x.summed {
			t.Errorf("%s: summed %s, want %s", x.what, got, x.summed)
		}
		if got, want := table.HeldOut(), strings.Count(strings.SplitN(x.counted+" 0 ", " ", 4)[2], "1"); got != want {
			t.Errorf("%s: %d kept aside, want %d", x.what, got, want)
		}
	}
}
