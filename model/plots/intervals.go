package plots

import (
	"github.com/smartstart-federation/smartstart/model/areas"
)

// poissonLimit returns the control limit for O/E at tail probability p (0 to
// 1) where expected events (more than 0) are expected. It is the exact Poisson
// quantile, interpolated between whole numbers so that the funnel is smooth:
// Spiegelhalter (2005), Funnel plots for comparing institutional performance,
// Statistics in Medicine 24: 1185-1202, appendix on exact limits. A negative
// limit is drawn as 0.
func poissonLimit(expected, p float64) float64 {
	return areas.PoissonLimit(expected, p, 0)
}
