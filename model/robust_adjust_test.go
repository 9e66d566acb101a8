package model

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/smartstart-federation/smartstart/model/mp"
)

// siteRows are rows of one site, already times the root of their weight.
type siteRows struct {
	x [][]float64
	y []float64
}

// unevenSites draws sites of three to thirty rows. The third column is in two of
// them, the fourth, if alone, in one, and the rows of a site share a part of
// their outcome.
func unevenSites(r *rand.Rand, sites int, alone bool) (all []siteRows) {
	for g := range sites {
		var s siteRows
		level := 2 * r.NormFloat64()
		for range 3 + r.IntN(28) {
			root := 0.2 + r.Float64()
			row := []float64{1, 3 * r.NormFloat64(), 0}
			if g < 2 {
				row[2] = 1
			}
			if alone {
				row = append(row, 0)
				if g == 2 {
					row[3] = 1
				}
			}
			s.y = append(s.y, root*(level+row[1]+r.NormFloat64()))
			for j := range row {
				row[j] *= root
			}
			s.x = append(s.x, row)
		}
		all = append(all, s)
	}
	return all
}

// solved is the least squares fit of sites: the information, its inverse, and
// the residuals by site.
func solved(t *testing.T, sites []siteRows) (information *mat.SymDense, inverse *mat.Dense, residuals [][]float64) {
	t.Helper()
	k := len(sites[0].x[0])
	information = mat.NewSymDense(k, nil)
	product := mat.NewVecDense(k, nil)
	for _, s := range sites {
		for i, x := range s.x {
			information.SymRankOne(information, 1, mat.NewVecDense(k, x))
			product.AddScaledVec(product, s.y[i], mat.NewVecDense(k, x))
		}
	}
	inverse = &mat.Dense{}
	if err := inverse.Inverse(information); err != nil {
		t.Fatal(err)
	}
	b := &mat.VecDense{}
	b.MulVec(inverse, product)
	for _, s := range sites {
		var e []float64
		for i, x := range s.x {
			e = append(e, s.y[i]-mat.Dot(b, mat.NewVecDense(k, x)))
		}
		residuals = append(residuals, e)
	}
	return information, inverse, residuals
}

// adjuster is what robustLocal would use.
func adjuster(t *testing.T, information *mat.SymDense) *adjustment {
	t.Helper()
	var c mat.Cholesky
	if !c.Factorize(information) {
		t.Fatal("not positive definite")
	}
	var l mat.TriDense
	c.LTo(&l)
	a := &adjustment{}
	for i := range information.SymmetricDim() {
		a.l = append(a.l, mat.Row(nil, i, &l)[:i+1])
	}
	return a
}

// sums are a site's score and its share of the information.
func (s siteRows) sums(e []float64) (score, information []float64) {
	k := len(s.x[0])
	score, information = make([]float64, k), make([]float64, mp.Packed(k))
	for i, x := range s.x {
		at := 0
		for j := range x {
			score[j] += e[i] * x[j]
			for l := range j + 1 {
				information[at] += x[j] * x[l]
				at++
			}
		}
	}
	return score, information
}

// byHatMatrix is X' (I - H)^-1/2 e with the n by n hat matrix of the site, the
// definition, by an eigendecomposition that is not ours.
func (s siteRows) byHatMatrix(t *testing.T, inverse *mat.Dense, e []float64) (score []float64, norm float64) {
	t.Helper()
	n, k := len(s.x), len(s.x[0])
	x := mat.NewDense(n, k, slices.Concat(s.x...))
	var xm, h mat.Dense
	xm.Mul(x, inverse)
	h.Mul(&xm, x.T())
	rest := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			v := -(h.At(i, j) + h.At(j, i)) / 2
			if i == j {
				v++
			}
			rest.SetSym(i, j, v)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(rest, true) {
		t.Fatal("no eigenvalues")
	}
	var v mat.Dense
	eigen.VectorsTo(&v)
	turned, out := mat.NewVecDense(n, nil), mat.NewVecDense(n, nil)
	turned.MulVec(v.T(), mat.NewVecDense(n, e))
	for i, value := range eigen.Values(nil) {
		if value < 1e-12 { // as R's clubSandwich
			turned.SetVec(i, 0)
			continue
		}
		turned.SetVec(i, turned.AtVec(i)/math.Sqrt(value))
	}
	out.MulVec(&v, turned)
	adjusted := mat.NewVecDense(k, nil)
	adjusted.MulVec(x.T(), out)
	return adjusted.RawVector().Data, mat.Norm(out, 2)
}

