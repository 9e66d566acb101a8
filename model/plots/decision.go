package plots

import (
	"fmt"
	"math"

	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/decide"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

var (
	decisionModel     = look{line: line(blue, 2)}
	decisionBand      = look{fill: paleBlue}
	decisionEverybody = look{line: line(vermillion, 1.5, 7, 4)}
	decisionNobody    = look{line: line(black, 1)}
	decisionPrice     = look{line: line(grey, 1, 2, 3)}
)

// between fills what lies between the least and the most of each point.
type between struct{ low, high plotter.XYs }

func (b between) Plot(c draw.Canvas, p *plot.Plot) {
	at := func(pt plotter.XY) vg.Point {
		y := math.Min(math.Max(pt.Y, p.Y.Min), p.Y.Max) // the band is cut off at the axis
		return vg.Point{X: c.X(p.X.Norm(pt.X)), Y: c.Y(p.Y.Norm(y))}
	}
	var outline []vg.Point
	for _, pt := range b.high {
		outline = append(outline, at(pt))
	}
	for i := len(b.low) - 1; i >= 0; i-- {
		outline = append(outline, at(b.low[i]))
	}
	c.FillPolygon(decisionBand.fill, outline)
}

// Decision draws the decision curve of what a model means in use: the net
// benefit of selecting by it, everybody or nobody at each threshold, for 1,000
// rows, with the price that the user put on a false alarm. u may be nil.
func Decision(r *model.Result, u *decide.Use, lang string) (*Picture, error) {
	t, err := textsIn(lang)
	if err != nil {
		return nil, err
	}
	if u == nil || len(u.Curve) < 2 {
		return nil, ErrNoData
	}
	const by = 1000.0
	var middle, low, high, all plotter.XYs
	most := 0.0
	for _, k := range u.Curve {
		if !finite(k.Threshold, k.Model.Estimate, k.Model.Least, k.Model.Most, k.Everybody) {
			return nil, fmt.Errorf("the decision curve has a number that is not finite at the threshold %g: check the result", k.Threshold)
		}
		add := func(to *plotter.XYs, v float64) { *to = append(*to, plotter.XY{X: k.Threshold, Y: by * v}) }
		add(&middle, k.Model.Estimate)
		add(&low, k.Model.Least)
		add(&high, k.Model.Most)
		add(&all, k.Everybody)
		most = math.Max(most, by*math.Max(k.Model.Most, k.Everybody))
	}
	last := u.Curve[len(u.Curve)-1].Threshold
	x := axis(0, last, linearTicks{t: t, about: 7, percent: true})
	y := axis(-most/4, most*1.05, linearTicks{t: t, about: 6})
	p := newPlot(x, y, t.benefitAxis, textSize)
	p.Add(between{low, high}, straight(decisionNobody.line, 0, 0, last, 0), curve{decisionEverybody.line, all}, curve{decisionModel.line, middle})
	pic := &Picture{
		Name: "decision-curve", Title: t.decisionTitle, Footer: footer(t, r), panels: []panel{{plot: p, across: t.thresholdAxis}},
		key: []keyEntry{{decisionModel, t.selectModel}, {decisionBand, t.withinBins}, {decisionEverybody, t.selectAll}, {decisionNobody, t.selectNobody}},
		Caption: []string{
			fmt.Sprintf(t.judged, t.whole(u.Rows), t.whole(u.Events)),
			t.benefitMeans,
		},
	}
	if k := u.Price; k != nil {
		p.Add(straight(decisionPrice.line, k.Threshold, y.Min, k.Threshold, y.Max))
		pic.key = append(pic.key, keyEntry{decisionPrice, fmt.Sprintf(t.priceIs, t.number(k.MissedIs, digitsOf(k.MissedIs)))})
	}
	pic.Caption = append(pic.Caption, t.benefitLimits)
	return pic, nil
}

// digitsOf is 0 for a whole number and 1 for another.
func digitsOf(v float64) int {
	if v == math.Trunc(v) {
		return 0
	}
	return 1
}

// WriteUse draws the pictures of what a model means in use into dir, as Write
// does.
func WriteUse(dir string, r *model.Result, u *decide.Use, lang string) (files []string, err error) {
	pic, err := Decision(r, u, lang)
	if err != nil {
		return nil, err
	}
	return writeAll(dir, []*Picture{pic})
}
