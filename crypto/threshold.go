package crypto

// Thresholds belong to the institutions approved for a study: N of them, of
// which any C may collude with the coordinator, T must release together, and
// at least MinInstitutions stand in every sum.
type Thresholds struct {
	N               int `json:"n"`
	C               int `json:"c"`
	T               int `json:"t"`
	MinInstitutions int `json:"min_institutions"`
}

// ThresholdsFor computes the thresholds for n approved institutions of which
// forgetful may forget a vote or a release (restored disks, cloned machines).
// c = floor((n-1-r)/3) and t = ceil((n+c+r+1)/2), so that two certificates
// always share an honest node that remembers; minInstitutions is raised to
// c+2. Two institutions are refused unless allowPair, because each can then
// subtract its own numbers and read the other's.
func ThresholdsFor(n, forgetful, minInstitutions int, allowPair bool) (Thresholds, error) {
	switch {
	case n < 2:
		return Thresholds{}, failure(codeParameters, "invite more institutions",
			"a sum over %d institutions would be one institution's own numbers", n)
	case n > MaxInstitutions:
		return Thresholds{}, failure(codeParameters, "split the study, or wait for a version with a committee of key holders",
			"%d institutions are more than the %d that can hold shares of each other's keys", n, MaxInstitutions)
	case n == 2 && !allowPair:
		return Thresholds{}, failure(codeParameters, "invite a third institution",
			"with two institutions each can subtract its own numbers and read the other's")
	case forgetful < 0 || forgetful > n:
		return Thresholds{}, failure(codeParameters, "state between 0 and n forgetful nodes",
			"%d forgetful nodes among %d institutions make no sense", forgetful, n)
	}
	c := max(0, (n-1-forgetful)/3)
	if n-1-forgetful < 0 {
		c = 0
	}
	t := (n + c + forgetful + 2) / 2
	th := Thresholds{N: n, C: c, T: t, MinInstitutions: max(minInstitutions, c+2)}
	if err := th.check(); err != nil {
		return Thresholds{}, err
	}
	return th, nil
}

// check holds the inequalities every attempt needs, whatever rule made them.
func (th Thresholds) check() error {
	switch {
	case th.N < 2 || th.N > MaxInstitutions:
		return failure(codeParameters, "", "thresholds for %d institutions, want 2 to %d", th.N, MaxInstitutions)
	case th.C < 0 || th.T <= th.C:
		return failure(codeParameters, "", "%d colluding institutions would reach the %d releases needed", th.C, th.T)
	case th.T > th.N:
		return failure(codeParameters, "let fewer nodes forget, or invite more institutions",
			"%d releases are needed but only %d institutions exist", th.T, th.N)
	case 2*th.T < th.N+th.C+1:
		return failure(codeParameters, "", "two different sets could both find %d votes among %d institutions", th.T, th.N)
	case th.MinInstitutions < th.C+2:
		return failure(codeParameters, "", "a sum over %d institutions could hold a single honest one", th.MinInstitutions)
	case th.MinInstitutions > th.N:
		return failure(codeParameters, "lower min_institutions, or invite more institutions",
			"sums need %d institutions but only %d are approved", th.MinInstitutions, th.N)
	}
	return nil
}
