// Package elementary holds the exponential, the logarithm and what follows from
// them, with the same bits on every processor.
//
// What it does: math.Exp and math.Log1p use assembly on some processors and may
// fuse multiplications on others, which changes the last bit; a row's integers
// and a generated file must be the same everywhere. The methods are those of
// FreeBSD's msun (e_exp.c, s_log1p.c, e_log.c, Sun Microsystems, 1993); the
// errors are below one unit in the last place. The explicit float64() keeps a
// compiler from fusing a product into a sum.
//
// What it trusts: that IEEE 754 addition, multiplication, division and square
// root are rounded correctly, as the Go specification asks once they are not fused.
package elementary

import "math"

// Ln2High is log(2) to 32 bits, so that multiples up to 2^20 are exact.
const Ln2High = 6.93147180369123816490e-01

const (
	ln2Low = 1.90821492927058770002e-10
	log2E  = 1.44269504088896338700e+00
)

// ExpNegative returns e^x for x <= 0. Below -707, where it would be under 2^-1019,
// it returns 0.
func ExpNegative(x float64) float64 {
	if x < -707 {
		return 0
	}
	k := int(float64(log2E*x) - 0.5)
	high := x - float64(float64(k)*Ln2High)
	low := float64(float64(k) * ln2Low)
	const (
		p1 = 1.66666666666666657415e-01
		p2 = -2.77777777770155933842e-03
		p3 = 6.61375632143793436117e-05
		p4 = -1.65339022054652515390e-06
		p5 = 4.13813679705723846039e-08
	)
	r := high - low
	t := float64(r * r)
	c := r - float64(t*(p1+float64(t*(p2+float64(t*(p3+float64(t*(p4+float64(t*p5)))))))))
	y := 1 - ((low - float64(r*c)/(2-c)) - high)
	return float64(y * math.Float64frombits(uint64(1023+k)<<52))
}

// Exp returns e^x for |x| <= 700.
func Exp(x float64) float64 {
	if x <= 0 {
		return ExpNegative(x)
	}
	return 1 / ExpNegative(-x)
}

// Logistic returns 1/(1+e^-x), without cancellation in the lower tail.
func Logistic(x float64) float64 {
	q := ExpNegative(-math.Abs(x))
	if x >= 0 {
		return 1 / (1 + q)
	}
	return q / (1 + q)
}

// Log1pUnit returns log(1+x) for 0 <= x <= 1.
func Log1pUnit(x float64) float64 {
	if x < 0x1p-29 {
		return x - float64(0.5*float64(x*x))
	}
	if x < 0.41421356237309504880 { // sqrt(2) - 1
		return logSeries(x, 0, 0)
	}
	u := 1 + x
	c := (x - (u - 1)) / u // what rounding u lost
	if u > math.Sqrt2 {
		return logSeries(float64(0.5*u)-1, 1, c)
	}
	return logSeries(u-1, 0, c)
}

// LogPositive returns log(x) for a normal x > 0.
func LogPositive(x float64) float64 {
	m, k := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		k--
	}
	return logSeries(m-1, float64(k), 0)
}

// logSeries returns log(1+f) + k log(2) + c for f in [sqrt(1/2)-1, sqrt(2)-1].
func logSeries(f, k, c float64) float64 {
	const (
		l1 = 6.666666666666735130e-01
		l2 = 3.999999999940941908e-01
		l3 = 2.857142874366239149e-01
		l4 = 2.222219843214978396e-01
		l5 = 1.818357216161805012e-01
		l6 = 1.531383769920937332e-01
		l7 = 1.479819860511658591e-01
	)
	half := float64(0.5 * float64(f*f))
	s := f / (2 + f)
	z := float64(s * s)
	r := float64(z * (l1 + float64(z*(l2+float64(z*(l3+float64(z*(l4+float64(z*(l5+float64(z*(l6+float64(z*l7)))))))))))))
	return float64(k*Ln2High) - ((half - (float64(s*(half+r)) + (float64(k*ln2Low) + c))) - f)
}
