package model_test

import (
	"bytes"
	"math/big"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
	"pgregory.net/rapid"
)

func sameTrace(t rapid.TB, what string, a, b *trace) {
	t.Helper()
	if len(a.sums) != len(b.sums) {
		t.Fatalf("%s: %d rounds, %d in one piece", what, len(b.sums), len(a.sums))
	}
	for r := range a.sums {
		for i := range a.sums[r] {
			if a.sums[r][i].Cmp(b.sums[r][i]) != 0 {
				t.Fatalf("%s: round %d, sum %d differs", what, r+1, i)
			}
		}
	}
	for r := range a.states {
		if !bytes.Equal(a.states[r], b.states[r]) {
			t.Fatalf("%s: state after round %d differs", what, r)
		}
	}
}

// TestPartition: every opened integer and every state is the same, bit for
// bit, for 1, 2, 6 and 30 institutions.
func TestPartition(t *testing.T) {
	for _, c := range cases() {
		p := plan(t, c.study, c.codebook)
		table := readTable(t, c.data, c.codebook, p.Columns())
		one := run(t, p, []*model.Table{table})
		for _, n := range []int{2, 6, 30} {
			sameTrace(t, c.name, one, run(t, p, divide(t, table, n, func(i int) int { return i % n })))
			sameTrace(t, c.name, one, run(t, p, divide(t, table, n, func(i int) int { return i * n / table.Rows() })))
		}
	}
}

// TestPartitionRandom: the same for random divisions, with parts of any size,
// also none, and rows in any order.
func TestPartitionRandom(t *testing.T) {
	c := cases()[3]
	p := plan(t, c.study, c.codebook)
	whole := readTable(t, c.data, c.codebook, p.Columns())
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation(rows(whole.Rows())).Draw(t, "order")[:rapid.IntRange(200, 400).Draw(t, "rows")]
		table, err := whole.Take(order)
		if err != nil {
			t.Fatal(err)
		}
		n := rapid.IntRange(1, 40).Draw(t, "parts")
		pieces := make([][]int, n)
		for i := range table.Rows() {
			k := rapid.IntRange(0, n-1).Draw(t, "part")
			pieces[k] = append(pieces[k], i)
		}
		var parts []*model.Table
		for _, rows := range pieces {
			part, err := table.Take(rows)
			if err != nil {
				t.Fatal(err)
			}
			parts = append(parts, part)
		}
		one, err := play(p, []*model.Table{table})
		if err != nil {
			t.Fatal(err)
		}
		many, err := play(p, parts)
		if err != nil {
			t.Fatal(err)
		}
		sameTrace(t, "random", one, many)
	})
}

func rows(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// TestFloatSumsDependOnPartition shows that the test above has teeth: the same
// contributions, rounded to float64 by each institution before they are added,
// give other sums for other divisions.
func TestFloatSumsDependOnPartition(t *testing.T) {
	c := cases()[0]
	p := plan(t, c.study, c.codebook)
	table := readTable(t, c.data, c.codebook, p.Columns())
	tr := run(t, p, []*model.Table{table})
	fit := tr.states[2] // the first state that asks for gradient and Hessian
	floats := func(n int) []float64 {
		var total []float64
		for _, part := range divide(t, table, n, func(i int) int { return i % n }) {
			local, err := p.Local(fit, part)
			if err != nil {
				t.Fatal(err)
			}
			if total == nil {
				total = make([]float64, len(local))
			}
			for i, v := range local {
				f, _ := new(big.Float).SetInt(v).Float64()
				total[i] += f
			}
		}
		return total
	}
	one, thirty := floats(1), floats(30)
	differ := 0
	for i := range one {
		if one[i] != thirty[i] {
			differ++
		}
	}
	if differ == 0 {
		t.Fatal("float sums agree for 1 and 30 parts: the partition tests prove nothing")
	}
	t.Logf("%d of %d float sums differ between 1 and 30 parts", differ, len(one))
}
