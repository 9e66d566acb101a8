package model_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model"
)

// pupilsAt makes a small study: rows in sites of the given sizes, with x1
// between rows, x2 of sites, and an outcome that differs by site by spread.
func pupilsAt(seed uint64, spread float64, sizes ...int) (*model.Table, *configs.Codebook, []int) {
	r := rand.New(rand.NewPCG(seed, 1))
	columns := []model.Column{{Name: "x1", Kind: configs.Number}, {Name: "x2", Kind: configs.Number}, {Name: "y", Kind: configs.Number}}
	var names []string
	var of []int
	put := func(j int, v float64) {
		columns[j].Values = append(columns[j].Values, clip(v))
		columns[j].Missing = append(columns[j].Missing, false)
	}
	for g, n := range sizes {
		u, x2 := spread*r.NormFloat64(), r.NormFloat64()
		for range n {
			x1 := r.NormFloat64() + x2/3
			put(0, x1)
			put(1, x2)
			put(2, 0.5+x1/2-x2/4+u+r.NormFloat64())
			names, of = append(names, "s"+strconv.Itoa(g)), append(of, g)
		}
	}
	site, levels := siteColumn(names)
	table, err := model.NewTable(append(columns, site))
	if err != nil {
		panic(err)
	}
	return table, &configs.Codebook{Columns: []configs.Column{ranged("x1", -10, 10), ranged("x2", -10, 10), ranged("y", -10, 10),
		{Name: "school", Kind: configs.Site, Sites: map[string][]string{"a": levels}}}}, of
}

// dense is the criterion of lmer at a theta, from whole matrices: -2 log
// likelihood, and what follows from it. It shares no line with the package.
func dense(table *model.Table, of []int, theta float64, reml bool) (criterion, residual float64, b []float64) {
	n := table.Rows()
	x := make([][]float64, 3)
	for j := range x {
		x[j] = make([]float64, n)
		for i := range n {
			x[j][i] = 1
			if j > 0 {
				x[j][i] = table.Columns()[j-1].Values[i]
			}
		}
	}
	v := make([][]float64, n)
	for i := range v {
		v[i] = make([]float64, n)
		for j := range v[i] {
			if of[i] == of[j] {
				v[i][j] = theta
			}
		}
		v[i][i]++
	}
	all := append(x, table.Columns()[2].Values)
	logV, solved := eliminate(v, all)
	m := make([][]float64, 3)
	right := make([]float64, 3)
	yy := 0.0
	for i := range 3 {
		m[i] = make([]float64, 3)
		for j := range 3 {
			for r := range n {
				m[i][j] += all[i][r] * solved[j][r]
			}
		}
		for r := range n {
			right[i] += all[i][r] * solved[3][r]
		}
	}
	for r := range n {
		yy += all[3][r] * solved[3][r]
	}
	logX, slopes := eliminate(m, [][]float64{right})
	b = slopes[0]
	rss := yy
	for i := range b {
		rss -= b[i] * right[i]
	}
	df := float64(n)
	criterion = logV
	if reml {
		df -= 3
		criterion += logX
	}
	return criterion + df*(1+math.Log(2*math.Pi*rss/df)), rss / df, b
}

// eliminate solves v times solved = right, by Gauss with pivots, and returns
// log|v|.
func eliminate(v, right [][]float64) (logDeterminant float64, solved [][]float64) {
	n := len(v)
	a := make([][]float64, n)
	for i := range a {
		a[i] = slices.Clone(v[i])
		for _, b := range right {
			a[i] = append(a[i], b[i])
		}
	}
	for i := range n {
		top := i
		for k := i; k < n; k++ {
			if math.Abs(a[k][i]) > math.Abs(a[top][i]) {
				top = k
			}
		}
		a[i], a[top] = a[top], a[i]
		logDeterminant += math.Log(math.Abs(a[i][i]))
		for k := range n {
			if k == i || a[k][i] == 0 {
				continue
			}
			f := a[k][i] / a[i][i]
			for j := i; j < len(a[k]); j++ {
				a[k][j] -= f * a[i][j]
			}
		}
	}
	for j := range right {
		column := make([]float64, n)
		for i := range column {
			column[i] = a[i][n+j] / a[i][i]
		}
		solved = append(solved, column)
	}
	return logDeterminant, solved
}

// TestMixedIsGLS: on small random data of all shapes, the criterion at the
// estimate is that of generalised least squares with whole matrices, and no
// other theta has a better one.
func TestMixedIsGLS(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 9))
	for n := range 16 {
		var sizes []int
		for range 35 + r.IntN(8) {
			size := 1 + r.IntN(4)
			if r.IntN(6) == 0 {
				size += 20
			}
			sizes = append(sizes, size)
		}
		spread := []float64{0, 0.2, 1, 3}[n%4]
		table, book, of := pupilsAt(uint64(n), spread, sizes...)
		for _, method := range []string{"reml", "ml"} {
			p := plan(t, mixedStudy(method, "y", "x1", "x2"), book)
			tr := run(t, p, []*model.Table{table})
			res, err := p.Result(tr.last())
			if err != nil {
				t.Fatalf("case %d, %s: %v", n, method, err)
			}
			theta := res.Mixed.VarianceSite / res.Mixed.VarianceResidual
			best, residual, b := dense(table, of, theta, method == "reml")
			if relative(-2*res.LogLikelihood, best) > 1e-9 || relative(res.Mixed.VarianceResidual, residual) > 1e-8 {
				t.Errorf("case %d, %s: criterion %.12g and residual variance %.12g, whole matrices %.12g and %.12g", n, method, -2*res.LogLikelihood, res.Mixed.VarianceResidual, best, residual)
			}
			for j, c := range res.Coefficients {
				if math.Abs(c.Estimate-b[j]) > 1e-8*c.StdError {
					t.Errorf("case %d, %s: %s %.12g, whole matrices %.12g", n, method, c.Term, c.Estimate, b[j])
				}
			}
			for _, f := range []float64{0.98, 1.02} {
				other := theta * f
				if theta == 0 {
					other = 0.001 * f
				}
				if worse, _, _ := dense(table, of, other, method == "reml"); worse < best-1e-9 {
					t.Errorf("case %d, %s: theta %g has %.12g, the estimate %g has %.12g", n, method, other, worse, theta, best)
				}
			}
			if (theta == 0) != res.Mixed.Singular {
				t.Errorf("case %d, %s: theta %g, singular %v", n, method, theta, res.Mixed.Singular)
			}
		}
	}
}
