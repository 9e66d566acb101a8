package plots

import (
	"fmt"
	"math"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/areas"
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
	pic, err := funnel(t, m, names, right, top, poissonLimit)
	if err != nil {
		return nil, err
	}
	pic.Name, pic.Title, pic.Footer = "funnel", t.funnelTitle, footer(t, r)
	pic.key[0].text = t.funnelSet
	if lost > 0 {
		pic.Caption = append(pic.Caption, fmt.Sprintf(t.noPoint, t.whole(int64(lost))))
	}
	return pic, nil
}

// FunnelAreas draws observed over expected of each area against the number
// expected there, as the table by area gives it, with limits that allow for the
// rounding of as many institutions as tell of most areas. Where limits of an area
// are others (more institutions, or a rounded number of children), areas.Funnel
// says which areas lie beyond them.
func FunnelAreas(r *model.Result, f *areas.Funnel, lang string) (*Picture, error) {
	t, err := textsIn(lang)
	if err != nil {
		return nil, err
	}
	m := marks{look: look{colour: blue, shape: draw.CircleGlyph{}}, radius: 4.5}
	var names []string
	right, top := 0.0, 2.0
	tell := map[int64]int{}
	usual := int64(0)
	for _, a := range f.Points {
		if !finite(a.Expected, a.Ratio) || a.Expected <= 0 || a.Ratio < 0 {
			return nil, fmt.Errorf("area %s has %g expected and %g of them observed, which cannot be: check the result", a.Area, a.Expected, a.Ratio)
		}
		m.list = append(m.list, mark{a.Expected, a.Ratio, a.Ratio, a.Ratio})
		name := ""
		if a.Outside != "" { // the others are many, and as expected
			name = a.Area
		}
		names = append(names, name)
		right, top = math.Max(right, a.Expected), math.Max(top, a.Ratio)
		if tell[a.Institutions]++; tell[a.Institutions] > tell[usual] {
			usual = a.Institutions
		}
	}
	limit := func(expected, tail float64) float64 { return areas.PoissonLimit(expected, tail, usual) }
	if f.Expected == areas.ByRegion {
		limit = func(expected, tail float64) float64 {
			return areas.BinomialLimit(math.Max(1, expected/f.Rate), f.Rate, tail, usual)
		}
	}
	pic, err := funnel(t, m, names, right, top, limit)
	if err != nil {
		return nil, err
	}
	pic.Name, pic.Title, pic.Footer = "funnel-"+fileName(f.Indicator), fmt.Sprintf(t.areasTitle, f.Indicator), footer(t, r)
	pic.key[0].text = t.area
	pic.Caption[0] = fmt.Sprintf(t.areasLimits, t.whole(usual))
	pic.Caption[1] = fmt.Sprintf(t.areasReading, len(f.Points), f.Outside95, f.Outside99)
	return pic, nil
}

// fileName keeps letters, digits, - and _ of a name.
func fileName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, name)
}

// funnel draws points with their names, and control limits about 1.
func funnel(t *texts, m marks, names []string, right, top float64, limit func(expected, tail float64) float64) (*Picture, error) {
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
			avoid = append(avoid, curve{l.line, limitLine(right, tail, limit)})
		}
	}
	for _, line := range avoid {
		p.Add(line)
	}
	unsaid := 0
	p.Add(m, labels{m.list, names, m.radius, avoid, smallSize, &unsaid})

	pic := &Picture{
		panels:  []panel{{plot: p, across: t.expectedAxis}},
		key:     []keyEntry{{m.look, ""}, {inner, t.limits95}, {outer, t.limits998}, {even, t.asExpected}},
		Caption: []string{t.funnelLimits, t.funnelReading},
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
func limitLine(right, tail float64, limit func(expected, tail float64) float64) plotter.XYs {
	const steps = 400
	var line plotter.XYs
	for i := 1; i <= steps; i++ {
		share := float64(i) / steps
		x := math.Max(right*share*share, 0.05)
		line = append(line, plotter.XY{X: x, Y: limit(x, tail)})
	}
	return line
}
