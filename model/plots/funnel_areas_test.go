package plots

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/areas"
)

// areasResult is a table of 30 areas with about a tenth of yes, and one with
// twice that.
func areasResult() *model.Result {
	t := &areas.Table{Column: "area"}
	k := areas.Indicator{Name: "debts <b>", Region: areas.NewRate("", 900, 9000, 30)}
	for i := range 30 {
		name := fmt.Sprintf("a%03d", i+1)
		t.Areas = append(t.Areas, name)
		count := int64(20 + 5*(i%3) + i)
		if i == 12 {
			count = 85
		}
		k.Areas = append(k.Areas, areas.NewRate(name, count, int64(200+10*i), 1))
	}
	t.Indicators = []areas.Indicator{k, {Name: "none", Region: areas.NewRate("", 0, 0, 0)}}
	return &model.Result{Study: "areas", Model: "areas", RowsUsed: 9000, Areas: t}
}

// TestFunnelAreas: every area is a point, the one outside is named and no other,
// and the caption says how many lie outside.
func TestFunnelAreas(t *testing.T) {
	r := areasResult()
	f, err := r.Areas.Funnel("debts <b>")
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range []string{"en", "nl"} {
		pic, err := FunnelAreas(r, f, lang)
		if err != nil {
			t.Fatal(err)
		}
		svg, err := pic.SVG()
		if err != nil {
			t.Fatal(err)
		}
		d, err := parseSVG(svg)
		if err != nil {
			t.Fatal(err)
		}
		if !d.says("a013") || d.says("a001") {
			t.Errorf("%s: the area outside is to be named, and no other", lang)
		}
		if !strings.HasPrefix(pic.Caption[1], fmt.Sprintf("30 %s; %d ", map[string]string{"en": "areas", "nl": "gebieden"}[lang], f.Outside95)) || pic.Name != "funnel-debts--b-" {
			t.Errorf("%s: %q, %q", lang, pic.Name, pic.Caption)
		}
	}
	pictures, err := Pictures(r, nil, "en")
	if err != nil || len(pictures) != 1 {
		t.Errorf("%d pictures, %v", len(pictures), err)
	}
	f.Points[0].Expected = math.NaN()
	if _, err := FunnelAreas(r, f, "en"); err == nil {
		t.Error("a point that is nowhere was drawn")
	}
	if _, err := FunnelAreas(r, &areas.Funnel{Expected: areas.BySituation}, "en"); err != ErrNoData {
		t.Errorf("nothing to draw: %v", err)
	}
}
