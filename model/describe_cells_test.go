package model

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
)

// smallSurvey makes a study over a few institutions with few rows, in which
// every kind of cell is often small.
func smallSurvey(seed uint64) (*Plan, []*Table, error) {
	r := rand.New(rand.NewPCG(seed, 17))
	low, high := -10.0, 10.0
	cb := &configs.Codebook{Columns: []configs.Column{
		{Name: "x", Kind: configs.Number, Min: &low, Max: &high}, {Name: "k", Kind: configs.Integer, Min: &low, Max: &high},
		{Name: "b", Kind: configs.YesNo}, {Name: "c", Kind: configs.Category, Levels: []string{"p", "q", "r", "s", "t"}},
		{Name: "g", Kind: configs.Category, Levels: []string{"one", "two", "three", "four"}}}}
	s := configs.DefaultStudy()
	s.About.ID, s.Model.Kind, s.Model.Features = "test", configs.KindDescriptives, []string{"x", "k", "b", "c"}
	s.Privacy.NumbersPerRow, s.Privacy.MinCell = 1, 1+r.IntN(6)
	if r.IntN(3) > 0 {
		s.Model.Group = []string{"g", "b"}[r.IntN(2)]
	}
	p, err := New(s, cb)
	if err != nil {
		return nil, nil, err
	}
	var parts []*Table
	lost, steep := r.Float64(), 0.3+2*r.Float64()
	level := func(n int) float64 { return math.Min(float64(n-1), math.Floor(-steep*math.Log(r.Float64()))) }
	for range 2 + r.IntN(4) {
		n := r.IntN([]int{8, 60, 250}[r.IntN(3)])
		columns := make([]Column, 5)
		for j, c := range cb.Columns {
			columns[j] = Column{Name: c.Name, Kind: c.Kind, Levels: c.Levels, Values: make([]float64, n), Missing: make([]bool, n)}
		}
		for i := range n {
			v := [5]float64{math.Max(-10, math.Min(10, 3*r.NormFloat64())), math.Round(math.Max(-10, math.Min(10, steep*r.NormFloat64()))), level(2), level(5), level(4)}
			for j := range columns {
				columns[j].Values[i], columns[j].Missing[i] = v[j], r.Float64() < lost*lost*lost
			}
		}
		t, err := NewTable(columns)
		if err != nil {
			return nil, nil, err
		}
		parts = append(parts, t)
	}
	return p, parts, nil
}

// smallCells plays a study and counts the opened counts, and among them those
// of one or two.
func smallCells(t *testing.T, p *Plan, parts []*Table) (counts, small int, rounds int) {
	t.Helper()
	state, err := p.Start()
	if err != nil {
		t.Fatal(err)
	}
	for {
		tensors, more, err := p.Shape(state)
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return counts, small, rounds
		}
		var sums []*big.Int
		for _, part := range parts {
			own, err := p.Local(state, part)
			if err != nil {
				t.Fatal(err)
			}
			for i, v := range own {
				if len(sums) <= i {
					sums = append(sums, new(big.Int))
				}
				sums[i].Add(sums[i], v)
			}
		}
		at := 0
		for _, x := range tensors {
			for range x.Len {
				if x.Bits == exact.CountBits {
					counts++
					if n := sums[at].Int64(); n == 1 || n == 2 {
						small++
					}
				}
				at++
			}
		}
		rounds++
		if rounds == 1 { // what the first round opens tells how many rows have no value
			each := p.slots()
			for at := each; at < len(sums); at += 2 * each {
				for g := range each {
					if n := new(big.Int).Sub(sums[g], sums[at+g]).Int64(); n == 1 || n == 2 {
						small++
					}
				}
			}
		}
		if state, err = p.Global(state, sums); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTableOpensNoSmallCell: over 1,000 random studies no count that is opened is one or
// two. With the merging switched off most studies open some.
func TestTableOpensNoSmallCell(t *testing.T) {
	opened, ofAll, mutants := 0, map[int]int{}, 0
	studies := 1000
	if testing.Short() { // the race detector slows each down many times
		studies = 100
	}
	for seed := range uint64(studies) {
		p, parts, err := smallSurvey(seed)
		if err != nil {
			t.Fatal(err)
		}
		counts, small, rounds := smallCells(t, p, parts)
		if small > 0 {
			t.Fatalf("study %d: %d of %d counts are one or two", seed, small, counts)
		}
		opened += counts
		ofAll[rounds]++
		p.least = 1
		if _, small, _ = smallCells(t, p, parts); small > 0 {
			mutants++
		}
	}
	t.Logf("%d counts, studies by rounds %v; without merging %d studies open a small count", opened, ofAll, mutants)
	if mutants < studies/2 || ofAll[5] < studies/5 {
		t.Error("the studies are not of the kind that this is about")
	}
}
