package model_test

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// lmer is an answer of R's lme4::lmer.
type lmer struct {
	Coefficients map[string]struct{ Estimate, Se float64 }
	VarSite      float64 `json:"var_site"`
	VarResid     float64 `json:"var_resid"`
	ICC          float64
	LogLik       float64
}

func lmers(t testing.TB, name string) (reml, ml lmer) {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var both struct {
		REML lmer `json:"lmer_reml"`
		ML   lmer `json:"lmer_ml"`
	}
	if err := json.Unmarshal(b, &both); err != nil {
		t.Fatal(err)
	}
	return both.REML, both.ML
}

// bySchool makes the table's rows and a codebook in which the schools lie at
// institutions "a", "b", ... in turn. owner gives each row's institution.
func bySchool(t testing.TB, data string, cb *configs.Codebook, columns []string) (all *model.Table, book *configs.Codebook, owner []string) {
	t.Helper()
	table := readTable(t, data, cb, columns)
	f, err := os.Open(data)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.Index(records[0], "school")
	var names []string
	for _, r := range records[1:] {
		names = append(names, r[at])
	}
	site, levels := siteColumn(names)
	column := configs.Column{Name: "school", Kind: configs.Site, Sites: map[string][]string{}}
	for i, level := range levels {
		who := string(rune('a' + i%5))
		column.Sites[who] = append(column.Sites[who], level)
	}
	for _, v := range site.Values {
		owner = append(owner, string(rune('a'+int(v)%5)))
	}
	all, err = model.NewTable(append(slices.Clone(table.Columns()), site))
	if err != nil {
		t.Fatal(err)
	}
	book = &configs.Codebook{Columns: append(slices.Clone(cb.Columns), column)}
	return all, book, owner
}

func siteColumn(names []string) (c model.Column, levels []string) {
	for _, n := range names {
		if !slices.Contains(levels, n) {
			levels = append(levels, n)
		}
	}
	c = model.Column{Name: "school", Kind: configs.Site, Levels: levels, Missing: make([]bool, len(names))}
	for _, n := range names {
		c.Values = append(c.Values, float64(slices.Index(levels, n)))
	}
	return c, levels
}

func mixedStudy(method, outcome string, features ...string) *configs.Study {
	s := study(configs.KindMixed, outcome, features...)
	s.Model.Site, s.Model.Method = "school", method
	return s
}

// TestMixedEqualsR: the same variances, coefficients and likelihood as lmer.
func TestMixedEqualsR(t *testing.T) {
	for _, c := range []struct {
		name, data, reference, outcome string
		features                       []string
		book                           *configs.Codebook
	}{
		{"flagship", pupils, "flagship_brandsma_linear.json", "lang_post", full, brandsma()},
		{"bdf", "testdata/visible_bdf.csv", "visible_bdf_linear.json", "lang_post", []string{"iq_verbal", "ses"}, bdf()},
	} {
		all, book, owner := bySchool(t, c.data, c.book, append(slices.Clone(c.features), c.outcome))
		reml, ml := lmers(t, c.reference)
		for method, want := range map[string]lmer{"reml": reml, "ml": ml} {
			t.Run(c.name+" "+method, func(t *testing.T) {
				p := plan(t, mixedStudy(method, c.outcome, c.features...), book)
				parts := divide(t, all, 5, func(i int) int { return int(owner[i][0] - 'a') })
				for i := range parts {
					parts[i].Institution = string(rune('a' + i))
				}
				tr := run(t, p, parts)
				r, err := p.Result(tr.last())
				if err != nil {
					t.Fatal(err)
				}
				m := r.Mixed
				t.Logf("site %.3g, residual %.3g, log likelihood %.3g (relative); %d trials, %d numbers, %.3f a row, state %d bytes",
					relative(m.VarianceSite, want.VarSite), relative(m.VarianceResidual, want.VarResid), relative(r.LogLikelihood, want.LogLik),
					r.Iterations, r.OpenedNumbers, r.OpenedNumbersPerRow, len(tr.last()))
				if relative(m.VarianceSite, want.VarSite) > 1e-6 || relative(m.VarianceResidual, want.VarResid) > 1e-6 ||
					relative(m.ICC, want.ICC) > 1e-6 || relative(r.LogLikelihood, want.LogLik) > 1e-9 || m.Singular {
					t.Errorf("%+v, R %+v", m, want)
				}
				if len(r.Coefficients) != len(want.Coefficients) {
					t.Fatalf("%d coefficients", len(r.Coefficients))
				}
				for _, b := range r.Coefficients {
					w := want.Coefficients[b.Term]
					if math.Abs(b.Estimate-w.Estimate)/w.Se > 1e-6 || relative(b.StdError, w.Se) > 1e-6 {
						t.Errorf("%s: %.12g (%.12g), R %.12g (%.12g)", b.Term, b.Estimate, b.StdError, w.Estimate, w.Se)
					}
				}
				if r.OpenedNumbersPerRow > 0.15 {
					t.Errorf("%.3f opened numbers a row", r.OpenedNumbersPerRow)
				}
			})
		}
	}
}

