package anomaly

import (
	"math"
	"math/big"
)

// precision of every intermediate value, in bits.
const precision = 160

func num(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

func mul(a, b *big.Float) *big.Float { return num(0).Mul(a, b) }
func quo(a, b *big.Float) *big.Float { return num(0).Quo(a, b) }
func add(a, b *big.Float) *big.Float { return num(0).Add(a, b) }

// tiny says that a term no longer changes a sum.
func tiny(term, sum *big.Float) bool {
	return term.Sign() == 0 || term.MantExp(nil) < sum.MantExp(nil)-precision
}

// expMinus returns e^-x for 0 <= x: the series of e^(x/2^k), squared k times and
// inverted.
func expMinus(x float64) *big.Float {
	const halvings = 16
	y := num(x)
	y.SetMantExp(y, -halvings)
	sum, term := num(1), num(1)
	for n := 1.0; !tiny(term, sum); n++ {
		term = quo(mul(term, y), num(n))
		sum = add(sum, term)
	}
	for range halvings {
		sum = mul(sum, sum)
	}
	return quo(num(1), sum)
}

// arctanInverse returns arctan(1/n).
func arctanInverse(n float64) *big.Float {
	power, sum := quo(num(1), num(n)), num(0)
	for k := 0.0; ; k++ {
		term := quo(power, num(float64(2*k)+1))
		if int(k)%2 == 1 {
			term.Neg(term)
		}
		sum = add(sum, term)
		if tiny(term, sum) {
			return sum
		}
		power = quo(power, num(float64(n*n)))
	}
}

// pi is Machin's: 16 arctan(1/5) - 4 arctan(1/239).
func pi() *big.Float {
	a, b := mul(num(16), arctanInverse(5)), mul(num(4), arctanInverse(239))
	return a.Sub(a, b)
}

// gammaHalf returns Gamma(k/2 + 1), k at least 0.
func gammaHalf(k int) *big.Float {
	g := num(1) // Gamma(1)
	first := 2
	if k%2 == 1 {
		g = num(0).Sqrt(pi()) // Gamma(1/2)
		first = 1
	}
	for ; first <= k; first += 2 { // Gamma(z+1) = z Gamma(z)
		g = mul(g, quo(num(float64(first)), num(2)))
	}
	return g
}

// below returns the share of a chi-square distribution with k degrees of
// freedom that lies below x: e^-y y^(k/2) / Gamma(k/2+1) * sum_n y^n /
// ((k/2+1)...(k/2+n)) with y = x/2 (Abramowitz and Stegun 6.5.29). gamma is
// Gamma(k/2+1).
func below(k int, x float64, gamma *big.Float) *big.Float {
	if !(x > 0) {
		return num(0)
	}
	y := quo(num(x), num(2))
	sum, term := num(1), num(1)
	for n := 1; !tiny(term, sum); n++ {
		term = quo(mul(term, y), quo(num(float64(k+2*n)), num(2)))
		sum = add(sum, term)
	}
	power := num(1)
	for range k / 2 {
		power = mul(power, y)
	}
	if k%2 == 1 {
		power = mul(power, num(0).Sqrt(y))
	}
	return quo(mul(mul(expMinus(x/2), power), sum), gamma)
}

// Quantile returns the value beyond which a share tail (1e-12 to 0.999) of a
// chi-square distribution with k degrees of freedom (1 to 100) lies, to the
// nearest float64 or the one beside it: the same bits on every processor.
func Quantile(k int, tail float64) float64 {
	if k < 1 || k > 100 || !(tail >= 1e-12 && tail <= 0.999) {
		return math.NaN()
	}
	gamma := gammaHalf(k)
	want := num(1)
	want.Sub(want, num(tail))
	low, high := 0.0, 1.0
	for below(k, high, gamma).Cmp(want) < 0 {
		low, high = high, 2*high
	}
	for range 64 {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			break
		}
		if below(k, middle, gamma).Cmp(want) < 0 {
			low = middle
		} else {
			high = middle
		}
	}
	return high
}

// Consistency returns what a covariance of the rows within the quantile of tail
// has to be multiplied by to be that of all rows, where they are normal: (1 -
// tail) / P(chi-square with k+2 degrees of freedom < quantile) (Croux and
// Haesbroeck, Journal of Multivariate Analysis 71, 1999).
func Consistency(k int, tail float64) float64 {
	inside := below(k+2, Quantile(k, tail), gammaHalf(k+2))
	share := num(1)
	share.Sub(share, num(tail))
	f, _ := quo(share, inside).Float64()
	return f
}
