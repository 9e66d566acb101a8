package model

// robustInterval is the 95% interval of an estimate by its robust standard error,
// by Student's t on G-1 degrees of freedom for G sites (Cameron and Miller, J
// Human Resources 50, 2015, section VI.D). A single site has no interval.
func (p *Plan) robustInterval(s *state, estimate, stdError float64) (low, high *float64) {
	sites := float64(s.Counts.Sites)
	if sites < 2 {
		return nil, nil
	}
	half := student(sites-1).half * stdError
	a, b := estimate-half, estimate+half
	return &a, &b
}
