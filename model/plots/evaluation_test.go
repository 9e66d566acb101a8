package plots

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
	"pgregory.net/rapid"
)

func TestCalibrationNumbers(t *testing.T) {
	e := evaluation()
	p, err := Calibration(logisticResult(), e.HeldOut, "en")
	if err != nil {
		t.Fatal(err)
	}
	d := readBack(t, p)
	at := d.ruler(t, textSize, "20%", "80%", across, linear)
	xs, ys := d.dots()
	xs, ys = xs[1:], ys[1:] // the first is the key's
	if len(xs) != 20 {
		t.Fatalf("%d dots", len(xs))
	}
	// Heights by the first and the last bin, which the x axis has placed.
	rate := func(b model.Bin) float64 { return float64(b.Events) / float64(b.Rows) }
	first, last := e.HeldOut.Bins[0], e.HeldOut.Bins[19]
	up := (ys[19] - ys[0]) / (rate(last) - rate(first))
	for i, b := range e.HeldOut.Bins {
		if want := at(100 * b.Expected / 43); !near(xs[i], want, 0.1) {
			t.Errorf("bin %d lies at %g, want %g", i, xs[i], want)
		}
		if want := ys[0] + up*(rate(b)-rate(first)); !near(ys[i], want, 0.1) {
			t.Errorf("bin %d lies %g high, want %g", i, ys[i], want)
		}
	}
	for _, s := range []string{"slope 0.97 (1 is right)", "intercept -0.04", fmt.Sprintf("%.2f", e.HeldOut.OE), "Rows judged: 860"} {
		if !strings.Contains(strings.Join(p.Caption, " "), s) {
			t.Errorf("%q is not in the caption", s)
		}
	}
	m, _, err := calibrationMarks([]model.Bin{{Rows: 70, Events: 12, Expected: 9.1}, {}})
	if err != nil || len(m.list) != 1 || !near(m.list[0].low, 0.100877246405, 1e-9) || !near(m.list[0].high, 0.276166480321, 1e-9) {
		t.Errorf("%v, %v", m.list, err)
	}
}

// Whatever the order of the rows within their bins, the exact ROC curve lies
// in the band, and the curve's area is the AUC that counts ties half.
func TestROCBand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []model.Bin
		var outcomes []bool // from the highest prediction down
		for i := range rapid.IntRange(1, 8).Draw(t, "bins") {
			rows := rapid.SliceOfN(rapid.Bool(), 0, 9).Draw(t, fmt.Sprint("rows", i))
			b := model.Bin{Rows: int64(len(rows))}
			for _, y := range rows {
				if y {
					b.Events++
				}
			}
			list = append([]model.Bin{b}, list...)
			outcomes = append(outcomes, rows...)
		}
		var events, others float64
		for _, b := range list {
			events, others = events+float64(b.Events), others+float64(b.Rows-b.Events)
		}
		points := rocPoints(list)
		if events == 0 || others == 0 {
			if points != nil {
				t.Fatal("a curve of one outcome")
			}
			return
		}
		x, y := 0.0, 0.0
		for _, with := range outcomes {
			if with {
				y += 1 / events
			} else {
				x += 1 / others
			}
			inside := false
			for i := 1; i < len(points); i++ {
				a, b := points[i-1], points[i]
				inside = inside || x >= a.X-1e-9 && x <= b.X+1e-9 && y >= a.Y-1e-9 && y <= b.Y+1e-9
			}
			if !inside {
				t.Fatalf("(%g, %g) lies outside the band", x, y)
			}
		}
		area, ties := 0.0, 0.0
		for i := 1; i < len(points); i++ {
			area += (points[i].X - points[i-1].X) * (points[i].Y + points[i-1].Y) / 2
		}
		below := 0.0
		for _, b := range list {
			ties += float64(b.Events) * (below + float64(b.Rows-b.Events)/2)
			below += float64(b.Rows - b.Events)
		}
		if !near(area, ties/(events*others), 1e-9) {
			t.Fatalf("area %g, AUC %g", area, ties/(events*others))
		}
	})
}

func TestROCSays(t *testing.T) {
	p, err := ROC(logisticResult(), evaluation().HeldOut, "nl")
	if err != nil {
		t.Fatal(err)
	}
	said := strings.Join(p.Caption, " ") + p.key[0].text + p.key[1].text
	for _, s := range []string{"AUC 0,892", "0,886 tot 0,898", "lang_pre, laagste eerst: AUC 0,861", "20 klassen"} {
		if !strings.Contains(said, s) {
			t.Errorf("%q is not in %q", s, said)
		}
	}
	r := model.Rule{Column: "age", Ascending: true}
	if s := languages["en"].ruleText(r); !strings.Contains(s, "highest first") {
		t.Errorf("an ascending rule is called %q", s)
	}
}

