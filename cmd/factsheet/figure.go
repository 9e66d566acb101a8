package factsheet

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Figure is a small drawing as SVG, and what it shows in words.
type Figure struct {
	Name    string // of its file, without the language
	Title   string
	Caption string // below it; may be empty
	SVG     string
}

// Colours of Okabe and Ito (2008); shape or place says the same as colour.
const (
	ink   = "#111111"
	quiet = "#6b6b6b"
	rule  = "#cccccc"
	blue  = "#0072b2"
	light = "#d9d9d9"
	amber = "#e69f00"
)

// drawing collects SVG elements; every text in it is escaped.
type drawing struct {
	strings.Builder
	title string
}

func draw(width, height float64, title string) *drawing {
	d := &drawing{title: title}
	fmt.Fprintf(d, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %g %g" role="img" font-family="Helvetica, Arial, sans-serif" font-size="11">`, width, height)
	fmt.Fprintf(d, "<title>%s</title>", html.EscapeString(title))
	return d
}

func (d *drawing) line(x1, y1, x2, y2 float64, colour string, width float64, dash string) {
	fmt.Fprintf(d, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-width="%g"`, x1, y1, x2, y2, colour, width)
	if dash != "" {
		fmt.Fprintf(d, ` stroke-dasharray="%s"`, dash)
	}
	d.WriteString("/>")
}

// text writes at x, y; anchor is start, middle or end.
func (d *drawing) text(x, y float64, anchor, colour, weight, s string) {
	fmt.Fprintf(d, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s" font-weight="%s">%s</text>`, x, y, anchor, colour, weight, html.EscapeString(s))
}

func (d *drawing) dot(x, y, r float64, fill, stroke string) {
	fmt.Fprintf(d, `<circle cx="%.1f" cy="%.1f" r="%g" fill="%s" stroke="%s" stroke-width="1.2"/>`, x, y, r, fill, stroke)
}

func (d *drawing) box(x, y, w, h float64, fill string) {
	fmt.Fprintf(d, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, x, y, w, h, fill)
}

func (d *drawing) figure(name, caption string) *Figure {
	return &Figure{name, d.title, caption, d.String() + "</svg>"}
}

// earlyFigure: mean months before the report against precision, a point an age;
// the hollow point below each is precision by chance.
func (w *words) earlyFigure(list []Landmark) *Figure {
	const left, right, top, bottom = 30.0, 330.0, 24.0, 150.0
	d := draw(350, 185, w.figureEarly)
	d.text(0, 10, "start", quiet, "normal", w.figureEarlyY)
	months, most := 0.0, 0.0
	for _, l := range list {
		months, most = math.Max(months, l.Earlier), math.Max(most, 100*l.Precision.High)
	}
	step := 5.0
	if most <= 10 {
		step = 2
	}
	months, most = 12*math.Ceil(months/12+0.2), step*math.Ceil(most/step)
	x := func(m float64) float64 { return left + (right-left)*m/months }
	y := func(p float64) float64 { return bottom - (bottom-top)*p/most }
	for p := 0.0; p <= most+1e-9; p += step {
		d.line(left, y(p), right, y(p), rule, 0.6, "")
		d.text(left-5, y(p)+4, "end", quiet, "normal", w.fixed(p, 0))
	}
	for m := 0.0; m <= months+1e-9; m += 12 {
		d.text(x(m), bottom+14, "middle", quiet, "normal", w.fixed(m, 0))
	}
	for i, l := range list {
		if i > 0 {
			p := list[i-1]
			d.line(x(p.Earlier), y(100*p.Precision.Estimate), x(l.Earlier), y(100*l.Precision.Estimate), blue, 1.5, "")
			d.line(x(p.Earlier), y(100*p.Base()), x(l.Earlier), y(100*l.Base()), quiet, 1, "3 3")
		}
	}
	for _, l := range list {
		d.line(x(l.Earlier), y(100*l.Precision.Low), x(l.Earlier), y(100*l.Precision.High), blue, 1, "")
		d.dot(x(l.Earlier), y(100*l.Precision.Estimate), 4.5, blue, blue)
		d.dot(x(l.Earlier), y(100*l.Base()), 3.2, "#ffffff", quiet)
		d.text(x(l.Earlier)+7, y(100*l.Precision.Estimate)-4, "start", ink, "bold", fmt.Sprintf(w.years, w.fixed(float64(l.Months)/12, 0)))
	}
	if len(list) > 0 {
		l := list[0]
		d.text(x(l.Earlier), y(100*l.Base())-7, "end", quiet, "normal", w.chance)
	}
	d.text((left+right)/2, bottom+30, "middle", quiet, "normal", w.figureEarlyX)
	return d.figure("early", "")
}

// zFigure: a dot an estimate, at its distance from what is planted in standard
// errors; 2 and 3 are marked.
func (w *words) zFigure(list []Compared) *Figure {
	const left, right, top, step = 200.0, 342.0, 12.0, 13.0
	bottom := top + step*float64(len(list))
	d := draw(350, bottom+34, w.figureZ)
	x := func(z float64) float64 { return (left+right)/2 + (right-left)/2*math.Max(-3.6, math.Min(3.6, z))/3.6 }
	d.box(x(-2), top-6, x(2)-x(-2), bottom-top+6, "#eef4f8")
	for _, z := range []float64{-3, 0, 3} {
		d.line(x(z), top-6, x(z), bottom, quiet, 0.8, map[bool]string{true: "", false: "3 3"}[z == 0])
	}
	for _, z := range []float64{-3, -2, 0, 2, 3} {
		d.text(x(z), bottom+12, "middle", quiet, "normal", w.fixed(z, 0))
	}
	for i, c := range list {
		y := top + step*(float64(i)+0.4)
		d.text(left-8, y+4, "end", ink, "normal", name(w.outcomes, c.Study)+": "+name(w.terms, c.Term))
		d.dot(x(c.Z), y, 3.6, blue, blue)
	}
	d.text((left+right)/2, bottom+27, "middle", quiet, "normal", w.figureZX)
	return d.figure("planted", w.figureZBand)
}

// dotsFigure: a hundred children who are reported later, and a hundred who are
// selected, each a dot.
func (w *words) dotsFigure(c *Capacity) *Figure {
	d := draw(620, 226, w.figureDots)
	grid := func(x0 float64, filled int, title, yes, no string, colour string) {
		d.text(x0, 14, "start", ink, "bold", title)
		for i := range 100 {
			x, y := x0+6+float64(i%10)*15, 34+float64(i/10)*15
			if i < filled {
				d.dot(x, y, 5.4, colour, colour)
			} else {
				d.dot(x, y, 5.4, "#ffffff", quiet)
			}
		}
		d.dot(x0+6, 194, 5.4, colour, colour)
		d.text(x0+18, 198, "start", ink, "bold", fmt.Sprintf("%d %s", filled, yes))
		d.dot(x0+6, 212, 5.4, "#ffffff", quiet)
		d.text(x0+18, 216, "start", ink, "normal", fmt.Sprintf("%d %s", 100-filled, no))
	}
	grid(0, int(math.Round(100*(1-c.Missed))), w.figureFound, w.figureKey[0], w.figureKey[1], blue)
	grid(320, int(math.Round(100*c.Found/(c.Found+c.False))), w.figureRight, w.figureKey[2], w.figureKey[3], amber)
	return d.figure("selected", "")
}
