package model

import (
	"math"

	"github.com/smartstart-federation/smartstart/configs"
	"github.com/smartstart-federation/smartstart/model/elementary"
	"github.com/smartstart-federation/smartstart/model/exact"
	"github.com/smartstart-federation/smartstart/model/mp"
)

// An institution's own intercept is a nuisance: it is worked out where the rows
// are, at every trial point, and only what it leaves of the likelihood is
// summed. The slopes are those of R's glm(y ~ x + factor(institution)), their
// standard errors too (Searle, Linear Models, 1971, section 4.2; the profile
// likelihood of Cox and Reid, 1987).

// ownMeans returns the institution's weighted means of the terms in their units
// about the global means, and of the outcome last; nil unless a linear model has
// own intercepts. They are rounded once, from sums that have no order.
func (p *Plan) ownMeans(s *state, v *view, units []float64, centre, size float64) []float64 {
	if !p.ownIntercepts() || p.kind != configs.KindLinear {
		return nil
	}
	k := len(p.terms)
	sums := make([]exact.Sum, k+2)
	x := make([]float64, k)
	grid := p.unit(0, 0)
	for i := range v.rows {
		if !v.used(i) {
			continue
		}
		w := v.weight(i)
		y := (v.row(i, x) - centre) / size
		for j := range x {
			sums[j].Add(float64(w*float64((x[j]-s.Counts.Mean[j])/units[j])), grid)
		}
		sums[k].Add(float64(w*y), grid)
		sums[k+1].Add(w, grid)
	}
	means := make([]float64, k+1)
	if n := mp.Scaled(sums[k+1].Int(), grid); n.Sign() > 0 {
		for j := range means {
			means[j] = mp.Float64(mp.Quo(mp.Scaled(sums[j].Int(), grid), n))
		}
	}
	return means
}

// design is an institution's rows, standardised, the intercept first.
type design struct {
	k                 int
	z                 []float64 // rows by k
	y, offset, weight []float64
}

func (d *design) at(i int) []float64 { return d.z[i*d.k : (i+1)*d.k] }

func (p *Plan) gather(s *state, v *view) *design {
	d := &design{k: p.size()}
	x, z := make([]float64, d.k), make([]float64, d.k)
	for i := range v.rows {
		if !v.used(i) {
			continue
		}
		d.y = append(d.y, p.standardise(s, v, i, x, z))
		d.z = append(d.z, z...)
		d.offset = append(d.offset, v.offset(i))
		d.weight = append(d.weight, v.weight(i))
	}
	return d
}

// ownReach bounds how far an institution's intercept lies from where its search
// begins: e^40 is beyond any difference.
const ownReach = 40

// ownSteps bounds the Newton steps for an institution's intercept; from any
// point the likelihood of one parameter needs fewer. A search that ends
// elsewhere gives a deviance above the least, which no step is taken for.
const ownSteps = 60

// ownIntercept solves for the institution's intercept at a fit's trial point.
// An institution whose rows all have one outcome has none, and says nothing
// about the slopes.
func (p *Plan) ownIntercept(b *job, d *design) (a float64, ok bool) {
	var low, high bool
	for _, y := range d.y {
		low, high = low || y == 0, high || y > 0
	}
	if !high || p.kind == configs.KindLogistic && !low {
		return 0, false
	}
	begin := p.ownStart(b, d)
	a = begin
	for range ownSteps {
		var slope, curve exact.Sum
		for i, y := range d.y {
			_, residual, weight := p.likelihood(y, b.predictor(b.Trial, d.at(i), d.offset[i]+a))
			slope.Add(float64(d.weight[i]*residual), b.bits-1-b.residual)
			curve.Add(float64(d.weight[i]*weight), b.bits-1-b.residual)
		}
		if curve.Int().Sign() <= 0 {
			return a, true
		}
		step := mp.Float64(mp.Quo(mp.New().SetInt(slope.Int()), mp.New().SetInt(curve.Int())))
		step = math.Max(-2, math.Min(2, step))
		next := math.Max(begin-ownReach, math.Min(begin+ownReach, a+step))
		if next == a || math.Abs(step) < 0x1p-46 {
			return next, true
		}
		a = next
	}
	return a, true
}