func TestLeftOutPanels(t *testing.T) {
	for _, c := range []struct{ sets, panels, more int }{{1, 1, 0}, {5, 5, 0}, {12, 12, 0}, {15, 12, 3}} {
		var sets []model.Judged
		for i := range c.sets {
			sets = append(sets, judged(fmt.Sprint("board", i), bins(8, 40, 0.1, 0.8, 1), 0.8))
		}
		sets = append(sets, model.Judged{Institutions: []string{"no bins"}})
		for _, draw := range []func(*model.Result, []model.Judged, string) (*Picture, error){CalibrationLeftOut, ROCLeftOut} {
			p, err := draw(logisticResult(), sets, "en")
			if err != nil || len(p.panels) != c.panels || p.beside != (c.sets == 1) {
				t.Fatalf("%d sets: %+v, %v", c.sets, p, err)
			}
			if says := strings.Contains(strings.Join(p.Caption, " "), fmt.Sprintf("not drawn: %d.", c.more)); says != (c.more > 0) {
				t.Errorf("%d sets: the caption is %q", c.sets, p.Caption)
			}
			if d := readBack(t, p); !d.says(fmt.Sprint("board", c.panels-1)) || d.says("no bins") {
				t.Errorf("%d sets: the wrong ones are drawn", c.sets)
			}
		}
	}
}

func TestLearningCurveNumbers(t *testing.T) {
	e := evaluation()
	e.Curve[0], e.Curve[3] = e.Curve[3], e.Curve[0] // the order does not matter
	p, err := LearningCurve(logisticResult(), e.Curve, e.HeldOut.Rule, "en")
	if err != nil {
		t.Fatal(err)
	}
	d := readBack(t, p)
	at := d.ruler(t, textSize, "1", "72", across, math.Log)
	xs, ys := d.dots()
	want := evaluation().Curve
	for i, w := range want {
		if !near(xs[i+1], at(float64(w.Sites)), 0.1) {
			t.Errorf("%d sites lie at %g, want %g", w.Sites, xs[i+1], at(float64(w.Sites)))
		}
		height := ys[1] + (ys[6]-ys[1])*(w.AUC-0.651)/(0.893-0.651)
		if !near(ys[i+1], height, 0.1) || !d.says(fmt.Sprintf("%.3f", w.AUC)) {
			t.Errorf("%d sites: %g high, want %g", w.Sites, ys[i+1], height)
		}
	}
	if !strings.Contains(p.Caption[0], "12 to 216") || !strings.Contains(p.Caption[0], "held out") {
		t.Errorf("the caption is %q", p.Caption)
	}
	without, err := LearningCurve(nil, e.Curve, nil, "en")
	if err != nil || len(without.key) != 1 || strings.Contains(without.Caption[0], "rule") {
		t.Errorf("without a rule: %v, %v", without.Caption, err)
	}
}

func TestFunnelNumbers(t *testing.T) {
	e := evaluation()
	e.LeftOut[5].OE = 3.4 // above the usual end of the axis
	e.LeftOut = append(e.LeftOut, model.Judged{Institutions: []string{"empty"}, OE: 1})
	p, err := Funnel(logisticResult(), e.LeftOut, "en")
	if err != nil {
		t.Fatal(err)
	}
	d := readBack(t, p)
	at := d.ruler(t, textSize, "50", "150", across, linear)
	xs, ys := d.dots()
	if len(xs) != 7 {
		t.Fatalf("%d dots", len(xs))
	}
	for i, j := range e.LeftOut[:6] {
		expected := float64(j.Events) / evaluation().LeftOut[i].OE
		height := ys[1] + (ys[6]-ys[1])*(j.OE-e.LeftOut[0].OE)/(3.4-e.LeftOut[0].OE)
		if !near(xs[i+1], at(expected), 0.1) || !near(ys[i+1], height, 0.1) {
			t.Errorf("%s lies at %g, %g, want %g, %g", j.Institutions, xs[i+1], ys[i+1], at(expected), height)
		}
		if !d.says(j.Institutions[0]) {
			t.Errorf("%s has no name", j.Institutions)
		}
	}
	caption := strings.Join(p.Caption, " ")
	if !strings.Contains(caption, "not drawn: 1.") || !strings.Contains(caption, "exact Poisson limits") || strings.Contains(caption, "no room") {
		t.Errorf("the caption is %q", caption)
	}
	var many []model.Judged
	for range 30 {
		many = append(many, e.LeftOut[0])
	}
	if p, err = Funnel(nil, many, "en"); err != nil || !slices.Contains(p.Caption, languages["en"].unnamed) {
		t.Errorf("30 sets in one place: %q, %v", p.Caption, err)
	}
}

