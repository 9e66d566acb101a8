package areas

import "math"

// spread is a distribution on whole numbers from first on.
type spread struct {
	first int
	mass  []float64
}

// wide is how many standard deviations on either side a distribution is
// followed: what lies beyond is below 1e-14.
const wide = 8

// poisson returns the distribution of a count of which expected (above 0) are
// expected.
func poisson(expected float64) spread {
	return over(expected, math.Sqrt(expected), math.Inf(1), func(k float64) float64 {
		g, _ := math.Lgamma(k + 1)
		return k*math.Log(expected) - expected - g
	})
}

// binomial returns the distribution of how many of n have what a share p of all
// have.
func binomial(n, p float64) spread {
	n = math.Round(n)
	all, _ := math.Lgamma(n + 1)
	return over(n*p, math.Sqrt(n*p*(1-p)), n, func(k float64) float64 {
		yes, _ := math.Lgamma(k + 1)
		no, _ := math.Lgamma(n - k + 1)
		return all - yes - no + k*math.Log(p) + (n-k)*math.Log1p(-p)
	})
}

func over(mean, sd, most float64, logMass func(k float64) float64) spread {
	low := math.Max(0, math.Floor(mean-wide*sd-10))
	high := math.Min(most, math.Ceil(mean+wide*sd+20))
	s := spread{first: int(low)}
	for k := low; k <= high; k++ {
		s.mass = append(s.mass, math.Exp(logMass(k)))
	}
	return s
}

// rounded adds what institutions' rounding does to a count: for each of them an
// error of -2 to 2, all as likely, and as much times rate for the children
// beside which it is held (a number of children in excess expects rate more). A
// fraction is divided over its two neighbours, which keeps the mean.
func (s spread) rounded(institutions int64, rate float64) spread {
	for range institutions {
		s = s.plus(func(add func(by int, share float64)) {
			for by := -reach; by <= reach; by++ {
				add(by, 1.0/Step)
			}
		}, reach)
		if rate > 0 {
			s = s.plus(func(add func(by int, share float64)) {
				for by := -reach; by <= reach; by++ {
					x := float64(by) * rate
					whole := math.Floor(x)
					add(int(whole), (1-(x-whole))/Step)
					add(int(whole)+1, (x-whole)/Step)
				}
			}, reach+1)
		}
	}
	return s
}

func (s spread) plus(each func(add func(by int, share float64)), most int) spread {
	out := spread{s.first - most, make([]float64, len(s.mass)+2*most)}
	each(func(by int, share float64) {
		if share == 0 {
			return
		}
		for k, mass := range s.mass {
			out.mass[k+most+by] += mass * share
		}
	})
	return out
}

// quantile returns the value below which a share p of the distribution lies,
// interpolated between whole numbers so that a funnel is smooth: Spiegelhalter,
// Funnel plots for comparing institutional performance, Statistics in Medicine
// 24: 1185-1202 (2005), appendix on exact limits: r - (F(r) - p) / (F(r) -
// F(r-1)) with r the smallest whole number of F(r) >= p.
func (s spread) quantile(p float64) float64 {
	below := 0.0
	for k, mass := range s.mass {
		if below+mass >= p {
			return float64(s.first+k) - (below+mass-p)/mass
		}
		below += mass
	}
	return float64(s.first + len(s.mass) - 1)
}

// Limits are the control limits of observed over expected: 95% and 99.8% of
// what chance gives lie between low and high.
type Limits struct {
	Low95   float64 `json:"low_95"`
	High95  float64 `json:"high_95"`
	Low998  float64 `json:"low_998"`
	High998 float64 `json:"high_998"`
}

func (s spread) limits(expected float64) Limits {
	at := func(p float64) float64 { return math.Max(0, s.quantile(p)/expected) }
	return Limits{at(0.025), at(0.975), at(0.001), at(0.999)}
}

// PoissonLimits returns exact limits where expected (above 0) are expected by a
// model, and the observed count is a sum of so many counts rounded to Step; 0
// for counts that were not rounded.
func PoissonLimits(expected float64, institutions int64) Limits {
	return poisson(expected).rounded(institutions, 0).limits(expected)
}

// PoissonLimit is the limit of PoissonLimits at a tail probability (0 to 1).
func PoissonLimit(expected, tail float64, institutions int64) float64 {
	return math.Max(0, poisson(expected).rounded(institutions, 0).quantile(tail)/expected)
}

// BinomialLimit is the limit of BinomialLimits at a tail probability (0 to 1).
func BinomialLimit(children, rate, tail float64, institutions int64) float64 {
	return math.Max(0, binomial(children, rate).rounded(institutions, rate).quantile(tail)/(children*rate))
}

// BinomialLimits returns exact limits where each of children has a yes with the
// probability rate (above 0, below 1), and both numbers are sums of so many
// rounded ones.
func BinomialLimits(children, rate float64, institutions int64) Limits {
	return binomial(children, rate).rounded(institutions, rate).limits(children * rate)
}
