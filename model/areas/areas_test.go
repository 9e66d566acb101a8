package areas

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// cellsOf draws an institution's cells: few and many children, rare and common
// indicators, areas without children.
func cellsOf(t *rapid.T) []Cell {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Cell {
		n := rapid.Int64Range(0, 60).Draw(t, "children")
		return Cell{rapid.Int64Range(0, n).Draw(t, "count"), n}
	}), 1, 12).Draw(t, "cells")
}

// fault says how what is told of the cells describes a few children, if it does.
func fault(cells, told []Cell, least int64) string {
	var count, children int64
	rest, in := Cell{}, 0
	for i, c := range cells {
		if told[i].Children == 0 {
			if rest = rest.plus(c); c.Children > 0 {
				in++
			}
		}
	}
	for i, c := range told {
		if c.Children == 0 {
			if c.Count != 0 {
				return "a count without children"
			}
			continue
		}
		if c.Count%Step != 0 || c.Children%Step != 0 {
			return "a count is not rounded"
		}
		of := rest
		if i < len(cells) {
			of = cells[i]
		}
		if of.Count < least {
			return "a cell tells of few children with a yes"
		}
		if of.Children-of.Count < least {
			return "a cell tells of few children without"
		}
		if i == len(cells) && in < 2 {
			return "the rest is one area"
		}
		count, children = count+of.Count, children+of.Children
	}
	// Whoever knows the institution's totals subtracts what was told.
	for _, c := range cells {
		count, children = count-c.Count, children-c.Children
	}
	if told[len(cells)].Children == 0 && children != 0 && len(told) > 1 && tells(told) {
		return "the total less the cells that are told is a few children"
	}
	return ""
}

func tells(told []Cell) bool {
	for _, c := range told {
		if c.Children > 0 {
			return true
		}
	}
	return false
}

func TestMergeHidesSmallCells(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		least := rapid.Int64Range(3, 10).Draw(t, "least")
		cells := cellsOf(t)
		told, merged := Guard{Least: least}.Merge(cells)
		if why := fault(cells, told, least); why != "" {
			t.Fatalf("%s: %v of %v", why, told, cells)
		}
		gone := 0
		for i, c := range cells {
			if c.Children > 0 && told[i].Children == 0 {
				gone++
			}
		}
		if merged != gone {
			t.Fatalf("%d areas merged, %d said", gone, merged)
		}
	})
}

// TestMergeHasTeeth: without each part of the rule there are cells that describe
// a few children.
func TestMergeHasTeeth(t *testing.T) {
	for what, c := range map[string]struct {
		guard Guard
		want  string
		cells []Cell
	}{
		"least":      {Guard{Least: 0}, "a cell tells of few children with a yes", []Cell{{4, 30}, {20, 60}}},
		"complement": {Guard{Least: 10, openComplement: true}, "a cell tells of few children without", []Cell{{28, 30}, {20, 60}, {2, 30}, {12, 40}}},
		"rest":       {Guard{Least: 10, openRest: true}, "a cell tells of few children with a yes", []Cell{{4, 30}, {20, 60}}},
		"rounding":   {Guard{Least: 10, openCounts: true}, "a count is not rounded", []Cell{{14, 33}, {20, 61}}},
	} {
		told, _ := c.guard.Merge(c.cells)
		if got := fault(c.cells, told, 10); got != c.want {
			t.Errorf("without the rule of %s: %q, want %q", what, got, c.want)
		}
		told, _ = Guard{Least: 10}.Merge(c.cells)
		if got := fault(c.cells, told, 10); got != "" {
			t.Errorf("with it: %s", got)
		}
	}
}

func TestMerge(t *testing.T) {
	told, merged := Guard{Least: 10}.Merge([]Cell{{12, 40}, {3, 30}, {0, 0}, {31, 52}})
	// The second area is small; what it makes of the rest is too, so the smallest other goes in.
	want := []Cell{{0, 0}, {0, 0}, {0, 0}, {30, 50}, {15, 70}}
	for i := range want {
		if told[i] != want[i] {
			t.Errorf("%v, want %v", told, want)
		}
	}
	if merged != 2 {
		t.Errorf("%d merged", merged)
	}
	if told, merged = (Guard{Least: 10}).Merge([]Cell{{2, 30}, {3, 20}}); tells(told) || merged != 2 {
		t.Errorf("few in all: %v, %d", told, merged)
	}
}

// TestRateError: the rate of the unrounded counts lies within the error that is
// said, and the error is not far too large.
func TestRateError(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var count, children, c, n int64
		k := rapid.Int64Range(1, 6).Draw(t, "institutions")
		for range k {
			a := rapid.Int64Range(10, 200).Draw(t, "yes")
			b := a + rapid.Int64Range(10, 200).Draw(t, "no")
			count, children = count+a, children+b
			c, n = c+Round(a), n+Round(b)
		}
		r := NewRate("a", c, n, k)
		if d := math.Abs(r.Rate - float64(count)/float64(children)); d > r.Error {
			t.Fatalf("%v is off by %g", r, d)
		}
		if r.Error > float64(3*reach*k)/float64(n) {
			t.Fatalf("%v says too large an error", r)
		}
	})
	if r := NewRate("a", 0, 0, 0); !r.TooFew || r.Rate != 0 {
		t.Errorf("%+v", r)
	}
}

// TestLimits holds quantiles to their definition and to the interpolation of
// Spiegelhalter (2005), computed in R; see testdata/limits.R.
func TestLimits(t *testing.T) {
	for _, c := range limitsInR(t) {
		var l Limits
		if c.Children > 0 {
			l = BinomialLimits(c.Children, c.Expected/c.Children, 0)
		} else {
			l = PoissonLimits(c.Expected, 0)
		}
		for i, got := range []float64{l.Low998, l.Low95, l.High95, l.High998} {
			if math.Abs(got-c.Limits[i]) > 1e-9*math.Max(1, c.Limits[i]) {
				t.Errorf("expected %g of %g: limit %d is %.12g, R has %.12g", c.Expected, c.Children, i, got, c.Limits[i])
			}
		}
	}
	// Rounding widens.
	none, some := BinomialLimits(200, 0.2, 0), BinomialLimits(200, 0.2, 6)
	if some.High95 <= none.High95 || some.Low95 >= none.Low95 {
		t.Errorf("six institutions' rounding: %+v, none: %+v", some, none)
	}
}

func TestProfile(t *testing.T) {
	table := &Table{Column: "area", Indicators: []Indicator{{Name: "x"}}}
	k := &table.Indicators[0]
	for i := range 10 {
		table.Areas = append(table.Areas, string(rune('a'+i)))
		k.Areas = append(k.Areas, NewRate(table.Areas[i], int64(10+5*i), 100, 1))
	}
	k.Region = NewRate("", 325, 1000, 10)
	k.Areas[3] = NewRate("d", 0, 0, 0)
	k.Areas = append(k.Areas, NewRate("k", 200, 1000, 2), NewRate("l", 300, 1000, 2))
	table.Areas = append(table.Areas, "k", "l")
	for area, fifth := range map[string]int{"a": 1, "j": 5, "d": 0, "f": 3} {
		lines, err := table.Profile(area)
		if err != nil || len(lines) != 1 || lines[0].Fifth != fifth || lines[0].Of != 11 {
			t.Errorf("%s: %+v, %v", area, lines, err)
		}
	}
	if _, err := table.Profile("z"); err == nil {
		t.Error("a profile of an unknown area")
	}
}
