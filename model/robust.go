package model

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// robust is what the last round opens where rows of one site resemble each
// other: the sum over sites g of s_g s_g', with s_g the site's score, the sum of
// its z (y - mu) at the estimate, made larger by what the site itself has drawn
// the estimate to its rows (see adjustment). A^-1 (sum s_g s_g') A^-1 is then
// the bias-reduced covariance CR2 of Bell and McCaffrey (Survey Methodology 28,
// 2002; Pustejovsky and Tipton, J Business and Economic Statistics 36, 2018),
// for logistic and poisson models that of Kauermann and Carroll (JASA 96, 2001).
// A site lies wholly at one institution, so that its s_g exists in one place and
// never leaves it.
type robust struct {
	Meat []exact.Integer `json:"meat"` // lower triangle
}

func (r *robust) whole(p *Plan) bool { return len(r.Meat) == mp.Packed(p.size()) }

// Products of scores have twice the bits of a sum: all that a share can carry
// are given to them.
const meatBits = 118

func (p *Plan) robustShape(*state) []Tensor {
	return []Tensor{{"meat", mp.Packed(p.size()), meatBits}}
}

// estimate is the main estimate on the standardised scale, all parameters.
func (p *Plan) estimate(s *state) []float64 {
	if p.kind != configs.KindLinear {
		return s.Fits[0].Estimate
	}
	o := p.leastSquares(s, nil)
	b := []float64{mp.Float64(o.intercept)}
	for j, slope := range o.slopes {
		unit := mp.Of(p.terms[j].unitOf(s.Counts.Mean[j]))
		b = append(b, mp.Float64(mp.Quo(mp.Mul(slope, mp.Of(s.Moments.SD[j])), unit)))
	}
	_, size := p.outcomeScale(s.Counts.Mean[len(p.terms)])
	for j := range b { // from the outcome's unit to the outcome
		b[j] = mp.Float64(mp.Mul(mp.Of(b[j]), mp.Of(size)))
	}
	centre, _ := p.outcomeScale(s.Counts.Mean[len(p.terms)])
	b[0] = mp.Float64(mp.Add(mp.Of(b[0]), mp.Of(centre)))
	return b
}

// robustName is what the result calls the method.
const robustName = "CR2"

// robustMethod names how errors by site are computed, empty where none are
// asked. It is in the plan's fingerprint: parties that adjust scores otherwise
// do not add up theirs.
func (p *Plan) robustMethod() string {
	if p.cluster < 0 {
		return ""
	}
	return robustName
}

// pearsonBits is how far a logistic or poisson model may miss the rows, as the
// binary logarithm of chi-squared over rows; it is near 0 where the model fits.
const pearsonBits = 20

// robustGrids returns the resolutions of a site's scores and of their products.
//
// With W a row's weight in the information (w; w p(1-p); w mu), rows times the
// root of W and e their residuals over that root, an adjusted score is
// X_g' a_g, with a_g = (I - H_gg)^-1/2 e_g. Since e = (I - H) y for some y and
// I - H is a projection, |a_g|^2 = e_g' (I - H_gg)^+ e_g <= |e|^2, however near
// to 1 the leverage is: no cap is needed. So a product of two scores is at most
// max|z_j| max|z_l| (sum of W over the site) |e|^2, and over all sites, at one
// institution or all of them, (sum of W) |e|^2 times these. |e|^2 is RSS in a
// linear model. In the others it is Pearson's chi-squared, which has no bound:
// room is left for 2^pearsonBits a row, and adding checks that it is enough. The
// W add up to a quarter of the weights in a logistic model and to the ys in a
// poisson model. Scores before they are adjusted lie within the same bound, by
// the same inequality.
func (p *Plan) robustGrids(s *state) (g grids) {
	g.z = p.exponents(s)
	n := p.weightOf(s)
	var most *big.Float
	switch p.kind {
	case configs.KindPoisson:
		_, y := p.totals(s)
		most = mp.Mul(mp.Mul(y, mp.Add(n, y)), mp.Pow2(pearsonBits))
	case configs.KindLogistic:
		most = mp.Mul(mp.Mul(n, n), mp.Pow2(pearsonBits-2))
	default:
		_, size := p.outcomeScale(s.Counts.Mean[len(p.terms)])
		most = mp.Mul(mp.Mul(n, p.leastSquares(s, nil).residual), mp.Mul(mp.Of(size), mp.Of(size)))
	}
	most = mp.Sqrt(most)
	g.residual = most.MantExp(nil) + 1    // one more for what rounding the estimate leaves
	g.bits = meatBits - 1 - exact.RowBits // rounding each row adds less than the bound
	return g
}

func (g grids) meat(j, l int) int {
	return meatBits - 1 - g.residual - g.residual - g.z[j] - g.z[l]
}

// robustLocal adds up the products of the adjusted scores of an institution's
// sites. What a site's rows enter by are sums without an order, so that its
// score is the same bits wherever the other sites are.
func (p *Plan) robustLocal(s *state, v *view) ([]exact.Sum, error) {
	g := p.robustGrids(s)
	by, err := p.adjustment(s)
	if err != nil {
		return nil, err
	}
	b, m := p.estimate(s), newMeat(p.size(), g)
	for _, rows := range v.bySite(p.cluster) {
		score, information := p.siteSums(s, v, b, g, rows)
		if err := m.add(by.adjust(score, information)); err != nil {
			return nil, err
		}
	}
	return m.products, nil
}

