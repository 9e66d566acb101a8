package model_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// recipe repeats a case of testdata/generated/generate.R.
type recipe struct {
	name                            string
	seed                            int64
	rows, columns                   int
	shift, scale, lean, slope, base float64
}

func recipes() []recipe {
	return []recipe{
		{"small", 7, 30, 1, 0, 1, 0, 2, 0},
		{"modest", 11, 60, 4, 0, 1, 0, 1, -0.5},
		{"wide", 13, 1000, 30, 10, 3, 0, 1, -1},
		{"rare", 17, 5000, 5, 0, 1, 0, 1.5, -5.5},
		{"far", 19, 400, 3, 1e6, 1, 0, 1, 0},
		{"tiny", 23, 400, 3, 0, 1e-6, 0, 1, 0},
		{"leaning", 29, 2000, 3, 5, 2, 0.9999, 1, 0},
		{"steep", 31, 300, 3, 0, 1, 0, 9, 0},
		{"large", 37, 100000, 6, 50, 10, 0, 1, -1},
	}
}

func (r recipe) features() []string {
	var names []string
	for j := range r.columns {
		names = append(names, fmt.Sprintf("x%d", j+1))
	}
	return names
}

func (r recipe) codebook() *configs.Codebook {
	cb := &configs.Codebook{}
	for _, f := range r.features() {
		cb.Columns = append(cb.Columns, ranged(f, r.shift-3*r.scale, r.shift+3*r.scale))
	}
	cb.Columns = append(cb.Columns, yesNo("yes"), ranged("score", -200, 200))
	return cb
}

func (r recipe) table(t testing.TB) *model.Table {
	seed := r.seed
	uniform := func() float64 {
		seed = 16807 * seed % 2147483647
		return float64(seed) / 2147483647
	}
	columns := make([]model.Column, r.columns+2)
	put := func(j int, v float64) {
		columns[j].Values = append(columns[j].Values, v)
		columns[j].Missing = append(columns[j].Missing, false)
	}
	for range r.rows {
		eta, first := r.base, 0.0
		for j := 1; j <= r.columns; j++ {
			u := uniform() + uniform() + uniform() - 1.5
			if j%2 == 0 {
				if u > 0.3 {
					u = 1
				} else {
					u = 0
				}
			}
			if j == r.columns && r.lean > 0 {
				u = float64(r.lean*first) + float64((1-r.lean)*u)
			}
			if j == 1 {
				first = u
			}
			eta += float64(r.slope*u) / float64(j)
			put(j-1, r.shift+float64(r.scale*u))
		}
		yes := 0.0
		if uniform() < 1/(1+math.Exp(-eta)) {
			yes = 1
		}
		put(r.columns, yes)
		put(r.columns+1, eta+uniform()+uniform())
	}
	for j, name := range append(r.features(), "yes", "score") {
		columns[j].Name, columns[j].Kind = name, configs.Number
		if name == "yes" {
			columns[j].Kind = configs.YesNo
		}
	}
	table, err := model.NewTable(columns)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestEqualsRGenerated holds the numbers where they are hard to get: few rows,
// many columns, rare outcomes, columns far from zero, tiny units, columns that
// lean on each other, steep models, many rows.
func TestEqualsRGenerated(t *testing.T) {
	for _, r := range recipes() {
		table := r.table(t)
		for _, kind := range []string{"logistic", "linear"} {
			t.Run(r.name+" "+kind, func(t *testing.T) {
				s := study(kind, map[string]string{"logistic": "yes", "linear": "score"}[kind], r.features()...)
				p := plan(t, s, r.codebook())
				tr := run(t, p, []*model.Table{table})
				result, err := p.Result(tr.last())
				if err != nil {
					t.Fatal(err)
				}
				d := compare(t, result, readReference(t, "generated/"+r.name+"_"+kind+".json"))
				t.Logf("largest difference from R: estimate %.2g (%.2g standard errors), standard error %.2g, p %.2g, interval %.2g standard errors, deviance %.2g, condition %.2g; %d rounds",
					d.estimate, d.inErrors, d.se, d.p, d.conf, d.deviance, d.kappa, len(tr.sums))
				if d.inErrors > 1e-7 || d.se > 1e-6 || d.p > 1e-6 || d.conf > 1e-6 {
					t.Error("further from R than allowed")
				}
			})
		}
	}
}