func TestFairnessNumbers(t *testing.T) {
	e := evaluation()
	e.Groups["Minority"] = e.Groups["minority"] // one file name in small letters
	e.Groups["minority"][1].FNR = nil           // no rate, though not called too few
	list, err := Fairness(logisticResult(), e.Groups, "en")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range list {
		names = append(names, p.Name)
	}
	if want := []string{"fairness-minority", "fairness-denomination", "fairness-minority-2"}; !slices.Equal(names, want) {
		t.Errorf("the files are %v, want %v", names, want)
	}
	d := readBack(t, list[1])
	for _, s := range []string{"public (n = 1,210)", "7% (6 to 9) of 980", "38% (32 to 44) of 230", "Selected for a conversation, by denomination"} {
		if !d.says(s) {
			t.Errorf("%q is not there", s)
		}
	}
	count := func(d drawing, s string) (n int) {
		for _, x := range d.texts {
			if x.said == s {
				n++
			}
		}
		return n
	}
	if n := count(d, "too few to say"); n != 2 {
		t.Errorf("%d rates of denomination are too few to say", n)
	}
	minority := readBack(t, list[2])
	if n := count(minority, "too few to say"); n != 1 || !minority.says("17% (12 to 24) of 148") {
		t.Errorf("%d rates of minority are too few to say", n)
	}
	at := d.ruler(t, textSize, "0%", "40%", across, linear)
	xs, _ := d.dots()
	for i, g := range e.Groups["denomination"][:3] {
		if !near(xs[i], at(100*g.FPR.Estimate), 0.1) {
			t.Errorf("%s lies at %g, want %g", g.Level, xs[i], at(100*g.FPR.Estimate))
		}
	}
}

// A level that is too few to say shows no rate, even where one was given.
func TestTooFewShowsNoRate(t *testing.T) {
	groups := map[string][]model.Group{"g": {{Level: "few", TooFew: true, Rows: 7, FPR: share(2, 5), FNR: share(1, 2)}}}
	list, err := Fairness(nil, groups, "nl")
	if err != nil {
		t.Fatal(err)
	}
	d := readBack(t, list[0])
	if xs, _ := d.dots(); len(xs) > 0 || d.says("40%") && d.says("van 5") || d.says("n = 7") || !d.says("te weinig om iets te zeggen") {
		t.Error("the rate of a small group is shown")
	}
}

// The four limits end, at the right, where exact Poisson limits are; the 95%
// ones are dashed.
func TestFunnelLimits(t *testing.T) {
	e := evaluation()
	p, err := Funnel(nil, e.LeftOut, "en")
	if err != nil {
		t.Fatal(err)
	}
	d := readBack(t, p)
	_, ys := d.dots()
	first, last := e.LeftOut[0].OE, e.LeftOut[5].OE
	height := func(oe float64) float64 { return ys[1] + (ys[6]-ys[1])*(oe-first)/(last-first) }
	right := 1.12 * float64(e.LeftOut[5].Events) / last
	want := map[bool][]float64{ // by whether the line is dashed
		true:  {height(poissonLimit(right, 0.025)), height(poissonLimit(right, 0.975))},
		false: {height(poissonLimit(right, 0.001)), height(poissonLimit(right, 0.999))},
	}
	for _, path := range d.paths {
		points, style, _ := strings.Cut(path, " ")
		if !strings.Contains(style, "stroke-width:1.25") || strings.Count(points, "L") < 50 {
			continue // not a limit
		}
		dashed := strings.Contains(style, "stroke-dasharray")
		var x, y float64
		if _, err := fmt.Sscanf(points[strings.LastIndex(points, "L"):], "L%g,%g", &x, &y); err != nil {
			t.Fatal(err)
		}
		if len(want[dashed]) == 0 || !near(y, want[dashed][0], 0.2) {
			t.Fatalf("a limit (dashed: %v) ends at %g, want %v", dashed, y, want[dashed])
		}
		want[dashed] = want[dashed][1:]
	}
	if len(want[true])+len(want[false]) > 0 {
		t.Errorf("limits that are not drawn: %v", want)
	}
}
