package validation

import (
	"cmp"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/smartstart-federation/smartstart/model/exact"
)

// board is an institution's rows: outcomes, and predictors of slope beta too large.
type board struct{ y, eta, probability []float64 }

func boards(seed uint64, beta float64) (all []board, rows board) {
	r := rand.New(rand.NewPCG(seed, 9))
	for range 4 {
		var b board
		for range 150 + r.IntN(200) {
			eta, y := -1+1.3*r.NormFloat64(), 0.0
			if r.Float64() < 1/(1+math.Exp(-eta)) {
				y = 1
			}
			b.y, b.eta, b.probability = append(b.y, y), append(b.eta, beta*eta), append(b.probability, 1/(1+math.Exp(-beta*eta)))
		}
		all = append(all, b)
		rows.y, rows.eta, rows.probability = append(rows.y, b.y...), append(rows.eta, b.eta...), append(rows.probability, b.probability...)
	}
	return all, rows
}

// opened adds what the institutions give, as a round does.
func opened(all []board, local func(b board) []exact.Sum) (sums []*big.Int) {
	for _, b := range all {
		for i, v := range local(b) {
			if len(sums) <= i {
				sums = append(sums, new(big.Int))
			}
			sums[i].Add(sums[i], v.Int())
		}
	}
	return sums
}

// area is the exact area under the ROC curve.
func area(y, score []float64) float64 {
	right, pairs := 0.0, 0.0
	for i := range y {
		for k := range y {
			if y[i] == 1 && y[k] == 0 {
				pairs++
				right += float64(1+cmp.Compare(score[i], score[k])) / 2
			}
		}
	}
	return right / pairs
}

// TestRanking: the exact area, and what was promised of every cell, hold for
// institutions of any rows; with the merging off cells of one or two are counted.
func TestRanking(t *testing.T) {
	small := 0
	for seed := range uint64(40) {
		all, rows := boards(seed, 1)
		n, events := int64(len(rows.y)), int64(0)
		for _, y := range rows.y {
			events += int64(y)
		}
		g := NewGuide(-1, 1.3, n, 10)
		if rest := g.Take(opened(all, func(b board) []exact.Sum { return g.Local(b.eta, b.probability, true) })); len(rest) > 0 {
			t.Fatalf("%d sums are left over", len(rest))
		}
		o := g.Outline()
		if !g.Whole(true) || !g.Sound(n) || math.Abs(o.area()-area(rows.y, rows.eta)) > 0.1 {
			t.Fatalf("seed %d: a guide of area %g", seed, o.area())
		}
		for _, merge := range []bool{true, false} {
			b := NewTally(o.Divide(n-events, events, 20, 0.1))
			if len(b.Cuts) < 3 {
				t.Fatalf("seed %d: %d cuts", seed, len(b.Cuts))
			}
			for _, one := range all {
				for _, v := range b.Local(g, one.y, one.eta, one.eta, one.probability, merge)[:2*len(b.Cuts)+2] {
					if k := v.Int().Int64(); k == 1 || k == 2 {
						if small++; merge {
							t.Fatalf("seed %d: an institution counts %d rows", seed, k)
						}
					}
				}
			}
			b.Take(opened(all, func(one board) []exact.Sum { return b.Local(g, one.y, one.eta, one.eta, one.probability, merge) }), true)
			if !b.Whole(true, true) {
				t.Fatalf("seed %d: %+v", seed, b)
			}
			r := b.Ranking(g, n-events, events, 10)
			if want := area(rows.y, rows.eta); math.Abs(r.AUC-want) > r.BinError || math.Abs(r.AUC-want) > 0.01 || r.Binned > want+r.BinError {
				t.Errorf("seed %d: area %g +- %g, from bins %g, exactly %g", seed, r.AUC, r.BinError, r.Binned, want)
			}
		}
	}
	if small == 0 {
		t.Error("no small cell with the merging off: the test sees nothing")
	}
}

// TestCalibration: predictors twice as large as they should be have slope 1/2, and
// the estimate is where the score of the pooled rows is nought.
func TestCalibration(t *testing.T) {
	all, rows := boards(3, 2)
	c := NewCalibration()
	bits := 0
	for _, x := range rows.eta {
		bits = max(bits, exact.Above(x))
	}
	for round := 1; !c.Over(); round++ {
		if round > 8 || !c.Whole() {
			t.Fatalf("round %d: %+v", round, c)
		}
		c.Global(opened(all, func(b board) []exact.Sum { return c.Local(b.y, b.eta, bits) }), bits, int64(len(rows.y)), false)
	}
	if c.Failed || math.Abs(c.Estimate[1]-0.5) > 0.1 || math.Abs(c.Estimate[0]) > 0.25 {
		t.Fatalf("%+v", c)
	}
	score := [2]float64{}
	for i, x := range rows.eta {
		residual := rows.y[i] - 1/(1+math.Exp(-c.Estimate[0]-c.Estimate[1]*x))
		score[0], score[1] = score[0]+residual, score[1]+residual*x
	}
	if math.Abs(score[0]) > 1e-3 || math.Abs(score[1]) > 1e-3 {
		t.Errorf("the score at the estimate is %g", score)
	}
}

// TestCalibrationEnds: where there is no finite estimate, it says so and does not
// go on.
func TestCalibrationEnds(t *testing.T) {
	one := board{y: []float64{0, 0, 0, 1, 1, 1}, eta: []float64{-3, -2, -1, 1, 2, 3}}
	c := NewCalibration()
	for round := 1; !c.Over(); round++ {
		c.Global(opened([]board{one}, func(b board) []exact.Sum { return c.Local(b.y, b.eta, 2) }), 2, 6, round == 10)
	}
	if !c.Failed || c.Estimate != nil {
		t.Errorf("%+v", c)
	}
}

// TestLearn: the local model is where its penalised likelihood has no slope, ranks
// are those of counting every pair, and rows have no order.
func TestLearn(t *testing.T) {
	_, pooled := boards(8, 1)
	d := &Rows{K: 2}
	for i, x := range pooled.eta {
		d.Z, d.Y = append(d.Z, 1, math.Round(4*x)/4), append(d.Y, pooled.y[i])
	}
	var rows, rest []int
	for i := range d.Y {
		if i%3 == 0 {
			rows = append(rows, i)
		} else {
			rest = append(rest, i)
		}
	}
	slices.SortFunc(rows, d.Compare)
	b := d.Learn(rows)
	slope := [2]float64{0, -localRidge * b[1]}
	for _, i := range rows {
		residual := d.Y[i] - 1/(1+math.Exp(-d.predict(b, i)))
		slope[0], slope[1] = slope[0]+residual, slope[1]+residual*d.Z[2*i+1]
	}
	if math.Abs(slope[0]) > 1e-6 || math.Abs(slope[1]) > 1e-6 {
		t.Errorf("the slope at the end is %g", slope)
	}
	var y, score []float64
	for _, i := range rest {
		y, score = append(y, d.Y[i]), append(score, d.predict(b, i))
	}
	right, pairs := d.Ranks(b, rest)
	if got, want := float64(right)/2/float64(pairs), area(y, score); math.Abs(got-want) > 1e-12 {
		t.Errorf("ranks %g of pairs rightly, counted %g", got, want)
	}
	slices.Reverse(rows)
	slices.SortFunc(rows, d.Compare)
	if again := d.Learn(rows); !slices.Equal(again, b) {
		t.Errorf("%v and, in another order, %v", b, again)
	}
}
