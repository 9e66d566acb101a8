package plots

import (
	"fmt"
	"math"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

var (
	inner = look{line: line(black, 1.25, 6, 4)}
	outer = look{line: line(black, 1.25)}
	even  = look{line: line(grey, 1, 1.5, 3)}
)

// Funnel draws O/E of each left-out set against the number of events expected
// there, with exact Poisson limits (95% and 99.8%) about O/E = 1. Names are
// those of the data.
func Funnel(r *model.Result, sets []model.Judged, lang string) (*Picture, error) {
	t, err := textsIn(lang)
	if err != nil {
		return nil, err
	}
	m := marks{look: look{colour: blue, shape: draw.CircleGlyph{}}, radius: 4.5}
	var names []string
	lost, right, top := 0, 0.0, 2.0
	for _, j := range sets {
		if err := checkBins(j.Bins); err != nil {
			return nil, err
		}
		expected := 0.0
		for _, b := range j.Bins {
			expected += b.Expected
		}
		if !finite(expected, j.OE) || expected <= 0 || j.OE < 0 {
			lost++
			continue
		}
		m.list = append(m.list, mark{expected, j.OE, j.OE, j.OE})
		names = append(names, strings.Join(j.Institutions, ", "))
		right, top = math.Max(right, expected), math.Max(top, j.OE)
	}
	if len(m.list) == 0 {
		return nil, ErrNoData
	}
	right *= 1.12
	p := newPlot(axis(0, right, linearTicks{t: t, about: 7}),
		axis(0, top*1.05, linearTicks{t: t, about: 6}), t.oeAxis, textSize)
	avoid := []curve{straight(even.line, 0, 1, right, 1)}
	for _, l := range []struct {
		look
		tail float64
	}{{inner, 0.025}, {outer, 0.001}} {
		for _, tail := range []float64{l.tail, 1 - l.tail} {
			avoid = append(avoid, curve{l.line, limitLine(right, tail)})
		}
	}
	for _, line := range avoid {
		p.Add(line)
	}
	unsaid := 0
	p.Add(m, labels{m.list, names, m.radius, avoid, smallSize, &unsaid})

	pic := &Picture{
		Name: "funnel", Title: t.funnelTitle, Footer: footer(t, r), panels: []panel{{plot: p, across: t.expectedAxis}},
		key:     []keyEntry{{m.look, t.funnelSet}, {inner, t.limits95}, {outer, t.limits998}, {even, t.asExpected}},
		Caption: []string{t.funnelLimits, t.funnelReading},
	}
	if lost > 0 {
		pic.Caption = append(pic.Caption, fmt.Sprintf(t.noPoint, t.whole(int64(lost))))
	}
	// Only drawing tells whether each name has room.
	pic.Draw(draw.New(vgsvg.New(pageWidth, pageHeight)))
	if unsaid > 0 {
		pic.Caption = append(pic.Caption, t.unnamed)
	}
	return pic, nil
}

// limitLine follows a control limit to right, in smaller steps where it bends.
// It begins at 0.05 expected: where no event at all is likelier than 97.5%, the
// upper limit would be interpolated below zero.
func limitLine(right, tail float64) plotter.XYs {
	const steps = 400
	var line plotter.XYs
	for i := 1; i <= steps; i++ {
		share := float64(i) / steps
		x := math.Max(right*share*share, 0.05)
		line = append(line, plotter.XY{X: x, Y: poissonLimit(x, tail)})
	}
	return line
}
