package model

import (
	"math"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/family"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// The parts of a study that a fit can be for.
const (
	fitMain = "main"
	fitNull = "null" // the intercept alone, where an offset leaves no closed form
	fitDrop = "drop" // without some terms, for a test
	fitFold = "fold" // without one fold's institutions, to judge them

	fitPrior = "prior" // with what was believed beforehand
)

// fit is where one regression stands. Points are on the standardised scale,
// one value for each of Params.
type fit struct {
	For    string `json:"for"`
	Number int    `json:"number"` // of the test from 0, or of the fold from 1
	Params []int  `json:"params"` // indices of the design: 0 is the intercept, j+1 is term j

	Trial      []float64       `json:"trial"`           // the point that the next round evaluates
	Full       bool            `json:"full"`            // whether that round opens the Hessian
	Point      []float64       `json:"point,omitempty"` // the last point that was accepted; none before the first
	Deviance   exact.Integer   `json:"deviance"`        // at Point
	Gradient   []exact.Integer `json:"gradient,omitempty"`
	Hessian    []exact.Integer `json:"hessian,omitempty"` // the newest, lower triangle
	At         []float64       `json:"at,omitempty"`      // where the Hessian was taken
	Halvings   int             `json:"halvings"`
	Decrements []float64       `json:"decrements"` // squared Newton decrement of each accepted point
	Strides    []float64       `json:"strides"`    // largest standardised step from each accepted point
	Estimate   []float64       `json:"estimate,omitempty"`
	Refusal    *refusal        `json:"refusal,omitempty"` // why a fit other than the main one has no estimate
}

// over says that no round asks for the fit any more.
func (f *fit) over() bool { return f.Estimate != nil || f.Refusal != nil }

func (f *fit) whole(p *Plan) bool {
	k := len(f.Params)
	if k == 0 || len(f.Trial) != k || f.Deviance.V == nil || len(f.Decrements) != len(f.Strides) {
		return false
	}
	for i, j := range f.Params {
		if j < 0 || j >= p.size() || i > 0 && j <= f.Params[i-1] {
			return false
		}
	}
	point := len(f.Point) == k
	if !point && f.Point != nil {
		return false
	}
	opened := point && len(f.Gradient) == k && len(f.Hessian) == mp.Packed(k) && len(f.At) == k
	none := len(f.Gradient) == 0 && len(f.Hessian) == 0 && f.At == nil
	switch {
	case f.Refusal != nil:
		return f.Estimate == nil
	case f.Estimate != nil:
		return opened && len(f.Estimate) == k
	}
	return (opened || none) && (f.Full || opened)
}

// active returns the fits that the next round evaluates.
func (s *state) active() (fits []*fit) {
	for _, f := range s.Fits {
		if !f.over() {
			fits = append(fits, f)
		}
	}
	return fits
}

func (p *Plan) fitShape(s *state) (tensors []Tensor) {
	for _, f := range s.active() {
		k, suffix := len(f.Params), f.suffix()
		tensors = append(tensors, Tensor{"deviance" + suffix, 1, p.fitBits()}, Tensor{"gradient" + suffix, k, p.fitBits()})
		if f.Full {
			tensors = append(tensors, Tensor{"hessian" + suffix, mp.Packed(k), p.fitBits()})
		}
	}
	return tensors
}

func (f *fit) suffix() string {
	switch f.For {
	case fitNull:
		return " of the empty model"
	case fitDrop:
		return " of test " + itoa(f.Number+1)
	case fitFold:
		return " without fold " + itoa(f.Number)
	case fitPrior:
		return " with priors"
	}
	return ""
}

// numbers is how many integers the next round opens for the fit.
func (f *fit) numbers() int {
	k := len(f.Params)
	if f.Full {
		return 1 + k + mp.Packed(k)
	}
	return 1 + k
}

// grids are the resolutions of a fit's sums.
type grids struct {
	bits     int
	deviance int
	residual int   // bits of a row's residual and weight, as a bound
	z        []int // |z_j| < 2^(z_j - 1), by parameter of the design, the intercept first
}

func (g grids) gradient(j int) int   { return g.bits - g.z[j] - g.residual }
func (g grids) hessian(j, l int) int { return g.bits - g.z[j] - g.z[l] - g.residual }

// exponents returns e with |z_j| < 2^(e_j - 1) for the standardised column j,
// the intercept first. They depend on the codebook, the means and the SDs only.
func (p *Plan) exponents(s *state) []int {
	e := []int{2}
	for j, t := range p.terms {
		e = append(e, exact.Above(t.reach(s.Counts.Mean[j])/s.Moments.SD[j])+1)
	}
	return e
}

// mostReach bounds an offset: e^40 is more than any count.
const mostReach = 40

// A poisson model's sums need more room than 80 bits below the bound, because
// the mean of a row at a bad trial point has hardly any: it is cut off at
// 2^family.MostMean. No count is near that, so the deviance there is far above the one
// before, and the step is halved.
const countGrid = 94

// gridBits is how far below its bound a row's contribution is rounded, and
// sumBits the bound of an institution's sum, in this plan's fits.
func (p *Plan) gridBits() int {
	if p.kind == configs.KindPoisson {
		return countGrid
	}
	return exact.GridBits
}

func (p *Plan) fitBits() int { return p.gridBits() + exact.RowBits }

// grids returns the resolutions of a fit's sums.
func (p *Plan) grids(s *state) grids {
	g := grids{bits: p.gridBits(), deviance: devianceGrid - p.weightBits(), residual: p.weightBits(), z: p.exponents(s)}
	if p.ownIntercepts() { // columns are then measured about an institution's own mean
		for j := range g.z {
			g.z[j]++
		}
	}
	if p.kind == configs.KindPoisson {
		// Deviance: 2 (y log y - y eta - y + mu) with y <= 10^6, |eta| <= 700.
		g.residual += family.MostMean + 1
		g.deviance = g.bits - p.weightBits() - family.MostMean - 3
	}
	return g
}

// reachAt is the largest absolute linear predictor that the codebook allows at
// a point.
func (p *Plan) reachAt(s *state, f *fit, point []float64) float64 {
	reach := p.offsetReach()
	for i, j := range f.Params {
		if j == 0 {
			reach += math.Abs(point[i])
			continue
		}
		t := &p.terms[j-1]
		reach += float64(math.Abs(point[i]) * (t.reach(s.Counts.Mean[j-1]) / s.Moments.SD[j-1]))
	}
	return reach
}

// job is one active fit in one institution's pass over its rows.
type job struct {
	*fit
	grids
	sums []exact.Sum
}

// fitLocal evaluates deviance, gradient and Hessian of every active fit at its
// trial point, in one pass over the rows.
func (p *Plan) fitLocal(s *state, v *view) (a []exact.Sum) {
	size := 0
	for _, f := range s.active() {
		size += f.numbers()
	}
	a = make([]exact.Sum, size)
	var jobs []job
	at := 0
	for _, f := range s.active() {
		if f.For != fitFold || p.folds[v.table.Institution] != f.Number {
			jobs = append(jobs, job{fit: f, grids: p.grids(s), sums: a[at : at+f.numbers()]})
		}
		at += f.numbers()
	}
	if p.ownIntercepts() {
		d := p.gather(s, v)
		for _, j := range jobs {
			p.addOwn(&j, d)
		}
		return a
	}
	k := p.size()
	x, z := make([]float64, k), make([]float64, k)
	for i := range v.rows {
		if !v.used(i) {
			continue
		}
		y := p.standardise(s, v, i, x, z)
		for n := range jobs {
			p.addRow(&jobs[n], z, y, v.offset(i), v.weight(i))
		}
	}
	return a
}

// standardise writes row i, each term less its mean and divided by its SD, the
// intercept first, into z, and returns the outcome; x is room for the terms.
func (p *Plan) standardise(s *state, v *view, i int, x, z []float64) float64 {
	y := v.row(i, x)
	z[0] = 1
	for j := range p.terms {
		z[j+1] = (x[j] - s.Counts.Mean[j]) / s.Moments.SD[j]
	}
	return y
}

// predictor is the linear predictor of a standardised row.
func (f *fit) predictor(point, z []float64, offset float64) float64 {
	eta := offset
	for n, j := range f.Params {
		eta += float64(point[n] * z[j])
	}
	return eta
}

// addRow adds one row to a fit's deviance, gradient and Hessian.
func (p *Plan) addRow(b *job, z []float64, y, offset, prior float64) {
	deviance, residual, weight := p.likelihood(y, b.predictor(b.Trial, z, offset))
	b.sums[0].Add(float64(prior*deviance), b.deviance)
	residual, weight = float64(prior*residual), float64(prior*weight)
	for n, j := range b.Params {
		b.sums[1+n].Add(float64(residual*z[j]), b.gradient(j))
	}
	if !b.Full {
		return
	}
	at := 1 + len(b.Params)
	for n, j := range b.Params {
		wz := float64(weight * z[j])
		for _, l := range b.Params[:n+1] {
			b.sums[at].Add(float64(wz*z[l]), b.hessian(j, l))
			at++
		}
	}
}