// ownStart is where the search for an intercept begins. For counts it is the
// answer: log(sum w y / sum w e^eta) with eta the predictor without it. For a
// logistic model it is the log odds less the mean predictor.
func (p *Plan) ownStart(b *job, d *design) float64 {
	most := math.Inf(-1)
	for i := range d.y {
		most = math.Max(most, b.predictor(b.Trial, d.at(i), d.offset[i]))
	}
	var y, n, eta, exposure exact.Sum
	grid := exact.GridBits - 40 - p.weightBits()
	for i := range d.y {
		w := d.weight[i]
		e := b.predictor(b.Trial, d.at(i), d.offset[i])
		y.Add(float64(w*d.y[i]), grid)
		n.Add(w, grid)
		eta.Add(float64(w*math.Max(-mostEta, math.Min(mostEta, e))), grid)
		exposure.Add(float64(w*elementary.ExpNegative(math.Max(-700, e-most))), grid)
	}
	ratio := func(a, b exact.Sum) float64 {
		if b.Int().Sign() <= 0 {
			return 1
		}
		return mp.Float64(mp.Quo(mp.New().SetInt(a.Int()), mp.New().SetInt(b.Int())))
	}
	if p.kind == configs.KindPoisson {
		return elementary.LogPositive(math.Max(0x1p-60, ratio(y, exposure))) - math.Max(-mostEta, math.Min(mostEta, most))
	}
	share := math.Max(0x1p-40, math.Min(1-0x1p-40, ratio(y, n)))
	return elementary.LogPositive(share/(1-share)) - ratio(eta, n)
}

// mostEta bounds a predictor where only its size matters.
const mostEta = 1 << 20

// addOwn adds an institution's profile likelihood: the deviance at its own
// intercept a, the gradient of the slopes, and H_bb - H_ba H_aa^-1 H_ab.
func (p *Plan) addOwn(b *job, d *design) {
	a, ok := p.ownIntercept(b, d)
	if !ok {
		return
	}
	k := len(b.Params)
	middle := make([]float64, k) // weighted means of the columns
	var total exact.Sum
	sums := make([]exact.Sum, k)
	for i, y := range d.y {
		z := d.at(i)
		_, _, weight := p.likelihood(y, b.predictor(b.Trial, z, d.offset[i]+a))
		weight = float64(d.weight[i] * weight)
		total.Add(weight, b.bits-1-b.residual)
		for n, j := range b.Params {
			sums[n].Add(float64(weight*z[j]), b.gradient(j))
		}
	}
	if total.Int().Sign() <= 0 {
		total.Inc()
	}
	for n, j := range b.Params {
		middle[n] = mp.Float64(mp.Quo(mp.Scaled(sums[n].Int(), b.gradient(j)), mp.Scaled(total.Int(), b.bits-1-b.residual)))
	}
	for i, y := range d.y {
		z := d.at(i)
		deviance, residual, weight := p.likelihood(y, b.predictor(b.Trial, z, d.offset[i]+a))
		b.sums[0].Add(float64(d.weight[i]*deviance), b.deviance)
		residual, weight = float64(d.weight[i]*residual), float64(d.weight[i]*weight)
		for n, j := range b.Params {
			b.sums[1+n].Add(float64(residual*z[j]), b.gradient(j))
		}
		if !b.Full {
			continue
		}
		at := 1 + k
		for n, j := range b.Params {
			wz := float64(weight * (z[j] - middle[n]))
			for m, l := range b.Params[:n+1] {
				b.sums[at].Add(float64(wz*(z[l]-middle[m])), b.hessian(j, l))
				at++
			}
		}
	}
}
