package model

import "math"

// robustInterval is the 95% interval of an estimate by its robust standard error.
// With G sites that error is too small, so it is multiplied by the square root of
// G/(G-1) (n-1)/(n-k) and judged by Student's t on G-1 degrees of freedom: CR1, as
// Stata does and R's vcovCL(type = "HC1", cadjust = TRUE) (Cameron and Miller, J
// Human Resources 50, 2015, sections VI.B and VI.D). A single site has no interval.
func (p *Plan) robustInterval(s *state, estimate, stdError float64) (low, high *float64) {
	sites, n, k := float64(s.Counts.Sites), float64(s.Counts.Complete), float64(p.degrees(s))
	if sites < 2 || n <= k {
		return nil, nil
	}
	half := student(sites-1).half * stdError * math.Sqrt(sites/(sites-1)*(n-1)/(n-k))
	a, b := estimate-half, estimate+half
	return &a, &b
}
