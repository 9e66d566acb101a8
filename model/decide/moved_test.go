package decide

import (
	"math"
	"testing"
)

// TestMoved: rows that were counted in a neighbouring bin, each where one
// widening is needed that the others do not give. The rows are in the comments.
func TestMoved(t *testing.T) {
	// .1 ten times below; .11 and nine of .9 above; a .9 and a .1 have changed places.
	s, err := read(t, []Bin{{10, 0, 1.8}, {10, 5, 7.41}}, 2).Capacity(10, 20, "month")
	if err != nil || s.Threshold.Least > 0.11 {
		t.Errorf("the tenth is predicted .11, not %+v (%v)", s.Threshold, err)
	}
	// .89 and nine of .1 below; ten of .9 above; a .9 and a .1 have changed places.
	s, err = read(t, []Bin{{10, 0, 2.59}, {10, 5, 8.2}}, 2).Capacity(11, 20, "month")
	if err != nil || s.Threshold.Most < 0.89 {
		t.Errorf("the eleventh is predicted .89, not %+v (%v)", s.Threshold, err)
	}
	// A hundred of .4 below; five of .5 and one of 0 from below; ten of .9.
	s, err = read(t, []Bin{{100, 0, 40}, {6, 0, 2.5}, {10, 10, 9}}, 1).Capacity(15, 116, "month")
	if err != nil || s.Threshold.Most < 0.5 {
		t.Errorf("the fifteenth is predicted .5, not %+v (%v)", s.Threshold, err)
	}
	// Ten of .1; five of .5 and one of 1 from above; a hundred of .6.
	s, err = read(t, []Bin{{10, 0, 1}, {6, 0, 3.5}, {100, 50, 60}}, 1).Capacity(102, 116, "month")
	if err != nil || s.Threshold.Least > 0.5 {
		t.Errorf("number 102 is predicted .5, not %+v (%v)", s.Threshold, err)
	}
	// Between the first, of 1, and the second, of .2.
	s, err = read(t, []Bin{{10, 0, 0}, {2, 1, 1.2}}, 0).Capacity(1.5, 12, "month")
	if err != nil || s.Threshold.Most != 1 || math.Abs(s.Threshold.Least-0.2) > 1e-12 {
		t.Errorf("one and a half: %+v (%v)", s.Threshold, err)
	}
	// Ten of .55 without the outcome and one of .45 with it, which is counted above, among ten of .9 with it.
	if f := read(t, []Bin{{10, 0, 5.5}, {11, 11, 9.45}}, 1).at(0.5).Model; f.Least > 0 {
		t.Errorf("the net benefit is 0, not %+v", f)
	}
	// 99 of .49; ten of .5 with the outcome, ten of .499 without, and one of 0 from below; ten of .9 with it.
	if f := read(t, []Bin{{99, 0, 48.51}, {21, 10, 9.99}, {10, 10, 9}}, 1).at(0.5).Model; f.Most < 20./130 {
		t.Errorf("the net benefit is %g, not %+v", 20./130, f)
	}
	// The same from above: ten of .5 with the outcome, ten of .501, which are selected, without, one of 1 from above, of 100 of .51.
	if f := read(t, []Bin{{10, 0, 0.1}, {21, 10, 11.01}, {99, 0, 50.49}}, 1).at(0.501).Model; f.Least > -(99+1+10)*0.501/0.499/130 {
		t.Errorf("the net benefit is %g, not %+v", -110*0.501/0.499/130, f)
	}
}

// TestChance: bins that leave nothing open, of too few rows to say.
func TestChance(t *testing.T) {
	bins := []Bin{{20, 0, 0.02}, {20, 12, 19.98}}
	if p, err := read(t, bins, 0).Price(1); err != nil || p.Model.Least <= 0.09 || p.Best != CannotTell {
		t.Errorf("forty rows: %+v (%v)", p, err)
	}
	for i := range bins {
		bins[i] = Bin{100 * bins[i].Rows, 100 * bins[i].Events, 100 * bins[i].Expected}
	}
	if p, err := read(t, bins, 0).Price(1); err != nil || p.Best != Model {
		t.Errorf("four thousand: %+v (%v)", p, err)
	}
}
