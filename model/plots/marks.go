package plots

import (
	"fmt"
	"math"
	"strings"

	"github.com/smartstart-federation/smartstart/model"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// mark is a point at x and y in data units with an interval low to high along
// one axis; low == high means none.
type mark struct{ x, y, low, high float64 }

// marks draws points with intervals. An interval that goes on beyond the axis
// ends in an arrowhead, one that lies beyond it is an arrowhead; a point beyond
// it is not drawn.
type marks struct {
	look
	radius   vg.Length
	vertical bool // the intervals
	list     []mark
}

func (m marks) Plot(c draw.Canvas, p *plot.Plot) {
	axis := p.X
	if m.vertical {
		axis = p.Y
	}
	inside := func(a plot.Axis, v float64) bool { return v >= a.Min && v <= a.Max }
	for _, k := range m.list {
		if k.low < k.high {
			onAxis := func(v float64) float64 { return math.Min(math.Max(v, axis.Min), axis.Max) }
			m.interval(c, p, k, axis, onAxis(k.low), onAxis(k.high))
		}
		if inside(p.X, k.x) && inside(p.Y, k.y) {
			m.glyph(&c, vg.Point{X: c.X(p.X.Norm(k.x)), Y: c.Y(p.Y.Norm(k.y))}, m.radius)
		}
	}
}

func (m marks) interval(c draw.Canvas, p *plot.Plot, k mark, axis plot.Axis, low, high float64) {
	at := func(v float64) vg.Point {
		if m.vertical {
			return vg.Point{X: c.X(p.X.Norm(k.x)), Y: c.Y(p.Y.Norm(v))}
		}
		return vg.Point{X: c.X(p.X.Norm(v)), Y: c.Y(p.Y.Norm(k.y))}
	}
	a, b := at(low), at(high)
	c.StrokeLine2(m.line, a.X, a.Y, b.X, b.Y)
	head := func(tip vg.Point, inward vg.Length) {
		side := vg.Point{Y: 3.5}
		back := vg.Point{X: inward}
		if m.vertical {
			side, back = vg.Point{X: 3.5}, vg.Point{Y: inward}
		}
		c.FillPolygon(m.colour, []vg.Point{tip, tip.Add(back).Add(side), tip.Add(back).Sub(side)})
	}
	if k.low < axis.Min {
		head(a, 7)
	}
	if k.high > axis.Max {
		head(b, -7)
	}
}

// beyond reports whether any interval ends in an arrowhead on this axis.
func (m marks) beyond(a plot.Axis) bool {
	for _, k := range m.list {
		if k.low < a.Min || k.high > a.Max {
			return true
		}
	}
	return false
}

// curve draws a line through data points, cut off at the axes.
type curve struct {
	draw.LineStyle
	points plotter.XYs
}

func (l curve) Plot(c draw.Canvas, p *plot.Plot) {
	line := make([]vg.Point, len(l.points))
	for i, pt := range l.points {
		line[i] = vg.Point{X: c.X(p.X.Norm(pt.X)), Y: c.Y(p.Y.Norm(pt.Y))}
	}
	c.StrokeLines(l.LineStyle, c.ClipLinesXY(line)...)
}

// straight is a line between two points.
func straight(s draw.LineStyle, x0, y0, x1, y1 float64) curve {
	return curve{s, plotter.XYs{{X: x0, Y: y0}, {X: x1, Y: y1}}}
}

// newPlot returns a plot in the style of all pictures with fixed ranges and a
// title at its Y axis; the page writes that of the X axis.
func newPlot(x, y plot.Axis, up string, size float64) *plot.Plot {
	p := plot.New()
	p.Y.Label.Text = up
	for _, a := range []struct{ to, from *plot.Axis }{{&p.X, &x}, {&p.Y, &y}} {
		a.to.Min, a.to.Max = a.from.Min, a.from.Max
		if a.from.Scale != nil {
			a.to.Scale = a.from.Scale
		}
		a.to.Tick.Marker = a.from.Tick.Marker
		a.to.Tick.Label.Font, a.to.Label.TextStyle.Font = sans(size), sans(size+1)
		a.to.Label.Padding, a.to.Padding, a.to.Tick.Length = 4, 0, 4
	}
	grid := plotter.NewGrid()
	grid.Horizontal, grid.Vertical = line(lightGrey, 0.75), line(lightGrey, 0.75)
	p.Add(grid)
	return p
}

// axis describes an axis of newPlot.
func axis(low, high float64, ticks plot.Ticker) plot.Axis {
	a := plot.Axis{Min: low, Max: high}
	a.Tick.Marker = ticks
	return a
}

func logAxis(low, high float64, ticks plot.Ticker) plot.Axis {
	a := axis(low, high, ticks)
	a.Scale = plot.LogScale{}
	return a
}

// newRowPlot returns a plot of n rows, the first one at the top at height n-1.
// Names and numbers of rows stand beside it, so it has no axis at the left.
func newRowPlot(x plot.Axis, n int, size float64) *plot.Plot {
	p := newPlot(x, axis(-0.7, float64(n)-0.3, plot.ConstantTicks(nil)), "", size)
	p.HideY()
	p.Y.Padding, p.Y.Width = 0, 0
	p.Y.Min, p.Y.Max = -0.7, float64(n)-0.3
	return p
}

// footer says which study this is, from how many rows and institutions.
func footer(t *texts, r *model.Result) string {
	if r == nil {
		return ""
	}
	parts := []string{t.study + ": " + r.Study, t.rowsUsed + ": " + t.whole(r.RowsUsed)}
	if r.Institutions > 0 {
		parts = append(parts, t.institutions+": "+t.whole(int64(r.Institutions)))
	}
	return strings.Join(parts, "  ·  ")
}

func finite(vs ...float64) bool {
	for _, v := range vs {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// checkBins refuses counts that contradict each other.
func checkBins(bins []model.Bin) error {
	for i, b := range bins {
		if b.Rows < 0 || b.Events < 0 || b.Events > b.Rows || !finite(b.Expected) || b.Expected < 0 || b.Expected > float64(b.Rows)*(1+1e-9) {
			return fmt.Errorf("bin %d of the evaluation has %d rows, %d with the outcome and %g expected, which contradict each other: check the result", i+1, b.Rows, b.Events, b.Expected)
		}
	}
	return nil
}
