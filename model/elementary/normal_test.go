package elementary

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

// TestAgainstR holds the quantile and the logistic function against R's
// (testdata/normal.R).
func TestAgainstR(t *testing.T) {
	text, err := os.ReadFile("testdata/normal.json")
	if err != nil {
		t.Fatal(err)
	}
	var r struct{ P, Qnorm, X, Plogis []float64 }
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.P) < 20 || len(r.P) != len(r.Qnorm) || len(r.X) < 10 || len(r.X) != len(r.Plogis) {
		t.Fatalf("the reference holds %d and %d points", len(r.P), len(r.X))
	}
	for i, p := range r.P {
		if got, want := NormalQuantile(p), r.Qnorm[i]; math.Abs(got-want) > 1e-14*math.Max(1e-2, math.Abs(want)) {
			t.Errorf("NormalQuantile(%g) = %.17g, R has %.17g", p, got, want)
		}
	}
	for i, x := range r.X {
		if got, want := Logistic(x), r.Plogis[i]; math.Abs(got-want) > 1e-15*want {
			t.Errorf("Logistic(%g) = %.17g, R has %.17g", x, got, want)
		}
	}
	if !math.IsInf(NormalQuantile(0), -1) || !math.IsInf(NormalQuantile(1), 1) || !math.IsNaN(NormalQuantile(1.5)) || !math.IsNaN(NormalQuantile(math.NaN())) {
		t.Error("at and beyond the ends")
	}
	if got := Exp(1); math.Abs(got-math.E) > 1e-15 {
		t.Errorf("Exp(1) = %g", got)
	}
}
