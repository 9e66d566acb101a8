package cmd

import (
	"bytes"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/areas"
)

// TestPrintAreas: a row for each area, the rest and the region; what is too few
// is said, and never a count of it.
func TestPrintAreas(t *testing.T) {
	rest := areas.NewRate("", 30, 100, 2)
	table := &areas.Table{Column: "area", Areas: []string{"a001", "a002"}, Indicators: []areas.Indicator{
		{Name: "debts", Merged: 5, Rest: &rest, Region: areas.NewRate("", 70, 300, 3), Areas: []areas.Rate{areas.NewRate("a001", 40, 200, 1), areas.NewRate("a002", 0, 0, 0)}},
	}}
	var out bytes.Buffer
	printAreas(&output{out: &out}, table)
	for _, want := range []string{"a001  20.0 +-1.2", "a002     too few", "other areas together  30.0 +-5.4", "the region  23.3 +-2.5", "debts about 5", "whose record has the indicator"} {
		if !strings.Contains(squeezed(out.String()), squeezed(want)) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	table.Children = "debts"
	out.Reset()
	printAreas(&output{out: &out}, table)
	if text := squeezed(out.String()); !strings.Contains(text, "a001 40 ") || strings.Contains(text, "other areas") || !strings.Contains(text, `"debts" counts`) {
		t.Error(out.String())
	}
}

func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

func TestPrintAnomaly(t *testing.T) {
	var out bytes.Buffer
	printAnomaly(&output{out: &out}, &model.Result{Anomaly: &model.Anomaly{
		Tails:     []model.Tail{{Share: 0.01, Distance: 15.09, Rows: 126, Expected: 87.7}, {Share: 0.001, Distance: 20.5, TooFew: true}},
		Alarms:    &model.Alarms{Distance: 18.2, Rows: 81, Share: 0.0092},
		Reweighed: true, Estimated: 8291, Moved: 6,
	}})
	for _, want := range []string{"1% 126 88", "0.1% too few to say", "81 rows (0.92%)", "8,291 rows not farthest out", "at most 6", "only the institution knows"} {
		if !strings.Contains(squeezed(out.String()), want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

// TestAcceptCells: cells that too few institutions fill are named by indicator,
// for approvers to accept; an indicator that nobody can tell of is said.
func TestAcceptCells(t *testing.T) {
	_, m, err := explainStudy("[study]\nid = \"s\"\n[model]\nkind = \"areas\"\narea = \"area\"\nindicators = [\"x\", \"y\", \"z\"]\n",
		[]byte("[[column]]\nname = \"area\"\nkind = \"category\"\nlevels = [\"a\", \"b\"]\n[[column]]\nname = \"x\"\nkind = \"yes_no\"\n[[column]]\nname = \"y\"\nkind = \"yes_no\"\n[[column]]\nname = \"z\"\nkind = \"yes_no\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	fill := func(rows ...int64) (f []model.Filled) {
		for _, n := range rows {
			f = append(f, model.Filled{Rows: n})
		}
		return f
	}
	var tables []*model.Table
	for _, name := range []string{"one", "two", "three"} {
		tables = append(tables, &model.Table{Institution: name})
	}
	tr := &trial{filled: [][]model.Filled{fill(40, 40, 0, 9, 0, 0, 0, 0, 0), fill(40, 40, 0, 9, 9, 0, 0, 0, 0), fill(40, 40, 0, 9, 0, 0, 0, 0, 0)}}
	got := acceptCells(tr, tables, m, 3)
	if len(got) != 2 || !strings.Contains(got[0].Sentence, `1 of 2 cells of indicator "y"`) || !strings.Contains(got[0].Sentence, `"two"`) || !strings.Contains(got[1].Sentence, `tell of indicator "z"`) {
		t.Errorf("%+v", got)
	}
}
