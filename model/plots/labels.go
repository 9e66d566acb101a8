package plots

import (
	"image/color"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// labels writes a text beside each point where it covers neither a point nor
// another label, and rather not a line. A text that finds no such place is not
// written, and counted.
type labels struct {
	at     []mark
	texts  []string
	around vg.Length // radius of the points
	avoid  []curve
	size   float64
	unsaid *int // set when drawn
}

// veil lets a text stand out from a line that stays visible behind it.
var veil = color.NRGBA{255, 255, 255, 170}

const labelRoom = 170 // points, for one name

func (l labels) Plot(c draw.Canvas, p *plot.Plot) {
	f := sans(l.size)
	var taken, lines []vg.Rectangle
	spot := func(x, y float64, r vg.Length) vg.Rectangle {
		at := vg.Point{X: c.X(p.X.Norm(x)), Y: c.Y(p.Y.Norm(y))}
		return vg.Rectangle{Min: at.Sub(vg.Point{X: r, Y: r}), Max: at.Add(vg.Point{X: r, Y: r})}
	}
	for _, m := range l.at {
		taken = append(taken, spot(m.x, m.y, l.around))
	}
	for _, a := range l.avoid {
		for i, to := range a.points {
			lines = append(lines, spot(to.X, to.Y, 1))
			if i == 0 {
				continue
			}
			// A long straight piece is followed in steps.
			from := a.points[i-1]
			for k := 1.0; k < 60; k++ {
				lines = append(lines, spot(from.X+(to.X-from.X)*k/60, from.Y+(to.Y-from.Y)*k/60, 1))
			}
		}
	}
	*l.unsaid = 0
	for i, text := range l.texts {
		text = elide(text, f, labelRoom)
		if text == "" {
			continue
		}
		box, across, ok := place(taken[i], widthOf(text, f), f.Size, c.Rectangle, taken, lines)
		if !ok {
			*l.unsaid++
			continue
		}
		taken = append(taken, box)
		if across {
			c.FillPolygon(veil, []vg.Point{box.Min, {X: box.Max.X, Y: box.Min.Y}, box.Max, {X: box.Min.X, Y: box.Max.Y}})
		}
		write(c, f, black, box.Min.X, box.Min.Y+0.22*f.Size, toRight, text)
	}
}

// place returns the first box around a point that lies inside area and is
// free; a box across a line is the second choice. ok is false if there is none.
func place(point vg.Rectangle, width, height vg.Length, area vg.Rectangle, taken, lines []vg.Rectangle) (box vg.Rectangle, across, ok bool) {
	var second *vg.Rectangle
	x := (point.Min.X + point.Max.X) / 2
	y := (point.Min.Y + point.Max.Y) / 2
	const away = 2
	left, right := point.Min.X-away-width, point.Max.X+away
	below, above := point.Min.Y-away-height, point.Max.Y+away
	for _, at := range []vg.Point{
		{X: right, Y: y - height/2}, {X: left, Y: y - height/2},
		{X: x - width/2, Y: above}, {X: x - width/2, Y: below},
		{X: right - 4, Y: above}, {X: right - 4, Y: below}, {X: left + 4, Y: above}, {X: left + 4, Y: below},
	} {
		box := vg.Rectangle{Min: at, Max: at.Add(vg.Point{X: width, Y: height})}
		inside := box.Min.X >= area.Min.X && box.Max.X <= area.Max.X && box.Min.Y >= area.Min.Y && box.Max.Y <= area.Max.Y
		switch {
		case !inside || meets(box, taken):
		case !meets(box, lines):
			return box, false, true
		case second == nil:
			second = &box
		}
	}
	if second == nil {
		return vg.Rectangle{}, false, false
	}
	return *second, true, true
}

func meets(box vg.Rectangle, others []vg.Rectangle) bool {
	for _, o := range others {
		if box.Min.X < o.Max.X && o.Min.X < box.Max.X && box.Min.Y < o.Max.Y && o.Min.Y < box.Max.Y {
			return true
		}
	}
	return false
}
