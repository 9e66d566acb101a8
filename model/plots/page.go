package plots

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A page is 1200 by 800 pixels at 96 dots an inch.
const (
	pageWidth  = 900 * vg.Length(1)
	pageHeight = 600 * vg.Length(1)
	margin     = 26 * vg.Length(1)
	sideWidth  = 285 * vg.Length(1) // key and caption beside a square panel
)

const (
	titleSize, headSize, textSize, smallSize = 17, 12, 11, 10
)

// Picture is one page: a title, a key, one panel or a grid of panels, a
// caption and a line in small type about the study.
type Picture struct {
	Name    string   // of its files, without the ending
	Title   string   // one line
	Caption []string // sentences
	Footer  string

	key     []keyEntry
	panels  []panel
	columns int  // of the grid
	beside  bool // key and caption stand right of one square panel
}

type keyEntry struct {
	look
	text string
}

// panel is one plot with room at its sides for the names and numbers of rows.
type panel struct {
	head, note  string // two lines above
	across      string // title of the X axis, which gonum misplaces on a logarithmic one
	plot        *plot.Plot
	left, right vg.Length
	rows        []row
	rowSize     float64 // points
}

// row is text beside a plot at the height y of its data.
type row struct {
	y           float64
	left, right string
}

// Draw draws the page on c, whatever its size.
func (p *Picture) Draw(c draw.Canvas) {
	c.SetColor(p.panels[0].plot.BackgroundColor)
	c.Fill(c.Rectangle.Path())
	body := draw.Crop(c, margin, -margin, margin-8, -margin+4)
	write(c, sans(smallSize), grey, body.Min.X, body.Min.Y, toRight, elide(p.Footer, sans(smallSize), body.Size().X))
	body.Min.Y += 20
	body.Max.Y -= titleSize
	write(c, bold(titleSize), black, body.Min.X, body.Max.Y, toRight, elide(p.Title, bold(titleSize), body.Size().X))
	body.Max.Y -= 12

	if p.beside {
		side := body
		side.Min.X = side.Max.X - sideWidth
		body.Max.X = side.Min.X - 24
		side.Max.Y -= 6
		side.Max.Y = p.drawKey(side, true) - 26
		p.drawCaption(side, side.Max.Y)
	} else {
		if len(p.key) > 0 {
			body.Max.Y -= 8
			body.Max.Y = p.drawKey(body, false) - 6
		}
		lines := vg.Length(len(p.captionLines(body.Size().X)))
		p.drawCaption(body, body.Min.Y+(lines-1)*14)
		body.Min.Y += lines*14 + 6
	}
	p.drawPanels(body)
}

func (p *Picture) captionLines(room vg.Length) []string {
	var lines []string
	for _, s := range p.Caption {
		lines = append(lines, wrap(s, sans(textSize), room)...)
	}
	return lines
}

func (p *Picture) drawCaption(c draw.Canvas, y vg.Length) {
	for _, s := range p.Caption {
		for _, line := range wrap(s, sans(textSize), c.Size().X) {
			write(c, sans(textSize), black, c.Min.X, y, toRight, line)
			y -= 14
		}
		if p.beside {
			y -= 6
		}
	}
}

// drawKey draws samples with their texts, below each other or in lines, from
// the top of c, and returns where they end.
func (p *Picture) drawKey(c draw.Canvas, stacked bool) vg.Length {
	const sample, gap, lineHeight = 30, 22, 15
	f := sans(textSize)
	x, y := c.Min.X, c.Max.Y
	for i, k := range p.key {
		lines := wrap(k.text, f, c.Size().X-sample)
		width := vg.Length(0)
		for _, l := range lines {
			width = max(width, widthOf(l, f))
		}
		if i > 0 && (stacked || x+sample+width > c.Max.X) {
			x, y = c.Min.X, y-lineHeight-4
		}
		k.draw(c, x, y+textSize*0.35)
		for j, l := range lines {
			if j > 0 {
				y -= lineHeight
			}
			write(c, f, black, x+sample, y, toRight, l)
		}
		x += sample + width + gap
	}
	return y - 4
}

