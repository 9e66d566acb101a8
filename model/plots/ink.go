package plots

import (
	"image/color"
	"strings"
	"unicode"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The colours that people with any kind of colour vision can tell apart: Okabe
// and Ito (2008), Color Universal Design.
var (
	black      = color.RGBA{A: 255}
	blue       = color.RGBA{0x00, 0x72, 0xb2, 255}
	vermillion = color.RGBA{0xd5, 0x5e, 0x00, 255}
	grey       = color.RGBA{0x59, 0x59, 0x59, 255}
	lightGrey  = color.RGBA{0xe3, 0xe3, 0xe3, 255}
	paleBlue   = color.RGBA{0xcb, 0xe6, 0xf8, 255} // sky blue on white, without transparency
)

// sans returns the font at a size in points.
func sans(size float64) font.Font {
	return font.Font{Typeface: "Liberation", Variant: "Sans", Size: vg.Points(size)}
}

func bold(size float64) font.Font {
	f := sans(size)
	f.Weight = 3 // golang.org/x/image/font.WeightBold
	return f
}

// clean returns s without what must not reach a file or a terminal: control
// and format characters and bytes that are not UTF-8, each replaced by "?".
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			return r
		}
		return '?' // the replacement character has no glyph in the fonts
	}, s)
}

func widthOf(s string, f font.Font) vg.Length {
	w, _, _ := plot.DefaultTextHandler.Box(s, f)
	return w
}

// where text stands about its x.
const (
	toRight = 0.0
	centred = 0.5
	toLeft  = 1.0
)

// write puts one line of text with its baseline at y.
func write(c vg.Canvas, f font.Font, colour color.Color, x, y vg.Length, side float64, s string) {
	s = clean(s)
	face := plot.DefaultTextHandler.Cache().Lookup(f, f.Size)
	c.SetColor(colour)
	c.FillString(face, vg.Point{X: x - vg.Length(side)*face.Width(s), Y: y}, s)
}

// elide takes characters out of the middle of s until it fits: both ends of a
// name tell it from others.
func elide(s string, f font.Font, room vg.Length) string {
	s = clean(s)
	if widthOf(s, f) <= room {
		return s
	}
	r := []rune(s)
	for keep := len(r) - 1; keep > 1; keep-- {
		head := (keep + 1) / 2
		short := string(r[:head]) + "…" + string(r[len(r)-(keep-head):])
		if widthOf(short, f) <= room {
			return short
		}
	}
	return "…"
}

// wrap breaks s into lines that fit, at spaces; a longer word is elided.
func wrap(s string, f font.Font, room vg.Length) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(clean(s)) {
		word = elide(word, f, room)
		switch longer := strings.TrimSpace(line + " " + word); {
		case widthOf(longer, f) <= room:
			line = longer
		default:
			lines, line = append(lines, line), word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// look is how one kind of mark is drawn. Shape and dashes differ wherever
// colour does.
type look struct {
	colour color.Color
	shape  draw.GlyphDrawer // nil: no glyph
	line   draw.LineStyle   // zero width: no line
	fill   color.Color      // nil: none
}

func (l look) glyph(c *draw.Canvas, at vg.Point, radius vg.Length) {
	if l.shape != nil {
		c.DrawGlyphNoClip(draw.GlyphStyle{Color: l.colour, Radius: radius, Shape: l.shape}, at)
	}
}

func line(colour color.Color, width float64, dashes ...vg.Length) draw.LineStyle {
	return draw.LineStyle{Color: colour, Width: vg.Points(width), Dashes: dashes}
}

func glyph(colour color.Color, shape draw.GlyphDrawer) look {
	return look{colour: colour, shape: shape, line: line(colour, 1.5)}
}
