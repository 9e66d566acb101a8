package plots

import (
	"math"

	"github.com/smartstart-federation/smartstart/model/areas"
)

const z95 = 1.959963984540054 // qnorm(0.975)

// wilson returns the 95% interval of Wilson (1927) for events of rows, without
// continuity correction, as prop.test(correct = FALSE) in R. rows is at least 1.
func wilson(events, rows int64) (low, high float64) {
	n, p := float64(rows), float64(events)/float64(rows)
	centre := p + z95*z95/(2*n)
	half := z95 * math.Sqrt(p*(1-p)/n+z95*z95/(4*n*n))
	scale := 1 + z95*z95/n
	return math.Max(0, (centre-half)/scale), math.Min(1, (centre+half)/scale)
}

// poissonLimit returns the control limit for O/E at tail probability p (0 to
// 1) where expected events (more than 0) are expected. It is the exact Poisson
// quantile, interpolated between whole numbers so that the funnel is smooth:
// Spiegelhalter (2005), Funnel plots for comparing institutional performance,
// Statistics in Medicine 24: 1185-1202, appendix on exact limits. A negative
// limit is drawn as 0.
func poissonLimit(expected, p float64) float64 {
	return areas.PoissonLimit(expected, p, 0)
}
