package lmm

import (
	"math/big"
	"slices"

	"github.com/smartstart-federation/smartstart/model/mp"
)

// The search for theta ends when the step still to be made, times the step
// before it, both relative to theta, is below 2^settledAt: by the error of the
// polynomial (see the package comment) that is about the error that the step leaves.
// The step itself has to be small too. In powers of two.
const (
	settledAt     = -31
	settledStep   = -12
	nothingLeft   = -24 // 1/(1+m theta) at which what varies within sites is nothing beside what sites differ
	rootDigits    = -56
	mostRootSteps = 200
	singular      = -44 // a pivot below is not told from rounding
	collinear     = -36 // share of the outcome that sites and features have to leave unexplained
)

// Possible holds what the last trial opened to what no sites can contradict. With n_g rows
// a site, m on average and q_g = 1/(1+(n_g-m)w): sum q_g n_g^2 >= m^2 G, since
// it is m^2 G + (1-mw)^2 sum q_g (n_g-m)^2; and sum log q_g >= 0, by Jensen.
// Both with room for what rounding a site's term takes off.
func (f *Profile) Possible() bool {
	trial := len(f.at) - 1
	squares := mp.Mul(f.rows, f.average)
	least := mp.Mul(squares, mp.Sub(mp.Int(1), mp.Pow2(-44)))
	most := mp.Mul(f.rows, f.rows)
	room := mp.Mul(mp.Pow2(-44), f.sites)
	n := f.products[trial][0][0]
	return n.Cmp(least) >= 0 && n.Cmp(most) <= 0 && f.logs[trial].Cmp(mp.New().Neg(room)) >= 0 && f.evaluate(f.at[trial]) != nil
}

// Next returns the theta to open next, and whether it may be taken for the optimum;
// ok is false where what varies inside sites is too little to have one.
func (f *Profile) Next() (theta float64, settled, ok bool) {
	w := f.next()
	if w == nil {
		return 0, false, false
	}
	return mp.Float64(f.theta(w)), f.settled(w), true
}

// next returns the optimum of the polynomial's profile likelihood that lies
// downhill from the last trial; nil when there is none below 1/m. It looks
// between trials where it can: a polynomial says little beyond them.
func (f *Profile) next() *big.Float {
	order := make([]int, len(f.at))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return f.at[a].Cmp(f.at[b]) })
	last := len(f.at) - 1
	i := slices.Index(order, last)
	w := f.at[last]
	here := f.evaluate(w)
	if here == nil || here.score.Sign() == 0 {
		return w
	}
	score := here.score
	if score.Sign() > 0 {
		below := []*big.Float{mp.New()} // 0, where the matrix is the squares over all rows, whatever was opened
		for _, j := range order[:i] {
			below = append(below, f.at[j])
		}
		for _, v := range slices.Backward(below) {
			at := f.evaluate(v)
			if at == nil {
				return nil
			}
			if at.score.Sign() < 0 {
				return f.root(v, w, at.score, score)
			}
			w, score = v, at.score
		}
		return w
	}
	for _, j := range order[i+1:] {
		above := f.at[j]
		at := f.evaluate(above)
		if at == nil {
			return nil
		}
		if at.score.Sign() >= 0 {
			return f.root(w, above, score, at.score)
		}
		w, score = above, at.score
	}
	for left := mp.Quo(f.left(w), mp.Int(4)); left.Cmp(mp.Pow2(nothingLeft)) > 0; left = mp.Quo(left, mp.Int(4)) {
		above := mp.Quo(mp.Sub(mp.Int(1), left), f.average)
		at := f.evaluate(above)
		switch {
		case at == nil: // the polynomial does not reach so far: go half-way and open there
			return mp.Quo(mp.Sub(mp.Int(1), mp.Mul(left, mp.Int(2))), f.average)
		case at.score.Sign() >= 0:
			return f.root(w, above, score, at.score)
		}
		w, score = above, at.score
	}
	return nil
}

// root finds where the score, negative at a and positive at b, passes nought,
// by false position with Illinois's rule (Dowell and Jarratt, BIT 11, 1971).
func (f *Profile) root(a, b, atA, atB *big.Float) *big.Float {
	side := 0
	c := b
	for range mostRootSteps {
		before := c
		c = mp.Sub(b, mp.Quo(mp.Mul(atB, mp.Sub(b, a)), mp.Sub(atB, atA)))
		if mp.New().Abs(mp.Sub(c, before)).Cmp(mp.Mul(mp.Pow2(rootDigits), c)) <= 0 {
			return c
		}
		at := f.evaluate(c)
		switch {
		case at == nil: // take it for a point beyond the optimum
			b, side = c, 0
		case at.score.Sign() == 0:
			return c
		case at.score.Sign() < 0:
			a, atA = c, at.score
			if side < 0 {
				atB = mp.Quo(atB, mp.Int(2))
			}
			side = -1
		default:
			b, atB = c, at.score
			if side > 0 {
				atA = mp.Quo(atA, mp.Int(2))
			}
			side = 1
		}
	}
	return c
}

// settled says that next may be taken for the optimum.
func (f *Profile) settled(next *big.Float) bool {
	n := len(f.at)
	last := f.at[n-1]
	if last.Sign() == 0 || next.Sign() == 0 {
		return last.Cmp(next) == 0 // at the boundary the score is known exactly
	}
	if n < 2 {
		return false
	}
	scale := mp.Mul(last, f.left(last)) // d theta / theta = dw / (w (1-mw))
	step := mp.Quo(mp.New().Abs(mp.Sub(next, last)), scale)
	before := mp.Quo(mp.New().Abs(mp.Sub(last, f.at[n-2])), scale)
	return step.Cmp(mp.Pow2(settledStep)) <= 0 && mp.Mul(step, before).Cmp(mp.Pow2(settledAt)) <= 0
}
