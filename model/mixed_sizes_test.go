package model_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/smartstart-federation/smartstart/model"
)

// solvable says, by exact elimination, whether trials at these thetas determine
// the sums of one of the sizes: whether its unit vector is a combination of the
// trials' rows 1/(1+n theta).
func solvable(thetas []*big.Rat, sizes []int64, which int) bool {
	rank := func(rows [][]*big.Rat) (rank int) {
		for column := range sizes {
			at := slices.IndexFunc(rows[rank:], func(r []*big.Rat) bool { return r[column].Sign() != 0 })
			if at < 0 {
				continue
			}
			rows[rank], rows[rank+at] = rows[rank+at], rows[rank]
			for _, r := range rows[rank+1:] {
				by := new(big.Rat).Quo(r[column], rows[rank][column])
				for j := range r {
					r[j] = new(big.Rat).Sub(r[j], new(big.Rat).Mul(by, rows[rank][j]))
				}
			}
			if rank++; rank == len(rows) {
				break
			}
		}
		return rank
	}
	matrix := func() (rows [][]*big.Rat) {
		for _, theta := range thetas {
			var row []*big.Rat
			for _, n := range sizes {
				v := new(big.Rat).Mul(theta, big.NewRat(n, 1))
				row = append(row, v.Inv(v.Add(v, big.NewRat(1, 1))))
			}
			rows = append(rows, row)
		}
		return rows
	}
	unit := make([]*big.Rat, len(sizes))
	for j := range unit {
		unit[j] = new(big.Rat)
	}
	unit[which].SetInt64(1)
	return rank(append(matrix(), unit)) == rank(matrix())
}

// TestMixedRareSizes: an institution is warned exactly when its rare sizes can
// be solved for from as many trials as the study may use.
func TestMixedRareSizes(t *testing.T) {
	warned, passed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfNDistinct(rapid.Int64Range(1, 40), 1, 11, rapid.ID).Draw(t, "sizes")
		sites, rare, site := []int{}, []int{}, 0
		for i, n := range sizes {
			alike := rapid.IntRange(1, 4).Draw(t, "alike")
			if alike < 3 {
				rare = append(rare, i)
			}
			for range alike {
				sites = append(sites, int(n))
			}
			site += alike
		}
		table, book, _ := pupilsAt(3, 1, sites...)
		s := mixedStudy("reml", "y", "x1")
		s.Rounds.Max = rapid.IntRange(3, 14).Draw(t, "rounds")
		p, err := model.New(s, book)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.RareSizes(table)
		if err != nil {
			t.Fatal(err)
		}
		trials := min(s.Rounds.Max-2, 8)
		numerators := rapid.SliceOfNDistinct(rapid.Int64Range(0, 90), trials, trials, rapid.ID).Draw(t, "thetas")
		var thetas []*big.Rat
		for _, v := range numerators {
			thetas = append(thetas, big.NewRat(v, 17))
		}
		want := 0
		for _, i := range rare {
			if solvable(thetas, sizes, i) {
				want++
			}
		}
		if got != want {
			t.Fatalf("%d sizes, %d trials: %d rare ones are named, %d can be solved for", len(sizes), trials, got, want)
		}
		if want > 0 {
			warned++
		} else if len(rare) > 0 {
			passed++
		}
	})
	if warned == 0 || passed == 0 {
		t.Errorf("%d institutions were warned and %d with rare sizes were not", warned, passed)
	}
}

// TestMixedRareSizeIsRead: 39 schools of 20 pupils and one of 23. Two trials do
// give the mean of that one school, which is why the institution is warned.
func TestMixedRareSizeIsRead(t *testing.T) {
	sizes := slices.Repeat([]int{20}, 40)
	sizes[7] = 23
	table, book, of := pupilsAt(1, 1, sizes...)
	p := plan(t, mixedStudy("reml", "y", "x1"), book)
	if rare, err := p.RareSizes(table); err != nil || rare != 1 {
		t.Fatalf("%d rare sizes, %v", rare, err)
	}
	var state struct {
		Counts struct{ Mean []float64 }
		Mixed  struct {
			Opened []struct {
				Theta    float64
				Products []string
			}
		}
	}
	if err := json.Unmarshal(run(t, p, []*model.Table{table}).last(), &state); err != nil {
		t.Fatal(err)
	}
	o := state.Mixed.Opened
	q := func(trial int, n float64) float64 { return 1 / (1 + n*o[trial].Theta) }
	average := float64(39*20+23) / 40
	one := func(entry int) float64 { // of the school of 23, up to the grid
		opened := func(trial int) float64 {
			v, _ := new(big.Float).SetString(o[trial].Products[entry])
			f, _ := v.Float64()
			return f / (1 + average*o[trial].Theta)
		}
		return (q(0, 20)*opened(1) - q(1, 20)*opened(0)) / (q(0, 20)*q(1, 23) - q(0, 23)*q(1, 20))
	}
	x, _ := table.Column("x1")
	var sum float64
	for i, g := range of {
		if g == 7 {
			sum += x.Values[i]
		}
	}
	mean := state.Counts.Mean[0]
	if got := one(1)/one(0)*(10+math.Abs(mean)) + mean; math.Abs(got-sum/23) > 1e-6 {
		t.Errorf("the mean that is read off is %g, the school's %g: has the model changed so that nobody need be warned?", got, sum/23)
	}
	// Of sites of one size there is nothing to warn of; three alike are a group.
	for _, c := range []struct {
		sizes []int
		rare  int
	}{{slices.Repeat([]int{20}, 40), 0}, {append(slices.Repeat([]int{20}, 40), 23, 23), 1}, {append(slices.Repeat([]int{20}, 40), 23, 23, 23), 0}, {[]int{20}, 1},
		{[]int{5, 6, 7, 8, 9, 10, 11, 12}, 8}, {[]int{5, 6, 7, 8, 9, 10, 11, 12, 13}, 0}} {
		table, book, _ := pupilsAt(1, 1, c.sizes...)
		if rare, err := plan(t, mixedStudy("reml", "y", "x1"), book).RareSizes(table); err != nil || rare != c.rare {
			t.Error(fmt.Sprint(c.sizes), rare, err)
		}
	}
}

// TestMixedTrialsEnd: no study opens more trials than institutions reckon with.
func TestMixedTrialsEnd(t *testing.T) {
	table, book, _ := pupilsAt(4, 1, slices.Repeat([]int{3, 4, 9}, 10)...)
	s := mixedStudy("reml", "y", "x1")
	s.Rounds.Max = 200
	p := plan(t, s, book)
	tr := run(t, p, []*model.Table{table})
	// The search is led astray: each trial is answered with other sums, so that it does not settle.
	state, trials := tr.states[2], 0
	for round := 0; ; round++ {
		_, more, err := p.Shape(state)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			break
		}
		sums, err := p.Local(state, table)
		if err != nil {
			t.Fatal(err)
		}
		for i := range sums {
			sums[i].Mul(sums[i], big.NewInt(int64(100000+round%2*50))).Div(sums[i], big.NewInt(100000))
		}
		if state, err = p.Global(state, sums); err != nil {
			t.Fatal(err)
		}
		if trials++; trials > 8 {
			t.Fatalf("%d trials are opened", trials)
		}
	}
	t.Logf("%d trials", trials)
}
