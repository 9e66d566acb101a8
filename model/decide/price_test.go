package decide

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// TestStdError holds the standard error of a net benefit to that of the same
// rows one by one.
func TestStdError(t *testing.T) {
	e := read(t, []Bin{{100, 10, 10}, {100, 60, 60}}, 0)
	// At .6 the upper half of the second bin is selected: 50 rows, 30 events.
	var d []float64
	for i := range 200 {
		switch {
		case i < 30:
			d = append(d, 1)
		case i < 50:
			d = append(d, -1.5)
		default:
			d = append(d, 0)
		}
	}
	mean, square := 0.0, 0.0
	for _, x := range d {
		mean, square = mean+x/200, square+x*x/200
	}
	near(t, "standard error", e.stdError(0.6, Nobody), math.Sqrt((square-mean*mean)/200))
	// At .05 a quarter of the first bin is not: 25 rows, 2.5 events; to everybody only these differ.
	price := 0.05 / 0.95
	mean, square = (2.5-price*22.5)/200, (2.5+price*price*22.5)/200
	near(t, "standard error, to everybody", e.stdError(0.05, Everybody), math.Sqrt((square-mean*mean)/200))
}

func TestCurve(t *testing.T) {
	e := read(t, four(), 0)
	points := e.Curve(e.Reach(nil), 59)
	if len(points) != 59 || math.Abs(points[29].Threshold-0.3) > 1e-12 {
		t.Fatalf("%d points, the middle one at %g", len(points), points[29].Threshold)
	}
	for i, p := range points {
		if !within(p.Model, p.Model.Estimate) {
			t.Errorf("%+v", p)
		}
		if one := e.at(p.Threshold); one != p {
			t.Errorf("point %d is %+v, alone %+v", i, p, one)
		}
	}
	price, _ := e.Price(1)
	near(t, "reach beyond a price", e.Reach(price), 0.75)
}

func TestRefusals(t *testing.T) {
	for what, bins := range map[string][]Bin{
		"more events than rows": {{10, 11, 5}, {10, 1, 5}},
		"negative":              {{-1, 0, 0}, {10, 1, 5}},
		"expected beyond rows":  {{10, 1, 11}},
		"not a number":          {{10, 1, math.NaN()}},
	} {
		if _, err := Read(bins, 0); !errors.Is(err, ErrBins) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := Read(four(), -1); !errors.Is(err, ErrBins) {
		t.Errorf("negative moved: %v", err)
	}
	for what, bins := range map[string][]Bin{"none": nil, "no event": {{10, 0, 5}}, "all events": {{10, 10, 5}}} {
		if _, err := Read(bins, 0); !errors.Is(err, ErrOutcome) {
			t.Errorf("%s: %v", what, err)
		}
	}
	e := read(t, four(), 0)
	for _, c := range [][2]float64{{0, 10}, {-1, 10}, {1, 0}, {math.NaN(), 1}, {1, math.NaN()}, {math.Inf(1), 1}, {1, math.Inf(1)}, {1e-300, 1e300}} {
		if _, err := e.Capacity(c[0], c[1], "month"); !errors.Is(err, ErrCapacity) {
			t.Errorf("%v: %v", c, err)
		}
	}
	for _, k := range []float64{0.99, 0, -1, math.NaN(), 1001, math.Inf(1)} {
		if _, err := e.Price(k); !errors.Is(err, ErrPrice) {
			t.Errorf("%g: %v", k, err)
		}
	}
}

// TestWorth: a model that knows two groups, 20 of 110 and 20 of 1,990 with the
// outcome. Selecting the first costs 4.5 false alarms for each one found, and
// selecting the second as well 98.5.
func TestWorth(t *testing.T) {
	groups := slices.Concat(slices.Repeat([]Bin{{199, 2, 2}}, 10), slices.Repeat([]Bin{{11, 2, 2}}, 10))
	estimate, certain := read(t, groups, 0).Worth()
	if (estimate != Range{5, 98}) {
		t.Errorf("worth it at %+v", estimate)
	}
	if certain.From <= 5 || certain.From > certain.To || certain.To >= 98 {
		t.Errorf("surely worth it at %+v", certain)
	}
	// One that ranks the wrong way round is never worth it: nobody is better, or everybody.
	estimate, certain = read(t, []Bin{{100, 1, 60}, {100, 0, 90}}, 0).Worth()
	if (estimate != Range{} || certain != Range{}) {
		t.Errorf("a model that knows nothing is worth it at %+v, %+v", estimate, certain)
	}
	// Two bins leave open who is selected within them.
	if _, certain = read(t, []Bin{{1990, 20, 20}, {110, 20, 20}}, 0).Worth(); certain != (Range{}) {
		t.Errorf("two bins are sure of %+v", certain)
	}
}