func (k keyEntry) draw(c draw.Canvas, x, y vg.Length) {
	const width = 22
	if k.fill != nil {
		c.FillPolygon(k.fill, []vg.Point{{X: x, Y: y - 5}, {X: x + width, Y: y - 5}, {X: x + width, Y: y + 5}, {X: x, Y: y + 5}})
	}
	if k.line.Width > 0 {
		c.StrokeLine2(k.line, x, y, x+width, y)
	}
	k.glyph(&c, vg.Point{X: x + width/2, Y: y}, 4)
}

// drawPanels divides c into a grid; panels with names at their left get the
// room for it beside an equal share.
func (p *Picture) drawPanels(c draw.Canvas) {
	columns := min(max(1, p.columns), len(p.panels))
	rows := (len(p.panels) + columns - 1) / columns
	var sides vg.Length
	for _, panel := range p.panels[:columns] {
		sides += panel.left + panel.right
	}
	const gapX, gapY = 16, 10
	width := (c.Size().X - sides - gapX*vg.Length(columns-1)) / vg.Length(columns)
	height := (c.Size().Y - gapY*vg.Length(rows-1)) / vg.Length(rows)
	x := c.Min.X
	for i, panel := range p.panels {
		if i%columns == 0 {
			x = c.Min.X
		}
		top := c.Max.Y - vg.Length(i/columns)*(height+gapY)
		cell := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
			Min: vg.Point{X: x, Y: top - height},
			Max: vg.Point{X: x + panel.left + width + panel.right, Y: top},
		}}
		if p.beside {
			side := min(cell.Size().X, cell.Size().Y)
			cell.Min.Y, cell.Max.X = cell.Max.Y-side, cell.Min.X+side
		}
		panel.draw(cell)
		x = cell.Max.X + gapX
	}
}

// area returns the part of a cell that the plot and its axes take.
func (p panel) area(cell draw.Canvas) draw.Canvas {
	for _, s := range []string{p.head, p.note} {
		if s != "" {
			cell.Max.Y -= headSize + 5
		}
	}
	if p.across != "" {
		cell.Min.Y += headSize + 8
	}
	return draw.Crop(cell, p.left, -p.right, 0, 0)
}

func (p panel) draw(cell draw.Canvas) {
	y := cell.Max.Y
	if p.head != "" {
		y -= headSize
		write(cell, bold(headSize), black, cell.Min.X+p.left, y, toRight, elide(p.head, bold(headSize), cell.Max.X-cell.Min.X-p.left))
	}
	if p.note != "" {
		y -= headSize + 3
		write(cell, sans(textSize), grey, cell.Min.X+p.left, y, toRight, elide(p.note, sans(textSize), cell.Max.X-cell.Min.X-p.left))
	}
	area := p.area(cell)
	p.plot.Draw(area)
	data := p.plot.DataCanvas(area)
	if f := sans(headSize); p.across != "" {
		write(cell, f, black, data.Center().X, cell.Min.Y+4, centred, elide(p.across, f, area.Size().X+p.right))
	}
	f := sans(p.rowSize)
	for _, r := range p.rows {
		y := data.Y(p.plot.Y.Norm(r.y)) - 0.35*f.Size
		if r.left != "" {
			write(cell, f, black, area.Min.X-sideGap, y, toLeft, elide(r.left, f, p.left-sideGap))
		}
		if r.right != "" {
			write(cell, f, black, cell.Max.X-p.right+sideGap, y, toRight, elide(r.right, f, p.right-sideGap))
		}
	}
}

const sideGap = 10 // between a plot and the text of its rows

// fitSides gives the texts of the rows the room that they need, the names at
// the left no more than mostLeft.
func (p *panel) fitSides(mostLeft vg.Length) {
	p.left, p.right = 0, 0
	f := sans(p.rowSize)
	for _, r := range p.rows {
		if r.left != "" {
			p.left = max(p.left, widthOf(clean(r.left), f)+sideGap+1)
		}
		p.right = max(p.right, widthOf(clean(r.right), f)+sideGap+1)
	}
	p.left = min(p.left, mostLeft)
}
