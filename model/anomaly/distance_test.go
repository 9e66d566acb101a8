package anomaly

import (
	"math"
	"testing"
)

// R: mahalanobis(c(3, 1), c(1, 2), matrix(c(4, 1, 1, 2), 2)) is 16/7.
func TestDistanceIsR(t *testing.T) {
	u, err := NewUsual([]float64{1, 2}, [][]float64{{4, 1}, {1, 2}})
	if err != nil {
		t.Fatal(err)
	}
	if d := u.Distance([]float64{3, 1}); math.Abs(d-16.0/7) > 1e-12 {
		t.Errorf("the distance is %v", d)
	}
}

func TestNoSpreadNoDistance(t *testing.T) {
	for _, c := range [][][]float64{{{1, 1}, {1, 1}}, {{1, 0}, {0, -1}}, {{1, 0}}} {
		if _, err := NewUsual([]float64{0, 0}, c); err == nil {
			t.Errorf("the covariance %v is taken", c)
		}
	}
}
