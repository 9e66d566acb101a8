package model_test

import (
	"errors"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/model"
)

// TestMixedPartition: however the sites are divided over institutions, every
// opened integer and every state is the same.
func TestMixedPartition(t *testing.T) {
	all, book, _ := bySchool(t, "testdata/visible_bdf.csv", bdf(), []string{"iq_verbal", "ses", "class_size", "lang_post"})
	p := plan(t, mixedStudy("reml", "lang_post", "iq_verbal", "ses", "class_size"), book)
	site, _ := all.Column("school")
	one := run(t, p, []*model.Table{all})
	for _, n := range []int{2, 6, 30} {
		sameTrace(t, "in turn", one, run(t, p, divide(t, all, n, func(i int) int { return int(site.Values[i]) % n })))
		sameTrace(t, "in runs", one, run(t, p, divide(t, all, n, func(i int) int { return int(site.Values[i]) * n / len(site.Levels) })))
	}
	order := rand.New(rand.NewPCG(1, 2)).Perm(all.Rows())
	shuffled, err := all.Take(order)
	if err != nil {
		t.Fatal(err)
	}
	sameTrace(t, "shuffled", one, run(t, p, []*model.Table{shuffled}))
	// Teeth: a site that is cut in two gives other sums.
	cut := run(t, p, divide(t, all, 2, func(i int) int { return i % 2 }))
	if slices.EqualFunc(cut.sums[2], one.sums[2], func(a, b *big.Int) bool { return a.Cmp(b) == 0 }) {
		t.Error("a site in two pieces is not noticed in any sum")
	}
}

// TestMixedRefuses: what cannot be estimated is refused by name.
func TestMixedRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		sizes []int
		spoil func(*model.Table)
		code  string
		says  string
	}{
		{"nine sites", slices.Repeat([]int{5}, 9), nil, model.CodeTooFewRows, `9 sites of "school" are too few`},
		{"a site a row", slices.Repeat([]int{1}, 40), nil, model.CodeTooFewRows, `every complete row is a site`},
		{"no rest inside", slices.Repeat([]int{2}, 40), func(table *model.Table) {
			for i := range table.Rows() {
				table.Columns()[2].Values[i] = float64(i/2%7) + 0.5*table.Columns()[0].Values[i]
			}
		}, model.CodeExact, `explain the outcome "y" wholly`},
	} {
		table, book, _ := pupilsAt(4, 1, c.sizes...)
		if c.spoil != nil {
			c.spoil(table)
		}
		p := plan(t, mixedStudy("reml", "y", "x1", "x2"), book)
		tr := run(t, p, []*model.Table{table})
		_, err := p.Result(tr.last())
		var e *model.Error
		if !errors.As(err, &e) || e.Code() != c.code || !strings.Contains(e.Error(), c.says) || e.Remedy() == "" {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.code == model.CodeTooFewRows && len(tr.sums) != 1 {
			t.Errorf("%s: %d rounds were opened before the refusal", c.name, len(tr.sums))
		}
	}
	table, book, _ := pupilsAt(4, 1, slices.Repeat([]int{3, 4, 9}, 10)...)
	short := mixedStudy("reml", "y", "x1", "x2")
	short.Rounds.Max = 4
	_, err := plan(t, short, book).Result(run(t, plan(t, short, book), []*model.Table{table}).last())
	if e := new(model.Error); !errors.As(err, &e) || e.Code() != model.CodeNoConvergence || !strings.Contains(e.Error(), "used up") {
		t.Errorf("four rounds: %v", err)
	}
	// Many features for few sites: refused before a sum over sites is open.
	all, schools, _ := bySchool(t, "testdata/visible_bdf.csv", bdf(), []string{"iq_verbal", "girl", "ses", "minority", "lang_pre", "class_size", "pct_minority", "lang_post"})
	site, _ := all.Column("school")
	var few []int
	for i, v := range site.Values {
		if v < 12 {
			few = append(few, i)
		}
	}
	part, err := all.Take(few)
	if err != nil {
		t.Fatal(err)
	}
	p := plan(t, mixedStudy("reml", "lang_post", "iq_verbal", "girl", "ses", "lang_pre", "class_size", "pct_minority"), schools)
	tr := run(t, p, []*model.Table{part})
	_, err = p.Result(tr.last())
	var e *model.Error
	if !errors.As(err, &e) || e.Code() != model.CodeTooFewRows || !strings.Contains(e.Error(), "one by one") || len(tr.sums) != 1 {
		t.Errorf("12 sites, 7 parameters: %v after %d rounds", err, len(tr.sums))
	}
}

// TestMixedSpoiltSums: a changed sum over sites contradicts the others or
// changes the result.
func TestMixedSpoiltSums(t *testing.T) {
	table, book, _ := pupilsAt(8, 1, slices.Repeat([]int{3, 4, 9}, 10)...)
	p := plan(t, mixedStudy("reml", "y", "x1", "x2"), book)
	tr := run(t, p, []*model.Table{table})
	want, err := p.Result(tr.last())
	if err != nil {
		t.Fatal(err)
	}
	last := len(tr.sums) - 1
	for i := range tr.sums[last] {
		for _, factor := range []int64{-1, 1001} {
			sums := slices.Clone(tr.sums[last])
			sums[i] = new(big.Int).Div(new(big.Int).Mul(sums[i], big.NewInt(factor)), big.NewInt(1000))
			state, err := p.Global(tr.states[last], sums)
			if err != nil {
				t.Fatal(err)
			}
			r, err := p.Result(state)
			if err == nil && r.LogLikelihood == want.LogLikelihood && r.Mixed.VarianceSite == want.Mixed.VarianceSite {
				t.Errorf("sum %d times %g: nothing changes", i, float64(factor)/1000)
			}
		}
	}
	code := func(spoil func(sums []*big.Int)) string {
		sums := make([]*big.Int, len(tr.sums[last]))
		for i, v := range tr.sums[last] {
			sums[i] = new(big.Int).Set(v)
		}
		spoil(sums)
		state, err := p.Global(tr.states[last], sums)
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Result(state)
		var e *model.Error
		if errors.As(err, &e) {
			return e.Code()
		}
		return ""
	}
	for name, spoil := range map[string]func(sums []*big.Int){
		"sites hold fewer rows than there are": func(s []*big.Int) { s[0].Rsh(s[0], 1) },
		"sites hold more rows than there are":  func(s []*big.Int) { s[0].Lsh(s[0], 6) },
		"logarithms below nought":              func(s []*big.Int) { s[len(s)-1].SetInt64(-1).Lsh(s[len(s)-1], 74) },
		"squares of a site beyond all rows":    func(s []*big.Int) { s[2].Lsh(s[2], 8) },
	} {
		if got := code(spoil); got != model.CodeContradiction {
			t.Errorf("%s: %q", name, got)
		}
	}
}
