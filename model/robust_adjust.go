package model

import (
	"math"
	"math/big"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// adjustment makes up for what a site's own rows took off its residuals.
//
// Rows are those of a least-squares problem: in logistic and poisson models, and
// with weights, each row times the root of its weight in the information, as in
// the last step of glm.fit. With A = X'X the information of all sites and
// H = X A^-1 X', the residuals e = (I - H) y of a site g have the covariance
// I - H_gg if the ys had I: less than they should, most of all where few sites
// decide a coefficient. CR2 takes X_g' (I - H_gg)^-1/2 e_g for X_g' e_g.
//
// These are matrices of n_g by n_g, but X' f(XX') = f(X'X) X'. With A = L L' and
// U = X_g L'^-1, H_gg is U U', and so
//
//	X_g' (I - U U')^-1/2 e_g = L U' (I - U U')^-1/2 e_g = L (I - U'U)^-1/2 L^-1 s_g
//
// where U'U = L^-1 C_g L'^-1: it takes no more of the site than its score
// s_g = X_g' e_g and its share C_g = X_g' X_g of the information. Any square root
// L of A gives the same, because it is (I - C_g A^-1)^-1/2 s_g.
type adjustment struct {
	l [][]float64 // lower triangle: the Cholesky factor of the information
}

// aloneAt: where all other sites hold less than this share of the information
// on some combination of the coefficients, the site counts as the only one that
// says anything of it. Its residuals are then 0 there but for rounding, and stay
// out: the inverse is the Moore-Penrose one, as in R's clubSandwich.
const aloneAt = 0x1p-30

// adjustment fails where the information cannot be factorised, which no sums
// that were opened honestly give.
func (p *Plan) adjustment(s *state) (*adjustment, error) {
	tolerance, information := singularAt, mp.Symmetric(nil)
	if p.kind == configs.KindLinear {
		tolerance, information = collinearAt, p.squares(s)
	} else {
		information = p.information(s, s.Fits[0])
	}
	factors, row := mp.Factorise(information, mp.Pow2(tolerance))
	if row >= 0 {
		return nil, fail(CodeState, "start from the logged sums again", "the state's information cannot be factorised")
	}
	a := &adjustment{}
	for i, l := range factors.L {
		var out []float64
		for j := range l {
			out = append(out, mp.Float64(mp.Mul(factors.Scale[i], l[j])))
		}
		a.l = append(a.l, out)
	}
	return a, nil
}

// squares is X'X of a linear model, standardised, the intercept first.
func (p *Plan) squares(s *state) mp.Symmetric {
	m := s.Moments
	c := p.crossed(s, m.Square, m.Product, m.Outcome, m.Weighted)
	in := func(j int) *big.Float { return mp.Quo(mp.Of(p.terms[j].unitOf(s.Counts.Mean[j])), mp.Of(m.SD[j])) }
	a := mp.Symmetric{{c.n}}
	for i, squares := range c.square {
		row := []*big.Float{mp.New()}
		for j, v := range squares {
			if c.shift != nil {
				v = mp.Add(v, mp.Mul(c.n, mp.Mul(c.shift[i], c.shift[j])))
			}
			row = append(row, mp.Mul(v, mp.Mul(in(i), in(j))))
		}
		if c.shift != nil {
			row[0] = mp.Mul(mp.Mul(c.n, c.shift[i]), in(i))
		}
		a = append(a, row)
	}
	return a
}

// forward solves L x = b in place.
func (a *adjustment) forward(b []float64) {
	for i := range b {
		for j := range i {
			b[i] -= float64(a.l[i][j] * b[j])
		}
		b[i] /= a.l[i][i]
	}
}

// adjust returns the site's adjusted score, given its score and the lower
// triangle of its share of the information.
func (a *adjustment) adjust(score, information []float64) []float64 {
	k := len(score)
	half := make([][]float64, k) // column by column, L^-1 C_g
	for i := range half {
		half[i] = make([]float64, k)
		for j := range half[i] {
			half[i][j] = information[mp.Packed(max(i, j))+min(i, j)]
		}
		a.forward(half[i])
	}
	rest := make([][]float64, k) // I - L^-1 C_g L'^-1, the share of all other sites
	for i := range rest {
		rest[i] = make([]float64, k)
		for j := range rest[i] {
			rest[i][j] = half[j][i]
		}
		a.forward(rest[i])
		for j := range rest[i] {
			rest[i][j] = -rest[i][j]
		}
		rest[i][i]++
	}
	t := append([]float64(nil), score...)
	a.forward(t)
	byInverseRoot(rest, t)
	out := make([]float64, k)
	for i := range out {
		for j := range i + 1 {
			out[i] += float64(a.l[i][j] * t[j])
		}
	}
	return out
}

// turn is a rotation in the plane of two axes.
type turn struct {
	i, j     int
	cos, sin float64
}

func (r turn) of(x, y float64) (float64, float64) {
	return float64(r.cos*x) - float64(r.sin*y), float64(r.sin*x) + float64(r.cos*y)
}

// byInverseRoot multiplies t by q^-1/2, the Moore-Penrose one. q is symmetric
// with eigenvalues from 0 to 1, and is overwritten. Jacobi's method in cyclic
// order (Golub and Van Loan, Matrix Computations, section 8.5) turns q and t
// until q is diagonal, and t back. It is written out, rather than taken from a
// library, so that the bits are the same on every processor.
func byInverseRoot(q [][]float64, t []float64) {
	const sweeps, nothing = 40, 0x1p-60 // six to ten sweeps do
	var turns []turn
	for range sweeps {
		before := len(turns)
		for j := range q {
			for i := range j {
				if !(math.Abs(q[i][j]) > nothing) {
					continue
				}
				r := turn{i: i, j: j}
				between := (q[j][j] - q[i][i]) / float64(2*q[i][j])
				tan := math.Copysign(1, between) / (math.Abs(between) + math.Sqrt(1+float64(between*between)))
				r.cos = 1 / math.Sqrt(1+float64(tan*tan))
				r.sin = float64(r.cos * tan)
				for l := range q {
					q[i][l], q[j][l] = r.of(q[i][l], q[j][l])
				}
				for l := range q {
					q[l][i], q[l][j] = r.of(q[l][i], q[l][j])
				}
				q[i][j], q[j][i] = 0, 0
				t[i], t[j] = r.of(t[i], t[j])
				turns = append(turns, r)
			}
		}
		if len(turns) == before {
			break
		}
	}
	for i := range t {
		if q[i][i] > aloneAt {
			t[i] /= math.Sqrt(q[i][i])
		} else {
			t[i] = 0
		}
	}
	for n := len(turns) - 1; n >= 0; n-- {
		r := turns[n]
		r.sin = -r.sin
		t[r.i], t[r.j] = r.of(t[r.i], t[r.j])
	}
}
