package model_test

import (
	"math"
	"math/rand"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// TestNoSmallCellIsOpened: over a thousand random studies in which no
// institution has a group of one or two rows, no opened sum is over one or two
// rows, neither of a group nor of a group with the outcome. Without that
// condition, many are.
func TestNoSmallCellIsOpened(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	kept, bad, unguarded := 0, 0, 0
	for n := 0; kept < 1000; n++ {
		if n > 200_000 {
			t.Fatalf("only %d studies without small cells", kept)
		}
		cb, s, parts := randomCells(t, r)
		p := plan(t, s, cb)
		small := false
		for _, part := range parts {
			names, err := p.SmallCells(part)
			if err != nil {
				t.Fatal(err)
			}
			small = small || len(names) > 0
		}
		opened := smallOpened(t, p, parts)
		if small {
			if opened {
				unguarded++
			}
			continue
		}
		kept++
		if opened {
			bad++
		}
	}
	if bad > 0 {
		t.Errorf("%d of %d studies opened a sum over one or two rows", bad, kept)
	}
	if unguarded < 10 {
		t.Errorf("without the rule only %d studies opened such a sum: the test looks at nothing", unguarded)
	}
}

// randomCells draws three institutions with a category and a yes_no column of
// random frequencies.
func randomCells(t *testing.T, r *rand.Rand) (*configs.Codebook, *configs.Study, []*model.Table) {
	levels := []string{"a", "b", "c"}[:2+r.Intn(2)]
	cb := &configs.Codebook{Columns: []configs.Column{
		ranged("x", -10, 10), yesNo("g"), yesNo("y"), {Name: "k", Kind: configs.Category, Levels: levels},
	}}
	pg, py, pk := 0.06+0.85*r.Float64(), 0.2+0.6*r.Float64(), 0.2+0.8*r.Float64()
	var parts []*model.Table
	for range 3 {
		n := 30 + r.Intn(150)
		columns := []model.Column{{Name: "x", Kind: configs.Number}, {Name: "g", Kind: configs.YesNo}, {Name: "y", Kind: configs.YesNo},
			{Name: "k", Kind: configs.Category, Levels: levels}}
		for range n {
			row := []float64{math.Max(-9, math.Min(9, r.NormFloat64())), 0, 0, 0}
			for j, p := range []float64{0, pg, py} {
				if r.Float64() < p {
					row[j] = 1
				}
			}
			if r.Float64() < pk {
				row[3] = float64(r.Intn(len(levels)))
			}
			for j := range columns {
				columns[j].Values, columns[j].Missing = append(columns[j].Values, row[j]), append(columns[j].Missing, false)
			}
		}
		table, err := model.NewTable(columns)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, table)
	}
	return cb, study("logistic", "y", "x", "g", "k"), parts
}

// smallOpened counts, from the rows themselves, what the first two rounds open:
// the rows of every group, and those with the outcome.
func smallOpened(t *testing.T, p *model.Plan, parts []*model.Table) bool {
	t.Helper()
	counts := map[[3]any]int{}
	for _, part := range parts {
		y, _ := part.Column("y")
		for _, name := range []string{"g", "k"} {
			c, _ := part.Column(name)
			for i, v := range c.Values {
				counts[[3]any{name, v, "all"}]++
				counts[[3]any{name, v, y.Values[i]}]++
			}
		}
	}
	for _, n := range counts {
		if n < 3 {
			return true
		}
	}
	return false
}