// meat is an institution's sum of products of scores.
type meat struct {
	grids
	products []exact.Sum
	squares  []float64 // bound the products: no sum of s_j s_l is beyond the root of those of s_j^2 and s_l^2
}

func newMeat(k int, g grids) *meat {
	return &meat{g, make([]exact.Sum, mp.Packed(k)), make([]float64, k)}
}

// add adds a site's score, or fails where the tensor could not hold the sum.
func (m *meat) add(score []float64) error {
	for j, v := range score {
		m.squares[j] += float64(v * v)
		if !(m.squares[j] < math.Ldexp(1, meatBits-1-m.meat(j, j))) { // nor if it is no number
			return fail(CodeTensor, "leave out cluster, or columns by which the model takes for impossible what rows hold",
				"scores of sites are beyond the %d bits of the tensor \"meat\": some rows are too far from what the model expects", meatBits)
		}
	}
	at := 0
	for j := range score {
		for l := range j + 1 {
			m.products[at].Add(float64(score[j]*score[l]), m.meat(j, l))
			at++
		}
	}
	return nil
}

// bySite returns the rows that the model is fitted on, site by site.
func (v *view) bySite(source int) (sites [][]int) {
	at := map[float64]int{}
	for i := range v.rows {
		if !v.used(i) {
			continue
		}
		site := v.columns[source].Values[i]
		if _, seen := at[site]; !seen {
			at[site] = len(sites)
			sites = append(sites, nil)
		}
		sites[at[site]] = append(sites[at[site]], i)
	}
	return sites
}

// siteSums returns a site's score and its share of the information, the lower
// triangle of the sum of w (d mu / d eta) z z', at
// the estimate b.
func (p *Plan) siteSums(s *state, v *view, b []float64, g grids, rows []int) (score, information []float64) {
	k := p.size()
	scores, products, fine := make([]exact.Sum, k), make([]exact.Sum, mp.Packed(k)), p.grids(s)
	x, z := make([]float64, k), make([]float64, k)
	for _, i := range rows {
		y := p.standardise(s, v, i, x, z)
		eta := 0.0
		if p.kind != configs.KindLinear { // there the outcome is what the offset leaves
			eta = v.offset(i)
		}
		for j := range z {
			eta += float64(b[j] * z[j])
		}
		residual, weight := y-eta, 1.0
		if p.kind != configs.KindLinear {
			_, residual, weight = p.likelihood(y, eta)
		}
		residual, weight = float64(v.weight(i)*residual), float64(v.weight(i)*weight)
		at := 0
		for j := range z {
			scores[j].Add(float64(residual*z[j]), g.gradient(j))
			wz := float64(weight * z[j])
			for l := range j + 1 {
				products[at].Add(float64(wz*z[l]), fine.hessian(j, l))
				at++
			}
		}
	}
	for j := range scores {
		score = append(score, mp.Float64(mp.Scaled(scores[j].Int(), g.gradient(j))))
		for l := range j + 1 {
			information = append(information, mp.Float64(mp.Scaled(products[len(information)].Int(), fine.hessian(j, l))))
		}
	}
	return score, information
}

func (p *Plan) robustGlobal(s *state, sums []*big.Int) {
	s.Robust = &robust{Meat: exact.Integers(sums)}
	meat := mp.Unpack(s.Robust.Meat, p.size(), p.robustGrids(s).meat)
	// A sum of squares has no negative direction, but for what rounding leaves.
	for i := range meat {
		for j := range i {
			if mp.Mul(meat[i][j], meat[i][j]).Cmp(mp.Mul(mp.Mul(meat[i][i], meat[j][j]), mp.Add(mp.Int(1), mp.Pow2(-20)))) > 0 {
				s.refuse(contradiction())
				return
			}
		}
		if meat[i][i].Sign() < 0 {
			s.refuse(contradiction())
			return
		}
	}
	p.afterFits(s)
}

// robustCovariance is the covariance of the standardised estimate, given
// A^-1, the inverse of the information.
func (p *Plan) robustCovariance(s *state, inverse mp.Symmetric) mp.Symmetric {
	g := p.robustGrids(s)
	meat := mp.Unpack(s.Robust.Meat, p.size(), g.meat)
	k := len(inverse)
	full := func(a mp.Symmetric, i, j int) *big.Float {
		if i < j {
			i, j = j, i
		}
		return a[i][j]
	}
	half := make([][]*big.Float, k) // A^-1 M
	for i := range half {
		half[i] = make([]*big.Float, k)
		for j := range half[i] {
			half[i][j] = mp.New()
			for l := range k {
				half[i][j].Add(half[i][j], mp.Mul(full(inverse, i, l), full(meat, l, j)))
			}
		}
	}
	out := make(mp.Symmetric, k)
	for i := range out {
		for j := range i + 1 {
			v := mp.New()
			for l := range k {
				v.Add(v, mp.Mul(half[i][l], full(inverse, l, j)))
			}
			out[i] = append(out[i], v)
		}
	}
	return out
}
