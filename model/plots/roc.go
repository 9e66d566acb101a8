package plots

import (
	"fmt"

	"github.com/smartstart-federation/smartstart/model"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	rocLine = look{line: line(blue, 2)}
	rocBand = look{fill: paleBlue}
)

// band fills the rectangles between the points of a ROC curve. Within a bin
// any order is possible: events first gives the upper staircase, events last
// the lower one, and the exact curve lies between them.
type band struct{ points plotter.XYs }

func (b band) Plot(c draw.Canvas, p *plot.Plot) {
	for i := 1; i < len(b.points); i++ {
		from, to := b.points[i-1], b.points[i]
		x0, x1 := c.X(p.X.Norm(from.X)), c.X(p.X.Norm(to.X))
		y0, y1 := c.Y(p.Y.Norm(from.Y)), c.Y(p.Y.Norm(to.Y))
		c.FillPolygon(rocBand.fill, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
	}
}

// rocPoints returns the points of the ROC curve that the bins give, from (0,
// 0) with the highest predictions first to (1, 1), or nil if all rows have the
// same outcome: shares of the rows without (X) and with the outcome (Y) that
// lie above each cut.
func rocPoints(bins []model.Bin) plotter.XYs {
	var rows, events int64
	for _, b := range bins {
		rows, events = rows+b.Rows, events+b.Events
	}
	if events == 0 || events == rows {
		return nil
	}
	points := plotter.XYs{{}}
	var without, with int64
	for i := len(bins) - 1; i >= 0; i-- {
		without, with = without+bins[i].Rows-bins[i].Events, with+bins[i].Events
		points = append(points, plotter.XY{X: float64(without) / float64(rows-events), Y: float64(with) / float64(events)})
	}
	return points
}

// ROC draws the ROC curve of held-out rows from its bins, with the band that
// the exact curve lies in, beside the AUC of the simplest rule.
func ROC(r *model.Result, j *model.Judged, lang string) (*Picture, error) {
	t, err := textsIn(lang)
	if err != nil {
		return nil, err
	}
	if j == nil || len(j.Bins) == 0 {
		return nil, ErrNoData
	}
	p, err := rocPlot(t, *j, false)
	if err != nil {
		return nil, err
	}
	pic := &Picture{
		Name: "roc", Title: t.rocTitle, Footer: footer(t, r), beside: true, panels: []panel{{plot: p, across: t.falseAxis}},
		key: []keyEntry{
			{rocLine, fmt.Sprintf(t.rocModel, t.number(j.AUC, 3))},
			{rocBand, fmt.Sprintf(t.rocBand, t.within(j.AUC, j.BinError, 3))},
			{diagonal, t.chance},
		},
		Caption: []string{fmt.Sprintf(t.judged, t.whole(j.Rows), t.whole(j.Events)), fmt.Sprintf(t.rocBins, t.whole(int64(len(j.Bins))))},
	}
	if j.Rule != nil {
		pic.Caption = append(pic.Caption, sentence(t.ruleText(*j.Rule)), t.rocRuleAlone)
	}
	return pic, nil
}

// ruleText names the simplest rule with its AUC.
func (t *texts) ruleText(r model.Rule) string {
	order := t.lowestFirst
	if r.Ascending {
		order = t.highestFirst
	}
	return fmt.Sprintf(t.rocRule, elide(r.Column, sans(textSize), 190), order, t.number(r.AUC, 3), t.within(r.AUC, r.BinError, 3))
}

// ROCLeftOut draws a small ROC curve for each left-out set, twelve at most;
// the caption says how many more there are.
func ROCLeftOut(r *model.Result, sets []model.Judged, lang string) (*Picture, error) {
	t, err := textsIn(lang)
	if err != nil {
		return nil, err
	}
	pic := &Picture{
		Name: "roc-left-out", Title: t.rocTitle, Footer: footer(t, r),
		key: []keyEntry{{rocLine, t.model}, {rocBand, t.rocBandShort}, {diagonal, t.chance}},
	}
	var rule *model.Rule
	small, err := pic.addPanels(t, sets, t.falseAxis, func(j model.Judged, small bool) (*plot.Plot, string, error) {
		p, err := rocPlot(t, j, small)
		note := fmt.Sprintf(t.panelAUC, t.number(j.AUC, 3))
		if j.Rule != nil {
			rule = j.Rule
			note += "; " + fmt.Sprintf(t.panelRule, t.number(j.Rule.AUC, 3))
		}
		return p, note, err
	})
	if err != nil {
		return nil, err
	}
	about := t.leftOut
	if small {
		about += " " + t.axesOf(t.falseAxis, t.trueAxis)
	}
	if rule != nil {
		about += " " + t.rocRuleAlone
	}
	pic.Caption = append([]string{about}, pic.Caption...)
	return pic, nil
}

func rocPlot(t *texts, j model.Judged, small bool) (*plot.Plot, error) {
	if err := checkBins(j.Bins); err != nil {
		return nil, err
	}
	points := rocPoints(j.Bins)
	if points == nil {
		return nil, ErrNoData
	}
	about, size, up := 5, float64(textSize), t.trueAxis
	if small {
		about, size, up = 2, 9, ""
	}
	ticks := linearTicks{t: t, about: about, percent: true}
	p := newPlot(axis(0, 1, ticks), axis(0, 1, ticks), up, size)
	p.Add(band{points}, straight(diagonal.line, 0, 0, 1, 1), curve{rocLine.line, points})
	return p, nil
}
