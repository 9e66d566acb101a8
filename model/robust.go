package model

import (
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// robust is what the last round opens where rows of one site resemble each
// other: the sum over sites g of s_g s_g', with s_g the sum of the site's
// scores z (y - mu) at the estimate. The covariance A^-1 (sum s_g s_g') A^-1
// is Liang and Zeger's (Biometrika 73, 1986), R's sandwich::vcovCL with
// type = "HC0" and cadjust = FALSE. A site lies wholly at one institution, so
// that its s_g exists in one place and never leaves it.
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

// robustGrids returns the resolutions of a site's scores and of their products.
// Over all rows together, w |y - mu| adds up to at most the weights of the rows
// in a logistic model, to twice the weighted events in a poisson model (at the
// estimate the mus add up to the ys), and to the square root of n RSS in a
// linear one: so do the scores, times |z|, of any site and any institution.
func (p *Plan) robustGrids(s *state) (g grids) {
	g.z = p.exponents(s)
	n := p.weightOf(s)
	most := n
	switch p.kind {
	case configs.KindPoisson:
		_, y := p.totals(s)
		most = mp.Mul(mp.Int(2), y)
	case configs.KindLinear:
		_, size := p.outcomeScale(s.Counts.Mean[len(p.terms)])
		most = mp.Mul(mp.Sqrt(mp.Mul(n, p.leastSquares(s, nil).residual)), mp.Of(size))
	}
	g.residual = most.MantExp(nil) + 1    // one more for what rounding the estimate leaves
	g.bits = meatBits - 1 - exact.RowBits // rounding each row adds less than the bound
	return g
}

func (g grids) meat(j, l int) int {
	return meatBits - 1 - g.residual - g.residual - g.z[j] - g.z[l]
}

func (p *Plan) robustLocal(s *state, v *view) []exact.Sum {
	b := p.estimate(s)
	g := p.robustGrids(s)
	k := p.size()
	scores := map[float64][]exact.Sum{}
	var order []float64
	site := v.columns[p.cluster]
	x, z := make([]float64, k), make([]float64, k)
	for i := range v.rows {
		if !v.used(i) {
			continue
		}
		y := p.standardise(s, v, i, x, z)
		eta := v.offset(i)
		if p.kind == configs.KindLinear {
			eta = 0 // the outcome is what the offset leaves
		}
		for j := range z {
			eta += float64(b[j] * z[j])
		}
		residual := float64(v.weight(i) * (y - p.fitted(eta)))
		mine := scores[site.Values[i]]
		if mine == nil {
			mine = make([]exact.Sum, k)
			scores[site.Values[i]] = mine
			order = append(order, site.Values[i])
		}
		for j := range z {
			mine[j].Add(float64(residual*z[j]), g.gradient(j))
		}
	}
	a := make([]exact.Sum, mp.Packed(k))
	score := make([]float64, k)
	for _, which := range order {
		for j, sum := range scores[which] {
			score[j] = mp.Float64(mp.Scaled(sum.Int(), g.gradient(j)))
		}
		at := 0
		for j := range score {
			for l := range j + 1 {
				a[at].Add(float64(score[j]*score[l]), g.meat(j, l))
				at++
			}
		}
	}
	return a
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
