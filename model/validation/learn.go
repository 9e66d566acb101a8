package validation

import (
	"cmp"
	"math"
	"slices"

	"github.com/smartstart-federation/smartstart/model/elementary"
	"github.com/smartstart-federation/smartstart/model/family"
)

const (
	curveSteps = 30 // Newton steps of a local model
	// localRidge is a penalty on standardised columns, in units of one row's
	// information: it keeps a model of few rows finite, and no more.
	localRidge = 0x1p-7
)

// Rows are an institution's rows for models of its own: K columns each, the
// intercept first, standardised, and the outcomes, 0 or 1.
type Rows struct {
	K    int
	Z, Y []float64
}

func (d *Rows) at(i int) []float64 { return d.Z[i*d.K : (i+1)*d.K] }

// Compare orders rows by what they say, whatever their order in the records.
func (d *Rows) Compare(a, b int) int {
	return cmp.Or(cmp.Compare(d.Y[a], d.Y[b]), slices.Compare(d.at(a), d.at(b)))
}

// Ranks counts half-pairs that b ranks rightly, and pairs.
func (d *Rows) Ranks(b []float64, rows []int) (right, pairs int64) {
	type one struct{ eta, y float64 }
	list := make([]one, len(rows))
	for n, i := range rows {
		list[n] = one{d.predict(b, i), d.Y[i]}
	}
	slices.SortFunc(list, func(a, b one) int { return cmp.Compare(a.eta, b.eta) })
	var below [2]int64
	for i := 0; i < len(list); {
		var tie [2]int64
		for k := i; k < len(list) && list[k].eta == list[i].eta; k++ {
			tie[int(list[k].y)]++
		}
		half := tie[1] * (below[0] + below[0] + tie[0])
		right += half
		below[0], below[1] = below[0]+tie[0], below[1]+tie[1]
		i += int(tie[0] + tie[1])
	}
	return right, below[0] * below[1]
}

func (d *Rows) predict(b []float64, i int) float64 {
	eta := 0.0
	for j, z := range d.at(i) {
		eta += float64(b[j] * z)
	}
	return eta
}

// Learn fits the model on some rows by Newton's method, halving a step that does
// not raise the penalised likelihood. Rows of one outcome teach nothing: every
// prediction is then the same. Products are rounded before they are added, so
// that every processor finds the same bits.
func (d *Rows) Learn(rows []int) []float64 {
	b := make([]float64, d.K)
	events := 0.0
	for _, i := range rows {
		events += d.Y[i]
	}
	if events == 0 || events == float64(len(rows)) {
		return b
	}
	b[0] = elementary.LogPositive(events / (float64(len(rows)) - events))
	value := d.penalised(b, rows)
	for range curveSteps {
		step := d.newton(b, rows)
		if step == nil {
			return b
		}
		largest := 0.0
		for _, x := range step {
			largest = math.Max(largest, math.Abs(x))
		}
		better := false
		for range 20 {
			next := make([]float64, d.K)
			for j := range next {
				next[j] = b[j] + step[j]
			}
			if v := d.penalised(next, rows); v <= value {
				b, value, better = next, v, true
				break
			}
			for j := range step {
				step[j] /= 2
			}
		}
		if !better || largest < 0x1p-30 {
			return b
		}
	}
	return b
}

// penalised is the deviance and the penalty.
func (d *Rows) penalised(b []float64, rows []int) float64 {
	total := 0.0
	for _, i := range rows {
		deviance, _, _ := family.Bernoulli(d.Y[i], d.predict(b, i))
		total += deviance
	}
	for _, x := range b[1:] {
		total += float64(localRidge * float64(x*x))
	}
	return total
}

// newton returns the step from b, nil where there is none.
func (d *Rows) newton(b []float64, rows []int) []float64 {
	k := d.K
	h, g := make([]float64, k*k), make([]float64, k)
	for _, i := range rows {
		z := d.at(i)
		_, residual, weight := family.Bernoulli(d.Y[i], d.predict(b, i))
		for j := range k {
			g[j] += float64(residual * z[j])
			wz := float64(weight * z[j])
			row := h[j*k:]
			for l := range j + 1 {
				row[l] += float64(wz * z[l])
			}
		}
	}
	for j := 1; j < k; j++ {
		g[j] -= float64(localRidge * b[j])
		h[j*k:][j] += localRidge
	}
	// Cholesky's factor in place, and the two triangles solved.
	for j := range k {
		row := h[j*k:]
		for l := range j + 1 {
			v, other := row[l], h[l*k:]
			for m := range l {
				v -= float64(row[m] * other[m])
			}
			if l < j {
				row[l] = v / other[l]
				continue
			}
			if !(v > 0x1p-40) {
				return nil
			}
			row[l] = math.Sqrt(v)
		}
		for m := range j {
			g[j] -= float64(row[m] * g[m])
		}
		g[j] /= row[j]
	}
	for j := k - 1; j >= 0; j-- {
		for m := j + 1; m < k; m++ {
			g[j] -= float64(h[m*k:][j] * g[m])
		}
		g[j] /= h[j*k:][j]
	}
	return g
}
