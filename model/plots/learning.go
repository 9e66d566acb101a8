package plots

import (
	"fmt"
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/model"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"
)

// learning returns the points of a learning curve that can be drawn, from few
// sites to many.
func learning(points []model.CurvePoint) []model.CurvePoint {
	var ok []model.CurvePoint
	for _, p := range points {
		if p.Sites > 0 && p.Models > 0 && finite(p.AUC) && p.AUC >= 0 && p.AUC <= 1 {
			ok = append(ok, p)
		}
	}
	slices.SortStableFunc(ok, func(a, b model.CurvePoint) int { return a.Sites - b.Sites })
	return ok
}

// LearningCurve draws the AUC against the number of sites that models learnt
// from. rule may be nil; its AUC is a horizontal line.
func LearningCurve(r *model.Result, points []model.CurvePoint, rule *model.Rule, lang string) (*Picture, error) {
	t, err := textsIn(lang)
	if err != nil {
		return nil, err
	}
	points = learning(points)
	if len(points) == 0 {
		return nil, ErrNoData
	}
	if rule != nil && !(rule.AUC >= 0 && rule.AUC <= 1) {
		return nil, fmt.Errorf("the simplest rule has an AUC of %g, which is not between 0 and 1: check the result", rule.AUC)
	}
	m := marks{look: glyph(blue, draw.CircleGlyph{}), radius: 4.5}
	through := curve{LineStyle: line(blue, 1.5)}
	lowest, few, many := 0.5, points[0].Models, points[0].Models
	for _, p := range points {
		m.list = append(m.list, mark{float64(p.Sites), p.AUC, p.AUC, p.AUC})
		through.points = append(through.points, plotter.XY{X: float64(p.Sites), Y: p.AUC})
		lowest, few, many = math.Min(lowest, p.AUC), min(few, p.Models), max(many, p.Models)
	}
	if rule != nil {
		lowest = math.Min(lowest, rule.AUC)
	}
	ticks := siteTicks(t, points)
	values := make([]string, len(points)) // where the axis says the number of sites
	for i, p := range points {
		if slices.ContainsFunc(ticks, func(k plot.Tick) bool { return k.Value == float64(p.Sites) }) {
			values[i] = t.number(p.AUC, 3)
		}
	}
	first, last := float64(points[0].Sites), float64(points[len(points)-1].Sites)
	y := axis(math.Floor(lowest*10)/10, 1, linearTicks{t: t, about: 5})
	p := newPlot(logAxis(first/1.15, last*1.15, ticks), y, t.aucAxis, textSize)
	pic := &Picture{
		Name: "learning-curve", Title: t.curveTitle, Footer: footer(t, r),
		panels: []panel{{plot: p, across: t.sitesAxis}}, key: []keyEntry{{m.look, t.curveMean}},
	}
	models := t.whole(few)
	if many > few {
		models = t.between(models, t.whole(many))
	}
	pic.Caption = []string{fmt.Sprintf(t.modelsPerPoint, models)}
	avoid := []curve{through}
	if rule != nil {
		alone := look{line: line(vermillion, 1.5, 7, 4)}
		level := straight(alone.line, p.X.Min, rule.AUC, p.X.Max, rule.AUC)
		p.Add(level)
		avoid = append(avoid, level)
		pic.key = append(pic.key, keyEntry{alone, t.ruleText(*rule)})
		pic.Caption[0] += " " + t.ruleRows
	}
	p.Add(through, m, labels{m.list, values, m.radius, avoid, smallSize, new(int)})
	return pic, nil
}

// siteTicks marks the numbers of sites of the points, the last one always and
// the others where their labels are far enough apart.
func siteTicks(t *texts, points []model.CurvePoint) plot.ConstantTicks {
	last := math.Log(float64(points[len(points)-1].Sites))
	apart := math.Max((last-math.Log(float64(points[0].Sites)))/18, 1e-9)
	var ticks []plot.Tick
	for i, p := range points {
		at := math.Log(float64(p.Sites))
		if i < len(points)-1 && last-at < apart || len(ticks) > 0 && at-math.Log(ticks[len(ticks)-1].Value) < apart {
			continue
		}
		ticks = append(ticks, plot.Tick{Value: float64(p.Sites), Label: t.whole(int64(p.Sites))})
	}
	return ticks
}
