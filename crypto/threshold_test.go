package crypto

import "testing"

func TestThresholdTable(t *testing.T) {
	for _, c := range []struct{ n, r, c, t int }{
		{4, 0, 1, 3}, {6, 0, 1, 4}, {7, 0, 2, 5}, {10, 0, 3, 7},
		{5, 1, 1, 4}, {8, 1, 2, 6}, {11, 1, 3, 8}, {50, 1, 16, 34},
		{3, 0, 0, 2}, {2, 0, 0, 2},
	} {
		got, err := ThresholdsFor(c.n, c.r, 0, true)
		if err != nil || got != (Thresholds{c.n, c.c, c.t, c.c + 2}) {
			t.Errorf("n=%d r=%d gives %+v, %v", c.n, c.r, got, err)
		}
	}
	if got, _ := ThresholdsFor(10, 0, 8, false); got.MinInstitutions != 8 {
		t.Errorf("a study's own minimum is not kept: %+v", got)
	}
	if got, _ := ThresholdsFor(10, 0, 2, false); got.MinInstitutions != 5 {
		t.Errorf("a minimum below c+2 is not raised: %+v", got)
	}
	for name, f := range map[string]func() (Thresholds, error){
		"one":           func() (Thresholds, error) { return ThresholdsFor(1, 0, 0, true) },
		"65":            func() (Thresholds, error) { return ThresholdsFor(65, 0, 0, false) },
		"a pair":        func() (Thresholds, error) { return ThresholdsFor(2, 0, 0, false) },
		"negative r":    func() (Thresholds, error) { return ThresholdsFor(5, -1, 0, false) },
		"all forget":    func() (Thresholds, error) { return ThresholdsFor(5, 5, 0, false) },
		"minimum > all": func() (Thresholds, error) { return ThresholdsFor(5, 0, 6, false) },
	} {
		if th, err := f(); err == nil {
			t.Errorf("%s gives %+v", name, th)
		}
	}
}

// TestNoTwoCertificates lets an adversary use every voter as well as it can:
// c colluders and r forgetful nodes vote for two sets, every other node for
// one of them. With the thresholds both sets never reach t votes; with t one
// lower they do, for every roster.
func TestNoTwoCertificates(t *testing.T) {
	both := func(n, c, r, t int) bool {
		twice, once := min(n, c+r), n-min(n, c+r)
		for first := 0; first <= once; first++ {
			if twice+first >= t && twice+once-first >= t {
				return true
			}
		}
		return false
	}
	for n := 2; n <= MaxInstitutions; n++ {
		for r := 0; r <= 3 && r < n; r++ {
			th, err := ThresholdsFor(n, r, 0, true)
			if err != nil {
				continue
			}
			if both(n, th.C, r, th.T) {
				t.Errorf("n=%d r=%d %+v: two certificates", n, r, th)
			}
			if !both(n, th.C, r, th.T-1) {
				t.Errorf("n=%d r=%d: t=%d is larger than needed", n, r, th.T)
			}
			// Those who released and an abort certificate: at most
			// n-t+c+r evaluations can exist next to t aborts.
			if n-th.T+th.C+r > th.T-1 {
				t.Errorf("n=%d r=%d %+v: an opened attempt can be aborted", n, r, th)
			}
		}
	}
}