// TestAdjustmentEqualsItsDefinition: the k by k algebra gives what the hat
// matrices of the sites give, also where two sites or a single one decide a
// coefficient, and what robustGrids says bounds it.
func TestAdjustmentEqualsItsDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 2))
	apart, tightest := 0.0, 0.0
	for world := range 60 {
		sites := unevenSites(r, 4+r.IntN(10), world%2 == 0)
		information, inverse, residuals := solved(t, sites)
		by := adjuster(t, information)
		rss := 0.0
		for _, e := range residuals {
			rss += mat.Dot(mat.NewVecDense(len(e), e), mat.NewVecDense(len(e), e))
		}
		for g, s := range sites {
			score, share := s.sums(residuals[g])
			got := by.adjust(score, share)
			want, norm := s.byHatMatrix(t, inverse, residuals[g])
			size := 0.0
			for j := range want {
				size = max(size, math.Abs(want[j]), math.Abs(score[j]))
			}
			for j := range want {
				if !(math.Abs(got[j]-want[j]) <= 1e-9*size) {
					t.Errorf("world %d, site %d: score %d is %.12g, by its hat matrix %.12g (unadjusted %.12g)", world, g, j, got[j], want[j], score[j])
				}
				apart = max(apart, math.Abs(want[j]-score[j])/size)
			}
			if norm*norm > rss*(1+1e-9) {
				t.Errorf("world %d, site %d: adjusted residuals have the square %g, all residuals together %g", world, g, norm*norm, rss)
			}
			tightest = max(tightest, norm*norm/rss)
		}
	}
	if apart < 0.2 || tightest < 0.3 {
		t.Errorf("the adjustment moves scores by %.2f of their size at most, and residuals reach %.2f of their bound: the worlds ask nothing of it", apart, tightest)
	}
}

// TestAdjustmentIsUnbiased: with independent errors the expectation of each
// site's adjusted square is its share of the information, A (I - H) A being I.
// The meat of scores that are not adjusted is less than the information.
func TestAdjustmentIsUnbiased(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 8))
	sites := unevenSites(r, 8, false)
	const worlds = 4000
	var adjusted, plain, want float64
	for range worlds {
		for g := range sites {
			for i := range sites[g].y {
				sites[g].y[i] = r.NormFloat64()
			}
		}
		information, _, residuals := solved(t, sites)
		by := adjuster(t, information)
		want = information.At(2, 2)
		for g, s := range sites {
			score, share := s.sums(residuals[g])
			a := by.adjust(score, share)
			adjusted, plain = adjusted+a[2]*a[2]/worlds, plain+score[2]*score[2]/worlds
		}
	}
	if math.Abs(adjusted/want-1) > 0.06 || plain/want > 0.8 {
		t.Errorf("of a column that two sites have, the meat is %.3f of the information, %.3f without the adjustment", adjusted/want, plain/want)
	}
}

// TestAdjustmentEnds: matrices that no rows give end the turns with a number or
// without one, which the bound of the tensor then refuses.
func TestAdjustmentEnds(t *testing.T) {
	for _, v := range []float64{math.Inf(1), math.NaN(), 1e300, -1e300} {
		byInverseRoot([][]float64{{v, 1, v}, {1, v, v}, {v, v, 1}}, []float64{1, v, 2})
	}
}

// TestScoresBeyondTheTensor: a score that the tensor cannot hold is an error and
// never a sum that has wrapped round.
func TestScoresBeyondTheTensor(t *testing.T) {
	g := grids{residual: 10, z: []int{2, 3}}
	m := newMeat(2, g)
	if err := m.add([]float64{1000, 2000}); err != nil {
		t.Fatal(err)
	}
	for _, score := range [][]float64{{1 << 12, 0}, {0, 1 << 13}, {0, math.Inf(1)}, {math.NaN(), 0}} {
		err := newMeat(2, g).add(score)
		if e := new(Error); !errors.As(err, &e) || e.code != CodeTensor {
			t.Errorf("scores %v: %v", score, err)
		}
	}
	for range 100 {
		if err := m.add([]float64{1500, 0}); err != nil {
			return
		}
	}
	t.Error("a hundred scores that each fit do not fit together")
}
