package plots

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"
)

// drawing is what a test reads back from an SVG.
type drawing struct {
	texts []svgText
	paths []string // data and style
}

type svgText struct {
	x, y float64
	said string
}

var elements = map[string]bool{"svg": true, "title": true, "desc": true, "g": true, "path": true, "text": true}

// parseSVG refuses what is not XML and any element that a picture never has.
func parseSVG(content []byte) (drawing, error) {
	var d drawing
	dec := xml.NewDecoder(bytes.NewReader(content))
	var open *svgText
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			return d, nil
		}
		if err != nil {
			return d, err
		}
		switch e := token.(type) {
		case xml.StartElement:
			if !elements[e.Name.Local] {
				return d, fmt.Errorf("there is an element <%s>", e.Name.Local)
			}
			attr := map[string]string{}
			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") {
					return d, fmt.Errorf("there is an attribute %s", a.Name.Local)
				}
				attr[a.Name.Local] = a.Value
			}
			switch e.Name.Local {
			case "path":
				d.paths = append(d.paths, attr["d"]+" "+attr["style"])
			case "text", "title", "desc":
				x, _ := strconv.ParseFloat(attr["x"], 64)
				y, _ := strconv.ParseFloat(attr["y"], 64)
				d.texts = append(d.texts, svgText{x: x, y: y})
				open = &d.texts[len(d.texts)-1]
			}
		case xml.CharData:
			if open != nil {
				open.said += string(e)
			}
		case xml.EndElement:
			open = nil
		}
	}
}

func readBack(t *testing.T, p *Picture) drawing {
	t.Helper()
	content, err := p.SVG()
	if err != nil {
		t.Fatal(err)
	}
	d, err := parseSVG(content)
	if err != nil {
		t.Fatalf("%s.svg: %v", p.Name, err)
	}
	return d
}

// says reports whether any text contains s.
func (d drawing) says(s string) bool {
	for _, x := range d.texts {
		if strings.Contains(x.said, s) {
			return true
		}
	}
	return false
}

// dots returns the centres of the filled circles in blue, in the order drawn.
// A circle begins at its right end; y goes up.
func (d drawing) dots() (xs, ys []float64) {
	for _, p := range d.paths {
		var x, y, r float64
		if !strings.Contains(p, "fill:#0072B2") {
			continue
		}
		if n, _ := fmt.Sscanf(p, "M%g,%gA%g,", &x, &y, &r); n == 3 {
			xs, ys = append(xs, x-r), append(ys, y)
		}
	}
	return xs, ys
}

// ruler returns where a value lies by the labels of two ticks of an axis.
func (d drawing) ruler(t *testing.T, size float64, low, high string, along func(svgText) float64, scale func(float64) float64) func(v float64) float64 {
	t.Helper()
	at := func(label string) (v, place float64) {
		t.Helper()
		for _, x := range d.texts {
			if x.said == label {
				v, err := strconv.ParseFloat(strings.TrimSuffix(label, "%"), 64)
				if err != nil {
					t.Fatal(err)
				}
				x.x += float64(widthOf(label, sans(size))) / 2
				return v, along(x)
			}
		}
		t.Fatalf("there is no label %q", label)
		return 0, 0
	}
	v0, p0 := at(low)
	v1, p1 := at(high)
	return func(v float64) float64 { return p0 + (p1-p0)*(scale(v)-scale(v0))/(scale(v1)-scale(v0)) }
}

func across(x svgText) float64       { return x.x }
func linear(v float64) float64       { return v }
func near(a, b, within float64) bool { return math.Abs(a-b) <= within }

// The parser refuses what a name would do if it were not escaped.
func TestParseSVGHasTeeth(t *testing.T) {
	for _, s := range []string{
		"<svg><text>" + hostile + "</text></svg>", "<svg><script>x</script></svg>", "<svg><text onload='x'>a</text></svg>", "<svg><text>\x00</text></svg>",
	} {
		if _, err := parseSVG([]byte(s)); err == nil {
			t.Errorf("%q passed", s)
		}
	}
}
