package elementary

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

const wide = 200

// bigExp returns e^x by its series after halving the argument, to about 180
// bits.
func bigExp(x float64) *big.Float {
	f := new(big.Float).SetPrec(wide).SetFloat64(x)
	f.SetMantExp(f, -20)
	total, part := big.NewFloat(1).SetPrec(wide), big.NewFloat(1).SetPrec(wide)
	for i := 1; i < 40; i++ {
		part.Mul(part, f)
		part.Quo(part, new(big.Float).SetPrec(wide).SetInt64(int64(i)))
		total.Add(total, part)
	}
	for range 20 {
		total.Mul(total, total)
	}
	return total
}

// bigLog returns log(x) by Newton's method on bigExp's equation, starting from
// math.Log; two steps give more than 150 bits.
func bigLog(x *big.Float) *big.Float {
	f, _ := x.Float64()
	y := new(big.Float).SetPrec(wide).SetFloat64(math.Log(f))
	for range 3 {
		e := bigExpOf(y)
		step := new(big.Float).SetPrec(wide).Sub(x, e)
		step.Quo(step, new(big.Float).SetPrec(wide).Add(x, e))
		step.Mul(step, big.NewFloat(2))
		y.Add(y, step)
	}
	return y
}

func bigExpOf(y *big.Float) *big.Float {
	high, _ := y.Float64()
	rest := new(big.Float).SetPrec(wide).Sub(y, new(big.Float).SetFloat64(high))
	low, _ := rest.Float64()
	e := bigExp(high)
	return e.Mul(e, bigExp(low))
}

// ulps is the distance of got from want in units of want's last place.
func ulps(got float64, want *big.Float) float64 {
	w, _ := want.Float64()
	unit := math.Nextafter(math.Abs(w), math.Inf(1)) - math.Abs(w)
	d := new(big.Float).SetPrec(wide).Sub(new(big.Float).SetPrec(wide).SetFloat64(got), want)
	f, _ := d.Float64()
	return math.Abs(f) / unit
}

func worst(t *testing.T, name string, f func(float64) float64, exact func(float64) *big.Float, draw func(r *rand.Rand) float64) {
	r := rand.New(rand.NewPCG(1, 2))
	largest, at := 0.0, 0.0
	for range 3000 {
		x := draw(r)
		if u := ulps(f(x), exact(x)); u > largest {
			largest, at = u, x
		}
	}
	t.Logf("%s: largest error %.3f ulp at %g", name, largest, at)
	if largest > 1 {
		t.Errorf("%s is off by %.3f ulp at %g", name, largest, at)
	}
}

func TestElementaryAgainstBig(t *testing.T) {
	worst(t, "expNegative", ExpNegative, bigExp, func(r *rand.Rand) float64 { return -r.Float64() * 40 })
	worst(t, "expNegative, far", ExpNegative, bigExp, func(r *rand.Rand) float64 { return -r.Float64() * 700 })
	worst(t, "expNegative, near 0", ExpNegative, bigExp, func(r *rand.Rand) float64 { return -math.Ldexp(r.Float64(), -r.IntN(60)) })
	log1p := func(x float64) *big.Float {
		return bigLog(new(big.Float).SetPrec(wide).Add(big.NewFloat(1), new(big.Float).SetPrec(wide).SetFloat64(x)))
	}
	worst(t, "log1pUnit", Log1pUnit, log1p, func(r *rand.Rand) float64 { return r.Float64() })
	worst(t, "log1pUnit, small", Log1pUnit, log1p, func(r *rand.Rand) float64 { return math.Ldexp(r.Float64(), -r.IntN(60)) })
	worst(t, "logPositive", LogPositive, func(x float64) *big.Float {
		return bigLog(new(big.Float).SetPrec(wide).SetFloat64(x))
	}, func(r *rand.Rand) float64 { return math.Ldexp(1+r.Float64(), r.IntN(60)-30) })
}

func TestElementaryAgainstMath(t *testing.T) {
	near := func(name string, x, got, want float64) {
		if math.Abs(got-want) > 3e-16*math.Abs(want) {
			t.Errorf("%s(%g) = %g, math has %g", name, x, got, want)
		}
	}
	for _, x := range []float64{0, math.Copysign(0, -1), -1e-320, -1e-20, -0.5, -1, -math.Ln2, -10.25, -100, -706.9} {
		near("exp", x, ExpNegative(x), math.Exp(x))
	}
	for _, x := range []float64{0, 1e-320, 1e-20, 0x1p-29, 0.4142135, 0.41421357, 0.5, 0.999999999, 1} {
		near("log1p", x, Log1pUnit(x), math.Log1p(x))
	}
	for _, x := range []float64{1, 0.5, 2, math.Sqrt2, math.Sqrt2 / 2, 1e-300, 1e300, 5.8457} {
		near("log", x, LogPositive(x), math.Log(x))
	}
	if ExpNegative(-708) != 0 || ExpNegative(math.Inf(-1)) != 0 {
		t.Error("far below, exp is 0")
	}
}
