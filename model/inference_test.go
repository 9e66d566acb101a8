package model

import (
	"math"
	"testing"

	"github.com/smartstart-federation/smartstart/model/mp"
)

// The values are R's: 2*pnorm(-z), 2*pt(-t, df) and qt(0.975, df).
func TestTailsEqualR(t *testing.T) {
	near := func(what string, got, want, tolerance float64) {
		t.Helper()
		if !(math.Abs(got-want) <= tolerance*want) {
			t.Errorf("%s = %.15g, R %.15g", what, got, want)
		}
	}
	for z, want := range map[float64]float64{0: 1, 0.5: 0.617075077451974, 3: 0.00269979606326019, 10: 1.52397060483211e-23,
		20: 5.50724823721247e-89, 30: 9.81342785429637e-198, 36: 8.36524813159457e-284, 37: 1.14511424450492e-299} {
		near("normal", normal().twoSided(z), want, 1e-12)
		near("normal, other side", normal().twoSided(-z), want, 1e-12)
	}
	for df, want := range map[float64]map[float64]float64{
		1:    {0.5: 0.704832764699134, 3: 0.204832764699133, 300: 0.00212205804844097},
		3:    {0.5: 0.651447964848151, 10: 0.00212839905841415, 300: 8.16750878597869e-08},
		27:   {3: 0.00574571264268575, 37: 1.13146626997997e-24, 300: 4.18482020337132e-49},
		2284: {3: 0.00272898535236618, 30: 5.39686074858104e-167, 37: 3.31414306986601e-235},
		1e5:  {3: 0.00270046088406472, 30: 7.37853687222182e-197, 37: 1.19746282434241e-297},
	} {
		for x, p := range want {
			near("student", student(df).twoSided(x), p, 1e-9)
		}
	}
	near("normal quantile", normal().half, 1.95996398454005, 1e-12)
	for df, want := range map[float64]float64{1: 12.7062047361747, 3: 3.18244630528371, 27: 2.05183051648029, 2284: 1.96100317345877, 1e5: 1.95998770753461} {
		near("student quantile", student(df).half, want, 1e-9)
	}
}

func TestConditionNumber(t *testing.T) {
	a := mp.Symmetric{{mp.Int(2)}, {mp.Int(1), mp.Int(2)}} // eigenvalues 1 and 3
	if got := conditionNumber(a); math.Abs(got-3) > 1e-14 {
		t.Errorf("got %g, want 3", got)
	}
	singular := mp.Symmetric{{mp.Int(1)}, {mp.Int(1), mp.Int(1)}}
	if got := conditionNumber(singular); got < 1e15 || math.IsInf(got, 0) || math.IsNaN(got) {
		t.Errorf("a singular matrix has condition number %g", got)
	}
}
