package model_test

import (
	"fmt"
	"math"
	"math/rand"
	"strings"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// TestNoSmallCellIsOpened: over a thousand random studies of every kind in which
// no institution has a cell of one or two rows, no opened count is of one or two
// rows: of a group, of two terms together, or of a term with the outcome.
// Without that condition, many are.
func TestNoSmallCellIsOpened(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	kept, bad, unguarded := 0, 0, 0
	for n := 0; kept < randomStudies(); n++ {
		if n > 50_000 {
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
			if small = len(names) > 0; small {
				break
			}
		}
		opened := smallOpened(s.Model.Formula, parts)
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
		t.Errorf("%d of %d studies opened a count of one or two rows", bad, kept)
	}
	if unguarded < randomStudies()/10 {
		t.Errorf("without the rule only %d studies opened such a count: the test looks at nothing", unguarded)
	}
}

// randomCells draws a study of a random kind, with or without an interaction,
// and three institutions with a category and a yes_no column of random
// frequencies.
func randomCells(t *testing.T, r *rand.Rand) (*configs.Codebook, *configs.Study, []*model.Table) {
	levels := []string{"a", "b", "c"}[:2+r.Intn(2)]
	zero, one := 0.0, 1.0
	y := configs.Column{Name: "y", Kind: configs.Integer, Min: &zero, Max: &one}
	kind := []string{"linear", "logistic", "poisson"}[r.Intn(3)]
	if kind == "logistic" {
		y = yesNo("y")
	}
	cb := &configs.Codebook{Columns: []configs.Column{
		ranged("x", -10, 10), yesNo("g"), y, {Name: "k", Kind: configs.Category, Levels: levels},
	}}
	pg, py, pk := 0.03+0.9*r.Float64(), 0.2+0.6*r.Float64(), 0.4+0.6*r.Float64()
	var parts []*model.Table
	for range 3 {
		n := 50 + r.Intn(100)
		columns := []model.Column{{Name: "x", Kind: configs.Number}, {Name: "g", Kind: configs.YesNo}, {Name: "y", Kind: y.Kind},
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
	s := study(kind, "y")
	s.Model.Outcome, s.Model.Features = "", nil
	s.Model.Formula = []string{"y ~ x + g + k", "y ~ x + g*k"}[r.Intn(2)]
	return cb, s, parts
}

// smallOpened counts, from the rows themselves, what the fit opens: every group,
// every two groups together, and with an interaction those of the three columns.
func smallOpened(formula string, parts []*model.Table) bool {
	counts := map[string]int{}
	for _, part := range parts {
		y, _ := part.Column("y")
		g, _ := part.Column("g")
		k, _ := part.Column("k")
		for i := range part.Rows() {
			is := [3]string{fmt.Sprint("y", y.Values[i]), fmt.Sprint("g", g.Values[i]), fmt.Sprint("k", k.Values[i])}
			for _, cell := range []string{is[0], is[1], is[2], is[0] + is[1], is[0] + is[2], is[1] + is[2]} {
				counts[cell]++
			}
			if strings.Contains(formula, "*") {
				counts[is[0]+is[1]+is[2]]++
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

// TestSmallCellsSees: every way in which sums come to describe one or two rows
// is named, and the same study over the same rows is free of it otherwise.
func TestSmallCellsSees(t *testing.T) {
	const n = 120
	few := func(limit int) func(i int) float64 { return func(i int) float64 { return float64(b2i(i < limit)) } }
	with := func(kind, formula string, change ...func(*configs.Study)) *configs.Study {
		s := study(kind, "")
		s.Model.Features, s.Model.Formula = nil, formula
		for _, f := range change {
			f(s)
		}
		return s
	}
	weights := func(s *configs.Study) { s.Model.Weights = "w" }
	means := func(s *configs.Study) { s.Model.Missing = configs.MissingMean }
	missing := func(s *sample, name string, in func(i int) bool) {
		for i := range s.rows {
			if s.columns[name].Missing[i] = in(i); in(i) {
				s.columns[name].Values[i] = 0 // as the reader leaves it
			}
		}
	}
	grid := func(s *sample, y float64) { // c = a, g = 1 and y: only in one or two rows
		for i := range s.rows {
			if s.at("c", i) == 0 && s.at("g", i) == 1 && s.at("y", i) == y {
				s.columns["y"].Values[i] = 1 - y
			}
		}
		s.columns["y"].Values[1] = y
	}
	for _, c := range []struct {
		what  string
		study *configs.Study
		spoil func(*sample)
		says  string // "" nothing to find
	}{
		{"three rows count for all", with("linear", "score ~ x1 + g", weights),
			func(s *sample) { s.set("w", func(i int) float64 { return 1e-6 + 1e6*few(3)(i) }) }, `the weights "w", by which few rows`},
		{"one row counts for a side", with("linear", "score ~ x1 + g", weights),
			func(s *sample) {
				s.set("g", func(i int) float64 { return b2f(i%24 == 1) })
				s.set("w", func(i int) float64 { return float64(1+i%3) * (1 - 0.999*b2f(i%24 == 1 && i > 1)) })
			}, `by which one or two rows count for all with "g" = 1`},
		{"two weights", with("linear", "score ~ x1", weights),
			func(s *sample) { s.set("w", func(i int) float64 { return 1 + few(1)(i) }) }, `"w" at its larger value`},
		{"ordinary weights", with("linear", "score ~ x1 + g", weights), func(*sample) {}, ""},

		{"a number that is an indicator", with("linear", "score ~ x1 + x2"), func(s *sample) { s.set("x2", few(1)) }, `"x2" = 1`},
		{"and nearly one", with("linear", "score ~ x1 + x2"),
			func(s *sample) { s.set("x2", func(i int) float64 { return 5*few(2)(i) + s.at("x1", i)/100 }) }, `"x2", of which one or two rows`},
		{"two rows on two ends", with("linear", "score ~ x1 + x2"),
			func(s *sample) {
				s.set("x2", func(i int) float64 { return 5*few(1)(i) - 5*b2f(i == 1) + s.at("x1", i)/100 })
			}, `"x2", of which`},
		{"an offset that is nearly one", with("poisson", "y ~ x1 + offset(x2)"),
			func(s *sample) { s.set("x2", func(i int) float64 { return 5*few(1)(i) + s.at("x1", i)/100 }) }, `"x2", of which`},
		{"an offset that leaves one", with("linear", "score ~ x1 + offset(x2)"),
			func(s *sample) { s.set("score", func(i int) float64 { return s.at("x2", i) + few(2)(i)/2 }) }, `"score less its offset"`},
		{"a bent number", with("linear", "score ~ ns(x2, 2)"),
			func(s *sample) {
				s.set("x2", func(i int) float64 { return -8*float64(i%2) + 10*few(1)(i) }) // the second function is nearly the same at -8 and 0
			}, `"ns(x2, 2)2", of which`},
		{"ordinary numbers", with("linear", "score ~ x1*x2 + ns(x2, 2)"), func(*sample) {}, ""},

		{"sides where means fill gaps", with("linear", "score ~ x1 + g", means), func(s *sample) { s.set("g", few(2)) }, `"g" = 1`},
		{"gaps are no zeros", with("linear", "score ~ x1 + g", means),
			func(s *sample) {
				s.set("g", func(i int) float64 { return 1 - few(2)(i) })
				missing(s, "g", func(i int) bool { return i >= 100 })
			}, `"g" = 0`},
		{"gaps are no level", with("linear", "score ~ x1 + c", means),
			func(s *sample) {
				s.set("c", func(i int) float64 { return float64(1 + i/2%2) })
				for i := range 2 {
					s.columns["c"].Values[i] = 0
				}
				missing(s, "c", func(i int) bool { return i >= 100 })
			}, `"c" = a`},
		{"the mean is over rows without outcome too", with("linear", "score ~ x1 + g", means),
			func(s *sample) {
				s.set("g", few(2))
				missing(s, "score", func(i int) bool { return i < 2 })
			}, `"g" = 1`},
		{"a mean over two values", with("linear", "score ~ x1 + x2", means),
			func(s *sample) {
				missing(s, "x2", func(i int) bool { return i > 1 })
				missing(s, "score", func(i int) bool { return i < 2 })
			}, `"x2"`},
		{"a gap of two rows", with("linear", "score ~ x1 + x2", means, func(s *configs.Study) { s.Model.Indicators = []string{"x2"} }),
			func(s *sample) { missing(s, "x2", func(i int) bool { return i < 2 }) }, `"x2_missing" = 1`},
		{"ordinary gaps", with("linear", "score ~ x1 + g + c", means),
			func(s *sample) { missing(s, "g", func(i int) bool { return i > 90 }) }, ""},

		{"a linear outcome of two values", with("linear", "score ~ x1"), func(s *sample) { s.set("score", few(2)) }, `"score" = 1`},
		{"and by a term", with("linear", "score ~ x1 + g"),
			func(s *sample) {
				s.set("score", func(i int) float64 { return b2f(i == 1 || i%2 == 0 && i < 40) })
			}, `"g" = 1 with "score" = 1`},
		{"poisson by a term", with("poisson", "y ~ x1 + g"),
			func(s *sample) { s.set("y", func(i int) float64 { return b2f(i == 1 || i%2 == 0 && i < 40) }) }, `"g" = 1 with "y" = 1`},

		{"two columns together", with("linear", "score ~ g + c"),
			func(s *sample) {
				s.set("g", func(i int) float64 { return b2f(i == 0 || i%6 > 2) * b2f(s.at("c", i) != 0 || i == 0) })
			}, `"g" = 1 with "c" = a`},
		{"an interaction by the outcome", with("logistic", "y ~ g*c"), func(s *sample) { grid(s, 1) }, `"g" = 1 with "c" = a with "y" = 1`},
		{"an interaction with another term", with("linear", "x1 ~ g*c + y"), func(s *sample) { grid(s, 1) }, `"g" = 1 with "c" = a with "y" = 1`},
		{"the same without interaction", with("logistic", "y ~ g + c"), func(s *sample) { grid(s, 1) }, ""},
		{"an ordinary interaction", with("logistic", "y ~ x1 + g*c"), func(*sample) {}, ""},
	} {
		s := newSample(n)
		s.order = append(s.order, "w")
		s.columns["w"] = &model.Column{Name: "w", Kind: configs.Number, Values: make([]float64, n), Missing: make([]bool, n)}
		s.set("w", func(i int) float64 { return 1 + math.Abs(s.at("x2", i)) })
		c.spoil(s)
		cb := s.codebook()
		cb.Columns = append(cb.Columns, ranged("w", 0, 2e6))
		cb.Columns[1].Knots = []float64{-4}
		if c.study.Model.Kind == "poisson" {
			zero, one := 0.0, 1.0
			cb.Columns[3] = configs.Column{Name: "y", Kind: configs.Integer, Min: &zero, Max: &one}
			s.columns["y"].Kind = configs.Integer
		}
		names, err := plan(t, c.study, cb).SmallCells(s.table(t))
		if err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		found := strings.Join(names, "; ")
		if c.says == "" && found != "" || !strings.Contains(found, c.says) {
			t.Errorf("%s: found %q, want %q", c.what, found, c.says)
		}
		if len(names) > 6 || len(names) == 6 && !strings.HasSuffix(found, " more") {
			t.Errorf("%s: %d names: %s", c.what, len(names), found)
		}
	}
}

func b2f(b bool) float64 { return float64(b2i(b)) }

// TestSmallCellsOfOtherKinds: descriptives have none to look at, and a mixed
// model's sites split no rows, its columns do.
func TestSmallCellsOfOtherKinds(t *testing.T) {
	few := newSample(60).set("g", func(i int) float64 { return b2f(i < 2) })
	if names, err := plan(t, tableStudy("c", "x1", "g"), few.codebook()).SmallCells(few.table(t)); err != nil || len(names) > 0 {
		t.Errorf("descriptives: %q, %v", names, err)
	}
	table, cb := sitesLikeR(1, 20, 1, 10, 1)
	p := plan(t, mixedStudy("reml", "y", "x1", "x2"), cb)
	if names, err := p.SmallCells(table); err != nil || len(names) > 0 {
		t.Errorf("a mixed model over sites of one row: %q, %v", names, err)
	}
	x2, _ := table.Column("x2")
	for i := range x2.Values {
		x2.Values[i] = b2f(i < 2)
	}
	if names, err := p.SmallCells(table); err != nil || len(names) == 0 || names[0] != `"x2" = 1` {
		t.Errorf("a mixed model with a column of two ones: %q, %v", names, err)
	}
}
