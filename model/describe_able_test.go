package model_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// leveled makes tables of a number x and a group g; of gives each row's level
// and says whether its x is missing.
func leveled(t *testing.T, institutions, rows int, of func(institution, i int) (level int, missing bool)) ([]*model.Table, *configs.Codebook) {
	t.Helper()
	levels := []string{"p", "q", "r"}
	r := rand.New(rand.NewPCG(1, 1))
	var tables []*model.Table
	for institution := range institutions {
		x, g := model.Column{Name: "x", Kind: configs.Number}, model.Column{Name: "g", Kind: configs.Category, Levels: levels}
		for i := range rows {
			level, missing := of(institution, i)
			x.Values, x.Missing = append(x.Values, math.Round(r.NormFloat64()*100)/100), append(x.Missing, missing)
			g.Values, g.Missing = append(g.Values, float64(level)), append(g.Missing, false)
		}
		table, err := model.NewTable([]model.Column{x, g})
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, table)
	}
	return tables, &configs.Codebook{Columns: []configs.Column{ranged("x", -6, 6), {Name: "g", Kind: configs.Category, Levels: levels}}}
}

// TestTableSumsNeedInstitutions: of a level that one institution has, no sum is
// opened in any round, however many rows it has there; once three have it, the
// level has a mean.
func TestTableSumsNeedInstitutions(t *testing.T) {
	for _, c := range []struct {
		having, each int // institutions with level r, and rows of it at each
		told         bool
	}{{1, 3, false}, {1, 50, false}, {2, 50, false}, {3, 3, false}, {3, 4, true}, {4, 25, true}} {
		tables, cb := leveled(t, 4, 100, func(institution, i int) (int, bool) {
			if institution < c.having && i < c.each {
				return 2, false
			}
			return i % 2, false
		})
		s := tableStudy("g", "x")
		s.Privacy.MinCell = 6
		p := plan(t, s, cb)
		tr := run(t, p, tables)
		for round, state := range tr.states[:len(tr.sums)] {
			tensors, _, err := p.Shape(state)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range tensors {
				sums := strings.HasPrefix(x.Name, "sum") || strings.HasPrefix(x.Name, "square")
				if want := map[bool]int{true: 3, false: 2}[c.told]; sums && (round == 0 || x.Len != want) {
					t.Errorf("%+v: round %d opens %d numbers of %q", c, round+1, x.Len, x.Name)
				}
			}
		}
		r, err := p.Result(tr.last())
		if err != nil {
			t.Fatal(err)
		}
		if d := r.Table[3]; d.Group != "r" || d.TooFew == c.told || (d.Mean != nil) != c.told {
			t.Errorf("%+v: %+v", c, d)
		}
		if d := r.Table[1]; d.TooFew || d.Mean == nil {
			t.Errorf("%+v: %+v", c, d)
		}
		if n := r.Table[0].N; n != r.Table[1].N+r.Table[2].N+r.Table[3].N {
			t.Errorf("%+v: all rows are %d", c, n)
		}
	}
}

// TestTableHidesOneMissing: an institution where one or two rows of a level
// lack a value leaves out values until three do, and the numbers are those of
// what it kept.
func TestTableHidesOneMissing(t *testing.T) {
	for missing, want := range []int64{0, 3, 3, 3, 4} {
		tables, cb := leveled(t, 3, 100, func(institution, i int) (int, bool) {
			return i % 2, institution == 0 && i%2 == 0 && i/2 < missing
		})
		p := plan(t, tableStudy("g", "x"), cb)
		tr := run(t, p, tables)
		r, err := p.Result(tr.last())
		if err != nil {
			t.Fatal(err)
		}
		if d := r.Table[1]; d.N != 150-want || d.Missing != want {
			t.Errorf("%d missing: n %d, missing %d", missing, d.N, d.Missing)
		}
		if n := new(big.Int).Sub(tr.sums[0][0], tr.sums[0][4]); n.Int64() != want {
			t.Errorf("%d missing: %d can be told from what was opened", missing, n)
		}
		if all := r.Table[0]; all.N != 300-want || all.Missing != want || math.Abs(*all.Mean) > 0.3 {
			t.Errorf("%d missing: %+v", missing, all)
		}
	}
}
