package factsheet

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/smartstart-federation/smartstart/model/plots/scale"
)

// decisionFigure: the net benefit of selecting by the model, everybody and nobody
// at each threshold, of 1,000 children (Vickers and Elkin, Med Decis Making 26:565,
// 2006). Below each threshold stands the price that it means.
func (w *words) decisionFigure(c *Decision) *Figure {
	const left, right, top, bottom, by = 30.0, 340.0, 18.0, 140.0, 1000.0
	d := draw(350, 188, w.figureDecision)
	last, most := c.Curve[len(c.Curve)-1].Threshold, 0.0
	for _, p := range c.Curve {
		most = math.Max(most, by*math.Max(p.Model.Most, p.Everybody))
	}
	step := scale.Step(most / 3)
	most = step * math.Ceil(most/step)
	least := -step
	x := func(threshold float64) float64 { return left + (right-left)*threshold/last }
	y := func(benefit float64) float64 {
		return bottom - (bottom-top)*(math.Min(math.Max(by*benefit, least), most)-least)/(most-least)
	}
	var low, high, model, everybody []string
	for _, p := range c.Curve {
		add := func(to *[]string, benefit float64) {
			*to = append(*to, fmt.Sprintf("%.1f,%.1f", x(p.Threshold), y(benefit)))
		}
		add(&low, p.Model.Least)
		add(&high, p.Model.Most)
		add(&model, p.Model.Estimate)
		if by*p.Everybody >= least {
			add(&everybody, p.Everybody)
		}
	}
	slices.Reverse(low)
	fmt.Fprintf(d, `<polygon points="%s" fill="#dbe9f3"/>`, strings.Join(append(high, low...), " "))
	for v := least; v <= most+1e-9; v += step {
		d.line(left, y(v/by), right, y(v/by), rule, 0.6, "")
		d.text(left-5, y(v/by)+4, "end", quiet, "normal", w.fixed(v, scale.Decimals(step)))
	}
	d.line(left, y(0), right, y(0), ink, 1.2, "")
	fmt.Fprintf(d, `<polyline points="%s" fill="none" stroke="%s" stroke-width="1.4" stroke-dasharray="5 3"/>`, strings.Join(everybody, " "), amber)
	fmt.Fprintf(d, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`, strings.Join(model, " "), blue)
	d.text(0, 10, "start", quiet, "normal", w.figureDecisionY)
	for i, key := range []struct{ colour, says string }{{blue, w.figureDecisionKey[0]}, {amber, w.figureDecisionKey[1]}, {ink, w.figureDecisionKey[2]}} {
		at := top + 8 + 13*float64(i)
		d.line(right-118, at, right-100, at, key.colour, 2, map[string]string{amber: "5 3"}[key.colour])
		d.text(right-95, at+4, "start", ink, "normal", key.says)
	}
	apart := scale.Step(last / 6)
	for t := apart; t <= last; t += apart {
		d.line(x(t), bottom, x(t), bottom+3, quiet, 0.8, "")
		d.text(x(t), bottom+14, "middle", quiet, "normal", w.fixed(100*t, scale.Decimals(100*apart))+"%")
		d.text(x(t), bottom+28, "middle", ink, "normal", w.fixed((1-t)/t, 0))
	}
	d.text((left+right)/2, bottom+43, "middle", quiet, "normal", w.figureDecisionX)
	return d.figure("decision", w.figureDecisionBand)
}

// worth says the decision curve the other way round: from which price on.
func (f *Findings) worth(w *words) []Block {
	c := f.Decision
	if c == nil || len(c.Curve) == 0 {
		return nil
	}
	count := func(n int) number { return cite(w.whole(int64(n)), c.Entry) }
	says := say(w.worthNever)
	if c.Estimate.From > 0 {
		says = append(say(w.worthFrom, count(c.Estimate.From)), say(w.worthTo, count(c.Estimate.To+1))...)
		if c.Certain.From > 0 {
			says = append(says, say(w.worthCertain, count(c.Certain.From), count(c.Certain.To))...)
		} else {
			says = append(says, plain(w.worthUncertain)...)
		}
	}
	return []Block{{Figure: w.decisionFigure(c)}, para(append(says, say(w.worthPrice)...))}
}
