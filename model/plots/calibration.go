package plots

import (
	"fmt"
	"math"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
	"github.com/smartstart-federation/smartstart/model/decide"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg/draw"
)

// maxPanels is how many left-out sets stand on one page.
const maxPanels = 12

var diagonal = look{line: line(grey, 1, 5, 4)}

// Calibration draws the observed share of the outcome in each bin of held-out
// rows against the mean prediction there, with Wilson's 95% intervals.
func Calibration(r *model.Result, j *model.Judged, lang string) (*Picture, error) {
	t, err := textsIn(lang)
	if err != nil {
		return nil, err
	}
	if j == nil || len(j.Bins) == 0 {
		return nil, ErrNoData
	}
	m, end, err := calibrationMarks(j.Bins)
	if err != nil {
		return nil, err
	}
	p := calibrationPlot(t, m, end, false)
	return &Picture{
		Name: "calibration", Title: t.calibrationTitle, Footer: footer(t, r), beside: true,
		panels: []panel{{plot: p, across: t.predictedAxis}},
		key:    []keyEntry{{m.look, t.bin}, {diagonal, t.ideal}},
		Caption: []string{
			fmt.Sprintf(t.judged, t.whole(j.Rows), t.whole(j.Events)),
			fmt.Sprintf(t.calibrationFit, t.number(j.Slope, 2), t.number(j.Intercept, 2), t.number(j.OE, 2)),
			t.fitSources, t.wilsonBars,
		},
	}, nil
}

// CalibrationLeftOut draws a small calibration picture for each left-out set,
// twelve at most; the caption says how many more there are.
func CalibrationLeftOut(r *model.Result, sets []model.Judged, lang string) (*Picture, error) {
	t, err := textsIn(lang)
	if err != nil {
		return nil, err
	}
	pic := &Picture{Name: "calibration-left-out", Title: t.calibrationTitle, Footer: footer(t, r)}
	end := 0.0 // the same axes for all
	for _, j := range sets {
		_, one, err := calibrationMarks(j.Bins)
		if err != nil {
			return nil, err
		}
		end = math.Max(end, one)
	}
	small, err := pic.addPanels(t, sets, t.predictedAxis, func(j model.Judged, small bool) (*plot.Plot, string, error) {
		m, _, err := calibrationMarks(j.Bins)
		pic.key = []keyEntry{{m.look, t.bin}, {diagonal, t.ideal}}
		return calibrationPlot(t, m, end, small), fmt.Sprintf(t.panelOE, t.number(j.OE, 2), t.number(j.Slope, 2)), err
	})
	if err != nil {
		return nil, err
	}
	about := t.leftOut + " " + t.wilsonBars
	if small {
		about += " " + t.axesOf(t.predictedAxis, t.observedAxis)
	}
	pic.Caption = append([]string{about}, pic.Caption...)
	return pic, nil
}

// addPanels adds a panel for each set that has bins, and a sentence about the
// sets that have no place. Several panels are small, without titles of axes; a
// single one has them.
func (p *Picture) addPanels(t *texts, sets []model.Judged, across string, one func(j model.Judged, small bool) (*plot.Plot, string, error)) (small bool, err error) {
	var drawn []model.Judged
	for _, j := range sets {
		if len(j.Bins) > 0 {
			drawn = append(drawn, j)
		}
	}
	if len(drawn) == 0 {
		return false, ErrNoData
	}
	if more := len(drawn) - maxPanels; more > 0 {
		drawn = drawn[:maxPanels]
		p.Caption = append(p.Caption, fmt.Sprintf(t.moreSets, t.whole(int64(more))))
	}
	small = len(drawn) > 1
	for _, j := range drawn {
		plot, note, err := one(j, small)
		if err != nil {
			return small, err
		}
		p.panels = append(p.panels, panel{head: strings.Join(j.Institutions, ", "), note: note, plot: plot})
	}
	switch n := len(p.panels); {
	case !small:
		p.beside, p.panels[0].across = true, across
	case n <= 3:
		p.columns = n
	case n <= 6:
		p.columns = 3
	default:
		p.columns = 4
	}
	return small, nil
}

// calibrationMarks returns the observed share in each bin that has rows at its
// mean prediction, and where axes that hold them end.
func calibrationMarks(bins []model.Bin) (m marks, end float64, err error) {
	m = marks{look: glyph(blue, draw.CircleGlyph{}), radius: 4, vertical: true}
	if len(bins) > 10 {
		m.radius = 3.5
	}
	if err := checkBins(bins); err != nil {
		return m, 0, err
	}
	for _, b := range bins {
		if b.Rows == 0 {
			continue
		}
		low, high := decide.Wilson(float64(b.Events), float64(b.Rows))
		k := mark{b.Expected / float64(b.Rows), float64(b.Events) / float64(b.Rows), low, high}
		m.list = append(m.list, k)
		end = math.Max(end, math.Max(k.x, k.high))
	}
	return m, math.Min(1, math.Ceil(10*end+0.1)/10), nil
}

func calibrationPlot(t *texts, m marks, end float64, small bool) *plot.Plot {
	about, size, up := 5, float64(textSize), t.observedAxis
	if small {
		about, size, up, m.radius = 3, 9, "", 3
	}
	ticks := linearTicks{t: t, about: about, percent: true}
	p := newPlot(axis(0, end, ticks), axis(0, end, ticks), up, size)
	p.Add(straight(diagonal.line, 0, 0, end, end), m)
	return p
}

// axesOf says what the axes of small panels are.
func (t *texts) axesOf(across, up string) string {
	return fmt.Sprintf(t.axes, midSentence(across), midSentence(up))
}
