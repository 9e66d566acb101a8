package plots

import (
	"fmt"
	"math"

	"github.com/smartstart-federation/smartstart/model"
	"gonum.org/v1/plot/vg/draw"
)

const maxTerms = 40

// farthest is how far from 1 the axis of ratios goes at most; intervals go on
// as arrowheads.
const farthest = 1000

// effect is one term as it is drawn: a ratio, or a coefficient.
type effect struct {
	term             string
	value, low, high float64
}

// effects are the terms of a result without its intercept.
type effects struct {
	list      []effect
	ratio     bool    // exponentiated, on a logarithmic axis
	none      float64 // the value of no effect: 1 or 0
	title     string  // of the axis
	robust    bool
	unbounded int // terms left out because an end of their interval is not finite
}

// interval returns the 95% interval of a coefficient: by site where there is
// such a one.
func interval(c model.Coefficient) (low, high float64, robust bool) {
	if c.RobustConfLow == nil || c.RobustConfHigh == nil {
		return c.ConfLow, c.ConfHigh, false
	}
	return *c.RobustConfLow, *c.RobustConfHigh, true
}

func newEffects(r *model.Result, t *texts) effects {
	e := effects{title: t.rawScale}
	switch r.Model {
	case "logistic", "discrete_time":
		e.ratio, e.none, e.title = true, 1, t.oddsRatio
	case "poisson":
		e.ratio, e.none, e.title = true, 1, t.rateRatio
	}
	for _, c := range r.Coefficients {
		if c.Column == "(Intercept)" {
			continue
		}
		low, high, robust := interval(c)
		e.robust = e.robust || robust
		f := effect{c.Term, c.Estimate, low, high}
		if e.ratio {
			f = effect{c.Term, math.Exp(c.Estimate), math.Exp(low), math.Exp(high)}
		}
		if !finite(f.value, f.low, f.high) || e.ratio && f.low <= 0 {
			e.unbounded++
			continue
		}
		e.list = append(e.list, f)
	}
	return e
}

// span returns the ends of an axis that holds the effects and no effect.
func (e effects) span(list []effect) (low, high float64) {
	low, high = e.none, e.none
	for _, f := range list {
		low, high = math.Min(low, f.low), math.Max(high, f.high)
	}
	if !e.ratio {
		if low == high {
			return low - 1, high + 1
		}
		pad := 0.04 * (high - low)
		return low - pad, high + pad
	}
	low, high = math.Max(low, 1.0/farthest), math.Min(high, farthest)
	pad := math.Max(math.Pow(high/low, 0.04), 1.01)
	return math.Max(low/pad, 1.0/farthest), math.Min(high*pad, farthest)
}

// Forest draws the coefficients of r with their 95% intervals: as odds or rate
// ratios for logistic and Poisson models, else on the raw scale. At most 40
// terms are drawn; the caption says how many more there are.
func Forest(r *model.Result, lang string) (*Picture, error) {
	t, err := textsIn(lang)
	if err != nil {
		return nil, err
	}
	if r == nil {
		return nil, ErrNoData
	}
	e := newEffects(r, t)
	if len(e.list) == 0 {
		return nil, ErrNoData
	}
	list := e.list[:min(len(e.list), maxTerms)]
	low, high := e.span(list)
	x := axis(low, high, linearTicks{t: t, about: 7})
	if e.ratio {
		x = logAxis(low, high, logTicks{t})
	}
	p := newRowPlot(x, len(list), textSize)
	p.Add(straight(line(black, 1), e.none, p.Y.Min, e.none, p.Y.Max))
	m := marks{look: glyph(blue, draw.CircleGlyph{}), radius: 4}
	rows := panel{plot: p, across: e.title, rowSize: textSize + 1}
	if len(list) > 25 {
		rows.rowSize, m.radius = 8.5, 3
	}
	for i, f := range list {
		y := float64(len(list) - 1 - i)
		m.list = append(m.list, mark{f.value, y, f.low, f.high})
		value, interval := t.estimate(f.value, f.low, f.high)
		rows.rows = append(rows.rows, row{y, f.term, fmt.Sprintf("%s (%s)", value, interval)})
	}
	p.Add(m)
	rows.fitSides(230)

	pic := &Picture{Name: "forest", Title: t.forestTitle, Footer: footer(t, r), panels: []panel{rows}}
	pic.key = []keyEntry{{m.look, t.interval95}}
	pic.Caption = []string{t.rawCaption}
	if e.ratio {
		pic.Caption[0] = t.ratioCaption
	}
	if r.Ridge > 0 {
		pic.Caption = append(pic.Caption, t.ridge)
	}
	if e.robust {
		pic.Caption = append(pic.Caption, t.robust)
	}
	if m.beyond(p.X) {
		pic.Caption = append(pic.Caption, t.beyondAxis)
	}
	if more := len(e.list) - len(list); more > 0 {
		pic.Caption = append(pic.Caption, fmt.Sprintf(t.moreTerms, t.whole(int64(more))))
	}
	if e.unbounded > 0 {
		pic.Caption = append(pic.Caption, fmt.Sprintf(t.unboundedTerms, t.whole(int64(e.unbounded))))
	}
	return pic, nil
}