// sitesLikeR repeats a case of testdata/mixed/generate.R.
func sitesLikeR(seed int64, sites int, small, large int, spread float64) (*model.Table, *configs.Codebook) {
	uniform := func() float64 {
		seed = 16807 * seed % 2147483647
		return float64(seed) / 2147483647
	}
	near := func() float64 { return uniform() + uniform() + uniform() - 1.5 }
	columns := []model.Column{{Name: "x1", Kind: configs.Number}, {Name: "x2", Kind: configs.Number}, {Name: "y", Kind: configs.Number}}
	var names []string
	for g := range sites {
		n := small + int(uniform()*float64(large-small+1))
		u := float64(spread * near())
		x2 := near()
		for range n {
			x1 := near() + x2/4
			for j, v := range []float64{x1, x2, 0.5 + x1 - x2/2 + u + near()} {
				columns[j].Values, columns[j].Missing = append(columns[j].Values, v), append(columns[j].Missing, false)
			}
			names = append(names, "s"+strconv.Itoa(g))
		}
	}
	site, levels := siteColumn(names)
	table, err := model.NewTable(append(columns, site))
	if err != nil {
		panic(err)
	}
	return table, &configs.Codebook{Columns: []configs.Column{ranged("x1", -3, 3), ranged("x2", -3, 3), ranged("y", -20, 20),
		{Name: "school", Kind: configs.Site, Sites: map[string][]string{"a": levels}}}}
}

// TestMixedEqualsRGenerated holds the variances where they are hard to get:
// sites of very different sizes, of one or two rows, hardly any or no
// difference between sites, and little but that.
func TestMixedEqualsRGenerated(t *testing.T) {
	b, err := os.ReadFile("testdata/mixed/lmer.json")
	if err != nil {
		t.Fatal(err)
	}
	var answers map[string]struct {
		Rows, Sites      int64
		Estimate         []float64
		StdError         []float64 `json:"std_error"`
		VarianceSite     float64   `json:"variance_site"`
		VarianceResidual float64   `json:"variance_residual"`
		LogLikelihood    float64   `json:"log_likelihood"`
		AIC              float64
		DFResidual       int64 `json:"df_residual"`
		Singular         bool
	}
	if err := json.Unmarshal(b, &answers); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name                string
		seed                int64
		sites, small, large int
		spread              float64
	}{
		{"unbalanced", 11, 40, 1, 60, 0.5}, {"balanced", 13, 30, 8, 8, 0.7}, {"strong", 17, 60, 1, 12, 6},
		{"weak", 19, 200, 2, 30, 0.1}, {"singular", 23, 50, 3, 20, 0}, {"pairs", 29, 150, 1, 2, 1},
	} {
		table, book := sitesLikeR(c.seed, c.sites, c.small, c.large, c.spread)
		for _, method := range []string{"reml", "ml"} {
			t.Run(c.name+" "+method, func(t *testing.T) {
				want := answers[c.name+" "+method]
				p := plan(t, mixedStudy(method, "y", "x1", "x2"), book)
				r, err := p.Result(run(t, p, []*model.Table{table}).last())
				if err != nil {
					t.Fatal(err)
				}
				m := r.Mixed
				t.Logf("site %.2g, residual %.2g, log likelihood %.2g (relative), %d trials",
					relative(m.VarianceSite, want.VarianceSite), relative(m.VarianceResidual, want.VarianceResidual), relative(r.LogLikelihood, want.LogLikelihood), r.Iterations)
				if r.RowsUsed != want.Rows || m.Sites != want.Sites || r.DFResidual != want.DFResidual || m.Singular != want.Singular || (m.VarianceSite == 0) != want.Singular {
					t.Fatalf("%+v, %d rows, df %d; R %+v", m, r.RowsUsed, r.DFResidual, want)
				}
				// lmer's own search ends where the likelihood no longer changes, at a
				// relative 1e-7 of the variances.
				if !want.Singular && relative(m.VarianceSite, want.VarianceSite) > 1e-6 || relative(m.VarianceResidual, want.VarianceResidual) > 1e-6 ||
					relative(r.LogLikelihood, want.LogLikelihood) > 1e-10 || relative(r.AIC, want.AIC) > 1e-10 {
					t.Errorf("%+v, log likelihood %.12g; R %+v", m, r.LogLikelihood, want)
				}
				for j, b := range r.Coefficients {
					if math.Abs(b.Estimate-want.Estimate[j])/want.StdError[j] > 1e-6 || relative(b.StdError, want.StdError[j]) > 1e-6 {
						t.Errorf("%s: %.12g (%.12g), R %.12g (%.12g)", b.Term, b.Estimate, b.StdError, want.Estimate[j], want.StdError[j])
					}
				}
			})
		}
	}
}
