package cmd

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/areas"
)

// twelve areas of 1,000 children each, in which reports double with every two
// points of debts.
func twelve() *areas.Table {
	t := &areas.Table{Column: "area", Indicators: []areas.Indicator{{Name: "debts"}, {Name: "reported"}}}
	var sums [2]int64
	for i := range int64(12) {
		name := fmt.Sprintf("a%03d", i+1)
		t.Areas = append(t.Areas, name)
		debts, reported := 50+10*i, int64(40*1000<<(i/2)/1000)
		for k, n := range []int64{debts, reported} {
			t.Indicators[k].Areas = append(t.Indicators[k].Areas, areas.NewRate(name, n, 1000*(1+int64(k)*10), 1))
			sums[k] += n
		}
	}
	for k := range t.Indicators {
		t.Indicators[k].Region = areas.NewRate("", sums[k], 12000*(1+int64(k)*10), 12)
	}
	return t
}

// TestPlace: a profile and a model of areas come from the opened table, and are
// refused for what has none.
func TestPlace(t *testing.T) {
	d := &Document{Result: &model.Result{Areas: twelve()}}
	if err := d.place(&areaFlags{area: "a012", explain: "reported"}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	printProfile(&output{out: &out}, d.Profile)
	printSituation(&output{out: &out}, d.Situation)
	text := squeezed(out.String())
	for _, want := range []string{"area a012 beside the region", "debts 16.0", "5 of 5", "reported in 12 areas", "debts 1.39", "says nothing of a child"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
	for what, f := range map[string]*areaFlags{"no such area": {area: "a099"}, "no such indicator": {explain: "noise"}, "explained by itself": {explain: "debts", by: []string{"debts"}}} {
		if err := d.place(f); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	if err := (&Document{Result: &model.Result{}}).place(&areaFlags{area: "a001"}); err == nil {
		t.Error("a result without areas has a profile")
	}
	s := configs.DefaultStudy()
	s.Model.Kind = configs.KindLogistic
	for _, f := range []*areaFlags{{area: "a"}, {explain: "x"}, {by: []string{"x"}}} {
		if f.fits(s) == nil {
			t.Errorf("%+v fits a logistic study", f)
		}
	}
	if err := (&areaFlags{}).fits(s); err != nil {
		t.Error(err)
	}
}
